/*
 * rrsets.c -- the records of one name of a zone under construction, as RRsets.
 */
#include "zone/rrsets.h"
#include "dns/field.h"
#include "zone/copies.h"

/* What makes records one RRset. */
static uint64_t rrset_key(const struct builder_record *r)
{
	struct reader rdata = reader_init(r->stored, r->size);

	return (uint64_t)r->type << 16 | (r->type == TYPE_RRSIG ? get_u16(&rdata) : 0);
}

/* Counts the records, and gathers as many as there is room for; true when they are in order. */
static bool gather(struct rrsets *s, uint32_t first)
{
	uint64_t last = 0;
	bool in_order = true;

	s->records = 0;
	for (uint32_t at = first; at != 0; s->records++) {
		const struct builder_record *r = builder_record_at(s->b, at);
		uint64_t key = rrset_key(r);

		if (s->records < s->sorted.room)
			s->sorted.items[s->records] = (struct sort_item){ key, at };
		in_order = in_order && last <= key;
		last = key;
		at = r->next;
	}
	return in_order;
}

bool rrsets_start(struct rrsets *s, const struct builder *b, const struct builder_node *n)
{
	s->b = b;
	s->next = 0;
	bool in_order = gather(s, n->first);
	size_t room = copies_room(s->records);
	if (room > s->sorted.room) {
		if (!sort_room_make(&s->sorted, room))
			return false;
		in_order = gather(s, n->first);
	}
	/* As most names have few types, most are in order. */
	if (!in_order)
		sort_items(s->sorted.items, s->sorted.scratch, s->records, NULL, NULL);
	return true;
}

uint16_t rrsets_count(const struct rrsets *s)
{
	const struct sort_item *items = s->sorted.items;
	size_t count = s->records > 0;

	for (size_t i = 1; i < s->records; i++)
		count += items[i].key != items[i - 1].key;
	return (uint16_t)count;
}

static bool is_copy(const struct rrsets *s, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (builder_same_record(s->b, rrsets_record(s, j), rrsets_record(s, i)))
			return true;
	return false;
}

/* Of copies the first is kept. */
static size_t drop_copies(struct rrsets *s, size_t count)
{
	struct sort_item *items = s->sorted.items + s->first;
	size_t kept = 0;

	/* The room of the sort is free again. */
	if (count > COPIES_FEW)
		return copies_drop(s->b, items, count, s->sorted.scratch);
	for (size_t i = 0; i < count; i++) {
		items[kept] = items[i];
		if (!is_copy(s, kept))
			kept++;
	}
	return kept;
}

bool rrsets_next(struct rrsets *s)
{
	const struct sort_item *items = s->sorted.items;

	if (s->next == s->records)
		return false;
	s->first = s->next;
	while (s->next < s->records && items[s->next].key == items[s->first].key)
		s->next++;
	s->count = drop_copies(s, s->next - s->first);
	return true;
}

/* Octets of a record's RDATA on the wire, its names in full. */
static size_t rdata_size(const struct builder *b, const struct builder_record *r)
{
	struct reader left = reader_init(r->stored, r->size);
	size_t size = r->size;

	for (const uint8_t *f = rrtype_find(r->type)->fields; *f != FIELD_END; f++) {
		if (field_is_name(*f))
			size += builder_take_name(b, &left).size - (size_t)NAME_REF_SIZE;
		else
			field_skip(*f, &left);
	}
	return size;
}

bool rrsets_fits(const struct rrsets *s)
{
	size_t size = 0;

	for (size_t i = 0; i < s->count; i++)
		size += RECORD_MIN_SIZE + rdata_size(s->b, rrsets_record(s, i));
	return size <= RRSET_MAX_SIZE;
}

void rrsets_free(struct rrsets *s)
{
	sort_room_free(&s->sorted);
}
