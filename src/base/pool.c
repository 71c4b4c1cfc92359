/*
 * pool.c -- octets that grow, addressed by 32-bit offsets.
 *
 * realloc() of a large block is a change of page tables (mremap) in every libc
 * that we know, so doubling does not copy.
 */
#include "base/pool.h"

#include <stdlib.h>

enum { POOL_FIRST = 4096 };

struct pool pool_init(size_t limit, size_t align)
{
	return (struct pool){ .used = align,
			      .room = align,
			      .limit = limit < UINT32_MAX ? limit : UINT32_MAX,
			      .align = align };
}

void pool_free(struct pool *p)
{
	free(p->at);
	*p = (struct pool){ 0 };
}

/* Room for so many octets in all. */
static bool make_room(struct pool *p, size_t need)
{
	size_t room = p->at ? p->room : POOL_FIRST;

	while (room < need)
		room += room / 2;
	if (room > p->limit)
		room = p->limit;
	room &= ~(p->align - 1); /* as `need` is */
	uint8_t *at = need <= p->limit ? realloc(p->at, room) : NULL;
	if (!at)
		return false;
	/* No piece lies there, but whoever copies the pool copies it. */
	if (!p->at)
		memset(at, 0, p->align);
	p->at = at;
	p->room = room;
	return true;
}

bool pool_grow(struct pool *p, size_t n)
{
	/* Looked at first: rounding up could wrap. */
	if (!p->failed && n <= p->limit && make_room(p, p->used + pool_size(p, n)))
		return true;
	p->failed = true;
	p->room = p->used;
	return false;
}
