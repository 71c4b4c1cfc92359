/*
 * pool.h -- octets that grow, addressed by 32-bit offsets.
 *
 * A zone under construction lives in pools: what is added is never moved
 * relative to the start, so an offset stays good while the memory itself may
 * move when it grows.  Offset 0 is never given out and can mean "none".
 * When memory ends `failed` sticks, and the load that uses the pool gives up.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/octets.h"

struct pool {
	uint8_t *at; /* NULL before the first piece */
	size_t used; /* with what stands in front of the first piece; a multiple of align, as ... */
	size_t room; /* ... what pieces can be added to now, ... */
	size_t reserved; /* ... and what was allocated */
	size_t limit;    /* octets; growing past it fails like memory that ends */
	size_t align;    /* of every piece: a power of two */
	bool failed;
};

/* An empty pool of at most `limit` octets (below 4 GiB), its pieces aligned so. */
struct pool pool_init(size_t limit, size_t align);
void pool_free(struct pool *p);

/* What a piece of n octets takes: pieces stand one behind the other, the first at `align`. */
static inline size_t pool_size(const struct pool *p, size_t n)
{
	return (n + p->align - 1) & ~(p->align - 1);
}

/* Room for n octets more than there is.  False when memory or the limit ended. */
MUST_USE bool pool_grow(struct pool *p, size_t n);

/* Room for n octets, at least one, whatever stands in them; 0 when it failed. */
static inline uint32_t pool_add(struct pool *p, size_t n)
{
	uint32_t start = (uint32_t)p->used;

	if (n > p->room - p->used && !pool_grow(p, n))
		return 0;
	p->used += pool_size(p, n);
	return start;
}

/* Of the piece that was added last only n octets, not more than it had, are kept. */
static inline void pool_cut(struct pool *p, uint32_t offset, size_t n)
{
	p->used = offset + pool_size(p, n);
}

/* The octets at an offset; lives until the next pool_add. */
static inline void *pool_at(const struct pool *p, uint32_t offset)
{
	return p->at + offset;
}

#endif
