/*
 * test_zonefile.c -- zone files into records (RFC 1035 §5.1, RFC 2308 §4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/random_names.h"
#include "support/zone_text.h"

struct row {
	const char *rule;
	const char *body;     /* behind ZONE_TEXT_SOA, so its first line is line 2 */
	const char *expected; /* records, or findings */
};

#define LABEL63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
/* 245 octets with "example." behind: 255 at most, the root counted. */
#define LABELS246                           \
	LABEL63 "." LABEL63 "." LABEL63 "." \
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyza"

#define EACH(rows, check)                                             \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) \
	check((rows)[i].rule, (rows)[i].body, (rows)[i].expected)

static void owners(void **state)
{
	static const struct row rows[] = {
		{ "a relative owner gets the origin behind it, RFC 1035 §5.1",
		  "www 5 A 192.0.2.1\n", "www.example. 5 A 192.0.2.1\n" },
		{ "an owner with a final dot is absolute", "www.example. 5 A 192.0.2.1\n",
		  "www.example. 5 A 192.0.2.1\n" },
		{ "'@' is the origin", "@ 5 A 192.0.2.1\n", "example. 5 A 192.0.2.1\n" },
		{ "an escaped '@' is a label", "\\@ 5 A 192.0.2.1\n",
		  "\\@.example. 5 A 192.0.2.1\n" },
		{ "a blank in front: the last owner", "www 5 A 192.0.2.1\n 5 A 192.0.2.2\n",
		  "www.example. 5 A 192.0.2.1\nwww.example. 5 A 192.0.2.2\n" },
		{ "a blank in front of the second line: the SOA's owner", "\t5 A 192.0.2.1\n",
		  "example. 5 A 192.0.2.1\n" },
		{ "lines of blanks or comment do not change the last owner",
		  "www 5 A 192.0.2.1\n \n  ; x\n\n 5 A 192.0.2.2\n",
		  "www.example. 5 A 192.0.2.1\nwww.example. 5 A 192.0.2.2\n" },
		{ "nor does a directive",
		  "www 5 A 192.0.2.1\n$ORIGIN other.example.\n 5 A 192.0.2.2\n",
		  "www.example. 5 A 192.0.2.1\nwww.example. 5 A 192.0.2.2\n" },
		{ "the names of types and classes are owners where an owner stands",
		  "IN 5 IN A 192.0.2.1\nA A 192.0.2.2\nTYPE1 5 A 192.0.2.3\n5 5 A 192.0.2.4\n",
		  "5.example. 5 A 192.0.2.4\nA.example. 5 A 192.0.2.2\nIN.example. 5 A 192.0.2.1\n"
		  "TYPE1.example. 5 A 192.0.2.3\n" },
		{ "an owner may be the name of a directive, escaped", "\\$TTL 5 A 192.0.2.1\n",
		  "\\$TTL.example. 5 A 192.0.2.1\n" },
		{ "'#' begins no comment", "#x 5 A 192.0.2.1\n", "#x.example. 5 A 192.0.2.1\n" },
		{ "owners differ in case only: one name, spelled as first met (RFC 4343)",
		  "WWW 5 A 192.0.2.1\nwww 5 A 192.0.2.2\n",
		  "WWW.example. 5 A 192.0.2.1\nWWW.example. 5 A 192.0.2.2\n" },
		{ "an escaped dot is no border of labels", "a\\.b 5 A 192.0.2.1\n",
		  "a\\.b.example. 5 A 192.0.2.1\n" },
		{ "a decimal escape is an octet", "a\\098\\001 5 A 192.0.2.1\n",
		  "ab\\001.example. 5 A 192.0.2.1\n" },
		{ "a label of 63 octets is the longest, RFC 1035 §2.3.4",
		  LABEL63 " 5 A 192.0.2.1\n", LABEL63 ".example. 5 A 192.0.2.1\n" },
		{ "a name of 255 octets is the longest, the origin counted",
		  LABELS246 " 5 A 192.0.2.1\n", LABELS246 ".example. 5 A 192.0.2.1\n" },
		{ "a wildcard is an owner, RFC 4592 §2.1.1",
		  "* 5 A 192.0.2.1\n*.*.a 5 A 192.0.2.2\n",
		  "*.example. 5 A 192.0.2.1\n*.*.a.example. 5 A 192.0.2.2\n" },
		{ "parentheses may begin before the owner's line ends", "www ( 5\nA\n192.0.2.1 )\n",
		  "www.example. 5 A 192.0.2.1\n" },
	};

	(void)state;
	EACH(rows, expect_records);
}

