/*
 * sort.h -- a stable merge sort of (key, value) pairs.
 *
 * Our own, because qsort() of small libcs is several times slower, and because
 * most comparisons need only the 64-bit key that lies in the array; `tie`
 * decides between equal keys.
 */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include "base/octets.h"

struct sort_item {
	uint64_t key;
	uint32_t value;
};

/* Negative, zero or positive as in memcmp, for two values with equal keys. */
typedef int sort_tie(const void *context, uint32_t a, uint32_t b);

/* Sorts items[0..n); scratch has room for n more.  tie may be NULL: equal keys keep their order. */
void sort_items(struct sort_item *items, struct sort_item *scratch, size_t n, sort_tie *tie,
		const void *context);

/* Room for items and scratch that is kept from one use to the next. */
struct sort_room {
	struct sort_item *items;
	struct sort_item *scratch;
	size_t room;
};

/* Makes room for n items; what was there is lost.  False when memory ended. */
MUST_USE bool sort_room_make(struct sort_room *r, size_t n);
void sort_room_free(struct sort_room *r);

#endif
