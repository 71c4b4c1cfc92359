/*
 * guarded_block.h -- zeroed memory whose surroundings must stay as they are.
 *
 * Behind the block is a page that nobody may touch, before it are octets that must stay.
 */
#ifndef SUPPORT_GUARDED_BLOCK_H
#define SUPPORT_GUARDED_BLOCK_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/property.h"

enum { GUARD_OCTET = 0xa5 };

struct guarded_block {
	uint8_t *pages, *at; /* NULL: there is none */
	size_t size;         /* of all pages */
};

static inline uint8_t *guarded_block_new(struct guarded_block *b, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t body = (size + page - 1) / page * page;

	b->size = body + 2 * page;
	b->pages = mmap(NULL, b->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	PROPERTY(b->pages != MAP_FAILED);
	PROPERTY(mprotect(b->pages + page + body, page, PROT_NONE) == 0);
	b->at = b->pages + page + body - size;
	memset(b->pages, GUARD_OCTET, (size_t)(b->at - b->pages));
	return b->at;
}

static inline void guarded_block_free(struct guarded_block *b)
{
	for (const uint8_t *p = b->pages; p < b->at; p++)
		PROPERTY(*p == GUARD_OCTET);
	munmap(b->pages, b->size);
	b->at = NULL;
}

#endif
