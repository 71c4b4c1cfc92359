/*
 * test_mapped.c -- what a server answers from is swapped as a whole, or stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/mapped.h"
#include "app/sealed.h"
#include "config_reading.h"
#include "log_reading.h"
#include "support/zone_text.h"

struct world {
	struct config *config;
	struct siphash_key key; /* that zone_text.h makes images with */
	struct mapped m;
};

/* Mapped, as a server gets it. */
static const void *map(const void *octets, size_t size)
{
	struct sealed s;

	assert_true(sealed_open(&s, "test", size));
	memcpy(s.octets, octets, size);
	assert_true(sealed_finish(&s, size));
	const void *block = sealed_map(s.fd, size);
	close(s.fd);
	assert_non_null(block);
	return block;
}

static struct zone_text *zone_of(const char *origin, unsigned serial)
{
	static char text[128];

	snprintf(text, sizeof text, "@ 60 SOA ns h %u 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.1\n",
		 serial);
	struct zone_text *t = zone_text_new(text, strlen(text));
	t->zf.wants_pointers = true;
	zone_text_read(t, origin);
	expect_text("no finding", text_str(&t->found), "");
	return t;
}

static void begin(struct world *w)
{
	struct zone_text *t = zone_of("example.", 1);

	w->key = *t->zf.key;
	zone_text_free(t);
	w->config = good("zone example. a overlay\nzone example. b for lo\n");
	assert_true(mapped_init(&w->m, w->config, &w->key));
	log_begin();
}

static void end(struct world *w, const char *said)
{
	assert_string_equal(log_end(), said);
	mapped_free(&w->m);
	config_free(w->config);
}

/* As the loader would send it, or cut short. */
static bool take(struct world *w, size_t zone, const char *origin, unsigned serial, size_t cut)
{
	struct zone_text *t = zone_of(origin, serial);
	const void *block = map(t->octets, t->size - cut);
	bool is_new = mapped_take_zone(&w->m, zone, block, t->size - cut);

	zone_text_free(t);
	return is_new;
}

/* The serial number that a client of these views sees; 0: no such zone. */
static unsigned serial_of(const struct world *w, const char *text, uint32_t views)
{
	struct name_buf name;
	struct probe p;

	assert_null(name_parse_absolute(text, &name));
	probe_init(&p, &w->key, name_view(&name));
	const struct image *z = catalog_find(&w->m.catalog, &p, p.labels, views);
	return z ? z->header->serial : 0;
}

static void a_zone_takes_the_place_of_the_old_one(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	assert_int_equal(serial_of(&w, "x.example.", 0), 0);
	(void)take(&w, 0, "example.", 1, 0);
	assert_int_equal(serial_of(&w, "x.example.", 0), 1);
	(void)take(&w, 0, "example.", 2, 0);
	assert_int_equal(serial_of(&w, "x.example.", 0), 2);
	assert_int_equal(serial_of(&w, "x.test.", 0), 0);
	end(&w, "");
}

static void new_names_are_told_from_old_ones(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	assert_true(take(&w, 0, "example.", 1, 0));
	assert_false(take(&w, 0, "EXAMPLE.", 2, 0));
	assert_true(take(&w, 0, "test.", 3, 0));
	assert_int_equal(serial_of(&w, "x.example.", 0), 0);
	end(&w, "");
}

static void a_zone_is_for_whom_the_configuration_says(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	(void)take(&w, 0, "example.", 1, 0);
	(void)take(&w, 1, "example.", 2, 0);
	assert_int_equal(serial_of(&w, "x.example.", 0), 1);
	assert_int_equal(serial_of(&w, "x.example.", 1), 2);
	assert_true(w.m.zones[0].is_overlay);
	assert_false(w.m.zones[1].is_overlay);
	end(&w, "");
}

/* An image that is cut short, a zone that nobody configured, no file at all. */
static void what_is_no_image_changes_nothing(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	(void)take(&w, 0, "example.", 1, 0);
	assert_false(take(&w, 0, "test.", 2, 8));
	assert_false(take(&w, 2, "test.", 3, 0));
	assert_false(mapped_take_zone(&w.m, 0, NULL, 4096));
	assert_int_equal(serial_of(&w, "x.example.", 0), 1);
	assert_int_equal(serial_of(&w, "x.test.", 0), 0);
	end(&w, "a zone cannot be mapped: the old one stays\n"
		"a zone cannot be mapped: the old one stays\n"
		"a zone cannot be mapped: the old one stays\n");
}

static void names_of_addresses_are_swapped_stay_or_go(void **state)
{
	static uint8_t block[4096];
	struct world w;

	(void)state;
	begin(&w);
	(void)take(&w, 0, "example.", 1, 0);
	size_t size = pointers_make(w.m.zones, 1, block);
	mapped_take_pointers(&w.m, map(block, size), size);
	const struct pointers_header *header = w.m.pointers.header;
	assert_non_null(header);
	mapped_take_pointers(&w.m, map(block, size - 1), size - 1);
	assert_ptr_equal(w.m.pointers.header, header);
	mapped_take_pointers(&w.m, NULL, 0);
	assert_null(w.m.pointers.header);
	end(&w, "the names of addresses cannot be mapped: the old ones stay\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_takes_the_place_of_the_old_one),
		cmocka_unit_test(new_names_are_told_from_old_ones),
		cmocka_unit_test(a_zone_is_for_whom_the_configuration_says),
		cmocka_unit_test(what_is_no_image_changes_nothing),
		cmocka_unit_test(names_of_addresses_are_swapped_stay_or_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
