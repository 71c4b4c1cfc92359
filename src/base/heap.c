/*
 * heap.c -- malloc() and its like, small.
 */
#include "base/heap.h"
#include "base/assert.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

/* What stands in front of each block. */
union head {
	size_t size; /* of block and head: a power of two, or above HEAP_SMALL; 0: given back */
	char align[HEAP_ALIGN];
};

struct unused {
	struct unused *next;
};

enum {
	LEAST = 32,
	POWERS = 11,     /* from LEAST to HEAP_SMALL */
	CHUNK = 1 << 18, /* octets that small blocks are cut from */
	LEAST_PAGE = 4096,
};

static struct unused *unused_blocks[POWERS];
static uint8_t *chunk; /* what is left of it */
static size_t chunk_left;

static union head *head_of(void *block)
{
	return (union head *)block - 1;
}

/* Of block and head; what is too much for a size is too much for the kernel as well. */
static size_t size_for(size_t n)
{
	return n < SIZE_MAX - sizeof(union head) ? n + sizeof(union head) : SIZE_MAX;
}

/* Which power of two holds so many octets; POWERS when they are a mapping's. */
static size_t power_for(size_t size)
{
	size_t power = 0;

	while (power < POWERS && (size_t)LEAST << power < size)
		power++;
	return power;
}

/* The same for a block that somebody has; ends the program when it cannot be one. */
static size_t power_of_block(union head *head)
{
	size_t power = power_for(head->size);

	assert(power == POWERS ? (uintptr_t)head % LEAST_PAGE == 0
			       : head->size == (size_t)LEAST << power);
	return power;
}

static void *map(size_t size)
{
	void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* From the chunk, or a new one: what is left of the old one is lost. */
static void *cut(size_t size)
{
	if (chunk_left < size) {
		uint8_t *fresh = map(CHUNK);

		if (!fresh)
			return NULL;
		chunk = fresh;
		chunk_left = CHUNK;
	}
	chunk += size;
	chunk_left -= size;
	return chunk - size;
}

static void *malloc_small(size_t power)
{
	struct unused *found = unused_blocks[power];
	size_t size = (size_t)LEAST << power;
	union head *head = found ? head_of(found) : cut(size);

	if (!head)
		return NULL;
	if (found) {
		assert(head->size == 0); /* or somebody wrote here who had given it back */
		unused_blocks[power] = found->next;
	}
	head->size = size;
	return head + 1;
}

void *heap_malloc(size_t n)
{
	size_t size = size_for(n);

	if (size <= HEAP_SMALL)
		return malloc_small(power_for(size));
	union head *head = map(size);
	if (!head)
		return NULL;
	head->size = size;
	return head + 1;
}

void *heap_calloc(size_t count, size_t size)
{
	size_t n = size > 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size;
	void *block = heap_malloc(n);

	if (block && head_of(block)->size <= HEAP_SMALL)
		memset(block, 0, n);
	return block; /* the kernel's pages are zero */
}

static void *realloc_large(union head *head, size_t size)
{
	if (size > PTRDIFF_MAX) {
		errno = ENOMEM; /* not every libc says so */
		return NULL;
	}
	head = mremap(head, head->size, size, MREMAP_MAYMOVE);
	if (head == MAP_FAILED)
		return NULL;
	head->size = size;
	return head + 1;
}

void *heap_realloc(void *block, size_t n)
{
	if (!block)
		return heap_malloc(n);
	union head *head = head_of(block);
	size_t size = size_for(n), old = head->size;
	bool is_mapping = power_of_block(head) == POWERS;
	if (is_mapping && size > HEAP_SMALL)
		return realloc_large(head, size);
	if (!is_mapping && size <= old)
		return block;
	void *moved = heap_malloc(n);
	if (moved) {
		memcpy(moved, block, (old < size ? old : size) - sizeof(union head));
		heap_free(block);
	}
	return moved;
}

void heap_free(void *block)
{
	if (!block)
		return;
	union head *head = head_of(block);
	size_t power = power_of_block(head);
	if (power == POWERS) {
		int error = errno;

		(void)munmap(head, head->size); /* a kernel that cannot keeps it */
		errno = error;
		return;
	}
	struct unused *unused = block;
	unused->next = unused_blocks[power];
	unused_blocks[power] = unused;
	head->size = 0;
}
