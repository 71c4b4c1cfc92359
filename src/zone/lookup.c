/*
 * lookup.c -- finds what a zone has for a name.
 *
 * The walk goes down from the apex label by label, as RFC 1034 §4.3.2 tells
 * it, so cuts, DNAMEs and wildcards turn up on the way.  Knows nothing of
 * messages or sections.
 */
#include "zone/lookup.h"

/* RFC 4592 §3.3.1: only the child "*" of the closest encloser can answer. */
static struct match below_encloser(const struct image *z, const struct node *encloser,
				   struct probe *p, unsigned depth)
{
	struct match m = { FOUND_NOTHING, NULL, depth };

	if (encloser->flags & NODE_WILDCARD) {
		m.found = FOUND_WILDCARD;
		m.node = image_wildcard(z, encloser, probe_hash(p, depth));
	}
	return m;
}

struct match zone_lookup(const struct image *z, struct probe *p)
{
	const struct node *here = image_apex(z);

	for (unsigned depth = z->header->origin_labels; depth < p->labels; depth++) {
		if (here->flags & NODE_DNAME) /* RFC 6672 §3.2 */
			return (struct match){ FOUND_DNAME, here, depth };
		const struct node *next = image_child(z, here, p, depth + 1);
		if (!next) /* step 3c */
			return below_encloser(z, here, p, depth);
		if (next->flags & NODE_CUT) /* step 3b */
			return (struct match){ FOUND_CUT, next, depth + 1 };
		here = next;
	}
	return (struct match){ FOUND_NODE, here, p->labels }; /* step 3a */
}
