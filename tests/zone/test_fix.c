/*
 * test_fix.c -- what is mended in a text, what is not, and that all else stays octet for octet.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/guard.h"
#include "support/zone_text.h"
#include "zone/fix.h"

enum { ROUNDS = 8, TEXT_SIZE = 32768 };

/* ------ edits ------ */

#define TEXT "one\ntwo\nthree\nfour"

static struct source source_of(const char *text, uint32_t base)
{
	size_t n = strlen(text);

	return (struct source){ "z", guard_copy(text, n), n, base, false, NULL };
}

static const char *applied(const struct source *s, const struct fixes *f)
{
	static uint8_t room[256];
	size_t count;
	const struct edit *edits = fixes_of(f, s, &count);
	struct writer out = writer_init(room, fix_room(s->size, count));

	fix_apply(s, edits, count, &out);
	assert_false(out.full);
	room[writer_size(&out)] = '\0';
	return (const char *)room;
}

static void edits_change_what_they_say_and_nothing_else(void **state)
{
	static const struct {
		const char *rule, *expect;
		struct edit edits[4];
	} cases[] = {
		{ "nothing", TEXT, { { 0, 0, "" } } },
		{ "something comes in front", "0ne\ntwo\nthree\nfour", { { 1000, 1, "0" } } },
		{ "at the end", TEXT ".", { { 1000 + 18, 0, "." } } },
		{ "the last line goes", "one\ntwo\nthree\n", { { 1014, 4, "" } } },
		{ "all goes", "", { { 1000, 18, "" } } },
		{ "in any order",
		  "on.e\ntw0\nthree\nfour",
		  { { 1006, 1, "0" }, { 1002, 0, "." } } },
		{ "twice the same is once",
		  "one.\ntwo\nthree\nfour",
		  { { 1003, 0, "." }, { 1003, 0, "." } } },
		{ "of one place the largest",
		  "two\nthree\nfour",
		  { { 1000, 0, "x" }, { 1000, 4, "" } } },
		{ "what goes is not changed",
		  "two\nthree\nfour",
		  { { 1001, 1, "N" }, { 1000, 4, "" }, { 1003, 0, "." } } },
		{ "nothing comes behind what goes",
		  "one\ntwo\nthree\n",
		  { { 1014, 4, "" }, { 1018, 0, "." } } },
		{ "one behind the other", "three\nfour", { { 1004, 4, "" }, { 1000, 4, "" } } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct source s = source_of(TEXT, 1000);
		struct fixes f = { 0 };

		for (size_t k = 0; k < 4; k++)
			if (cases[i].edits[k].place)
				fixes_add(&f, cases[i].edits[k].place, cases[i].edits[k].size,
					  cases[i].edits[k].with);
		assert_true(fixes_settle(&f));
		expect_text(cases[i].rule, applied(&s, &f), cases[i].expect);
		fixes_free(&f);
		guard_release();
	}
}

static void each_text_has_its_own_edits(void **state)
{
	struct fixes f = { 0 };
	struct source a = { "a", (const uint8_t *)"ab", 2, 0, false, NULL };
	struct source b = { "b", (const uint8_t *)"cd", 2, 3, false, NULL };
	struct source c = { "c", (const uint8_t *)"ef", 2, 6, false, NULL };

	(void)state;
	for (unsigned i = 0; i < 100; i++) { /* more than there is room for at first */
		fixes_add(&f, 6, 0, "3");
		fixes_add(&f, 0, 1, "1");
		fixes_add(&f, 2, 0, "2");
	}
	assert_true(fixes_settle(&f));
	assert_int_equal(f.count, 3);
	assert_string_equal(applied(&a, &f), "1b2");
	assert_string_equal(applied(&b, &f), "cd");
	assert_string_equal(applied(&c, &f), "3ef");
	fixes_free(&f);
}

static void a_hunk_is_the_lines_that_change(void **state)
{
	struct fixes f = { 0 };
	struct source s = source_of(TEXT, 1000);
	static const struct {
		size_t start, size, count;
	} expect[] = { { 0, 4, 2 }, { 4, 10, 2 }, { 14, 4, 1 } };
	size_t count;

	(void)state;
	fixes_add(&f, 1000, 0, "x");
	fixes_add(&f, 1003, 0, "x");      /* the end of line 1 */
	fixes_add(&f, 1006, 3, "");       /* from line 2 into line 3 */
	fixes_add(&f, 1012, 0, "x");      /* in line 3 */
	fixes_add(&f, 1000 + 18, 0, "x"); /* behind all of it */
	assert_true(fixes_settle(&f));
	const struct edit *edits = fixes_of(&f, &s, &count);
	for (size_t i = 0; i < 3; i++) {
		struct hunk h = fix_next(&s, &edits, &count);

		assert_ptr_equal(h.was.text, s.text + expect[i].start);
		assert_int_equal(h.was.base, 1000 + expect[i].start);
		assert_int_equal(h.was.size, expect[i].size);
		assert_int_equal(h.count, expect[i].count);
	}
	assert_int_equal(count, 0);
	fixes_free(&f);
	guard_release();
}

/* ------ zones ------ */

static bool may_change(void *self, const struct source *source)
{
	(void)self;
	return strcmp(source->file, "shared") != 0;
}

/* A text with its edits, in place. */
static void mend_text(const struct fixes *f, const struct source *s, char text[TEXT_SIZE])
{
	char *fixed = calloc(1, TEXT_SIZE);
	size_t count;
	const struct edit *edits = fixes_of(f, s, &count);
	struct writer out = writer_init((uint8_t *)fixed, TEXT_SIZE - 1);

	fix_apply(s, edits, count, &out);
	memcpy(text, fixed, TEXT_SIZE);
	free(fixed);
}

/*
 * Reads a zone; its text, and that of what it includes, with all edits replaces
 * them.  How many edits there were.
 */
static size_t mend(char text[TEXT_SIZE], char more[TEXT_SIZE], char *found, char *records)
{
	struct zone_text *t = zone_text_new(text, strlen(text));
	struct fixes f = { .may_change = may_change };

	memory_files_add(&t->memory, "more", more, strlen(more));
	memory_files_add(&t->memory, "shared", more, strlen(more));
	t->zf.wants_lint = true;
	t->zf.fixes = &f;
	zone_text_read(t, "zone.org.");
	if (!t->octets || t->diag.errors)
		fail_msg("not a zone: %s\n%s", text_str(&t->found), text);
	assert_true(fixes_settle(&f));
	mend_text(&f, &t->zf.sources.at[0], text);
	if (t->zf.sources.count > 1)
		mend_text(&f, &t->zf.sources.at[1], more);
	size_t edits = f.count;
	strcpy(found, text_str(&t->found));
	strcpy(records, zone_text_print(t));
	fixes_free(&f);
	zone_text_free(t);
	return edits;
}

enum served { SAME, OTHER };

struct fix_case {
	const char *rule, *was, *is; /* NULL: it stays what it is */
	enum served served;
	const char *more; /* the files "more" and "shared" */
};

static void expect(const struct fix_case *c, const char *head)
{
	static char text[TEXT_SIZE], is[TEXT_SIZE], more[TEXT_SIZE], found[TEXT_SIZE];
	static char before[256 * 1024], after[256 * 1024];
	unsigned rounds = 0;

	strcpy(more, c->more ? c->more : "");
	strcpy(text, head);
	strcat(text, c->was);
	strcpy(is, head);
	strcat(is, c->is ? c->is : c->was);
	size_t edits = mend(text, more, found, before);
	if ((c->is == NULL) != (edits == 0))
		fail_msg("%s: %zu edits\n%s", c->rule, edits, found);
	if (found[0] == '\0')
		fail_msg("%s: nothing was found at all", c->rule);
	do /* what has been mended is found no more, and stays as it is */
		edits = mend(text, more, found, after);
	while (edits > 0 && ++rounds < ROUNDS);
	assert_true(rounds < ROUNDS);
	expect_text(c->rule, text, is);
	if ((strcmp(before, after) == 0) != (c->served == SAME))
		fail_msg("%s\nserved before\n%s\nand after\n%s", c->rule, before, after);
}

#define HEAD "$TTL 1h\n@ SOA ns h 1 3h 1h 1w 1h\n@ NS ns\nns A 198.51.100.1\n"

#define EXPECT(...)                                                         \
	do {                                                                \
		static const struct fix_case cases[] = __VA_ARGS__;         \
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) \
			expect(&cases[i], HEAD);                            \
	} while (0)

