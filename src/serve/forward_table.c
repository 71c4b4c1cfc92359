/*
 * forward_table.c -- the tables of asks, waiters and actions.
 */
#include "serve/forwarding.h"
#include "base/assert.h"

static void tables_init(struct forward *f)
{
	for (unsigned i = 0; i < FORWARD_ASKS; i++)
		f->buckets[i] = FORWARD_NO_INDEX;
	f->free_ask = FORWARD_NO_INDEX;
	f->free_waiter = FORWARD_NO_INDEX;
	f->due_ms = UINT64_MAX;
}

/*
 * The number of a free place: one that was used before and given back, or else
 * the next one that never was.  Memory is touched as it is needed.
 */
static uint16_t free_place(uint16_t given_back, uint16_t used)
{
	return given_back != FORWARD_NO_INDEX ? given_back : used;
}

/* ------ asks ------ */

static uint64_t hash_of(const struct forward *f, const struct wanted *w)
{
	uint8_t folded[NAME_MAX_SIZE + 3];
	size_t n = w->name.size;

	octets_fold(folded, w->name.octets, n);
	store_u16(folded + n, w->type);
	folded[n + 2] = w->flags;
	return siphash13(&f->key, folded, n + 3);
}

static bool is_same(const struct wanted *a, const struct wanted *b)
{
	return a->type == b->type && a->flags == b->flags &&
	       name_equal(name_view(&a->name), name_view(&b->name));
}

static uint16_t *bucket_of(struct forward *f, uint64_t hash)
{
	return &f->buckets[hash % FORWARD_ASKS];
}

struct ask *ask_find(struct forward *f, const struct wanted *wanted)
{
	uint64_t hash = hash_of(f, wanted);

	for (uint16_t i = *bucket_of(f, hash); i != FORWARD_NO_INDEX; i = f->asks[i].next)
		if (f->asks[i].hash == hash && is_same(&f->asks[i].wanted, wanted))
			return &f->asks[i];
	return NULL;
}

static unsigned count(const uint64_t *owners, unsigned n, uint64_t owner)
{
	unsigned found = 0;

	for (unsigned i = 0; i < n; i++)
		found += owners[i] == owner;
	return found;
}

/*
 * Once half of the places are taken, a client may have an eighth of those that
 * are left.  So a few can take many, but no number of them all.
 */
static bool is_too_many(const uint64_t *owners, unsigned all, unsigned used, uint64_t owner)
{
	unsigned most = (all - used) / FORWARD_SHARE;

	return used >= all / 2 && count(owners, all, owner) >= (most > 1 ? most : 1);
}

bool owner_has_too_many(const struct forward *f, uint64_t owner)
{
	return is_too_many(f->ask_owners, FORWARD_ASKS, f->asks_used, owner) ||
	       is_too_many(f->waiter_owners, FORWARD_WAITERS, f->waiters_used, owner);
}

struct ask *ask_new(struct forward *f, const struct wanted *wanted, uint64_t owner, uint64_t now_ms)
{
	if (f->asks_used == FORWARD_ASKS)
		return NULL;
	struct ask *a = &f->asks[free_place(f->free_ask, f->asks_used)];
	if (f->free_ask != FORWARD_NO_INDEX)
		f->free_ask = a->next;
	*a = (struct ask){
		.name = wanted->name,
		.wanted = *wanted,
		.budget = FORWARD_PACKETS,
		.end_ms = now_ms + FORWARD_PATIENCE_MS,
		.serial = ++f->serial,
		.hash = hash_of(f, wanted),
		.began_ms = now_ms,
		.ede = EDE_NETWORK_ERROR,
		.place = f->asks_used,
		.first_waiter = FORWARD_NO_INDEX,
	};
	uint16_t *bucket = bucket_of(f, a->hash);
	a->next = *bucket;
	*bucket = ask_number(f, a);
	f->active[f->asks_used++] = ask_number(f, a);
	f->ask_owners[ask_number(f, a)] = owner;
	f->counters.asks++;
	return a;
}

void ask_free(struct forward *f, struct ask *a)
{
	uint16_t *link = bucket_of(f, a->hash);

	while (*link != ask_number(f, a))
		link = &f->asks[*link].next;
	*link = a->next;
	uint16_t last = f->active[--f->asks_used];
	f->active[a->place] = last;
	f->asks[last].place = a->place;
	f->ask_owners[ask_number(f, a)] = 0;
	a->next = f->free_ask;
	f->free_ask = ask_number(f, a);
}

struct forward_line *ask_line(struct ask *a, uint8_t upstream)
{
	for (unsigned i = 0; i < FORWARD_PER_ROUTE; i++)
		if (a->lines[i].in_use && a->lines[i].upstream == upstream)
			return &a->lines[i];
	return NULL;
}

