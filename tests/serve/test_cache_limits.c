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
		{ (1 << 20) + 1024, (1 << 20) / CELL_SIZE, 2048, 64 },
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

/* ------ the hand ------ */

/* It meets what is over at the end of a step, and nothing before its time. */
static void what_is_over_leaves_with_its_step_of_the_hand(void **state)
{
	enum { STEP_S = 512, START_S = 1953 * STEP_S - 2 }; /* nearly a million */

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, START_S * 1000ull);
	assert_int_equal(c.slot_s, STEP_S);
	put("short.example.", 1); /* due in the last second of this step */
	put("long.example.", 2);  /* in the first one of the next */
	fail_to_ask("f.example.", FAILURE_ANSWER,
		    EDE_NONE); /* remembered twice as long as it counts */
	tick_to((START_S + 2) * 1000ull - 1);
	assert_int_equal(c.counters.expired, 0);
	tick_to((START_S + 2) * 1000ull);
	assert_int_equal(c.counters.expired, 1);
	tick_to((START_S + 2 + STEP_S) * 1000ull - 1);
	assert_int_equal(c.counters.expired, 1);
	tick_to((START_S + 2 + STEP_S) * 1000ull);
	assert_int_equal(c.counters.expired, 3);
}

static void a_failure_is_remembered_for_twice_the_time_that_it_counts(void **state)
{
	enum { STEP_S = 512, START_S = 4 * STEP_S - 2 * CACHE_FAILURE_S - 1 };

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, START_S * 1000ull);
	fail_to_ask("f.example.", FAILURE_ANSWER, EDE_NONE);
	tick_to(4 * STEP_S * 1000ull - 1);
	assert_int_equal(c.counters.expired, 0);
	tick_to(4 * STEP_S * 1000ull);
	assert_int_equal(c.counters.expired, 1);
}

/* Seven days are more than one turn of the hand: it is met on the way, and put in again. */
static void what_is_due_beyond_the_wheel_leaves_in_its_second(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, CACHE_MAX_STALE_S, 0);
	put("a.example.", 1);
	tick_to(512 * 1000);
	assert_int_equal(c.queues[CACHE_GOING].cells, 1);
	tick_to((CACHE_MAX_STALE_S + 1) * 1000ull - 1);
	assert_int_equal(c.counters.expired, 0);
	tick_to((CACHE_MAX_STALE_S + 1) / 512 * 512000ull + 512000);
	assert_int_equal(c.counters.expired, 1);
	open_cache(CACHE_MIN_SIZE, CACHE_MAX_STALE_S, 0);
	put("a.example.", 1);
	tick_to(512 * 1000);
	tick_to((CACHE_MAX_STALE_S + 1) * 1000ull); /* in one go: it is met now, and over now */
	assert_int_equal(c.counters.expired, 1);
}

static void who_puts_something_in_moves_the_hand(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 0);
	put("a.example.", 1);
	now = 512000;
	put("b.example.", 1);
	assert_int_equal(c.counters.expired, 1);
	now = 1024000;
	fail_to_ask("f.example.", FAILURE_ANSWER, EDE_NONE);
	assert_int_equal(c.counters.expired, 2);
}

/* ------ cells ------ */

static uint32_t cells_in_queues(void)
{
	return c.queues[CACHE_GOING].cells + c.queues[CACHE_NEW].cells + c.queues[CACHE_KEPT].cells;
}

static void every_cell_in_use_is_in_a_queue(void **state)
{
	static char octets[301];

	(void)state;
	memset(octets, 'x', 300);
	open_cache(CACHE_MIN_SIZE, 10, 0);
	for (unsigned i = 0; i < 3000; i++, now += 10) {
		put_with(numbered("n", i), TYPE_A, 0, 1 + i % 30, octets + i % 300);
		if (i % 3 == 0)
			(void)find(numbered("n", i));
		if (i % 7 == 0)
			fail_to_ask(numbered("f", i), FAILURE_ANSWER, EDE_NONE);
		assert_int_equal(cells_in_queues(), c.cells.used);
	}
}

/* The name alone: 64 octets of it fill the first cell. */
static void a_failure_takes_one_cell_however_often_it_comes(void **state)
{
	static const char name[] =
		"a23456789012345678901234567890123456789012345678901234.example.";

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 0);
	assert_int_equal(sizeof name, CELL_SIZE - CELL_HEAD_SIZE); /* as octets, too */
	fail_to_ask(name, FAILURE_ANSWER, EDE_NONE);
	fail_to_ask(name, FAILURE_ANSWER, EDE_NONE);
	assert_int_equal(c.cells.used, 1);
}

/* Otherwise a name with many types would be a list. */
static void types_of_one_name_spread_over_the_buckets(void **state)
{
	unsigned used = 0;

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 0);
	for (uint16_t type = 1; type <= 100; type++)
		put_with("a.example.", type, 0, 60, "");
	for (uint32_t i = 0; i <= c.bucket_mask; i++)
		used += c.buckets[i] != 0;
	assert_in_range(used, 80, 100);
}

/* ------ queues ------ */

