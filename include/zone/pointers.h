/*
 * pointers.h -- PTR records that nobody wrote: the names of the addresses that
 * our zones hold.
 *
 * Every A and AAAA record of our zones says as well whose address it is.  Each
 * image has rows for its own addresses (struct pointer); from the rows of all
 * images one block is made, sorted by view and address, in which servers look:
 *
 *	+--------+----------------------------------+------------------------------+
 *	| header | rows, sorted by view and address | names, length octet in front |
 *	+--------+----------------------------------+------------------------------+
 *
 * A client looks into the rows of its views, then into everybody's (view 0), each
 * a binary search: rows of others cost nothing, and give nothing away.
 *
 * Like an image it is sealed, without pointers, and in the machine's own byte
 * order.  IPv4 addresses stand in it as ::ffff:192.0.2.1 (RFC 4291 §2.5.5.2), so
 * that both families are one order.
 *
 * Of several names for one address the zone's rows have one: that of a record
 * whose line ends with the comment "; ptr", else the first in the file.  Of
 * several zones for the same clients the same goes, the first being the one
 * configured first.
 */
#ifndef ZONE_POINTERS_H
#define ZONE_POINTERS_H

#include "zone/builder.h"
#include "zone/check.h"

enum {
	/* A zone with more addresses is no home's: its owner has reverse zones. */
	POINTERS_PER_ZONE = 65536,
	POINTERS_MAX = 1000000, /* in the block; zones that would exceed it have none */
};

/* ------ the rows of one zone, as it is sealed ------ */

/* How many rows pointers_gather() may give. */
size_t pointers_expected(const struct builder *b);

/*
 * Writes the rows, sorted by address, into room for pointers_expected(); the
 * nodes must be sealed.  False when memory ended.
 */
MUST_USE bool pointers_gather(const struct builder *b, const struct sources *sources,
			      struct pointer *out, uint32_t *count);

/* ------ the block of all zones ------ */

/* Octets that pointers_make() needs at most; 0 when there are no addresses. */
size_t pointers_room(const struct image *zones, size_t count);

/*
 * Makes the block of the zones' rows in `out`, which is zeroed and aligned for
 * uint64_t.  Zones without a header are passed over.  The octets used; 0 when
 * memory ended.
 */
MUST_USE size_t pointers_make(const struct image *zones, size_t count, uint8_t *out);

/* A mapped block.  Where there is none, whoever could look has no struct pointers either. */
struct pointers {
	const struct pointers_header *header;
};

/* Takes octets as a block; false when they are none. */
MUST_USE bool pointers_open(struct pointers *p, const void *octets, size_t size);

struct pointer_found {
	struct name name; /* in the block */
	uint32_t ttl;
};

enum pointer_state {
	POINTER_NONE,
	POINTER_ABOVE, /* an address that begins so is ours: the name exists (RFC 8020) */
	POINTER_FOUND,
};

/* Looks for an address, or for the first bits of one, for a client of these views. */
enum pointer_state pointers_find(const struct pointers *p, const uint8_t address[16], unsigned bits,
				 uint32_t views, struct pointer_found *out);

#endif
