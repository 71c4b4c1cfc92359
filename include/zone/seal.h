/*
 * seal.h -- writes a finished zone as an image.
 */
#ifndef ZONE_SEAL_H
#define ZONE_SEAL_H

#include "zone/builder.h"
#include "zone/check.h"

/* Octets that seal_zone() needs at most. */
size_t seal_room(const struct builder *b);

/*
 * Writes the image of a zone that was ordered and checked without errors into
 * `out`, which is zeroed, aligned for uint64_t, and seal_room() octets large.
 * The number of octets used; 0 when memory ended or an RRset is larger than a
 * message, which then stands in the diag.
 */
MUST_USE size_t seal_zone(struct builder *b, const struct sources *sources, struct diag *d,
			  uint8_t *out);

/*
 * Writes the image of a zone whose file has errors: it has an origin and no
 * records, so that its names are answered SERVFAIL and not out of a zone above
 * it.  Needs a new builder, and `out` as for seal_zone().  0 when memory ended.
 */
MUST_USE size_t seal_broken(struct builder *b, uint8_t *out);

#endif
