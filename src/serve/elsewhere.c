/*
 * elsewhere.c -- answers to names that no zone of ours has.
 *
 * A kept answer is octets of a message that had just this question, so as an
 * answer to the question it is copied as it is, and only the TTLs are set: the
 * pointers in it are right, and lead to the name as this client wrote it.
 * Behind an alias, or where not everything fits, it is taken apart and written
 * record by record.
 */
#include "serve/elsewhere.h"
#include "dns/rdata.h"
#include "dns/rrtype.h"
#include "serve/record.h"

/* ------ looking ------ */

static enum cache_state find_key(struct elsewhere *e, struct probe *p, unsigned depth,
				 uint16_t type, struct cache_found *out)
{
	const struct cache_key key = {
		.hash = probe_hash(p, depth),
		.name = probe_ancestor(p, depth),
		.type = type,
		.flags = e->flags,
	};

	return cache_find(e->cache, &key, e->now_ms, e->asked_ms, e->patient, out);
}

/* RFC 8020 §2: where a name does not exist, there is nothing below it either. */
static bool find_above(struct elsewhere *e, struct probe *p, unsigned least,
		       struct cache_found *out)
{
	for (unsigned depth = p->labels; depth > least && depth > 1;)
		if (find_key(e, p, --depth, CACHE_ANY_TYPE, out) == CACHE_FRESH)
			return true;
	return false;
}

enum cache_state elsewhere_find(struct elsewhere *e, struct probe *p, uint16_t type,
				const struct place *place, struct cache_found *out)
{
	struct cache_found no_name;
	enum cache_state state = find_key(e, p, p->labels, type, out);

	if (state == CACHE_FRESH)
		return state;
	enum cache_state name_state = find_key(e, p, p->labels, CACHE_ANY_TYPE, &no_name);
	if (name_state == CACHE_FRESH || (name_state == CACHE_STALE && state != CACHE_STALE)) {
		*out = no_name;
		return name_state;
	}
	if (find_above(e, p, place->depth, &no_name)) {
		*out = no_name;
		return CACHE_FRESH;
	}
	return state;
}

void elsewhere_want(struct elsewhere *e, struct name name, uint16_t type, const struct place *place)
{
	name_copy(&e->wanted.name, name);
	e->wanted.type = type;
	e->wanted.route = place->route;
	e->wanted.flags = e->flags;
}

/* ------ writing ------ */

static uint32_t current_ttl(uint32_t ttl, enum cache_state state, const struct cache_found *found)
{
	if (state == CACHE_STALE)
		return CACHE_STALE_TTL_S; /* RFC 8767 §4 */
	return ttl > found->age_s ? ttl - found->age_s : 0;
}

/* Sets the TTLs of n records, which stand in a message that is ours. */
static void set_ttls(uint8_t *octets, size_t size, unsigned n, enum cache_state state,
		     const struct cache_found *found)
{
	struct reader r = reader_init(octets, size);

	for (; n > 0; n--) {
		name_skip(&r);
		uint8_t *fixed = octets + (r.pos - r.base);
		if (!reader_take(&r, RECORD_FIXED_SIZE) || !reader_take(&r, load_u16(fixed + 8)))
			return;
		store_u32(fixed + 4, current_ttl(load_u32(fixed + 4), state, found));
	}
}

static bool get_target(const uint8_t *message, size_t size, size_t at, struct name_buf *target)
{
	struct reader r = reader_init(message, size);

	target->size = 0;
	if (at == 0 || at > size)
		return true;
	r.pos += at;
	return get_name(&r, target);
}

static bool copy_whole(struct elsewhere *e, struct message *m, enum cache_state state,
		       const struct cache_found *found, struct name_buf *target)
{
	const struct cache_answer *answer = &found->answer;
	uint8_t *at = writer_room(&m->w, answer->size);
	unsigned records = answer->answers + (unsigned)answer->authorities;

	cache_read(e->cache, found, at);
	set_ttls(at, answer->size, records, state, found);
	m->count[SECTION_ANSWER] = (uint16_t)(m->count[SECTION_ANSWER] + answer->answers);
	m->count[SECTION_AUTHORITY] = (uint16_t)(m->count[SECTION_AUTHORITY] + answer->authorities);
	return get_target(m->w.base, message_size(m), answer->target, target);
}

/* The message that the answer was part of, as far as pointers in it reach; the size. */
static size_t rebuild(struct elsewhere *e, const struct cache_found *found)
{
	struct writer w = writer_init(e->octets, sizeof e->octets);

	memset(writer_room(&w, HEADER_SIZE), 0, HEADER_SIZE);
	put_name(&w, found->name);
	put_u32(&w, 0);
	uint8_t *at = writer_room(&w, found->answer.size);
	if (!at)
		return 0;
	cache_read(e->cache, found, at);
	return writer_size(&w);
}

/* The next record of the rebuilt message, its names in full; it lives until the next question. */
static bool take_record(struct elsewhere *e, struct reader *r, struct foreign_record *out)
{
	struct writer w = writer_init(e->names, sizeof e->names);
	struct record rr;

	w.pos += e->names_used;
	if (!get_record(r, &rr))
		return false;
	out->type = rr.type;
	out->ttl = rr.ttl;
	out->owner = (struct name){ w.pos, rr.owner.size };
	put_octets(&w, rr.owner.octets, rr.owner.size);
	out->rdata.octets = w.pos;
	if (!get_rdata(rrtype_find(rr.type), &rr.rdata, &w))
		return false;
	out->rdata.size = (size_t)(w.pos - out->rdata.octets);
	e->names_used = writer_size(&w);
	return true;
}

static bool same_rrset(const struct foreign_record *a, const struct foreign_record *b)
{
	return a->type == b->type && name_equal(a->owner, b->owner);
}

/* Record by record; an RRset that does not fit is taken back whole (RFC 2181 §9). */
static bool put_section(struct elsewhere *e, struct message *m, struct reader *r, unsigned n,
			enum section section, enum cache_state state,
			const struct cache_found *found)
{
	struct foreign_record record, last = { .owner = name_root };
	struct message_mark mark = message_mark(m);
	uint16_t count = m->count[section];

	for (; n > 0; n--, last = record) {
		if (!take_record(e, r, &record))
			return false;
		if (!same_rrset(&record, &last)) {
			mark = message_mark(m);
			count = m->count[section];
		}
		record.ttl = current_ttl(record.ttl, state, found);
		put_foreign(m, &record, section);
		if (m->w.full) {
			message_rewind(m, mark);
			m->count[section] = count;
			return false;
		}
	}
	return true;
}

/* True when the message has just the question that the answer was kept under. */
static bool is_for_question(const struct message *m, enum position position,
			    const struct cache_found *found)
{
	return position == AT_QUESTION && found->name.size == m->names.question.size;
}

bool elsewhere_put(struct elsewhere *e, struct message *m, enum position position,
		   enum cache_state state, const struct cache_found *found, struct name_buf *target)
{
	const struct cache_answer *answer = &found->answer;

	target->size = 0;
	if (is_for_question(m, position, found) && answer->size <= writer_left(&m->w))
		return copy_whole(e, m, state, found, target);
	size_t size = rebuild(e, found);
	struct reader r = reader_init(e->octets, size);
	reader_take(&r, size - answer->size);
	return put_section(e, m, &r, answer->answers, SECTION_ANSWER, state, found) &&
	       put_section(e, m, &r, answer->authorities, SECTION_AUTHORITY, state, found) &&
	       get_target(e->octets, size, answer->target, target);
}
