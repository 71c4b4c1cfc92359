/*
 * test_check.c -- what a zone may not be (security.md rows 85 and 99).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/zone_text.h"

struct row {
	const char *rule;
	const char *body;
	const char *findings;
};

#define EACH(rows)                                                    \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) \
	expect_findings((rows)[i].rule, (rows)[i].body, (rows)[i].findings)

static void start_of_authority(void **state)
{
	static const struct row rows[] = {
		{ "row 85: two SOA records, RFC 1035 §5.2", "\n@ 5 SOA ns root 2 2 3 4 5\n",
		  "zone:3:1: error: second SOA record at 'example.' (the first is on line 1)\n" },
		{ "row 85: even the same one twice is two", "@ 3600 SOA ns root 1 2 3 4 5\n",
		  "zone:2:1: error: second SOA record at 'example.' (the first is on line 1)\n" },
		{ "row 85: an SOA below the apex", "a 5 SOA ns root 1 2 3 4 5\n",
		  "zone:2:1: error: SOA record at 'a.example.', which is not the zone's apex\n" },
	};

	(void)state;
	EACH(rows);
	struct zone_text *t = zone_text("\na 5 A 192.0.2.1\n");
	expect_text("row 85: no SOA", text_str(&t->found),
		    "zone:1:1: error: no SOA record at zone apex 'example.'\n");
	zone_text_free(t);
}

static void aliases(void **state)
{
	static const struct row rows[] = {
		{ "row 99: CNAME and A, RFC 1034 §3.6.2", "x 5 CNAME y\n\nx 5 A 192.0.2.1\n",
		  "zone:4:1: error: CNAME and other data at 'x.example.' (CNAME on line 2, A on line "
		  "4)\n" },
		{ "row 99: A and CNAME: the later line is shown", "x 5 A 192.0.2.1\nx 5 CNAME y\n",
		  "zone:3:1: error: CNAME and other data at 'x.example.' (CNAME on line 3, A on line "
		  "2)\n" },
		{ "a type without a name", "x 5 CNAME y\nx 5 TYPE65280 \\# 0\n",
		  "zone:3:1: error: CNAME and other data at 'x.example.' (CNAME on line 2, TYPE65280 on "
		  "line 3)\n" },
		{ "a CNAME at the apex stands beside the SOA", "@ 5 CNAME y\n",
		  "zone:2:1: error: CNAME and other data at 'example.' (CNAME on line 2, SOA on line "
		  "1)\n" },
		{ "CNAME and DNAME", "x 5 CNAME y\nx 5 DNAME z\n",
		  "zone:3:1: error: CNAME and other data at 'x.example.' (CNAME on line 2, DNAME on "
		  "line 3)\n" },
		{ "CNAME and NS", "x 5 CNAME y\nx 5 NS z\n",
		  "zone:3:1: error: CNAME and other data at 'x.example.' (CNAME on line 2, NS on line "
		  "3)\n" },
		{ "row 99: two CNAMEs, RFC 2181 §10.1", "x 5 CNAME y\nx 5 CNAME z\n",
		  "zone:3:1: error: second CNAME record at 'x.example.' (the first is on line 2)\n" },
		{ "the same CNAME twice is one, RFC 2181 §5", "x 5 CNAME y\nx 5 CNAME y\n", "" },
		{ "in any case of letters", "x 5 CNAME y\nX 5 CNAME Y\n", "" },
		{ "DNSSEC's own records may stand beside a CNAME, RFC 4034 §3 and §4",
		  "x 5 CNAME y\nx 5 NSEC z CNAME\n"
		  "x 5 RRSIG CNAME 13 2 5 20260201000000 20260101000000 1 example. AAAA\n",
		  "" },
		{ "names below an alias are names", "x 5 CNAME y\na.x 5 A 192.0.2.1\n", "" },
	};

	(void)state;
	EACH(rows);
}

static void redirections(void **state)
{
	static const struct row rows[] = {
		{ "row 99: data below a DNAME, RFC 6672 §2.4", "x 5 DNAME y\na.x 5 A 192.0.2.1\n",
		  "zone:2:1: error: DNAME at 'x.example.' has names below it\n" },
		{ "far below a DNAME", "a.b.x 5 A 192.0.2.1\nx 5 DNAME y\n",
		  "zone:3:1: error: DNAME at 'x.example.' has names below it\n" },
		{ "a wildcard below a DNAME", "x 5 DNAME y\n*.x 5 A 192.0.2.1\n",
		  "zone:2:1: error: DNAME at 'x.example.' has names below it\n" },
		{ "glue below a DNAME", "x 5 DNAME y\nd 5 NS ns.x\nns.x 5 A 192.0.2.1\n",
		  "zone:2:1: error: DNAME at 'x.example.' has names below it\n" },
		{ "a DNAME at the apex of a zone with names", "@ 5 DNAME y.net.\nx 5 A 192.0.2.1\n",
		  "zone:2:1: error: DNAME at 'example.' has names below it\n" },
		{ "row 99: two DNAMEs, RFC 6672 §2.4", "x 5 DNAME y\nx 5 DNAME z\n",
		  "zone:3:1: error: second DNAME record at 'x.example.' (the first is on line 2)\n" },
		{ "the same DNAME twice is one", "x 5 DNAME y\nx 5 DNAME y\n", "" },
		{ "a DNAME beside other records, RFC 6672 §2.4", "x 5 DNAME y\nx 5 A 192.0.2.1\n",
		  "" },
		{ "a DNAME at an apex without names below", "@ 5 DNAME y.net.\n@ 5 NS ns.net.\n",
		  "" },
		{ "names that only look like names below it", "x 5 DNAME y\nax 5 A 192.0.2.1\n",
		  "" },
	};

	(void)state;
	EACH(rows);
}

/* What others warn of or leave alone is no error here. */
static void what_is_allowed(void **state)
{
	static const struct row rows[] = {
		{ "a zone without NS records", "a 5 A 192.0.2.1\n", "" },
		{ "NS and MX with targets that are aliases, RFC 2181 §10.3",
		  "@ 5 NS a\n@ 5 MX 10 a\na 5 CNAME b\n", "" },
		{ "targets that do not exist", "@ 5 NS a\n@ 5 MX 10 b\nc 5 CNAME d\n", "" },
		{ "a delegation without glue", "sub 5 NS ns.sub\n", "" },
		{ "records below a delegation, which are never shown",
		  "sub 5 NS ns\na.sub 5 TXT x\n", "" },
		{ "several TTLs in one RRset", "a 5 A 192.0.2.1\na 6 A 192.0.2.2\n", "" },
	};

	(void)state;
	EACH(rows);
}

