/*
 * cells.c -- a block of memory cut into cells of equal size.
 */
#include "serve/cells.h"

enum { LINK_SIZE = 4 };

static uint8_t *cell_at(const struct cells *c, uint32_t cell)
{
	return c->at + (size_t)(cell - 1) * CELL_SIZE;
}

static uint32_t next_of(const struct cells *c, uint32_t cell)
{
	uint32_t next;

	memcpy(&next, cell_at(c, cell), sizeof next);
	return next;
}

static void set_next(const struct cells *c, uint32_t cell, uint32_t next)
{
	memcpy(cell_at(c, cell), &next, sizeof next);
}

void cells_init(struct cells *c, void *block, uint32_t count)
{
	*c = (struct cells){ .at = block, .count = count, .fresh = 1 };
}

uint32_t cells_needed(size_t octets)
{
	const size_t first = CELL_SIZE - CELL_HEAD_SIZE, more = CELL_SIZE - LINK_SIZE;

	if (octets <= first)
		return 1;
	return 1 + (uint32_t)((octets - first + more - 1) / more);
}

static uint32_t take_one(struct cells *c)
{
	uint32_t cell = c->free;

	if (cell)
		c->free = next_of(c, cell);
	else
		cell = c->fresh++;
	c->used++;
	return cell;
}

uint32_t cells_take(struct cells *c, size_t octets)
{
	uint32_t first = take_one(c), last = first;

	for (uint32_t left = cells_needed(octets) - 1; left > 0; left--) {
		uint32_t cell = take_one(c);

		set_next(c, last, cell);
		last = cell;
	}
	set_next(c, last, 0);
	memset(cell_at(c, first) + LINK_SIZE, 0, CELL_HEAD_SIZE - LINK_SIZE);
	return first;
}

void cells_give(struct cells *c, uint32_t first)
{
	uint32_t last = first, count = 1;

	for (uint32_t next; (next = next_of(c, last)) != 0; last = next)
		count++;
	set_next(c, last, c->free);
	c->free = first;
	c->used -= count;
}

struct cells_cursor cells_start(const struct cells *c, uint32_t first)
{
	return (struct cells_cursor){ .cells = c, .cell = first, .at = CELL_HEAD_SIZE };
}

/* The octets at the cursor that lie in one piece, at most n; moves past them. */
static uint8_t *piece(struct cells_cursor *where, size_t n, size_t *size)
{
	if (where->at == CELL_SIZE) {
		where->cell = next_of(where->cells, where->cell);
		where->at = LINK_SIZE;
	}
	uint8_t *at = cell_at(where->cells, where->cell) + where->at;
	*size = n < CELL_SIZE - where->at ? n : CELL_SIZE - where->at;
	where->at += (uint32_t)*size;
	return at;
}

void cells_write(struct cells_cursor *where, const uint8_t *octets, size_t n)
{
	for (size_t size; n > 0; n -= size, octets += size) {
		uint8_t *at = piece(where, n, &size);

		octets_copy(at, octets, size);
	}
}

void cells_read(struct cells_cursor *where, uint8_t *octets, size_t n)
{
	for (size_t size; n > 0; n -= size, octets += size) {
		const uint8_t *at = piece(where, n, &size);

		octets_copy(octets, at, size);
	}
}

bool cells_equal_folded(struct cells_cursor *where, const uint8_t *octets, size_t n)
{
	bool equal = true;

	for (size_t size; n > 0; n -= size, octets += size) {
		const uint8_t *at = piece(where, n, &size);

		equal = equal && octets_equal_folded(at, octets, size);
	}
	return equal;
}

void cells_skip(struct cells_cursor *where, size_t n)
{
	for (size_t size; n > 0; n -= size)
		(void)piece(where, n, &size);
}
