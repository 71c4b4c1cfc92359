/*
 * answer_zone.c -- a name that a zone of ours has.
 *
 * What is found becomes an answer, a referral, a "no", or another name to go
 * on with; the NS of the zone and addresses beside it are a courtesy.
 */
#include "serve/answering.h"
#include "zone/lookup.h"

struct owner ancestor(const struct answer *a, unsigned depth)
{
	struct name name = probe_ancestor(a->probe, depth);
	bool is_there = a->chain == 0 && name.size > 1;

	return (struct owner){
		name, is_there ? (uint16_t)(COMPRESS_QUESTION + a->owner.name.size - name.size) : 0
	};
}

static struct owner apex_owner(const struct answer *a)
{
	return ancestor(a, a->z->header->origin_labels);
}

static const struct node *stored_node(const struct image *z, const struct stored_name *n)
{
	return n->node ? image_at(z, n->node) : NULL;
}

static void remember_extra(struct answer *a, const struct rrset *set)
{
	if (!(rrtype_find(set->type)->flags & RRTYPE_ADDITIONAL) || a->extra_count == MAX_EXTRAS)
		return;
	a->extras[a->extra_count].z = a->z;
	a->extras[a->extra_count++].set = set;
}

/* ------ answer section ------ */

/* RFC 2181 §9: TC says that a required RRset is missing. */
static bool put_answer(struct answer *a, const struct rrset *set)
{
	if (!put_rrset(a->m, a->z, &a->owner, set, set->ttl, SECTION_ANSWER)) {
		a->out.flags |= FLAG_TC;
		return false;
	}
	remember_extra(a, set);
	return true;
}

/* ------ authority section ------ */

/* RFC 2308 §3: the SOA with the time for which "no" may be kept. */
void put_soa(struct answer *a)
{
	struct owner apex = apex_owner(a);
	const struct rrset *soa = image_at(a->z, a->z->header->soa);

	if (!put_rrset(a->m, a->z, &apex, soa, a->z->header->negative_ttl, SECTION_AUTHORITY))
		a->out.flags |= FLAG_TC;
}

/* RFC 1034 §4.3.2: a courtesy, left out when there is no room or when the answer is the same. */
static void put_zone_ns(struct answer *a)
{
	struct owner apex = apex_owner(a);
	const struct rrset *ns = image_at(a->z, a->z->header->ns);

	if (a->source->style == STYLE_MINIMAL || a->z->header->ns == 0)
		return;
	if (a->given == ns)
		return;
	if (put_rrset(a->m, a->z, &apex, ns, ns->ttl, SECTION_AUTHORITY))
		remember_extra(a, ns);
}

/* ------ additional section ------ */

const struct stored_name *item_target(const struct image *z, const struct rrset *set,
				      struct slice item)
{
	/* The name is the last four octets of NS, MX, SRV and the like, but SVCB has more. */
	size_t at = set->type == TYPE_SVCB || set->type == TYPE_HTTPS ? 2
								      : item.size - NAME_REF_SIZE;

	return image_name(z, item.octets + at);
}

bool put_addresses(struct answer *a, const struct image *z, const struct stored_name *name)
{
	static const uint16_t types[] = { TYPE_A, TYPE_AAAA };
	const struct node *n = image_at(z, name->node);
	struct owner owner = { .name = stored_name_view(name) };
	bool fits = true;

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		const struct rrset *set = node_find(n, types[i]);
		if (!set || set == a->given)
			continue;
		if (!put_rrset(a->m, z, &owner, set, set->ttl, SECTION_ADDITIONAL))
			fits = false;
	}
	return fits;
}

/* Has an earlier RRset brought the addresses of this name already? */
static bool is_repeated(const struct answer *a, unsigned extra, const struct item_walk *at)
{
	const struct stored_name *n =
		item_target(a->extras[extra].z, a->extras[extra].set, at->item);

	for (unsigned i = 0; i <= extra; i++) {
		struct item_walk walk = item_walk(a->extras[i].set);

		while (item_next(&walk)) {
			if (i == extra && walk.item.octets == at->item.octets)
				break;
			if (item_target(a->extras[i].z, a->extras[i].set, walk.item) == n)
				return true;
		}
	}
	return false;
}

static bool has_addresses(const struct image *z, const struct stored_name *name)
{
	const struct node *n = stored_node(z, name);

	return n && (node_find(n, TYPE_A) || node_find(n, TYPE_AAAA));
}

/* Saves the next question: addresses of the names in NS, MX, SRV and so on. */
void put_extras(struct answer *a)
{
	if (a->source->style == STYLE_MINIMAL || a->out.flags & FLAG_TC)
		return;
	for (unsigned i = 0; i < a->extra_count; i++) {
		struct item_walk walk = item_walk(a->extras[i].set);

		while (item_next(&walk)) {
			const struct stored_name *n =
				item_target(a->extras[i].z, a->extras[i].set, walk.item);
			/* Only names that bring something are compared: what fits bounds the work. */
			if (!has_addresses(a->extras[i].z, n) || is_repeated(a, i, &walk))
				continue;
			if (!put_addresses(a, a->extras[i].z, n))
				return;
		}
	}
}

/* ------ one look at a zone ------ */

static enum step no_data(struct answer *a)
{
	put_soa(a);
	return STEP_DONE;
}

