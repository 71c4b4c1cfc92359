/*
 * test_layers_memory.c -- security.md row 108: memory ends at every allocation there is, while a
 * zone of several files is read, and while the names of addresses are put together.
 *
 * A load that fails says why and gives everything back; a load that says it is good has left
 * nothing out, no file of names either.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "support/failing_memory.h"
#include "support/properties.h"
#include "support/variations.h"
#include "support/zone_text.h"
#include "zone/pointers.h"

static const char zone[] = "@ 60 SOA ns root 1 2 3 4 5\n$INCLUDE part\nnas 60 A 192.0.2.1\n";
static const char upper[] = "nas 60 A 10.0.0.1 ; ptr\n$GENERATE 1-40 vpn$ 60 A 10.0.1.$\n";
static const char part[] = "box 60 AAAA fd00::1\n";
static const char leases[] = "2000000300 02:00:00:00:00:05 10.0.0.3 phone *\n";
static const char peers[] = "# laptop\n[Peer]\nAllowedIPs = 10.8.0.2/32, fd00:8::2/128\n";

static const struct names_file names[] = {
	{ NAMES_HOSTS, "hosts" },
	{ NAMES_LEASES, "leases" },
	{ NAMES_PEERS, "peers" },
	{ NAMES_HOSTS, "folder" },
};
enum { HOSTS = 100, NAMES = HOSTS + 1 + 2 + 2, LAYERS = 1 + 1 + 40 + 1 };

/* Hosts enough for the tables to grow. */
static const char *many_hosts(void)
{
	static char room[8192];
	struct text text = text_init(room, sizeof room);

	for (unsigned i = 0; i < HOSTS; i++)
		text_format(&text, "10.0.2.%u h%u\n", i, i);
	return text_str(&text);
}

static struct zone_text *open_layers(bool has_file)
{
	struct zone_text *t = zone_text_new(zone, strlen(zone));
	const struct {
		const char *path, *text;
	} files[] = { { "upper", upper },
		      { "part", part },
		      { "hosts", many_hosts() },
		      { "leases", leases },
		      { "peers", peers },
		      { "folder/a", "10.0.0.8 a\n" },
		      { "folder/b", "10.0.0.9 b\n" } };

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		memory_files_add(&t->memory, files[i].path, files[i].text, strlen(files[i].text));
	t->zf.upper = has_file ? "upper" : NULL;
	t->zf.path = has_file ? "zone" : NULL;
	t->zf.names = names;
	t->zf.name_count = sizeof names / sizeof names[0];
	t->zf.now_s = 2000000000;
	t->zf.wants_pointers = true;
	return t;
}

/* True when memory was enough. */
static bool load(size_t k, bool has_file, void (*fails)(size_t k))
{
	struct zone_text *t = open_layers(has_file);
	size_t before = memory_blocks();

	fails(k);
	zone_text_read(t, "example");
	bool failed = memory_recovers();
	if (!t->octets) {
		assert_true(failed);
		assert_non_null(strstr(t->findings, "out of memory"));
	} else {
		expect_text("memory was enough", text_str(&t->found), "");
		assert_int_equal(t->z.header->record_count, has_file ? LAYERS + NAMES : 1 + NAMES);
		assert_int_equal(t->z.header->pointer_count, t->z.header->record_count - 1);
		assert_int_equal(t->zf.expires_s, 2000000300);
		assert_int_equal(t->zf.input_count, has_file ? 9 : 6);
	}
	zonefile_free(&t->zf);
	assert_int_equal(t->memory.open, 0);
	assert_int_equal(memory_blocks(), before + (t->octets != NULL));
	zone_text_free(t);
	assert_int_equal(memory_blocks(), before - 1);
	return !failed;
}

static void a_zone_of_several_files_survives_every_failed_allocation(void **state)
{
	size_t k = 0;

	(void)state;
	while (!load(k, true, memory_fails_at))
		k++;
	assert_in_range(k, 30, 10000);
	for (k = 0; !load(k, true, memory_fails_once_at);)
		k++;
}

static void a_zone_of_names_alone_survives_every_failed_allocation(void **state)
{
	size_t k = 0;

	(void)state;
	while (!load(k, false, memory_fails_at))
		k++;
	assert_in_range(k, 20, 10000);
	for (k = 0; !load(k, false, memory_fails_once_at);)
		k++;
}

/* ------ what only the moment is to blame for ------ */

static void a_file_of_names_that_cannot_be_read_now_takes_no_names_away(void **state)
{
	static const struct {
		const char *problem, *finding;
	} cases[] = {
		{ file_no_memory, "hosts: error: no names from there: out of memory\n" },
		{ file_no_descriptor, "hosts: error: no names from there: too many open files\n" },
		{ file_changes,
		  "hosts: error: no names from there: the file changed while it was read\n" },
		{ "no such file", "hosts: warning: no names from there: no such file\n" },
		{ "no permission", "hosts: warning: no names from there: no permission\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct zone_text *t = open_layers(true);

		t->memory.at[3].problem = cases[i].problem;
		assert_string_equal(t->memory.at[3].path, "hosts");
		zone_text_read(t, "example");
		expect_text(cases[i].problem, text_str(&t->found), cases[i].finding);
		assert_int_equal(t->octets != NULL, i >= 3);
		assert_int_equal(t->zf.input_count, 9); /* all are watched */
		zone_text_free(t);
	}
}

/* ------ the names of addresses ------ */

static void names_of_addresses_survive_every_failed_allocation(void **state)
{
	struct zone_text *a = open_layers(true), *b = open_layers(false);
	bool failed = true;

	(void)state;
	zone_text_read(a, "example");
	zone_text_read(b, "example.org");
	const struct image zones[] = { a->z, { .header = NULL }, b->z };
	size_t room = pointers_room(zones, 3), before = memory_blocks();
	assert_true(room > 0);
	for (size_t k = 0; failed || k % 2; k++) {
		uint8_t *block = calloc(1, room);
		struct pointers p;

		k % 2 ? memory_fails_once_at(k / 2) : memory_fails_at(k / 2);
		size_t size = pointers_make(zones, 3, block);
		failed = memory_recovers();
		assert_int_equal(size > 0, !failed);
		assert_int_equal(size > 0, pointers_open(&p, block, size ? size : room));
		free(block);
		assert_int_equal(memory_blocks(), before);
		assert_int_equal(failed, k / 2 < 3); /* a list of rows, two to sort them */
	}
	zone_text_free(a);
	zone_text_free(b);
}

/* ------ whatever the files say, and whatever fails ------ */

static void a_zone_of_many_files_is_whole_or_refused_whatever_is_in_them(void **state)
{
	(void)state;
	vary_corpus("layers", property_layers, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_of_several_files_survives_every_failed_allocation),
		cmocka_unit_test(a_zone_of_names_alone_survives_every_failed_allocation),
		cmocka_unit_test(a_file_of_names_that_cannot_be_read_now_takes_no_names_away),
		cmocka_unit_test(names_of_addresses_survive_every_failed_allocation),
		cmocka_unit_test(a_zone_of_many_files_is_whole_or_refused_whatever_is_in_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
