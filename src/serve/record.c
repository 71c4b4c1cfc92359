/*
 * record.c -- writes records into a message.
 *
 * The owner of an RRset is a name only in its first record, and a pointer to that in the
 * others.
 */
#include "serve/record.h"
#include "zone/rdata_walk.h"

enum { POINTER = 0xc000 };

/* Writes the owner's name, and learns where those of the next records can point. */
static void put_owner(struct message *m, struct owner *owner)
{
	uint8_t *start = m->w.pos;

	put_name_compressed(&m->w, &m->names, owner->name);
	if (m->w.full)
		return;
	/* At this name, or where it points itself. */
	size_t offset = (size_t)(start - m->w.base);
	if (*start >= POINTER >> 8)
		offset = (size_t)(start[0] & 0x3f) << 8 | start[1];
	if (*start != 0 && offset < COMPRESS_OFFSETS)
		owner->offset = (uint16_t)offset;
}

/* All that stands before RDATA of this size. */
static void put_head(struct message *m, struct owner *owner, uint16_t type, uint32_t ttl,
		     size_t size)
{
	if (owner->offset)
		put_u16(&m->w, (uint16_t)(POINTER | owner->offset));
	else
		put_owner(m, owner);
	uint8_t *p = writer_room(&m->w, RECORD_FIXED_SIZE);
	if (!p)
		return;
	store_u32(p, (uint32_t)type << 16 | CLASS_IN);
	store_u32(p + 4, ttl);
	store_u16(p + 8, (uint16_t)size);
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

/* RDATA of an image that has names; its size is known, and filled in, afterwards. */
static void put_stored(struct message *m, const struct image *z, uint16_t type, struct slice item)
{
	uint8_t *start = m->w.pos;
	struct rdata_walk walk = rdata_walk_stored(z, rrtype_find(type), item.octets, item.size);

	put_walked(m, &walk);
	if (!m->w.full)
		store_u16(start - 2, (uint16_t)(m->w.pos - start));
}

bool put_rrset(struct message *m, const struct image *z, struct owner *owner,
	       const struct rrset *set, uint32_t ttl, enum section section)
{
	struct message_mark mark = message_mark(m);
	struct item_walk walk = item_walk(set);
	uint16_t offset = owner->offset;

	while (item_next(&walk) && !m->w.full) {
		put_head(m, owner, set->type, ttl, walk.item.size);
		if (set->shape & RRSET_NAMES)
			put_stored(m, z, set->type, walk.item);
		else
			put_octets(&m->w, walk.item.octets, walk.item.size);
	}
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