/* RFC 1034 §4.3.2 step 3a: the name is an alias and something else is asked for. */
static enum step found_cname(struct answer *a, const struct node *n)
{
	const struct rrset *cname = node_find(n, TYPE_CNAME);
	struct item_walk walk = item_walk(cname);

	if (a->chain == ANSWER_MAX_CHAIN || was_seen(a, cname) || !put_answer(a, cname) ||
	    !item_next(&walk))
		return STEP_DONE;
	return follow(a, cname, stored_name_view(image_name(a->z, walk.item.octets)));
}

/* RFC 8482 §4.1: one RRset is answer enough. */
static const struct rrset *any_rrset(const struct node *n)
{
	return n->rrsets ? node_rrsets(n) : NULL;
}

/* Signatures of one name are several RRsets, one for each type that is signed (zone/image.h). */
static bool put_signatures(struct answer *a, const struct node *n)
{
	const struct rrset *set = node_rrsets(n);

	for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set))
		if (set->type == TYPE_RRSIG && !put_answer(a, set))
			return false;
	return true;
}

static enum step found_node(struct answer *a, const struct node *n)
{
	uint16_t type = a->q->type;
	const struct rrset *set = type == TYPE_ANY ? any_rrset(n) : node_find(n, type);

	if (!set && n->flags & NODE_CNAME)
		return found_cname(a, n);
	if (!set)
		return no_data(a);
	if (type == TYPE_RRSIG ? put_signatures(a, n) : put_answer(a, set)) {
		a->given = set;
		put_zone_ns(a);
	}
	return STEP_DONE;
}

/* RFC 6672 §3.1: the CNAME that says what the DNAME means for this name. */
static bool put_synthesized(struct answer *a, struct name target, uint32_t ttl)
{
	struct message_mark mark = message_mark(a->m);
	uint8_t *rdlength = begin_record(a->m, a->owner.name, TYPE_CNAME, CLASS_IN, ttl);

	put_name_compressed(&a->m->w, &a->m->names, target);
	end_record(a->m, rdlength, SECTION_ANSWER);
	if (!a->m->w.full)
		return true;
	message_rewind(a->m, mark);
	a->out.flags |= FLAG_TC;
	return false;
}

/* The DNAME itself goes into the answer once, however often it is applied. */
static bool put_dname(struct answer *a, const struct rrset *dname, struct owner owner)
{
	for (unsigned i = 0; i < a->chain; i++)
		if (a->seen[i].alias == dname)
			return true;
	if (put_rrset(a->m, a->z, &owner, dname, dname->ttl, SECTION_ANSWER))
		return true;
	a->out.flags |= FLAG_TC;
	return false;
}

static enum step found_dname(struct answer *a, const struct node *n, unsigned depth)
{
	const struct rrset *dname = node_find(n, TYPE_DNAME);
	struct owner owner = ancestor(a, depth);
	struct name_buf *made = &a->made[a->chain];
	struct item_walk walk = item_walk(dname);

	if (a->chain == ANSWER_MAX_CHAIN || was_seen(a, dname) || !put_dname(a, dname, owner) ||
	    !item_next(&walk))
		return STEP_DONE;
	struct name target = stored_name_view(image_name(a->z, walk.item.octets));
	if (!name_replace_suffix(a->owner.name, owner.name, target, made)) {
		a->out.rcode = RCODE_YXDOMAIN; /* RFC 6672 §2.2 */
		return STEP_DONE;
	}
	if (!put_synthesized(a, name_view(made), dname->ttl) || a->q->type == TYPE_CNAME ||
	    a->q->type == TYPE_ANY)
		return STEP_DONE;
	return follow(a, dname, name_view(made));
}

/* A name that is not in the file of an overlay: the zone is somebody else's as well. */
static enum step leave_zone(struct answer *a)
{
	struct place place = { .kind = PLACE_NOWHERE };

	if (a->chain == 0)
		a->out.flags &= (uint16_t)~FLAG_AA;
	if (a->source->elsewhere)
		place = routes_find_beyond(a->source->routes, a->probe, a->probe->labels);
	return look_elsewhere(a, &place);
}

static enum step look(struct answer *a)
{
	struct match match = zone_lookup(a->z, a->probe);

	switch (match.found) {
	case FOUND_NODE:
	case FOUND_WILDCARD:
		return found_node(a, match.node);
	case FOUND_CUT:
		if (is_parents(a) && match.depth == a->probe->labels)
			return found_node(a, match.node);
		put_referral(a, match.node, match.depth);
		return STEP_DONE;
	case FOUND_DNAME:
		return found_dname(a, match.node, match.depth);
	case FOUND_NOTHING:
		break;
	}
	if (look_for_pointer(a, &(struct place){ .kind = PLACE_ZONE }))
		return STEP_DONE;
	if (a->z->is_overlay)
		return leave_zone(a);
	a->out.rcode = RCODE_NXDOMAIN;
	return no_data(a);
}

enum step look_in_zone(struct answer *a)
{
	if (a->z->header->soa == 0)
		return give_up(a, EDE_INVALID_DATA, "the zone's file has errors");
	if (a->chain == 0)
		a->out.flags |= FLAG_AA;
	a->out.flags &= (uint16_t)~FLAG_AD;
	return look(a);
}
