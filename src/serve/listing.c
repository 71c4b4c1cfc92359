/*
 * listing.c -- the records of a message, listed so that they can be searched.
 */
#include "serve/listing.h"
#include "base/assert.h"
#include "dns/rrtype.h"

uint32_t listing_hash(const struct listing *l, struct name owner)
{
	uint8_t folded[NAME_MAX_SIZE];

	octets_fold(folded, owner.octets, owner.size);
	return (uint32_t)siphash13(&l->key, folded, owner.size);
}

static void add(struct listing *l, const struct record *rr, size_t at)
{
	assert(l->count < LISTING_MAX); /* a message of 64 KiB has no room for so many */
	if (rr->class != CLASS_IN || rrtype_find(rr->type)->flags & RRTYPE_META)
		return;
	l->at[l->count++] = (struct listed){
		.hash = listing_hash(l, name_view(&rr->owner)),
		.ttl = rr->ttl <= LISTING_TTL_MAX ? rr->ttl : 0,
		.owner = (uint16_t)at,
		.rdata = (uint16_t)(rr->rdata.pos - rr->rdata.base),
		.size = (uint16_t)reader_left(&rr->rdata),
		.type = rr->type,
	};
}

/* A record takes eleven octets at least, so the message's size bounds the loop. */
static bool list_section(struct listing *l, struct reader *r, enum section section)
{
	for (unsigned i = 0; i < l->header.count[section]; i++) {
		struct record rr;
		size_t at = (size_t)(r->pos - r->base);

		if (!get_record(r, &rr) || (l->names += rr.owner.size) > LISTING_NAMES_MAX)
			return false;
		if (section != SECTION_ADDITIONAL)
			add(l, &rr, at);
		else if (rr.type == TYPE_OPT && !edns_parse(&rr, &l->edns) && !l->edns.present)
			return false;
	}
	return true;
}

bool listing_make(struct listing *l, struct slice message, const struct siphash_key *key)
{
	struct reader r = reader_init(message.octets, message.size);
	struct question q;

	l->key = *key;
	l->message = message;
	l->edns = (struct edns){ .ede = EDE_NONE };
	l->names = 0;
	l->count = 0;
	if (!get_header(&r, &l->header) || l->header.count[SECTION_QUESTION] > 1 ||
	    (l->header.count[SECTION_QUESTION] == 1 && !get_question(&r, &q)))
		return false;
	if (!list_section(l, &r, SECTION_ANSWER))
		return false;
	l->answers = l->count;
	return list_section(l, &r, SECTION_AUTHORITY) && list_section(l, &r, SECTION_ADDITIONAL);
}

bool listing_owns(const struct listing *l, const struct listed *rr, struct name owner,
		  uint32_t hash)
{
	struct reader r = reader_init(l->message.octets, l->message.size);
	struct name_buf name;

	r.pos += rr->owner;
	return rr->hash == hash && get_name(&r, &name) && name_equal(name_view(&name), owner);
}

/* The hashes of all names above one; how many. */
static unsigned hash_ancestors(const struct listing *l, struct name n,
			       uint32_t hashes[NAME_MAX_LABELS])
{
	unsigned count = 0;

	while (!name_is_root(n)) {
		n = name_parent(n);
		hashes[count++] = listing_hash(l, n);
	}
	return count;
}

static bool is_among(const uint32_t *hashes, unsigned count, uint32_t hash)
{
	unsigned found = 0;

	for (unsigned i = 0; i < count; i++)
		found |= hashes[i] == hash;
	return found;
}

const struct listed *listing_find_above(const struct listing *l, uint16_t type, struct name below,
					struct name_buf *owner)
{
	uint32_t above[NAME_MAX_LABELS];
	unsigned count = 0;

	for (unsigned i = 0; i < l->answers; i++) {
		const struct listed *rr = &l->at[i];
		struct reader r = reader_init(l->message.octets, l->message.size);

		if (rr->type != type)
			continue;
		count = count ? count : hash_ancestors(l, below, above);
		if (!is_among(above, count, rr->hash))
			continue;
		r.pos += rr->owner;
		if (get_name(&r, owner) && owner->size < below.size &&
		    name_is_within(below, name_view(owner)))
			return rr;
	}
	return NULL;
}

uint16_t listing_covered(const struct listing *l, const struct listed *rr)
{
	const uint8_t *rdata = l->message.octets + rr->rdata;

	return rr->size < 2 ? 0 : (uint16_t)(rdata[0] << 8 | rdata[1]);
}
