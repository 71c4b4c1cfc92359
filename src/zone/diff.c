/*
 * diff.c -- what one version of a zone has that another has not.
 */
#include "zone/diff.h"
#include "zone/order.h"
#include "zone/rdata_walk.h"

/* ------ records ------ */

static struct rdata_walk walk_of(const struct image *z, uint16_t type, struct slice item)
{
	return rdata_walk_stored(z, rrtype_find(type), item.octets, item.size);
}

static bool same_piece(const struct rdata_walk *a, const struct rdata_walk *b)
{
	if (a->is_name != b->is_name)
		return false;
	if (a->is_name)
		return name_equal(a->name, b->name);
	return a->size == b->size && memcmp(a->octets, b->octets, a->size) == 0;
}

static bool same_item(const struct zone_diff *d, uint16_t type, struct slice was, struct slice is)
{
	struct rdata_walk a = walk_of(d->was, type, was), b = walk_of(d->is, type, is);
	bool more;

	do {
		more = rdata_walk_next(&a);
		if (more != rdata_walk_next(&b) || (more && !same_piece(&a, &b)))
			return false;
	} while (more);
	return true;
}

/* The usual case, in one walk: a set that has not changed, TTL aside. */
static bool same_set(const struct zone_diff *d, const struct rrset *was, const struct rrset *is)
{
	struct item_walk a = item_walk(was), b = item_walk(is);

	if (was->count != is->count)
		return false;
	while (item_next(&a) && item_next(&b))
		if (!same_item(d, was->type, a.item, b.item))
			return false;
	return true;
}

/* Which of the two zones is looked into. */
enum side { WAS, IS };

/* Has the other side's node a record of this type and data? */
static bool is_there(const struct zone_diff *d, enum side where, const struct node *n,
		     uint16_t type, struct slice item)
{
	const struct rrset *set = n->rrsets ? node_rrsets(n) : NULL;

	for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set)) {
		struct item_walk walk = item_walk(set);

		if (set->type != type)
			continue;
		while (item_next(&walk))
			if (where == IS ? same_item(d, type, item, walk.item)
					: same_item(d, type, walk.item, item))
				return true;
	}
	return false;
}

/* ------ reports ------ */

static void report(struct zone_diff *d, struct difference found)
{
	found.origin = image_origin(d->is);
	d->count[found.change]++;
	d->report(d->self, &found);
}

static void report_item(struct zone_diff *d, enum change change, struct name owner, uint16_t type,
			struct slice item)
{
	struct writer w = writer_init(d->rdata, sizeof d->rdata);
	struct rdata_walk walk = walk_of(change == CHANGE_REMOVED ? d->was : d->is, type, item);

	rdata_walk_write(&walk, &w);
	report(d, (struct difference){ .change = change,
				       .owner = owner,
				       .type = type,
				       .rdata = { d->rdata, writer_size(&w) } });
}

/* The records of a type that the other node has not; other NULL: all. */
static void report_missing(struct zone_diff *d, enum change change, struct name owner,
			   const struct node *n, uint16_t type, const struct node *other)
{
	const struct rrset *set = node_rrsets(n);

	for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set)) {
		struct item_walk walk = item_walk(set);

		if (set->type != type)
			continue;
		while (item_next(&walk))
			if (!other || !is_there(d, change == CHANGE_REMOVED ? IS : WAS, other, type,
						walk.item))
				report_item(d, change, owner, type, walk.item);
	}
}

/* ------ nodes ------ */

static void whole_node(struct zone_diff *d, enum change change, struct name owner,
		       const struct node *n)
{
	const struct rrset *set = n->rrsets ? node_rrsets(n) : NULL;

	for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set))
		if (node_find(n, set->type) == set)
			report_missing(d, change, owner, n, set->type, NULL);
}

enum { SOA_NUMBERS = 20 /* octets at the end of an SOA's data, the serial in front */ };

static struct slice first_item(const struct rrset *set)
{
	struct item_walk walk = item_walk(set);

	(void)item_next(&walk);
	return walk.item;
}

static uint32_t serial_of(struct slice soa)
{
	struct reader r = reader_init(soa.octets + soa.size - SOA_NUMBERS, SOA_NUMBERS);

	return get_u32(&r);
}

/* An SOA of which nothing but the serial is another one. */
static bool is_new_serial(struct zone_diff *d, const struct rrset *was, const struct rrset *is)
{
	struct slice a = first_item(was), b = first_item(is);
	uint8_t copy[2 * NAME_REF_SIZE + SOA_NUMBERS];

	if (was->type != TYPE_SOA || b.size != sizeof copy || a.size != b.size)
		return false;
	memcpy(copy, b.octets, b.size);
	memcpy(copy + b.size - SOA_NUMBERS, a.octets + a.size - SOA_NUMBERS, 4);
	return serial_of(a) != serial_of(b) &&
	       same_item(d, TYPE_SOA, a, (struct slice){ copy, sizeof copy });
}

