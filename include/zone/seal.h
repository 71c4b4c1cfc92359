/*
 * seal.h -- writes a finished zone as an image.
 */
#ifndef ZONE_SEAL_H
#define ZONE_SEAL_H

#include "zone/builder.h"
#include "zone/check.h"

/*
 * Where an image goes.  Its front, the header and the hash table, is memory that is
 * written at any place until all is done; what follows is put behind it in order.
 */
struct seal_output {
	uint8_t *front; /* zeroed, aligned for uint64_t, seal_front() octets */
	void *self;
	/* Takes octets of the image that will not change; false: there is no room for them. */
	bool (*put)(void *self, const uint8_t *octets, size_t n, size_t offset);
};

/* Octets of the front of this zone's image. */
size_t seal_front(const struct builder *b);

/* All of it into memory like that of the front, seal_room() octets large. */
struct seal_output seal_in_memory(uint8_t *memory);

/* Octets that an image takes at most. */
size_t seal_room(const struct builder *b);

/* Offsets in an image have 32 bits.  False, and an error in the diag, when they would not do. */
MUST_USE bool seal_fits(const struct builder *b, const struct sources *sources, struct diag *d);

/*
 * Writes the image of a zone that is complete, was checked without errors, and fits.
 * The texts of the sources are needed only where pointers_expected() is not 0.  Nothing
 * can be added to the builder afterwards.  The number of octets; 0 when memory ended.
 *
 * Of a new builder, which has an origin and no records, it makes the image of a zone whose
 * file has errors: its names are answered SERVFAIL, and not out of a zone above it.
 */
MUST_USE size_t seal_zone(struct builder *b, const struct sources *sources,
			  const struct seal_output *out);

#endif
