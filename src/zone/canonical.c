/*
 * canonical.c -- the records of an RRset in canonical form and order.
 */
#include "zone/canonical.h"
#include "base/assert.h"
#include "zone/rdata_walk.h"

/* Types that RFC 4034 §6.2 adds to those of RFC 1035, whose names may be compressed. */
#define TYPE_BIT(type) (1ull << (type))
static const uint64_t in_lower_case = TYPE_BIT(17) | TYPE_BIT(18) |                /* RP, AFSDB */
				      TYPE_BIT(21) | TYPE_BIT(24) | TYPE_BIT(26) | /* RT, SIG, PX */
				      TYPE_BIT(TYPE_NXT) | TYPE_BIT(TYPE_SRV) | TYPE_BIT(35) |
				      TYPE_BIT(36) | /* NAPTR, KX */
				      TYPE_BIT(TYPE_DNAME) | TYPE_BIT(TYPE_RRSIG);

static bool is_in_lower_case(uint16_t type)
{
	return type < 64 && in_lower_case >> type & 1;
}

static void put_canonical(struct writer *w, struct rdata_walk *walk, uint16_t type)
{
	while (rdata_walk_next(walk)) {
		uint8_t *at = w->pos;

		if (walk->is_name)
			put_name(w, walk->name);
		else
			put_octets(w, walk->octets, walk->size);
		if (walk->is_name && (walk->compress || is_in_lower_case(type)))
			octets_fold(at, at, (size_t)(w->pos - at));
	}
}

/* RFC 4034 §6.3: where one ends within the other, it comes first. */
static int compare(const void *context, uint32_t a, uint32_t b)
{
	const struct canonical *c = context;
	struct slice x = c->records[a].rdata, y = c->records[b].rdata;
	int order = memcmp(x.octets, y.octets, x.size < y.size ? x.size : y.size);

	return order ? order : (x.size > y.size) - (x.size < y.size);
}

void canonical_sort(struct canonical *c, const struct image *z, const struct rrset *set)
{
	struct writer w = writer_init(c->octets, sizeof c->octets);
	struct item_walk walk = item_walk(set);

	for (uint32_t i = 0; item_next(&walk); i++) {
		struct rdata_walk rdata = rdata_walk_stored(z, rrtype_find(set->type),
							    walk.item.octets, walk.item.size);
		uint8_t *at = w.pos;

		assert(i < CANONICAL_MAX_RECORDS);
		put_canonical(&w, &rdata, set->type);
		c->records[i].item = walk.item;
		c->records[i].rdata = (struct slice){ at, (size_t)(w.pos - at) };
		c->order[i] = (struct sort_item){ .value = i };
	}
	assert(!w.full);
	sort_items(c->order, c->scratch, set->count, compare, c);
}
