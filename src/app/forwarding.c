/*
 * forwarding.c -- a server's way to upstream servers.
 *
 * What serve/forward wants done is done here: it knows asks and lines, and
 * this file which socket and which address belong to them.
 */
#include "app/forwarding.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
	COMPLAIN_MS = 10000,
	LOOP_MS = 60000, /* a loop is somebody's mistake, and stays one until it is mended */
	BLOCKED_MS =
		1000, /* a line about a blocked name in this time; each name is kept for a minute */
	TELL_MS = 1000, /* how often the state of the upstream servers is looked at */
};

void complain(struct complaint *c, uint64_t count, const char *what, uint64_t now_ms)
{
	unsigned suppressed;

	if (count == c->told ||
	    !log_allowed(&c->limit, now_ms, c->every_ms ? c->every_ms : COMPLAIN_MS, &suppressed))
		return;
	log_write(LEVEL_WARNING, "%s: %u times", what, (unsigned)(count - c->told));
	c->told = count;
}

/* ------ start ------ */

static bool add_routes(struct forwarding *w)
{
	for (size_t i = 0; i < w->config->forward_count; i++) {
		const struct forward_config *f = &w->config->forwards[i];
		struct name domain = name_view(&f->domain);

		w->route_of[i] = ROUTE_NONE;
		if (!f->is_blocked)
			w->route_of[i] = routes_add(&w->routes, domain);
		else if (!name_is_root(domain) && !routes_block(&w->routes, domain))
			return false;
		if (!f->is_blocked && w->route_of[i] == ROUTE_NONE)
			return false;
	}
	for (size_t i = 0; i < w->config->private_ok_count; i++)
		if (!routes_trust(&w->routes, name_view(&w->config->private_ok[i])))
			return false;
	return true;
}

