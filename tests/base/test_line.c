/*
 * test_line.c -- a text as lines, and a line as words between blanks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/line.h"
#include "base/text.h"
#include "support/guard.h"

static char room[4096];

static struct slice guarded(const char *text)
{
	return (struct slice){ guard_copy(text, strlen(text)), strlen(text) };
}

/* All words, each line in brackets. */
static const char *words_in(const char *text)
{
	struct text out = text_init(room, sizeof room);
	struct slice rest = guarded(text), line, word;

	while (line_take(&rest, &line)) {
		text_put(&out, "[");
		while ((word = line_word(&line)).size > 0) {
			text_put_octets(&out, word.octets, word.size);
			text_put(&out, ",");
		}
		assert_int_equal(line.size, 0);
		text_put(&out, "]");
	}
	guard_release();
	return text_str(&out);
}

static void a_text_is_lines_of_words(void **state)
{
	(void)state;
	assert_string_equal(words_in(""), "");
	assert_string_equal(words_in("a"), "[a,]");
	assert_string_equal(words_in("a\n"), "[a,]");
	assert_string_equal(words_in("\n\na b\n"), "[][][a,b,]");
	assert_string_equal(words_in(" a\t\tb \r\nc\r"), "[a,b,][c,]");
	assert_string_equal(words_in("a\vb \f"), "[a\vb,\f,]");
	struct slice none = { NULL, 0 }, line;
	assert_false(line_take(&none, &line));
}

static bool is_part(const char *text, const char *part, const char *rest)
{
	struct slice line = guarded(text), got = line_part(&line, ',');
	bool is = slice_is(got, part) && slice_is(line, rest);

	guard_release();
	return is;
}

static void a_part_ends_before_its_mark(void **state)
{
	(void)state;
	assert_true(is_part("a,b,c", "a", "b,c"));
	assert_true(is_part(",b", "", "b"));
	assert_true(is_part("a,", "a", ""));
	assert_true(is_part("abc", "abc", ""));
	assert_true(is_part("", "", ""));
}

static bool is_trimmed(const char *text, const char *to)
{
	bool is = slice_is(line_trim(guarded(text)), to);

	guard_release();
	return is;
}

static void trimming_takes_blanks_at_both_ends(void **state)
{
	(void)state;
	assert_true(is_trimmed(" \ta b\r ", "a b"));
	assert_true(is_trimmed("a", "a"));
	assert_true(is_trimmed(" \t\r", ""));
	assert_true(is_trimmed("", ""));
}

static void slices_are_compared_without_case(void **state)
{
	(void)state;
	assert_true(is_trimmed("[Peer]", "[pEER]"));
	assert_false(is_trimmed("ab", "a"));
	assert_false(is_trimmed("a", "ab"));
	assert_false(is_trimmed("ab", "ac"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_lines_of_words),
		cmocka_unit_test(a_part_ends_before_its_mark),
		cmocka_unit_test(trimming_takes_blanks_at_both_ends),
		cmocka_unit_test(slices_are_compared_without_case),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
