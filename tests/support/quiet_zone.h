/*
 * quiet_zone.h -- a zone from a text, which may be a bad one: nobody is told why.
 *
 * No cmocka: for properties.  Its files are that text.
 */
#ifndef SUPPORT_QUIET_ZONE_H
#define SUPPORT_QUIET_ZONE_H

#include "serve/respond.h"

#define QUIET_ORIGIN "example."

/* That they are made with. */
extern const struct siphash_key quiet_zone_key;

struct quiet_zone {
	uint8_t *octets; /* the image, exactly as large as it says */
	size_t size;
	struct image z;
	struct catalog catalog;
	struct responder responder; /* that answers from this zone alone */
};

/* Cuts, DNAMEs, wildcards, aliases in a circle: something of all that answers are made of. */
extern const struct slice quiet_zone_text;

/* False when the text makes no zone; then there is nothing to free. */
bool quiet_zone_open(struct quiet_zone *q, const char *origin, struct slice text);
void quiet_zone_free(struct quiet_zone *q);

#endif
