/*
 * copies.c -- finds records that are there twice, among many.
 */
#include "zone/copies.h"
#include "base/number.h"
#include "dns/field.h"

/* Twice as many slots as records keep searches short. */
static size_t slots_for(size_t records)
{
	return number_power_of_two(2 * records);
}

size_t copies_room(size_t records)
{
	return records > COPIES_FEW ? slots_for(records) : records + 1;
}

/* Of a field, names without regard to case. */
static uint64_t hash_field(const struct builder *b, uint8_t field, struct reader *r)
{
	uint8_t folded[NAME_MAX_SIZE];
	const uint8_t *start = r->pos;

	if (field_is_name(field)) {
		struct name n = builder_take_name(b, r);

		octets_fold(folded, n.octets, n.size);
		return siphash13(&b->key, folded, n.size);
	}
	field_skip(field, r);
	return siphash13(&b->key, start, (size_t)(r->pos - start));
}

/* The same for all copies of a record. */
static uint64_t hash_record(const struct builder *b, const struct builder_record *r)
{
	struct reader left = reader_init(r->stored, r->size);
	uint64_t hash = 0;

	for (const uint8_t *f = rrtype_find(r->type)->fields; *f != FIELD_END; f++)
		hash = (hash ^ hash_field(b, *f, &left)) * 0x9e3779b97f4a7c15;
	return hash;
}

/* Is there a copy of the record in the table?  If not, it is added. */
static bool is_known(const struct builder *b, struct sort_item *table, size_t slots,
		     uint32_t record)
{
	const struct builder_record *r = builder_record_at(b, record);
	uint64_t hash = hash_record(b, r);
	size_t at = (size_t)hash & (slots - 1);

	for (; table[at].value != 0; at = (at + 1) & (slots - 1))
		if (table[at].key == hash &&
		    builder_same_record(b, builder_record_at(b, table[at].value), r))
			return true;
	table[at] = (struct sort_item){ hash, record };
	return false;
}

size_t copies_drop(const struct builder *b, struct sort_item *items, size_t n,
		   struct sort_item *scratch)
{
	size_t slots = slots_for(n), kept = 0;

	memset(scratch, 0, slots * sizeof *scratch);
	for (size_t i = 0; i < n; i++)
		if (!is_known(b, scratch, slots, items[i].value))
			items[kept++] = items[i];
	return kept;
}
