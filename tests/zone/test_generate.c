/*
 * test_generate.c -- $GENERATE, as BIND has it (no RFC tells of it).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "support/zone_text.h"

struct row {
	const char *rule;
	const char *body;
	const char *expected;
};

#define EACH(rows, check)                                             \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) \
	check((rows)[i].rule, (rows)[i].body, (rows)[i].expected)

static void ranges(void **state)
{
	static const struct row rows[] = {
		{ "both ends belong to the range", "$GENERATE 1-3 h$ 5 A 192.0.2.$\n",
		  "h1.example. 5 A 192.0.2.1\nh2.example. 5 A 192.0.2.2\nh3.example. 5 A 192.0.2.3\n" },
		{ "a range of one", "$GENERATE 7-7 h$ 5 A 192.0.2.$\n",
		  "h7.example. 5 A 192.0.2.7\n" },
		{ "it may begin with 0", "$GENERATE 0-1 h$ 5 A 192.0.2.$\n",
		  "h0.example. 5 A 192.0.2.0\nh1.example. 5 A 192.0.2.1\n" },
		{ "steps", "$GENERATE 1-6/2 h$ 5 A 192.0.2.$\n",
		  "h1.example. 5 A 192.0.2.1\nh3.example. 5 A 192.0.2.3\nh5.example. 5 A 192.0.2.5\n" },
		{ "a step beyond the end", "$GENERATE 1-2/2147483647 h$ 5 A 192.0.2.$\n",
		  "h1.example. 5 A 192.0.2.1\n" },
		{ "row 96: a sum that would pass 31 bits ends the range",
		  "$GENERATE 19-28/2147483645 h$ 5 A 192.0.2.$\n",
		  "h19.example. 5 A 192.0.2.19\n" },
		{ "the largest number", "$GENERATE 2147483647-2147483647 h$ 5 A 192.0.2.1\n",
		  "h2147483647.example. 5 A 192.0.2.1\n" },
	};
	static const struct row wrong[] = {
#define RANGE "invalid range (START-STOP or START-STOP/STEP, at most 2147483647)"
		{ "the end before the start", "$GENERATE 3-1 h$ 5 A 192.0.2.$\n",
		  "zone:2:11: error: " RANGE " '3-1'\n" },
		{ "no end", "$GENERATE 3 h$ 5 A 192.0.2.$\n", "zone:2:11: error: " RANGE " '3'\n" },
		{ "an empty end", "$GENERATE 3- h$ 5 A 192.0.2.$\n",
		  "zone:2:11: error: " RANGE " '3-'\n" },
		{ "a step of 0", "$GENERATE 1-3/0 h$ 5 A 192.0.2.$\n",
		  "zone:2:11: error: " RANGE " '1-3/0'\n" },
		{ "an empty step", "$GENERATE 1-3/ h$ 5 A 192.0.2.$\n",
		  "zone:2:11: error: " RANGE " '1-3/'\n" },
		{ "negative numbers", "$GENERATE -1-3 h$ 5 A 192.0.2.$\n",
		  "zone:2:11: error: " RANGE " '-1-3'\n" },
		{ "letters behind", "$GENERATE 1-3x h$ 5 A 192.0.2.$\n",
		  "zone:2:11: error: " RANGE " '1-3x'\n" },
		{ "more than 31 bits", "$GENERATE 1-2147483648 h$ 5 A 192.0.2.$\n",
		  "zone:2:11: error: " RANGE " '1-2147483648'\n" },
		{ "far more", "$GENERATE 1-99999999999999999999999 h$ 5 A 192.0.2.$\n",
		  "zone:2:11: error: " RANGE " '1-99999999999999999999999'\n" },
		{ "row 96: 2147483647 steps", "$GENERATE 1-2147483647 h$ A 1.2.3.4\n",
		  "zone:2:11: error: $GENERATE of more steps than 65536: '1-2147483647'\n" },
		{ "65537 steps", "$GENERATE 0-65536 h$ 5 A 1.2.3.4\n",
		  "zone:2:11: error: $GENERATE of more steps than 65536: '0-65536'\n" },
		{ "65537 larger steps", "$GENERATE 0-655360/10 h$ 5 A 1.2.3.4\n",
		  "zone:2:11: error: $GENERATE of more steps than 65536: '0-655360/10'\n" },
		{ "nothing", "$GENERATE\n", "zone:2:10: error: missing range after $GENERATE\n" },
		{ "no record data", "$GENERATE 1-3 h$ A\n",
		  "zone:2:19: error: $GENERATE needs an owner, a type and record data\n" },
	};

	(void)state;
	EACH(rows, expect_records);
	EACH(wrong, expect_findings);
}

static void numbers(void **state)
{
	static const struct row rows[] = {
		{ "$ stands anywhere, also twice", "$GENERATE 5-5 a$b$ 5 CNAME $.$.net.\n",
		  "a5b5.example. 5 CNAME 5.5.net.\n" },
		{ "an offset", "$GENERATE 5-5 a${10} 5 A 192.0.2.${1}\n",
		  "a15.example. 5 A 192.0.2.6\n" },
		{ "a negative offset", "$GENERATE 5-5 a${-5} 5 A 192.0.2.1\n",
		  "a0.example. 5 A 192.0.2.1\n" },
		{ "a width fills up with zeros", "$GENERATE 5-5 a${0,3} 5 A 192.0.2.1\n",
		  "a005.example. 5 A 192.0.2.1\n" },
		{ "a width too small cuts nothing off",
		  "$GENERATE 1234-1234 a${0,2} 5 A 192.0.2.1\n", "a1234.example. 5 A 192.0.2.1\n" },
		{ "base d is decimal", "$GENERATE 10-10 a${0,4,d} 5 A 192.0.2.1\n",
		  "a0010.example. 5 A 192.0.2.1\n" },
		{ "base o is octal", "$GENERATE 10-10 a${0,0,o} 5 A 192.0.2.1\n",
		  "a12.example. 5 A 192.0.2.1\n" },
		{ "base x is hex in lower case", "$GENERATE 171-171 a${0,4,x} 5 A 192.0.2.1\n",
		  "a00ab.example. 5 A 192.0.2.1\n" },
		{ "base X is hex in upper case", "$GENERATE 171-171 a${0,0,X} 5 A 192.0.2.1\n",
		  "aAB.example. 5 A 192.0.2.1\n" },
		{ "base n is nibbles, the last first", "$GENERATE 291-291 ${0,0,n} 5 A 192.0.2.1\n",
		  "3.2.1.example. 5 A 192.0.2.1\n" },
		{ "their width counts the dots", "$GENERATE 171-171 ${0,7,n} 5 A 192.0.2.1\n",
		  "b.a.0.0.example. 5 A 192.0.2.1\n" },
		{ "base N in upper case", "$GENERATE 171-171 ${0,5,N} 5 A 192.0.2.1\n",
		  "B.A.0.example. 5 A 192.0.2.1\n" },
		{ "0 is one nibble", "$GENERATE 0-0 ${0,0,n} 5 A 192.0.2.1\n",
		  "0.example. 5 A 192.0.2.1\n" },
		{ "\\$ is a dollar sign", "$GENERATE 5-5 a\\$ 5 TXT \\$\n",
		  "a\\$.example. 5 TXT \"$\"\n" },
		{ "$$ is a dollar sign", "$GENERATE 5-5 a$$ 5 TXT $$$\n",
		  "a\\$.example. 5 TXT \"$5\"\n" },
		{ "other escapes stay", "$GENERATE 5-5 a\\.b$ 5 TXT a\\\"$\n",
		  "a\\.b5.example. 5 TXT \"a\\\"5\"\n" },
		{ "an escaped backslash does not escape the dollar",
		  "$GENERATE 5-5 a\\\\$ 5 A 192.0.2.1\n", "a\\\\5.example. 5 A 192.0.2.1\n" },
		{ "quoted words stay quoted", "$GENERATE 5-5 a$ 5 TXT \"b $ c\"\n",
		  "a5.example. 5 TXT \"b 5 c\"\n" },
		{ "the sum may be 2147483647", "$GENERATE 1-1 a${2147483646} 5 A 192.0.2.1\n",
		  "a2147483647.example. 5 A 192.0.2.1\n" },
	};
	static const struct row wrong[] = {
#define USE "invalid use of $ in $GENERATE"
		{ "a brace that is not closed", "$GENERATE 1-3 a${1 5 A 192.0.2.1\n",
		  "zone:2:15: error: " USE " 'a${1'\n" },
		{ "nothing in braces", "$GENERATE 1-3 a${} 5 A 192.0.2.1\n",
		  "zone:2:15: error: " USE " 'a${}'\n" },
		{ "a base nobody knows", "$GENERATE 1-3 a${0,1,y} 5 A 192.0.2.1\n",
		  "zone:2:15: error: " USE " 'a${0,1,y}'\n" },
		{ "more than three", "$GENERATE 1-3 a${0,1,d,1} 5 A 192.0.2.1\n",
		  "zone:2:15: error: " USE " 'a${0,1,d,1}'\n" },
		{ "row 96: a width beyond 255", "$GENERATE 1-3 a 5 TXT ${0,256,d}\n",
		  "zone:2:23: error: " USE " '${0,256,d}'\n" },
		{ "row 96: a width of two thousand million",
		  "$GENERATE 1-3 a 5 TXT ${0,2000000000,d}\n",
		  "zone:2:23: error: " USE " '${0,2000000000,d}'\n" },
		{ "a negative number", "$GENERATE 1-3 a${-2} 5 A 192.0.2.1\n",
		  "zone:2:15: error: " USE " 'a${-2}'\n" },
		{ "a sum beyond 31 bits", "$GENERATE 1-3 a${2147483647} 5 A 192.0.2.1\n",
		  "zone:2:15: error: " USE " 'a${2147483647}'\n" },
	};

	(void)state;
	EACH(rows, expect_records);
	EACH(wrong, expect_findings);
}

static void records(void **state)
{
	static const struct row rows[] = {
		{ "TTL and class stand where they stand elsewhere",
		  "$GENERATE 1-1 a$ IN 5 A 192.0.2.1\n$GENERATE 1-1 b$ 6 IN A 192.0.2.1\n",
		  "a1.example. 5 A 192.0.2.1\nb1.example. 6 A 192.0.2.1\n" },
		{ "all record types, all their words",
		  "$GENERATE 1-1 a 5 MX $0 m$\n"
		  "$GENERATE 1-2 b 5 SRV $ $ 53 ( s$ )\n",
		  "a.example. 5 MX 10 m1.example.\n"
		  "b.example. 5 SRV 1 1 53 s1.example.\nb.example. 5 SRV 2 2 53 s2.example.\n" },
		{ "names are relative to the origin of the place",
		  "$ORIGIN sub\n$GENERATE 1-1 a$ 5 CNAME b$\n",
		  "a1.sub.example. 5 CNAME b1.sub.example.\n" },
		{ "the owner may be the origin", "$GENERATE 1-2 @ 5 NS ns$\n",
		  "example. 5 NS ns1.example.\nexample. 5 NS ns2.example.\n" },
		{ "a blank owner behind it is the one before it",
		  "w 5 A 192.0.2.1\n$GENERATE 1-1 x 5 A 192.0.2.2\n 5 A 192.0.2.3\n",
		  "w.example. 5 A 192.0.2.1\nw.example. 5 A 192.0.2.3\nx.example. 5 A 192.0.2.2\n" },
		{ "the same owner as text behind it is found again",
		  "w 5 A 192.0.2.1\n$GENERATE 1-1 x 5 A 192.0.2.2\nw 5 A 192.0.2.3\n",
		  "w.example. 5 A 192.0.2.1\nw.example. 5 A 192.0.2.3\nx.example. 5 A 192.0.2.2\n" },
	};
	static const struct row wrong[] = {
		{ "words whose octets were other words of an earlier template",
		  "$GENERATE 1-1 a 1 MX 5 m\n$GENERATE 1-1 b 1M X 5 m\n",
		  "zone:3:15: error: unknown record type 'X'\n" },
		{ "an error in a generated record stands at the template, once",
		  "$GENERATE 254-300 a$ 5 A 192.0.2.$\nb 5 A x\n",
		  "zone:2:19: error: invalid IPv4 address '192.0.2.256'\n"
		  "zone:3:7: error: invalid IPv4 address 'x'\n" },
		{ "missing words, too", "$GENERATE 1-2 a$ 5 IN\n",
		  "zone:2:15: error: missing record type\n" },
		{ "a record out of the zone", "$GENERATE 1-2 a$.net. 5 A 192.0.2.1\n",
		  "zone:2:15: warning: record of 'a1.net.' ignored (out of zone)\n"
		  "zone:2:15: warning: record of 'a2.net.' ignored (out of zone)\n" },
		{ "types of questions are refused", "$GENERATE 1-2 a$ 5 TKEY \\# 0\n",
		  "zone:2:15: error: no zone has records of type 'TKEY'\n" },
		{ "errors behind it have their own places again",
		  "$GENERATE 1-2 a$ 5 A 192.0.2.$\n\n b c d\n",
		  "zone:4:2: error: unknown record type 'b'\n" },
		{ "what check finds stands at the template, too", "$GENERATE 1-2 a 5 CNAME b$\n",
		  "zone:2:15: error: second CNAME record at 'a.example.' (the first is on line 2)\n" },
	};

	(void)state;
	EACH(rows, expect_records);
	EACH(wrong, expect_findings);
}

static void most_steps(void **state)
{
	struct zone_text *t = zone_text_body("$GENERATE 0-65535 h$ 5 A 1.2.3.4\n");

	(void)state;
	expect_text("65536 steps", text_str(&t->found), "");
	assert_int_equal(t->z.header->record_count, 65536 + 1);
	zone_text_free(t);
	t = zone_text_body("$GENERATE 0-655359/10 h$ 5 A 1.2.3.4\n");
	assert_int_equal(t->z.header->record_count, 65536 + 1);
	zone_text_free(t);
}

/* Generated records count like all others (security.md A6-2). */
static void steps_count_for_the_limit(void **state)
{
	static const char zone[] = ZONE_TEXT_SOA "$GENERATE 0-99 h$ 5 A 1.2.3.4\n";
	struct zone_text *t = zone_text_new(zone, strlen(zone));

	(void)state;
	t->zf.limits.records = 50;
	zone_text_read(t, "example");
	expect_text("a limit of 50", text_str(&t->found),
		    "zone:2:16: error: more records than the limit\n");
	zone_text_free(t);
}

