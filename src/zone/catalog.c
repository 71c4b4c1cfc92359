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

/* Puts a zone behind the others with its origin, unless it could never be reached there. */
static void chain(struct catalog *c, struct image *first, uint32_t i)
{
	while (first->next)
		first = &c->zones[first->next - 1];
	if (first->view != 0)
		first->next = i + 1;
}

static void add_zone(struct catalog *c, uint32_t i)
{
	struct probe p;

	probe_init(&p, &c->key, image_origin(&c->zones[i]));
	struct image *first = find_origin(c, &p, p.labels);
	c->zones[i].next = 0;
	if (first) {
		chain(c, first, i);
		return;
	}
	if (p.labels > c->max_labels)
		c->max_labels = p.labels;
	if (p.labels < c->min_labels)
		c->min_labels = p.labels;
	bool added = table_add(&c->by_origin, probe_hash(&p, p.labels), i + 1);
	assert(added); /* there is room for all */
}

void catalog_update(struct catalog *c)
{
	table_clear(&c->by_origin);
	c->max_labels = 0;
	c->min_labels = 127;
	for (int for_all = 0; for_all <= 1; for_all++)
		for (size_t i = 0; i < c->count; i++)
			if (c->zones[i].header && (c->zones[i].view == 0) == for_all)
				add_zone(c, (uint32_t)i);
}

bool catalog_init(struct catalog *c, struct image *zones, size_t count,
		  const struct siphash_key *key)
{
	*c = (struct catalog){ .zones = zones, .count = count, .key = *key };
	if (!table_reserve(&c->by_origin, count)) {
		catalog_free(c);
		return false;
	}
	catalog_update(c);
	return true;
}

void catalog_free(struct catalog *c)
{
	table_free(&c->by_origin);
	c->count = 0;
	c->max_labels = 0;
}

const struct image *catalog_find(const struct catalog *c, struct probe *p, unsigned depth,
				 uint32_t views)
{
	if (depth > c->max_labels)
		depth = c->max_labels;
	if (depth > p->labels)
		depth = p->labels;
	for (;; depth--) {
		const struct image *z = find_origin(c, p, depth);

		while (z && !view_has(z->view, views))
			z = z->next ? &c->zones[z->next - 1] : NULL;
		if (z || depth == 0 || depth <= c->min_labels)
			return z;
	}
}
