/*
 * test_layers.c -- zones of several files: what goes before what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "support/zone_text.h"

static void add(struct zone_text *t, const char *path, const char *text)
{
	memory_files_add(&t->memory, path, text, strlen(text));
}

/* A zone file, a file on top of it (or NULL), and one of names (or NULL). */
static struct zone_text *layers(const char *zone, const char *upper, const char *hosts)
{
	static const struct names_file names = { NAMES_HOSTS, "hosts" };
	struct zone_text *t = zone_text_new(zone, strlen(zone));

	if (upper) {
		add(t, "upper", upper);
		t->zf.upper = "upper";
	}
	if (hosts) {
		add(t, "hosts", hosts);
		t->zf.names = &names;
		t->zf.name_count = 1;
	}
	zone_text_read(t, "example");
	return t;
}

static void expect_layers(const char *rule, const char *zone, const char *upper, const char *hosts,
			  const char *records)
{
	struct zone_text *t = layers(zone, upper, hosts);

	expect_text(rule, text_str(&t->found), "");
	expect_text(rule, zone_text_print(t), records);
	zone_text_free(t);
}

static void a_name_of_the_upper_file_replaces_all_that_the_other_has(void **state)
{
	(void)state;
	expect_layers("another address", ZONE_TEXT_SOA "nas 9 A 192.0.2.1\nbox 9 A 192.0.2.2\n",
		      "nas 5 A 10.0.0.1\n", NULL,
		      "box.example. 9 A 192.0.2.2\nnas.example. 5 A 10.0.0.1\n");
	expect_layers("other types go with it", ZONE_TEXT_SOA "nas 9 A 192.0.2.1\nnas 9 AAAA ::1\n",
		      "nas 5 A 10.0.0.1\n", NULL, "nas.example. 5 A 10.0.0.1\n");
	expect_layers("an alias instead", ZONE_TEXT_SOA "nas 9 A 192.0.2.1\nnas 9 TXT x\n",
		      "nas 5 CNAME box\n", NULL, "nas.example. 5 CNAME box.example.\n");
	expect_layers("case does not count (RFC 4343)", ZONE_TEXT_SOA "NAS 9 A 192.0.2.1\n",
		      "nas 5 A 10.0.0.1\n", NULL, "nas.example. 5 A 10.0.0.1\n");
	expect_layers("names below are other names", ZONE_TEXT_SOA "a.nas 9 A 192.0.2.1\n",
		      "nas 5 A 10.0.0.1\n", NULL,
		      "nas.example. 5 A 10.0.0.1\na.nas.example. 9 A 192.0.2.1\n");
	expect_layers("a name of its own", ZONE_TEXT_SOA "nas 9 A 192.0.2.1\n",
		      "new 5 A 10.0.0.1\n", NULL,
		      "nas.example. 9 A 192.0.2.1\nnew.example. 5 A 10.0.0.1\n");
}

static void at_the_apex_the_upper_file_replaces_type_by_type(void **state)
{
	struct zone_text *t;

	(void)state;
	expect_layers("one type", ZONE_TEXT_SOA "@ 9 NS ns\n@ 9 A 192.0.2.1\nns 9 A 192.0.2.3\n",
		      "@ 5 A 10.0.0.1\n", NULL,
		      "example. 5 A 10.0.0.1\nexample. 9 NS ns.example.\nns.example. 9 A "
		      "192.0.2.3\n");
	/* The SOA as well. */
	t = layers(ZONE_TEXT_SOA, "@ 5 SOA a b 77 2 3 4 5\n", NULL);
	assert_int_equal(t->z.header->serial, 77);
	assert_int_equal(t->z.header->record_count, 1);
	zone_text_free(t);
}

static void each_file_begins_anew(void **state)
{
	struct zone_text *t;

	(void)state;
	expect_layers("$ORIGIN and $TTL of one file are not the other's",
		      ZONE_TEXT_SOA "b A 192.0.2.1\n",
		      "$TTL 5\n$ORIGIN sub.example.\na A 10.0.0.1\n", NULL,
		      "b.example. 3600 A 192.0.2.1\na.sub.example. 5 A 10.0.0.1\n");
	t = layers(" 9 A 192.0.2.1\n" ZONE_TEXT_SOA, "a 5 A 10.0.0.1\n", NULL);
	expect_text(
		"nor its last owner", text_str(&t->found),
		"zone:1:2: error: no owner name yet: a line that begins with a blank belongs to "
		"the name above it, at '9'\n");
	zone_text_free(t);
	t = layers(ZONE_TEXT_SOA "x 9 A 300.1.1.1\n", "y 5 A 300.1.1.1\n", NULL);
	expect_text("errors of both are told", text_str(&t->found),
		    "upper:1:7: error: invalid IPv4 address '300.1.1.1'\n"
		    "zone:2:7: error: invalid IPv4 address '300.1.1.1'\n");
	zone_text_free(t);
}