static void ttl_class_and_type(void **state)
{
	static const struct row rows[] = {
		{ "TTL, then class, RFC 1035 §5.1", "a 5 IN A 192.0.2.1\n",
		  "a.example. 5 A 192.0.2.1\n" },
		{ "class, then TTL", "a IN 5 A 192.0.2.1\n", "a.example. 5 A 192.0.2.1\n" },
		{ "neither", "$TTL 7\na A 192.0.2.1\n", "a.example. 7 A 192.0.2.1\n" },
		{ "case of class and type does not matter", "a 5 in a 192.0.2.1\n",
		  "a.example. 5 A 192.0.2.1\n" },
		{ "CLASS1 is IN and TYPE1 is A, RFC 3597 §5", "a 5 CLASS1 TYPE1 192.0.2.1\n",
		  "a.example. 5 A 192.0.2.1\n" },
		{ "every type can be written in octets, RFC 3597 §5",
		  "a 5 A \\# 4 C0000201\nb 5 TYPE731 \\# 6 abcd ( ef 01 23 45 )\nc 5 TYPE62347 \\# 0\n",
		  "a.example. 5 A 192.0.2.1\nb.example. 5 TYPE731 \\# 6 ABCDEF012345\n"
		  "c.example. 5 TYPE62347 \\# 0\n" },
		{ "row 93: a TTL may have units", "a 1w2d3h4m5s A 192.0.2.1\nb 1H A 192.0.2.1\n",
		  "a.example. 788645 A 192.0.2.1\nb.example. 3600 A 192.0.2.1\n" },
		{ "a TTL of 0 is one, RFC 2181 §8", "a 0 A 192.0.2.1\n",
		  "a.example. 0 A 192.0.2.1\n" },
		{ "2147483647 is the largest, RFC 2181 §8", "a 2147483647 A 192.0.2.1\n",
		  "a.example. 2147483647 A 192.0.2.1\n" },
	};
	static const struct row wrong[] = {
		{ "a type nobody knows", "a 5 FOO 192.0.2.1\n",
		  "zone:2:5: error: unknown record type 'FOO'\n" },
		{ "an address where the type is missing", "a 5 192.0.2.1\n",
		  "zone:2:5: error: unknown record type '192.0.2.1'\n" },
		{ "a second TTL is no type", "a 5 6 A 192.0.2.1\n",
		  "zone:2:5: error: unknown record type '6'\n" },
		{ "nor is a second class", "a IN IN A 192.0.2.1\n",
		  "zone:2:6: error: unknown record type 'IN'\n" },
		{ "an owner alone", "a\n", "zone:2:2: error: missing record type\n" },
		{ "an owner and a TTL", "a 5 IN ; A\n", "zone:2:7: error: missing record type\n" },
		{ "a class that is not served, RFC 1035 §5.2", "a 5 CH A 192.0.2.1\n",
		  "zone:2:5: error: zones are served in class IN only, not 'CH'\n" },
		{ "the same by number", "a CLASS4 5 A 192.0.2.1\n",
		  "zone:2:3: error: zones are served in class IN only, not 'CLASS4'\n" },
		{ "a type in quotes", "a 5 \"A\" 192.0.2.1\n",
		  "zone:2:6: error: TTL, class and type do not stand in quotes: 'A'\n" },
		{ "a class in quotes", "a \"IN\" A 192.0.2.1\n",
		  "zone:2:4: error: TTL, class and type do not stand in quotes: 'IN'\n" },
		{ "a TTL in quotes", "a \"5\" A 192.0.2.1\n",
		  "zone:2:4: error: TTL, class and type do not stand in quotes: '5'\n" },
		{ "an empty word in quotes", "a \"\" A 192.0.2.1\n",
		  "zone:2:4: error: TTL, class and type do not stand in quotes:\n" },
		{ "types of questions are no records, RFC 1035 §3.2.3",
		  "a 5 IN ANY \\# 0\na 5 AXFR x\n",
		  "zone:2:8: error: no zone has records of type 'ANY'\n"
		  "zone:3:5: error: no zone has records of type 'AXFR'\n" },
		{ "OPT belongs to messages, RFC 6891 §6.1.1", "a 5 OPT \\# 0\n",
		  "zone:2:5: error: no zone has records of type 'OPT'\n" },
		{ "type 0 is reserved, RFC 6895 §3.1", "a 5 TYPE0 \\# 0\n",
		  "zone:2:5: error: no zone has records of type 'TYPE0'\n" },
		{ "row 93: a TTL with more than 31 bits, RFC 2181 §8", "a 2147483648 A 192.0.2.1\n",
		  "zone:2:3: error: TTL larger than 2147483647: '2147483648'\n" },
		{ "row 93: a TTL with more than 32 bits", "a 4294967296 A 192.0.2.1\n",
		  "zone:2:3: error: TTL larger than 4294967295 '4294967296'\n" },
		{ "row 93: a unit that is none", "a 1x A 192.0.2.1\n",
		  "zone:2:3: error: bad TTL unit '1x'\n" },
		{ "row 93: a negative TTL", "a -1 A 192.0.2.1\n",
		  "zone:2:3: error: unknown record type '-1'\n" },
	};

	(void)state;
	EACH(rows, expect_records);
	EACH(wrong, expect_findings);
}

