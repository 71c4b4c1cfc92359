/*
 * heap.h -- malloc() and its like, small, for where a libc's would be large.
 *
 * The static binary of musl calls these by the libc's names (src/cmake/static.cmake): musl's own
 * were 9 KB of the 21 that the binary had of it.  For programs of one thread that use no other
 * function of that kind (aligned_alloc() would bring musl's again).  Nothing here is in the way of a
 * query: memory is asked for when the server starts and when zones are read.
 *
 * Blocks above HEAP_SMALL are mappings of their own: they grow without being copied, and are no
 * memory of ours any more when they are given back.  The others are powers of two; given back,
 * they wait for somebody who wants as much.
 *
 * What is given back or grows is looked at: if it can be no block, or has been given back and
 * nobody has it since, the program ends.
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stddef.h>

enum {
	HEAP_SMALL = 32768, /* octets, with HEAP_ALIGN of them that say how large the block is */
	HEAP_ALIGN = 16,    /* every block begins at a multiple of it */
};

/* Room for n octets, also for none; NULL and ENOMEM when memory ended.  To be given back. */
void *heap_malloc(size_t n);

/* Room for `count` items of `size` octets, all of them zero. */
void *heap_calloc(size_t count, size_t size);

/*
 * Room for n octets with what stands in a block, which may have moved; a new one for NULL.
 * NULL and ENOMEM when memory ended: the block is good then.
 */
void *heap_realloc(void *block, size_t n);

/* Gives a block back; NULL is none.  errno stays. */
void heap_free(void *block);

#endif
