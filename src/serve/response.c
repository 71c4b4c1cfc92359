/*
 * response.c -- what an upstream server's response is worth.
 *
 * What is kept is written as a message of our own, in the order in which
 * clients read it.
 */
#include "serve/response.h"
#include "dns/rdata.h"
#include "dns/rrtype.h"
#include "serve/private.h"
#include "serve/record.h"

enum { NEGATIVE_MINIMUM_SIZE = 4 };

/* A response being taken apart. */
struct taking {
	struct response_room *room;
	const struct listing *list; /* the room's */
	const struct response_question *q;
	struct message out;
	struct writer kept; /* RDATA and names that `out` borrows */
	uint32_t ttl_s;     /* the least of all that was kept */
	bool is_private;
	bool malformed;
	bool too_long;       /* a DNAME makes a name of more than 255 octets */
	uint16_t target;     /* where the last alias's target stands in `out` */
	struct name current; /* the name that is looked for now */
	struct name seen[RESPONSE_MAX_LINKS];
	unsigned links;
};

/* ------ is it the response? ------ */

enum match response_match(const struct question *sent, uint16_t id, struct slice message)
{
	struct reader r = reader_init(message.octets, message.size);
	struct header h;
	struct question asked;

	if (!get_header(&r, &h) || h.id != id || !(h.flags & FLAG_QR) ||
	    (h.flags & OPCODE_MASK) >> OPCODE_SHIFT != OPCODE_QUERY)
		return MATCH_NOT;
	if (h.count[SECTION_QUESTION] == 0 && (h.flags & RCODE_MASK) != RCODE_NOERROR)
		return MATCH_BARE;
	if (h.count[SECTION_QUESTION] != 1 || !get_question(&r, &asked) ||
	    asked.type != sent->type || asked.class != sent->class ||
	    !name_equal(asked.name, sent->name))
		return MATCH_NOT;
	return memcmp(asked.name.octets, sent->name.octets, sent->name.size) == 0 ? MATCH_YES
										  : MATCH_CASE;
}

/* ------ keeping ------ */

/* Copies a name to where it lives as long as the answer. */
static struct name keep_name(struct taking *t, struct name name)
{
	const uint8_t *at = t->kept.pos;

	put_name(&t->kept, name);
	return t->kept.full ? name_root : (struct name){ at, name.size };
}

static struct name name_at(struct taking *t, size_t offset)
{
	struct reader r = reader_init(t->list->message.octets, t->list->message.size);
	struct name_buf name;

	r.pos += offset;
	t->malformed = !get_name(&r, &name) || t->malformed;
	return t->malformed ? name_root : keep_name(t, name_view(&name));
}

/* A record's data without compression; malformed is set when it is broken. */
static struct slice keep_rdata(struct taking *t, const struct listed *rr)
{
	struct reader whole = reader_init(t->list->message.octets, t->list->message.size);
	const uint8_t *at = t->kept.pos;

	whole.pos += rr->rdata;
	struct reader rdata = reader_sub(&whole, rr->size);
	if (!get_rdata(rrtype_find(rr->type), &rdata, &t->kept)) {
		t->malformed = true;
		return (struct slice){ at, 0 };
	}
	return (struct slice){ at, (size_t)(t->kept.pos - at) };
}

static void put_kept(struct taking *t, const struct foreign_record *record, enum section section)
{
	size_t at = put_foreign(&t->out, record, section);

	if (record->ttl < t->ttl_s)
		t->ttl_s = record->ttl;
	if (record->type == TYPE_CNAME)
		t->target = (uint16_t)at;
	t->is_private = t->is_private || rdata_is_private(record->type, record->rdata);
}

static void keep_record(struct taking *t, const struct listed *rr, struct name owner, uint32_t ttl,
			enum section section)
{
	const struct foreign_record record = {
		.owner = owner,
		.type = rr->type,
		.ttl = ttl,
		.rdata = keep_rdata(t, rr),
	};

	if (!t->malformed)
		put_kept(t, &record, section);
}

/* Of this type, or a signature over it that was asked for (RFC 4035 §3.2.1). */
static bool is_of(const struct taking *t, const struct listed *rr, uint16_t type)
{
	if (type == TYPE_ANY || rr->type == type)
		return true;
	return rr->type == TYPE_RRSIG && t->q->flags & CACHE_DNSSEC_OK &&
	       listing_covered(t->list, rr) == type;
}

