/*
 * cache.c -- answers of upstream servers, kept for as long as they are good.
 *
 * Times inside an entry are 32 bits of milliseconds or seconds; nothing stays
 * for longer than CACHE_MAX_TTL_S and CACHE_MAX_STALE_S together, so differences
 * are right though the milliseconds wrap after 49 days.
 */
#include "serve/cache.h"
#include "base/assert.h"
#include "base/number.h"
#include "base/prefetch.h"

enum {
	HORIZON_S = 131072, /* of the wheel: later times wait at its far end, and move on */
	WHEEL_MAX = 4096,   /* steps in one turn of the hand, 32 s each */
	TICK_ENTRIES = 64,  /* that one call looks at */
	SECOND_TURNS = 16,  /* entries spared in a row before one has to go, used or not */
	REFRESH_MIN_TTL_S = 20,
	REFRESH_MIN_HITS = 3,
	FAILURES_MAX = 7, /* 5 s << 6 is above the limit */
};

enum entry_flag {
	KEY_FLAGS = CACHE_DNSSEC_OK | CACHE_CHECKING_DISABLED,
	ENTRY_USED = 4, /* since it was last looked at for leaving */
	ENTRY_AUTHENTIC = 8,
	ENTRY_REFRESHED = 16, /* has been told that it is soon over */
	ENTRY_EMPTY = 32,     /* no answer, only failures */
	ENTRY_PRIVATE = 64,
};

/* The head of a chain of cells; behind it the name, then the answer's octets. */
struct entry {
	uint32_t next_cell;
	uint32_t chain; /* the next entry of the bucket */
	uint32_t hash;
	uint32_t newer, older;
	uint32_t wheel_next, wheel_before; /* before: 0 for the first of its slot */
	uint32_t stored_ms, ttl_s;
	uint32_t failed_until_ms;
	uint32_t due_s; /* when the hand should meet it */
	uint16_t type;
	uint16_t size; /* of the answer's octets */
	uint16_t answers, authorities;
	uint16_t target;
	uint16_t slot;
	int16_t ede;
	uint8_t name_size, flags, rcode, queue, hits, failures;
};
_Static_assert(sizeof(struct entry) <= CELL_HEAD_SIZE, "an entry's head fits into its first cell");

static struct entry *entry_at(const struct cache *c, uint32_t entry)
{
	return cells_head(&c->cells, entry);
}

static uint32_t cells_of(const struct entry *e)
{
	return cells_needed((size_t)e->name_size + e->size);
}

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
	const struct entry *e = entry_at(c, entry);
	struct cells_cursor name = cells_start(&c->cells, entry);

	return e->hash == hash && e->type == key->type && (e->flags & KEY_FLAGS) == key->flags &&
	       e->name_size == key->name.size &&
	       cells_equal_folded(&name, key->name.octets, key->name.size);
}

static uint32_t *bucket_of(const struct cache *c, uint32_t hash)
{
	return &c->buckets[hash & c->bucket_mask];
}

void cache_fetch(const struct cache *c, uint64_t hash, uint16_t type)
{
	prefetch(bucket_of(c, hash_of(hash, type)));
}

void cache_fetch_entry(const struct cache *c, uint64_t hash, uint16_t type)
{
	uint32_t entry = *bucket_of(c, hash_of(hash, type));

	if (!entry)
		return;
	prefetch(entry_at(c, entry));
	prefetch((const uint8_t *)entry_at(c, entry) + CELL_HEAD_SIZE);
}

/* The entry of a key, or 0. */
static uint32_t find(const struct cache *c, const struct cache_key *key)
{
	uint32_t hash = hash_of(key->hash, key->type);
	uint32_t entry = *bucket_of(c, hash);

	while (entry && !is_for(c, entry, key, hash))
		entry = entry_at(c, entry)->chain;
	return entry;
}

static void index_add(struct cache *c, uint32_t entry, uint32_t hash)
{
	uint32_t *bucket = bucket_of(c, hash);

	entry_at(c, entry)->hash = hash;
	entry_at(c, entry)->chain = *bucket;
	*bucket = entry;
}

static void index_remove(struct cache *c, uint32_t entry)
{
	const struct entry *e = entry_at(c, entry);
	uint32_t *link = bucket_of(c, e->hash);

	while (*link != entry)
		link = &entry_at(c, *link)->chain;
	*link = e->chain;
}

