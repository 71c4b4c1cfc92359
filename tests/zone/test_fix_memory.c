/*
 * test_fix_memory.c -- memory ends while edits are collected, or put into order: then
 * nothing of a file is changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "support/failing_memory.h"
#include "zone/fix.h"

enum { EDITS = 40 };

/* True when memory was enough for edits that come from behind. */
static bool mend(size_t k)
{
	struct fixes f = { .count = 0 };
	size_t before = memory_blocks();

	memory_fails_once_at(k);
	for (uint32_t i = 0; i < EDITS; i++)
		fixes_add(&f, 1000 - 10 * i, 1, "x");
	bool is_good = fixes_settle(&f);
	assert_int_equal(is_good, !memory_recovers());
	assert_int_equal(f.count, is_good ? EDITS : 0);
	for (size_t i = 1; i < f.count; i++)
		assert_true(f.at[i - 1].place < f.at[i].place);
	fixes_free(&f);
	assert_int_equal(memory_blocks(), before);
	return is_good;
}

static void a_file_is_mended_whole_or_not_at_all(void **state)
{
	size_t k = 0;

	(void)state;
	while (!mend(k))
		k++;
	assert_in_range(k, 4, 20); /* the list grows, and has to be sorted */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_mended_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