static void a_forgotten_dot_is_added(void **state)
{
	(void)state;
	EXPECT({
		{ "to an owner", "www.zone.org  A 198.51.100.2 ; x\n",
		  "www.zone.org.  A 198.51.100.2 ; x\n", OTHER, NULL },
		{ "in each entry of that name, in any letters",
		  "www.zone.org A 198.51.100.2\n\tTXT a\nWWW.Zone.Org TXT b\n",
		  "www.zone.org. A 198.51.100.2\n\tTXT a\nWWW.Zone.Org. TXT b\n", OTHER, NULL },
		{ "to the zone's own name", "zone.org MX 0 .\n", "zone.org. MX 0 .\n", OTHER,
		  NULL },
		{ "to a target", "@ MX 10 ( ns.zone.org )\r\n", "@ MX 10 ( ns.zone.org. )\r\n",
		  OTHER, NULL },
		{ "to a target at the end of the file", "w CNAME ns.zone.org",
		  "w CNAME ns.zone.org.", OTHER, NULL },
		{ "to both", "w.zone.org CNAME ns.zone.org\n", "w.zone.org. CNAME ns.zone.org.\n",
		  OTHER, NULL },
		{ "to a name and to those that lead to it",
		  "b CNAME w.zone.org\nw.zone.org A 198.51.100.2\n",
		  "b CNAME w.zone.org.\nw.zone.org. A 198.51.100.2\n", OTHER, NULL },
		{ "where there are other records", "w A 198.51.100.2\nw.zone.org TXT a\n",
		  "w A 198.51.100.2\nw.zone.org. TXT a\n", OTHER, NULL },
		{ "and a copy that this brings to light goes",
		  "w A 198.51.100.2\nw.zone.org A 198.51.100.2\n", "w A 198.51.100.2\n", OTHER,
		  NULL },
		{ "and so on", "zone.org NS ns.zone.org\n", "", OTHER, NULL },
		{ "to a delegation", "s.zone.org NS ns.example.\n", "s.zone.org. NS ns.example.\n",
		  OTHER, NULL },
		{ "in several lines, below a parenthesis that closes",
		  "a TXT ( b\n)\n\n ; (\nw.zone.org TXT ( a\n b )\n",
		  "a TXT ( b\n)\n\n ; (\nw.zone.org. TXT ( a\n b )\n", OTHER, NULL },
		{ "in an included file", "$INCLUDE more\n", "$INCLUDE more\n", OTHER,
		  "w.zone.org TXT a" },
	});
}

