/*
 * ahead.c -- the memory that a batch of queries will need, fetched before it is needed.
 */
#include "serve/ahead.h"
#include "base/assert.h"
#include "base/prefetch.h"

enum { SERVERS = 4 /* of a delegation */ };

/* A query whose reply is not kept, and what is known of it so far. */
struct ahead {
	struct probe *probe;
	uint16_t type;           /* that is asked for */
	bool asks_others;        /* if no zone has it */
	bool is_elsewhere;       /* no zone has it, and others may have been asked */
	uint32_t zone;           /* its number + 1; 0: none; where zones are many */
	const struct image *z;   /* NULL: there is none, or what it has is not fetched */
	const struct node *node; /* what it most likely leads to; NULL: nothing */
	struct kept_key referral;
};

/* False when it makes no sense. */
static bool start_probe(const struct catalog *zones, const struct request *req, struct ahead *a)
{
	struct reader r = reader_init(req->octets, req->size);
	struct question q;

	if (!reader_take(&r, HEADER_SIZE) || !get_question(&r, &q))
		return false;
	a->type = q.type;
	probe_init(a->probe, &zones->key, q.name);
	return true;
}

/* ------ many zones ------ */

static bool are_many(const struct catalog *zones)
{
	return zones->has_many && zones->count >= AHEAD_ZONES;
}

/* The depth at which the search for the zone begins. */
static unsigned depth_of(const struct catalog *zones, const struct probe *p)
{
	return p->labels < zones->max_labels ? p->labels : zones->max_labels;
}

static void fetch_origins(const struct catalog *zones, struct ahead *a)
{
	unsigned depth = depth_of(zones, a->probe);

	for (; depth >= zones->min_labels && depth > 0; depth--)
		table_prefetch(&zones->by_origin, probe_hash(a->probe, depth));
}

static void fetch_zone(const struct catalog *zones, struct ahead *a)
{
	unsigned depth = depth_of(zones, a->probe);

	a->zone = 0;
	for (; depth >= zones->min_labels && depth > 0 && a->zone == 0; depth--)
		a->zone = table_guess(&zones->by_origin, probe_hash(a->probe, depth));
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

static void fetch_zones(const struct catalog *zones, struct ahead *ahead, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fetch_origins(zones, &ahead[i]);
	for (size_t i = 0; i < count; i++)
		fetch_zone(zones, &ahead[i]);
	for (size_t i = 0; i < count; i++)
		fetch_header(zones, &ahead[i]);
}

/* ------ one zone, or what others have said ------ */

/*
 * Where the search will begin: in a zone at the name below the zone's, and there it ends for
 * most zones.
 */
static void fetch_slot(const struct responder *self, struct ahead *a)
{
	struct probe *p = a->probe;
	const struct image *z = catalog_find(self->zones, p, p->labels, 0);

	a->z = NULL;
	a->is_elsewhere = !z && a->asks_others;
	if (a->is_elsewhere)
		cache_fetch(self->elsewhere->cache, probe_hash(p, p->labels), a->type);
	if (!z || p->labels == z->header->origin_labels ||
	    (z->header->size < AHEAD_IMAGE && !are_many(self->zones)))
		return;
	a->z = z;
	prefetch(image_slot(z, probe_hash(p, z->header->origin_labels + 1u)));
}

/* Many a node goes on in the next line of the caches.  It may be a delegation. */
static void fetch_node(const struct responder *self, struct ahead *a)
{
	struct probe *p = a->probe;

	a->node = NULL;
	if (a->z)
		a->node = image_guess(a->z, probe_hash(p, a->z->header->origin_labels + 1u));
	else if (a->is_elsewhere)
		cache_fetch_entry(self->elsewhere->cache, probe_hash(p, p->labels), a->type);
	if (!a->node)
		return;
	prefetch(a->node);
	prefetch((const uint8_t *)a->node + 64);
	referral_key(&a->referral, a->node);
	kept_expect(self->kept, &a->referral);
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

/* Is it a question at all, and one that others are asked for?  Strangers get no work done for that. */
static bool may_be_elsewhere(const struct responder *self, const struct request *req,
			     const struct prepared *p)
{
	uint16_t flags = req->size < HEADER_SIZE ? FLAG_QR : load_u16(req->octets + 2);

	return !(flags & (FLAG_QR | OPCODE_MASK)) && asks_others(self, p->is_friend, flags);
}

/* Begins with a query; false when nothing more is to be fetched for it than what is kept. */
static bool begin(const struct responder *self, const struct request *req, struct prepared *p,
		  struct ahead *out)
{
	const struct catalog *zones = self->zones;

	out->probe = &p->probe;
	out->asks_others = may_be_elsewhere(self, req, p);
	return !kept_fetch(self->kept, &p->key) &&
	       (out->asks_others || zones->largest >= AHEAD_IMAGE || are_many(zones)) &&
	       start_probe(zones, req, out);
}

void look_ahead(const struct responder *self, const struct request *requests,
		struct prepared *prepared, size_t count)
{
	struct ahead ahead[AHEAD_MAX];
	size_t n = 0;

	assert(count <= AHEAD_MAX);
	if (!self->kept)
		return;
	for (size_t i = 0; i < count; i++)
		n += begin(self, &requests[i], &prepared[i], &ahead[n]);
	if (are_many(self->zones))
		fetch_zones(self->zones, ahead, n);
	for (size_t i = 0; i < n; i++)
		fetch_slot(self, &ahead[i]);
	for (size_t i = 0; i < n; i++)
		fetch_node(self, &ahead[i]);
	for (size_t i = 0; i < n; i++)
		if (ahead[i].node && !kept_fetch(self->kept, &ahead[i].referral))
			fetch_servers(&ahead[i]);
}
