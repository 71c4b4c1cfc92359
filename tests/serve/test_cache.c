/*
 * What the cache gives back: the last that was put in, and never when its time is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "guarded_cache.h"
#include "support/random_names.h"

/* ------ the key ------ */

static void an_answer_is_for_its_own_question_only(void **state)
{
	static const struct {
		const char *name;
		uint16_t type;
		uint8_t flags;
	} others[] = {
		{ "www.example.", TYPE_AAAA, 0 },
		{ "www.example.", CACHE_ANY_TYPE, 0 },
		{ "www.example.", TYPE_ANY, 0 },
		{ "www.example.", TYPE_A + 256, 0 },
		{ "www.example.", TYPE_A, CACHE_DNSSEC_OK },
		{ "www.example.", TYPE_A, CACHE_CHECKING_DISABLED },
		{ "www.example.", TYPE_A, CACHE_DNSSEC_OK | CACHE_CHECKING_DISABLED },
		{ "example.", TYPE_A, 0 },
		{ "www2.example.", TYPE_A, 0 },
		{ "a.www.example.", TYPE_A, 0 },
		{ "www\\.example.", TYPE_A, 0 },
		{ ".", TYPE_A, 0 },
	};
	const size_t count = sizeof others / sizeof others[0];

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	put_with("www.example.", TYPE_A, 0, 60, "the one");
	for (size_t i = 0; i < count; i++)
		if (find_with(others[i].name, others[i].type, others[i].flags) != CACHE_MISS)
			fail_msg("%s %u %u", others[i].name, others[i].type, others[i].flags);
	for (size_t i = 0; i < count; i++)
		put_with(others[i].name, others[i].type, others[i].flags, 60, "another");
	assert_int_equal(find("www.example."), CACHE_FRESH);
	assert_octets("the one");
	assert_int_equal(c.counters.added, 1 + count);
}

/* Hashes are made equal here, type and flags mixed in as src/serve/cache.c does it. */
static void an_equal_hash_is_not_an_equal_question(void **state)
{
	static const struct {
		const char *name;
		uint16_t type;
		uint8_t flags;
	} others[] = { { "b.example.", TYPE_A, 0 },
		       { "a.example.", TYPE_AAAA, 0 },
		       { "a.example.", TYPE_A, CACHE_DNSSEC_OK } };
	const uint64_t mix = 0x9e3779b97f4a7c15, hash = key_of("a.example.", TYPE_A, 0).hash;

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	put("a.example.", 60);
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct cache_key key = key_of(others[i].name, others[i].type, others[i].flags);

		key.hash = hash ^ TYPE_A * 256 * mix ^ (key.type * 256u + key.flags) * mix;
		assert_int_equal(cache_find(&c, &key, now, now, true, &found), CACHE_MISS);
	}
}

static void letters_are_equal_in_both_cases(void **state) /* RFC 4343 §3 */
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	put_with("WwW.Example.", TYPE_A, 0, 60, "an answer");
	assert_int_equal(find("wWw.eXAMPLE."), CACHE_FRESH);
	assert_octets("an answer");
	assert_memory_equal(found.name.octets, "\3wWw\7eXAMPLE", 13);
	assert_int_equal(find("{ww.example."), CACHE_MISS);
}

static void an_answer_takes_the_place_of_an_older_one(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	put_with("www.example.", TYPE_A, 0, 600, "older");
	uint32_t used = c.cells.used;
	put_with("WWW.example.", TYPE_A, 0, 60, "newer");
	assert_int_equal(c.cells.used, used);
	assert_int_equal(find("www.example."), CACHE_FRESH);
	assert_octets("newer");
	now += 60000; /* with its own time, not that of the older one */
	assert_int_equal(find("www.example."), CACHE_MISS);
}

static void after_clear_nothing_is_there(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, DAY_S, 1000);
	for (unsigned i = 0; i < 500; i++)
		put(numbered("n", i), 600);
	cache_clear(&c, now);
	assert_int_equal(c.cells.used, 0);
	for (unsigned i = 0; i < 500; i++)
		assert_int_equal(find_patient(numbered("n", i)), CACHE_MISS);
	put("n1.example.", 60);
	assert_int_equal(find("n1.example."), CACHE_FRESH);
}

/* ------ time ------ */

static void its_age_is_told_in_whole_seconds(void **state) /* to be taken off each TTL */
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1999);
	put("a.example.", 60);
	static const struct {
		unsigned after_ms, age_s;
	} cases[] = { { 0, 0 }, { 999, 0 }, { 1000, 1 }, { 59000, 59 }, { 59999, 59 } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		now = 1999 + cases[i].after_ms;
		assert_int_equal(find("a.example."), CACHE_FRESH);
		assert_int_equal(found.age_s, cases[i].age_s);
		assert_int_equal(found.answer.ttl_s, 60);
	}
	now = 1999 + 60000;
	assert_int_equal(find("a.example."), CACHE_MISS);
}

