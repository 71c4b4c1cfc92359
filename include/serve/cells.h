/*
 * cells.h -- a block of memory cut into cells of equal size.
 *
 * What is kept is a chain of cells: the first begins with a head of the
 * owner's, the others with the number of the next one.  Any number of octets
 * finds room wherever cells are free, so nothing is ever moved and no hole is
 * too small, and every octet of the block is accounted for.
 *
 *	first   next | rest of the head | octets ...
 *	others  next | octets ...
 *
 * Cells are handed out in order the first time, so a block that is not full
 * is not resident either.
 */
#ifndef SERVE_CELLS_H
#define SERVE_CELLS_H

#include "base/octets.h"

enum {
	CELL_SIZE = 128,     /* most answers take one or two */
	CELL_HEAD_SIZE = 64, /* of the first cell; its first four octets are `next` */
};

struct cells {
	uint8_t *at; /* borrowed */
	uint32_t count;
	uint32_t used;
	uint32_t fresh; /* cells from this number on were never used */
	uint32_t free;  /* the first that was given back; 0: none */
};

/* Cells are numbered from 1; block has count * CELL_SIZE octets, aligned to 8. */
void cells_init(struct cells *c, void *block, uint32_t count);

/* How many cells hold so many octets behind a head. */
uint32_t cells_needed(size_t octets);

static inline uint32_t cells_left(const struct cells *c)
{
	return c->count - c->used;
}

/* Has none ever been taken? */
static inline bool cells_are_untouched(const struct cells *c)
{
	return c->fresh == 1;
}

/* The head of a chain. */
static inline void *cells_head(const struct cells *c, uint32_t first)
{
	return c->at + (size_t)(first - 1) * CELL_SIZE;
}

/* A chain for so many octets; needs enough cells_left().  The head is zeroed but for `next`. */
uint32_t cells_take(struct cells *c, size_t octets);

/* Gives a whole chain back. */
void cells_give(struct cells *c, uint32_t first);

/* A place in a chain.  It must not be moved beyond what cells_take() was asked for. */
struct cells_cursor {
	const struct cells *cells;
	uint32_t cell;
	uint32_t at; /* of the cell's octets */
};

/* The first octet behind the head. */
struct cells_cursor cells_start(const struct cells *c, uint32_t first);

/* Each moves past n octets. */
void cells_write(struct cells_cursor *where, const uint8_t *octets, size_t n);
void cells_read(struct cells_cursor *where, uint8_t *octets, size_t n);
bool cells_equal_folded(struct cells_cursor *where, const uint8_t *octets, size_t n);
void cells_skip(struct cells_cursor *where, size_t n);

#endif
