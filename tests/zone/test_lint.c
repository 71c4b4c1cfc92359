/*
 * test_lint.c -- for every id a zone in which it is found, and one in which it just is not.
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
#include "zone/zonefile.h"

/* A zone that nothing can be said about; the cases go on behind it, on line 5. */
#define BODY "$ORIGIN zone.org.\n$TTL 1h\n@ SOA ns h 1 3h 1h 1w 1h\n@ NS ns\nns A 198.51.100.1\n"

static char found[8192];
static struct text said;

static void keep(void *self, const struct finding *f)
{
	(void)self;
	text_format(&said, "%u:%u+%u %s %s\n", f->line, f->column, f->width,
		    f->severity == SEVERITY_NOTE ? "note" : "warning", f->id);
	assert_int_not_equal(f->severity, SEVERITY_ERROR);
}

struct lint_case {
	const char *rule, *text, *found;
};

static void expect(const struct lint_case *c, const char *origin)
{
	char text[4096] = BODY;

	if (!origin)
		strcat(text, c->text);
	struct zone_text *t =
		zone_text_new(origin ? c->text : text, strlen(origin ? c->text : text));
	said = text_init(found, sizeof found);
	t->diag.report = keep;
	t->zf.wants_lint = true;
	zone_text_read(t, origin ? origin : "zone.org.");
	assert_non_null(t->octets);
	expect_text(c->rule, found, c->found);
	zone_text_free(t);
}

static void expect_all(const struct lint_case *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(&cases[i], NULL);
}

#define EXPECT(...)                                              \
	do {                                                     \
		static const struct lint_case c[] = __VA_ARGS__; \
		expect_all(c, sizeof c / sizeof c[0]);           \
	} while (0)

static void a_good_zone_is_silent(void **state)
{
	(void)state;
	EXPECT({ { "nothing", "", "" } });
}

static void names_and_their_dots(void **state)
{
	(void)state;
	EXPECT({
		{ "an owner", "www.zone.org A 198.51.100.2\n", "6:1+12 warning missing-dot\n" },
		{ "an owner with its dot", "www.zone.org. A 198.51.100.2\n", "" },
		{ "a target", "@ MX 10 ns.zone.org\n", "6:9+11 warning missing-dot\n" },
		{ "a target of an alias", "w CNAME ns.zone.org\n", "6:9+11 warning missing-dot\n" },
		{ "a part of the name only", "w.org A 198.51.100.2\n", "" },
		{ "an end that is no label", "w.azone.org A 198.51.100.2\n", "" },
		{ "a name with '_'", "a_b A 198.51.100.2\n", "6:1+3 warning host-name\n" },
		{ "'_' without an address", "_x._tcp TXT a\n", "" },
		{ "'_' as a target", "@ MX 1 a_b.example.\n", "6:8+12 warning host-name\n" },
		{ "'*' within a label", "a* A 198.51.100.2\n", "6:1+2 warning star-in-name\n" },
		{ "a wildcard", "* A 198.51.100.2\n", "" },
		{ "'*' below which there are names", "*.w TXT a\na.*.w TXT b\n",
		  "6:1+3 warning star-in-name\n" },
		{ "a wildcard that is delegated", "*.w NS ns.example.\n",
		  "6:1+3 warning wildcard-delegation\n" },
	});
}

static void names_that_end_as_others_do(void **state)
{
	(void)state;
	EXPECT({
		{ "the world's", "@ MX 10 mail.other.com\n", "6:9+14 warning missing-dot\n" },
		{ "a country's", "w CNAME www.example.de\n", "6:9+14 warning missing-dot\n" },
		{ "a house's", "p PTR nas.LAN\n", "6:7+7 warning missing-dot\n" },
		{ "of a mail address", "@ RP me.mail.org t\n", "6:6+11 warning missing-dot\n" },
		{ "but of this zone", "x.com A 198.51.100.2\n@ MX 10 x.com\n", "" },
		{ "one label", "p PTR com\n", "" },
		{ "with its dot", "@ MX 10 mail.other.com.\n", "" },
		{ "two digits", "p PTR a.22\n", "" },
		{ "a name of this zone with its dot", "@ MX 1 mail.fr.zone.org.\n",
		  "6:8+17 warning target-missing\n" },
		{ "the zone itself", "p PTR @\n", "" },
	});
}

