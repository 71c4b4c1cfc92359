/*
 * ahead.c -- the memory that a batch of queries will need, fetched before it is needed.
 */
#include "serve/ahead.h"
#include "base/assert.h"
#include "base/prefetch.h"

enum {
	LABELS = 8,  /* of an origin that is looked for among many */
	SERVERS = 4, /* of a delegation */
};

/* What is known of a query so far. */
struct ahead {
	uint64_t origins[LABELS + 1]; /* hashes of the names that may be the zone's, by depth */
	unsigned depth;               /* of the last of them; 0: there are none */
	uint32_t zone;                /* its number + 1; 0: none */
	const struct image *z;        /* NULL: there is none, or what it has is not fetched */
	uint64_t hash;                /* of the name right below the zone's own */
	const struct node *node;      /* what it most likely leads to; NULL: nothing */
	struct kept_key referral;
};

/* ------ many zones ------ */

static bool are_many(const struct catalog *zones)
{
	return zones->has_many && zones->count >= AHEAD_ZONES;
}

static bool start_probe(const struct catalog *zones, const struct request *req, struct probe *p)
{
	struct reader r = reader_init(req->octets, req->size);
	struct name name;

	if (!reader_take(&r, HEADER_SIZE) || !get_name_view(&r, &name))
		return false;
	probe_init(p, &zones->key, name);
	return true;
}

static void fetch_origins(const struct catalog *zones, const struct request *req, struct ahead *a)
{
	struct probe p;

	a->depth = 0;
	if (!start_probe(zones, req, &p))
		return;
	a->depth = p.labels < zones->max_labels ? p.labels : zones->max_labels;
	if (a->depth > LABELS)
		a->depth = LABELS;
	for (unsigned depth = 1; depth <= a->depth; depth++) {
		a->origins[depth] = probe_hash(&p, depth);
		if (depth >= zones->min_labels)
			table_prefetch(&zones->by_origin, a->origins[depth]);
	}
}

static void fetch_zone(const struct catalog *zones, struct ahead *a)
{
	a->zone = 0;
	for (unsigned i = a->depth; i > 0 && i >= zones->min_labels && a->zone == 0; i--)
		a->zone = table_guess(&zones->by_origin, a->origins[i]);
	if (a->zone)
		prefetch(&zones->zones[a->zone - 1]);
}

/* Where the zone's parts are, and its origin, which is compared. */
ONLY_FETCHES static inline void fetch_header(const struct catalog *zones, const struct ahead *a)
{
	if (a->zone == 0)
		return;
	const uint8_t *header = (const void *)zones->zones[a->zone - 1].header;
	prefetch(header);
	prefetch(header + 64);
}

static void fetch_zones(const struct catalog *zones, const struct request *requests,
			struct ahead *ahead, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fetch_origins(zones, &requests[i], &ahead[i]);
	for (size_t i = 0; i < count; i++)
		fetch_zone(zones, &ahead[i]);
	for (size_t i = 0; i < count; i++)
		fetch_header(zones, &ahead[i]);
}

/* ------ one zone ------ */

/* The search will begin at the name below the zone's, and there it ends for most zones. */
static void fetch_slot(const struct catalog *zones, const struct request *req, struct ahead *a)
{
	struct probe p;

	a->z = NULL;
	if (!start_probe(zones, req, &p))
		return;
	if (are_many(zones))
		probe_know(&p, a->depth, a->origins);
	const struct image *z = catalog_find(zones, &p, p.labels, 0);
	if (!z || p.labels == z->header->origin_labels ||
	    (z->header->size < AHEAD_IMAGE && !are_many(zones)))
		return;
	a->z = z;
	a->hash = probe_hash(&p, z->header->origin_labels + 1u);
	prefetch(image_slot(z, a->hash));
}

/* Many a node goes on in the next line of the caches.  It may be a delegation. */
static void fetch_node(const struct kept *kept, struct ahead *a)
{
	a->node = a->z ? image_guess(a->z, a->hash) : NULL;
	if (!a->node)
		return;
	prefetch(a->node);
	prefetch((const uint8_t *)a->node + 64);
	a->referral = referral_key(a->node);
	kept_expect(kept, &a->referral);
}

/* The names of a delegation's first servers, each of which lies somewhere else. */
ONLY_FETCHES static inline void fetch_servers(const struct ahead *a)
{
	const struct rrset *first = node_rrsets(a->node);

	if (!(a->node->flags & NODE_CUT) || first->type != TYPE_NS)
		return;
	for (unsigned i = 0; i < SERVERS && i < first->count; i++)
		prefetch(image_name(a->z, first->items + (size_t)i * NAME_REF_SIZE));
}

void look_ahead(const struct responder *self, const struct request *requests,
		const struct prepared *prepared, size_t count)
{
	struct ahead ahead[AHEAD_MAX];

	assert(count <= AHEAD_MAX);
	if (!self->kept)
		return;
	for (size_t i = 0; i < count; i++)
		kept_fetch(self->kept, &prepared[i].key);
	if (are_many(self->zones))
		fetch_zones(self->zones, requests, ahead, count);
	else if (self->zones->largest < AHEAD_IMAGE)
		return;
	for (size_t i = 0; i < count; i++)
		fetch_slot(self->zones, &requests[i], &ahead[i]);
	for (size_t i = 0; i < count; i++)
		fetch_node(self->kept, &ahead[i]);
	for (size_t i = 0; i < count; i++)
		if (ahead[i].node && !kept_fetch(self->kept, &ahead[i].referral))
			fetch_servers(&ahead[i]);
}
