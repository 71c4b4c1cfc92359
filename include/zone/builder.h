/*
 * builder.h -- a zone under construction: records in, in any order.
 *
 * Names become a tree of nodes, each with the chain of its records as they
 * were added.  RDATA is kept in the stored form of zone/image.h from the
 * start, so that a name mentioned a thousand times is kept once.  When all
 * records are in, check.h looks for what a zone may not be, and seal.h writes
 * the image.
 */
#ifndef ZONE_BUILDER_H
#define ZONE_BUILDER_H

#include "base/pool.h"
#include "base/table.h"
#include "dns/rrtype.h"
#include "zone/image.h"
#include "zone/probe.h"

/* What a zone may hold at most. */
struct builder_limits {
	uint32_t records;
	size_t octets; /* of each of the three pools */
};

extern const struct builder_limits builder_limits_default;

struct builder_node {
	uint64_t hash;
	uint32_t parent; /* offset of a node; 0: none */
	uint32_t first;  /* offset of a record; 0: none */
	union {
		uint32_t last;   /* record, while more are added */
		uint32_t sealed; /* where seal.c put it in the image */
	};
	uint8_t flags; /* enum node_flag; check.c sets NODE_WILDCARD */
	bool has_child;
	uint8_t label[]; /* length octet first, case as first met */
};

struct builder_record {
	uint32_t next;  /* of the same node, in the order they were added; 0: none */
	uint32_t place; /* in the sources, for messages */
	uint32_t ttl;
	uint16_t type;
	uint16_t size;
	uint8_t stored[]; /* RDATA */
};

struct builder {
	struct siphash_key key;
	struct name_buf origin;
	struct builder_limits limits;
	uint64_t origin_hash;
	unsigned origin_labels;
	uint32_t apex;
	uint32_t node_count;
	uint32_t record_count;
	uint32_t address_count; /* records of types A and AAAA */
	bool has_capitals; /* in names that RDATA mentions: only then are two of them the same but for case */
	bool wants_pointers; /* rows for automatic PTR records (zone/pointers.h) */
	uint32_t names_base; /* places from here on are in files of names; UINT32_MAX: none */
	struct pool nodes;
	struct pool records;
	struct pool names;       /* struct stored_name, as they will stand in the image */
	struct table node_table; /* hash of the whole name -> node */
	struct table name_table; /* hash of the octets -> name */
};

/* An empty zone with this origin.  False when memory ended: it then has none, and builder_failed(). */
MUST_USE bool builder_init(struct builder *b, struct name origin, const struct siphash_key *key,
			   const struct builder_limits *limits);
void builder_free(struct builder *b);

/*
 * The node of a name, made with all its ancestors when it is new.  Needs a
 * name within the origin.  0 when memory ended.
 */
uint32_t builder_node(struct builder *b, struct name name);

/*
 * Adds a record with RDATA in valid, uncompressed wire form.  NULL, or a
 * sentence that says why not (memory, or a limit).
 */
MUST_USE const char *builder_add(struct builder *b, uint32_t node, uint16_t type, uint32_t ttl,
				 struct slice rdata, uint32_t place);

/*
 * The same in two steps each.  In a large zone every look into a table waits for the
 * memory; the first step has the place fetched, and whoever has something else to do
 * before the second waits less.
 *
 * The probe borrows the name; the RDATA, valid as for builder_add(), is borrowed as well.
 */
void builder_node_begin(const struct builder *b, struct name name, struct probe *p);
uint32_t builder_node_end(struct builder *b, struct probe *p);

struct builder_rdata {
	uint16_t type;
	struct slice octets;
	unsigned name_count;
	struct name names[RRTYPE_MAX_NAMES]; /* that stand in it */
	uint64_t hashes[RRTYPE_MAX_NAMES];   /* of their octets */
};

void builder_add_begin(const struct builder *b, uint16_t type, struct slice rdata,
		       struct builder_rdata *out);
MUST_USE const char *builder_add_end(struct builder *b, uint32_t node, uint32_t ttl,
				     const struct builder_rdata *rdata, uint32_t place);

/*
 * All records are in: names that RDATA mentions learn which node is theirs (0: none), what
 * found them is given back, and nothing more can be added.
 */
void builder_complete(struct builder *b);

/* True when memory or a limit ended: something that was to be added is not there. */
static inline bool builder_failed(const struct builder *b)
{
	return b->nodes.failed || b->records.failed || b->names.failed || b->node_table.failed ||
	       b->name_table.failed;
}

/*
 * The node of a name that lies within the zone, or the closest one above it
 * (RFC 4592 §3.3.1); how many labels of the name have no node.
 */
uint32_t builder_closest(const struct builder *b, struct name name, unsigned *missing);

/* The node of a name that is there, or 0. */
uint32_t builder_find(const struct builder *b, struct name name);

static inline struct builder_node *builder_node_at(const struct builder *b, uint32_t node)
{
	return pool_at(&b->nodes, node);
}

static inline struct builder_record *builder_record_at(const struct builder *b, uint32_t record)
{
	return pool_at(&b->records, record);
}

/* The records of a node one by one, as they were added; NULL: no more. */
static inline const struct builder_record *builder_first(const struct builder *b, uint32_t node)
{
	uint32_t first = builder_node_at(b, node)->first;

	return first ? builder_record_at(b, first) : NULL;
}

static inline const struct builder_record *builder_after(const struct builder *b,
							 const struct builder_record *r)
{
	return r->next ? builder_record_at(b, r->next) : NULL;
}

/* Moves past a reference in stored RDATA: the name.  Needs one to be there. */
const struct stored_name *builder_take_stored(const struct builder *b, struct reader *stored);

static inline struct name builder_take_name(const struct builder *b, struct reader *stored)
{
	return stored_name_view(builder_take_stored(b, stored));
}

/*
 * True when two records of one type are copies of each other: equal data, names in
 * it compared without regard to case (RFC 4343, RFC 4034 §6.2).
 */
bool builder_same_record(const struct builder *b, const struct builder_record *x,
			 const struct builder_record *y);

/* The node that was made after this one, 0 behind the last; begin with b->apex. */
uint32_t builder_next(const struct builder *b, uint32_t node);

/* The name that was stored after this one, 0 behind the last; begin with 0. */
uint32_t builder_next_name(const struct builder *b, uint32_t name);

/* The owner name of a node, put together from its labels. */
void builder_name(const struct builder *b, uint32_t node, struct name_buf *out);

#endif
