/*
 * cache.c -- answers of upstream servers, kept for as long as they are good.
 */
#include "base/assert.h"
#include "base/number.h"
#include "base/prefetch.h"
#include "serve/cache_entry.h"

enum {
	HORIZON_S = 131072, /* of the wheel: later times wait at its far end, and move on */
	WHEEL_MAX = 4096,   /* steps in one turn of the hand, 32 s each */
	REFRESH_MIN_TTL_S = 20,
	REFRESH_MIN_HITS = 3,
	FAILURES_MAX = 7, /* 5 s << 6 is above the limit */
};

/* ------ the index ------ */

/*
 * The type is mixed in so that those of one name spread evenly; flags are not, for few names
 * are asked for with different ones, and who fetches does not know them.
 */
static uint32_t hash_of(uint64_t name, uint16_t type)
{
	return (uint32_t)((name ^ type * 0x9e3779b97f4a7c15) >> 32);
}

static bool is_for(const struct cache *c, uint32_t entry, const struct cache_key *key,
		   uint32_t hash)
{
	const struct cache_entry *e = cache_entry_at(c, entry);
	struct cells_cursor name = cells_start(&c->cells, entry);

	return e->hash == hash && e->type == key->type && (e->flags & KEY_FLAGS) == key->flags &&
	       e->name_size == key->name.size &&
	       cells_equal_folded(&name, key->name.octets, key->name.size);
}

void cache_fetch(const struct cache *c, uint64_t hash, uint16_t type)
{
	prefetch(cache_bucket(c, hash_of(hash, type)));
}

void cache_fetch_entry(const struct cache *c, uint64_t hash, uint16_t type)
{
	uint32_t entry = *cache_bucket(c, hash_of(hash, type));

	if (!entry)
		return;
	prefetch(cache_entry_at(c, entry));
	prefetch((const uint8_t *)cache_entry_at(c, entry) + CELL_HEAD_SIZE);
}

/* The entry of a key, or 0. */
static uint32_t find(const struct cache *c, const struct cache_key *key)
{
	uint32_t hash = hash_of(key->hash, key->type);
	uint32_t entry = *cache_bucket(c, hash);

	while (entry && !is_for(c, entry, key, hash))
		entry = cache_entry_at(c, entry)->chain;
	return entry;
}

static void index_add(struct cache *c, uint32_t entry, uint32_t hash)
{
	uint32_t *bucket = cache_bucket(c, hash);

	cache_entry_at(c, entry)->hash = hash;
	cache_entry_at(c, entry)->chain = *bucket;
	*bucket = entry;
}

/* ------ coming in ------ */

/* Makes an entry of a key, its name written; the cursor stands where the answer goes. */
static uint32_t add(struct cache *c, const struct cache_key *key, size_t size,
		    struct cells_cursor *where)
{
	size_t octets = key->name.size + size;

	while (cells_left(&c->cells) < cells_needed(octets))
		cache_evict(c);
	uint32_t entry = cells_take(&c->cells, octets);
	struct cache_entry *e = cache_entry_at(c, entry);
	e->type = key->type;
	e->flags = key->flags;
	e->name_size = (uint8_t)key->name.size;
	e->size = (uint16_t)size;
	*where = cells_start(&c->cells, entry);
	cells_write(where, key->name.octets, key->name.size);
	index_add(c, entry, hash_of(key->hash, key->type));
	return entry;
}

