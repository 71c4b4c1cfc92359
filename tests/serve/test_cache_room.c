/*
 * Who makes room in the cache for what is new, and that what was put in comes back whole.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "guarded_cache.h"
#include "support/random_names.h"

/* ------ room ------ */

static void what_is_over_makes_room_first(void **state)
{
	unsigned n = 0, over = 300;

	(void)state;
	open_cache(CACHE_MIN_SIZE, DAY_S, 1000);
	for (; cells_left(&c.cells) > 0; n++)
		put(numbered("n", n), n % 5 == 1 && n / 5 < over ? 10 : 3600);
	/* They are not the oldest, and all are in use. */
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(find(numbered("n", i)), CACHE_FRESH);
	tick_to(now + 1800 * 1000);
	for (unsigned i = 0; i < over; i++)
		put(numbered("other", i), 3600);
	assert_int_equal(c.counters.evicted, 0);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(find_patient(numbered("n", i)),
				 i % 5 == 1 && i / 5 < over ? CACHE_MISS : CACHE_FRESH);
	put("one-more.example.", 3600);
	assert_int_equal(c.counters.evicted, 1);
}

/* Hits of 500 names in use, of 1000, while for each question 20 others come that never return. */
static unsigned hits_in_a_flood(struct random_source *r, unsigned questions, unsigned *flood)
{
	unsigned hits = 0;

	for (unsigned i = 0; i < questions; i++, now += 10) {
		char name[40];

		for (int k = 0; k < 20; k++) {
			if (find(numbered("flood", *flood)) == CACHE_MISS)
				put(numbered("flood", (*flood)++), 3600);
		}
		snprintf(name, sizeof name, "hot%u.example.", random_below(r, 500));
		if (find(name) == CACHE_FRESH)
			hits++;
		else
			put(name, DAY_S);
	}
	return (unsigned)(hits * 1000ull / questions);
}

static void a_flood_of_names_asked_once_never_reaches_what_is_in_use(void **state)
{
	struct random_source r = { 7 };
	unsigned flood = 0;

	(void)state;
	open_cache(ROOM, DAY_S, 1000);
	/* What is known before it begins ... */
	for (unsigned twice = 0; twice < 2; twice++)
		for (unsigned i = 0; i < 500; i++)
			if (find(numbered("hot", i)) == CACHE_MISS)
				put(numbered("hot", i), DAY_S);
	assert_true(hits_in_a_flood(&r, 10000, &flood) >= 950);
	assert_true(c.counters.evicted > 150000);
	/* ... and what has to find its place while it lasts. */
	cache_clear(&c, now);
	hits_in_a_flood(&r, 10000, &flood);
	assert_true(hits_in_a_flood(&r, 10000, &flood) >= 950);
}

static void flood_twice_over(unsigned *flood)
{
	for (unsigned n = 2 * c.cells.count; n > 0; n--)
		put(numbered("flood", (*flood)++), 3600);
}

static void what_was_in_use_gives_way_to_what_is(void **state)
{
	struct random_source r = { 5 };
	unsigned flood = 0;

	(void)state;
	open_cache(ROOM, DAY_S, 1000);
	for (unsigned i = 0; i < 2 * c.cells.count; i++) {
		put(numbered("once", i), DAY_S);
		find(numbered("once", i));
	}
	hits_in_a_flood(&r, 20000, &flood);
	assert_true(hits_in_a_flood(&r, 5000, &flood) >= 950);
}

static void what_is_renewed_is_in_use_as_before(void **state)
{
	unsigned flood = 0;

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	put("a.example.", DAY_S);
	assert_int_equal(find("a.example."), CACHE_FRESH);
	flood_twice_over(&flood);
	put("a.example.", DAY_S);
	flood_twice_over(&flood);
	assert_int_equal(find("a.example."), CACHE_FRESH);
}

static void what_was_never_to_stay_goes_before_what_is_over(void **state)
{
	unsigned n = 0, left = 0;

	(void)state;
	open_cache(CACHE_MIN_SIZE, DAY_S, 1000);
	for (; cells_left(&c.cells) > 0; n++)
		put(numbered("n", n), 10);
	tick_to(now + 3600 * 1000);
	for (unsigned i = 0; i < 1000; i++) {
		put(numbered("zero", i), 0);
		fail_to_ask(numbered("failed", i), FAILURE_ANSWER, EDE_NONE);
	}
	for (unsigned i = 0; i < n; i++)
		left += find_patient(numbered("n", i)) == CACHE_STALE;
	assert_true(left >= n - 3);
}

static void even_when_all_is_in_use_room_is_made(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	for (unsigned i = 0; i < 10000; i++) {
		put(numbered("n", i), 3600);
		for (unsigned k = 0; k < 5 && k < i; k++)
			find(numbered("n", i - k));
		assert_int_equal(find(numbered("n", i)), CACHE_FRESH);
	}
	assert_true(c.counters.evicted > 7000);
}

static void every_size_comes_back(void **state)
{
	static uint8_t octets[UINT16_MAX], back[UINT16_MAX];
	struct random_source r = { 3 };
	struct cache_key key;

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)random_below(&r, 256);
	for (size_t n = 0; n <= sizeof octets; n += n < 1000 ? 1 : n < 65000 ? 977 : 1) {
		const struct cache_answer answer = { .octets = octets, .size = n, .ttl_s = n % 2 };

		key = key_of(numbered("n", (unsigned)n), TYPE_A, 0);
		cache_put(&c, &key, &answer, now);
		assert_int_equal(cache_find(&c, &key, now, now, false, &found), CACHE_FRESH);
		assert_int_equal(found.answer.size, n);
		memset(back, 0, n + (n < sizeof back));
		cache_read(&c, &found, back);
		assert_memory_equal(back, octets, n);
		assert_true(n == sizeof back || back[n] == 0);
	}
}

/* Most servers at home never fill it: what is not used takes no memory from the machine. */
static void an_empty_cache_writes_nothing_into_its_block(void **state)
{
	struct cache empty;
	void *memory = mmap(NULL, 4 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)state;
	assert_true(memory != MAP_FAILED);
	cache_init(&empty, memory, 4 << 20, DAY_S, 1000);
	cache_clear(&empty, 2000);
	munmap(memory, 4 << 20);
}

static void what_was_cleared_is_gone_and_there_is_room_again(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, DAY_S, 1000);
	for (int round = 0; round < 3; round++) {
		for (unsigned n = 0; n < 100; n++) {
			assert_int_equal(find(numbered("n", n)), CACHE_MISS);
			put(numbered("n", n), 3600);
		}
		for (unsigned n = 0; n < 100; n++)
			assert_int_equal(find(numbered("n", n)), CACHE_FRESH);
		cache_clear(&c, now);
		assert_int_equal(cells_left(&c.cells), c.cells.count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_is_over_makes_room_first),
		CASE(a_flood_of_names_asked_once_never_reaches_what_is_in_use),
		CASE(what_was_in_use_gives_way_to_what_is),
		CASE(what_is_renewed_is_in_use_as_before),
		CASE(what_was_never_to_stay_goes_before_what_is_over),
		CASE(even_when_all_is_in_use_room_is_made),
		CASE(every_size_comes_back),
		CASE(an_empty_cache_writes_nothing_into_its_block),
		CASE(what_was_cleared_is_gone_and_there_is_room_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