static void a_dot_is_not_added_where_something_else_may_be_meant(void **state)
{
	(void)state;
	EXPECT({
		{ "$ORIGIN lacks it", "$ORIGIN zone.org\nw A 198.51.100.2\nb CNAME w\n", NULL, SAME,
		  NULL },
		{ "the name is absolute", "w.zone.org.zone.org. A 198.51.100.2\n", NULL, SAME,
		  NULL },
		{ "or one of its entries",
		  "w.zone.org.zone.org. A 198.51.100.2\nw.zone.org TXT a\n", NULL, SAME, NULL },
		{ "so what leads there is right",
		  "w.zone.org.zone.org. A 198.51.100.2\nb CNAME w.zone.org\n", NULL, SAME, NULL },
		{ "three times", "w.zone.org.zone.org A 198.51.100.2\n", NULL, SAME, NULL },
		{ "made by $GENERATE", "$GENERATE 1-2 w$.zone.org A 198.51.100.$\n", NULL, SAME,
		  NULL },
		{ "made by $GENERATE, the target alone", "$GENERATE 1-2 w$ CNAME ns.zone.org\n",
		  NULL, SAME, NULL },
		{ "an alias beside others", "w A 198.51.100.2\nw.zone.org CNAME ns\n", NULL, SAME,
		  NULL },
		{ "others beside an alias", "w CNAME ns\nw.zone.org A 198.51.100.2\n", NULL, SAME,
		  NULL },
		{ "a DNAME above names", "a.w A 198.51.100.2\nw.zone.org DNAME example.\n", NULL,
		  SAME, NULL },
		{ "a delegation above names", "a.w A 198.51.100.2\nw.zone.org NS ns.example.\n",
		  NULL, SAME, NULL },
		{ "below a delegation", "s NS ns.example.\nw.s.zone.org TXT a\n", NULL, SAME,
		  NULL },
		{ "below a DNAME", "s DNAME example.\nw.s.zone.org TXT a\n", NULL, SAME, NULL },
		{ "with another TTL", "w A 198.51.100.2\nw.zone.org 60 A 198.51.100.3\n", NULL,
		  SAME, NULL },
		{ "behind an open parenthesis", "(\nw.zone.org A 198.51.100.2 )\n", NULL, SAME,
		  NULL },
		{ "in parentheses", "(\n w.zone.org A 198.51.100.2\n)\n", NULL, SAME, NULL },
		{ "behind the end of one and the begin of another",
		  "a TXT ( b\n) ( ) \nw.zone.org A 198.51.100.2\n", NULL, SAME, NULL },
		{ "in a file for others, too", "$INCLUDE shared\n", NULL, SAME,
		  "w.zone.org TXT a\n" },
		{ "partly in such a file", "$INCLUDE shared\nw.zone.org TXT b\n", NULL, SAME,
		  "w.zone.org TXT a\n" },
	});
}