/* ------ queues ------ */

enum end { END_NEWEST, END_OLDEST };

static void queue_add(struct cache *c, uint32_t entry, unsigned queue, enum end end)
{
	struct cache_queue *q = &c->queues[queue];
	struct entry *e = entry_at(c, entry);

	e->queue = (uint8_t)queue;
	e->older = end == END_NEWEST ? q->newest : 0;
	e->newer = end == END_NEWEST ? 0 : q->oldest;
	if (e->older)
		entry_at(c, e->older)->newer = entry;
	if (e->newer)
		entry_at(c, e->newer)->older = entry;
	if (!e->newer)
		q->newest = entry;
	if (!e->older)
		q->oldest = entry;
	q->cells += cells_of(e);
}

static void queue_remove(struct cache *c, uint32_t entry)
{
	const struct entry *e = entry_at(c, entry);
	struct cache_queue *q = &c->queues[e->queue];

	if (e->newer)
		entry_at(c, e->newer)->older = e->older;
	else
		q->newest = e->older;
	if (e->older)
		entry_at(c, e->older)->newer = e->newer;
	else
		q->oldest = e->newer;
	q->cells -= cells_of(e);
}

static void queue_move(struct cache *c, uint32_t entry, unsigned queue, enum end end)
{
	queue_remove(c, entry);
	queue_add(c, entry, queue, end);
}

/* ------ the wheel ------ */

/* Puts an entry where the hand meets it after due_s, or at the far end of the wheel. */
static void wheel_add(struct cache *c, uint32_t entry)
{
	struct entry *e = entry_at(c, entry);
	uint64_t step = e->due_s / c->slot_s + 1u;
	uint64_t farthest = c->hand + c->wheel_mask;

	assert(step > c->hand); /* what is due is past the hand, which is not past now */
	if (step > farthest)
		step = farthest;
	e->slot = (uint16_t)(step & c->wheel_mask);
	e->wheel_before = 0;
	e->wheel_next = c->wheel[e->slot];
	if (e->wheel_next)
		entry_at(c, e->wheel_next)->wheel_before = entry;
	c->wheel[e->slot] = entry;
}

static void wheel_remove(struct cache *c, uint32_t entry)
{
	const struct entry *e = entry_at(c, entry);

	if (e->wheel_before)
		entry_at(c, e->wheel_before)->wheel_next = e->wheel_next;
	else
		c->wheel[e->slot] = e->wheel_next;
	if (e->wheel_next)
		entry_at(c, e->wheel_next)->wheel_before = e->wheel_before;
}

/* ------ leaving ------ */

static void forget(struct cache *c, uint32_t entry)
{
	index_remove(c, entry);
	queue_remove(c, entry);
	wheel_remove(c, entry);
	cells_give(&c->cells, entry);
}

/* Who is to leave next, unless it has been used. */
static uint32_t candidate(const struct cache *c)
{
	const struct cache_queue *q = c->queues;

	if (q[CACHE_GOING].oldest)
		return q[CACHE_GOING].oldest;
	if (q[CACHE_NEW].oldest &&
	    (q[CACHE_NEW].cells > c->cells.count / 5 || !q[CACHE_KEPT].oldest))
		return q[CACHE_NEW].oldest;
	return q[CACHE_KEPT].oldest;
}

/* Makes room by one entry.  Needs one to be there. */
static void evict(struct cache *c)
{
	uint32_t entry = candidate(c);

	for (int turns = 0; turns < SECOND_TURNS; turns++) {
		struct entry *e = entry_at(c, entry);

		if (e->queue == CACHE_GOING || !(e->flags & ENTRY_USED))
			break;
		e->flags &= (uint8_t)~ENTRY_USED;
		queue_move(c, entry, CACHE_KEPT, END_NEWEST);
		entry = candidate(c);
	}
	c->counters.evicted += entry_at(c, entry)->queue != CACHE_GOING;
	forget(c, entry);
}

/* True once `ms` has passed. */
static bool is_past(uint32_t ms, uint64_t now_ms)
{
	return (int32_t)((uint32_t)now_ms - ms) >= 0;
}

static uint32_t seconds(uint64_t ms)
{
	return (uint32_t)(ms / 1000);
}