static void names_add_addresses_and_replace_none(void **state)
{
	(void)state;
	expect_layers("new names", ZONE_TEXT_SOA, NULL, "10.0.0.1 nas box\n",
		      "box.example. 300 A 10.0.0.1\nnas.example. 300 A 10.0.0.1\n");
	expect_layers("an address in the zone file goes before",
		      ZONE_TEXT_SOA "nas 9 A 192.0.2.1\n", NULL, "10.0.0.1 nas\n",
		      "nas.example. 9 A 192.0.2.1\n");
	expect_layers("the other family is added", ZONE_TEXT_SOA "nas 9 A 192.0.2.1\n", NULL,
		      "fd00::1 nas\n",
		      "nas.example. 9 A 192.0.2.1\nnas.example. 300 AAAA fd00::1\n");
	expect_layers("other types stay", ZONE_TEXT_SOA "nas 9 TXT x\n", NULL, "10.0.0.1 nas\n",
		      "nas.example. 300 A 10.0.0.1\nnas.example. 9 TXT \"x\"\n");
	expect_layers("an alias goes before (RFC 1034 section 3.6.2)",
		      ZONE_TEXT_SOA "nas 9 CNAME box\n", NULL, "10.0.0.1 nas\n",
		      "nas.example. 9 CNAME box.example.\n");
	expect_layers("below a DNAME is nothing (RFC 6672 section 2.4)",
		      ZONE_TEXT_SOA "sub 9 DNAME example.com.\n", NULL,
		      "10.0.0.1 a.b.sub.example\n", "sub.example. 9 DNAME example.com.\n");
	expect_layers("several addresses in one file", ZONE_TEXT_SOA, NULL,
		      "10.0.0.1 nas\n10.0.0.2 nas\n10.0.0.1 nas\n",
		      "nas.example. 300 A 10.0.0.1\nnas.example. 300 A 10.0.0.2\n");
	expect_layers("the upper file goes before", ZONE_TEXT_SOA, "nas 5 A 10.0.0.9\n",
		      "10.0.0.1 nas\n", "nas.example. 5 A 10.0.0.9\n");
}

static void of_two_lines_of_names_the_first_goes_before(void **state)
{
	static const struct names_file names[] = { { NAMES_HOSTS, "a" },
						   { NAMES_LEASES, "b" },
						   { NAMES_HOSTS, "folder" } };
	struct zone_text *t = zone_text_new(ZONE_TEXT_SOA, strlen(ZONE_TEXT_SOA));

	(void)state;
	add(t, "a", "10.0.0.1 nas\n");
	add(t, "b", "0 02:00:00:00:00:05 10.0.0.2 nas *\n0 02:00:00:00:00:06 10.0.0.3 tv *\n");
	add(t, "folder/y", "10.0.0.4 tv\n10.0.0.5 pc\n");
	add(t, "folder/z", "10.0.0.6 pc\n");
	t->zf.names = names;
	t->zf.name_count = 3;
	zone_text_read(t, "example");
	expect_text("files of a folder lie side by side", zone_text_print(t),
		    "nas.example. 300 A 10.0.0.1\npc.example. 300 A 10.0.0.5\n"
		    "pc.example. 300 A 10.0.0.6\ntv.example. 300 A 10.0.0.4\n");
	assert_int_equal(t->zf.input_count, 6); /* all that is to be watched: the folder as well */
	zone_text_free(t);
}

static void a_file_of_names_that_would_fill_the_memory_is_not_read(void **state)
{
	static const struct names_file names[] = { { NAMES_HOSTS, "large" },
						   { NAMES_HOSTS, "hosts" } };
	struct zone_text *t = zone_text_new(ZONE_TEXT_SOA, strlen(ZONE_TEXT_SOA));
	char *large = calloc(1, NAMES_MAX_OCTETS + 1);

	(void)state;
	assert_non_null(large);
	memory_files_add(&t->memory, "large", large, NAMES_MAX_OCTETS + 1);
	add(t, "hosts", "10.0.0.1 nas\n");
	t->zf.names = names;
	t->zf.name_count = 2;
	zone_text_read(t, "example");
	expect_text("a warning", text_str(&t->found),
		    "large: warning: no names from there: the file is larger than the limit\n");
	expect_text("the others are", zone_text_print(t), "nas.example. 300 A 10.0.0.1\n");
	zone_text_free(t);
	free(large);
}

