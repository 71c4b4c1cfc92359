/*
 * Findings: place, line and caret, as they are printed; and how many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"
#include "support/guard.h"

static char printed[DIAG_FINDING_SIZE];
static unsigned reports;

static void print(void *self, const struct finding *f)
{
	struct text out = text_init(printed, sizeof printed);

	(void)self;
	reports++;
	assert_true(f->width >= 1);
	finding_print(f, FORM_PLAIN, &out);
	assert_false(out.full);
}

static const char *report(const char *text, size_t at, size_t width, const char *hint)
{
	size_t n = strlen(text);
	struct source s = { .file = "z", .text = guard_copy(text, n), .size = n };
	struct diag d = { .report = print };

	printed[0] = '\0';
	diag_report(&d, SYNTAX_ERROR, (struct spot){ &s, s.text + at, width }, hint, "what %s",
		    "is wrong");
	assert_int_equal(d.errors, 1);
	guard_release();
	return printed;
}

#define TEN  "0123456789"
#define DOTS ".........."

static void a_finding_shows_its_place(void **state)
{
	static const struct {
		const char *name, *text;
		size_t at, width;
		const char *hint, *expect;
	} cases[] = {
		{ "line, column, the line itself, caret and tildes", "a\nlumpi A 1.2\nb\n", 10, 3,
		  NULL,
		  "z:2:9: error: what is wrong [syntax]\n    2 | lumpi A 1.2\n      |         ^~~\n" },
		{ "the first octet", "abc\n", 0, 1, NULL,
		  "z:1:1: error: what is wrong [syntax]\n    1 | abc\n      | ^\n" },
		{ "no width is one", "abc\n", 1, 0, NULL,
		  "z:1:2: error: what is wrong [syntax]\n    1 | abc\n      |  ^\n" },
		{ "a hint on a line of its own", "abc\n", 0, 3, "as in: A 192.0.2.1",
		  "z:1:1: error: what is wrong [syntax]\n    1 | abc\n      | ^~~\n      = as in: A 192.0.2.1\n" },
		{ "tildes end with the line", "abc\ndef\n", 1, 99, NULL,
		  "z:1:2: error: what is wrong [syntax]\n    1 | abc\n      |  ^~\n" },
		{ "a tab is one column and stays a tab", "a\tb c\n", 4, 1, NULL,
		  "z:1:5: error: what is wrong [syntax]\n    1 | a\tb c\n      |  \t  ^\n" },
		{ "the end of a line", "abc\ndef\n", 3, 1, NULL,
		  "z:1:4: error: what is wrong [syntax]\n    1 | abc\n      |    ^\n" },
		{ "the end of the text without a line's end", "abc", 3, 1, NULL,
		  "z:1:4: error: what is wrong [syntax]\n    1 | abc\n      |    ^\n" },
		{ "behind the last line's end", "abc\n", 4, 1, NULL,
		  "z:2:1: error: what is wrong [syntax]\n    2 | \n      | ^\n" },
		{ "an empty text", "", 0, 1, NULL,
		  "z:1:1: error: what is wrong [syntax]\n    1 | \n      | ^\n" },
		{ "CR LF is no part of the line", "abc\r\ndef\r\n", 5, 3, NULL,
		  "z:2:1: error: what is wrong [syntax]\n    2 | def\n      | ^~~\n" },
		{ "octets that are not printable cannot play tricks", "\033[2J\a\200x\n", 6, 1,
		  NULL,
		  "z:1:7: error: what is wrong [syntax]\n    1 | ?[2J??x\n      |       ^\n" },
		{ "a long line is cut to 80 columns", TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "\n",
		  5, 2, NULL,
		  "z:1:6: error: what is wrong [syntax]\n    1 | " TEN TEN TEN TEN TEN TEN TEN TEN
		  "\n      |      ^~\n" },
		{ "far in a long line the part around it is shown",
		  TEN TEN TEN TEN TEN TEN TEN TEN TEN "here " DOTS DOTS DOTS DOTS DOTS "\n", 90, 4,
		  NULL,
		  "z:1:91: error: what is wrong [syntax]\n    1 | 123456789" TEN TEN TEN
		  "here " DOTS DOTS DOTS
		  "......\n      |                                        ^~~~\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *got = report(cases[i].text, cases[i].at, cases[i].width, cases[i].hint);
		if (strcmp(got, cases[i].expect) != 0)
			fail_msg("%s\nexpected\n%s\ngot\n%s", cases[i].name, cases[i].expect, got);
	}
}

/* At every place of lines of many lengths the caret is under the octet. */
static void the_caret_is_under_the_octet_wherever_it_is(void **state)
{
	char text[600];

	(void)state;
	for (size_t n = 1; n < 300; n += 7) {
		for (size_t at = 0; at < n; at++) {
			memset(text, '.', n);
			text[at] = 'X';
			text[n] = '\0';
			report(text, at, 1, NULL);
			const char *line = strstr(printed, " | ") + 3,
				   *caret = strstr(line, " | ") + 3;
			size_t shown = strcspn(line, "\n");
			assert_true(shown <= 80);
			if (line[strcspn(caret, "^")] != 'X')
				fail_msg("%zu of %zu:\n%s", at, n, printed);
		}
	}
}

