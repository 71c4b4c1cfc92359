/*
 * check.h -- what a zone may not be, looked for when all records are in.
 *
 *	one SOA, at the apex                      RFC 1035 §5.2
 *	CNAME alone at its name, and only one     RFC 1034 §3.6.2, RFC 2181 §10.1
 *	one DNAME at a name, nothing below it     RFC 6672 §2.4
 *	an RRset fits into one message            RFC 1035 §4.2.2
 *	a name has no more RRsets than 16 bits can count
 *
 * Marks delegations, DNAMEs, CNAMEs and parents of wildcards on the way.
 */
#ifndef ZONE_CHECK_H
#define ZONE_CHECK_H

#include "base/diag.h"
#include "zone/builder.h"

/* The texts that a zone was read from; places in records lead back into them. */
struct sources {
	struct source *at;
	size_t count;
};

/* Where the places of the next text will begin. */
static inline uint32_t sources_end(const struct sources *s)
{
	const struct source *last = s->count ? &s->at[s->count - 1] : NULL;

	return last ? last->base + (uint32_t)last->size + 1 : 0;
}

/*
 * The source of a place and the address in it; NULL where the text cannot be shown any more.
 * Has the whole text in memory for that (source_is_there()): for what is told, not for all.
 */
const struct source *sources_find(const struct sources *s, uint32_t place, const uint8_t **at);

/*
 * Looks at every node, in the order of the files; errors go to the diag.  The
 * zone is good when there are none.  False when memory ended.
 */
MUST_USE bool zone_check(struct builder *b, const struct sources *sources, struct diag *d);

#endif
