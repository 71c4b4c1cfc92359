/*
 * routes.c -- where a name is answered.
 *
 * One hash table has the domains of the routes and those of the special-use
 * names, some of which are under the same name: the search goes from the
 * longest suffix that any row has down to one label, and a route wins over
 * everything special, however much longer.
 */
#include "serve/routes.h"

enum { ROW_POOL_MAX = 16 * 1024 * 1024 };

/* Who wants a row: the RFCs, or somebody who configures us; TRUSTED is no place, but a mark. */
enum origin { BUILT_IN, CONFIGURED, TRUSTED };

struct route_row {
	const struct special *special; /* NULL: a route with servers */
	uint16_t route;
	uint8_t origin; /* enum origin */
	uint8_t size;
	uint8_t domain[];
};

static const struct route_row *row_at(const struct routes *r, uint32_t row)
{
	return pool_at(&r->rows, row);
}

/* The row of the probe's ancestor with so many labels, or NULL. */
static const struct route_row *find_row(const struct routes *r, struct probe *p, unsigned depth,
					enum origin origin)
{
	struct table_walk walk = table_walk(probe_hash(p, depth));
	struct name domain = probe_ancestor(p, depth);
	uint32_t at;

	while ((at = table_find(&r->by_domain, &walk)) != 0) {
		const struct route_row *row = row_at(r, at);

		if (row->origin == origin &&
		    name_equal((struct name){ row->domain, row->size }, domain))
			return row;
	}
	return NULL;
}

/* ------ adding ------ */

static bool add_row(struct routes *r, struct name domain, const struct special *special,
		    uint16_t route, enum origin origin)
{
	struct probe p;
	uint32_t at = pool_add(&r->rows, sizeof(struct route_row) + domain.size);

	if (!at)
		return false;
	struct route_row *row = pool_at(&r->rows, at);
	row->special = special;
	row->route = route;
	row->origin = (uint8_t)origin;
	row->size = (uint8_t)domain.size;
	memcpy(row->domain, domain.octets, domain.size);
	probe_init(&p, &r->key, domain);
	if (p.labels > r->max_labels[origin])
		r->max_labels[origin] = p.labels;
	return table_add(&r->by_domain, probe_hash(&p, p.labels), at);
}

/* The built-in rows; a range of reverse domains has one for each number. */
static bool add_special(struct routes *r, const struct special *s)
{
	for (unsigned i = s->from; i <= s->to; i++) {
		char room[NAME_MAX_TEXT];
		struct text text = text_init(room, sizeof room);
		struct name_buf domain;

		if (s->to)
			text_format(&text, "%u.", i);
		for (unsigned n = 0; n < s->zeros; n++)
			text_put(&text, "0.");
		text_put(&text, s->text);
		if (name_parse_absolute(room, &domain) ||
		    !add_row(r, name_view(&domain), s, ROUTE_NONE, BUILT_IN))
			return false;
	}
	return true;
}

bool routes_init(struct routes *r, const struct siphash_key *key)
{
	*r = (struct routes){
		.key = *key,
		.rows = pool_init(ROW_POOL_MAX, _Alignof(struct route_row)),
		.root = ROUTE_NONE,
	};
	for (size_t i = 0; i < special_count; i++)
		if (!add_special(r, &specials[i]))
			return false;
	return true;
}

void routes_free(struct routes *r)
{
	pool_free(&r->rows);
	table_free(&r->by_domain);
}

uint16_t routes_add(struct routes *r, struct name domain)
{
	struct probe p;

	probe_init(&p, &r->key, domain);
	const struct route_row *row = find_row(r, &p, p.labels, CONFIGURED);
	if (row)
		return row->route;
	if (r->count == ROUTES_MAX || !add_row(r, domain, NULL, r->count, CONFIGURED))
		return ROUTE_NONE;
	if (name_is_root(domain))
		r->root = r->count;
	return r->count++;
}

bool routes_block(struct routes *r, struct name domain)
{
	return add_row(r, domain, &special_blocked, ROUTE_NONE, CONFIGURED);
}

bool routes_trust(struct routes *r, struct name domain)
{
	return add_row(r, domain, NULL, ROUTE_NONE, TRUSTED);
}

/* ------ finding ------ */

static struct place place_of(const struct route_row *row, unsigned depth)
{
	return (struct place){
		.kind = row->special ? PLACE_SPECIAL : PLACE_UPSTREAM,
		.special = row->special,
		.route = row->route,
		.depth = depth,
	};
}

/* The row with the longest domain of more than `least` and at most *depth labels. */
static const struct route_row *longest(const struct routes *r, struct probe *p, unsigned least,
				       unsigned *depth, enum origin origin)
{
	if (*depth > r->max_labels[origin])
		*depth = r->max_labels[origin];
	for (; *depth > least; --*depth) {
		const struct route_row *row = find_row(r, p, *depth, origin);

		if (row)
			return row;
	}
	return NULL;
}

struct place routes_find_beyond(const struct routes *r, struct probe *p, unsigned depth)
{
	static const enum origin order[] = { CONFIGURED, BUILT_IN };

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		unsigned at = depth < p->labels ? depth : p->labels;
		const struct route_row *row = longest(r, p, 0, &at, order[i]);

		if (row)
			return place_of(row, at);
	}
	if (r->root == ROUTE_NONE || r->root_is_empty)
		return (struct place){ .kind = PLACE_NOWHERE };
	return (struct place){ .kind = PLACE_UPSTREAM, .route = r->root };
}

struct place routes_find(const struct routes *r, const struct catalog *zones, struct probe *p,
			 uint32_t views)
{
	const struct image *zone = catalog_find(zones, p, p->labels, views);
	unsigned depth = p->labels;

	if (!zone)
		return routes_find_beyond(r, p, depth);
	const struct route_row *row =
		longest(r, p, zone->header->origin_labels, &depth, CONFIGURED);
	if (row)
		return place_of(row, depth);
	return (struct place){ .kind = PLACE_ZONE,
			       .zone = zone,
			       .depth = zone->header->origin_labels };
}

bool routes_is_trusted(const struct routes *r, struct probe *p, const struct place *place)
{
	unsigned depth = p->labels;

	return place->route != r->root || longest(r, p, 0, &depth, TRUSTED);
}
