/*
 * pool.c -- octets that grow, addressed by 32-bit offsets.
 *
 * realloc() of a large block is a change of page tables (mremap) in every libc
 * that we know, so doubling does not copy.
 */
#include "base/pool.h"
#include "base/pages.h"

#include <stdlib.h>

enum {
	POOL_FIRST = 4096,
	POOL_LARGE = 1 << 20, /* from here on a pool is opened up in steps */
};

struct pool pool_init(size_t limit, size_t align)
{
	return (struct pool){ .used = align,
			      .room = align,
			      .reserved = align,
			      .limit = limit < UINT32_MAX ? limit : UINT32_MAX,
			      .align = align };
}

void pool_free(struct pool *p)
{
	free(p->at);
	*p = (struct pool){ 0 };
}

/* Memory for so many octets in all. */
static bool reserve(struct pool *p, size_t need)
{
	size_t reserved = p->at ? p->reserved : POOL_FIRST;

	while (reserved < need)
		reserved += reserved / 2;
	if (reserved > p->limit)
		reserved = p->limit;
	reserved &= ~(p->align - 1); /* as `need` is */
	uint8_t *at = need <= p->limit ? realloc(p->at, reserved) : NULL;
	if (!at)
		return false;
	p->at = at;
	p->reserved = reserved;
	return true;
}

/* Of what is reserved so much can be used, and a little more. */
static void open_up(struct pool *p, size_t need)
{
	size_t room = p->reserved, from = p->room;

	if (p->reserved >= POOL_LARGE && p->reserved - need > 2 * PAGES_STEP) {
		room = need + PAGES_STEP;
		room += -(uintptr_t)(p->at + room) % PAGES_STEP;
		pages_meet(p->at + from, room - from);
	}
	p->room = room;
}

bool pool_grow(struct pool *p, size_t n)
{
	size_t need = p->used + pool_size(p, n);

	/* The limit is looked at first: `need` could have wrapped. */
	p->failed = p->failed || n > p->limit || (need > p->reserved && !reserve(p, need));
	if (p->failed)
		p->room = p->used;
	else
		open_up(p, need);
	return !p->failed;
}
