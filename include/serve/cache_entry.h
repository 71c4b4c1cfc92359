/*
 * cache_entry.h -- an entry of the cache, and how it leaves: for cache.c and cache_leaving.c alone.
 *
 * Times inside an entry are 32 bits of milliseconds or seconds; nothing stays
 * for longer than CACHE_MAX_TTL_S and CACHE_MAX_STALE_S together, so differences
 * are right though the milliseconds wrap after 49 days.
 */
#ifndef SERVE_CACHE_ENTRY_H
#define SERVE_CACHE_ENTRY_H

#include "serve/cache.h"

enum entry_flag {
	KEY_FLAGS = CACHE_DNSSEC_OK | CACHE_CHECKING_DISABLED,
	ENTRY_USED = 4, /* since it was last looked at for leaving */
	ENTRY_AUTHENTIC = 8,
	ENTRY_REFRESHED = 16, /* has been told that it is soon over */
	ENTRY_EMPTY = 32,     /* no answer, only failures */
	ENTRY_PRIVATE = 64,
};

/* The head of a chain of cells; behind it the name, then the answer's octets. */
struct cache_entry {
	uint32_t next_cell;
	uint32_t chain; /* the next entry of the bucket */
	uint32_t hash;
	uint32_t newer, older;
	uint32_t wheel_next, wheel_before; /* before: 0 for the first of its slot */
	uint32_t stored_ms, ttl_s;
	uint32_t failed_until_ms;
	uint32_t due_s; /* when the hand should meet it */
	uint16_t type;
	uint16_t size; /* of the answer's octets */
	uint16_t answers, authorities;
	uint16_t target;
	uint16_t slot;
	int16_t ede;
	uint8_t name_size, flags, rcode, queue, hits, failures;
};
_Static_assert(sizeof(struct cache_entry) <= CELL_HEAD_SIZE,
	       "an entry's head fits into its first cell");

static inline struct cache_entry *cache_entry_at(const struct cache *c, uint32_t entry)
{
	return cells_head(&c->cells, entry);
}

/* Where the entries of a hash begin. */
static inline uint32_t *cache_bucket(const struct cache *c, uint32_t hash)
{
	return &c->buckets[hash & c->bucket_mask];
}

static inline uint32_t cache_seconds(uint64_t ms)
{
	return (uint32_t)(ms / 1000);
}

enum cache_end { END_NEWEST, END_OLDEST };

/* Has an entry wait at one end of a queue, and on the wheel for its time, due_s. */
void cache_line_up(struct cache *c, uint32_t entry, unsigned queue, enum cache_end end);

/* Nobody finds it any more, and its cells are free. */
void cache_forget(struct cache *c, uint32_t entry);

/* Has the entry leave whose turn it is; there must be one. */
void cache_evict(struct cache *c);

#endif