/* New ones, of one cell each and all of them used, until there is no cell left. */
static unsigned fill_with_used(void)
{
	unsigned n = 0;

	for (; cells_left(&c.cells) > 0; n++) {
		put(numbered("old", n), DAY_S);
		assert_int_equal(find(numbered("old", n)), CACHE_FRESH);
	}
	return n;
}

static void sixteen_in_a_row_are_spared_and_no_more(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 0);
	unsigned n = fill_with_used();
	put("x.example.", DAY_S);
	assert_int_equal(c.counters.evicted, 1);
	assert_int_equal(c.queues[CACHE_KEPT].cells, 16);
	assert_int_equal(c.queues[CACHE_NEW].cells, n - 16);
	assert_int_equal(find(numbered("old", 15)), CACHE_FRESH);
	assert_int_equal(find(numbered("old", 16)), CACHE_MISS);
	assert_int_equal(find(numbered("old", 17)), CACHE_FRESH);
}

/* Who was spared once has to be used again to be spared a second time. */
static void what_was_spared_goes_first_unless_it_is_used_again(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 0);
	unsigned n = fill_with_used();
	for (unsigned i = 0; i < n && c.queues[CACHE_NEW].cells > n / 5 + 1; i++)
		put(numbered("new", i), DAY_S);
	assert_int_equal(c.queues[CACHE_NEW].cells, n / 5 + 1);
	assert_int_equal(find(numbered("old", 0)), CACHE_MISS);
	assert_int_equal(find(numbered("old", 1)), CACHE_FRESH);
}

static void what_is_new_has_a_fifth_of_the_cells(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 0);
	unsigned n = fill_with_used();
	for (unsigned i = 0; i < 3 * n; i++)
		put(numbered("new", i), DAY_S);
	assert_int_equal(c.queues[CACHE_NEW].cells,
			 c.cells.count / 5 + 1); /* the one more is the newest */
}

static void what_is_renewed_stays_as_new_as_it_was(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 0);
	put("a.example.", 60);
	put("a.example.", 60);
	assert_int_equal(c.queues[CACHE_NEW].cells, 1);
	fill_with_used();
	put("x.example.", DAY_S); /* "a" goes, which nobody has used */
	put("y.example.", DAY_S); /* "old0" and others are spared */
	put(numbered("old", 0), 60);
	assert_int_equal(c.queues[CACHE_KEPT].cells, 16);
	put(numbered("old", 0), 0);
	assert_int_equal(c.queues[CACHE_KEPT].cells, 15);
	assert_int_equal(c.queues[CACHE_GOING].cells, 1);
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

/* ------ failures, and use ------ */

/* Silence is no fault of the name: however often, it counts as one failure. */
static void much_silence_and_a_failure_are_two(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000000);
	for (unsigned i = 0; i < 5; i++)
		fail_to_ask("a.example.", FAILURE_SILENCE, EDE_NONE);
	fail_to_ask("a.example.", FAILURE_ANSWER, EDE_NONE);
	now += 2 * CACHE_FAILURE_S * 1000 - 1;
	assert_int_equal(find("a.example."), CACHE_FAILED);
	now++;
	assert_int_equal(find("a.example."), CACHE_MISS);
}

static void the_fourth_use_in_the_last_tenth_is_told_once(void **state)
{
	static const struct {
		uint32_t ttl_s, age_s;
		unsigned uses;
		bool refresh;
	} rows[] = {
		{ 100, 91, 4, true }, { 100, 90, 4, false }, { 100, 91, 3, false },
		{ 20, 19, 4, true },  { 19, 18, 4, false },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		open_cache(CACHE_MIN_SIZE, 0, 5000000);
		put("a.example.", rows[i].ttl_s);
		for (unsigned k = 1; k < rows[i].uses; k++) {
			assert_int_equal(find("a.example."), CACHE_FRESH);
			assert_false(found.refresh);
		}
		now += rows[i].age_s * 1000;
		assert_int_equal(find("a.example."), CACHE_FRESH);
		assert_int_equal(found.refresh, rows[i].refresh);
		assert_int_equal(find("a.example."), CACHE_FRESH);
		assert_false(found.refresh && rows[i].refresh);
		close_cache(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_block_is_divided_by_its_size),
		CASE(a_turn_looks_at_64_entries),
		CASE(what_is_over_leaves_with_its_step_of_the_hand),
		CASE(a_failure_is_remembered_for_twice_the_time_that_it_counts),
		CASE(what_is_due_beyond_the_wheel_leaves_in_its_second),
		CASE(who_puts_something_in_moves_the_hand),
		CASE(every_cell_in_use_is_in_a_queue),
		CASE(a_failure_takes_one_cell_however_often_it_comes),
		CASE(types_of_one_name_spread_over_the_buckets),
		CASE(sixteen_in_a_row_are_spared_and_no_more),
		CASE(what_was_spared_goes_first_unless_it_is_used_again),
		CASE(what_is_new_has_a_fifth_of_the_cells),
		CASE(what_is_renewed_stays_as_new_as_it_was),
		CASE(what_is_not_used_any_more_goes),
		CASE(much_silence_and_a_failure_are_two),
		CASE(the_fourth_use_in_the_last_tenth_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
