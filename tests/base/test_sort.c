/*
 * The merge sort: ordered by key, then by the tie, else as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/sort.h"

enum { MOST = 3000 };

static int falling(const void *context, uint32_t a, uint32_t b)
{
	assert_string_equal(context, "context");
	return a < b ? 1 : a > b ? -1 : 0;
}

/* Some values are equal for this one: their order must stay. */
static int by_hundreds(const void *context, uint32_t a, uint32_t b)
{
	(void)context;
	return (int)(a / 100) - (int)(b / 100);
}

static bool in_order(const struct sort_item *a, const struct sort_item *b, sort_tie *tie)
{
	if (a->key != b->key)
		return a->key < b->key;
	int order = tie ? tie("context", a->value, b->value) : 0;
	/* Values are made in the order of the array, so stable means rising. */
	return order < 0 || (order == 0 && a->value < b->value);
}

static void check(size_t n, uint64_t (*key)(uint32_t i), sort_tie *tie)
{
	struct sort_item *items = malloc((n + 1) * sizeof *items);
	struct sort_item *scratch = malloc((n + 1) * sizeof *scratch);
	bool *seen = calloc(n + 1, sizeof *seen);

	for (uint32_t i = 0; i < n; i++)
		items[i] = (struct sort_item){ key(i), i };
	items[n] = scratch[n] = (struct sort_item){ 0, 0xdeadbeef };
	sort_items(items, scratch, n, tie, "context");
	for (size_t i = 0; i < n; i++) {
		assert_true(items[i].value < n && !seen[items[i].value]);
		seen[items[i].value] = true;
		assert_true(items[i].key == key(items[i].value));
		if (i > 0 && !in_order(&items[i - 1], &items[i], tie))
			fail_msg("%zu items: %zu and %zu", n, i - 1, i);
	}
	assert_int_equal(items[n].value, 0xdeadbeef);
	assert_int_equal(scratch[n].value, 0xdeadbeef);
	free(items);
	free(scratch);
	free(seen);
}

static uint64_t rising(uint32_t i)
{
	return i;
}

static uint64_t falling_key(uint32_t i)
{
	return UINT64_MAX - i;
}

static uint64_t random_key(uint32_t i)
{
	return (i + 1) * 0x9e3779b97f4a7c15u;
}

static uint64_t few_keys(uint32_t i)
{
	return (i * 2654435761u) >> 29;
}

static uint64_t one_key(uint32_t i)
{
	(void)i;
	return 5;
}

/* Beyond 32 bits only the upper half differs. */
static uint64_t high_keys(uint32_t i)
{
	return (uint64_t)((i * 40503u) & 0xff) << 56;
}

static void any_number_of_items_is_sorted_and_stable(void **state)
{
	static uint64_t (*const keys[])(uint32_t) = { rising,   falling_key, random_key,
						      few_keys, one_key,     high_keys };
	static sort_tie *const ties[] = { NULL, falling, by_hundreds };

	(void)state;
	for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
		for (size_t t = 0; t < 3; t++) {
			for (size_t n = 0; n <= 130; n++)
				check(n, keys[k], ties[t]);
			check(1023, keys[k], ties[t]);
			check(1024, keys[k], ties[t]);
			check(MOST, keys[k], ties[t]);
		}
}

static void room_grows_and_is_kept(void **state)
{
	struct sort_room r = { .items = NULL };

	(void)state;
	assert_true(sort_room_make(&r, 100));
	assert_true(r.room >= 100);
	struct sort_item *items = r.items;
	r.items[99] = r.scratch[99] = (struct sort_item){ 1, 2 };
	assert_true(sort_room_make(&r, 50));
	assert_ptr_equal(r.items, items);
	assert_true(sort_room_make(&r, r.room + 1));
	r.items[r.room - 1] = r.scratch[r.room - 1] = (struct sort_item){ 3, 4 };
	sort_room_free(&r);
	assert_null(r.items);
	assert_int_equal(r.room, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_number_of_items_is_sorted_and_stable),
		cmocka_unit_test(room_grows_and_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
