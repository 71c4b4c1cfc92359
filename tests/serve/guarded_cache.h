/*
 * guarded_cache.h -- a cache in a block whose surroundings must stay as they are,
 * the time of its test, and short words to put something in and to find it again.
 */
#ifndef TESTS_SERVE_GUARDED_CACHE_H
#define TESTS_SERVE_GUARDED_CACHE_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "dns/rrtype.h"
#include "serve/cache.h"
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

static inline uint8_t *block_new(size_t size)
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

static inline void block_free(void)
{
	for (const uint8_t *p = block.pages; p < block.at; p++)
		assert_int_equal(*p, GUARD_OCTET);
	munmap(block.pages, block.size);
	block.at = NULL;
}

static inline void open_cache(size_t size, uint32_t stale_s, uint64_t now_ms)
{
	now = now_ms;
	cache_init(&c, block_new(size), size, stale_s, now);
}

/* Every test ends here, so each of them sees that nothing outside the block was touched. */
static inline int close_cache(void **state)
{
	(void)state;
	if (block.at)
		block_free();
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
