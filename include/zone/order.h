/*
 * order.h -- the nodes of an image in canonical order (RFC 4034 §6.1).
 *
 * An image has its nodes as the file names them.  Who answers finds them by their
 * hashes; who prints a zone, or compares two, wants the one order that all zones share.
 */
#ifndef ZONE_ORDER_H
#define ZONE_ORDER_H

#include "zone/image.h"

struct order {
	const struct image *z;
	uint32_t *nodes; /* their offsets */
	uint32_t count;
};

/* Borrows the image; to be freed in any case.  False when memory ended. */
MUST_USE bool order_make(struct order *o, const struct image *z);
void order_free(struct order *o);

/* The i-th node, the apex first; NULL behind the last. */
static inline const struct node *order_node(const struct order *o, uint32_t i)
{
	return i < o->count ? image_at(o->z, o->nodes[i]) : NULL;
}

#endif
