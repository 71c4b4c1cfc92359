/*
 * lookup.h -- finds what a zone has for a name (RFC 1034 §4.3.2 step 3).
 */
#ifndef ZONE_LOOKUP_H
#define ZONE_LOOKUP_H

#include "zone/image.h"

enum found {
	FOUND_NODE,     /* the name exists, perhaps empty */
	FOUND_CUT,      /* it is at or below a delegation: node is the cut */
	FOUND_DNAME,    /* it is below a DNAME: node owns that */
	FOUND_WILDCARD, /* it does not exist, but "*" below its closest encloser does */
	FOUND_NOTHING,
};

struct match {
	enum found found;
	const struct node *node; /* NULL with FOUND_NOTHING */
	unsigned depth;          /* labels of the node's name; of the encloser otherwise */
};

/*
 * Walks down from the apex label by label.  Needs a name within the origin.
 * At a cut the name itself is reported as FOUND_CUT too: DS is the parent's
 * (RFC 4035 §3.1.4.1), which the caller knows from depth == p->labels.
 */
struct match zone_lookup(const struct image *z, struct probe *p);

#endif
