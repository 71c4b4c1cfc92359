/*
 * image.h -- a sealed zone: one block of memory without pointers.
 *
 * It is written once, by the process that reads the files; servers map it
 * read-only and answer from it.  All references are 32-bit offsets from its
 * start, so it can lie at any address.  Numbers are in the machine's own byte
 * order: an image never leaves the machine.
 *
 *	+--------+------------+--------------------------+-------+----------+
 *	| header | hash table | nodes, with their RRsets | names | pointers |
 *	+--------+------------+--------------------------+-------+----------+
 *
 *	node     parent, flags, label; then its RRsets, one behind the other
 *	RRset    type, count, TTL; then the items: RDATA in stored form
 *	         (RRSIGs are an RRset for each type that they cover)
 *	name     a domain name that RDATA mentions, once however often it is
 *	         mentioned, with the node it leads to when that is in the zone
 *	slot     32 bits of the hash and the offset of a node
 *	pointer  an address and the node whose it is, for automatic PTR records
 *
 * Nodes stand in the order in which the file names them, a parent before its children
 * and all that belongs to one name in one place: to answer is to probe the
 * table once a label, then to read on.  A miss is decided in the slots, mostly
 * in one cache line.  Every name that has something below it is a node, so an
 * empty non-terminal (RFC 4592 §2.2.2) needs no special care.
 *
 * Stored form of RDATA: its wire octets with each domain name replaced by four
 * octets, the offset of the name in the name area.
 */
#ifndef ZONE_IMAGE_H
#define ZONE_IMAGE_H

#include "dns/name.h"
#include "zone/probe.h"

enum {
	IMAGE_ALIGN = 4,
	NAME_REF_SIZE = 4, /* a name in stored RDATA */
};

enum node_flag {
	NODE_CUT = 1,      /* NS below the apex: a delegation */
	NODE_DNAME = 2,    /* everything below is somewhere else (RFC 6672) */
	NODE_WILDCARD = 4, /* has a child "*" (RFC 4592) */
	NODE_CNAME = 8,
};

enum rrset_shape {
	RRSET_NAMES = 0x8000, /* items hold references to names */
	RRSET_ITEM_SIZE =
		0x7fff, /* octets of every item; 0: each has its size before it, 16 bits */
};

struct image_header {
	uint8_t magic[8];
	uint32_t size; /* octets in all */
	uint32_t apex; /* the first node */
	uint32_t nodes_end;
	uint32_t node_count;
	uint32_t record_count;
	uint32_t names; /* start of the name area */
	uint32_t slots;
	uint32_t slot_count;
	uint32_t soa; /* the apex's SOA RRset; 0: a zone that could not be read */
	uint32_t ns;  /* the apex's NS RRset, or 0 */
	uint32_t serial;
	uint32_t negative_ttl; /* min(SOA TTL, MINIMUM), RFC 2308 §5 */
	uint32_t pointers;     /* struct pointer[pointer_count], sorted by address */
	uint32_t pointer_count;
	struct siphash_key key;
	uint8_t origin_labels;
	struct name_buf origin;
};

enum { NODE_MAX_RRSETS = UINT16_MAX /* zone/check.h sees to it */ };

struct node {
	uint32_t parent; /* 0 for the apex */
	uint16_t rrsets; /* how many follow; 0 for an empty non-terminal */
	uint8_t flags;   /* enum node_flag */
	uint8_t label[]; /* length octet first; the apex's is the root's 0 */
};

struct rrset {
	uint16_t type;
	uint16_t count;
	uint16_t units; /* of IMAGE_ALIGN octets, header and items together */
	uint16_t shape; /* enum rrset_shape and the size of every item */
	uint32_t ttl;
	uint8_t items[];
};

struct stored_name {
	uint32_t node; /* of this zone, its own or that of a wildcard which makes it; or 0 */
	uint8_t size;
	uint8_t octets[];
};

struct slot {
	uint32_t tag;  /* the upper half of the hash */
	uint32_t node; /* 0: free */
};

struct pointer {
	uint8_t address[16]; /* IPv4 as ::ffff:192.0.2.1 */
	uint32_t node;
	uint32_t is_marked; /* its line says "; ptr" */
};

