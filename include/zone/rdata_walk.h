/*
 * rdata_walk.h -- walks RDATA piece by piece: plain octets, or a domain name.
 *
 * The same walk reads wire form (names in full, without compression) and the
 * stored form of an image (names as references).  Pieces come in wire order;
 * plain octets that follow each other come as one piece.
 */
#ifndef ZONE_RDATA_WALK_H
#define ZONE_RDATA_WALK_H

#include "dns/rrtype.h"
#include "zone/image.h"

struct rdata_walk {
	/* The piece. */
	bool is_name;
	bool compress;                    /* a name that may be compressed (RFC 3597 §4) */
	struct name name;                 /* when is_name */
	const struct stored_name *stored; /* the same in an image; NULL in wire form */
	const uint8_t *octets;            /* otherwise */
	size_t size;

	/* What is left. */
	const uint8_t *field;
	struct reader left;
	const struct image *image; /* NULL: wire form */
};

struct rdata_walk rdata_walk_wire(const struct rrtype *type, const uint8_t *rdata, size_t size);
struct rdata_walk rdata_walk_stored(const struct image *z, const struct rrtype *type,
				    const uint8_t *item, size_t size);

/* Moves to the next piece; false at the end.  Needs RDATA that is valid for its type. */
bool rdata_walk_next(struct rdata_walk *w);

/* Writes all pieces that are left, names in full: wire form without compression. */
void rdata_walk_write(struct rdata_walk *w, struct writer *out);

#endif
