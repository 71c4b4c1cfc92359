/*
 * guarded_cache.h -- a cache in a block whose surroundings must stay as they are,
 * the time of its test, and short words to put something in and to find it again.
 */
#ifndef TESTS_SERVE_GUARDED_CACHE_H
#define TESTS_SERVE_GUARDED_CACHE_H

#include <stdio.h>
#include <string.h>

#include "dns/rrtype.h"
#include "serve/cache.h"
#include "support/guarded_block.h"
#include "support/world.h"

enum { DAY_S = 86400, ROOM = 1 << 20 };

static struct guarded_block block;
static struct cache c;
static struct cache_found found;
static uint64_t now;

static inline void open_cache(size_t size, uint32_t stale_s, uint64_t now_ms)
{
	now = now_ms;
	cache_init(&c, guarded_block_new(&block, size), size, stale_s, now);
}

/* Every test ends here, so each of them sees that nothing outside the block was touched. */
static inline int close_cache(void **state)
{
	(void)state;
	if (block.at)
		guarded_block_free(&block);
	return 0;
}

/* The name lives until the next key is made. */
static inline struct cache_key key_of(const char *text, uint16_t type, uint8_t flags)
{
	static struct name_buf name;
	struct probe p;

	assert_null(name_parse_absolute(text, &name));
	probe_init(&p, &world_key, name_view(&name));
	return (struct cache_key){ probe_hash(&p, p.labels), name_view(&name), type, flags };
}

static inline void put_with(const char *name, uint16_t type, uint8_t flags, uint32_t ttl_s,
			    const char *octets)
{
	const struct cache_key key = key_of(name, type, flags);
	const struct cache_answer answer = { .octets = (const uint8_t *)octets,
					     .size = strlen(octets),
					     .ede = EDE_NONE,
					     .ttl_s = ttl_s };

	cache_put(&c, &key, &answer, now);
}

static inline void put(const char *name, uint32_t ttl_s)
{
	put_with(name, TYPE_A, 0, ttl_s, name);
}

/* A number is a name; many of them are needed. */
static inline const char *numbered(const char *what, unsigned n)
{
	static char name[40];

	snprintf(name, sizeof name, "%s%u.example.", what, n);
	return name;
}

static inline enum cache_state find_with(const char *name, uint16_t type, uint8_t flags)
{
	const struct cache_key key = key_of(name, type, flags);

	return cache_find(&c, &key, now, now, false, &found);
}

static inline enum cache_state find(const char *name)
{
	return find_with(name, TYPE_A, 0);
}

static inline enum cache_state find_patient(const char *name)
{
	const struct cache_key key = key_of(name, TYPE_A, 0);

	return cache_find(&c, &key, now, now, true, &found);
}

static inline void fail_to_ask(const char *name, enum failure failure, int32_t ede)
{
	const struct cache_key key = key_of(name, TYPE_A, 0);

	cache_put_failure(&c, &key, failure, ede, now);
}

/* Lets the hand catch up wholly. */
static inline void tick_to(uint64_t ms)
{
	now = ms;
	for (int i = 0; i < 5000; i++)
		cache_tick(&c, now);
}

static inline void assert_octets(const char *expected)
{
	uint8_t octets[200] = { 0 };

	assert_int_equal(found.answer.size, strlen(expected));
	cache_read(&c, &found, octets);
	assert_memory_equal(octets, expected, strlen(expected));
}

#define CASE(name) cmocka_unit_test_teardown(name, close_cache)

#endif