/* ------ waiters ------ */

struct waiter *waiter_new(struct forward *f, uint64_t owner)
{
	assert(f->waiters_used < FORWARD_WAITERS);
	uint16_t number = free_place(f->free_waiter, f->waiters_used);
	struct waiter *w = &f->waiters[number];
	if (f->free_waiter != FORWARD_NO_INDEX)
		f->free_waiter = w->next;
	f->waiter_owners[number] = owner;
	f->waiters_used++;
	w->patient = false;
	w->spent = 0;
	w->restarts = 0;
	w->ask = FORWARD_NO_INDEX;
	return w;
}

void waiter_free(struct forward *f, struct waiter *w)
{
	uint16_t number = (uint16_t)(w - f->waiters);

	assert(f->waiter_owners[number] && w->ask == FORWARD_NO_INDEX);
	f->waiter_owners[number] = 0;
	w->next = f->free_waiter;
	f->free_waiter = number;
	f->waiters_used--;
}

void waiter_join(struct forward *f, struct waiter *w, struct ask *a)
{
	uint16_t number = (uint16_t)(w - f->waiters);

	w->ask = ask_number(f, a);
	w->next = FORWARD_NO_INDEX;
	if (a->first_waiter == FORWARD_NO_INDEX)
		a->first_waiter = number;
	else
		f->waiters[a->last_waiter].next = number;
	a->last_waiter = number;
}

bool waiter_is_too_many(const struct forward *f, const struct ask *a, uint64_t owner, uint64_t peer,
			uint16_t id)
{
	unsigned mine = 0;

	for (uint16_t i = a->first_waiter; i != FORWARD_NO_INDEX; i = f->waiters[i].next) {
		if (f->waiters[i].peer == peer && f->waiters[i].id == id)
			return true;
		mine += f->waiter_owners[i] == owner;
	}
	return mine >= FORWARD_PER_CLIENT;
}

/* ------ actions ------ */

static void act(struct forward *f, struct forward_action action)
{
	assert(f->action_count < FORWARD_ACTIONS);
	f->actions[(f->action_first + f->action_count++) % FORWARD_ACTIONS] = action;
}

void act_on_line(struct forward *f, const struct ask *a, const struct forward_line *l,
		 enum forward_act kind, bool clean)
{
	act(f, (struct forward_action){
		       .act = (uint8_t)kind,
		       .line = line_number(a, l),
		       .upstream = l->upstream,
		       .clean = clean,
		       .ask = ask_number(f, a),
		       .serial = a->serial,
	       });
}

void act_on_waiter(struct forward *f, uint16_t waiter)
{
	act(f, (struct forward_action){ .act = FORWARD_READY, .waiter = waiter });
}

/* Its ask has ended meanwhile, and another one may have the place: nothing of that one is to be sent. */
static bool is_stale(const struct forward *f, const struct forward_action *a)
{
	return (a->act == FORWARD_SEND || a->act == FORWARD_STREAM) &&
	       (f->ask_owners[a->ask] == 0 || f->asks[a->ask].serial != a->serial);
}

bool forward_next(struct forward *f, struct forward_action *out)
{
	while (f->action_count > 0) {
		*out = f->actions[f->action_first];
		f->action_first = (f->action_first + 1) % FORWARD_ACTIONS;
		f->action_count--;
		if (!is_stale(f, out))
			return true;
	}
	return false;
}

/* ------ servers ------ */

void forward_init(struct forward *f, struct cache *cache, struct routes *routes,
		  struct response_room *room, struct csprng *random, const struct siphash_key *key)
{
	f->cache = cache;
	f->routes = routes;
	f->room = room;
	f->random = random;
	f->key = *key;
	tables_init(f);
}

uint16_t forward_add_upstream(struct forward *f, struct slice host)
{
	for (uint16_t i = 0; i < FORWARD_UPSTREAMS; i++)
		if (!f->upstreams[i].in_use) {
			upstream_init(&f->upstreams[i], host);
			return i;
		}
	return FORWARD_NO_INDEX;
}

void forward_set_servers(struct forward *f, uint16_t route, const struct route_servers *servers)
{
	f->servers[route] = *servers;
}

bool forward_drop_upstream(struct forward *f, uint8_t upstream)
{
	for (unsigned i = 0; i < f->asks_used; i++)
		if (ask_line(&f->asks[f->active[i]], upstream))
			return false;
	f->upstreams[upstream].in_use = false;
	return true;
}

int forward_timeout_ms(const struct forward *f, uint64_t now_ms)
{
	if (f->due_ms == UINT64_MAX)
		return -1;
	return f->due_ms > now_ms ? (int)(f->due_ms - now_ms) : 0;
}
