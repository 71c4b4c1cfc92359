#include "support/mind.h"
#include "support/looked_ahead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static bool draw(void *self, uint8_t *out, size_t n)
{
	struct mind *s = self;

	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)(s->random_at++ * 37 + 11);
	return true;
}

static bool draw_secret(void *self, uint8_t *out, size_t n)
{
	return !((struct mind *)self)->unseeded && draw(self, out, n);
}

void mind_init(struct mind *s, size_t cache_size, uint32_t stale_s)
{
	const struct siphash_key key = { 11, 12 };
	struct random random = { draw, draw_secret, s };

	static struct kept kept;

	memset(s, 0, sizeof *s);
	world_init(&s->w);
	s->w.responder.kept = &kept; /* so that it looks ahead; what it keeps is forgotten */
	s->now_ms = 1000000;
	s->block = calloc(1, cache_size);
	assert_non_null(s->block);
	cache_init(&s->cache, s->block, cache_size, stale_s, s->now_ms);
	assert_true(routes_init(&s->routes, &world_key));
	csprng_init(&s->random, &random);
	s->room.routes = &s->routes;
	s->room.zones = &s->w.catalog;
	forward_init(&s->forward, &s->cache, &s->routes, &s->room, &s->random, &key);
	s->elsewhere.routes = &s->routes;
	s->elsewhere.cache = &s->cache;
	s->access.networks = s->networks;
	s->w.responder.style = STYLE_MINIMAL;
	s->w.responder.elsewhere = &s->elsewhere;
	s->w.responder.routes = &s->routes;
	s->w.responder.views = &s->views;
	s->w.responder.access = &s->access;
	s->w.responder.refusals = &s->refusals;
}

void mind_free(struct mind *s)
{
	while (s->reply_count > 0)
		free(mind_take_reply(s, 0).octets);
	routes_free(&s->routes);
	world_free(&s->w);
	free(s->block);
	free(s->addresses);
}

/* As a reader does at the end of a round. */
static void name_addresses(struct mind *s)
{
	size_t room = pointers_room(s->w.zones, s->w.count);

	free(s->addresses);
	s->addresses = calloc(1, room + 1);
	assert_non_null(s->addresses);
	s->w.responder.pointers = room ? &s->pointers : NULL;
	if (room)
		assert_true(pointers_open(&s->pointers, s->addresses,
					  pointers_make(s->w.zones, s->w.count, s->addresses)));
}

void mind_zone_for(struct mind *s, const struct network *n)
{
	uint8_t view = (uint8_t)++s->views.count;

	s->views.at[view - 1] = (struct viewer){ *n, view };
	s->w.zones[s->w.count - 1].view = view;
	catalog_free(&s->w.catalog);
	assert_true(catalog_init(&s->w.catalog, s->w.zones, s->w.count, &world_key));
	name_addresses(s);
}

void mind_zone(struct mind *s, const char *origin, const char *text, bool is_overlay)
{
	world_zone(&s->w, origin, text);
	s->w.zones[s->w.count - 1].is_overlay = is_overlay;
	name_addresses(s);
	cache_clear(&s->cache, s->now_ms); /* as app/server does when a name is ours from now on */
}

uint16_t mind_route(struct mind *s, const char *domain, unsigned servers)
{
	struct route_servers list = { .count = (uint8_t)servers };
	struct name_buf name;

	assert_null(name_parse_absolute(domain, &name));
	uint16_t route = routes_add(&s->routes, name_view(&name));
	for (unsigned i = 0; i < servers; i++) {
		const uint8_t host[4] = { 192, 0, 2, (uint8_t)(200 + i) };
		uint16_t upstream = forward_add_upstream(&s->forward, (struct slice){ host, 4 });

		assert_int_not_equal(upstream, FORWARD_NO_INDEX);
		/* Its address tells its number. */
		s->forward.upstreams[upstream].host[3] = (uint8_t)(200 + upstream);
		list.at[i] = (uint8_t)upstream;
	}
	forward_set_servers(&s->forward, route, &list);
	return route;
}

/* ------ replies ------ */

static void put_reply(struct mind *s, const struct mind_client *to, const uint8_t *octets,
		      size_t size)
{
	assert_true(s->reply_count < MIND_REPLIES);
	struct mind_reply *r = &s->replies[s->reply_count++];
	*r = (struct mind_reply){ .port = to->port, .tcp = to->tcp, .size = size };
	memcpy(r->peer_octets, to->address, to->size);
	r->octets = malloc(size);
	memcpy(r->octets, octets, size);
}

static struct request request_of(const struct mind *s, const struct mind_client *from,
				 const uint8_t *query, size_t size)
{
	return (struct request){
		.octets = query,
		.size = size,
		.via = from->tcp ? VIA_TCP : VIA_UDP,
		.peer = { from->address, from->size },
		.now_s = s->w.now_s,
		.now_ms = s->now_ms,
		.arrived_ms = s->now_ms,
	};
}

static uint8_t reply[MESSAGE_MAX_SIZE];

static size_t room_for(const struct mind_client *to)
{
	return to->tcp ? RESPOND_MAX_SIZE : RESPOND_UDP_SIZE;
}

/* ------ actions ------ */

