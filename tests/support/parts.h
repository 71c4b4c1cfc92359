/*
 * parts.h -- an input that is several texts: the octet 1C (FS) stands between them.
 */
#ifndef SUPPORT_PARTS_H
#define SUPPORT_PARTS_H

#include "base/octets.h"

enum { PART_SEPARATOR = 0x1c };

/* Takes the next part off the rest; without a separator that is all of it. */
static inline struct slice part_next(struct slice *rest)
{
	const uint8_t *end = rest->size ? memchr(rest->octets, PART_SEPARATOR, rest->size) : NULL;
	struct slice part = { rest->octets, end ? (size_t)(end - rest->octets) : rest->size };
	size_t used = part.size + (end != NULL);

	*rest = (struct slice){ rest->octets + used, rest->size - used };
	return part;
}

/* Zones that begin with a comment, as those of tests/zone/findings do, are example.org. */
static inline const char *zone_origin(struct slice text, const char *otherwise)
{
	return text.size && text.octets[0] == ';' ? "example.org." : otherwise;
}

#endif
