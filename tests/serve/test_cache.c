/*
 * What the cache gives back: the last that was put in, and never when its time is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "dns/rrtype.h"
#include "serve/elsewhere.h"
#include "support/random_names.h"
#include "support/world.h"

enum { DAY_S = 86400, ROOM = 1 << 20, GUARD_OCTET = 0xa5 };

/* Behind the block is a page that nobody may touch, before it are octets that must stay. */
static struct block {
	uint8_t *pages, *at;
	size_t size;
} block;

static struct cache c;
static struct cache_found found;
static uint64_t now;

static uint8_t *block_new(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t body = (size + page - 1) / page * page;

	block.size = body + 2 * page;
	block.pages =
		mmap(NULL, block.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(block.pages != MAP_FAILED);
	assert_int_equal(mprotect(block.pages + page + body, page, PROT_NONE), 0);
	block.at = block.pages + page + body - size;
	memset(block.pages, GUARD_OCTET, (size_t)(block.at - block.pages));
	return block.at;
}

static void block_free(void)
{
	for (const uint8_t *p = block.pages; p < block.at; p++)
		assert_int_equal(*p, GUARD_OCTET);
	munmap(block.pages, block.size);
	block.at = NULL;
}

static void open_cache(size_t size, uint32_t stale_s, uint64_t now_ms)
{
	now = now_ms;
	cache_init(&c, block_new(size), size, stale_s, now);
}

/* Every test ends here, so each of them sees that nothing outside the block was touched. */
static int close_cache(void **state)
{
	(void)state;
	if (block.at)
		block_free();
	return 0;
}

/* The name lives until the next key is made. */
static struct cache_key key_of(const char *text, uint16_t type, uint8_t flags)
{
	static struct name_buf name;
	struct probe p;

	assert_null(name_parse_absolute(text, &name));
	probe_init(&p, &world_key, name_view(&name));
	return (struct cache_key){ probe_hash(&p, p.labels), name_view(&name), type, flags };
}

static void put_with(const char *name, uint16_t type, uint8_t flags, uint32_t ttl_s,
		     const char *octets)
{
	const struct cache_key key = key_of(name, type, flags);
	const struct cache_answer answer = { .octets = (const uint8_t *)octets,
					     .size = strlen(octets),
					     .ede = EDE_NONE,
					     .ttl_s = ttl_s };

	cache_put(&c, &key, &answer, now);
}

static void put(const char *name, uint32_t ttl_s)
{
	put_with(name, TYPE_A, 0, ttl_s, name);
}

/* A number is a name; many of them are needed. */
static const char *numbered(const char *what, unsigned n)
{
	static char name[40];

	snprintf(name, sizeof name, "%s%u.example.", what, n);
	return name;
}

static enum cache_state find_with(const char *name, uint16_t type, uint8_t flags)
{
	const struct cache_key key = key_of(name, type, flags);

	return cache_find(&c, &key, now, now, false, &found);
}

static enum cache_state find(const char *name)
{
	return find_with(name, TYPE_A, 0);
}

static enum cache_state find_patient(const char *name)
{
	const struct cache_key key = key_of(name, TYPE_A, 0);

	return cache_find(&c, &key, now, now, true, &found);
}

static void fail_to_ask(const char *name, enum failure failure, int32_t ede)
{
	const struct cache_key key = key_of(name, TYPE_A, 0);

	cache_put_failure(&c, &key, failure, ede, now);
}

/* Lets the hand catch up wholly. */
static void tick_to(uint64_t ms)
{
	now = ms;
	for (int i = 0; i < 5000; i++)
		cache_tick(&c, now);
}

static void assert_octets(const char *expected)
{
	uint8_t octets[200] = { 0 };

	assert_int_equal(found.answer.size, strlen(expected));
	cache_read(&c, &found, octets);
	assert_memory_equal(octets, expected, strlen(expected));
}

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
		block_free();
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

/* ------ against a model ------ */

enum { KEYS = 400, MODEL_OPERATIONS = 200000, MODEL_MAX_SIZE = 8000 };

/* What was put in last, and until when a failure may be remembered. */
struct model {
	bool has;
	uint32_t seed; /* of the octets */
	uint64_t stored_ms, failed_until_ms;
	struct cache_answer answer;
};

static struct {
	struct model keys[KEYS];
	struct random_source r;
	unsigned fresh, stale, failed;
	bool has_room; /* for everything: nothing that is good may be missing */
} model;

static struct cache_key model_key(unsigned n)
{
	static const uint16_t types[] = { CACHE_ANY_TYPE, TYPE_A, TYPE_TXT, TYPE_AAAA };

	return key_of(numbered(n % 2 ? "n" : "N", n / 16), types[n % 4], (uint8_t)(n / 4 % 4));
}

static void fill(uint8_t *octets, size_t n, uint32_t seed)
{
	for (size_t i = 0; i < n; i++)
		octets[i] = (uint8_t)(seed + i + (i >> 8) * (seed >> 8));
}

static uint32_t any_ttl(struct random_source *r)
{
	static const uint32_t most[] = { 1, 10, 60, 3600, CACHE_MAX_TTL_S + 1 };

	return random_below(r, most[random_below(r, 5)]);
}

static void model_put(unsigned n)
{
	static uint8_t octets[UINT16_MAX];
	struct random_source *r = &model.r;
	struct model *m = &model.keys[n];
	const struct cache_key key = model_key(n);
	uint32_t most = random_below(r, 2000) ? MODEL_MAX_SIZE : UINT16_MAX + 1;

	*m = (struct model){ .has = true, .seed = random_below(r, UINT32_MAX), .stored_ms = now };
	m->answer = (struct cache_answer){
		.octets = octets,
		.size = random_below(r, random_below(r, 4) ? 200 : most),
		.answers = (uint16_t)random_below(r, 65536),
		.authorities = (uint16_t)random_below(r, 65536),
		.target = (uint16_t)random_below(r, 65536),
		.rcode = (uint8_t)random_below(r, 16),
		.authentic = random_below(r, 2),
		.is_private = random_below(r, 2),
		.ede = (int32_t)random_below(r, 30) - 1,
		.ttl_s = any_ttl(r),
	};
	fill(octets, m->answer.size, m->seed);
	cache_put(&c, &key, &m->answer, now);
}

static bool is_fresh_at(const struct model *m, uint64_t ms)
{
	return m->has && ms < m->stored_ms + m->answer.ttl_s * 1000ull;
}

static bool is_stale_at(const struct model *m, uint64_t ms)
{
	return m->has && !is_fresh_at(m, ms) && m->answer.ttl_s && c.stale_s &&
	       ms < m->stored_ms + (m->answer.ttl_s + (uint64_t)c.stale_s) * 1000;
}

static void model_fail(unsigned n)
{
	enum failure failure = random_below(&model.r, 2) ? FAILURE_ANSWER : FAILURE_SILENCE;
	unsigned most_s = failure == FAILURE_ANSWER ? CACHE_MAX_FAILURE_S : CACHE_SILENCE_S;
	const struct cache_key key = model_key(n);

	cache_put_failure(&c, &key, failure, EDE_OTHER, now);
	model.keys[n].failed_until_ms = now + most_s * 1000;
}

static void check_answer(const struct model *m)
{
	static uint8_t octets[UINT16_MAX], expected[UINT16_MAX];
	struct cache_answer answer = found.answer;

	assert_int_equal(found.age_s, (now - m->stored_ms) / 1000);
	answer.octets = m->answer.octets;
	assert_int_equal(answer.size, m->answer.size);
	assert_int_equal(answer.ttl_s, m->answer.ttl_s);
	assert_int_equal(answer.answers, m->answer.answers);
	assert_int_equal(answer.authorities, m->answer.authorities);
	assert_int_equal(answer.target, m->answer.target);
	assert_int_equal(answer.rcode, m->answer.rcode);
	assert_int_equal(answer.ede, m->answer.ede);
	assert_int_equal(answer.authentic, m->answer.authentic);
	assert_int_equal(answer.is_private, m->answer.is_private);
	cache_read(&c, &found, octets);
	fill(expected, answer.size, m->seed);
	assert_memory_equal(octets, expected, answer.size);
}

static void model_find(unsigned n)
{
	const struct model *m = &model.keys[n];
	const struct cache_key key = model_key(n);
	uint64_t asked = now - random_below(&model.r, 2) * random_below(&model.r, 3000);
	bool patient = random_below(&model.r, 2), may_be_failed = now < m->failed_until_ms;

	switch (cache_find(&c, &key, now, asked, patient, &found)) {
	case CACHE_FRESH:
		assert_true(is_fresh_at(m, now) || (m->has && m->stored_ms >= asked));
		check_answer(m);
		model.fresh++;
		break;
	case CACHE_STALE:
		assert_true(is_stale_at(m, now) && (patient || may_be_failed));
		check_answer(m);
		model.stale++;
		break;
	case CACHE_FAILED:
		assert_true(may_be_failed && !(model.has_room && is_fresh_at(m, now)));
		model.failed++;
		break;
	case CACHE_MISS:
		/* Who makes room counts whole seconds, so it may go that much early. */
		if (model.has_room)
			assert_false(
				is_fresh_at(m, now + 1000) ||
				(patient && is_stale_at(m, now) && is_stale_at(m, now + 1000)));
		break;
	}
}

static void model_clear(void)
{
	cache_clear(&c, now);
	memset(model.keys, 0, sizeof model.keys);
}

static void model_operate(void)
{
	unsigned n = random_below(&model.r, KEYS), what = random_below(&model.r, 100);

	now += random_below(&model.r, 50);
	if (what < 30)
		model_put(n);
	else if (what < 40)
		model_fail(n);
	else
		model_find(n);
	cache_tick(&c, now);
	if (random_below(&model.r, 80) == 0)
		now += random_below(&model.r, random_below(&model.r, 20) ? 60000 : 90000000);
	if (random_below(&model.r, 20000) == 0)
		model_clear();
}

/* A miss is always allowed where room is short; a wrong answer or an old one never is. */
static void what_comes_out_is_what_was_put_in_last_and_not_over(void **state)
{
	static const struct {
		size_t size;
		uint32_t stale_s;
		uint64_t start_ms;
		bool has_room;
	} runs[] = {
		{ CACHE_MIN_SIZE, DAY_S, 1000, false },
		{ CACHE_MIN_SIZE + 4000, 0, (1ull << 32) - 600000, false },
		{ CACHE_MIN_SIZE + 24, 60, 1ull << 40, false },
		{ 16 << 20, CACHE_MAX_STALE_S, (1ull << 33) - 1000, true },
		{ (16 << 20) + 8, 0, 1, true },
	};
	(void)state;
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		memset(&model, 0, sizeof model);
		model.r.state = i + 1;
		model.has_room = runs[i].has_room;
		open_cache(runs[i].size, runs[i].stale_s, runs[i].start_ms);
		for (unsigned k = 0; k < MODEL_OPERATIONS; k++)
			model_operate();
		assert_true(now > runs[i].start_ms + (1ull << 32)); /* the short times went round */
		assert_true(model.fresh > MODEL_OPERATIONS / 20 && model.failed > 100);
		assert_true(runs[i].stale_s == 0 || model.stale > 100);
		assert_true(runs[i].has_room ? c.counters.evicted == 0 : c.counters.evicted > 500);
		block_free();
	}
}