/* In a zone of one label a host may well have the zone's name. */
static void one_label_is_no_forgotten_dot(void **state)
{
	static char text[TEXT_SIZE] = "@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\nns 60 A 10.0.0.1\n"
				      "lan 60 A 10.0.0.2\nw 60 CNAME lan\n";
	struct zone_text *t = zone_text_new(text, strlen(text));
	struct fixes f = { .may_change = may_change };

	(void)state;
	t->zf.wants_lint = true;
	t->zf.fixes = &f;
	zone_text_read(t, "lan.");
	assert_int_equal(t->diag.warnings, 2);
	assert_int_equal(f.count, 0);
	fixes_free(&f);
	zone_text_free(t);
}

static void a_copy_goes_with_its_line(void **state)
{
	(void)state;
	EXPECT({
		{ "the later one", "a A 198.51.100.2 ; x\na TXT b\nA  A 198.51.100.2\n; y\n",
		  "a A 198.51.100.2 ; x\na TXT b\n; y\n", SAME, NULL },
		{ "all later ones", "a TXT b\na TXT b\na TXT b\na TXT b\n", "a TXT b\n", SAME,
		  NULL },
		{ "with CR LF", "a TXT b\r\na TXT b\r\nc TXT d\r\n", "a TXT b\r\nc TXT d\r\n", SAME,
		  NULL },
		{ "without any end", "a TXT b\na TXT b", "a TXT b\n", SAME, NULL },
		{ "whatever else is wrong with it", "a MX 1 ns.zone.org\na MX 1 ns.zone.org",
		  "a MX 1 ns.zone.org.\n", OTHER, NULL },
		{ "of several lines", "a MX 1 ns\na MX ( 1\n\n NS )\nc TXT d\n",
		  "a MX 1 ns\nc TXT d\n", SAME, NULL },
		{ "without an owner", "a TXT b\n  TXT b\n  TXT c\n", "a TXT b\n  TXT c\n", SAME,
		  NULL },
		{ "its TTL does not matter", "a TXT b\na 60 TXT b\n", "a TXT b\n", SAME, NULL },
		{ "a semicolon in quotes is no comment", "a TXT \"b;c\"\na TXT \"b;c\"\n",
		  "a TXT \"b;c\"\n", SAME, NULL },
		{ "the last of a file before another owner", "a TXT b\na TXT b\n$TTL 2h\nc TXT d\n",
		  "a TXT b\n$TTL 2h\nc TXT d\n", SAME, NULL },
		{ "first those without an owner, then the one above",
		  "a TXT b\nb TXT b\na TXT b\n TXT b\nc TXT d\n", "a TXT b\nb TXT b\nc TXT d\n",
		  SAME, NULL },
		{ "in an included file", "$INCLUDE more\n TXT d", "$INCLUDE more\n TXT d", SAME,
		  "a TXT b\na TXT b\n" },
	});
}