static void addresses_are_no_names(void **state)
{
	(void)state;
	EXPECT({
		{ "CNAME", "w CNAME 198.51.100.2\n", "6:9+12 warning target-address\n" },
		{ "MX, with a dot", "@ MX 1 198.51.100.2.\n", "6:8+13 warning target-address\n" },
		{ "IPv6", "@ NS 2001:db8::1\n", "6:6+11 warning target-address\n" },
		{ "a name in another zone", "w CNAME 1.2.0.192.in-addr.arpa.\n", "" },
		{ "three numbers", "w PTR 198.51.100\n", "" },
		{ "a name that is there", "198.51.100.2 TXT a\nw CNAME 198.51.100.2\n", "" },
	});
}

static void targets_are_hosts(void **state) /* RFC 2181 §10.3 */
{
	(void)state;
	EXPECT({
		{ "not there", "@ MX 10 mail\n", "6:9+4 warning target-missing\n" },
		{ "there", "@ MX 10 ns\n", "" },
		{ "elsewhere", "@ MX 10 mail.example.\n", "" },
		{ "made by a wildcard", "*.w A 198.51.100.2\n@ MX 10 a.w\n", "" },
		{ "below a DNAME", "d DNAME example.\n@ MX 10 a.d\n", "" },
		{ "below a delegation", "s NS ns.example.\n@ MX 10 a.s\n", "" },
		{ "none (RFC 7505)", "@ MX 0 .\n", "" },
		{ "an alias", "w CNAME ns\n@ NS w\n", "7:6+1 warning target-alias\n" },
		{ "no address", "t TXT a\n_x._tcp SRV 0 0 80 t\n",
		  "7:20+1 warning target-no-address\n" },
		{ "an alias that leads nowhere", "w CNAME x\n", "6:9+1 warning target-missing\n" },
		{ "an alias that leads to any data", "t TXT a\nw CNAME t\n", "" },
		{ "behind a parenthesis", "a A 198.51.100.2\n ( MX 10 mail )\n",
		  "7:4+1 warning target-missing\n" },
		{ "in several lines", "@ MX ( 10\n mail )\n", "7:2+4 warning target-missing\n" },
		{ "with class and TTL", "@ 60 IN MX 10 mail\n", "6:15+4 warning target-missing\n" },
		{ "with the owner above", "a A 198.51.100.2\n MX 10 mail\n",
		  "7:8+4 warning target-missing\n" },
		{ "made by $GENERATE", "$GENERATE 1-1 m$ MX 10 mail$\n",
		  "6:24+5 warning target-missing\n" },
		{ "made of numbers", "$GENERATE 1-1 $ MX 10 mail$\n",
		  "6:23+5 warning target-missing\n" },
	});
}

static void delegations_and_their_glue(void **state) /* RFC 9471 */
{
	(void)state;
	EXPECT({
		{ "no glue", "s NS ns.s\n", "6:6+4 warning glue-missing\n" },
		{ "glue", "s NS ns.s\nns.s A 198.51.100.2\n", "" },
		{ "at the cut itself", "s NS s\ns A 198.51.100.2\n", "" },
		{ "glue of nobody", "s NS ns.example.\nx.s A 198.51.100.2\n",
		  "7:1+3 warning glue-needless\n" },
		{ "other data below", "s NS ns.example.\nx.s TXT a\n",
		  "7:1+3 warning below-cut\n" },
		{ "signatures beside (RFC 4035 section 2.2)",
		  "s NS ns.example.\ns NSEC t NS RRSIG NSEC\n"
		  "s RRSIG NSEC 13 3 60 20260201000000 20260101000000 1 zone.org. AAAA\n",
		  "" },
		{ "other data beside", "s NS ns.example.\ns TXT a\n", "7:1+1 warning below-cut\n" },
		{ "DS beside",
		  "s NS ns.example.\ns DS 1 13 2 (\n"
		  " 0123456789ABCDEF0123456789ABCDEF"
		  "0123456789ABCDEF0123456789ABCDEF )\n",
		  "" },
	});
}

