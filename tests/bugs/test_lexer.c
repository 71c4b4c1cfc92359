/*
 * test_lexer.c -- mistakes that the lexer once made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "zone/lexer.h"

/*
 * A string was given up at a backslash before a carriage return: what was left of
 * it was read as if it stood outside, and a parenthesis in it took all lines that
 * followed along.
 */
static void a_broken_string_does_not_swallow_the_lines_behind_it(void **state)
{
	static const uint8_t text[] = "x \"a\\\r(\"\ny\n";
	struct source source = { .file = "text", .text = text, .size = sizeof text - 2 };
	struct diag d = { 0 };
	struct lexer lx = { 0 };

	(void)state;
	lexer_start(&lx, &source);
	assert_true(lexer_next(&lx, &d));
	assert_int_equal(d.errors, 1);
	assert_int_equal(lx.count, 1);
	assert_int_equal(lx.words[0].at[0], 'y');
	lexer_free(&lx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broken_string_does_not_swallow_the_lines_behind_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