static void a_template_is_limited(void **state)
{
	char body[4096];
	size_t used = (size_t)snprintf(body, sizeof body, "$GENERATE 1-1 a 5 TXT");

	(void)state;
	for (unsigned i = 0; i < 61; i++)
		used += (size_t)snprintf(body + used, sizeof body - used, " x");
	snprintf(body + used, sizeof body - used, "\n");
	expect_findings("64 words", body, "");
	snprintf(body + used, sizeof body - used, " y\n");
	expect_findings("65 words", body,
			"zone:2:145: error: $GENERATE with more than 64 words, from 'y'\n");
	used = (size_t)snprintf(body, sizeof body, "$GENERATE 1-1 a 5 TXT ");
	for (unsigned i = 0; i < 65; i++)
		used += (size_t)snprintf(body + used, sizeof body - used, "${0,255}");
	snprintf(body + used, sizeof body - used, "\n");
	expect_findings("more than 16 KiB", body,
			"zone:2:23: error: $GENERATE of a record too long, from "
			"'${0,255}${0,255}${0,255}${0,255}...'\n");
}

/* What is generated stands nowhere: one octet of the template is marked. */
static void a_generated_word_is_not_underlined(void **state)
{
	struct zone_text *t = zone_text_body("$GENERATE 1-1 a$ 5 A 192.0.2.${999}\n");

	(void)state;
	assert_int_equal(t->last.column, 15);
	assert_int_equal(t->last.width, 1);
	zone_text_free(t);
	t = zone_text_body("$GENERATE 1-1 a$.net. 5 A 192.0.2.$\n");
	assert_int_equal(t->last.severity, SEVERITY_WARNING);
	assert_int_equal(t->last.width, 1);
	zone_text_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(numbers),
		cmocka_unit_test(records),
		cmocka_unit_test(most_steps),
		cmocka_unit_test(steps_count_for_the_limit),
		cmocka_unit_test(a_template_is_limited),
		cmocka_unit_test(a_generated_word_is_not_underlined),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
