/*
 * replies.c -- replies that were given before, given again.
 */
#include "serve/replies.h"

enum {
	ID_SIZE = 2, /* octets of a message that make no difference */
	ALIGN = 8,
};

static bool is_usual(struct slice query)
{
	return query.size >= REPLIES_QUERY_MIN && query.size <= REPLIES_QUERY_MAX;
}

static struct slice without_id(struct slice message)
{
	return (struct slice){ message.octets + ID_SIZE, message.size - ID_SIZE };
}

/* ------ eight octets at a time; the last eight may have been taken before ------ */

/* Who makes hashes equal loses time, and nobody gains anything: it needs no secret. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

static uint64_t hash_of(const struct reply_key *key)
{
	struct slice s = without_id(key->query);
	uint64_t hash = mix(s.size, key->client);

	for (size_t i = 0; i + 8 < s.size; i += 8)
		hash = mix(hash, load8(s.octets + i));
	return mix(hash, load8(s.octets + s.size - 8));
}

static bool is_same(const uint8_t *a, struct slice b)
{
	for (size_t i = 0; i + 8 < b.size; i += 8)
		if (load8(a + i) != load8(b.octets + i))
			return false;
	return load8(a + b.size - 8) == load8(b.octets + b.size - 8);
}

/* ------ finding ------ */

static size_t rounded(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
}

/* What the slot leads to, or NULL when that was written over. */
static const uint8_t *kept_at(const struct replies *r, const struct reply_slot *slot)
{
	bool is_there = r->written - slot->at <= REPLIES_SIZE;

	return is_there ? r->octets + slot->at % REPLIES_SIZE : NULL;
}

bool replies_find(const struct replies *r, struct reply_key *key, uint8_t *out, size_t room,
		  struct kept_reply *kept)
{
	if (!is_usual(key->query))
		return false;
	struct slice query = without_id(key->query);
	key->hash = hash_of(key);
	const struct reply_slot *row = r->slots[key->hash % REPLIES_ROWS];

	for (unsigned i = 0; i < REPLIES_WAYS; i++) {
		const uint8_t *at = row[i].hash == key->hash ? kept_at(r, &row[i]) : NULL;

		if (!at)
			continue;
		memcpy(kept, at, sizeof *kept);
		at += sizeof *kept;
		if (kept->client != key->client || kept->query_size != query.size ||
		    kept->size > room || !is_same(at, query))
			return false;
		octets_copy(out, at + rounded(query.size), kept->size);
		memcpy(out, key->query.octets, ID_SIZE);
		return true;
	}
	return false;
}

/* ------ keeping ------ */

/* So much room in one piece: as `written` is at its beginning. */
static uint64_t take_room(struct replies *r, size_t size)
{
	size_t left = REPLIES_SIZE - r->written % REPLIES_SIZE;

	if (left < size)
		r->written += left;
	r->written += size;
	return r->written - size;
}

static uint64_t store(struct replies *r, const struct kept_reply *kept, struct slice query,
		      struct slice reply)
{
	size_t size = sizeof *kept + rounded(query.size) + rounded(reply.size);
	uint64_t place = take_room(r, size);
	uint8_t *at = r->octets + place % REPLIES_SIZE;

	memcpy(at, kept, sizeof *kept);
	at += sizeof *kept;
	octets_copy(at, query.octets, query.size);
	octets_copy(at + rounded(query.size), reply.octets, reply.size);
	return place;
}

/* Puts a slot before those that stood before it in its row. */
static void move_to_front(struct reply_slot *row, unsigned from)
{
	const struct reply_slot slot = row[from];

	for (; from > 0; from--)
		row[from] = row[from - 1];
	row[0] = slot;
}

void replies_keep(struct replies *r, const struct reply_key *key, struct slice reply, uint8_t rcode,
		  uint8_t name_size)
{
	if (!is_usual(key->query) || reply.size > REPLIES_REPLY_MAX)
		return;
	struct slice query = without_id(key->query);
	struct reply_slot *row = r->slots[key->hash % REPLIES_ROWS];
	const struct kept_reply kept = { key->client, (uint16_t)query.size, (uint16_t)reply.size,
					 rcode, name_size };

	for (unsigned i = 0; i < REPLIES_WAYS; i++)
		if (row[i].hash == key->hash) {
			row[i].at = store(r, &kept, query, reply);
			move_to_front(row, i);
			return;
		}
	row[REPLIES_WAYS - 1] = (struct reply_slot){ .hash = key->hash };
}

/* All places are further back than there is room. */
void replies_clear(struct replies *r)
{
	r->written += REPLIES_SIZE + ALIGN;
}