/* RFC 1035 §3.2.1: "should not be cached", but those who were waiting get it. */
static void ttl_0_is_for_those_who_wait_and_for_nobody_else(void **state)
{
	struct cache_key key;

	(void)state;
	open_cache(CACHE_MIN_SIZE, DAY_S, 5000);
	put("a.example.", 0);
	key = key_of("a.example.", TYPE_A, 0);
	now += 1;
	assert_int_equal(cache_find(&c, &key, now, 4000, false, &found), CACHE_FRESH);
	assert_int_equal(cache_find(&c, &key, now, 5000, false, &found), CACHE_FRESH);
	assert_int_equal(cache_find(&c, &key, now, 5001, false, &found), CACHE_MISS);
	assert_int_equal(cache_find(&c, &key, now, 5001, true, &found), CACHE_MISS);
	fail_to_ask("a.example.", FAILURE_ANSWER, EDE_NONE);
	assert_int_equal(cache_find(&c, &key, now, now, true, &found), CACHE_FAILED);
	tick_to(now + 3600 * 1000);
	assert_int_equal(c.cells.used, 0);
}

/* The times of entries have 32 bits; those of the caller do not. */
static void the_clock_may_be_far_beyond_32_bits(void **state)
{
	static const uint64_t starts[] = {
		0,
		(1ull << 31) - 5000,
		(1ull << 32) - 5000,
		(1ull << 32) + 5000,
		(7ull << 32) - 86400 * 500,
		1ull << 41, /* 70 years */
	};

	(void)state;
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		open_cache(CACHE_MIN_SIZE, CACHE_MAX_STALE_S, starts[i]);
		put("a.example.", 10);
		put("b.example.", CACHE_MAX_TTL_S);
		tick_to(starts[i] + 9999);
		assert_int_equal(find("a.example."), CACHE_FRESH);
		tick_to(starts[i] + 10000);
		assert_int_equal(find("a.example."), CACHE_MISS);
		assert_int_equal(find_patient("a.example."), CACHE_STALE);
		tick_to(starts[i] + DAY_S * 1000ull - 1);
		assert_int_equal(find("b.example."), CACHE_FRESH);
		/* The hand counts whole seconds. */
		tick_to(starts[i] + (DAY_S + CACHE_MAX_STALE_S) * 1000ull - 1000);
		assert_int_equal(find_patient("a.example."), CACHE_MISS);
		assert_int_equal(find_patient("b.example."), CACHE_STALE);
		tick_to(now + 3600 * 1000);
		assert_int_equal(c.cells.used, 0);
		guarded_block_free(&block);
	}
}

static void what_is_over_leaves_though_nobody_asks_for_it(void **state)
{
	struct random_source r = { 1 };
	uint64_t last;

	(void)state;
	open_cache(ROOM, 0, 123456);
	for (unsigned i = 0; i < 3000; i++)
		put(numbered("n", i), 1 + random_below(&r, CACHE_MAX_TTL_S));
	assert_int_equal(c.counters.evicted, 0);
	last = c.cells.used;
	/* At once when time passes slowly ... */
	for (int hour = 0; hour < 12; hour++) {
		tick_to(now + 3600 * 1000);
		assert_true(c.cells.used < last);
		last = c.cells.used;
	}
	/* ... and a few at a time after a jump, so that no call takes long. */
	now += DAY_S * 1000ull;
	cache_tick(&c, now);
	assert_true(c.cells.used > last / 2);
	tick_to(now);
	assert_int_equal(c.cells.used, 0);
	assert_int_equal(c.counters.expired, 3000);
}

/* ------ stale answers: RFC 8767 ------ */

static void what_is_over_is_for_those_who_have_waited(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 100, 1000);
	put("a.example.", 10);
	tick_to(1000 + 10000);
	assert_int_equal(find("a.example."), CACHE_MISS);
	assert_int_equal(find_patient("a.example."), CACHE_STALE);
	assert_octets("a.example.");
	tick_to(1000 + 110000 - 1);
	assert_int_equal(find_patient("a.example."), CACHE_STALE);
	now = 1000 + 110000;
	assert_int_equal(find_patient("a.example."), CACHE_MISS);
}

static void and_for_all_while_a_failure_is_remembered(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, DAY_S, 1000);
	put("a.example.", 10);
	now += 20000;
	fail_to_ask("a.example.", FAILURE_ANSWER, EDE_NETWORK_ERROR);
	assert_int_equal(find("a.example."), CACHE_STALE);
	assert_octets("a.example.");
	assert_int_equal(found.answer.ede, EDE_NONE); /* of the answer, not of the failure */
	now += CACHE_FAILURE_S * 1000;
	assert_int_equal(find("a.example."), CACHE_MISS); /* ask again */
	assert_int_equal(find_patient("a.example."), CACHE_STALE);
	put("a.example.", 10);
	assert_int_equal(find("a.example."), CACHE_FRESH);
}