static void sets_of_records(void **state) /* RFC 2181 §5 */
{
	(void)state;
	EXPECT({
		{ "TTLs", "a 60 A 198.51.100.2\na A 198.51.100.3\n",
		  "7:1+1 warning ttl-differs\n" },
		{ "one TTL", "a 60 A 198.51.100.2\na 60 A 198.51.100.3\n", "" },
		{ "the first counts", "a 60 TXT b\na 90 TXT c\na 60 TXT d\n",
		  "7:1+1 warning ttl-differs\n" },
		{ "TTLs of types", "a 60 A 198.51.100.2\na TXT a\n", "" },
		{ "twice", "a A 198.51.100.2\nA A 198.51.100.2\n", "7:1+1 warning duplicate\n" },
		{ "names in any letters", "a MX 1 ns\na MX 1 NS\n", "7:1+1 warning duplicate\n" },
		{ "texts in these letters", "a TXT a\na TXT A\n", "" },
	});
}

static void texts_that_mean_something(void **state) /* RFC 7208 §3.3, 7489 §6, 6376 §3.6.1 */
{
	(void)state;
	EXPECT({
		{ "SPF without quotes", "@ TXT v=spf1 mx -all\n", "6:7+6 warning txt-spf\n" },
		{ "SPF in quotes", "@ TXT \"v=spf1 mx -all\"\n", "" },
		{ "SPF in parts", "@ TXT \"v=spf1 mx \" \"-all\"\n", "" },
		{ "SPF in parts without a blank", "@ TXT \"v=spf1 mx\" \"-all\"\n",
		  "6:8+9 warning txt-spf\n" },
		{ "SPF in parts within a word", "@ TXT \"v=spf1 mx:a\" \"-allied.org -all\"\n",
		  "" },
		{ "SPF that is nothing but its version, twice",
		  "a TXT v=spf1\na TXT \"v=spf1\" \"\"\n", "7:1+1 warning txt-spf\n" },
		{ "SPF beside what is another version",
		  "a TXT \"v=spf10 mx\"\na TXT \"v=spf1 -all\"\n", "6:8+10 warning txt-spf\n" },
		{ "a key that is being tried, and a policy of all keys",
		  "_domainkey TXT \"t=y\"\n_domainkey TXT \"o=~\"\n", "" },
		{ "SPF twice", "@ TXT \"v=spf1 mx\"\n@ TXT \"v=spf1 -all\"\n",
		  "7:1+1 warning txt-spf\n" },
		{ "DMARC cut by a comment", "_dmarc TXT v=DMARC1; p=none\n",
		  "6:12+8 warning txt-dmarc\n" },
		{ "DMARC in quotes", "_dmarc TXT \"v=DMARC1; p=none\"\n", "" },
		{ "DMARC elsewhere", "@ TXT \"v=DMARC1; p=none\"\n", "6:1+1 warning txt-dmarc\n" },
		{ "DKIM cut by a comment", "k._domainkey TXT v=DKIM1; p=abc\n",
		  "6:18+7 warning txt-dkim\n" },
		{ "DKIM in quotes", "k._domainkey TXT \"v=DKIM1; p=abc\"\n", "" },
	});
}

static void digests_of_certificates(void **state) /* RFC 6698 §2.1.3 */
{
	(void)state;
	EXPECT({
		{ "SHA-256 cut", "_1._tcp TLSA 3 1 1 abcd\n", "6:20+4 warning tlsa-digest\n" },
		{ "SHA-512 that is one of SHA-256",
		  "a SMIMEA 3 1 2 0123456789ABCDEF0123456789ABCDEF"
		  "0123456789ABCDEF0123456789ABCDEF\n",
		  "6:16+64 warning tlsa-digest\n" },
		{ "SHA-256",
		  "a SMIMEA 3 1 1 0123456789ABCDEF0123456789ABCDEF"
		  "0123456789ABCDEF0123456789ABCDEF\n",
		  "" },
		{ "no digest", "_1._tcp TLSA 3 1 0 abcd\n", "" },
	});
}

