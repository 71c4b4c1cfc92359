/*
 * What was wrong with mending: a test for each, named by what holds now.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "zone/fix.h"

/*
 * "ns" in front and "." behind it, in a last line that nothing ends: the line was
 * in two hunks, so `ten35 check --fix` told of it twice, and each time with one edit.
 */
static void a_last_line_without_an_end_is_in_one_hunk(void **state)
{
	static const char text[] = "one\nNS two\n"; /* what is read has a '\n' behind its size */
	struct source s = { "z", (const uint8_t *)text, sizeof text - 2, 0, false, NULL };
	struct fixes f = { 0 };
	size_t count;

	(void)state;
	fixes_add(&f, 4, 2, "ns");
	fixes_add(&f, (uint32_t)s.size, 0, ".");
	assert_true(fixes_settle(&f));
	const struct edit *edits = fixes_of(&f, &s, &count);
	struct hunk h = fix_next(&s, &edits, &count);
	assert_int_equal(h.count, 2);
	assert_int_equal(count, 0);
	assert_int_equal(h.was.base, 4);
	assert_int_equal(h.was.size, s.size - 4);
	fixes_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_last_line_without_an_end_is_in_one_hunk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
