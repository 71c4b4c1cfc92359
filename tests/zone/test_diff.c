/*
 * test_diff.c -- what one version of a zone has that another has not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/zone_text.h"
#include "zone/diff.h"

static char shown[64 * 1024];
static struct text out;
static struct zone_diff diff;

static void show(void *self, const struct difference *d)
{
	(void)self;
	difference_print(d, &out);
	text_put_char(&out, '\n');
}

/* The differences of two bodies under the same SOA; lives until the next call. */
static const char *differences(const char *was, const char *is)
{
	struct zone_text *a = zone_text_body(was), *b = zone_text_body(is);

	assert_non_null(a->octets);
	assert_non_null(b->octets);
	diff = (struct zone_diff){ .report = show };
	out = text_init(shown, sizeof shown);
	assert_true(zone_diff(&diff, &a->z, &b->z));
	assert_int_equal(zone_diff_is_empty(&diff), out.used == 0);
	zone_text_free(a);
	zone_text_free(b);
	return shown;
}

static void each_change_is_told_once(void **state)
{
	static const struct {
		const char *rule, *was, *is, *told;
	} cases[] = {
		{ "nothing", "a 60 A 1.2.3.4\n", "a 60 A 1.2.3.4\n", "" },
		{ "a record", "", "a 60 A 1.2.3.4\n", "+ a A 1.2.3.4\n" },
		{ "a record less", "a 60 A 1.2.3.4\n", "", "- a A 1.2.3.4\n" },
		{ "another address", "a 60 A 1.2.3.4\n", "a 60 A 1.2.3.5\n",
		  "- a A 1.2.3.4\n+ a A 1.2.3.5\n" },
		{ "one more of a set", "a 60 A 1.2.3.4\n", "a 60 A 1.2.3.5\na 60 A 1.2.3.4\n",
		  "+ a A 1.2.3.5\n" },
		{ "another type", "a 60 A 1.2.3.4\n", "a 60 TXT x\n",
		  "- a A 1.2.3.4\n+ a TXT \"x\"\n" },
		{ "a TTL", "a 60 A 1.2.3.4\n", "a 300 A 1.2.3.4\n", "~ a A TTL 60 -> 300\n" },
		{ "a TTL and a record", "a 60 A 1.2.3.4\n", "a 300 A 1.2.3.5\n",
		  "- a A 1.2.3.4\n+ a A 1.2.3.5\n~ a A TTL 60 -> 300\n" },
		{ "the order does not count", "b 60 A 1.2.3.4\na 60 A 1.2.3.5\n",
		  "a 60 A 1.2.3.5\nb 60 A 1.2.3.4\n", "" },
		{ "letters of names do not count (RFC 4343)", "a 60 MX 1 b.Example.\n",
		  "A 60 MX 1 B.example.\n", "" },
		{ "letters of texts do", "a 60 TXT x\n", "a 60 TXT X\n",
		  "- a TXT \"x\"\n+ a TXT \"X\"\n" },
		{ "at the zone's own name", "", "@ 60 TXT x\n", "+ @ TXT \"x\"\n" },
		{ "in canonical order (RFC 4034 section 6.1)", "z 60 A 1.2.3.4\na.z 60 A 1.2.3.4\n",
		  "y 60 A 1.2.3.4\n", "+ y A 1.2.3.4\n- z A 1.2.3.4\n- a.z A 1.2.3.4\n" },
		{ "sets of signatures, which are several of one type",
		  "a 60 RRSIG A 8 2 60 20260201000000 20260101000000 1 example. AAAA\n"
		  "a 60 RRSIG MX 8 2 60 20260201000000 20260101000000 1 example. AAAA\n",
		  "",
		  "- a RRSIG A 8 2 60 20260201000000 20260101000000 1 example. AAAA\n"
		  "- a RRSIG MX 8 2 60 20260201000000 20260101000000 1 example. AAAA\n" },
		{ "a dot within a label", "", "a\\.b 60 A 1.2.3.4\n", "+ a\\.b A 1.2.3.4\n" },
		{ "data that goes on where the other's ended", "a 60 SVCB 1 b\n",
		  "a 60 SVCB 1 b port=53\n",
		  "- a SVCB 1 b.example.\n+ a SVCB 1 b.example. port=53\n" },
		{ "or ends where the other's went on", "a 60 TYPE65280 \\# 1 01\n",
		  "a 60 TYPE65280 \\# 0\n", "- a TYPE65280 \\# 1 01\n+ a TYPE65280 \\# 0\n" },
		{ "names in data", "a 60 SRV 0 0 1 b\n", "a 60 SRV 0 0 1 c\n",
		  "- a SRV 0 0 1 b.example.\n+ a SRV 0 0 1 c.example.\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_text(cases[i].rule, differences(cases[i].was, cases[i].is), cases[i].told);
}

static void the_soa(void **state)
{
	static const struct {
		const char *rule, *was, *is, *told;
	} cases[] = {
		{ "a serial", "@ 60 SOA ns h 1 2 3 4 5\n", "@ 60 SOA ns h 2 2 3 4 5\n",
		  "~ @ SOA serial 1 -> 2\n" },
		{ "more than that", "@ 60 SOA ns h 1 2 3 4 5\n", "@ 60 SOA ns h 2 2 3 4 6\n",
		  "- @ SOA ns.example. h.example. 1 2 3 4 5\n"
		  "+ @ SOA ns.example. h.example. 2 2 3 4 6\n" },
		{ "other names", "@ 60 SOA ns h 1 2 3 4 5\n", "@ 60 SOA nt h 1 2 3 4 5\n",
		  "- @ SOA ns.example. h.example. 1 2 3 4 5\n"
		  "+ @ SOA nt.example. h.example. 1 2 3 4 5\n" },
		{ "a TTL", "@ 60 SOA ns h 1 2 3 4 5\n", "@ 61 SOA ns h 2 2 3 4 5\n",
		  "~ @ SOA serial 1 -> 2\n~ @ SOA TTL 60 -> 61\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct zone_text *a = zone_text(cases[i].was), *b = zone_text(cases[i].is);

		diff = (struct zone_diff){ .report = show };
		out = text_init(shown, sizeof shown);
		assert_true(zone_diff(&diff, &a->z, &b->z));
		expect_text(cases[i].rule, shown, cases[i].told);
		zone_text_free(a);
		zone_text_free(b);
	}
}

/* ------ against what is printed ------ */

enum { OWNERS = 4, DATA = 4, RECORDS = OWNERS * DATA };

/* The record with this number, all with one TTL. */
static const char *record(unsigned n)
{
	static const char *const data[DATA] = { "A 192.0.2.1", "A 192.0.2.2", "TXT x", "MX 1 a" };
	static char line[64];

	snprintf(line, sizeof line, "%c 60 %s\n", 'a' + n / DATA, data[n % DATA]);
	return line;
}

static void a_body(unsigned set, char *body)
{
	*body = '\0';
	for (unsigned i = 0; i < RECORDS; i++)
		if (set >> i & 1)
			strcat(body, record(i));
}

static unsigned bits_of(unsigned set)
{
	return set ? (set & 1) + bits_of(set >> 1) : 0;
}

static void what_is_told_is_the_difference_of_two_sets(void **state)
{
	char was[1024], is[1024];

	(void)state;
	srand(35);
	for (unsigned i = 0; i < 300; i++) {
		unsigned a = (unsigned)rand() & 0xffff, b = (unsigned)rand() & 0xffff;

		a_body(a, was);
		a_body(b, is);
		differences(was, is);
		assert_int_equal(diff.count[CHANGE_REMOVED], bits_of(a & ~b));
		assert_int_equal(diff.count[CHANGE_ADDED], bits_of(b & ~a));
		assert_int_equal(diff.count[CHANGE_TTL] + diff.count[CHANGE_SERIAL], 0);
		differences(is, was);
		assert_int_equal(diff.count[CHANGE_ADDED], bits_of(a & ~b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_told_once),
		cmocka_unit_test(the_soa),
		cmocka_unit_test(what_is_told_is_the_difference_of_two_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