static void answer_waiter(struct mind *s, uint16_t waiter)
{
	const struct waiter *w = forward_waiter(&s->forward, waiter);
	const struct mind_client to = s->ways[waiter];
	struct request req = request_of(s, &to, w->query, w->size);
	struct response what;

	req.arrived_ms = w->arrived_ms;
	req.patient = w->patient;
	enum outcome outcome = respond(&s->w.responder, &req, reply, room_for(&to), &what);
	if (outcome == OUTCOME_WAIT) {
		if (forward_wait_on(&s->forward, waiter, &s->elsewhere.wanted, s->now_ms))
			return;
		req.patient = true;
		outcome = respond(&s->w.responder, &req, reply, room_for(&to), &what);
	}
	assert_int_equal(outcome, OUTCOME_REPLY);
	put_reply(s, &to, reply, what.size);
	forward_drop_waiter(&s->forward, waiter);
}

static void send_packet(struct mind *s, const struct forward_action *a, bool tcp)
{
	bool is_new = s->forward.asks[a->ask].lines[a->line].packets == 1 && !tcp;

	if (s->no_sockets && !tcp) {
		forward_no_socket(&s->forward, a->ask, a->line, s->now_ms);
		return;
	}
	s->open_sockets += is_new;
	if (s->open_sockets > s->most_sockets)
		s->most_sockets = s->open_sockets;
	assert_true(s->sent_count < MIND_SENT);
	struct mind_packet *p = &s->sent[s->sent_count++];
	*p = (struct mind_packet){ .ask = a->ask,
				   .line = a->line,
				   .upstream = a->upstream,
				   .tcp = tcp,
				   .sent_ms = s->now_ms };
	p->size = forward_packet(&s->forward, a->ask, a->line, p->octets, s->now_ms);
	s->sent_ever++;
}

static void act(struct mind *s)
{
	struct forward_action a;

	while (forward_next(&s->forward, &a)) {
		switch ((enum forward_act)a.act) {
		case FORWARD_SEND:
			send_packet(s, &a, false);
			break;
		case FORWARD_STREAM:
			send_packet(s, &a, true);
			break;
		case FORWARD_RELEASE:
			assert_true(s->open_sockets > 0);
			s->open_sockets--;
			break;
		case FORWARD_READY:
			answer_waiter(s, a.waiter);
			break;
		}
	}
}

/* ------ events ------ */

void mind_ask(struct mind *s, const struct mind_client *from, const uint8_t *query, size_t size)
{
	struct request req = request_of(s, from, query, size);
	const struct forward_client client = { req.peer, from->port };
	struct responder *responder = &s->w.responder;
	struct response what;
	struct prepared p;
	uint16_t waiter;

	kept_clear(responder->kept);
	prepare_ahead(responder, &req, &p);
	enum outcome outcome = respond_prepared(responder, &req, &p, reply, room_for(from), &what);
	if (outcome == OUTCOME_WAIT) {
		bool loop = forward_is_loop(&s->forward, &what.query.question, &s->elsewhere.wanted,
					    req.peer, s->now_ms);
		enum forward_outcome waits = FORWARD_NO_ROOM;

		if (!loop)
			waits = forward_wait(&s->forward, &what.query, &s->elsewhere.wanted,
					     &client, s->now_ms, &waiter);
		if (waits == FORWARD_WAITS)
			s->ways[waiter] = *from;
		if (waits == FORWARD_NO_ROOM) {
			req.patient = true;
			outcome =
				respond_prepared(responder, &req, &p, reply, room_for(from), &what);
		}
	}
	if (outcome == OUTCOME_REPLY) {
		put_reply(s, from, reply, what.size);
		if (what.refresh)
			forward_refresh(&s->forward, &s->elsewhere.wanted, s->now_ms);
	}
	act(s);
}

void mind_datagram(struct mind *s, const struct mind_packet *to, const uint8_t *octets, size_t size)
{
	forward_datagram(&s->forward, to->ask, to->line, (struct slice){ octets, size }, s->now_ms);
	act(s);
}

void mind_stream(struct mind *s, uint8_t upstream, const uint8_t *octets, size_t size)
{
	forward_stream(&s->forward, upstream, (struct slice){ octets, size }, s->now_ms);
	act(s);
}

void mind_stream_ended(struct mind *s, uint8_t upstream, enum forward_end how)
{
	forward_stream_ended(&s->forward, upstream, how, s->now_ms);
	act(s);
}

void mind_unreachable(struct mind *s, const struct mind_packet *to)
{
	forward_unreachable(&s->forward, to->ask, to->line, s->now_ms);
	act(s);
}

void mind_wait(struct mind *s, uint64_t ms)
{
	uint64_t end_ms = s->now_ms + ms;

	while (s->now_ms < end_ms) {
		int timeout = forward_timeout_ms(&s->forward, s->now_ms);
		uint64_t left = end_ms - s->now_ms;

		s->now_ms += timeout >= 0 && (uint64_t)timeout < left ? (uint64_t)timeout : left;
		forward_tick(&s->forward, s->now_ms);
		cache_tick(&s->cache, s->now_ms);
		act(s);
	}
}

struct mind_packet mind_take_sent(struct mind *s, size_t n)
{
	struct mind_packet p = s->sent[n];

	memmove(&s->sent[n], &s->sent[n + 1], (--s->sent_count - n) * sizeof p);
	return p;
}

struct mind_reply mind_take_reply(struct mind *s, size_t n)
{
	struct mind_reply r = s->replies[n];

	memmove(&s->replies[n], &s->replies[n + 1], (--s->reply_count - n) * sizeof r);
	return r;
}