static bool make_cache(struct forwarding *w, uint64_t now_ms)
{
	void *block = mmap(NULL, w->config->cache_size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (block == MAP_FAILED)
		return false;
	w->cache_block = block;
	cache_init(&w->cache, block, w->config->cache_size, w->config->stale_s, now_ms);
	return true;
}

bool forwarding_init(struct forwarding *w, const struct forwarding_setup *setup, uint64_t now_ms)
{
	uint8_t octets[32];

	w->config = setup->config;
	w->sockets = setup->sockets;
	csprng_init(&w->random, &setup->random);
	if (!random_fill(&setup->random, octets, sizeof octets) ||
	    !routes_init(&w->routes, setup->zone_key) || !add_routes(w))
		return false;
	w->refusals.key = siphash_key(octets);
	w->access.everybody = w->config->allow_everybody;
	if (!is_forwarding(w))
		return true;
	if (!make_cache(w, now_ms))
		return false;
	w->looped.every_ms = LOOP_MS;
	w->elsewhere.routes = &w->routes;
	w->elsewhere.cache = &w->cache;
	w->room.routes = &w->routes;
	w->room.zones = setup->zones;
	w->room.trust_ad = w->config->trust_ad;
	const struct siphash_key key = siphash_key(octets + 16);
	forward_init(&w->forward, &w->cache, &w->routes, &w->room, &w->random, &key);
	outgoing_init(&w->outgoing, w->sockets, &w->random);
	streams_init(&w->streams, w->sockets);
	return true;
}

void forwarding_free(struct forwarding *w)
{
	if (w->elsewhere.cache) { /* it was prepared to the end */
		outgoing_free(&w->outgoing);
		streams_free(&w->streams);
		munmap(w->cache_block, w->config->cache_size);
	}
	if (w->around)
		sealed_unmap(w->around, sizeof *w->around);
	routes_free(&w->routes);
}

/* ------ surroundings ------ */

static struct slice host_of(const struct address *a)
{
	return (struct slice){ a->octets, a->family == ADDRESS_IP4 ? 4 : 16 };
}

/* The number of an upstream server with this address, new if need be. */
static uint16_t find_upstream(struct forwarding *w, const struct address *a)
{
	for (uint16_t i = 0; i < FORWARD_UPSTREAMS; i++)
		if (w->forward.upstreams[i].in_use && address_equal(&w->addresses[i], a))
			return i;
	uint16_t number = forward_add_upstream(&w->forward, host_of(a));
	if (number != FORWARD_NO_INDEX) {
		w->addresses[number] = *a;
		w->told_down &= ~(UINT64_C(1) << number);
	}
	return number;
}

static bool is_listed(const struct surroundings *around, size_t forwards, const struct address *a)
{
	for (size_t i = 0; i < forwards; i++)
		for (uint32_t k = 0; k < around->servers[i].count; k++)
			if (address_equal(&around->servers[i].at[k], a))
				return true;
	return false;
}

/* Those that nobody names any more; one that is being asked stays until next time. */
static void drop_upstreams(struct forwarding *w, const struct surroundings *around)
{
	for (uint8_t i = 0; i < FORWARD_UPSTREAMS; i++) {
		if (!w->forward.upstreams[i].in_use ||
		    is_listed(around, w->config->forward_count, &w->addresses[i]))
			continue;
		if (!forward_drop_upstream(&w->forward, i))
			continue;
		outgoing_forget(&w->outgoing, i);
		streams_forget(&w->streams, i);
	}
}

static void set_servers(struct forwarding *w, size_t forward, const struct surrounding_servers *s)
{
	struct route_servers servers = { .count = 0 };
	uint16_t route = w->route_of[forward];

	for (uint32_t i = 0; i < s->count; i++) {
		uint16_t upstream = find_upstream(w, &s->at[i]);

		if (upstream == FORWARD_NO_INDEX)
			log_write(LEVEL_ERROR, "more than %d upstream servers: some are left out",
				  FORWARD_UPSTREAMS);
		else
			servers.at[servers.count++] = (uint8_t)upstream;
	}
	forward_set_servers(&w->forward, route, &servers);
	/* Nobody to ask is as good as no route: such names are refused, not failures. */
	if (name_is_root(name_view(&w->config->forwards[forward].domain)))
		w->routes.root_is_empty = servers.count == 0;
}

void forwarding_take(struct forwarding *w, const struct surroundings *around, uint64_t now_ms)
{
	w->access.networks = around->networks;
	w->access.count = around->network_count;
	if (is_forwarding(w)) {
		drop_upstreams(w, around);
		for (size_t i = 0; i < w->config->forward_count; i++)
			if (w->route_of[i] != ROUTE_NONE)
				set_servers(w, i, &around->servers[i]);
		outgoing_limit(&w->outgoing, around->port_burst, around->port_rate, now_ms);
	}
	if (w->around)
		sealed_unmap(w->around, sizeof *w->around);
	w->around = around;
}

/* ------ clients ------ */

enum forward_outcome forwarding_wait(struct forwarding *w, const struct query *q,
				     const struct way_back *back, uint64_t now_ms)
{
	const struct forward_client client = { host_of(&back->peer), back->peer.port };
	const struct wanted *wanted = &w->elsewhere.wanted;
	uint16_t waiter;

	if (forward_is_loop(&w->forward, &q->question, wanted, client.address, now_ms))
		return FORWARD_NO_ROOM;
	enum forward_outcome outcome =
		forward_wait(&w->forward, q, wanted, &client, now_ms, &waiter);
	if (outcome == FORWARD_WAITS)
		w->ways[waiter] = *back;
	return outcome;
}

/* ------ what is to be done ------ */

static uint32_t pack_line(uint16_t ask, uint8_t line)
{
	return (uint32_t)ask << 8 | line;
}

static void send_packet(struct forwarding *w, const struct forward_action *a, uint64_t now_ms)
{
	uint8_t packet[FORWARD_PACKET_MAX];
	size_t n = forward_packet(&w->forward, a->ask, a->line, packet, now_ms);
	uint16_t *slot = &w->slots[a->ask][a->line];

	/* A question that is repeated leaves by the port that waits for its answer already. */
	if (w->forward.asks[a->ask].lines[a->line].packets > 1 && *slot != 0) {
		if (!outgoing_again(&w->outgoing, (uint16_t)(*slot - 1), packet, n))
			forward_unreachable(&w->forward, a->ask, a->line, now_ms);
		return;
	}
	int got = outgoing_send(&w->outgoing, a->upstream, &w->addresses[a->upstream], packet, n,
				now_ms);
	*slot = got >= 0 ? (uint16_t)(got + 1) : 0;
	if (got >= 0)
		w->line_of[got] = pack_line(a->ask, a->line);
	else if (got == OUTGOING_UNREACHABLE)
		forward_unreachable(&w->forward, a->ask, a->line, now_ms);
	else
		forward_no_socket(&w->forward, a->ask, a->line, now_ms);
}

static void release(struct forwarding *w, const struct forward_action *a, uint64_t now_ms)
{
	uint16_t *slot = &w->slots[a->ask][a->line];

	if (*slot != 0)
		outgoing_release(&w->outgoing, (uint16_t)(*slot - 1), a->clean, now_ms);
	*slot = 0;
}

static void send_by_stream(struct forwarding *w, const struct forward_action *a, uint64_t now_ms)
{
	uint8_t packet[FORWARD_PACKET_MAX];
	size_t n = forward_packet(&w->forward, a->ask, a->line, packet, now_ms);

	switch (streams_send(&w->streams, a->upstream, &w->addresses[a->upstream], packet, n,
			     now_ms)) {
	case STREAM_TAKEN:
		break;
	case STREAM_FULL:
		forward_stream_full(&w->forward, a->ask, a->line, now_ms);
		break;
	case STREAM_NONE:
		forward_stream_ended(&w->forward, a->upstream, FORWARD_END_FAILED, now_ms);
		break;
	}
}

static bool act(struct forwarding *w, const struct forward_action *a, uint64_t now_ms)
{
	switch ((enum forward_act)a->act) {
	case FORWARD_SEND:
		send_packet(w, a, now_ms);
		break;
	case FORWARD_RELEASE:
		release(w, a, now_ms);
		break;
	case FORWARD_STREAM:
		send_by_stream(w, a, now_ms);
		break;
	case FORWARD_READY:
		return true;
	}
	return false;
}

/* ------ a turn ------ */

size_t forwarding_poll_fds(struct forwarding *w, struct pollfd *fds, size_t max)
{
	w->outgoing_fds = outgoing_poll_fds(&w->outgoing, fds, max);
	return w->outgoing_fds +
	       streams_poll_fds(&w->streams, fds + w->outgoing_fds, max - w->outgoing_fds);
}

static int sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

int forwarding_timeout_ms(const struct forwarding *w, uint64_t now_ms)
{
	int first = forward_timeout_ms(&w->forward, now_ms);

	first = sooner(first, outgoing_timeout_ms(&w->outgoing, now_ms));
	if (w->has_news)
		first = sooner(first, TELL_MS);
	return sooner(first, streams_timeout_ms(&w->streams, now_ms));
}

static void take_datagram(struct forwarding *w, const struct outgoing_event *e, uint64_t now_ms)
{
	uint16_t ask = (uint16_t)(w->line_of[e->slot] >> 8);
	uint8_t line = (uint8_t)w->line_of[e->slot];

	if (e->unreachable)
		forward_unreachable(&w->forward, ask, line, now_ms);
	else
		forward_datagram(&w->forward, ask, line, e->message, now_ms);
}

static void take_stream(struct forwarding *w, const struct stream_event *e, uint64_t now_ms)
{
	if (!e->ended)
		forward_stream(&w->forward, e->server, e->message, now_ms);
	else
		forward_stream_ended(&w->forward, e->server,
				     e->again    ? FORWARD_END_AGAIN
				     : e->silent ? FORWARD_END_SILENT
						 : FORWARD_END_FAILED,
				     now_ms);
}

/*
 * The next thing that happened: a datagram, something by TCP, and at last that
 * time has passed, so that an answer which came in time is not too late.
 */
static bool hear_next(struct forwarding *w, uint64_t now_ms)
{
	struct outgoing_event datagram;
	struct stream_event stream;

	if (outgoing_receive(&w->outgoing, w->fds, w->outgoing_fds, &datagram)) {
		take_datagram(w, &datagram, now_ms);
	} else if (streams_next(&w->streams, &stream, now_ms)) {
		take_stream(w, &stream, now_ms);
	} else if (!w->ticked) {
		w->ticked = true;
		forward_tick(&w->forward, now_ms);
		outgoing_tick(&w->outgoing, now_ms);
		cache_tick(&w->cache, now_ms);
	} else {
		return false;
	}
	return true;
}

void forwarding_turn(struct forwarding *w, const struct pollfd *fds, size_t n, uint64_t now_ms)
{
	w->fds = fds;
	w->ticked = false;
	streams_turn(&w->streams, fds + w->outgoing_fds, n - w->outgoing_fds, now_ms);
}

bool forwarding_next(struct forwarding *w, uint16_t *waiter, uint64_t now_ms)
{
	struct forward_action a;

	/* Whoever can go on goes on before the next message: the cache may not keep it for long. */
	do {
		while (forward_next(&w->forward, &a)) {
			if (act(w, &a, now_ms)) {
				*waiter = a.waiter;
				return true;
			}
		}
	} while (hear_next(w, now_ms));
	return false;
}

/* ------ telling ------ */

/* Once for each change: an upstream server that went away, or came back. */
static void tell_states(struct forwarding *w, uint64_t now_ms)
{
	for (unsigned i = 0; i < FORWARD_UPSTREAMS; i++) {
		const struct upstream *u = &w->forward.upstreams[i];
		uint64_t bit = UINT64_C(1) << i;
		bool is_down = u->in_use && upstream_is_down(u, now_ms);
		char room[ADDRESS_TEXT_MAX];
		struct text text = text_init(room, sizeof room);

		if (is_down == ((w->told_down & bit) != 0))
			continue;
		w->told_down ^= bit;
		address_print(&w->addresses[i], &text);
		if (is_down)
			log_write(LEVEL_WARNING, "upstream server %s does not answer", room);
		else if (u->in_use)
			log_write(LEVEL_NOTICE, "upstream server %s answers again", room);
	}
}

static void tell_blocked(struct forwarding *w, uint64_t now_ms)
{
	char room[NAME_MAX_TEXT];
	struct text text = text_init(room, sizeof room);
	unsigned suppressed;

	if (w->forward.counters.blocked == w->blocked_told ||
	    !log_allowed(&w->blocked_limit, now_ms, BLOCKED_MS, &suppressed))
		return;
	w->blocked_told = w->forward.counters.blocked;
	name_print(name_view(&w->forward.blocked), &text);
	log_write(LEVEL_WARNING,
		  "%s has a private address, which a public name should not have: blocked "
		  "('private-ok' allows it)",
		  room);
}

static void tell_trouble(struct forwarding *w, uint64_t now_ms)
{
	const struct forward_counters *c = &w->forward.counters;

	complain(&w->forged, c->forged, "packets that pretend to be answers", now_ms);
	complain(&w->refused, c->refused, "too many questions at once: not asked upstream", now_ms);
	complain(&w->looped, c->looped, "a question came back to us: forwarding loop", now_ms);
	complain(&w->unseeded, c->unseeded,
		 "nothing is asked upstream before the system has randomness", now_ms);
}

static bool has_trouble_to_tell(const struct forwarding *w)
{
	const struct forward_counters *c = &w->forward.counters;

	return c->forged != w->forged.told || c->refused != w->refused.told ||
	       c->looped != w->looped.told || c->unseeded != w->unseeded.told;
}

void forwarding_flush(struct forwarding *w, uint64_t now_ms)
{
	streams_flush(&w->streams, now_ms);
	tell_blocked(w, now_ms);
	if (now_ms >= w->told_ms + TELL_MS) {
		w->told_ms = now_ms;
		tell_states(w, now_ms);
		tell_trouble(w, now_ms);
	}
	w->has_news = has_trouble_to_tell(w);
}

void forwarding_log(const struct forwarding *w, uint64_t now_ms)
{
	for (unsigned i = 0; i < FORWARD_UPSTREAMS; i++) {
		const struct upstream *u = &w->forward.upstreams[i];
		char room[ADDRESS_TEXT_MAX];
		struct text text = text_init(room, sizeof room);

		if (!u->in_use)
			continue;
		address_print(&w->addresses[i], &text);
		log_write(LEVEL_NOTICE, "upstream server %s: %s, round trip %u ms", room,
			  upstream_is_down(u, now_ms) ? "down"
			  : u->answered_ms            ? "well"
						      : "not asked yet",
			  u->srtt_8 / 8);
	}
	const struct cells *cells = &w->cache.cells;
	log_write(LEVEL_NOTICE, "cache: %u of %u KiB in use",
		  (unsigned)((uint64_t)cells->used * CELL_SIZE / 1024),
		  (unsigned)((uint64_t)cells->count * CELL_SIZE / 1024));
}