void cache_put(struct cache *c, const struct cache_key *key, const struct cache_answer *answer,
	       uint64_t now_ms)
{
	struct cells_cursor where;
	unsigned queue = answer->ttl_s ? CACHE_NEW : CACHE_GOING;
	uint32_t old = find(c, key);

	assert(answer->size <= UINT16_MAX);
	if (old) {
		if (answer->ttl_s && cache_entry_at(c, old)->queue == CACHE_KEPT)
			queue = CACHE_KEPT;
		cache_forget(c, old);
	}
	cache_tick(c, now_ms);
	uint32_t entry = add(c, key, answer->size, &where);
	struct cache_entry *e = cache_entry_at(c, entry);
	cells_write(&where, answer->octets, answer->size);
	e->flags |= answer->authentic ? ENTRY_AUTHENTIC : 0;
	e->flags |= answer->is_private ? ENTRY_PRIVATE : 0;
	e->stored_ms = (uint32_t)now_ms;
	e->ttl_s = answer->ttl_s;
	e->due_s = cache_seconds(now_ms) + answer->ttl_s;
	e->answers = answer->answers;
	e->authorities = answer->authorities;
	e->target = answer->target;
	e->rcode = answer->rcode;
	e->ede = (int16_t)answer->ede;
	cache_line_up(c, entry, queue, queue == CACHE_GOING ? END_OLDEST : END_NEWEST);
	c->counters.added++;
}

/* RFC 9520 §3.2 */
static uint32_t failure_s(enum failure failure, unsigned failures)
{
	uint32_t s = (uint32_t)CACHE_FAILURE_S << (failures - 1);

	if (failure == FAILURE_SILENCE)
		return CACHE_SILENCE_S;
	return s < CACHE_MAX_FAILURE_S ? s : CACHE_MAX_FAILURE_S;
}

static void note_failure(struct cache_entry *e, enum failure failure, int32_t ede, uint64_t now_ms)
{
	if (e->failures < FAILURES_MAX && (failure == FAILURE_ANSWER || e->failures == 0))
		e->failures++;
	e->failed_until_ms = (uint32_t)(now_ms + failure_s(failure, e->failures) * 1000);
	if (e->flags & ENTRY_EMPTY)
		e->ede = (int16_t)ede;
}

static bool is_fresh(const struct cache_entry *e, uint64_t now_ms)
{
	return !(e->flags & ENTRY_EMPTY) && (uint32_t)now_ms - e->stored_ms < e->ttl_s * 1000;
}

/*
 * Of an entry that is not fresh: over, but not for too long.  What was never to be
 * kept is no answer later (RFC 8767 §4).
 */
static bool is_stale(const struct cache *c, const struct cache_entry *e, uint64_t now_ms)
{
	return !(e->flags & ENTRY_EMPTY) && e->ttl_s > 0 &&
	       (uint32_t)now_ms - e->stored_ms < (e->ttl_s + c->stale_s) * 1000;
}

void cache_put_failure(struct cache *c, const struct cache_key *key, enum failure failure,
		       int32_t ede, uint64_t now_ms)
{
	struct cells_cursor where;

	cache_tick(c, now_ms);
	uint32_t entry = find(c, key);
	struct cache_entry *e = entry ? cache_entry_at(c, entry) : NULL;
	if (e && is_fresh(e, now_ms))
		return;
	if (e && is_stale(c, e, now_ms)) {
		note_failure(e, failure, ede, now_ms);
		return;
	}
	uint8_t failures = e ? e->failures : 0;
	if (e)
		cache_forget(c, entry);
	entry = add(c, key, 0, &where);
	e = cache_entry_at(c, entry);
	e->flags |= ENTRY_EMPTY;
	e->failures = failures;
	note_failure(e, failure, ede, now_ms);
	/* As long again: so that the next failure is known to be one more. */
	e->due_s = cache_seconds(now_ms) + 2 * failure_s(failure, e->failures);
	cache_line_up(c, entry, CACHE_GOING, END_OLDEST);
}

/* ------ going out ------ */

/* True once `ms` has passed. */
static bool is_past(uint32_t ms, uint64_t now_ms)
{
	return (int32_t)((uint32_t)now_ms - ms) >= 0;
}

