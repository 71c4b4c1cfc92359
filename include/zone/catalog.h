/*
 * catalog.h -- the zones that are served, found by name.
 *
 * RFC 1034 §4.3.2 step 2: the zone that is the nearest ancestor of the name.
 * A hash table from origins to zones is asked from the longest suffix that
 * any zone has down to the root.  Most people have a zone or two: then the end of
 * the name is compared with them, and their hashes need not be worked out again.
 */
#ifndef ZONE_CATALOG_H
#define ZONE_CATALOG_H

#include "base/table.h"
#include "zone/image.h"

enum {
	CATALOG_FEW = 4,        /* so few origins are compared with the name, one by one ... */
	CATALOG_FEW_LABELS = 8, /* ... if none has more labels than this */
};

/* The first zone of an origin, and the hashes of the origin and what is above it, by depth. */
struct origin_at_hand {
	uint32_t zone;
	unsigned labels;
	uint64_t hash[CATALOG_FEW_LABELS + 1];
};

struct catalog {
	struct image *zones; /* borrowed; zones without a header are passed over */
	size_t count;
	struct siphash_key key; /* that all images were made with */
	struct table by_origin; /* hash of the origin -> index + 1 */
	unsigned max_labels;    /* of any origin */
	unsigned min_labels;
	/* All origins, those with more labels first, unless there are many (has_many). */
	struct origin_at_hand at_hand[CATALOG_FEW];
	unsigned at_hand_count;
	bool has_many;
	uint32_t largest; /* octets of any image that was here */
};

/*
 * Makes the index of zones[0..count), which the catalog borrows.  Zones with one
 * origin are a chain: those for some clients first, in their order, then the
 * one for everybody; of two for everybody the first counts.  False when memory
 * ended; the catalog is then empty.
 */
MUST_USE bool catalog_init(struct catalog *c, struct image *zones, size_t count,
			   const struct siphash_key *key);

/*
 * Puts an image in the place of zones[i], which may have none yet; if it has one, that
 * is for the same view, and is still mapped.  True when the origin is another one now.
 * The work is that for one zone, or for all when an origin has gone.
 */
bool catalog_replace(struct catalog *c, size_t i, const struct image *fresh);
void catalog_free(struct catalog *c);

/*
 * The zone with the longest origin of at most `depth` labels that p is within,
 * as a client of these views sees it; or NULL.
 */
const struct image *catalog_find(const struct catalog *c, struct probe *p, unsigned depth,
				 uint32_t views);

#endif
