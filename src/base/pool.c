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
	return (struct pool){ .limit = limit < UINT32_MAX ? limit : UINT32_MAX, .align = align };
}

void pool_free(struct pool *p)
{
	free(p->at);
	*p = (struct pool){ 0 };
}

static bool grow(struct pool *p, size_t need)
{
	size_t room = p->room ? p->room : POOL_FIRST;

	while (room < need)
		room += room / 2;
	if (room > p->limit)
		room = p->limit;
	uint8_t *at = need <= p->limit ? realloc(p->at, room) : NULL;
	if (!at) {
		p->failed = true;
		return false;
	}
	/* No piece lies there, but whoever copies the pool copies it. */
	if (!p->at)
		memset(at, 0, p->align);
	p->at = at;
	p->room = room;
	return true;
}

uint32_t pool_add(struct pool *p, size_t n)
{
	size_t start = p->used ? p->used : p->align;

	/* Looked at first: rounding up could wrap. */
	if (n > p->limit)
		p->failed = true;
	if (p->failed)
		return 0;
	n = pool_size(p, n);
	if (start + n > p->room && !grow(p, start + n))
		return 0;
	p->used = start + n;
	return (uint32_t)start;
}
