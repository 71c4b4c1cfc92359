/*
 * test_lexer.c -- zone text as entries of words (RFC 1035 §5.1).
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
#include "zone/lexer.h"

static char found_text[4096];

static void keep(void *self, const struct finding *f)
{
	text_format(self, "%u:%u: %s\n", f->line, f->column, f->message);
}

/* The text against a guard page, the newline that is not counted as its last octet. */
static struct source guarded(const char *text, size_t size)
{
	uint8_t *copy = malloc(size + 1);

	memcpy(copy, text, size);
	copy[size] = '\n';
	const uint8_t *at = guard_copy(copy, size + 1);
	free(copy);
	return (struct source){ .file = "text", .text = at, .size = size };
}

/* All entries, one a line: '>' for a blank in front, words in <...>, quoted ones in "...". */
static void print_entries(struct lexer *lx, struct diag *d, struct text *out)
{
	while (lexer_next(lx, d)) {
		if (lx->blank_owner)
			text_put_char(out, '>');
		for (size_t i = 0; i < lx->count; i++) {
			const struct word *w = &lx->words[i];

			text_put_char(out, w->quoted ? '"' : '<');
			text_put_octets(out, w->at, w->size);
			text_put_char(out, w->quoted ? '"' : '>');
		}
		text_put_char(out, '\n');
	}
}

struct row {
	const char *rule;
	const char *text;
	const char *entries;
	const char *findings;
};

static void check(const struct row *row, size_t size)
{
	char entries[4096];
	struct text out = text_init(entries, sizeof entries);
	struct text found = text_init(found_text, sizeof found_text);
	struct diag d = { .report = keep, .self = &found };
	struct source source = guarded(row->text, size);
	struct lexer lx = { 0 };

	lexer_start(&lx, &source);
	print_entries(&lx, &d, &out);
	expect_text(row->rule, entries, row->entries);
	expect_text(row->rule, found_text, row->findings);
	assert_false(lx.failed);
	lexer_free(&lx);
	guard_release();
}

