/*
 * listing.h -- the records of a message, listed so that they can be searched.
 *
 * Each has a hash of its owner's name beside it, keyed, so that finding the
 * records of one name among thousands stays cheap whatever they are called.
 */
#ifndef SERVE_LISTING_H
#define SERVE_LISTING_H

#include "base/siphash.h"
#include "dns/edns.h"

enum {
	LISTING_MAX = 6000, /* records of 11 octets at least: more do not fit into a message */
	LISTING_NAMES_MAX = 256 * 1024, /* octets of owners' names: compression makes a megabyte of
					   them in 64 KiB, which nobody has any use for */
	LISTING_TTL_MAX = 0x7fffffff,   /* RFC 2181 §8: what is above counts as 0 */
};

struct listed {
	uint32_t hash; /* of the owner */
	uint32_t ttl;
	uint16_t owner, rdata; /* where they begin in the message */
	uint16_t size;         /* of the RDATA */
	uint16_t type;
};

/* Of class IN, pseudo-records left out; the additional section is read but not listed. */
struct listing {
	struct siphash_key key;
	struct slice message; /* borrowed */
	struct header header;
	struct edns edns;        /* of its OPT */
	size_t names;            /* octets of owners' names until now */
	unsigned answers, count; /* at[0..answers), and up to count the authority's */
	struct listed at[LISTING_MAX];
};

/* Lists a message, with one question or none; false when it is broken or its names are too many. */
MUST_USE bool listing_make(struct listing *l, struct slice message, const struct siphash_key *key);

uint32_t listing_hash(const struct listing *l, struct name owner);

/* True when the record's owner is this name, whose hash is given. */
bool listing_owns(const struct listing *l, const struct listed *rr, struct name owner,
		  uint32_t hash);

/*
 * The first record of a type in the answer section whose owner is above a name,
 * and that owner; NULL when there is none.  Names are read where the hash says
 * so, and not for each of the thousands that there may be.
 */
const struct listed *listing_find_above(const struct listing *l, uint16_t type, struct name below,
					struct name_buf *owner);

/* The type that a signature covers (RFC 4034 §3.1.1), 0 when it is broken. */
uint16_t listing_covered(const struct listing *l, const struct listed *rr);

#endif
