/*
 * catalog.c -- the zones that are served, found by name.
 */
#include "zone/catalog.h"
#include "base/assert.h"

/* The first zone whose origin is the probe's ancestor with this many labels, or NULL. */
static struct image *find_origin(const struct catalog *c, struct probe *p, unsigned depth)
{
	struct table_walk walk = table_walk(probe_hash(p, depth));
	struct name origin = probe_ancestor(p, depth);
	uint32_t value;

	while ((value = table_find(&c->by_origin, &walk)) != 0)
		if (name_equal(image_origin(&c->zones[value - 1]), origin))
			return &c->zones[value - 1];
	return NULL;
}

/* Of two zones with one origin: the one for everybody comes last. */
static bool is_before(const struct image *a, const struct image *b)
{
	bool a_is_last = a->view == 0, b_is_last = b->view == 0;

	return a_is_last == b_is_last ? a < b : b_is_last;
}

/* Puts a zone into the chain of its origin, behind its first. */
static void chain(struct catalog *c, struct image *at, struct image *z)
{
	while (at->next && is_before(&c->zones[at->next - 1], z))
		at = &c->zones[at->next - 1];
	z->next = at->next;
	at->next = (uint32_t)(z - c->zones) + 1;
}

/* ------ a few origins ------ */

/* Puts a new origin behind those that have as many labels or more. */
static void keep_at_hand(struct catalog *c, uint32_t zone, struct probe *p)
{
	unsigned at = c->at_hand_count;

	c->has_many = c->has_many || at == CATALOG_FEW || p->labels > CATALOG_FEW_LABELS;
	if (c->has_many)
		return;
	for (; at > 0 && c->at_hand[at - 1].labels < p->labels; at--)
		c->at_hand[at] = c->at_hand[at - 1];
	c->at_hand[at].zone = zone;
	c->at_hand[at].labels = p->labels;
	for (unsigned depth = 0; depth <= p->labels; depth++)
		c->at_hand[at].hash[depth] = probe_hash(p, depth);
	c->at_hand_count++;
}

static void replace_at_hand(struct catalog *c, uint32_t old, uint32_t zone)
{
	for (unsigned i = 0; i < c->at_hand_count; i++)
		if (c->at_hand[i].zone == old)
			c->at_hand[i].zone = zone;
}

/* Of the versions of a zone the first that is for a client of these views, or NULL. */
static const struct image *version_for(const struct catalog *c, const struct image *z,
				       uint32_t views)
{
	while (z && !view_has(z->view, views))
		z = z->next ? &c->zones[z->next - 1] : NULL;
	return z;
}

static const struct image *find_at_hand(const struct catalog *c, struct probe *p, unsigned depth,
					uint32_t views)
{
	for (unsigned i = 0; i < c->at_hand_count; i++) {
		const struct origin_at_hand *o = &c->at_hand[i];
		const struct image *z = &c->zones[o->zone];

		if (o->labels > depth || !name_equal(probe_ancestor(p, o->labels), image_origin(z)))
			continue;
		probe_know(p, o->labels, o->hash);
		z = version_for(c, z, views);
		if (z)
			return z;
	}
	return NULL;
}

/* ------ all of them ------ */

static void note_size(struct catalog *c, const struct image *z)
{
	if (z->header->size > c->largest)
		c->largest = z->header->size;
}

static void add_zone(struct catalog *c, struct image *z)
{
	uint32_t value = (uint32_t)(z - c->zones) + 1;
	struct probe p;

	probe_init(&p, &c->key, image_origin(z));
	struct image *first = find_origin(c, &p, p.labels);
	note_size(c, z);
	z->next = 0;
	if (first && is_before(first, z)) {
		chain(c, first, z);
	} else if (first) {
		z->next = (uint32_t)(first - c->zones) + 1;
		table_replace(&c->by_origin, probe_hash(&p, p.labels), z->next, value);
		replace_at_hand(c, z->next - 1, value - 1);
	} else {
		c->max_labels = p.labels > c->max_labels ? p.labels : c->max_labels;
		c->min_labels = p.labels < c->min_labels ? p.labels : c->min_labels;
		bool added = table_add(&c->by_origin, probe_hash(&p, p.labels), value);
		assert(added); /* there is room for all */
		keep_at_hand(c, value - 1, &p);
	}
}

static void add_all(struct catalog *c)
{
	table_clear(&c->by_origin);
	c->max_labels = 0;
	c->min_labels = 127;
	c->at_hand_count = 0;
	c->has_many = false;
	for (size_t i = 0; i < c->count; i++)
		if (c->zones[i].header)
			add_zone(c, &c->zones[i]);
}

bool catalog_replace(struct catalog *c, size_t i, const struct image *fresh)
{
	struct image *z = &c->zones[i];
	const struct image old = *z;
	bool is_new = !old.header || !name_equal(image_origin(&old), image_origin(fresh));

	assert(!old.header || old.view == fresh->view);
	*z = *fresh;
	note_size(c, z);
	z->next = old.next; /* zones are found by number: nothing else changes with its content */
	if (!old.header)
		add_zone(c, z);
	else if (is_new)
		add_all(c);
	return is_new;
}

bool catalog_init(struct catalog *c, struct image *zones, size_t count,
		  const struct siphash_key *key)
{
	*c = (struct catalog){ .zones = zones, .count = count, .key = *key };
	if (!table_reserve(&c->by_origin, count)) {
		catalog_free(c);
		return false;
	}
	add_all(c);
	return true;
}

void catalog_free(struct catalog *c)
{
	table_free(&c->by_origin);
	c->count = 0;
	c->max_labels = 0;
	c->at_hand_count = 0;
}

const struct image *catalog_find(const struct catalog *c, struct probe *p, unsigned depth,
				 uint32_t views)
{
	if (depth > c->max_labels)
		depth = c->max_labels;
	if (depth > p->labels)
		depth = p->labels;
	if (!c->has_many)
		return find_at_hand(c, p, depth, views);
	for (;; depth--) {
		const struct image *z = version_for(c, find_origin(c, p, depth), views);

		if (z || depth == 0 || depth <= c->min_labels)
			return z;
	}
}
