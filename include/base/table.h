/*
 * table.h -- a growing hash table from 64-bit hashes to 32-bit values.
 *
 * Open addressing with linear probing; the table keeps half of the hash beside
 * the value, so nearly all misses are decided without looking at what the value
 * stands for, and a slot takes eight octets: in a large table each look is a wait for
 * the memory.  The caller compares: it walks the values that may be right with
 * table_find() until one is.  Nothing is ever removed alone.
 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include "base/octets.h"
#include "base/prefetch.h"

struct table_slot {
	uint32_t hash;  /* its lower half */
	uint32_t value; /* 0: the slot is free */
};

struct table {
	struct table_slot *slots;
	size_t size; /* a power of two, or 0 */
	size_t used;
	bool failed; /* memory ended; sticks */
};

/* A walk over the values of one hash, and of the few others that have the same lower half. */
struct table_walk {
	uint32_t hash;
	size_t at;
};

static inline struct table_walk table_walk(uint64_t hash)
{
	return (struct table_walk){ .hash = (uint32_t)hash, .at = (uint32_t)hash };
}

/* Has the slot fetched where a walk will begin. */
ONLY_FETCHES static inline void table_prefetch(const struct table *t, uint64_t hash)
{
	if (t->size > 0)
		prefetch(&t->slots[(uint32_t)hash & (t->size - 1)]);
}

/* The next value that may have been added under the walk's hash, or 0. */
static inline uint32_t table_find(const struct table *t, struct table_walk *walk)
{
	if (t->size == 0)
		return 0;
	for (;;) {
		const struct table_slot *s = &t->slots[walk->at++ & (t->size - 1)];

		if (s->value == 0 || s->hash == walk->hash)
			return s->value;
	}
}

/* The first of them, which most often is the right one. */
static inline uint32_t table_guess(const struct table *t, uint64_t hash)
{
	struct table_walk walk = table_walk(hash);

	return table_find(t, &walk);
}

/* Adds a value, which must not be 0.  False when memory ended. */
MUST_USE bool table_add(struct table *t, uint64_t hash, uint32_t value);

/* Puts a value in the place of one that was added under this hash, and is there. */
void table_replace(struct table *t, uint64_t hash, uint32_t old, uint32_t value);

/* Makes room for n values in all, so that adding them cannot fail.  False when memory ended. */
MUST_USE bool table_reserve(struct table *t, size_t n);

/* Forgets all values; the room stays. */
void table_clear(struct table *t);

void table_free(struct table *t);

#endif