static void check_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		check(&rows[i], strlen(rows[i].text));
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void words_and_blanks(void **state)
{
	static const struct row rows[] = {
		{ "an empty text has no entries", "", "", "" },
		{ "empty lines are no entries", "\n\n \n\t\n", "", "" },
		{ "words are what stands between blanks and tabs", "a b\tc \t d\n",
		  "<a><b><c><d>\n", "" },
		{ "the last line needs no newline", "a b\nc d", "<a><b>\n<c><d>\n", "" },
		{ "a blank in front is told", " a\n\tb\nc\n", "><a>\n><b>\n<c>\n", "" },
		{ "lines may end in CR LF", "a b\r\n\r\nc\r\n", "<a><b>\n<c>\n", "" },
		{ "row 100: a CR alone is no end of a line", "a\rb\nc\n", "<c>\n",
		  "1:2: carriage return inside a line\n" },
		{ "two before the newline, neither", "a\r\r\nb\n", "<b>\n",
		  "1:2: carriage return inside a line\n" },
		{ "one at the end of the text is", "a\r", "<a>\n", "" },
		{ "CR LF between parentheses", "a (\r\nb )\r\n", "<a><b>\n", "" },
		{ "octets above 127 are parts of words", "\xc3\xa4 \xff\n", "<\xc3\xa4><\xff>\n",
		  "" },
		{ "'@', '$' and '#' mean nothing here", "@ $TTL a#b\n", "<@><$TTL><a#b>\n", "" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void comments(void **state)
{
	static const struct row rows[] = {
		{ "a comment goes to the end of the line", "a ; b \"( \nc\n", "<a>\n<c>\n", "" },
		{ "a comment needs no blank in front", "a;b\nc\n", "<a>\n<c>\n", "" },
		{ "a line of comment is no entry", "; x\n  ; y\na\n", "<a>\n", "" },
		{ "a comment may end the text", "a ;", "<a>\n", "" },
		{ "an escaped semicolon is no comment", "a\\;b c\n", "<a\\;b><c>\n", "" },
		{ "a quoted semicolon is no comment", "\"a;b\" c\n", "\"a;b\"<c>\n", "" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void quotes(void **state)
{
	static const struct row rows[] = {
		{ "quotes keep blanks", "\"a b\tc\"\n", "\"a b\tc\"\n", "" },
		{ "a quoted word may be empty", "\"\" \"\"\n", "\"\"\"\"\n", "" },
		{ "parentheses in quotes are text", "\"(\" \")\" \"a(b\"\n", "\"(\"\")\"\"a(b\"\n",
		  "" },
		{ "an escaped quote does not end the word", "\"a\\\"b\"\n", "\"a\\\"b\"\n", "" },
		{ "an escaped backslash does not escape the quote", "\"a\\\\\" b\n",
		  "\"a\\\\\"<b>\n", "" },
		{ "a quote ends the word before it", "a\"b\"c\n", "<a>\"b\"<c>\n", "" },
		{ "row 91: an open quote is an error at the quote", "a\n b \"c d\ne\n",
		  "<a>\n<e>\n", "2:4: quoted string is not closed on its line\n" },
		{ "row 91: an open quote at the end of the text", "a \"b", "",
		  "1:3: quoted string is not closed on its line\n" },
		{ "a quote alone", "\"", "", "1:1: quoted string is not closed on its line\n" },
		{ "strings do not go over lines, in parentheses neither", "a ( \"b\nc\" )\nd\n", "",
		  "1:5: quoted string is not closed on its line\n" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void escapes(void **state)
{
	static const struct row rows[] = {
		{ "an escaped blank belongs to the word", "a\\ b c\n", "<a\\ b><c>\n", "" },
		{ "digits are left for the parser", "a\\032b\n", "<a\\032b>\n", "" },
		{ "escaped parentheses and quotes are text", "\\( \\) \\\"a\\\"\n",
		  "<\\(><\\)><\\\"a\\\">\n", "" },
		{ "a word may begin with an escape", "\\@ \\;\n", "<\\@><\\;>\n", "" },
		{ "row 89: a backslash at the end of the text", "a b\\", "",
		  "1:4: bad \\DDD escape: a backslash ends the line\n" },
		{ "a backslash does not join lines", "a \\\nb\n", "<b>\n",
		  "1:3: bad \\DDD escape: a backslash ends the line\n" },
		{ "nor before CR LF", "a \\\r\nb\n", "<b>\n",
		  "1:3: bad \\DDD escape: a backslash ends the line\n" },
		{ "nor in quotes", "\"a\\\nb\n", "<b>\n",
		  "1:3: bad \\DDD escape: a backslash ends the line\n" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void parentheses(void **state)
{
	static const struct row rows[] = {
		{ "parentheses join lines", "a ( b\n c\nd ) e\nf\n", "<a><b><c><d><e>\n<f>\n", "" },
		{ "parentheses need no blanks", "a(b)c\n", "<a><b><c>\n", "" },
		{ "they may be nested", "a ((b) (c\n)) d\n", "<a><b><c><d>\n", "" },
		{ "comments stand between them", "a ( b ; )\n c )\n", "<a><b><c>\n", "" },
		{ "a blank in front counts only where the entry begins", "a (\n b )\n (\nc )\n",
		  "<a><b>\n><c>\n", "" },
		{ "nothing between them is nothing", "( \n )\na\n", "<a>\n", "" },
		{ "row 90: an open parenthesis is an error at itself", "a\nb (c\nd\n", "<a>\n",
		  "2:3: '(' is never closed\n" },
		{ "row 90: the outermost of several", "a (( b )\nc ( d\n", "",
		  "1:3: '(' is never closed\n" },
		{ "row 90: at the end of the text", "(", "", "1:1: '(' is never closed\n" },
		{ "a parenthesis too many is an error at itself", "a ) b\nc\n", "<c>\n",
		  "1:3: ')' without '('\n" },
		{ "the first error of an entry is the one that is told", "a ) \"b\nc\n", "<c>\n",
		  "1:3: ')' without '('\n" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* Row 100: no text has a NUL, wherever it hides. */
static void nul_octets(void **state)
{
	static const struct {
		struct row row;
		size_t size;
	} rows[] = {
		{ { "between words", "a \0 b\nc\n", "<c>\n", "1:3: NUL octet in text\n" }, 8 },
		{ { "in a word", "a\0b\nc\n", "<c>\n", "1:2: NUL octet in text\n" }, 6 },
		{ { "in quotes", "\"a\0b\"\nc\n", "<c>\n", "1:3: NUL octet in text\n" }, 8 },
		{ { "in a comment", "a ;b\0\nc\n", "<c>\n", "1:5: NUL octet in text\n" }, 8 },
		{ { "escaped", "a\\\0b\nc\n", "<c>\n", "1:3: NUL octet in text\n" }, 7 },
		{ { "at the end", "a\n\0", "<a>\n", "2:1: NUL octet in text\n" }, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check(&rows[i].row, rows[i].size);
}

/* Row 90: nesting is a counter, so depth costs neither stack nor time. */
static void a_million_parentheses(void **state)
{
	enum { DEPTH = 1000 * 1000 };
	char *text = malloc(2 * DEPTH + 4);
	struct row closed = { "a million pairs", text, "<a><b>\n", "" };
	struct row open = { "one is missing", text, "", "1:3: '(' is never closed\n" };

	(void)state;
	memcpy(text, "a ", 2);
	memset(text + 2, '(', DEPTH);
	text[2 + DEPTH] = 'b';
	memset(text + 3 + DEPTH, ')', DEPTH);
	check(&closed, 2 * DEPTH + 3);
	check(&open, 2 * DEPTH + 2);
	free(text);
}

static void words_of_an_entry_are_limited(void **state)
{
	enum { SIZE = 2 * (LEXER_MAX_WORDS + 1) };
	char *text = malloc(SIZE);
	struct source source;
	struct text found = text_init(found_text, sizeof found_text);
	struct diag d = { .report = keep, .self = &found };
	struct lexer lx = { 0 };

	(void)state;
	for (size_t i = 0; i < SIZE; i += 2)
		memcpy(text + i, "a ", 2);
	source = guarded(text, SIZE - 2);
	lexer_start(&lx, &source);
	assert_true(lexer_next(&lx, &d));
	assert_int_equal(lx.count, LEXER_MAX_WORDS);
	assert_int_equal(lx.words[LEXER_MAX_WORDS - 1].size, 1);
	source = guarded(text, SIZE);
	lexer_start(&lx, &source);
	assert_false(lexer_next(&lx, &d));
	/* The place is just behind the first word that is too many. */
	expect_text("one word too many", found_text,
		    "1:132002: more words in one entry than any record can have\n");
	lexer_free(&lx);
	guard_release();
	free(text);
}

static void a_lexer_is_used_again(void **state)
{
	struct source first = guarded("a b c\nnever read", 16), second = guarded(" x\n", 3);
	struct diag d = { .report = keep };
	struct lexer lx = { 0 };

	(void)state;
	lexer_start(&lx, &first);
	assert_true(lexer_next(&lx, &d));
	lexer_start(&lx, &second);
	assert_true(lexer_next(&lx, &d));
	assert_int_equal(lx.count, 1);
	assert_true(lx.blank_owner);
	assert_false(lexer_next(&lx, &d));
	assert_false(lexer_next(&lx, &d));
	lexer_free(&lx);
	assert_null(lx.words);
	guard_release();
}

/* A zone of a few short lines takes a few words' room, and no line makes it grow more than it must. */
static void room_doubles_as_it_is_needed(void **state)
{
	static const struct {
		size_t words, room;
	} rows[] = { { 1, 64 }, { 64, 64 }, { 65, 128 }, { 128, 128 }, { 129, 256 } };
	char text[2 * 129];
	struct diag d = { .report = keep };
	struct lexer lx = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof text; i += 2)
		memcpy(text + i, "a ", 2);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct source source = guarded(text, 2 * rows[i].words);

		lexer_start(&lx, &source);
		assert_true(lexer_next(&lx, &d));
		assert_int_equal(lx.count, rows[i].words);
		assert_int_equal(lx.room, rows[i].room);
	}
	lexer_free(&lx);
	guard_release();
}

static void a_text_of_errors_is_given_up(void **state)
{
	enum { LINES = DIAG_HOPELESS + 10 };
	static char text[2 * LINES];
	struct diag d = { 0 };
	struct lexer lx = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof text; i += 2)
		memcpy(text + i, ")\n", 2);
	struct source source = guarded(text, sizeof text);
	lexer_start(&lx, &source);
	assert_false(lexer_next(&lx, &d));
	assert_int_equal(d.errors, DIAG_HOPELESS + 1);
	assert_ptr_equal(lx.pos, source.text + 2 * (DIAG_HOPELESS + 1));
	lexer_free(&lx);
	guard_release();
}

static void note_width(void *self, const struct finding *f)
{
	*(uint32_t *)self = f->width;
}

static void one_octet_is_underlined(void **state)
{
	struct source source = guarded("a ) b\n", 6);
	uint32_t width = 0;
	struct diag d = { .report = note_width, .self = &width };
	struct lexer lx = { 0 };

	(void)state;
	lexer_start(&lx, &source);
	assert_false(lexer_next(&lx, &d));
	assert_int_equal(width, 1);
	lexer_free(&lx);
	guard_release();
}

/* Some octets are looked at together: what ends words may be any of them, or the first of the next. */
static void words_are_the_same_wherever_they_lie(void **state)
{
	static const struct {
		const char *text, *words;
	} rests[] = {
		{ " a b\n", "><a><b>" },
		{ "\\;y z\n", "\\;y><z>" },
		{ "\\;y;z\n", "\\;y>" },
		{ "\\\\ z\n", "\\\\><z>" },
		{ "!#$%&'*+ z\n", "!#$%&'*+><z>" },
		{ "(y\n\tz)x\n", "><y><z><x>" },
		{ " \"y z\" x\n", ">\"y z\"<x>" },
		{ ";y\n", ">" },
		{ " y\\ z\r\n", "><y\\ z>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++)
		for (unsigned n = 1; n < 200; n++) {
			char text[300], words[300];
			const struct row row = { rests[i].text, text, words, "" };

			memset(text, 'x', n);
			strcpy(text + n, rests[i].text);
			words[0] = '<';
			memset(words + 1, 'x', n);
			strcpy(words + 1 + n, rests[i].words);
			strcat(words, "\n");
			check(&row, strlen(text));
		}
}

/* There is room for 64 words at first: whatever the one is that has none left. */
static void words_are_the_same_however_many_stand_before(void **state)
{
	(void)state;
	for (unsigned n = 60; n < 70; n++) {
		char text[300] = "", words[600] = "";
		const struct row row = { "more words than there is room", text, words, "" };

		for (unsigned i = 0; i < n; i++) {
			strcat(text, "w ");
			strcat(words, "<w>");
		}
		strcat(text, "a\\ b(c)\"d\";e\n");
		strcat(words, "<a\\ b><c>\"d\"\n");
		check(&row, strlen(text));
	}
}

/* Every prefix of a text is read without reading beyond it. */
static void every_prefix_ends(void **state)
{
	static const char text[] = "a\\( \"b \\\" c\" ( d ; e\r\n\tf ) g\\;\\032 ;h\n\"";
	char entries[4096];

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		struct text out = text_init(entries, sizeof entries);
		struct text found = text_init(found_text, sizeof found_text);
		struct diag d = { .report = keep, .self = &found };
		struct source source = guarded(text, n);
		struct lexer lx = { 0 };

		lexer_start(&lx, &source);
		print_entries(&lx, &d, &out);
		assert_ptr_equal(lx.pos, source.text + source.size + (n && text[n - 1] != '\n'));
		lexer_free(&lx);
		guard_release();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_and_blanks),
		cmocka_unit_test(comments),
		cmocka_unit_test(quotes),
		cmocka_unit_test(escapes),
		cmocka_unit_test(parentheses),
		cmocka_unit_test(nul_octets),
		cmocka_unit_test(a_million_parentheses),
		cmocka_unit_test(words_of_an_entry_are_limited),
		cmocka_unit_test(a_lexer_is_used_again),
		cmocka_unit_test(room_doubles_as_it_is_needed),
		cmocka_unit_test(a_text_of_errors_is_given_up),
		cmocka_unit_test(one_octet_is_underlined),
		cmocka_unit_test(words_are_the_same_wherever_they_lie),
		cmocka_unit_test(words_are_the_same_however_many_stand_before),
		cmocka_unit_test(every_prefix_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