/* ------ the answer section ------ */

struct rrset_found {
	unsigned count;
	uint32_t ttl; /* the least of its records' (RFC 2181 §5.2) */
	uint32_t hash;
};

static struct rrset_found find_rrset(const struct taking *t, struct name owner, uint16_t type)
{
	struct rrset_found found = { .ttl = CACHE_MAX_TTL_S, .hash = listing_hash(t->list, owner) };

	for (unsigned i = 0; i < t->list->answers; i++) {
		const struct listed *rr = &t->list->at[i];

		if ((type != TYPE_ANY && rr->type != type) ||
		    !listing_owns(t->list, rr, owner, found.hash))
			continue;
		found.count++;
		if (rr->ttl < found.ttl)
			found.ttl = rr->ttl;
	}
	return found;
}

/* Keeps the records of one type that the name owns, at most so many, and signatures over them. */
static void keep_rrset(struct taking *t, struct name owner, uint16_t type,
		       const struct rrset_found *set, unsigned most)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < t->list->answers && !t->malformed; i++) {
		const struct listed *rr = &t->list->at[i];

		if (!is_of(t, rr, type) || !listing_owns(t->list, rr, owner, set->hash))
			continue;
		if (type == TYPE_ANY || rr->type == type)
			if (kept++ >= most)
				continue;
		keep_record(t, rr, owner, set->ttl, SECTION_ANSWER);
	}
	if (set->count > RESPONSE_MAX_RRSET)
		t->ttl_s = 0;
}

/* Data for the name and type that were asked for. */
static bool keep_data(struct taking *t)
{
	struct rrset_found set = find_rrset(t, t->current, t->q->type);

	if (set.count == 0)
		return false;
	keep_rrset(t, t->current, t->q->type, &set, LISTING_MAX);
	return true;
}

/* The first record of this type that the name owns; needs one. */
static const struct listed *first_of(const struct taking *t, struct name owner, uint16_t type,
				     uint32_t hash)
{
	const struct listed *rr = t->list->at;

	while (rr->type != type || !listing_owns(t->list, rr, owner, hash))
		rr++;
	return rr;
}

static bool keep_cname(struct taking *t, struct name *target)
{
	struct rrset_found set = find_rrset(t, t->current, TYPE_CNAME);

	if (set.count == 0)
		return false;
	*target = name_at(t, first_of(t, t->current, TYPE_CNAME, set.hash)->rdata);
	keep_rrset(t, t->current, TYPE_CNAME, &set, 1); /* RFC 2181 §10.1: there is only one */
	return true;
}

/*
 * RFC 6672 §3.4: the DNAME, and the CNAME that follows from it, made anew
 * whatever the server says.
 */
static bool keep_dname(struct taking *t, struct name *target)
{
	struct name_buf above, made;
	const struct listed *rr = listing_find_above(t->list, TYPE_DNAME, t->current, &above);

	if (!rr)
		return false;
	struct name owner = keep_name(t, name_view(&above));
	struct rrset_found set = find_rrset(t, owner, TYPE_DNAME);
	struct name to = name_at(t, rr->rdata);
	keep_rrset(t, owner, TYPE_DNAME, &set, 1);
	if (!name_replace_suffix(t->current, owner, to, &made)) {
		t->too_long = true; /* and there is no target */
		return true;
	}
	*target = keep_name(t, name_view(&made));
	put_kept(t,
		 &(struct foreign_record){
			 t->current, TYPE_CNAME, set.ttl, { target->octets, target->size } },
		 SECTION_ANSWER);
	return true;
}

static bool has_alias(const struct taking *t)
{
	struct name_buf above;

	return listing_find_above(t->list, TYPE_DNAME, t->current, &above) ||
	       find_rrset(t, t->current, TYPE_CNAME).count > 0;
}

/* True when the server that was asked is also the one to ask for this name. */
static bool is_answered_here(const struct taking *t, struct name name)
{
	struct probe p;

	probe_init(&p, &t->room->routes->key, name);
	struct place place = routes_find(t->room->routes, t->room->zones, &p, EVERY_VIEW);
	return place.kind == PLACE_UPSTREAM && place.route == t->q->route;
}

static bool was_seen(const struct taking *t, struct name name)
{
	for (unsigned i = 0; i < t->links; i++)
		if (name_equal(t->seen[i], name))
			return true;
	return false;
}