/* A guest may call its laptop as the NAS is called. */
static void leases_come_last_and_add_nothing_to_what_people_wrote(void **state)
{
	static const struct names_file names[] = { { NAMES_LEASES, "a" },
						   { NAMES_LEASES, "b" },
						   { NAMES_HOSTS, "hosts" } };
	static const char zone[] = ZONE_TEXT_SOA "nas 9 A 192.0.2.1\ntext 9 TXT x\n";
	struct zone_text *t = zone_text_new(zone, strlen(zone));

	(void)state;
	add(t, "a",
	    "0 02:01 10.0.0.1 nas *\n0 02:02 10.0.0.2 tv *\n0 02:03 10.0.0.3 pc *\n"
	    "0 02:04 10.0.0.4 text *\n");
	add(t, "b", "0 12 fd00::1 nas *\n0 12 fd00::2 tv *\n0 12 fd00::3 pc *\n");
	add(t, "hosts", "10.0.0.9 tv\n");
	t->zf.names = names;
	t->zf.name_count = 3;
	zone_text_read(t, "example");
	expect_text("records", zone_text_print(t),
		    "nas.example. 9 A 192.0.2.1\n" /* no AAAA: nobody wrote that it has one */
		    "pc.example. 60 A 10.0.0.3\npc.example. 60 AAAA fd00::3\n"
		    "text.example. 60 A 10.0.0.4\ntext.example. 9 TXT \"x\"\n"
		    "tv.example. 300 A 10.0.0.9\n");
	zone_text_free(t);
}

static bool list_many(void *self, const char *path, struct file_list *out)
{
	(void)self, (void)path;
	*out = (struct file_list){ .count = 1, .is_cut = true, .names = { "first" } };
	return true;
}

/* Of one name and type, however many there are in the text. */
static unsigned count_lines(const char *text, const char *with)
{
	unsigned count = 0;

	for (; (text = strstr(text, with)); text++)
		count++;
	return count;
}

static void a_name_has_64_addresses_of_a_family_from_elsewhere(void **state)
{
	static const struct names_file names[] = { { NAMES_LEASES, "leases" },
						   { NAMES_HOSTS, "hosts" } };
	static char leases[400000];
	struct zone_text *t = zone_text_new(ZONE_TEXT_SOA, strlen(ZONE_TEXT_SOA));
	struct text text = text_init(leases, sizeof leases);

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		text_format(&text, "0 02 10.1.%u.%u pc *\n0 02 fd00::%x pc *\n", i / 250, i % 250,
			    i + 1);
	add(t, "leases", leases);
	add(t, "hosts", "10.0.0.9 nas\n");
	t->zf.names = names;
	t->zf.name_count = 2;
	zone_text_read(t, "example");
	expect_text("and nobody can have so many that there is no zone", text_str(&t->found), "");
	const char *records = zone_text_print(t);
	assert_int_equal(count_lines(records, "pc.example. 60 A "), 64);
	assert_int_equal(count_lines(records, "pc.example. 60 AAAA "), 64);
	assert_int_equal(count_lines(records, "nas.example. 300 A 10.0.0.9"), 1);
	zone_text_free(t);
}

static void a_client_cannot_claim_to_be_somebody_elses_name_server(void **state)
{
	static const struct names_file names[] = { { NAMES_LEASES, "leases" },
						   { NAMES_HOSTS, "hosts" } };
	static const char zone[] = ZONE_TEXT_SOA "@ 9 NS ns\nns 9 A 192.0.2.1\n"
						 "sub 9 NS ns.sub\nown 9 NS own\n";
	struct zone_text *t = zone_text_new(zone, strlen(zone));

	(void)state;
	add(t, "leases",
	    "0 02 10.0.0.1 ns.sub.example *\n0 02 10.0.0.2 own *\n0 02 10.0.0.3 a.b.sub.example "
	    "*\n0 02 10.0.0.4 pc *\n");
	add(t, "hosts", "10.0.0.5 ns.sub.example\n10.0.0.6 own\n");
	t->zf.names = names;
	t->zf.name_count = 2;
	zone_text_read(t, "example");
	expect_text("glue is for the owner to give", zone_text_print(t),
		    "example. 9 NS ns.example.\nns.example. 9 A 192.0.2.1\n"
		    "own.example. 300 A 10.0.0.6\nown.example. 9 NS own.example.\n"
		    "pc.example. 60 A 10.0.0.4\nsub.example. 9 NS ns.sub.example.\n"
		    "ns.sub.example. 300 A 10.0.0.5\n");
	zone_text_free(t);
}

