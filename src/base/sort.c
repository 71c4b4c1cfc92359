/*
 * sort.c -- a stable merge sort of (key, value) pairs.
 *
 * Short runs are sorted by insertion, then runs are merged pairwise, bottom
 * up, from one array into the other and back: no recursion.
 */
#include "base/sort.h"

#include <stdlib.h>

enum { RUN = 16 };

struct comparison {
	sort_tie *tie;
	const void *context;
};

/* Of two with equal keys; needs a `tie`. */
static bool wins_tie(const struct comparison *c, const struct sort_item *a,
		     const struct sort_item *b)
{
	return c->tie(c->context, a->value, b->value) < 0;
}

static bool goes_before(const struct comparison *c, const struct sort_item *a,
			const struct sort_item *b)
{
	return a->key < b->key || (a->key == b->key && c->tie && wins_tie(c, a, b));
}

static void sort_run(const struct comparison *c, struct sort_item *items, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct sort_item item = items[i];
		size_t at = i;

		for (; at > 0 && goes_before(c, &item, &items[at - 1]); at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

/* Merges from[0..middle) and from[middle..n) into to[0..n). */
static void merge(const struct comparison *c, const struct sort_item *from, size_t middle, size_t n,
		  struct sort_item *to)
{
	const struct sort_item *a = from, *b = from + middle;

	/* Which of two comes first nobody can guess, so it is counted and not branched on. */
	while (a < from + middle && b < from + n) {
		size_t second = b->key < a->key;

		if (b->key == a->key && c->tie)
			second = wins_tie(c, b, a);
		*to++ = a[(size_t)(b - a) * second];
		a += 1 - second;
		b += second;
	}
	memcpy(to, a, (size_t)(from + middle - a) * sizeof *to);
	to += from + middle - a;
	memcpy(to, b, (size_t)(from + n - b) * sizeof *to);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

void sort_items(struct sort_item *items, struct sort_item *scratch, size_t n, sort_tie *tie,
		const void *context)
{
	struct comparison c = { tie, context };
	struct sort_item *from = items, *to = scratch;

	for (size_t at = 0; at < n; at += RUN)
		sort_run(&c, items + at, smaller(RUN, n - at));
	for (size_t width = RUN; width < n; width *= 2) {
		for (size_t at = 0; at < n; at += 2 * width) {
			size_t left = n - at;
			merge(&c, from + at, smaller(width, left), smaller(2 * width, left),
			      to + at);
		}
		struct sort_item *other = from;
		from = to;
		to = other;
	}
	if (from != items)
		memcpy(items, from, n * sizeof *items);
}

bool sort_room_make(struct sort_room *r, size_t n)
{
	if (n <= r->room)
		return true;
	sort_room_free(r);
	r->items = malloc(2 * n * sizeof *r->items);
	r->scratch = malloc(2 * n * sizeof *r->scratch);
	if (!r->items || !r->scratch) {
		sort_room_free(r);
		return false;
	}
	r->room = 2 * n;
	return true;
}

void sort_room_free(struct sort_room *r)
{
	free(r->items);
	free(r->scratch);
	*r = (struct sort_room){ .items = NULL };
}