static void fill_in(const struct cache_entry *e, uint32_t entry, struct name name, uint64_t now_ms,
		    struct cache_found *out)
{
	*out = (struct cache_found){
		.name = name,
		.answer = {
			.size = e->size,
			.answers = e->answers,
			.authorities = e->authorities,
			.target = e->target,
			.rcode = e->rcode,
			.authentic = e->flags & ENTRY_AUTHENTIC,
			.is_private = e->flags & ENTRY_PRIVATE,
			.ede = e->ede,
			.ttl_s = e->ttl_s,
		},
		.age_s = ((uint32_t)now_ms - e->stored_ms) / 1000,
		.entry = entry,
	};
}

/* It is used: it may stay longer, and is renewed before it is over. */
static void note_use(struct cache_entry *e, struct cache_found *found)
{
	uint32_t left = found->age_s < e->ttl_s ? e->ttl_s - found->age_s : 0;

	if (!(e->flags & ENTRY_USED))
		e->flags |= ENTRY_USED;
	if (e->hits < REFRESH_MIN_HITS) {
		e->hits++;
	} else if (left < e->ttl_s / 10 && e->ttl_s >= REFRESH_MIN_TTL_S &&
		   !(e->flags & ENTRY_REFRESHED)) {
		e->flags |= ENTRY_REFRESHED;
		found->refresh = true;
	}
}

enum cache_state cache_find(struct cache *c, const struct cache_key *key, uint64_t now_ms,
			    uint64_t asked_ms, bool patient, struct cache_found *out)
{
	uint32_t entry = find(c, key);

	if (!entry)
		return CACHE_MISS;
	struct cache_entry *e = cache_entry_at(c, entry);
	bool failed = e->failures > 0 && !is_past(e->failed_until_ms, now_ms);
	fill_in(e, entry, key->name, now_ms, out);
	if (!(e->flags & ENTRY_EMPTY) &&
	    (is_fresh(e, now_ms) || is_past((uint32_t)asked_ms, e->stored_ms))) {
		note_use(e, out);
		return CACHE_FRESH;
	}
	if (is_stale(c, e, now_ms) && (patient || failed))
		return CACHE_STALE;
	return failed ? CACHE_FAILED : CACHE_MISS;
}

void cache_read(const struct cache *c, const struct cache_found *found, uint8_t *out)
{
	struct cells_cursor where = cells_start(&c->cells, found->entry);

	cells_skip(&where, cache_entry_at(c, found->entry)->name_size);
	cells_read(&where, out, found->answer.size);
}

/* ------ the whole ------ */

void cache_clear(struct cache *c, uint64_t now_ms)
{
	/* As long as nothing was put the block is zero, and no memory that anybody has to give. */
	if (!cells_are_untouched(&c->cells)) {
		memset(c->buckets, 0, ((size_t)c->bucket_mask + 1) * sizeof *c->buckets);
		memset(c->wheel, 0, ((size_t)c->wheel_mask + 1) * sizeof *c->wheel);
		memset(c->queues, 0, sizeof c->queues);
	}
	cells_init(&c->cells, c->cells.at, c->cells.count);
	c->hand = now_ms / 1000 / c->slot_s;
}

void cache_init(struct cache *c, void *block, size_t size, uint32_t stale_s, uint64_t now_ms)
{
	uint32_t wheel = (uint32_t)number_power_of_two(size / 1024);
	/* Most entries take one cell or two: a bucket for two cells. */
	uint32_t buckets = (uint32_t)number_power_of_two(size / CELL_SIZE / 2);

	assert(size >= CACHE_MIN_SIZE && stale_s <= CACHE_MAX_STALE_S);
	wheel = wheel < WHEEL_MAX ? wheel : WHEEL_MAX;
	*c = (struct cache){
		.buckets = block,
		.wheel = (uint32_t *)block + buckets,
		.bucket_mask = buckets - 1,
		.wheel_mask = wheel - 1,
		.slot_s = HORIZON_S / wheel,
		.stale_s = stale_s,
	};
	size_t index = ((size_t)buckets + wheel) * sizeof(uint32_t);
	cells_init(&c->cells, (uint8_t *)block + index, (uint32_t)((size - index) / CELL_SIZE));
	cache_clear(c, now_ms);
}