/* Whatever was asked for before, in this text or in another one. */
static void lines_are_counted_from_1(void **state)
{
	static const char text[] = "a\nb\n\nc", other[] = "\n\n\n\n";
	struct source s = { .file = "z", .text = (const uint8_t *)text, .size = 6 };
	struct source t = { .file = "y", .text = (const uint8_t *)other, .size = 4 };
	static const uint32_t lines[] = { 1, 1, 2, 2, 3, 4, 4 };
	struct diag d = { .report = print };

	(void)state;
	for (size_t i = 0; i < 7; i++)
		for (size_t k = 0; k < 7; k++) {
			assert_int_equal(diag_line(&d, &s, s.text + i), lines[i]);
			assert_int_equal(diag_line(&d, &s, s.text + k), lines[k]);
			if (i == k)
				assert_int_equal(diag_line(&d, &t, t.text + 3), 4);
		}
}

static void form(void *self, const struct finding *f)
{
	struct text out = text_init(printed, sizeof printed);

	assert_int_equal(f->text.size, 0);
	finding_print(f, *(const enum finding_form *)self, &out);
}

static void no_line_of_a_secret_text_is_shown(void **state)
{
	static const char *const expect[] = {
		[FORM_PLAIN] = "z:2:7: error: what is wrong [syntax]\n      = hint\n",
		[FORM_COLOURED] = "\033[1mz:2:7: \033[1;31merror: \033[0mwhat is wrong [syntax]\n"
				  "      = hint\n",
		[FORM_JSON] = "{\"file\":\"z\",\"line\":2,\"column\":7,\"width\":6,"
			      "\"severity\":\"error\",\"id\":\"syntax\","
			      "\"message\":\"what is wrong\",\"hint\":\"hint\"}\n",
	};
	static const char text[] = "a\nkey = secret\n";
	struct source s = { "z", (const uint8_t *)text, sizeof text - 1, 0, .is_secret = true };

	(void)state;
	for (enum finding_form i = FORM_PLAIN; i <= FORM_JSON; i++) {
		struct diag d = { .report = form, .self = &i };

		diag_report(&d, SYNTAX_ERROR, (struct spot){ &s, s.text + 8, 6 }, "hint",
			    "what is wrong");
		assert_string_equal(printed, expect[i]);
	}
}

static struct finding kept;

static void keep(void *self, const struct finding *f)
{
	(void)self;
	kept = *f;
}

