/*
 * test_list.c -- lists that grow by doubling.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/list.h"

#include <stdlib.h>

/* Memory checkers see a write beyond the room. */
static void there_is_room_for_one_more_at_each_count(void **state)
{
	uint32_t *list = NULL;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		list = list_grow(list, i, sizeof *list);
		assert_non_null(list);
		list[i] = i;
	}
	for (uint32_t i = 0; i < 1000; i++)
		assert_int_equal(list[i], i);
	free(list);
}

static void a_list_moves_at_powers_of_two_only(void **state)
{
	uint32_t *list = list_grow(NULL, 0, sizeof *list), *moved;

	(void)state;
	list = list_grow(list, 4, sizeof *list);
	for (size_t count = 5; count < 8; count++)
		assert_ptr_equal(list_grow(list, count, sizeof *list), list);
	moved = list_grow(list, 8, sizeof *list);
	assert_non_null(moved);
	moved[15] = 1; /* sixteen have room now */
	free(moved);
}

static void an_emptied_list_grows_again(void **state)
{
	uint32_t *list = NULL;

	(void)state;
	for (unsigned turn = 0; turn < 2; turn++)
		for (uint32_t i = 0; i < 9; i++) {
			list = list_grow(list, i, sizeof *list);
			assert_non_null(list);
			list[i] = i;
		}
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_room_for_one_more_at_each_count),
		cmocka_unit_test(a_list_moves_at_powers_of_two_only),
		cmocka_unit_test(an_emptied_list_grows_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
