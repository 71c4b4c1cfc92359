/*
 * ahead.c -- the memory that a batch of queries will need, fetched before it is needed.
 */
#include "serve/ahead.h"
#include "base/assert.h"
#include "base/prefetch.h"

/* What is known of a query so far. */
struct ahead {
	const struct image *z; /* NULL: nothing is to be fetched */
	uint64_t hash;         /* of the name right below the zone's own */
	struct kept_key referral;
};

/* The search will begin at the name below the zone's, and there it ends for most zones. */
static void fetch_slot(const struct catalog *zones, const struct request *req, struct ahead *a)
{
	struct reader r = reader_init(req->octets, req->size);
	struct name name;
	struct probe p;

	a->z = NULL;
	if (!reader_take(&r, HEADER_SIZE) || !get_name_view(&r, &name))
		return;
	probe_init(&p, &zones->key, name);
	const struct image *z = catalog_find(zones, &p, p.labels, 0);
	if (!z || z->header->size < AHEAD_IMAGE || p.labels == z->header->origin_labels)
		return;
	a->z = z;
	a->hash = probe_hash(&p, z->header->origin_labels + 1u);
	prefetch(image_slot(z, a->hash));
}

/* Many a node goes on in the next line of the caches.  It may be a delegation. */
static void fetch_node(const struct kept *kept, struct ahead *a)
{
	const uint8_t *node = a->z ? image_guess(a->z, a->hash) : NULL;

	if (!node) {
		a->z = NULL;
		return;
	}
	prefetch(node);
	prefetch(node + 64);
	a->referral = referral_key(node);
	kept_expect(kept, &a->referral);
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
	if (self->zones->largest < AHEAD_IMAGE)
		return;
	for (size_t i = 0; i < count; i++)
		fetch_slot(self->zones, &requests[i], &ahead[i]);
	for (size_t i = 0; i < count; i++)
		fetch_node(self->kept, &ahead[i]);
	for (size_t i = 0; i < count; i++)
		if (ahead[i].z)
			kept_fetch(self->kept, &ahead[i].referral);
}
