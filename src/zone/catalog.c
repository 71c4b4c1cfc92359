/*
 * catalog.c -- the zones that are served, found by name.
 */
#include "zone/catalog.h"

/* The zone whose origin is the probe's ancestor with this many labels, or NULL. */
static const struct image *find_origin(const struct catalog *c, struct probe *p, unsigned depth)
{
	struct table_walk walk = table_walk(probe_hash(p, depth));
	struct name origin = probe_ancestor(p, depth);
	uint32_t value;

	while ((value = table_find(&c->by_origin, &walk)) != 0)
		if (name_equal(image_origin(&c->zones[value - 1]), origin))
			return &c->zones[value - 1];
	return NULL;
}

bool catalog_init(struct catalog *c, struct image *zones, size_t count,
		  const struct siphash_key *key)
{
	struct probe p;

	*c = (struct catalog){ .zones = zones, .count = count, .key = *key, .min_labels = 127 };
	for (size_t i = 0; i < count; i++) {
		if (!zones[i].header)
			continue;
		probe_init(&p, &c->key, image_origin(&zones[i]));
		if (find_origin(c, &p, p.labels))
			continue;
		if (!table_add(&c->by_origin, probe_hash(&p, p.labels), (uint32_t)i + 1)) {
			catalog_free(c);
			return false;
		}
		if (p.labels > c->max_labels)
			c->max_labels = p.labels;
		if (p.labels < c->min_labels)
			c->min_labels = p.labels;
	}
	return true;
}

void catalog_free(struct catalog *c)
{
	table_free(&c->by_origin);
	c->count = 0;
	c->max_labels = 0;
}

const struct image *catalog_find(const struct catalog *c, struct probe *p, unsigned depth)
{
	if (depth > c->max_labels)
		depth = c->max_labels;
	if (depth > p->labels)
		depth = p->labels;
	for (;; depth--) {
		const struct image *z = find_origin(c, p, depth);

		if (z || depth == 0 || depth <= c->min_labels)
			return z;
	}
}