static void all_errors_are_told_in_one_run(void **state)
{
	(void)state;
	expect_findings(
		"three mistakes",
		"x 5 CNAME y\nx 5 A 192.0.2.1\nd 5 DNAME y\na.d 5 A 192.0.2.1\n"
		"s 5 SOA ns root 1 2 3 4 5\n",
		"zone:3:1: error: CNAME and other data at 'x.example.' (CNAME on line 2, A on "
		"line 3)\n"
		"zone:4:1: error: DNAME at 'd.example.' has names below it\n"
		"zone:6:1: error: SOA record at 's.example.', which is not the zone's apex\n");
}

/* Lines are counted only for errors that are shown: many errors cost no square of time. */
static void many_errors_are_counted(void **state)
{
	enum { COUNT = 20000 };
	char *body = malloc(COUNT * 48);
	size_t used = 0;

	(void)state;
	for (unsigned i = 0; i < COUNT; i++)
		used += (size_t)snprintf(body + used, 48, "x%u 5 CNAME y\nx%u 5 A 192.0.2.1\n", i,
					 i);
	struct zone_text *t = zone_text_body(body);
	assert_int_equal(t->diag.errors, COUNT);
	assert_non_null(strstr(t->findings, "(CNAME on line 40, A on line 41)"));
	zone_text_free(t);
	free(body);
}

/* Flags that lookups live from. */
static void marks_are_set(void **state)
{
	static const struct {
		const char *owner;
		uint8_t flags;
	} rows[] = {
		{ "example.", NODE_WILDCARD }, { "cut.example.", NODE_CUT },
		{ "d.example.", NODE_DNAME },  { "alias.example.", NODE_CNAME },
		{ "plain.example.", 0 },       { "ent.example.", NODE_WILDCARD },
		{ "*.example.", NODE_CNAME },  { "*.ent.example.", 0 },
		{ "below.cut.example.", 0 },   { "both.example.", NODE_CUT | NODE_WILDCARD },
		{ "a.*.ent.example.", 0 },
	};
	struct zone_text *t = zone_text_body("@ 5 NS ns\ncut 5 NS ns\nbelow.cut 5 A 192.0.2.1\n"
					     "d 5 DNAME x\nalias 5 CNAME x\nplain 5 A 192.0.2.1\n"
					     "* 5 CNAME x\na.*.ent 5 A 192.0.2.1\n"
					     "both 5 NS ns\n*.both 5 A 192.0.2.1\n");

	(void)state;
	expect_text("a good zone", text_str(&t->found), "");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct name_buf n;

		assert_null(name_parse_absolute(rows[i].owner, &n));
		uint32_t node = builder_find(&t->zf.builder, name_view(&n));
		assert_int_not_equal(node, 0);
		if (builder_node_at(&t->zf.builder, node)->flags != rows[i].flags)
			fail_msg("%s: flags %u", rows[i].owner,
				 builder_node_at(&t->zf.builder, node)->flags);
	}
	zone_text_free(t);
}

static void a_place_leads_back_to_its_text(void **state)
{
	static const uint8_t one[] = "abc\n", two[] = "de\n", three[] = "fghi\n";
	struct source at[] = {
		{ .file = "one", .text = one, .size = 3, .base = 0 },
		{ .file = "two", .text = two, .size = 2, .base = 4 },
		{ .file = "three", .text = three, .size = 4, .base = 7 },
	};
	static const struct {
		uint32_t place;
		size_t source, offset;
	} rows[] = {
		{ 0, 0, 0 }, { 3, 0, 3 }, { 4, 1, 0 }, { 5, 1, 1 }, { 7, 2, 0 }, { 10, 2, 3 }
	};
	const struct sources s = { .at = at, .count = 3 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const uint8_t *place;

		assert_ptr_equal(sources_find(&s, rows[i].place, &place), &at[rows[i].source]);
		assert_ptr_equal(place, at[rows[i].source].text + rows[i].offset);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(start_of_authority),
		cmocka_unit_test(aliases),
		cmocka_unit_test(redirections),
		cmocka_unit_test(what_is_allowed),
		cmocka_unit_test(all_errors_are_told_in_one_run),
		cmocka_unit_test(many_errors_are_counted),
		cmocka_unit_test(marks_are_set),
		cmocka_unit_test(a_place_leads_back_to_its_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
