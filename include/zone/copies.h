/*
 * copies.h -- finds records that are there twice, among many.
 *
 * A record that is written twice counts once (RFC 2181 §5).  A few are compared
 * each with each; of more, those that were kept are in a hash table, so that the
 * work does not grow with the square of what one name can have.
 */
#ifndef ZONE_COPIES_H
#define ZONE_COPIES_H

#include "base/sort.h"
#include "zone/builder.h"

enum { COPIES_FEW = 16 };

/* Items that copies_drop() needs as scratch for so many records; at least one more than these. */
size_t copies_room(size_t records);

/*
 * Leaves of the records in items[0..n), by their values, the first of each that are
 * copies of one another, in the same order; returns how many are left.
 */
size_t copies_drop(const struct builder *b, struct sort_item *items, size_t n,
		   struct sort_item *scratch);

#endif
