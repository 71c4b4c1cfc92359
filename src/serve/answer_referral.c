/*
 * answer_referral.c -- a name that a zone of ours has delegated.
 *
 * A referral is the NS records of the delegation and the addresses of these servers, as far
 * as we have them:
 *
 *	  question   www.example.com. A
 *	  authority          example.com. NS ns1.example.com.
 *	  additional     ns1.example.com. A 192.0.2.1
 *
 * For all names below a delegation it is the same but for where its pointers lead: a
 * longer question moves both the name of the delegation, which ends the question, and the
 * records, which follow it, by the same number of octets.  So a referral is kept with the
 * places of its pointers, and is given again by a copy and an addition for each of them.
 */
#include "serve/answering.h"

enum {
	/* Of a referral that is kept: */
	REFERRAL_POINTERS = 80,
	REFERRAL_LABELS = 16, /* of its question at most */
};

/* ------ written anew ------ */

enum glue {
	GLUE_REQUIRED, /* below the cut itself: without it the referral leads nowhere */
	GLUE_SIBLING,  /* elsewhere in our zone: good to have (RFC 9471 §2.3) */
};

static bool is_glue(const struct stored_name *n, struct name cut, enum glue kind)
{
	return name_is_within(stored_name_view(n), cut) == (kind == GLUE_REQUIRED);
}

/*
 * RFC 9471 §3: all glue from below the cut, or TC; what lies beside it as far as it fits.
 * False when something did not.
 */
static bool put_glue(struct answer *a, const struct rrset *ns, struct name cut, enum glue kind)
{
	struct item_walk walk = item_walk(ns);
	bool fits = true;

	while (item_next(&walk)) {
		const struct stored_name *n = item_target(a->z, ns, walk.item);
		if (n->node != 0 && is_glue(n, cut, kind) && !put_addresses(a, a->z, n))
			fits = false;
	}
	if (!fits && kind == GLUE_REQUIRED)
		a->out.flags |= FLAG_TC;
	return fits;
}

/* True when all of it is there. */
static bool write_referral(struct answer *a, const struct rrset *ns, unsigned depth)
{
	struct owner cut = ancestor(a, depth);

	if (!put_rrset(a->m, a->z, &cut, ns, ns->ttl, SECTION_AUTHORITY)) {
		a->out.flags |= FLAG_TC;
		return false;
	}
	return put_glue(a, ns, cut.name, GLUE_REQUIRED) && put_glue(a, ns, cut.name, GLUE_SIBLING);
}

/* ------ kept ------ */

/* What stands before the records of a referral that is kept. */
struct referral {
	uint64_t below;      /* marks of labels right below the cut, in names of the referral */
	uint16_t question;   /* octets of the question's name that it was written behind */
	uint16_t authority;  /* records */
	uint16_t additional; /* records */
	uint16_t pointers;
	uint16_t places[REFERRAL_POINTERS]; /* of pointers, from the beginning of the records */
};

enum { REFERRAL_HEAD = offsetof(struct referral, places) };

static size_t head_size(const struct referral *r)
{
	return REFERRAL_HEAD + r->pointers * sizeof r->places[0];
}

static uint64_t mark_of(const uint8_t *folded)
{
	return UINT64_C(1) << ((folded[0] + 8u * folded[1] + folded[folded[0]]) % 64);
}

/*
 * Names of the referral and the question may have more in common than the name of the
 * delegation: then they point further to the front, and what is kept is of no use.
 */
static uint64_t mark_of_question(const struct answer *a, unsigned depth)
{
	return depth < a->probe->labels ? mark_of(probe_label(a->probe, depth + 1)) : 0;
}

static uint64_t mark_of_server(struct name n, struct name cut)
{
	uint8_t label[LABEL_MAX_SIZE + 1];

	if (n.size == cut.size || !name_is_within(n, cut))
		return 0;
	while (name_parent(n).size > cut.size)
		n = name_parent(n);
	octets_fold(label, n.octets, n.octets[0] + 1u);
	return mark_of(label);
}

static uint64_t marks_of_servers(const struct answer *a, const struct rrset *ns, struct name cut)
{
	struct item_walk walk = item_walk(ns);
	uint64_t marks = 0;

	while (item_next(&walk))
		marks |= mark_of_server(stored_name_view(item_target(a->z, ns, walk.item)), cut);
	return marks;
}

