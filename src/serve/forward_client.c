/*
 * forward_client.c -- clients whose queries wait for what is asked upstream.
 */
#include "serve/access.h"
#include "base/ip.h"
#include "serve/forwarding.h"

enum {
	LOOP_LETTERS = 12, /* in a name that is known by its letters */
	PREFIX4_SIZE = 4,  /* octets of an address that are one client */
	PREFIX6_SIZE = 8,
};

/* One IPv4 address or one IPv6 /64 is one client. */
static uint64_t owner_of(const struct forward *f, struct slice address)
{
	size_t size = address.size == 4 ? PREFIX4_SIZE : PREFIX6_SIZE;

	return siphash13(&f->key, address.octets, size) | 2;
}

static uint64_t peer_of(const struct forward *f, const struct forward_client *client)
{
	uint8_t octets[16 + 2] = { 0 };

	memcpy(octets, client->address.octets, client->address.size);
	store_u16(octets + 16, client->port);
	return siphash13(&f->key, octets, sizeof octets);
}

static bool can_ask(struct forward *f, const struct wanted *wanted, uint64_t now_ms)
{
	bool ready = csprng_ready(f->random, now_ms);

	f->counters.unseeded += !ready;
	return ready && f->servers[wanted->route].count > 0;
}

static enum forward_outcome refuse(struct forward *f, enum forward_outcome how)
{
	f->counters.refused++;
	return how;
}

static void fill_in(struct waiter *w, const struct query *q, uint64_t peer, uint64_t now_ms)
{
	w->peer = peer;
	w->id = q->header.id;
	w->arrived_ms = now_ms;
	w->size = (uint16_t)query_pack(q, w->query);
}

enum forward_outcome forward_wait(struct forward *f, const struct query *q,
				  const struct wanted *wanted, const struct forward_client *client,
				  uint64_t now_ms, uint16_t *waiter)
{
	uint64_t owner = owner_of(f, client->address), peer = peer_of(f, client);
	struct ask *a = ask_find(f, wanted);
	bool is_new = !a;

	if (a && waiter_is_too_many(f, a, owner, peer, q->header.id))
		return FORWARD_SILENT;
	if (!can_ask(f, wanted, now_ms) || (a && a->told_stale))
		return FORWARD_NO_ROOM;
	if (owner_has_too_many(f, owner))
		return refuse(f, FORWARD_SILENT);
	if (f->waiters_used == FORWARD_WAITERS ||
	    (is_new && !(a = ask_new(f, wanted, owner, now_ms))))
		return refuse(f, FORWARD_NO_ROOM);
	struct waiter *w = waiter_new(f, owner);
	fill_in(w, q, peer, now_ms);
	waiter_join(f, w, a);
	*waiter = (uint16_t)(w - f->waiters);
	if (is_new)
		ask_begin(f, a, now_ms);
	return FORWARD_WAITS;
}

bool forward_wait_on(struct forward *f, uint16_t waiter, const struct wanted *wanted,
		     uint64_t now_ms)
{
	struct waiter *w = &f->waiters[waiter];
	struct ask *a = ask_find(f, wanted);

	if (w->patient || ++w->restarts > FORWARD_RESTARTS || w->spent >= FORWARD_PACKETS ||
	    now_ms >= w->arrived_ms + FORWARD_PATIENCE_MS || !can_ask(f, wanted, now_ms))
		return false;
	if (a) {
		waiter_join(f, w, a);
		return true;
	}
	if (!(a = ask_new(f, wanted, waiter_owner(f, w), now_ms)))
		return false;
	/* What is left of the client's patience, and of what it may cost. */
	a->budget = (uint8_t)(FORWARD_PACKETS - w->spent);
	a->end_ms = w->arrived_ms + FORWARD_PATIENCE_MS;
	waiter_join(f, w, a);
	ask_begin(f, a, now_ms);
	return true;
}

void forward_refresh(struct forward *f, const struct wanted *wanted, uint64_t now_ms)
{
	if (f->asks_used >= FORWARD_ASKS / 2 || !can_ask(f, wanted, now_ms) || ask_find(f, wanted))
		return;
	ask_begin(f, ask_new(f, wanted, FOR_NOBODY, now_ms), now_ms); /* there is a place */
}

void forward_drop_waiter(struct forward *f, uint16_t waiter)
{
	waiter_free(f, &f->waiters[waiter]);
}

/* ------ loops ------ */

/* Clients write names in small letters, or all in capitals; what is mixed is somebody's defence. */
static bool is_mixed(struct name name)
{
	bool upper = false, lower = false;

	for (unsigned i = 0; i < name.size; i++) {
		upper = upper || (name.octets[i] >= 'A' && name.octets[i] <= 'Z');
		lower = lower || (name.octets[i] >= 'a' && name.octets[i] <= 'z');
	}
	return upper && lower;
}

static unsigned letters_of(struct name name)
{
	unsigned letters = 0;

	for (unsigned i = 0; i < name.size; i++)
		letters += octet_folded[name.octets[i]] >= 'a' &&
			   octet_folded[name.octets[i]] <= 'z';
	return letters;
}

/*
 * In the very letters that were drawn?  With few of them a client may have
 * drawn the same; and who has guessed wrong once does not know them.
 */
static bool is_ours(struct ask *a, struct name name)
{
	if (a->guessed || !is_mixed(name) || letters_of(name) < LOOP_LETTERS)
		return false;
	a->guessed = memcmp(a->name.octets, name.octets, name.size) != 0;
	return !a->guessed;
}

/*
 * Does the very server that was asked ask us the same?  Behind a loopback
 * address are a neighbour's server and our own clients alike; but clients
 * seldom mix letters, and a server that passes questions on does it at once.
 */
static bool is_asked_back(const struct forward *f, const struct ask *a,
			  const struct forward_line *l, struct name name, struct slice peer,
			  uint64_t now_ms)
{
	const struct upstream *u = &f->upstreams[l->upstream];

	if (u->host_size != peer.size || memcmp(u->host, peer.octets, peer.size) != 0)
		return false;
	return !ip_is_loopback(peer) || (is_mixed(name) && now_ms - a->began_ms < FORWARD_LOOP_MS);
}

bool forward_is_loop(struct forward *f, const struct question *q, const struct wanted *wanted,
		     struct slice peer, uint64_t now_ms)
{
	struct ask *a = ask_find(f, wanted);

	if (!a || !name_equal(name_view(&a->name), q->name))
		return false;
	bool is_sure = is_ours(a, q->name), found = false;
	for (unsigned i = 0; i < FORWARD_PER_ROUTE; i++) {
		struct forward_line *l = &a->lines[i];

		if (!l->in_use || l->failed ||
		    !(is_sure || is_asked_back(f, a, l, q->name, peer, now_ms)))
			continue;
		/* An address can be forged: that ends this question, and no more. */
		if (is_sure && !l->looped)
			upstream_looped(&f->upstreams[l->upstream], now_ms);
		l->looped = l->looped || is_sure;
		found = true;
	}
	f->counters.looped += found;
	return found;
}
