/*
 * cache_leaving.c -- in which order, and when, what the cache keeps leaves it.
 */
#include "base/assert.h"
#include "serve/cache_entry.h"

enum {
	TICK_ENTRIES = 64, /* that one call looks at */
	SECOND_TURNS = 16, /* entries spared in a row before one has to go, used or not */
};

static uint32_t cells_of(const struct cache_entry *e)
{
	return cells_needed((size_t)e->name_size + e->size);
}

/* ------ queues ------ */

static void queue_add(struct cache *c, uint32_t entry, unsigned queue, enum cache_end end)
{
	struct cache_queue *q = &c->queues[queue];
	struct cache_entry *e = cache_entry_at(c, entry);

	e->queue = (uint8_t)queue;
	e->older = end == END_NEWEST ? q->newest : 0;
	e->newer = end == END_NEWEST ? 0 : q->oldest;
	if (e->older)
		cache_entry_at(c, e->older)->newer = entry;
	if (e->newer)
		cache_entry_at(c, e->newer)->older = entry;
	if (!e->newer)
		q->newest = entry;
	if (!e->older)
		q->oldest = entry;
	q->cells += cells_of(e);
}

static void queue_remove(struct cache *c, uint32_t entry)
{
	const struct cache_entry *e = cache_entry_at(c, entry);
	struct cache_queue *q = &c->queues[e->queue];

	if (e->newer)
		cache_entry_at(c, e->newer)->older = e->older;
	else
		q->newest = e->older;
	if (e->older)
		cache_entry_at(c, e->older)->newer = e->newer;
	else
		q->oldest = e->newer;
	q->cells -= cells_of(e);
}

static void queue_move(struct cache *c, uint32_t entry, unsigned queue, enum cache_end end)
{
	queue_remove(c, entry);
	queue_add(c, entry, queue, end);
}

/* ------ the wheel ------ */

/* Puts an entry where the hand meets it after due_s, or at the far end of the wheel. */
static void wheel_add(struct cache *c, uint32_t entry)
{
	struct cache_entry *e = cache_entry_at(c, entry);
	uint64_t step = e->due_s / c->slot_s + 1u;
	uint64_t farthest = c->hand + c->wheel_mask;

	assert(step > c->hand); /* what is due is past the hand, which is not past now */
	if (step > farthest)
		step = farthest;
	e->slot = (uint16_t)(step & c->wheel_mask);
	e->wheel_before = 0;
	e->wheel_next = c->wheel[e->slot];
	if (e->wheel_next)
		cache_entry_at(c, e->wheel_next)->wheel_before = entry;
	c->wheel[e->slot] = entry;
}

static void wheel_remove(struct cache *c, uint32_t entry)
{
	const struct cache_entry *e = cache_entry_at(c, entry);

	if (e->wheel_before)
		cache_entry_at(c, e->wheel_before)->wheel_next = e->wheel_next;
	else
		c->wheel[e->slot] = e->wheel_next;
	if (e->wheel_next)
		cache_entry_at(c, e->wheel_next)->wheel_before = e->wheel_before;
}

/* ------ leaving ------ */

void cache_line_up(struct cache *c, uint32_t entry, unsigned queue, enum cache_end end)
{
	wheel_add(c, entry);
	queue_add(c, entry, queue, end);
}

static void index_remove(struct cache *c, uint32_t entry)
{
	const struct cache_entry *e = cache_entry_at(c, entry);
	uint32_t *link = cache_bucket(c, e->hash);

	while (*link != entry)
		link = &cache_entry_at(c, *link)->chain;
	*link = e->chain;
}

void cache_forget(struct cache *c, uint32_t entry)
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

void cache_evict(struct cache *c)
{
	uint32_t entry = candidate(c);

	for (int turns = 0; turns < SECOND_TURNS; turns++) {
		struct cache_entry *e = cache_entry_at(c, entry);

		if (e->queue == CACHE_GOING || !(e->flags & ENTRY_USED))
			break;
		e->flags &= (uint8_t)~ENTRY_USED;
		queue_move(c, entry, CACHE_KEPT, END_NEWEST);
		entry = candidate(c);
	}
	c->counters.evicted += cache_entry_at(c, entry)->queue != CACHE_GOING;
	cache_forget(c, entry);
}

/* Its time has come; an answer that is over may still serve in need. */
static void come_due(struct cache *c, uint32_t entry, uint64_t now_ms)
{
	struct cache_entry *e = cache_entry_at(c, entry);

	if (e->due_s <= cache_seconds(now_ms)) {
		if (e->queue == CACHE_GOING || c->stale_s == 0) {
			cache_forget(c, entry);
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