/* ------ through elsewhere.h: what the answers mean ------ */

static struct elsewhere e;
static struct routes routes;

static enum cache_state look(const char *name, uint16_t type)
{
	static struct name_buf buf;
	static struct probe p;
	const struct catalog none = { .count = 0 };

	assert_null(name_parse_absolute(name, &buf));
	probe_init(&p, &world_key, name_view(&buf));
	const struct place place = routes_find(&routes, &none, &p);
	e.now_ms = e.asked_ms = now;
	return elsewhere_find(&e, &p, type, &place, &found);
}

static void route(const char *domain)
{
	struct name_buf name;

	assert_null(name_parse_absolute(domain, &name));
	assert_int_not_equal(routes_add(&routes, name_view(&name)), ROUTE_NONE);
}

static void open_elsewhere(uint32_t stale_s)
{
	open_cache(CACHE_MIN_SIZE, stale_s, 1000);
	assert_true(routes_init(&routes, &world_key));
	route(".");
	route("corp.gone.example.");
	e = (struct elsewhere){ .routes = &routes, .cache = &c };
}

static void no_such_name_is_for_all_types_and_for_what_is_below(void **state)
{
	static const struct {
		const char *name; /* RFC 2308 §5, RFC 8020 §2 */
		enum cache_state expect;
	} cases[] = {
		{ "gone.example.", CACHE_FRESH },
		{ "GONE.example.", CACHE_FRESH },
		{ "a.gone.example.", CACHE_FRESH },
		{ "a.b.c.d.gone.example.", CACHE_FRESH },
		{ "example.", CACHE_MISS },
		{ "agone.example.", CACHE_MISS },
		{ "there.example.", CACHE_MISS },
		{ ".", CACHE_MISS },
		{ "corp.gone.example.", CACHE_MISS }, /* others know that one */
		{ "a.corp.gone.example.", CACHE_MISS },
	};
	(void)state;
	open_elsewhere(DAY_S);
	put_with("gone.example.", CACHE_ANY_TYPE, 0, 60, "no");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (uint16_t type = 1; type < 70; type += 3)
			if (look(cases[i].name, type) != cases[i].expect)
				fail_msg("%s %u", cases[i].name, type);
	e.flags = CACHE_DNSSEC_OK;
	assert_int_equal(look("gone.example.", TYPE_A), CACHE_MISS);
	e.flags = 0;
	put_with("a.gone.example.", TYPE_A, 0, 60, "yes"); /* its own answer goes before */
	assert_int_equal(look("a.gone.example.", TYPE_A), CACHE_FRESH);
	assert_octets("yes");
	now += 60000;
	e.patient = true; /* what is over says nothing of the names below */
	assert_int_equal(look("gone.example.", TYPE_A), CACHE_STALE);
	assert_int_equal(look("b.gone.example.", TYPE_A), CACHE_MISS);
	routes_free(&routes);
}

