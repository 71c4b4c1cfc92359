/*
 * record.c -- writes records into a message.
 *
 * The octets behind the owner (type, class, TTL) are the same for all records
 * of an RRset and are put together once; the owner is a name only in the first
 * and a pointer to it afterwards.
 */
#include "serve/record.h"
#include "zone/rdata_walk.h"

enum { POINTER = 0xc000, COMMON_SIZE = 8 };

static void put_owner(struct message *m, struct owner *owner)
{
	uint8_t *start = m->w.pos;

	if (owner->offset) {
		put_u16(&m->w, (uint16_t)(POINTER | owner->offset));
		return;
	}
	put_name_compressed(&m->w, &m->names, owner->name);
	if (m->w.full)
		return;
	/* Where the next record can point: at this name, or where it points itself. */
	size_t offset = (size_t)(start - m->w.base);
	if (*start >= POINTER >> 8)
		offset = (size_t)(start[0] & 0x3f) << 8 | start[1];
	if (*start != 0 && offset < COMPRESS_OFFSETS)
		owner->offset = (uint16_t)offset;
}

/* RDATA with names: each piece as it is, names in full or compressed. */
static void put_walked(struct message *m, struct rdata_walk *walk)
{
	while (rdata_walk_next(walk)) {
		if (!walk->is_name)
			put_octets(&m->w, walk->octets, walk->size);
		else if (walk->compress)
			put_name_compressed(&m->w, &m->names, walk->name);
		else
			put_name(&m->w, walk->name);
	}
}

static void put_record(struct message *m, const struct image *z, struct owner *owner,
		       const struct rrset *set, struct slice item, const uint8_t *common)
{
	put_owner(m, owner);
	put_octets(&m->w, common, COMMON_SIZE);
	uint8_t *rdlength = writer_room(&m->w, 2);
	if (set->shape & RRSET_NAMES) {
		struct rdata_walk walk =
			rdata_walk_stored(z, rrtype_find(set->type), item.octets, item.size);
		put_walked(m, &walk);
	} else {
		put_octets(&m->w, item.octets, item.size);
	}
	if (!m->w.full)
		store_u16(rdlength, (uint16_t)(m->w.pos - rdlength - 2));
}

bool put_rrset(struct message *m, const struct image *z, struct owner *owner,
	       const struct rrset *set, uint32_t ttl, enum section section)
{
	struct message_mark mark = message_mark(m);
	struct item_walk walk = item_walk(set);
	uint16_t offset = owner->offset;
	uint8_t common[COMMON_SIZE];

	store_u16(common, set->type);
	store_u16(common + 2, CLASS_IN);
	store_u32(common + 4, ttl);
	while (item_next(&walk) && !m->w.full)
		put_record(m, z, owner, set, walk.item, common);
	if (m->w.full) {
		message_rewind(m, mark);
		owner->offset = offset;
		return false;
	}
	m->count[section] = (uint16_t)(m->count[section] + set->count);
	return true;
}

size_t put_foreign(struct message *m, const struct foreign_record *r, enum section section)
{
	const struct rrtype *type = rrtype_find(r->type);
	uint8_t *rdlength = begin_record(m, r->owner, r->type, CLASS_IN, r->ttl);
	size_t at = message_size(m);

	if (rrtype_may_compress(type)) {
		struct rdata_walk walk = rdata_walk_wire(type, r->rdata.octets, r->rdata.size);
		put_walked(m, &walk);
	} else {
		put_octets(&m->w, r->rdata.octets, r->rdata.size);
	}
	end_record(m, rdlength, section);
	return at;
}
