/*
 * seal.h -- writes a finished zone as an image.
 */
#ifndef ZONE_SEAL_H
#define ZONE_SEAL_H

#include "zone/builder.h"
#include "zone/check.h"

/* Octets that seal_zone() needs at most. */
size_t seal_room(const struct builder *b);

/* Offsets in an image have 32 bits.  False, and an error in the diag, when they would not do. */
MUST_USE bool seal_fits(const struct builder *b, const struct sources *sources, struct diag *d);

/*
 * Writes the image of a zone that is complete, was checked without errors, and fits, into
 * `out`, which is zeroed, aligned for uint64_t, and seal_room() octets large.
 * The texts of the sources are needed only where pointers_expected() is not 0.  Once for
 * a builder: it is of no use afterwards.  The number of octets used; 0 when memory ended.
 */
MUST_USE size_t seal_zone(struct builder *b, const struct sources *sources, uint8_t *out);

/*
 * Writes the image of a zone whose file has errors: it has an origin and no
 * records, so that its names are answered SERVFAIL and not out of a zone above
 * it.  Needs a new builder, and `out` as for seal_zone().  0 when memory ended.
 */
MUST_USE size_t seal_broken(struct builder *b, uint8_t *out);

#endif