/* The TTL of the record that a client gets; UINT32_MAX when there is none. */
static uint32_t ttl_told(enum cache_state state)
{
	static uint8_t octets[512];
	struct message m;
	struct name_buf target;
	const uint8_t *p = octets + HEADER_SIZE + 13 + 4 + 6; /* behind the name aaa.example. */

	if (state != CACHE_FRESH && state != CACHE_STALE)
		return UINT32_MAX;
	message_init(&m, octets, sizeof octets);
	put_question(&m, &(struct question){ found.name, TYPE_A, CLASS_IN });
	assert_true(elsewhere_put(&e, &m, AT_QUESTION, state, &found, &target));
	assert_int_equal(m.count[SECTION_ANSWER], 1);
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void ttls_are_counted_down_and_stale_ones_are_30(void **state)
{
	static const uint8_t octets[] = "\xc0\x0c\0\1\0\1\0\0\0\x64\0\4\xc0\0\2"; /* TTL 100 */
	const struct cache_answer answer = { octets, sizeof octets, 1, .ttl_s = 100 };
	struct cache_key key;

	(void)state;
	open_elsewhere(DAY_S);
	key = key_of("aaa.example.", TYPE_A, 0);
	cache_put(&c, &key, &answer, now);
	assert_int_equal(ttl_told(look("aaa.example.", TYPE_A)), 100);
	now += 30999;
	assert_int_equal(ttl_told(look("aaa.example.", TYPE_A)), 70);
	now = 1000 + 99999;
	assert_int_equal(ttl_told(look("aaa.example.", TYPE_A)), 1);
	now += 1;
	assert_int_equal(ttl_told(look("aaa.example.", TYPE_A)), UINT32_MAX);
	e.patient = true;
	assert_int_equal(ttl_told(look("aaa.example.", TYPE_A)), CACHE_STALE_TTL_S);
	routes_free(&routes);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_teardown(name, close_cache)
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
		CASE(what_is_over_makes_room_first),
		CASE(a_flood_of_names_asked_once_never_reaches_what_is_in_use),
		CASE(what_was_in_use_gives_way_to_what_is),
		CASE(what_is_renewed_is_in_use_as_before),
		CASE(what_was_never_to_stay_goes_before_what_is_over),
		CASE(even_when_all_is_in_use_room_is_made),
		CASE(every_size_comes_back),
		CASE(what_comes_out_is_what_was_put_in_last_and_not_over),
		CASE(no_such_name_is_for_all_types_and_for_what_is_below),
		CASE(ttls_are_counted_down_and_stale_ones_are_30),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