/* A name with an address of either family is somebody's: a lease adds none to it. */
static void a_client_cannot_claim_a_name_that_has_another_address(void **state)
{
	static const struct names_file names[] = { { NAMES_HOSTS, "hosts" },
						   { NAMES_LEASES, "leases" } };
	struct zone_text *t = zone_text_new(ZONE_TEXT_SOA, strlen(ZONE_TEXT_SOA));

	(void)state;
	add(t, "hosts", "fd00::5 nas\n10.0.0.6 tv\n");
	add(t, "leases", "0 02 10.0.0.7 nas *\n0 03 10.0.0.8 tv *\n0 04 10.0.0.9 pc *\n");
	t->zf.names = names;
	t->zf.name_count = 2;
	zone_text_read(t, "example");
	expect_text("what people wrote is all there is", zone_text_print(t),
		    "nas.example. 300 AAAA fd00::5\npc.example. 60 A 10.0.0.9\n"
		    "tv.example. 300 A 10.0.0.6\n");
	zone_text_free(t);
}

/* Nobody can mend what a program wrote. */
static void what_is_looked_at_for_mistakes_is_the_zone_file(void **state)
{
	static const struct names_file names = { NAMES_HOSTS, "hosts" };
	static const char zone[] = ZONE_TEXT_SOA "nas 9 TXT x\nnas 9 TXT x\n";
	struct zone_text *t = zone_text_new(zone, strlen(zone));

	(void)state;
	add(t, "hosts", "10.0.0.1 nas\n10.0.0.1 nas\n");
	t->zf.names = &names;
	t->zf.name_count = 1;
	t->zf.wants_lint = true;
	zone_text_read(t, "example");
	assert_non_null(strstr(t->findings, "zone:"));
	assert_null(strstr(t->findings, "hosts:"));
	zone_text_free(t);
}

static void files_of_a_folder_beyond_the_limit_are_told(void **state)
{
	static const struct names_file names = { NAMES_HOSTS, "folder" };
	struct zone_text *t = zone_text_new(ZONE_TEXT_SOA, strlen(ZONE_TEXT_SOA));

	(void)state;
	add(t, "folder/first", "10.0.0.1 nas\n");
	t->files.list = list_many;
	t->zf.names = &names;
	t->zf.name_count = 1;
	zone_text_read(t, "example");
	expect_text("a warning", text_str(&t->found),
		    "folder: warning: more than 128 files: the rest is passed over\n");
	expect_text("the first are read", zone_text_print(t), "nas.example. 300 A 10.0.0.1\n");
	zone_text_free(t);
}

static void a_zone_without_a_file_gets_an_soa_of_its_own(void **state)
{
	static const struct names_file names = { NAMES_HOSTS, "hosts" };
	static const struct names_file gone = { NAMES_HOSTS, "gone" };
	struct zone_text *t = zone_text_new("", 0);

	(void)state;
	add(t, "hosts", "10.0.0.1 nas example.\n");
	t->zf.path = NULL;
	t->zf.names = &names;
	t->zf.name_count = 1;
	zone_text_read(t, "example");
	expect_text("its names", zone_text_print(t),
		    "example. 300 A 10.0.0.1\nnas.example. 300 A 10.0.0.1\n");
	assert_int_equal(t->z.header->serial, 1);
	assert_int_equal(t->z.header->negative_ttl, 60);
	zone_text_free(t);
	t = zone_text_new("", 0);
	t->zf.path = NULL;
	t->zf.names = &gone;
	t->zf.name_count = 1;
	zone_text_read(t, "example");
	expect_text("a file that is missing is a warning", text_str(&t->found),
		    "gone: warning: no names from there: no such file\n");
	assert_non_null(t->octets);
	assert_int_equal(t->z.header->record_count, 1);
	assert_int_equal(t->zf.input_count, 1);
	zone_text_free(t);
}

/* A version for some clients of a domain that everybody has by names alone. */
static void an_soa_of_the_upper_file_is_the_only_one(void **state)
{
	static const struct names_file names = { NAMES_HOSTS, "hosts" };
	static const char *const uppers[] = { "@ 9 SOA a b 77 2 3 4 5\nnas 9 A 10.0.0.9\n",
					      "nas 9 A 10.0.0.9\n" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct zone_text *t = zone_text_new("", 0);

		add(t, "hosts", "10.0.0.1 nas\n10.0.0.2 tv example.\n");
		add(t, "upper", uppers[i]);
		t->zf.path = NULL;
		t->zf.upper = "upper";
		t->zf.names = &names;
		t->zf.name_count = 1;
		zone_text_read(t, "example");
		expect_text("no finding", text_str(&t->found), "");
		assert_int_equal(t->z.header->serial, i ? 1 : 77);
		expect_text("the rest is as it is", zone_text_print(t),
			    "example. 300 A 10.0.0.2\nnas.example. 9 A 10.0.0.9\n"
			    "tv.example. 300 A 10.0.0.2\n");
		zone_text_free(t);
	}
}