static void a_copy_stays_that_something_depends_on(void **state)
{
	(void)state;
	EXPECT({
		{ "the owner of the next line", "a TXT b\nc TXT d\na TXT b\n TXT e\n", NULL, SAME,
		  NULL },
		{ "behind a directive", "a TXT b\nc TXT d\na TXT b\n$TTL 1h\n TXT e\n", NULL, SAME,
		  NULL },
		{ "in an included file", "a TXT b\nc TXT d\na TXT b\n$INCLUDE more\n", NULL, SAME,
		  " TXT e\n" },
		{ "a comment", "a TXT b\na TXT b ; as Anna wished\n", NULL, SAME, NULL },
		{ "a comment inside", "a TXT b\na TXT ( ; x\n b )\n", NULL, SAME, NULL },
		{ "made by $GENERATE", "$GENERATE 1-2 a TXT b\n", NULL, SAME, NULL },
		{ "of what $GENERATE made", "$GENERATE 1-1 a TXT b\na TXT b\n", NULL, SAME, NULL },
		{ "in two files", "$INCLUDE more\na TXT b\n", NULL, SAME, "a TXT b\n" },
		{ "in a file for others, too", "$INCLUDE shared\n", NULL, SAME,
		  "a TXT b\na TXT b\n" },
	});
}

static void a_ttl_becomes_that_of_the_first(void **state)
{
	(void)state;
	EXPECT({
		{ "in seconds", "a TXT b\na 60 IN TXT c\na IN 1D  TXT d ; 60\n",
		  "a TXT b\na 3600 IN TXT c\na IN 3600  TXT d ; 60\n", SAME, NULL },
		{ "without an owner", "a 7 TXT b\n  60 TXT c\n", "a 7 TXT b\n  7 TXT c\n", SAME,
		  NULL },
		{ "the first alone counts", "a 7 TXT b\na 60 TXT c\na 7 TXT d\n",
		  "a 7 TXT b\na 7 TXT c\na 7 TXT d\n", SAME, NULL },
		{ "the class may come first", "a IN 7 TXT b\na IN 60 TXT c\n",
		  "a IN 7 TXT b\na IN 7 TXT c\n", SAME, NULL },
		{ "an owner of digits is none", "60 7 TXT b\n60 8 TXT 9\n",
		  "60 7 TXT b\n60 7 TXT 9\n", SAME, NULL },
	});
}

