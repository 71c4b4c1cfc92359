/*
 * table.c -- a growing hash table from 64-bit hashes to 32-bit values.
 *
 * At most two thirds of the slots are used, so every search meets a free slot.
 */
#include "base/table.h"
#include "base/assert.h"
#include "base/pages.h"

#include <stdlib.h>

enum { TABLE_FIRST = 64 };

static void place(struct table *t, uint32_t hash, uint32_t value)
{
	size_t i = hash & (t->size - 1);

	while (t->slots[i].value != 0)
		i = (i + 1) & (t->size - 1);
	t->slots[i] = (struct table_slot){ hash, value };
}

/*
 * Twice as large, in place: memory that is met for the first time costs more than to move what
 * stands in it.  The walk begins behind a free slot and takes out value after value, so those
 * that went round the end come last.  A value finds room where it was, before that, or in
 * the new half: all that its searches will pass was moved before, and equal hashes keep their order.
 */
static bool grow(struct table *t)
{
	size_t old = t->size, size = old ? old * 2 : TABLE_FIRST, free_one = 0;
	struct table_slot *slots = realloc(t->slots, size * sizeof *slots);

	if (!slots) {
		t->failed = true;
		return false;
	}
	pages_meet(slots + old, (size - old) * sizeof *slots);
	memset(slots + old, 0, (size - old) * sizeof *slots);
	t->slots = slots;
	t->size = size;
	while (free_one < old && slots[free_one].value != 0)
		free_one++;
	for (size_t i = 1; i < old; i++) {
		struct table_slot *from = &slots[(free_one + i) & (old - 1)];
		const struct table_slot moved = *from;

		from->value = 0;
		if (moved.value != 0)
			place(t, moved.hash, moved.value);
	}
	return true;
}

bool table_add(struct table *t, uint64_t hash, uint32_t value)
{
	if (t->failed || ((t->used + 1) * 3 > t->size * 2 && !grow(t)))
		return false;
	place(t, (uint32_t)hash, value);
	t->used++;
	return true;
}

void table_replace(struct table *t, uint64_t hash, uint32_t old, uint32_t value)
{
	struct table_walk walk = table_walk(hash);
	uint32_t found;

	do {
		found = table_find(t, &walk);
		assert(found != 0);
	} while (found != old);
	t->slots[(walk.at - 1) & (t->size - 1)].value = value;
}

bool table_reserve(struct table *t, size_t n)
{
	while (!t->failed && n * 3 > t->size * 2)
		(void)grow(t);
	return !t->failed;
}

void table_clear(struct table *t)
{
	if (t->size > 0)
		memset(t->slots, 0, t->size * sizeof *t->slots);
	t->used = 0;
}

void table_free(struct table *t)
{
	free(t->slots);
	*t = (struct table){ 0 };
}