/*
 * RFC 1035 §5.1.  Headings that were read before are known again by their octets: each of these
 * must stay itself behind any others, some of which begin like it.
 */
static void a_heading_is_what_it_says_whatever_was_read_before(void **state)
{
	static const struct {
		const char *heading, *expected;
	} rows[] = {
		{ "A", "99 A 192.0.2.1" },
		{ "IN A", "99 A 192.0.2.1" },
		{ "IN  A", "99 A 192.0.2.1" },
		{ "in a", "99 A 192.0.2.1" },
		{ "AFSDB 0", "99 AFSDB 0 192.0.2.1.example." },
		{ "IN APL", NULL },
		{ "60 IN A", "60 A 192.0.2.1" },
		{ "600 IN A", "600 A 192.0.2.1" },
		{ "6 IN A", "6 A 192.0.2.1" },
		{ "IN 60 A", "60 A 192.0.2.1" },
		{ "IN NS", "99 NS 192.0.2.1.example." },
		{ "IN (NS", NULL },
		{ "( IN ; A\n NS )", "99 NS 192.0.2.1.example." },
		{ "IN \"A\"", NULL },
		{ "\"A\"", NULL },
		{ "1000000000 IN NS", "1000000000 NS 192.0.2.1.example." }, /* 16 octets */
		{ "1000000000 IN TXT", "1000000000 TXT \"192.0.2.1\"" },    /* 17 */
		{ "86400 IN CLASS1 A", NULL },
		{ "1000000000 IN A", "1000000000 A 192.0.2.1" },
		{ "1000000000 IN MX 5", "1000000000 MX 5 192.0.2.1.example." },
		{ "01000000000 CLASS1 TYPE1", "1000000000 A 192.0.2.1" },
	};
	struct random_source random = { 35 };

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		char body[1024] = "$TTL 99\n", expected[1024] = "";
		size_t used = strlen(body), printed = 0;
		bool is_good = true;

		for (unsigned j = 0; j < 9; j++) {
			size_t k = random_below(&random, sizeof rows / sizeof rows[0]);
			/* Most of what is random is good, so what is wrong has much in front of it. */
			if (!rows[k].expected && random_below(&random, 4) > 0)
				continue;
			used += (size_t)snprintf(body + used, sizeof body - used,
						 "n%u %s 192.0.2.1\n", j, rows[k].heading);
			is_good = is_good && rows[k].expected;
			if (rows[k].expected)
				printed += (size_t)snprintf(
					expected + printed, sizeof expected - printed,
					"n%u.example. %s\n", j, rows[k].expected);
		}
		struct zone_text *t = zone_text_body(body);
		expect_text(body, is_good ? zone_text_print(t) : "", is_good ? expected : "");
		assert_true(is_good == (t->octets != NULL));
		zone_text_free(t);
	}
}