/* Texts that are read one behind the other have places of their own. */
static void a_place_is_counted_over_all_texts(void **state)
{
	struct source s = {
		.file = "z", .text = (const uint8_t *)"abc\n", .size = 4, .base = 1000
	};
	struct diag d = { .report = keep };

	(void)state;
	diag_report(&d, SYNTAX_ERROR, (struct spot){ &s, s.text + 2, 1 }, NULL, "x");
	assert_int_equal(kept.place, 1002);
	diag_report(&d, SYNTAX_ERROR, (struct spot){ &s, NULL, 1 }, NULL, "x");
	assert_int_equal(kept.place, 1000);
}

static void what_is_nowhere_is_about_the_file(void **state)
{
	static const uint8_t text[] = "abc\n", elsewhere[] = "x";
	struct source s = { .file = "dir/zone", .text = text, .size = 4 };
	struct diag d = { .report = print };

	(void)state;
	diag_report(&d, SYNTAX_ERROR, (struct spot){ &s, NULL, 3 }, "h", "gone");
	assert_string_equal(printed, "dir/zone: error: gone [syntax]\n      = h\n");
	diag_report(&d, ((struct kind){ SEVERITY_WARNING, "out-of-zone" }),
		    (struct spot){ &s, elsewhere, 3 }, NULL, "made");
	assert_string_equal(printed, "dir/zone: warning: made [out-of-zone]\n");
	s.text = NULL;
	diag_report(&d, ((struct kind){ SEVERITY_WARNING, "out-of-zone" }),
		    (struct spot){ &s, elsewhere, 3 }, NULL, "not read");
	assert_string_equal(printed, "dir/zone: warning: not read [out-of-zone]\n");
	assert_int_equal(d.errors, 1);
	assert_int_equal(d.warnings, 2);
}

static void without_a_reporter_findings_are_counted(void **state)
{
	struct source s = { .file = "z", .text = (const uint8_t *)"abc\n", .size = 4 };
	struct diag d = { 0 };

	(void)state;
	diag_report(&d, SYNTAX_ERROR, (struct spot){ &s, s.text, 1 }, NULL, "x");
	diag_report(&d, ((struct kind){ SEVERITY_NOTE, "x" }), (struct spot){ &s, s.text, 1 }, NULL,
		    "x");
	assert_int_equal(d.errors, 1);
	assert_int_equal(d.notes, 1);
}

static void twenty_are_reported_and_the_rest_counted(void **state)
{
	struct source s = { .file = "z", .text = (const uint8_t *)"a", .size = 1 };
	struct diag d = { .report = print };

	(void)state;
	reports = 0;
	for (unsigned i = 1; i <= 50; i++) {
		diag_report(&d, SYNTAX_ERROR, (struct spot){ &s, s.text, 1 }, NULL, "e%u", i);
		assert_int_equal(reports, i < 20 ? i : 20);
		assert_int_equal(d.errors, i);
	}
	assert_non_null(strstr(printed, "e20"));
	/* Warnings have a count of their own: errors do not hide them, nor they errors. */
	for (unsigned i = 1; i <= 50; i++)
		diag_report(&d, ((struct kind){ SEVERITY_WARNING, "out-of-zone" }),
			    (struct spot){ &s, s.text, 1 }, NULL, "w");
	assert_int_equal(reports, 40);
	assert_int_equal(d.warnings, 50);
	assert_int_equal(d.errors, 50);
}

static void more_are_reported_when_more_are_wanted(void **state)
{
	struct source s = { .file = "z", .text = (const uint8_t *)"x", .size = 1 };
	struct diag d = { .report = print, .limit = 25 };

	(void)state;
	reports = 0;
	for (unsigned i = 0; i < 30; i++)
		diag_report(&d, (struct kind){ SEVERITY_NOTE, "n" }, (struct spot){ &s, s.text, 1 },
			    NULL, "note");
	assert_int_equal(reports, 25);
	assert_int_equal(d.notes, 30);
	assert_int_equal(d.errors + d.warnings, 0);
}

