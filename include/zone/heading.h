/*
 * heading.h -- what stands between the owner of a record and its RDATA (RFC 1035 §5.1).
 *
 *	[TTL] [class] type		TTL and class in either order
 *
 * Most records of a file have one of a few, written in the same way: the last ones are known
 * again by their octets, and not read a second time.
 */
#ifndef ZONE_HEADING_H
#define ZONE_HEADING_H

#include "base/word.h"
#include "dns/rrtype.h"

struct heading {
	uint32_t ttl;
	bool ttl_stated;
	bool ttl_guessed; /* neither stated nor in $TTL: for whoever knows of that */
	uint16_t type;    /* its row does not tell: unknown types share one */
	const struct rrtype *row;
};

enum {
	HEADING_MAX_SEEN = 16, /* octets of one that is remembered, as in "86400 IN AAAA" */
	HEADINGS_SEEN = 4,     /* a power of two */
};

struct seen_heading {
	uint8_t text[HEADING_MAX_SEEN];
	uint32_t size;
	uint32_t words; /* 0: none */
	struct heading heading;
};

/* Those that were read before; all zero when there are none. */
struct headings {
	struct seen_heading at[HEADINGS_SEEN];
	unsigned last; /* the one that was read last, modulo HEADINGS_SEEN */
};

/*
 * Takes a heading from the words; all but ttl_guessed.  `seen` may be NULL, and must be where
 * words do not stand in a text with what is between them.  False when there is none: the
 * words know why.
 */
MUST_USE bool heading_take(struct headings *seen, struct words *w, struct heading *h);

/* A time in one word, as in TTLs.  False when it is none, or too long: the words know why. */
MUST_USE bool heading_take_ttl(struct words *w, const struct word *word, uint32_t *ttl);

#endif