static void a_ttl_stays_that_is_not_stated_or_serves_others(void **state)
{
	static const struct fix_case last = { "the next record takes it",
					      "a 60 TXT b\na 90 TXT c\nd TXT e\n", NULL, SAME,
					      NULL };
	static const struct fix_case copy = { "a copy's, too", "a 60 TXT b\na 90 TXT b\nd TXT e\n",
					      NULL, SAME, NULL };

	(void)state;
	EXPECT({
		{ "not stated", "a 60 TXT b\na TXT c\n", NULL, SAME, NULL },
		{ "in two files", "$INCLUDE more\na 60 TXT b\n", NULL, SAME, "a TXT c\n" },
		{ "made by $GENERATE", "a TXT c\n$GENERATE 1-1 a 60 TXT $\n", NULL, SAME, NULL },
	});
	expect(&last, "@ 9 SOA ns h 1 2 3 4 5\n@ NS ns\nns A 198.51.100.1\n");
	expect(&copy, "@ 9 SOA ns h 1 2 3 4 5\n@ NS ns\nns A 198.51.100.1\n");
}

/* No more than 64 records of a name are compared: with more of them, what is left would be a matter of luck. */
static void names_with_many_records_are_left_alone(void **state)
{
	static char text[TEXT_SIZE], moved[TEXT_SIZE] = "b CNAME a.zone.org\n";
	struct fix_case c = { "65 records", text, NULL, SAME, NULL };
	struct fix_case owner = { "65 records without a dot", moved, NULL, SAME, NULL };

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		struct text out = text_init(text + strlen(text), 64);

		struct text other = text_init(moved + strlen(moved), 64);

		text_format(&other, "a.zone.org TXT %u\n", i);
		text_format(&out, "a %s TXT %u\n", i == 3 ? "60" : "", i < 10 ? 1 : i);
	}
	strcat(text, "a TXT 64\n");
	strcat(moved, " TXT 64\n");
	expect(&c, HEAD);
	expect(&owner, HEAD);
}

