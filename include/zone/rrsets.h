/*
 * rrsets.h -- the records of one name of a zone under construction, as RRsets.
 *
 * Records of one type are an RRset (RFC 2181 §5), in the order in which they were
 * added; a record that is there twice counts once.  With RRSIG the type that is
 * covered is told apart as well, for a signature lives as long as what it signs
 * (RFC 4034 §3).
 *
 *	if (rrsets_start(&s, b, node))
 *		while (rrsets_next(&s))
 *			... rrsets_record(&s, i) for i below s.count ...
 *	rrsets_free(&s);
 */
#ifndef ZONE_RRSETS_H
#define ZONE_RRSETS_H

#include "base/sort.h"
#include "dns/message.h"
#include "zone/builder.h"

enum {
	/* What an answer needs besides one RRset: header, question, OPT. */
	ANSWER_FRAME = HEADER_SIZE + NAME_MAX_SIZE + 4 + 64,
	RRSET_MAX_SIZE = MESSAGE_MAX_SIZE - ANSWER_FRAME,
	/* What a record adds to a message at least: a pointer and the fixed fields. */
	RECORD_MIN_SIZE = 2 + RECORD_FIXED_SIZE,
	RRSET_MAX_COUNT = RRSET_MAX_SIZE / RECORD_MIN_SIZE,
	/* What names in full add to the stored form of a record, at most. */
	RECORD_MAX_GROWTH = RRTYPE_MAX_NAMES * NAME_MAX_SIZE,
};

/* Starts as zeros; its room is kept from name to name. */
struct rrsets {
	const struct builder *b;
	struct sort_room sorted; /* the records of the name, by type */
	size_t records;
	size_t next;  /* where the RRset behind the current one begins */
	size_t first; /* of the current RRset */
	size_t count; /* records that it has, copies dropped */
};

/* The RRsets of a node, none of them current.  False when memory ended. */
MUST_USE bool rrsets_start(struct rrsets *s, const struct builder *b, const struct builder_node *n);

/* How many there are. */
uint16_t rrsets_count(const struct rrsets *s);

/* The next one becomes current; false behind the last. */
bool rrsets_next(struct rrsets *s);

/* A record of the current RRset. */
static inline const struct builder_record *rrsets_record(const struct rrsets *s, size_t i)
{
	return builder_record_at(s->b, s->sorted.items[s->first + i].value);
}

/* True when the current RRset fits into a message with names that are not compressed. */
bool rrsets_fits(const struct rrsets *s);

void rrsets_free(struct rrsets *s);

#endif