static void the_end_of_the_first_lease_is_told(void **state)
{
	static const struct names_file names[] = { { NAMES_LEASES, "a" },
						   { NAMES_LEASES, "b" },
						   { NAMES_LEASES, "c" } };
	struct zone_text *t = zone_text_new(ZONE_TEXT_SOA, strlen(ZONE_TEXT_SOA));

	(void)state;
	add(t, "a", "2000000300 02:00:00:00:00:05 10.0.0.2 nas *\n");
	add(t, "b", "2000000200 02:00:00:00:00:06 10.0.0.3 tv *\n");
	add(t, "c", "2000000400 02:00:00:00:00:07 10.0.0.4 pc *\n");
	t->zf.names = names;
	t->zf.name_count = 3;
	t->zf.now_s = 2000000000;
	zone_text_read(t, "example");
	assert_int_equal(t->zf.expires_s, 2000000200);
	zone_text_free(t);
}

static unsigned wiped_of(enum names_format format, const char *text)
{
	struct names_file names = { format, "names" };
	struct zone_text *t = zone_text_new(ZONE_TEXT_SOA, strlen(ZONE_TEXT_SOA));

	add(t, "names", text);
	t->zf.names = &names;
	t->zf.name_count = 1;
	zone_text_read(t, "example");
	assert_int_equal(t->memory.wiped, 0);
	zonefile_free(&t->zf);
	unsigned wiped = t->memory.wiped;
	zone_text_free(t);
	return wiped;
}

/* The text of a file for peers, and of one that has keys in it by mistake. */
static void what_is_secret_is_wiped(void **state)
{
	(void)state;
	assert_int_equal(wiped_of(NAMES_PEERS, "# laptop\n[Peer]\nAllowedIPs = 10.8.0.2/32\n"), 1);
	assert_int_equal(wiped_of(NAMES_HOSTS, "10.0.0.1 nas\n"), 0);
	assert_int_equal(wiped_of(NAMES_HOSTS, "10.0.0.1 nas\nPrivateKey = "
					       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"),
			 1);
}

static void an_include_is_found_beside_the_file_that_names_it(void **state)
{
	struct zone_text *t = zone_text_new(ZONE_TEXT_SOA, strlen(ZONE_TEXT_SOA));

	(void)state;
	add(t, "vpn/upper", "$INCLUDE part\n");
	add(t, "vpn/part", "nas 5 A 10.0.0.1\n");
	t->zf.upper = "vpn/upper";
	zone_text_read(t, "example");
	expect_text("read", zone_text_print(t), "nas.example. 5 A 10.0.0.1\n");
	assert_string_equal(t->zf.inputs[1].within, "vpn/upper");
	zone_text_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_of_the_upper_file_replaces_all_that_the_other_has),
		cmocka_unit_test(at_the_apex_the_upper_file_replaces_type_by_type),
		cmocka_unit_test(each_file_begins_anew),
		cmocka_unit_test(names_add_addresses_and_replace_none),
		cmocka_unit_test(of_two_lines_of_names_the_first_goes_before),
		cmocka_unit_test(a_name_has_64_addresses_of_a_family_from_elsewhere),
		cmocka_unit_test(a_client_cannot_claim_to_be_somebody_elses_name_server),
		cmocka_unit_test(a_client_cannot_claim_a_name_that_has_another_address),
		cmocka_unit_test(what_is_looked_at_for_mistakes_is_the_zone_file),
		cmocka_unit_test(a_file_of_names_that_would_fill_the_memory_is_not_read),
		cmocka_unit_test(leases_come_last_and_add_nothing_to_what_people_wrote),
		cmocka_unit_test(files_of_a_folder_beyond_the_limit_are_told),
		cmocka_unit_test(a_zone_without_a_file_gets_an_soa_of_its_own),
		cmocka_unit_test(an_soa_of_the_upper_file_is_the_only_one),
		cmocka_unit_test(the_end_of_the_first_lease_is_told),
		cmocka_unit_test(what_is_secret_is_wiped),
		cmocka_unit_test(an_include_is_found_beside_the_file_that_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
