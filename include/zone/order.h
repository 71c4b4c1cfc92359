/*
 * order.h -- puts the nodes of a zone into canonical order (RFC 4034 §6.1).
 *
 * Siblings are sorted by their labels; a walk "first child, else next sibling,
 * else the parent's next sibling" then meets all names in canonical order.
 */
#ifndef ZONE_ORDER_H
#define ZONE_ORDER_H

#include "zone/builder.h"

/* How many places further on the sibling is that a node calls `ahead`; a power of two. */
enum { ORDER_AHEAD = 16 };

/* Octets that zone_order() needs: at most b->nodes.used, and so less than seal_room(). */
size_t order_room(const struct builder *b);

/*
 * Sorts the children of every node.  The room is aligned for any number, and zero in the end: the
 * image that will be written there wants memory anyway that was not met before.
 */
void zone_order(struct builder *b, void *room);

/* The node behind this one in canonical order, 0 at the end; begin with b->apex. */
uint32_t order_next(const struct builder *b, uint32_t node);

#endif