static void without_stale_time_it_is_over_for_all(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	put("a.example.", 10);
	now += 10000;
	assert_int_equal(find_patient("a.example."), CACHE_MISS);
	fail_to_ask("a.example.", FAILURE_ANSWER, EDE_OTHER);
	assert_int_equal(find_patient("a.example."), CACHE_FAILED);
	assert_int_equal(found.answer.ede, EDE_OTHER);
}

/* ------ failures: RFC 9520 ------ */

static void failures_are_remembered_for_twice_as_long_each_time(void **state)
{
	static const unsigned expected[] = { 5, 10, 20, 40, 80, 160, 300, 300, 300 };

	(void)state;
	open_cache(8 << 20, 0, 1000);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		uint64_t failed = now;

		fail_to_ask("a.example.", FAILURE_ANSWER, EDE_OTHER);
		tick_to(failed + expected[i] * 1000 - 1);
		assert_int_equal(find("a.example."), CACHE_FAILED);
		assert_int_equal(find("b.example."), CACHE_MISS);
		tick_to(failed + expected[i] * 1000);
		assert_int_equal(find("a.example."), CACHE_MISS);
		/* It is known to be one more though nobody asked for a while. */
		tick_to(failed + expected[i] * 1900);
	}
	put("a.example.", 1); /* an answer wipes all that out */
	now += 1000;
	fail_to_ask("a.example.", FAILURE_ANSWER, EDE_OTHER);
	now += CACHE_FAILURE_S * 1000;
	assert_int_equal(find("a.example."), CACHE_MISS);
	tick_to(now + 24 * 3600 * 1000);
	assert_int_equal(c.cells.used, 0);
}

static void silence_is_remembered_for_a_second_however_often(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	for (int i = 0; i < 20; i++) {
		fail_to_ask("a.example.", FAILURE_SILENCE, EDE_NO_REACHABLE_AUTHORITY);
		assert_int_equal(find("a.example."), CACHE_FAILED);
		assert_int_equal(found.answer.ede, EDE_NO_REACHABLE_AUTHORITY);
		now += CACHE_SILENCE_S * 1000 - 1;
		assert_int_equal(find("a.example."), CACHE_FAILED);
		now += 1;
		assert_int_equal(find("a.example."), CACHE_MISS);
	}
}

static void a_failure_is_nothing_while_the_answer_is_good(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	put("a.example.", 10);
	fail_to_ask("a.example.", FAILURE_ANSWER, EDE_OTHER);
	assert_int_equal(find("a.example."), CACHE_FRESH);
	now += 10000;
	assert_int_equal(find("a.example."), CACHE_MISS);
}

/* ------ asking before it is over ------ */

static void what_is_in_use_is_asked_for_anew_once(void **state)
{
	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	for (int life = 0; life < 3; life++) {
		uint64_t start = now;

		put("a.example.", 100);
		put("seldom.example.", 100);
		put("short.example.", 19);
		for (int i = 0; i < 10; i++, now += 1800) {
			assert_int_equal(find("a.example."), CACHE_FRESH);
			assert_false(found.refresh);
			assert_int_equal(find("short.example."), CACHE_FRESH);
			assert_false(found.refresh);
		}
		now = start + 18999;
		assert_int_equal(find("short.example."), CACHE_FRESH);
		assert_false(found.refresh); /* not worth it */
		now = start + 90999;
		assert_true(find("a.example.") == CACHE_FRESH && !found.refresh);
		now = start + 91000;
		assert_true(find("a.example.") == CACHE_FRESH && found.refresh);
		for (int i = 0; i < 5; i++, now += 1000)
			assert_true(find("a.example.") == CACHE_FRESH && !found.refresh);
		assert_true(find("seldom.example.") == CACHE_FRESH && !found.refresh);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_answer_is_for_its_own_question_only),
		CASE(an_equal_hash_is_not_an_equal_question),
		CASE(letters_are_equal_in_both_cases),
		CASE(an_answer_takes_the_place_of_an_older_one),
		CASE(after_clear_nothing_is_there),
		CASE(its_age_is_told_in_whole_seconds),
		CASE(ttl_0_is_for_those_who_wait_and_for_nobody_else),
		CASE(the_clock_may_be_far_beyond_32_bits),
		CASE(what_is_over_leaves_though_nobody_asks_for_it),
		CASE(what_is_over_is_for_those_who_have_waited),
		CASE(and_for_all_while_a_failure_is_remembered),
		CASE(without_stale_time_it_is_over_for_all),
		CASE(failures_are_remembered_for_twice_as_long_each_time),
		CASE(silence_is_remembered_for_a_second_however_often),
		CASE(a_failure_is_nothing_while_the_answer_is_good),
		CASE(what_is_in_use_is_asked_for_anew_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
