/*
 * kept.c -- what was worked out before, given again.
 */
#include "serve/kept.h"
#include "base/prefetch.h"

enum {
	ALIGN = 8,
	FETCHED = 256, /* octets of an entry: all of most */
	LINE = 64,     /* of the processor's caches, mostly */
};

/* What stands before a value: behind it the key, rounded up, then the value. */
struct entry {
	uint64_t beside;
	uint16_t key_size;
	uint16_t size;
};

static bool is_usual(struct slice key)
{
	return key.size >= KEPT_KEY_MIN && key.size <= KEPT_KEY_MAX;
}

/* ------ eight octets at a time; the last eight may have been taken before ------ */

/* Who makes hashes equal loses time, and nobody gains anything: it needs no secret. */
static uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15;
	return hash ^ hash >> 32;
}

static uint64_t hash_of(const struct kept_key *key)
{
	struct slice s = key->octets;
	uint64_t hash = mix(s.size, key->beside);

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
static const uint8_t *entry_at(const struct kept *k, const struct kept_slot *slot)
{
	bool is_there = k->written - slot->at <= KEPT_SIZE;

	return is_there ? k->octets + slot->at % KEPT_SIZE : NULL;
}

/* The first entry that may be this key's, or NULL; it was not looked at. */
static const uint8_t *find_entry(const struct kept *k, const struct kept_key *key)
{
	const struct kept_slot *row = k->slots[key->hash % KEPT_ROWS];
	const uint8_t *at = NULL;

	if (!is_usual(key->octets))
		return NULL;
	for (unsigned i = 0; !at && i < KEPT_WAYS; i++)
		if (row[i].hash == key->hash)
			at = entry_at(k, &row[i]);
	return at;
}

bool kept_fetch(const struct kept *k, const struct kept_key *key)
{
	const uint8_t *at = find_entry(k, key);

	if (!at)
		return false;
	for (size_t place = (size_t)(at - k->octets), n = 0; n < FETCHED; n += LINE)
		prefetch(k->octets + (place + n) % KEPT_SIZE);
	return true;
}

/* The value of an entry, if the entry is this key's. */
static struct slice value_of(const uint8_t *at, const struct kept_key *key)
{
	struct entry entry;

	memcpy(&entry, at, sizeof entry);
	at += sizeof entry;
	if (entry.beside != key->beside || entry.key_size != key->octets.size ||
	    !is_same(at, key->octets))
		return (struct slice){ NULL, 0 };
	return (struct slice){ at + rounded(entry.key_size), entry.size };
}

void kept_expect(const struct kept *k, struct kept_key *key)
{
	key->hash = is_usual(key->octets) ? hash_of(key) : 0;
	prefetch(k->slots[key->hash % KEPT_ROWS]);
}

struct slice kept_find(const struct kept *k, const struct kept_key *key)
{
	const uint8_t *at = find_entry(k, key);

	return at ? value_of(at, key) : (struct slice){ NULL, 0 };
}

/* ------ keeping ------ */

/* So much room in one piece: as `written` is at its beginning. */
static uint64_t take_room(struct kept *k, size_t size)
{
	size_t left = KEPT_SIZE - k->written % KEPT_SIZE;

	if (left < size)
		k->written += left;
	k->written += size;
	return k->written - size;
}

static uint64_t store(struct kept *k, const struct kept_key *key, struct slice head,
		      struct slice body)
{
	struct slice octets = key->octets;
	const struct entry entry = { key->beside, (uint16_t)octets.size,
				     (uint16_t)(head.size + body.size) };
	size_t size = sizeof entry + rounded(octets.size) + rounded(head.size + body.size);
	uint64_t place = take_room(k, size);
	uint8_t *at = k->octets + place % KEPT_SIZE;

	memcpy(at, &entry, sizeof entry);
	at += sizeof entry;
	octets_copy(at, octets.octets, octets.size);
	at += rounded(octets.size);
	octets_copy(at, head.octets, head.size);
	octets_copy(at + head.size, body.octets, body.size);
	return place;
}

/* Puts a slot before those that stood before it in its row. */
static void move_to_front(struct kept_slot *row, unsigned from)
{
	const struct kept_slot slot = row[from];

	for (; from > 0; from--)
		row[from] = row[from - 1];
	row[0] = slot;
}

bool kept_wants(struct kept *k, const struct kept_key *key, size_t size)
{
	if (!is_usual(key->octets) || size > KEPT_VALUE_MAX)
		return false;
	struct kept_slot *row = k->slots[key->hash % KEPT_ROWS];

	for (unsigned i = 0; i < KEPT_WAYS; i++)
		if (row[i].hash == key->hash) {
			move_to_front(row, i);
			return true;
		}
	row[KEPT_WAYS - 1] = (struct kept_slot){ .hash = key->hash };
	return false;
}

void kept_put(struct kept *k, const struct kept_key *key, struct slice head, struct slice body)
{
	if (head.size + body.size <= KEPT_VALUE_MAX)
		k->slots[key->hash % KEPT_ROWS][0].at = store(k, key, head, body);
}

/* All places are further back than there is room. */
void kept_clear(struct kept *k)
{
	k->written += KEPT_SIZE + ALIGN;
}