/* A mapped image.  Does not own the memory.  The rest is decided by whoever serves it. */
struct image {
	const uint8_t *base;
	const struct image_header *header;
	bool is_overlay; /* names that it lacks are others' */
	uint8_t view;    /* for whom it is: 0 everybody, else clients of that view */
	uint32_t next;   /* index + 1 of the next with the same origin (zone/catalog.h); 0: none */
};

/* Clients may have views of their own: bit n - 1 of `views` stands for view n. */
enum { VIEWS_MAX = 32 };
#define EVERY_VIEW UINT32_MAX

/* Is what belongs to a view for a client of these views? */
static inline bool view_has(unsigned view, uint32_t views)
{
	return view == 0 || views >> (view - 1) & 1;
}

/*
 * Takes octets as an image.  False when they are none, or their sections do
 * not lie inside: a guard against mixing up files, not against an enemy, for
 * images come only from our own loader.
 */
MUST_USE bool image_open(struct image *z, const void *octets, size_t size);

static inline const void *image_at(const struct image *z, uint32_t offset)
{
	return z->base + offset;
}

static inline uint32_t image_offset(const struct image *z, const void *p)
{
	return (uint32_t)((const uint8_t *)p - z->base);
}

static inline const struct node *image_apex(const struct image *z)
{
	return image_at(z, z->header->apex);
}

static inline struct name image_origin(const struct image *z)
{
	return name_view(&z->header->origin);
}

/*
 * The child of `parent` that the probe's label at this depth names, or NULL.
 * Needs depth to be one more than the parent's.
 */
const struct node *image_child(const struct image *z, const struct node *parent, struct probe *p,
			       unsigned depth);

/* The child "*" of a node that has NODE_WILDCARD; hash is the node's own. */
const struct node *image_wildcard(const struct image *z, const struct node *parent, uint64_t hash);

/* The first RRset of a node; the next ones follow.  Needs node->rrsets > 0. */
const struct rrset *node_rrsets(const struct node *n);

static inline const struct rrset *rrset_next(const struct rrset *set)
{
	return (const void *)((const uint8_t *)set + (size_t)set->units * IMAGE_ALIGN);
}

/* The node's (first) RRset of this type, or NULL. */
const struct rrset *node_find(const struct node *n, uint16_t type);

/* The items of an RRset, one after the other. */
struct item_walk {
	const uint8_t *next;
	unsigned left;
	uint16_t item_size; /* of all, or 0 */
	struct slice item;
};

static inline struct item_walk item_walk(const struct rrset *set)
{
	struct item_walk w;

	w.next = set->items;
	w.left = set->count;
	w.item_size = set->shape & RRSET_ITEM_SIZE;
	return w;
}

/* Moves to the next item; false at the end. */
static inline bool item_next(struct item_walk *w)
{
	uint16_t size = w->item_size;

	if (w->left == 0)
		return false;
	if (size == 0) {
		memcpy(&size, w->next, sizeof size);
		w->next += sizeof size;
	}
	w->item = (struct slice){ w->next, size };
	w->next += size;
	w->left--;
	return true;
}

/* The node that stands behind it, or NULL; for canonical order there is zone/order.h. */
const struct node *node_next(const struct image *z, const struct node *n);

/* The owner name of a node, put together from its labels. */
void node_name(const struct image *z, const struct node *n, struct name_buf *out);

/* A name that stored RDATA refers to; ref points to the four octets. */
static inline const struct stored_name *image_name(const struct image *z, const uint8_t *ref)
{
	uint32_t offset;

	memcpy(&offset, ref, sizeof offset);
	return image_at(z, z->header->names + offset);
}

static inline struct name stored_name_view(const struct stored_name *n)
{
	return (struct name){ n->octets, n->size };
}

/* The slot where the search for a hash begins; the rest follow, round the end. */
static inline uint32_t slot_first(uint64_t hash, uint32_t slot_count)
{
	return (uint32_t)((hash & UINT32_MAX) * slot_count >> 32);
}

static inline uint32_t slot_tag(uint64_t hash)
{
	return (uint32_t)(hash >> 32);
}

/* Where the search for a hash begins. */
static inline const struct slot *image_slot(const struct image *z, uint64_t hash)
{
	const struct slot *slots = image_at(z, z->header->slots);

	return &slots[slot_first(hash, z->header->slot_count)];
}

/* Where the node that a hash leads to most likely is, or NULL; it was not looked at. */
const void *image_guess(const struct image *z, uint64_t hash);

extern const uint8_t image_magic[8];

#endif