/* Its time has come; an answer that is over may still serve in need. */
static void come_due(struct cache *c, uint32_t entry, uint64_t now_ms)
{
	struct entry *e = entry_at(c, entry);

	if (e->due_s <= seconds(now_ms)) {
		if (e->queue == CACHE_GOING || c->stale_s == 0) {
			forget(c, entry);
			c->counters.expired++;
			return;
		}
		e->due_s += c->stale_s;
		queue_move(c, entry, CACHE_GOING, END_NEWEST);
	}
	wheel_remove(c, entry);
	wheel_add(c, entry);
}

void cache_tick(struct cache *c, uint64_t now_ms)
{
	uint64_t step = now_ms / 1000 / c->slot_s;

	for (int budget = TICK_ENTRIES; c->hand < step && budget > 0; budget--) {
		uint32_t entry = c->wheel[(c->hand + 1) & c->wheel_mask];

		if (entry)
			come_due(c, entry, now_ms);
		else
			c->hand++;
	}
}

/* ------ coming in ------ */

/* Makes an entry of a key, its name written; the cursor stands where the answer goes. */
static uint32_t add(struct cache *c, const struct cache_key *key, size_t size,
		    struct cells_cursor *where)
{
	size_t octets = key->name.size + size;

	while (cells_left(&c->cells) < cells_needed(octets))
		evict(c);
	uint32_t entry = cells_take(&c->cells, octets);
	struct entry *e = entry_at(c, entry);
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
		if (answer->ttl_s && entry_at(c, old)->queue == CACHE_KEPT)
			queue = CACHE_KEPT;
		forget(c, old);
	}
	cache_tick(c, now_ms);
	uint32_t entry = add(c, key, answer->size, &where);
	struct entry *e = entry_at(c, entry);
	cells_write(&where, answer->octets, answer->size);
	e->flags |= answer->authentic ? ENTRY_AUTHENTIC : 0;
	e->flags |= answer->is_private ? ENTRY_PRIVATE : 0;
	e->stored_ms = (uint32_t)now_ms;
	e->ttl_s = answer->ttl_s;
	e->due_s = seconds(now_ms) + answer->ttl_s;
	e->answers = answer->answers;
	e->authorities = answer->authorities;
	e->target = answer->target;
	e->rcode = answer->rcode;
	e->ede = (int16_t)answer->ede;
	wheel_add(c, entry);
	queue_add(c, entry, queue, queue == CACHE_GOING ? END_OLDEST : END_NEWEST);
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

static void note_failure(struct entry *e, enum failure failure, int32_t ede, uint64_t now_ms)
{
	if (e->failures < FAILURES_MAX && (failure == FAILURE_ANSWER || e->failures == 0))
		e->failures++;
	e->failed_until_ms = (uint32_t)(now_ms + failure_s(failure, e->failures) * 1000);
	if (e->flags & ENTRY_EMPTY)
		e->ede = (int16_t)ede;
}

static bool is_fresh(const struct entry *e, uint64_t now_ms)
{
	return !(e->flags & ENTRY_EMPTY) && (uint32_t)now_ms - e->stored_ms < e->ttl_s * 1000;
}

/*
 * Of an entry that is not fresh: over, but not for too long.  What was never to be
 * kept is no answer later (RFC 8767 §4).
 */
static bool is_stale(const struct cache *c, const struct entry *e, uint64_t now_ms)
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
	struct entry *e = entry ? entry_at(c, entry) : NULL;
	if (e && is_fresh(e, now_ms))
		return;
	if (e && is_stale(c, e, now_ms)) {
		note_failure(e, failure, ede, now_ms);
		return;
	}
	uint8_t failures = e ? e->failures : 0;
	if (e)
		forget(c, entry);
	entry = add(c, key, 0, &where);
	e = entry_at(c, entry);
	e->flags |= ENTRY_EMPTY;
	e->failures = failures;
	note_failure(e, failure, ede, now_ms);
	/* As long again: so that the next failure is known to be one more. */
	e->due_s = seconds(now_ms) + 2 * failure_s(failure, e->failures);
	wheel_add(c, entry);
	queue_add(c, entry, CACHE_GOING, END_OLDEST);
}

/* ------ going out ------ */

static void fill_in(const struct entry *e, uint32_t entry, struct name name, uint64_t now_ms,
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
static void note_use(struct entry *e, struct cache_found *found)
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
	struct entry *e = entry_at(c, entry);
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

	cells_skip(&where, entry_at(c, found->entry)->name_size);
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