/* The text is the whole file; it was changed at some time, and it is some time now. */
static void expect_file(const struct lint_case *c, int64_t now_s, int64_t modified_s)
{
	struct zone_text *t = zone_text_new(c->text, strlen(c->text));

	said = text_init(found, sizeof found);
	t->diag.report = keep;
	t->zf.wants_lint = true;
	t->zf.now_s = now_s;
	t->memory.at[0].modified_s = modified_s;
	zone_text_read(t, "zone.org.");
	assert_non_null(t->octets);
	expect_text(c->rule, found, c->found);
	zone_text_free(t);
}

static void a_zone_says_its_ttl(void **state) /* RFC 2308 §4 */
{
	static const struct lint_case cases[] = {
		{ "MINIMUM", "@ SOA ns.a. h 1 2 3 4 5\n TXT a\nb TXT a\n",
		  "1:1+1 warning no-ttl\n" },
		{ "the last one", "@ 60 SOA ns.a. h 1 2 3 4 5\n NS ns.a.\nb TXT a\n",
		  "2:2+2 warning no-ttl\n" },
		{ "each has its own", "@ 60 SOA ns.a. h 1 2 3 4 5\nb 60 TXT a\n", "" },
		{ "$TTL behind the SOA", "@ SOA ns.a. h 1 2 3 4 5\n$TTL 60\nb TXT a\n", "" },
		{ "each of $GENERATE", "@ 60 SOA ns.a. h 1 2 3 4 5\n$GENERATE 1-3 b$ TXT a\n",
		  "2:15+2 warning no-ttl\n" },
		{ "below a delegation",
		  "@ 60 SOA ns.a. h 1 2 3 4 5\ns 60 NS n.s\nn.s A 198.51.100.1\n",
		  "3:1+3 warning no-ttl\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_file(&cases[i], 0, 0);
}

static void serials_that_are_dates(void **state)
{
	enum { MARCH_4 = 1772582400, DAY = 86400 }; /* 2026-03-04 00:00:00 */
	static const struct {
		const char *rule, *serial;
		int64_t now_s, modified_s;
		bool noted;
	} cases[] = {
		{ "of today", "2026030400", MARCH_4, MARCH_4, false },
		{ "of tomorrow, where days begin earlier", "2026030599", MARCH_4, MARCH_4, false },
		{ "of the day after tomorrow", "2026030600", MARCH_4 + DAY - 1, MARCH_4, true },
		{ "of the day before the change", "2026030300", MARCH_4 + DAY - 1,
		  MARCH_4 + DAY - 1, false },
		{ "of two days before it", "2026030299", MARCH_4, MARCH_4, true },
		{ "of the last year's end", "2025123100", MARCH_4, MARCH_4, true },
		{ "no date: a month 13", "2027130100", MARCH_4, MARCH_4, false },
		{ "no date: a day 0", "2027010000", MARCH_4, MARCH_4, false },
		{ "no date: a day 32", "2027013200", MARCH_4, MARCH_4, false },
		{ "no date: a number", "1772582400", MARCH_4, MARCH_4, false },
		{ "no date: from before there were any", "1986123199", MARCH_4, MARCH_4, false },
		{ "the clock has not been set", "2027010100", 5, MARCH_4, false },
		{ "nobody knows the time of the file", "2027010100", MARCH_4, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[64];
		struct lint_case c = { cases[i].rule, text,
				       cases[i].noted ? "1:15+10 note serial-date\n" : "" };

		snprintf(text, sizeof text, "@ 60 SOA a. h %s 2 3 4 5\n", cases[i].serial);
		expect_file(&c, cases[i].now_s, cases[i].modified_s);
	}
}

static void private_addresses_are_noted_in_public_zones(void **state)
{
	static const struct lint_case lan = {
		"home.arpa", "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 10.0.0.1\n", ""
	};

	(void)state;
	EXPECT({
		{ "IPv4", "a A 10.0.0.1\n", "6:5+8 note private-address\n" },
		{ "IPv6", "a AAAA fd00::1\n", "6:8+7 note private-address\n" },
		{ "public", "a AAAA 2001:db8::1\n", "" },
	});
	expect(&lan, "home.arpa.");
	expect(&lan, "hello.");
}

#define LETTERS50 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee"

/* A name that stands behind itself has to be one, and another one than it was. */
static void neither_the_root_nor_a_very_long_name_is_looked_for_twice(void **state)
{
	static const struct lint_case root = {
		"the root",
		"@ 60 SOA ns.org. h.org. 1 2 3 4 5\n@ 60 NS ns.org.\n"
		"ns.org. 60 A 198.51.100.1\norg.org. 60 A 198.51.100.2\n",
		""
	};
	static const struct lint_case wide = {
		"130 octets", "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 198.51.100.1\n", ""
	};

	(void)state;
	expect(&root, ".");
	expect(&wide, LETTERS50 "." LETTERS50 "." LETTERS50 ".org.");
}

/* RFC 4592 section 2.1.1: an asterisk is one of a wildcard within its zone; a zone may be called so. */
static void a_zone_may_have_the_name_of_a_wildcard(void **state)
{
	static const struct lint_case star = {
		"the apex", "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 198.51.100.1\n", ""
	};

	(void)state;
	expect(&star, "*.zone.org.");
}

static void the_soa(void **state)
{
	static const struct lint_case cases[] = {
		{ "a mail address (RFC 1035 section 3.3.13)",
		  "@ 60 SOA ns h@zone.org. 1 2 3 4 5\n@ 60 NS ns\nns 60 A 198.51.100.1\n",
		  "1:13+11 warning soa-mail\n" },
		{ "more than a day",
		  "@ 60 SOA ns h 1 2 3 4 86401\n@ 60 NS ns\nns 60 A 198.51.100.1\n",
		  "1:23+5 warning minimum-long\n" },
		{ "a day", "@ 60 SOA ns h 1 2 3 4 1d\n@ 60 NS ns\nns 60 A 198.51.100.1\n", "" },
		{ "a forgotten dot",
		  "@ 60 SOA ns.zone.org h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 198.51.100.1\n",
		  "1:10+11 warning missing-dot\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect(&cases[i], "zone.org.");
}

static void lint_finds_nothing_that_makes_a_zone_bad(void **state)
{
	struct zone_text *t = zone_text_new("@ 60 SOA ns h 1 2 3 4 5\na 60 A 1.2.3\n", 37);

	(void)state;
	t->zf.wants_lint = true;
	zone_text_read(t, "zone.org.");
	assert_null(t->octets);
	assert_int_equal(t->diag.warnings + t->diag.notes, 0); /* errors come first, alone */
	zone_text_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_zone_is_silent),
		cmocka_unit_test(names_and_their_dots),
		cmocka_unit_test(names_that_end_as_others_do),
		cmocka_unit_test(addresses_are_no_names),
		cmocka_unit_test(targets_are_hosts),
		cmocka_unit_test(delegations_and_their_glue),
		cmocka_unit_test(sets_of_records),
		cmocka_unit_test(texts_that_mean_something),
		cmocka_unit_test(digests_of_certificates),
		cmocka_unit_test(a_zone_says_its_ttl),
		cmocka_unit_test(serials_that_are_dates),
		cmocka_unit_test(private_addresses_are_noted_in_public_zones),
		cmocka_unit_test(neither_the_root_nor_a_very_long_name_is_looked_for_twice),
		cmocka_unit_test(a_zone_may_have_the_name_of_a_wildcard),
		cmocka_unit_test(the_soa),
		cmocka_unit_test(lint_finds_nothing_that_makes_a_zone_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