static void the_mail_address_of_the_soa(void **state) /* RFC 1035 §8 */
{
	static const struct {
		const char *was, *is;
	} cases[] = {
		{ "h@zone.org.", "h.zone.org." },
		{ "first.last@zone.org.", "first\\.last.zone.org." },
		{ "a.b\\.c@x.example.", "a\\.b\\.c.x.example." },
		{ "h@zone.org", "h.zone.org." },
		{ "h@mail.Zone.Org", "h.mail.Zone.Org." },
		{ "h@example.com", NULL },
		{ "h@mail", NULL },
		{ "h@", NULL },
		{ "h@.", NULL },
		{ "h.@zone.org.", NULL },
		{ "h\\@x.zone.org.", NULL },
		{ "a@b@zone.org.", NULL },
		{ "h\\064zone.org.", NULL },
		{ "@x.zone.org.", NULL },
		{ "a.0123456789012345678901234567890123456789012345678901234567@zone.org.",
		  "a\\.0123456789012345678901234567890123456789012345678901234567.zone.org." },
		{ "012345678901234567890123456789.0123456789012345678901234567890123@zone.org.",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		static char was[512], is[512];
		struct fix_case c = { cases[i].was, was, cases[i].is ? is : NULL, SAME, NULL };

		snprintf(was, sizeof was,
			 "@ 60 SOA ns\t%s 1 2 3 4 5 ; x\n@ 60 NS ns\nns 60 A 198.51.100.1",
			 cases[i].was);
		snprintf(is, sizeof is,
			 "@ 60 SOA ns\t%s 1 2 3 4 5 ; x\n@ 60 NS ns\nns 60 A 198.51.100.1",
			 cases[i].is ? cases[i].is : "");
		expect(&c, "");
	}
}

#define TEN4 "0123456789012345678901234567890123456789"

static void an_spf_record_gets_its_quotes(void **state) /* RFC 7208 §3.3 */
{
	(void)state;
	EXPECT({
		{ "words", "@ TXT v=spf1 mx  -all ; x\n", "@ TXT \"v=spf1 mx  -all\" ; x\n", OTHER,
		  NULL },
		{ "beside other texts",
		  "@ TXT x\n@ TXT \"a text like any other\"\n@ TXT v=spf1 -all\n",
		  "@ TXT x\n@ TXT \"a text like any other\"\n@ TXT \"v=spf1 -all\"\n", OTHER,
		  NULL },
		{ "in parentheses", "@ TXT (v=spf1 -all)\n", "@ TXT (\"v=spf1 -all\")\n", OTHER,
		  NULL },
		{ "strings in quotes", "@ TXT \"v=spf1\" \"mx\" \"-all\"\n", NULL, SAME, NULL },
		{ "one of them", "@ TXT v=spf1 \"mx\" -all\n", NULL, SAME, NULL },
		{ "more is wrong", "@ TXT v=spf1mx -all\n", NULL, SAME, NULL },
		{ "in one string", "@ TXT \"v=spf1mx\"\n", NULL, SAME, NULL },
		{ "more than a string holds",
		  "@ TXT v=spf1 " TEN4 TEN4 TEN4 TEN4 TEN4 TEN4 " a2345678\n", NULL, SAME, NULL },
		{ "as much", "@ TXT v=spf1 " TEN4 TEN4 TEN4 TEN4 TEN4 TEN4 " a234567\n",
		  "@ TXT \"v=spf1 " TEN4 TEN4 TEN4 TEN4 TEN4 TEN4 " a234567\"\n", OTHER, NULL },
		{ "a tab", "@ TXT v=spf1\tmx -all\n", NULL, SAME, NULL },
		{ "several lines", "@ TXT (v=spf1\n mx -all)\n", NULL, SAME, NULL },
		{ "an escape", "@ TXT v=spf1 mx \\045all\n", NULL, SAME, NULL },
		{ "one that counts is there", "@ TXT \"v=spf1 -all\"\n@ TXT v=spf1 mx -all\n", NULL,
		  SAME, NULL },
		{ "or comes", "@ TXT v=spf1 mx -all\n@ TXT v=spf1 -all\n", NULL, SAME, NULL },
	});
}

static void what_only_its_author_knows_is_left_alone(void **state)
{
	(void)state;
	EXPECT({
		{ "a host's name", "a_b A 198.51.100.2\n", NULL, SAME, NULL },
		{ "targets", "a MX 1 x\nb CNAME c\nc MX 1 b\nd MX 1 c\n", NULL, SAME, NULL },
		{ "delegations", "s NS ns.s\nx.s A 198.51.100.2\nx.s TXT a\n", NULL, SAME, NULL },
		{ "DMARC and DKIM", "_dmarc TXT v=DMARC1; p=none\nk._domainkey TXT v=DKIM1; p=x\n",
		  NULL, SAME, NULL },
		{ "private addresses", "a A 10.0.0.1\n", NULL, SAME, NULL },
		{ "names of other zones", "www.example.org. A 198.51.100.2\n", NULL, SAME, NULL },
	});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_change_what_they_say_and_nothing_else),
		cmocka_unit_test(each_text_has_its_own_edits),
		cmocka_unit_test(a_hunk_is_the_lines_that_change),
		cmocka_unit_test(a_forgotten_dot_is_added),
		cmocka_unit_test(a_dot_is_not_added_where_something_else_may_be_meant),
		cmocka_unit_test(one_label_is_no_forgotten_dot),
		cmocka_unit_test(a_copy_goes_with_its_line),
		cmocka_unit_test(a_copy_stays_that_something_depends_on),
		cmocka_unit_test(a_ttl_becomes_that_of_the_first),
		cmocka_unit_test(a_ttl_stays_that_is_not_stated_or_serves_others),
		cmocka_unit_test(names_with_many_records_are_left_alone),
		cmocka_unit_test(the_mail_address_of_the_soa),
		cmocka_unit_test(an_spf_record_gets_its_quotes),
		cmocka_unit_test(what_only_its_author_knows_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
