/*
 * test_cache_limits.c -- the tables of the cache, and how much is done at a time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "serve/guarded_cache.h"

static void a_block_is_divided_by_its_size(void **state)
{
	static const struct {
		size_t size;
		uint32_t buckets, wheel, slot_s;
	} rows[] = {
		{ CACHE_MIN_SIZE, 256 * 1024 / CELL_SIZE / 2, 256, 512 },
		{ CACHE_MIN_SIZE + 64 * 1024, 256 * 1024 / CELL_SIZE, 512, 256 },
		{ 1 << 20, (1 << 20) / CELL_SIZE / 2, 1024, 128 },
		{ 4 << 20, (4 << 20) / CELL_SIZE / 2, 4096, 32 },
		{ 8 << 20, (8 << 20) / CELL_SIZE / 2, 4096, 32 },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		open_cache(rows[i].size, 0, 1000000000);
		assert_int_equal(c.bucket_mask + 1, rows[i].buckets);
		assert_int_equal(c.wheel_mask + 1, rows[i].wheel);
		assert_int_equal(c.slot_s, rows[i].slot_s);
		assert_int_equal(c.hand, 1000000 / rows[i].slot_s);
		size_t index = (rows[i].buckets + rows[i].wheel) * 4;
		assert_int_equal(c.cells.count, (rows[i].size - index) / CELL_SIZE);
		close_cache(state);
	}
}

/* A turn has an end, however much is over. */
static void a_turn_looks_at_64_entries(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 0);
	for (unsigned i = 0; i < 200; i++)
		put(numbered("n", i), 1);
	now = 512000;
	cache_tick(&c, now);
	assert_int_equal(c.counters.expired, 64);
	cache_tick(&c, now);
	assert_int_equal(c.counters.expired, 128);
}

static uint32_t cells_in_queues(void)
{
	return c.queues[CACHE_GOING].cells + c.queues[CACHE_NEW].cells + c.queues[CACHE_KEPT].cells;
}

static void every_cell_in_use_is_in_a_queue(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 10, 0);
	for (unsigned i = 0; i < 3000; i++, now += 10) {
		put(numbered("n", i), 1 + i % 30);
		if (i % 3 == 0)
			(void)find(numbered("n", i));
		if (i % 7 == 0)
			fail_to_ask(numbered("f", i), FAILURE_ANSWER, EDE_NONE);
		assert_int_equal(cells_in_queues(), c.cells.used);
	}
}

/* Being used once is not for ever. */
static void what_is_not_used_any_more_goes(void **state)
{
	unsigned n = 0, left = 0;

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 0);
	for (; c.counters.evicted == 0; n++) {
		put(numbered("old", n), DAY_S);
		assert_int_equal(find(numbered("old", n)), CACHE_FRESH);
	}
	for (unsigned i = 0; i < 3 * n; i++) {
		put(numbered("new", i), DAY_S);
		assert_int_equal(find(numbered("new", i)), CACHE_FRESH);
	}
	for (unsigned i = 0; i < n; i++)
		left += find(numbered("old", i)) == CACHE_FRESH;
	assert_int_equal(left, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_block_is_divided_by_its_size),
		CASE(a_turn_looks_at_64_entries),
		CASE(every_cell_in_use_is_in_a_queue),
		CASE(what_is_not_used_any_more_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
