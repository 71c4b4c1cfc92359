/*
 * answer.c -- fills the sections of a reply.
 *
 * The algorithm of RFC 1034 §4.3.2, with the wildcards of RFC 4592, the DNAME
 * of RFC 6672 and the final RCODE of RFC 6604: look for the name; what is
 * found is an answer, a referral, a "no", or another name to go on with.  An
 * alias may lead through all zones that we serve, out of them and back again;
 * each hop is one turn of the loop in answer_question().
 */
#include "serve/answering.h"
#include "zone/reverse.h"

bool was_seen(const struct answer *a, const struct rrset *alias)
{
	for (unsigned i = 0; i < a->chain; i++)
		if (a->seen[i].alias == alias && name_equal(a->seen[i].owner, a->owner.name))
			return true;
	return false;
}

enum step follow(struct answer *a, const struct rrset *alias, struct name target)
{
	a->seen[a->chain].alias = alias;
	a->seen[a->chain++].owner = a->owner.name;
	a->owner = (struct owner){ .name = target };
	return STEP_FOLLOW;
}

enum step give_up(struct answer *a, enum ede ede, const char *text)
{
	a->out.rcode = RCODE_SERVFAIL;
	a->out.ede = ede;
	a->out.ede_text = text;
	return STEP_DONE;
}

/*
 * The place of a DS record is the parent's: a zone of ours, or else upstream,
 * if who checks signatures wants to know that ours need none (RFC 4035
 * §3.1.4.1, RFC 8375 §4).
 */
static struct place parents_place(struct answer *a, const struct place *childs)
{
	const struct elsewhere *e = a->source->elsewhere;
	unsigned depth = a->probe->labels - 1u;
	const struct image *zone =
		catalog_find(a->source->zones, a->probe, depth, a->source->views);

	if (zone)
		return (struct place){ .kind = PLACE_ZONE, .zone = zone };
	if (!e || !(e->flags & CACHE_DNSSEC_OK) ||
	    (childs->kind == PLACE_SPECIAL && !childs->special->signed_above))
		return *childs;
	struct place place = routes_find_beyond(e->routes, a->probe, depth);
	return place.kind == PLACE_UPSTREAM ? place : *childs;
}

/*
 * Where nobody else is asked for this client: a zone, or for the name of an
 * address the special-use name that it is in (RFC 6303), because what is around
 * the addresses that we hold is known not to exist.
 */
static void find_place_here(struct answer *a, struct place *place)
{
	const struct answer_source *source = a->source;

	place->kind = PLACE_NOWHERE;
	place->zone = catalog_find(source->zones, a->probe, a->probe->labels, source->views);
	if (place->zone) {
		place->kind = PLACE_ZONE;
		place->depth = place->zone->header->origin_labels;
	} else if (source->routes && reverse_is(a->owner.name)) {
		*place = routes_find_beyond(source->routes, a->probe, a->probe->labels);
		if (place->kind != PLACE_SPECIAL)
			place->kind = PLACE_NOWHERE;
	}
}

/*
 * RFC 1034 §4.3.2 step 2.  Not by value: what is copied right after it was written piece
 * by piece makes the processor wait, and this is on the way of every query.
 */
static void find_place(struct answer *a, struct place *place)
{
	const struct answer_source *source = a->source;

	if (source->elsewhere) {
		*place = routes_find(source->routes, source->zones, a->probe, source->views);
	} else {
		find_place_here(a, place);
	}
	if (is_parents(a) && (place->kind == PLACE_ZONE || place->kind == PLACE_SPECIAL) &&
	    place->depth == a->probe->labels)
		*place = parents_place(a, place);
}

/* For the question, and for every alias after it. */
static enum step take_name(struct answer *a)
{
	struct place place;

	/* The same octets are the same name: none that is looked for changes while this lives. */
	if (a->probe->name.octets != a->owner.name.octets)
		probe_init(a->probe, &a->source->zones->key, a->owner.name);
	find_place(a, &place);
	if (place.kind != PLACE_ZONE)
		return look_for_pointer(a, &place) ? STEP_DONE : look_elsewhere(a, &place);
	a->z = place.zone;
	return look_in_zone(a);
}

struct answered answer_question(const struct answer_source *source, const struct question *q,
				struct message *m)
{
	struct answer a;

	/* Not an initialiser: the large arrays need no zeros. */
	a.source = source;
	a.q = q;
	a.m = m;
	a.probe = source->probe;
	a.out = (struct answered){ .rcode = RCODE_NOERROR, .ede = EDE_NONE, .is_local = true };
	a.owner = (struct owner){ q->name, COMPRESS_QUESTION };
	a.given = NULL;
	a.chain = 0;
	a.is_public = false;
	a.extra_count = 0;
	while (take_name(&a) == STEP_FOLLOW)
		;
	put_extras(&a);
	if (a.chain > 0) /* it may be of one of a.made */
		a.probe->name.octets = NULL;
	return a.out;
}