static void both_sets(struct zone_diff *d, struct name owner, const struct node *was,
		      const struct node *is, uint16_t type)
{
	const struct rrset *a = node_find(was, type), *b = node_find(is, type);
	struct difference found = { .change = CHANGE_TTL, .owner = owner, .type = type };

	if (b && is_new_serial(d, a, b)) {
		found.change = CHANGE_SERIAL;
		found.old = serial_of(first_item(a));
		found.now = serial_of(first_item(b));
		report(d, found);
	} else if (!b || type == TYPE_RRSIG ||
		   !same_set(d, a, b)) { /* of RRSIG there are several sets */
		report_missing(d, CHANGE_REMOVED, owner, was, type, is);
		if (b)
			report_missing(d, CHANGE_ADDED, owner, is, type, was);
	}
	if (b && a->ttl != b->ttl) {
		found.change = CHANGE_TTL;
		found.old = a->ttl;
		found.now = b->ttl;
		report(d, found);
	}
}

static void both_nodes(struct zone_diff *d, struct name owner, const struct node *was,
		       const struct node *is)
{
	const struct rrset *set = was->rrsets ? node_rrsets(was) : NULL;

	for (unsigned i = 0; i < was->rrsets; i++, set = rrset_next(set))
		if (node_find(was, set->type) == set)
			both_sets(d, owner, was, is, set->type);
	set = is->rrsets ? node_rrsets(is) : NULL;
	for (unsigned i = 0; i < is->rrsets; i++, set = rrset_next(set))
		if (node_find(is, set->type) == set && !node_find(was, set->type))
			report_missing(d, CHANGE_ADDED, owner, is, set->type, NULL);
}

/* ------ the walk ------ */

static void both_zones(struct zone_diff *d, const struct order *was, const struct order *is)
{
	const struct node *a, *b;
	uint32_t i = 0, j = 0;

	while (a = order_node(was, i), b = order_node(is, j), a || b) {
		struct name_buf name_a, name_b;
		int order = a ? (b ? 0 : -1) : 1;

		if (a)
			node_name(d->was, a, &name_a);
		if (b)
			node_name(d->is, b, &name_b);
		if (order == 0)
			order = name_compare(name_view(&name_a), name_view(&name_b));
		if (order < 0)
			whole_node(d, CHANGE_REMOVED, name_view(&name_a), a);
		else if (order > 0)
			whole_node(d, CHANGE_ADDED, name_view(&name_b), b);
		else
			both_nodes(d, name_view(&name_b), a, b);
		i += order <= 0;
		j += order >= 0;
	}
}

bool zone_diff(struct zone_diff *d, const struct image *was, const struct image *is)
{
	struct order old, new;
	bool has_old = order_make(&old, was), has_new = order_make(&new, is);

	d->was = was;
	d->is = is;
	if (has_old && has_new)
		both_zones(d, &old, &new);
	order_free(&old);
	order_free(&new);
	return has_old && has_new;
}

/* ------ text ------ */

/* Relative to the zone's name, as in its file: "@" for the name itself. */
static void print_owner(const struct difference *d, struct text *out)
{
	struct name_buf relative;
	struct text shown;
	char room[NAME_MAX_TEXT];

	if (name_equal(d->owner, d->origin)) {
		text_put_char(out, '@');
	} else if (!name_is_root(d->origin) && name_is_within(d->owner, d->origin) &&
		   name_replace_suffix(d->owner, d->origin, name_root, &relative)) {
		shown = text_init(room, sizeof room);
		name_print(name_view(&relative), &shown);
		text_put_octets(out, room, shown.used - 1); /* without the dot at its end */
	} else {
		name_print(d->owner, out);
	}
}

void difference_print(const struct difference *d, struct text *out)
{
	text_format(out, "%c ",
		    d->change == CHANGE_ADDED     ? '+'
		    : d->change == CHANGE_REMOVED ? '-'
						  : '~');
	print_owner(d, out);
	text_put_char(out, ' ');
	rrtype_print(d->type, out);
	text_put_char(out, ' ');
	if (d->change == CHANGE_TTL || d->change == CHANGE_SERIAL)
		text_format(out, "%s %u -> %u", d->change == CHANGE_TTL ? "TTL" : "serial", d->old,
			    d->now);
	else
		rdata_print(rrtype_find(d->type), d->rdata.octets, d->rdata.size, out);
}
