/*
 * test_zonefile_memory.c -- security.md row 108: memory ends at every allocation there is.
 *
 * A load that fails says why and gives everything back; a load that says it
 * is good has left nothing out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "support/failing_memory.h"
#include "support/zone_text.h"
#include "zone/catalog.h"

static const char zone[] =
	"$TTL 5\n"
	"@ SOA ns root 1 2 3 4 5\n"
	"$INCLUDE a sub\n"
	"$GENERATE 1-250 host-$.x MX 10 mail-$.y\n"
	"*.z TXT ( 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24\n"
	" 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48\n"
	" 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 )\n";
static const char included[] = "x A 192.0.2.1\ny DNAME x\n";
enum { RECORDS = 1 + 250 + 1 + 2 };

/* True when memory was enough. */
static bool load(size_t k, const char *origin, const char *text, size_t size)
{
	struct zone_text *t = zone_text_new(text, size);
	size_t before = memory_blocks();

	memory_files_add(&t->memory, "a", included, strlen(included));
	memory_fails_at(k);
	zone_text_read(t, origin);
	bool failed = memory_recovers();
	if (failed) {
		assert_null(t->octets);
		assert_non_null(strstr(t->findings, "out of memory"));
	} else {
		expect_text("memory was enough", text_str(&t->found), "");
		assert_int_equal(t->z.header->record_count, RECORDS);
	}
	zonefile_free(&t->zf);
	assert_int_equal(memory_blocks(), before + (t->octets != NULL));
	zone_text_free(t);
	assert_int_equal(memory_blocks(), before - 1);
	return !failed;
}

static void a_load_survives_every_failed_allocation(void **state)
{
	static const char named[] = "$ORIGIN example.\n";
	static char whole[sizeof named + sizeof zone];
	size_t k = 0;

	(void)state;
	while (!load(k, "example", zone, strlen(zone)))
		k++;
	assert_in_range(k, 20, 10000);
	strcpy(whole, named);
	strcat(whole, zone);
	for (k = 0; !load(k, NULL, whole, strlen(whole));)
		k++;
	assert_in_range(k, 20, 10000);
}

static void a_catalog_survives_every_failed_allocation(void **state)
{
	static const struct siphash_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
	enum { ZONES = 200 };
	static struct image zones[ZONES];
	static struct image_header headers[ZONES];
	size_t before = memory_blocks(), k = 0;
	struct catalog c;

	(void)state;
	for (unsigned i = 0; i < ZONES; i++) {
		char text[] = "zone-000";

		text[5] = (char)('0' + i / 100);
		text[6] = (char)('0' + i / 10 % 10);
		text[7] = (char)('0' + i % 10);
		assert_null(name_parse_absolute(text, &headers[i].origin));
		headers[i].origin_labels = 1;
		zones[i].header = &headers[i];
	}
	for (;; k++) {
		struct probe p;

		memory_fails_at(k);
		bool good = catalog_init(&c, zones, ZONES, &key);
		assert_int_equal(good, !memory_recovers());
		probe_init(&p, &key, name_view(&headers[7].origin));
		assert_ptr_equal(catalog_find(&c, &p, p.labels, 0), good ? &zones[7] : NULL);
		catalog_free(&c);
		assert_int_equal(memory_blocks(), before);
		if (good)
			break;
	}
	assert_true(k > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_load_survives_every_failed_allocation),
		cmocka_unit_test(a_catalog_survives_every_failed_allocation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
