/*
 * test_lexer_memory.c -- a lexer whose memory ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/failing_memory.h"
#include "zone/lexer.h"

/* Whoever reads goes by it: with words missing, the next line might seem to be whole. */
static void memory_that_ended_is_remembered(void **state)
{
	static const uint8_t text[] = "a\nb\n";
	struct source source = { .file = "text", .text = text, .size = sizeof text - 2 };
	struct diag d = { 0 };
	struct lexer lx = { 0 };
	size_t before = memory_blocks();

	(void)state;
	lexer_start(&lx, &source);
	memory_fails_once_at(0);
	assert_true(lexer_next(&lx, &d));
	assert_true(memory_recovers());
	assert_true(lx.failed);
	assert_int_equal(d.errors, 1);
	assert_int_equal(lx.words[0].at[0], 'b');
	lexer_free(&lx);
	assert_int_equal(memory_blocks(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_that_ended_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