/* How the walk through the answer section ends. */
enum walk {
	WALK_ON,
	WALK_DATA,     /* it has what was asked for */
	WALK_NOTHING,  /* the current name has nothing here */
	WALK_AWAY,     /* the current name is to be asked for elsewhere */
	WALK_ENDLESS,  /* a circle, or too many aliases */
	WALK_TOO_LONG, /* a DNAME makes a name that is none: YXDOMAIN */
};

static enum walk step(struct taking *t)
{
	struct name target;

	/* RFC 6672 §3.1: who asks for a CNAME that a DNAME makes gets the DNAME, too. */
	if (t->q->type == TYPE_CNAME && keep_dname(t, &target))
		return t->too_long ? WALK_TOO_LONG : WALK_DATA;
	if (keep_data(t))
		return WALK_DATA;
	if (t->links == RESPONSE_MAX_LINKS)
		return has_alias(t) ? WALK_ENDLESS : WALK_NOTHING;
	if (!keep_dname(t, &target) && !keep_cname(t, &target))
		return WALK_NOTHING;
	if (t->too_long)
		return WALK_TOO_LONG;
	t->seen[t->links++] = t->current;
	t->current = target;
	if (was_seen(t, target))
		return WALK_ENDLESS;
	return is_answered_here(t, target) ? WALK_ON : WALK_AWAY;
}

/* ------ the authority section ------ */

/* RFC 2308 §5: for how long a "no" may be kept is in the SOA of the zone that the name is in. */
static bool keep_soa(struct taking *t)
{
	for (unsigned i = t->list->answers; i < t->list->count; i++) {
		const struct listed *rr = &t->list->at[i];

		if (rr->type != TYPE_SOA)
			continue;
		struct name owner = name_at(t, rr->owner);
		struct slice rdata = keep_rdata(t, rr);
		if (t->malformed || !name_is_within(t->current, owner))
			continue;
		struct reader end = reader_init(rdata.octets, rdata.size);
		end.pos = end.end - NEGATIVE_MINIMUM_SIZE;
		uint32_t minimum = get_u32(&end);
		uint32_t ttl = rr->ttl < minimum ? rr->ttl : minimum;
		ttl = ttl < CACHE_MAX_NEGATIVE_S ? ttl : CACHE_MAX_NEGATIVE_S;
		put_kept(t, &(struct foreign_record){ owner, TYPE_SOA, ttl, rdata },
			 SECTION_AUTHORITY);
		return true;
	}
	return false;
}

static bool is_proof(const struct taking *t, const struct listed *rr)
{
	uint16_t type = rr->type == TYPE_RRSIG ? listing_covered(t->list, rr) : rr->type;

	return type == TYPE_NSEC || type == TYPE_NSEC3 || (type == TYPE_SOA && rr->type != type);
}

/* RFC 4035 §3.2.1: what proves a "no", or that a wildcard was meant, for those who check. */
static void keep_proofs(struct taking *t)
{
	if (!(t->q->flags & CACHE_DNSSEC_OK))
		return;
	for (unsigned i = t->list->answers; i < t->list->count && !t->malformed; i++) {
		const struct listed *rr = &t->list->at[i];
		uint32_t ttl = rr->ttl < CACHE_MAX_TTL_S ? rr->ttl : CACHE_MAX_TTL_S;

		if (is_proof(t, rr))
			keep_record(t, rr, name_at(t, rr->owner), ttl, SECTION_AUTHORITY);
	}
}

static bool has_authority(const struct taking *t, uint16_t type)
{
	for (unsigned i = t->list->answers; i < t->list->count; i++)
		if (t->list->at[i].type == type)
			return true;
	return false;
}

/* ------ the whole ------ */

static enum verdict_on_response nothing_found(struct taking *t, unsigned rcode, bool *is_open)
{
	if (keep_soa(t)) {
		keep_proofs(t);
		return RESPONSE_ANSWER;
	}
	if (rcode == RCODE_NOERROR && t->links > 0) {
		*is_open = true; /* the server did not follow the alias: we do */
		return RESPONSE_ANSWER;
	}
	/* A referral: this server does not look for answers, or not for us. */
	if (rcode == RCODE_NOERROR && has_authority(t, TYPE_NS))
		return RESPONSE_FAILED;
	if (t->ttl_s > RESPONSE_NO_SOA_S)
		t->ttl_s = RESPONSE_NO_SOA_S;
	return RESPONSE_ANSWER;
}

