/*
 * canonical.h -- the records of an RRset in canonical form and order.
 *
 * Signatures and digests of zones are made of octets on which everybody agrees:
 * RDATA in wire form, names in full and, in the types that RFC 4034 §6.2 lists,
 * in lower case; the records sorted by their RDATA as strings of octets (§6.3).
 *
 * NSEC is on that list by mistake (RFC 6840 §5.1), and A6, which nobody uses any
 * more, keeps its letters here.
 */
#ifndef ZONE_CANONICAL_H
#define ZONE_CANONICAL_H

#include "base/sort.h"
#include "zone/image.h"

/* An image holds no RRset that would not fit into one message. */
enum { CANONICAL_MAX_OCTETS = 65535, CANONICAL_MAX_RECORDS = CANONICAL_MAX_OCTETS / 12 };

struct canonical_record {
	struct slice item;  /* as stored in the image */
	struct slice rdata; /* in canonical form */
};

/* Half a megabyte: for tools, not for answers.  Needs no preparation. */
struct canonical {
	struct canonical_record records[CANONICAL_MAX_RECORDS];
	struct sort_item order[CANONICAL_MAX_RECORDS], scratch[CANONICAL_MAX_RECORDS];
	uint8_t octets[CANONICAL_MAX_OCTETS];
};

/* Puts the records of an RRset in order; canonical_at() has them until the next call. */
void canonical_sort(struct canonical *c, const struct image *z, const struct rrset *set);

/* The record at this place of the order; needs i < set->count. */
static inline const struct canonical_record *canonical_at(const struct canonical *c, unsigned i)
{
	return &c->records[c->order[i].value];
}

#endif
