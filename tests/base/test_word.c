/*
 * Words: taken one by one, and the first reason to stop stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/word.h"
#include "support/guard.h"

static void words_are_taken_until_there_is_none(void **state)
{
	static const uint8_t text[] = "one two ";
	const struct word list[] = { { text, 3, false }, { text + 4, 3, false } };
	struct words w = { .next = list, .end = list + 2, .tail = text + 7 };

	(void)state;
	assert_int_equal(words_left(&w), 2);
	assert_ptr_equal(words_take(&w, "missing a"), &list[0]);
	assert_ptr_equal(words_take(&w, "missing b"), &list[1]);
	assert_int_equal(words_left(&w), 0);
	assert_null(w.problem);
	assert_null(words_take(&w, "missing c"));
	assert_string_equal(w.problem, "missing c");
	assert_ptr_equal(w.problem_at.at, text + 7); /* where it should stand */
	assert_int_equal(w.problem_at.size, 0);
	assert_null(words_take(&w, "missing d"));
	assert_string_equal(w.problem, "missing c");
}

static void the_first_reason_stays(void **state)
{
	static const uint8_t text[] = "ab";
	const struct word a = { text, 1, false }, b = { text + 1, 1, true };
	struct words w = { .next = &a, .end = &a, .tail = text };

	(void)state;
	assert_false(words_fail_at(&w, &b, "first"));
	assert_false(words_fail_at(&w, &a, "second"));
	assert_false(words_fail_missing(&w, "third"));
	assert_string_equal(w.problem, "first");
	assert_ptr_equal(w.problem_at.at, text + 1);
	assert_true(w.problem_at.quoted);
}

static void a_word_is_a_text_in_any_case_but_never_in_quotes(void **state)
{
	static const struct {
		const char *name, *word;
		bool quoted;
		const char *text;
		bool is;
	} cases[] = {
		{ "the same", "ttl", false, "ttl", true },
		{ "in other case", "TtL", false, "ttL", true },
		{ "quoted it is data", "ttl", true, "ttl", false },
		{ "longer", "ttlx", false, "ttl", false },
		{ "shorter", "tt", false, "ttl", false },
		{ "empty", "", false, "", true },
		{ "other", "tto", false, "ttl", false },
		{ "escaped is other", "\\ttl", false, "ttl", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n = strlen(cases[i].word);
		struct word w = { guard_copy(cases[i].word, n), (uint32_t)n, cases[i].quoted };

		if (word_is(&w, cases[i].text) != cases[i].is)
			fail_msg("%s", cases[i].name);
		guard_release();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_taken_until_there_is_none),
		cmocka_unit_test(the_first_reason_stays),
		cmocka_unit_test(a_word_is_a_text_in_any_case_but_never_in_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