/* Walks, and turns what was found into an answer. */
static enum verdict_on_response take_sections(struct taking *t, struct response_taken *out)
{
	enum verdict_on_response verdict = RESPONSE_ANSWER;
	enum walk walk;
	bool is_open = false;

	do
		walk = step(t);
	while (walk == WALK_ON && !t->malformed);
	out->answer.rcode = (uint8_t)out->rcode;
	switch (walk) {
	case WALK_DATA:
		if (out->rcode != RCODE_NOERROR)
			return RESPONSE_MALFORMED;
		keep_proofs(t);
		break;
	case WALK_ON:
	case WALK_NOTHING:
		verdict = nothing_found(t, out->rcode, &is_open);
		break;
	case WALK_AWAY:
		out->answer.rcode = RCODE_NOERROR;
		is_open = true;
		break;
	case WALK_ENDLESS:
		out->answer.rcode = RCODE_SERVFAIL;
		t->ttl_s = t->ttl_s < RESPONSE_LOOP_S ? t->ttl_s : RESPONSE_LOOP_S;
		break;
	case WALK_TOO_LONG:
		out->answer.rcode = RCODE_YXDOMAIN; /* RFC 6672 §2.2 */
		break;
	}
	if (!is_open)
		t->target = 0;
	return t->malformed || t->kept.full || t->out.w.full ? RESPONSE_MALFORMED : verdict;
}

static void fill_in(const struct taking *t, struct response_taken *out)
{
	size_t start = HEADER_SIZE + t->q->name.size + 4u;
	struct cache_answer *answer = &out->answer;

	answer->octets = t->room->octets + start;
	answer->size = message_size(&t->out) - start;
	answer->answers = t->out.count[SECTION_ANSWER];
	answer->authorities = t->out.count[SECTION_AUTHORITY];
	answer->target = t->target;
	answer->authentic = t->room->trust_ad && t->list->header.flags & FLAG_AD;
	answer->is_private = t->is_private;
	answer->ede = EDE_NONE;
	answer->ttl_s = answer->size > CACHE_MAX_ENTRY ? 0 : t->ttl_s;
	if (!t->is_private || t->q->private_ok)
		return;
	out->blocked = true;
	*answer = (struct cache_answer){ .octets = answer->octets,
					 .ede = EDE_BLOCKED,
					 .ttl_s = RESPONSE_BLOCKED_S };
}

static enum verdict_on_response judge_rcode(unsigned rcode)
{
	switch (rcode) {
	case RCODE_NOERROR:
	case RCODE_NXDOMAIN:
	case RCODE_YXDOMAIN:
		return RESPONSE_ANSWER;
	case RCODE_FORMERR:
	case RCODE_NOTIMP:
	case RCODE_BADVERS:
		return RESPONSE_NO_EDNS;
	default:
		return RESPONSE_FAILED;
	}
}

enum verdict_on_response response_take(struct response_room *room,
				       const struct response_question *q, struct slice message,
				       struct response_taken *out)
{
	struct question asked = { .name = q->name, .type = q->type, .class = CLASS_IN };
	struct taking t = {
		.room = room,
		.list = &room->list,
		.q = q,
		.current = q->name,
		.ttl_s = CACHE_MAX_TTL_S,
		.kept = writer_init(room->rdata, sizeof room->rdata),
	};

	*out = (struct response_taken){ .ede = EDE_NONE };
	bool is_whole = listing_make(&room->list, message, &room->routes->key);
	if (room->list.header.flags & FLAG_TC)
		return RESPONSE_TRUNCATED;
	if (!is_whole)
		return RESPONSE_MALFORMED;
	out->rcode = (room->list.header.flags & RCODE_MASK) | (unsigned)room->list.edns.rcode_high
								      << 4;
	out->ede = room->list.edns.ede;
	if (judge_rcode(out->rcode) != RESPONSE_ANSWER)
		return judge_rcode(out->rcode);
	message_init(&t.out, room->octets, sizeof room->octets);
	put_question(&t.out, &asked);
	enum verdict_on_response verdict = take_sections(&t, out);
	if (verdict == RESPONSE_ANSWER)
		fill_in(&t, out);
	return verdict;
}