/* Passes a name and notes where it has a pointer; false when there is no room for that. */
static bool note_name(struct reader *r, struct referral *out)
{
	const uint8_t *pointer = name_skip(r);

	if (!pointer)
		return !r->bad;
	if (out->pointers == REFERRAL_POINTERS)
		return false;
	out->places[out->pointers++] = (uint16_t)(pointer - r->base);
	return true;
}

/* Notes the pointers of records that were just written: NS, A and AAAA. */
static bool note_pointers(struct slice records, struct referral *out)
{
	struct reader r = reader_init(records.octets, records.size);

	while (reader_left(&r) > 0) {
		if (!note_name(&r, out))
			return false;
		const uint8_t *fixed = reader_take(&r, RECORD_FIXED_SIZE);
		if (!fixed)
			return false;
		if (load_u16(fixed) == TYPE_NS ? !note_name(&r, out)
					       : !reader_take(&r, load_u16(fixed + 8)))
			return false;
	}
	return true;
}

/* With so few labels in the question the compression has room for the rest: see keep(). */
static bool may_be_kept(const struct answer *a)
{
	return a->source->kept && a->chain == 0 && a->probe->labels <= REFERRAL_LABELS;
}

static void keep(const struct answer *a, const struct kept_key *key, const struct rrset *ns,
		 unsigned depth, const uint8_t *start)
{
	const struct message *m = a->m;
	struct slice records = { start, (size_t)(m->w.pos - start) };
	struct referral r;

	r.below = marks_of_servers(a, ns, probe_ancestor(a->probe, depth));
	r.question = (uint16_t)a->q->name.size;
	r.authority = m->count[SECTION_AUTHORITY];
	r.additional = m->count[SECTION_ADDITIONAL];
	r.pointers = 0;
	if (r.below & mark_of_question(a, depth) ||
	    m->names.count + REFERRAL_LABELS > COMPRESS_ENTRIES || !note_pointers(records, &r))
		return;
	kept_put(a->source->kept, key, (struct slice){ (const uint8_t *)&r, head_size(&r) },
		 records);
}

/*
 * Copies records, and adds to their pointers (modulo 2^16, for a shorter question).  These are
 * read where they were kept: what a copy has just written cannot be read for a moment.
 */
static void copy_moved(uint8_t *to, struct slice records, const uint8_t *places, unsigned pointers,
		       unsigned moved)
{
	octets_copy(to, records.octets, records.size);
	for (; pointers > 0; pointers--, places += sizeof(uint16_t)) {
		uint16_t place;

		memcpy(&place, places, sizeof place);
		store_u16(to + place, (uint16_t)(load_u16(records.octets + place) + moved));
	}
}

/* Gives it behind the question; false when it would not be the same, or does not fit. */
static bool give_again(struct answer *a, struct slice kept, unsigned depth)
{
	struct message *m = a->m;
	struct referral r;

	if (!kept.octets)
		return false;
	memcpy(&r, kept.octets, REFERRAL_HEAD); /* the places stay there */
	struct slice records = { kept.octets + head_size(&r), kept.size - head_size(&r) };
	if (r.below & mark_of_question(a, depth) || records.size > writer_left(&m->w))
		return false;
	copy_moved(writer_room(&m->w, records.size), records, kept.octets + REFERRAL_HEAD,
		   r.pointers, (unsigned)a->q->name.size - r.question);
	m->count[SECTION_AUTHORITY] = r.authority;
	m->count[SECTION_ADDITIONAL] = r.additional;
	return true;
}

/* ------ either ------ */

/* No query that is answered is as short as this, so none has such a key. */
void referral_key(struct kept_key *key, const void *node)
{
	static const uint8_t octets[KEPT_KEY_MIN] = "referral";

	key->octets.octets = octets;
	key->octets.size = sizeof octets;
	key->beside = (uintptr_t)node;
}

void put_referral(struct answer *a, const struct node *cut, unsigned depth)
{
	struct kept_key key;
	const uint8_t *start = a->m->w.pos;

	referral_key(&key, cut);
	if (a->chain == 0)
		a->out.flags &= (uint16_t)~FLAG_AA;
	if (may_be_kept(a)) {
		kept_expect(a->source->kept, &key);
		if (give_again(a, kept_find(a->source->kept, &key), depth))
			return;
	}
	const struct rrset *ns = node_find(cut, TYPE_NS);
	if (write_referral(a, ns, depth) && may_be_kept(a) &&
	    kept_wants(a->source->kept, &key, REFERRAL_HEAD + (size_t)(a->m->w.pos - start)))
		keep(a, &key, ns, depth, start);
}
