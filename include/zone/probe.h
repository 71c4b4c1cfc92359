/*
 * probe.h -- a name made ready to be searched for.
 *
 * Zones find names by a hash over the labels from the root downwards:
 *
 *	hash(depth 0) = 0                            .
 *	hash(depth 1) = sip(hash(0), "com")          com.
 *	hash(depth 2) = sip(hash(1), "example")      example.com.
 *
 * so one walk over a name gives the hashes of all its ancestors, and the same
 * values serve to find the zone and to walk down inside it.  They are worked
 * out only as deep as somebody asks for them.  Labels are counted from the
 * front, depths from the root:
 *
 *	octets     03 w w w 07 e x a m p l e 03 c o m 00
 *	start[]    0        1                2        3      by label
 *	hash[]     3        2                1        0      by depth
 */
#ifndef ZONE_PROBE_H
#define ZONE_PROBE_H

#include "base/siphash.h"
#include "dns/name.h"

struct probe {
	struct name name; /* as it was given, case kept */
	const struct siphash_key *key;
	uint8_t labels; /* depth of the whole name */
	uint8_t hashed; /* hash[0..hashed] are known */
	uint8_t folded[NAME_MAX_SIZE];
	uint8_t start[NAME_MAX_LABELS + 1]; /* by label, first to last; then the root's */
	uint64_t hash[NAME_MAX_LABELS + 1]; /* by depth */
};

/* Keeps the key and borrows the name's octets as long as the probe is used. */
void probe_init(struct probe *p, const struct siphash_key *key, struct name name);

/* The hash of the ancestor with this many labels; needs depth <= p->labels. */
uint64_t probe_hash(struct probe *p, unsigned depth);

/* The hashes of depths 1 to `depth` are known: those of another name that ends like it. */
void probe_know(struct probe *p, unsigned depth, const uint64_t *hash);

/* The hash of the child `label` (length octet first, folded) of a name with this hash. */
uint64_t probe_child_hash(const struct siphash_key *key, uint64_t parent, const uint8_t *label);

/* The folded label at this depth, length octet first: 1 is the one next to the root. */
static inline const uint8_t *probe_label(const struct probe *p, unsigned depth)
{
	return p->folded + p->start[p->labels - depth];
}

/* The ancestor with this many labels, case kept. */
static inline struct name probe_ancestor(const struct probe *p, unsigned depth)
{
	uint8_t at = p->start[p->labels - depth];

	return (struct name){ p->name.octets + at, p->name.size - at };
}

#endif