static char *formed(enum finding_form form, const char *message, const char *hint)
{
	static char room[2048];
	struct text out = text_init(room, sizeof room);
	const struct finding f = {
		.severity = SEVERITY_WARNING,
		.id = "some-id",
		.file = "a \"b\"",
		.line = 3,
		.column = 2,
		.width = 2,
		.message = message,
		.hint = hint,
		.text = { (const uint8_t *)"abcd", 4 },
	};

	finding_print(&f, form, &out);
	return room;
}

static void programs_are_told_in_json(void **state) /* RFC 8259 §7 */
{
	(void)state;
	assert_string_equal(formed(FORM_JSON, "no \\ and \xe9\t", "so"),
			    "{\"file\":\"a \\\"b\\\"\",\"line\":3,\"column\":2,\"width\":2,"
			    "\"severity\":\"warning\",\"id\":\"some-id\","
			    "\"message\":\"no \\\\ and \\u00e9\\u0009\",\"hint\":\"so\"}\n");
	assert_null(strstr(formed(FORM_JSON, "m", NULL), "hint"));
}

static void colours_begin_and_end(void **state)
{
	(void)state;
	assert_string_equal(formed(FORM_COLOURED, "m", NULL),
			    "\033[1ma \"b\":3:2: \033[1;35mwarning: \033[0mm [some-id]\n"
			    "    3 | abcd\n      |  \033[1;35m^~\033[0m\n");
	assert_string_equal(formed(FORM_PLAIN, "m", NULL),
			    "a \"b\":3:2: warning: m [some-id]\n    3 | abcd\n      |  ^~\n");
}

static void a_files_name_plays_no_tricks(void **state)
{
	static const struct {
		const char *file, *expect;
	} cases[] = {
		{ "a\n\033[2Jb\x7f", "a??[2Jb?" },
		{ "b\xc3\xbcro", "b\xc3\xbcro" },
		{ "c\xc2\x9b"
		  "2J\xc2\xa7",
		  "c\xc2?2J\xc2\xa7" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char expect[64];
		struct source s = { .file = cases[i].file,
				    .text = (const uint8_t *)"x",
				    .size = 1 };
		struct diag d = { .report = print };

		snprintf(expect, sizeof expect, "%s: error: m [syntax]\n", cases[i].expect);
		diag_report(&d, SYNTAX_ERROR, (struct spot){ &s, NULL, 0 }, NULL, "m");
		assert_string_equal(printed, expect);
	}
}

static void a_long_sentence_is_cut(void **state)
{
	char text[2000];
	struct source s = { .file = "z", .text = (const uint8_t *)text, .size = 1000 };
	struct diag d = { .report = print };

	(void)state;
	memset(text, 'x', sizeof text);
	text[1500] = '\0';
	diag_report(&d, SYNTAX_ERROR, (struct spot){ &s, s.text + 900, 2000 }, "hint", "%s", text);
	assert_true(strlen(printed) < DIAG_FINDING_SIZE);
	assert_non_null(strstr(printed, "      = hint\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_shows_its_place),
		cmocka_unit_test(the_caret_is_under_the_octet_wherever_it_is),
		cmocka_unit_test(lines_are_counted_from_1),
		cmocka_unit_test(no_line_of_a_secret_text_is_shown),
		cmocka_unit_test(a_place_is_counted_over_all_texts),
		cmocka_unit_test(what_is_nowhere_is_about_the_file),
		cmocka_unit_test(without_a_reporter_findings_are_counted),
		cmocka_unit_test(twenty_are_reported_and_the_rest_counted),
		cmocka_unit_test(more_are_reported_when_more_are_wanted),
		cmocka_unit_test(programs_are_told_in_json),
		cmocka_unit_test(colours_begin_and_end),
		cmocka_unit_test(a_files_name_plays_no_tricks),
		cmocka_unit_test(a_long_sentence_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