static void ttl_defaults(void **state)
{
	static const struct {
		const char *rule, *text, *expected;
	} rows[] = {
		{ "$TTL is for all that follows and says nothing else, RFC 2308 §4",
		  "$TTL 7\n@ SOA ns root 1 2 3 4 5\na A 192.0.2.1\n$TTL 8\nb A 192.0.2.1\n",
		  "a.example. 7 A 192.0.2.1\nb.example. 8 A 192.0.2.1\n" },
		{ "$TTL wins over the last TTL that was stated, RFC 2308 §4",
		  "$TTL 7\n@ SOA ns root 1 2 3 4 5\na 9 A 192.0.2.1\nb A 192.0.2.1\n",
		  "a.example. 9 A 192.0.2.1\nb.example. 7 A 192.0.2.1\n" },
		{ "without $TTL the last one that was stated, RFC 1035 §5.1",
		  "@ 6 SOA ns root 1 2 3 4 5\na A 192.0.2.1\nb 9 A 192.0.2.1\nc A 192.0.2.1\n",
		  "a.example. 6 A 192.0.2.1\nb.example. 9 A 192.0.2.1\nc.example. 9 A 192.0.2.1\n" },
		{ "$TTL counts from where it stands",
		  "@ 6 SOA ns root 1 2 3 4 5\na A 192.0.2.1\n$TTL 8\nb A 192.0.2.1\n",
		  "a.example. 6 A 192.0.2.1\nb.example. 8 A 192.0.2.1\n" },
		{ "an SOA without any TTL has its MINIMUM, which is then the default as in BIND",
		  "@ SOA ns root 1 2 3 4 5\na A 192.0.2.1\nb 9 A 192.0.2.1\nc A 192.0.2.1\n",
		  "a.example. 5 A 192.0.2.1\nb.example. 9 A 192.0.2.1\nc.example. 5 A 192.0.2.1\n" },
		{ "$TTL may have units and zero",
		  "$TTL 1h30m\n@ SOA ns root 1 2 3 4 5\na A 192.0.2.1\n"
		  "$TTL 0\nb A 192.0.2.1\n",
		  "a.example. 5400 A 192.0.2.1\nb.example. 0 A 192.0.2.1\n" },
		{ "a MINIMUM beyond 31 bits loses the upper one",
		  "@ SOA ns root 1 2 3 4 4294967295\na A 192.0.2.1\n",
		  "a.example. 2147483647 A 192.0.2.1\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct zone_text *t = zone_text(rows[i].text);

		expect_text(rows[i].rule, text_str(&t->found), "");
		expect_text(rows[i].rule, zone_text_print(t), rows[i].expected);
		zone_text_free(t);
	}
}

static void names_in_record_data(void **state)
{
	static const struct row rows[] = {
		{ "relative names in RDATA get the origin", "@ 5 MX 10 mail\n",
		  "example. 5 MX 10 mail.example.\n" },
		{ "'@' in RDATA is the origin", "a 5 CNAME @\n", "a.example. 5 CNAME example.\n" },
		{ "the origin that is set then and there",
		  "a 5 CNAME x\n$ORIGIN sub\nb 5 CNAME x\n$ORIGIN sub\nc 5 CNAME x\n"
		  "$ORIGIN example.\nd 5 CNAME x\n",
		  "a.example. 5 CNAME x.example.\nd.example. 5 CNAME x.example.\n"
		  "b.sub.example. 5 CNAME x.sub.example.\n"
		  "c.sub.sub.example. 5 CNAME x.sub.sub.example.\n" },
		{ "the case of names in RDATA is kept", "a 5 NS Ns.EXAMPLE.\nb 5 NS ns.example.\n",
		  "a.example. 5 NS Ns.EXAMPLE.\nb.example. 5 NS ns.example.\n" },
		{ "'*' and '_' in RDATA mean nothing", "a 5 CNAME *.x\nb 5 PTR _y\n",
		  "a.example. 5 CNAME *.x.example.\nb.example. 5 PTR _y.example.\n" },
	};

	(void)state;
	EACH(rows, expect_records);
}

static void origin_directive(void **state)
{
	static const struct row rows[] = {
		{ "row 97: relative origins compose, RFC 1035 §5.1",
		  "$ORIGIN b\n$ORIGIN a\nx 5 A 192.0.2.1\n", "x.a.b.example. 5 A 192.0.2.1\n" },
		{ "$ORIGIN @ changes nothing", "$ORIGIN @\nx 5 A 192.0.2.1\n",
		  "x.example. 5 A 192.0.2.1\n" },
		{ "the same text under another origin is another name",
		  "x 5 A 192.0.2.1\n$ORIGIN sub\nx 5 A 192.0.2.2\n",
		  "x.sub.example. 5 A 192.0.2.2\nx.example. 5 A 192.0.2.1\n" },
		{ "directives in any case, with comments",
		  "$origin sub ; comment\n$Ttl 7;x\nx A 192.0.2.1\n",
		  "x.sub.example. 7 A 192.0.2.1\n" },
		{ "$ORIGIN in parentheses", "$ORIGIN (\n sub )\nx 5 A 192.0.2.1\n",
		  "x.sub.example. 5 A 192.0.2.1\n" },
		{ "the root may be an origin", "$ORIGIN .\nx.example 5 A 192.0.2.1\n",
		  "x.example. 5 A 192.0.2.1\n" },
	};
	static const struct row wrong[] = {
		{ "row 97: a directive nobody knows", "$UNKNOWN x\n",
		  "zone:2:1: error: unknown directive '$UNKNOWN'\n" },
		{ "a dollar alone", "$ x\n", "zone:2:1: error: unknown directive '$'\n" },
		{ "row 97: $TTL alone", "$TTL\n", "zone:2:5: error: missing time after $TTL\n" },
		{ "$ORIGIN alone", "$ORIGIN ; x\n",
		  "zone:2:8: error: missing domain name after $ORIGIN\n" },
		{ "two origins", "$ORIGIN a b\n",
		  "zone:2:11: error: unexpected text after $ORIGIN 'b'\n" },
		{ "two times", "$TTL 1 2\n", "zone:2:8: error: unexpected text after $TTL '2'\n" },
		{ "$TTL with what is no time", "$TTL x\n",
		  "zone:2:6: error: TTL does not begin with a digit 'x'\n" },
		{ "$TTL too large", "$TTL 2147483648\n",
		  "zone:2:6: error: TTL larger than 2147483647: '2147483648'\n" },
		{ "$ORIGIN with a bad name", "$ORIGIN a..b\n",
		  "zone:2:9: error: empty label in name 'a..b'\n" },
		{ "a directive behind a blank is no directive", " $TTL 5\n",
		  "zone:2:2: error: unknown record type '$TTL'\n" },
		{ "a directive in quotes is an owner", "\"$TTL\" 5\n",
		  "zone:2:2: error: an owner name does not stand in quotes '$TTL'\n" },
	};

	(void)state;
	EACH(rows, expect_records);
	EACH(wrong, expect_findings);
}

/* How a zone learns its name: from the user, from $ORIGIN, or from its SOA. */
static void the_origin_of_the_zone(void **state)
{
	static const struct {
		const char *rule, *origin, *text, *records, *findings;
	} rows[] = {
		{ "the origin is given by the user, with or without a final dot", "example",
		  "@ 5 SOA ns root 1 2 3 4 5\na 5 A 192.0.2.1\n", "a.example. 5 A 192.0.2.1\n",
		  "" },
		{ "the same, absolute", "example.", "@ 5 SOA ns root 1 2 3 4 5\na 5 A 192.0.2.1\n",
		  "a.example. 5 A 192.0.2.1\n", "" },
		{ "the root zone", ".", "@ 5 SOA ns root 1 2 3 4 5\na 5 A 192.0.2.1\n. 5 NS a\n",
		  ". 5 NS a.\na. 5 A 192.0.2.1\n", "" },
		{ "the root zone by $ORIGIN", NULL,
		  "$ORIGIN .\n@ 5 SOA ns root 1 2 3 4 5\na 5 A 192.0.2.1\n", "a. 5 A 192.0.2.1\n",
		  "" },
		{ "without one the SOA's owner names the zone", NULL,
		  "$ORIGIN example.\n@ 5 SOA ns root 1 2 3 4 5\na 5 A 192.0.2.1\n",
		  "a.example. 5 A 192.0.2.1\n", "" },
		{ "the zone may be deeper than $ORIGIN", NULL,
		  "$ORIGIN test.\nexample 5 SOA ns root 1 2 3 4 5\na.example 5 A 192.0.2.1\n",
		  "a.example.test. 5 A 192.0.2.1\n", "" },
		{ "without $ORIGIN either, names are relative to the SOA's owner, RDATA too", NULL,
		  "example. 5 SOA ns root 1 2 3 4 5\n 5 NS ns\nns 5 A 192.0.2.1\n",
		  "example. 5 NS ns.example.\nns.example. 5 A 192.0.2.1\n", "" },
		{ "a relative name before anything names the zone", NULL,
		  "@ 5 SOA ns root 1 2 3 4 5\n", "(no zone)",
		  "zone:1:1: error: relative name, but the zone's origin is not known '@'\n" },
		{ "an escaped dot at the end leaves a name relative", NULL,
		  "example\\. 5 SOA ns root 1 2 3 4 5\n", "(no zone)",
		  "zone:1:1: error: relative name, but the zone's origin is not known 'example\\.'\n" },
		{ "an escaped backslash before the dot does not", NULL,
		  "x\\\\. 5 SOA ns root 1 2 3 4 5\na 5 A 192.0.2.1\n", "a.x\\\\. 5 A 192.0.2.1\n",
		  "" },
		{ "a relative $ORIGIN with nothing to be relative to", NULL, "$ORIGIN example\n",
		  "(no zone)",
		  "zone:1:9: error: relative name, but the zone's origin is not known 'example'\n" },
		{ "the first record is the SOA where only it can name the zone", NULL,
		  "a.example. 5 A 192.0.2.1\n", "(no zone)",
		  "zone:1:1: error: the first record of a zone is its SOA record, not one of "
		  "'a.example.'\n" },
		{ "elsewhere the SOA may come last, RFC 1035 §5.2 says nothing else", "example",
		  "a 5 A 192.0.2.1\n@ 5 SOA ns root 1 2 3 4 5\n", "a.example. 5 A 192.0.2.1\n",
		  "" },
		{ "a zone of another name: row 85", "other",
		  "$ORIGIN example.\n@ 5 SOA ns root 1 2 3 4 5\n", "(no zone)",
		  "zone:2:1: warning: record of 'example.' ignored (out of zone)\n"
		  "zone:1:1: error: no SOA record at zone apex 'other.'\n" },
		{ "the given origin is no name", "a..b", "@ 5 SOA ns root 1 2 3 4 5\n", "(no zone)",
		  "zone: error: origin 'a..b': empty label in name\n" },
		{ "row 84: an empty file", "example", "", "(no zone)",
		  "zone:1:1: error: no SOA record at zone apex 'example.'\n" },
		{ "row 84: only comments", "example", "; a\n\n; b\n", "(no zone)",
		  "zone:1:1: error: no SOA record at zone apex 'example.'\n" },
		{ "row 84: an empty file, and nobody knows for which zone", NULL, "", "(no zone)",
		  "zone:1:1: error: no SOA record\n" },
		{ "row 92: the first record begins with a blank", "example",
		  " 5 SOA ns root 1 2 3 4 5\n", "(no zone)",
		  "zone:1:2: error: no owner name yet: a line that begins with a blank belongs to the "
		  "name above it, at '5'\n" },
		{ "RFC 1035 5.1: an owner is one for the next line, too, when its own data are bad",
		  "example", "a 5 A 192.0.2.x\n 5 A 192.0.2.1\n", "(no zone)",
		  "zone:1:7: error: invalid IPv4 address '192.0.2.x'\n" },
		{ "row 92: $TTL is no owner", "example", "$TTL 5\n IN SOA ns root 1 2 3 4 5\n",
		  "(no zone)",
		  "zone:2:2: error: no owner name yet: a line that begins with a blank belongs to the "
		  "name above it, at 'IN'\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct zone_text *t = zone_text_new(rows[i].text, strlen(rows[i].text));

		zone_text_read(t, rows[i].origin);
		expect_text(rows[i].rule, text_str(&t->found), rows[i].findings);
		expect_text(rows[i].rule, zone_text_print(t), rows[i].records);
		zone_text_free(t);
	}
}

/* security.md row 98: a record of another zone is left out, and a warning says so. */
static void records_out_of_the_zone(void **state)
{
	struct zone_text *t = zone_text_body("a.example.net. 5 A 192.0.2.1\n"
					     " 5 A 192.0.2.2\n"
					     "example.net. 5 TXT x\n"
					     "badexample. 5 TXT x\n"
					     "a 5 A 192.0.2.3\n"
					     " 5 A 192.0.2.4\n");

	(void)state;
	expect_text("one warning for each owner", text_str(&t->found),
		    "zone:2:1: warning: record of 'a.example.net.' ignored (out of zone)\n"
		    "zone:4:1: warning: record of 'example.net.' ignored (out of zone)\n"
		    "zone:5:1: warning: record of 'badexample.' ignored (out of zone)\n");
	expect_text("the rest is a zone", zone_text_print(t),
		    "a.example. 5 A 192.0.2.3\na.example. 5 A 192.0.2.4\n");
	assert_int_equal(t->diag.errors, 0);
	assert_int_equal(t->diag.warnings, 3);
	zone_text_free(t);
}

static void errors_have_a_place_and_a_reason(void **state)
{
	static const struct row rows[] = {
		{ "row 86: too few numbers", "www IN 5 A 1.2.3\n",
		  "zone:2:12: error: invalid IPv4 address '1.2.3'\n" },
		{ "row 86: a number too large", "www 5 A 1.2.3.256\n",
		  "zone:2:9: error: invalid IPv4 address '1.2.3.256'\n" },
		{ "row 86: zeros in front", "www 5 A 01.2.3.4\n",
		  "zone:2:9: error: invalid IPv4 address '01.2.3.4'\n" },
		{ "row 87: more words than the type has", "www 5 A 192.0.2.1 junk\n",
		  "zone:2:19: error: unexpected text after the record data 'junk'\n" },
		{ "row 88: a label longer than 63 octets", LABEL63 "x 5 A 192.0.2.1\n",
		  "zone:2:1: error: label longer than 63 octets 'abcdefghijklmnopqrstuvwxyzabcdef...'\n" },
		{ "row 88: longer than 255 octets with the origin", LABELS246 "x 5 A 192.0.2.1\n",
		  "zone:2:1: error: name longer than 255 octets (with origin) "
		  "'abcdefghijklmnopqrstuvwxyzabcdef...'\n" },
		{ "row 89: a number that is no octet", "a\\256 5 A 192.0.2.1\n",
		  "zone:2:1: error: bad \\DDD escape in name 'a\\256'\n" },
		{ "row 89: two digits", "a\\25 5 A 192.0.2.1\n",
		  "zone:2:1: error: bad \\DDD escape in name 'a\\25'\n" },
		{ "two dots in a row", "a..b 5 A 192.0.2.1\n",
		  "zone:2:1: error: empty label in name 'a..b'\n" },
		{ "a dot in front", ".a 5 A 192.0.2.1\n",
		  "zone:2:1: error: empty label in name '.a'\n" },
		{ "row 91: a string longer than 255 octets, RFC 1035 §3.3",
		  "a 5 TXT \"" LABEL63 LABEL63 LABEL63 LABEL63 "abcd\"\n",
		  "zone:2:10: error: string longer than 255 octets "
		  "'abcdefghijklmnopqrstuvwxyzabcdef...'\n" },
		{ "an owner in quotes", "\"a\" 5 A 192.0.2.1\n",
		  "zone:2:2: error: an owner name does not stand in quotes 'a'\n" },
		{ "row 101: fewer octets than \\# says", "a 5 TYPE65535 \\# 4 0A00\n",
		  "zone:2:18: error: length after \\# is not that of the data '4'\n" },
		{ "row 101: more than RDATA can have", "a 5 TYPE65535 \\# 65536 00\n",
		  "zone:2:18: error: record data longer than 65535 octets '65536'\n" },
		{ "nothing where RDATA should be", "a 5 A\n",
		  "zone:2:6: error: missing IPv4 address\n" },
		{ "an error in parentheses stands in its own line",
		  "a 5 MX ( ; x\n 10 ; y\n  m. x )\n",
		  "zone:4:6: error: unexpected text after the record data 'x'\n" },
		{ "columns count octets, a tab is one", "\t\t5\tA\tx\n",
		  "zone:2:7: error: invalid IPv4 address 'x'\n" },
		{ "the first error of a line is told, and the next line is read",
		  "a 5 A x y\nb 5 A z\n",
		  "zone:2:7: error: invalid IPv4 address 'x'\n"
		  "zone:3:7: error: invalid IPv4 address 'z'\n" },
		{ "what is not printable is escaped in messages", "a 5 A \x1b[2J\xff\n",
		  "zone:2:7: error: invalid IPv4 address '\\027[2J\\255'\n" },
	};

	(void)state;
	EACH(rows, expect_findings);
}

static void words_at_fault_are_underlined(void **state)
{
	struct zone_text *t = zone_text_body("www 5 A 1.2.3\n");

	(void)state;
	assert_int_equal(t->last.width, 5);
	assert_int_equal(t->last.severity, SEVERITY_ERROR);
	assert_string_equal(t->last_hint, "as in: A 192.0.2.1");
	zone_text_free(t);
	t = zone_text_body("www 5 A\n");
	assert_int_equal(t->last.width, 1);
	zone_text_free(t);
}

/* security.md row 100. */
static void odd_files(void **state)
{
	static const struct {
		const char *rule, *text;
		size_t size; /* 0: strlen */
		const char *records, *findings;
	} rows[] = {
		{ "CR LF is a line's end",
		  "@ 5 SOA ns root 1 2 3 4 5\r\na 5 A 192.0.2.1\r\n 5 TXT \"x\"\r\n\r\n", 0,
		  "a.example. 5 A 192.0.2.1\na.example. 5 TXT \"x\"\n", "" },
		{ "no newline at the end of the file", "@ 5 SOA ns root 1 2 3 4 5\na 5 A 192.0.2.1",
		  0, "a.example. 5 A 192.0.2.1\n", "" },
		{ "a byte order mark", "\xef\xbb\xbf@ 5 SOA ns root 1 2 3 4 5\n", 0, "(no zone)",
		  "zone:1:1: error: file starts with a UTF-8 byte order mark\n" },
		{ "a NUL octet has a place", "@ 5 SOA ns root 1 2 3 4 5\na 5 A \0 1.2.3.4\n", 42,
		  "(no zone)", "zone:2:7: error: NUL octet in text\n" },
		{ "a file whose lines end in CR alone is told so",
		  "@ 5 SOA ns root 1 2 3 4 5\ra 5 A 192.0.2.1\r", 0, "(no zone)",
		  "zone:1:26: error: carriage return inside a line\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t size = rows[i].size ? rows[i].size : strlen(rows[i].text);
		struct zone_text *t = zone_text_new(rows[i].text, size);

		zone_text_read(t, "example");
		expect_text(rows[i].rule, text_str(&t->found), rows[i].findings);
		expect_text(rows[i].rule, zone_text_print(t), rows[i].records);
		zone_text_free(t);
	}
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; (text = strchr(text, '\n')) != NULL; text++)
		lines++;
	return lines;
}

/* Row 100: what is no zone file at all is given up soon. */
static void a_binary_file_is_given_up(void **state)
{
	enum { SIZE = 1 << 20 };
	char *text = malloc(SIZE);
	uint32_t random = 1;

	(void)state;
	for (size_t i = 0; i < SIZE; i++) {
		random = random * 1103515245 + 12345;
		text[i] = (char)(random >> 16);
		if (text[i] == '(') /* which would make one entry of all the rest */
			text[i] = '[';
	}
	struct zone_text *t = zone_text_new(text, SIZE);
	zone_text_read(t, "example");
	assert_null(t->octets);
	assert_int_equal(t->diag.errors, DIAG_HOPELESS + 1); /* of some 4000 lines */
	assert_int_equal(count_lines(t->findings), DIAG_LIMIT);
	zone_text_free(t);
	for (size_t i = 0; i < SIZE; i += 4)
		memcpy(text + i, "a b\n", 4);
	t = zone_text_new(text, SIZE);
	zone_text_read(t, "example");
	assert_int_equal(t->diag.errors, DIAG_HOPELESS + 1);
	assert_int_equal(count_lines(t->findings), DIAG_LIMIT);
	zone_text_free(t);
	free(text);
}

static void a_long_line_of_nothing(void **state)
{
	enum { SIZE = 10 << 20 };
	char *text = malloc(SIZE);
	struct zone_text *t;

	(void)state;
	memset(text, 'a', SIZE);
	t = zone_text_new(text, SIZE);
	zone_text_read(t, "example");
	expect_text(
		"10 MiB without a newline", text_str(&t->found),
		"zone:1:1: error: label longer than 63 octets 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...'\n");
	zone_text_free(t);
	free(text);
}

static void a_file_that_cannot_be_read(void **state)
{
	struct zone_text *t = zone_text_new("", 0);

	(void)state;
	t->memory.at[0].problem = "it is on fire";
	zone_text_read(t, "example");
	expect_text("the reason is told", text_str(&t->found),
		    "zone: error: cannot read: it is on fire\n");
	zone_text_free(t);
	t = zone_text_new("", 0);
	t->zf.path = "other";
	zone_text_read(t, NULL);
	expect_text("no such file", text_str(&t->found),
		    "other: error: cannot read: no such file\n");
	zone_text_free(t);
}

static void errors_are_counted_beyond_those_shown(void **state)
{
	char body[64 * 20];
	size_t used = 0;

	(void)state;
	for (unsigned i = 0; i < 64; i++)
		used += (size_t)snprintf(body + used, sizeof body - used, "a%02u 5 A x\n", i);
	struct zone_text *t = zone_text_body(body);
	assert_int_equal(t->diag.errors, 64);
	assert_non_null(strstr(t->findings, "zone:21:9: error"));
	assert_null(strstr(t->findings, "zone:22:"));
	zone_text_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(owners),
		cmocka_unit_test(ttl_class_and_type),
		cmocka_unit_test(a_heading_is_what_it_says_whatever_was_read_before),
		cmocka_unit_test(ttl_defaults),
		cmocka_unit_test(names_in_record_data),
		cmocka_unit_test(origin_directive),
		cmocka_unit_test(the_origin_of_the_zone),
		cmocka_unit_test(records_out_of_the_zone),
		cmocka_unit_test(errors_have_a_place_and_a_reason),
		cmocka_unit_test(words_at_fault_are_underlined),
		cmocka_unit_test(odd_files),
		cmocka_unit_test(a_binary_file_is_given_up),
		cmocka_unit_test(a_long_line_of_nothing),
		cmocka_unit_test(a_file_that_cannot_be_read),
		cmocka_unit_test(errors_are_counted_beyond_those_shown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
