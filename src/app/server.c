/*
 * server.c -- the one who answers: a turn of the loop, and what each finds.
 *
 * One loop around poll(): what the loader says, what upstream servers say,
 * datagrams in batches, TCP.  A zone is swapped between two turns, so every
 * answer comes from one version of it.
 */
#include "app/server.h"
#include "dns/rrtype.h"
#include "serve/ahead.h"

enum {
	UDP_TURNS = 4, /* batches from one socket before the others have theirs */
};

/* ------ what the loader says ------ */

static void take_zone(struct server *s, const struct server_message *m, const void *block)
{
	bool is_new = mapped_take_zone(&s->mapped, m->zone, block, (size_t)m->size);

	/* Other names are ours now: what others have said of them is not heard any more. */
	if (is_new && is_forwarding(&s->forwarding))
		cache_clear(&s->forwarding.cache, clock_now_ms(&s->setup->clock));
}

static void take_surroundings(struct server *s, const struct surroundings *around)
{
	if (around) {
		s->responder.views = &around->views;
		forwarding_take(&s->forwarding, around, clock_now_ms(&s->setup->clock));
	} else {
		log_write(LEVEL_ERROR, "the surroundings cannot be mapped: they stay as they were");
	}
}

void server_hear(struct server *s, const struct server_message *m, const void *block)
{
	kept_clear(&s->kept); /* whatever it is, something may be answered differently now */
	switch ((enum server_kind)m->kind) {
	case SERVER_ZONE:
		take_zone(s, m, block);
		break;
	case SERVER_POINTERS:
		mapped_take_pointers(&s->mapped, block, (size_t)m->size);
		s->responder.pointers = s->mapped.pointers.header ? &s->mapped.pointers : NULL;
		break;
	case SERVER_SURROUNDINGS:
		take_surroundings(s, block);
		break;
	case SERVER_READY:
		s->ready = true;
		break;
	case SERVER_LOADED:
		s->responder.loading = false;
		break;
	case SERVER_TELL:
		if (is_forwarding(&s->forwarding))
			forwarding_log(&s->forwarding, clock_now_ms(&s->setup->clock));
		break;
	}
}

/* ------ queries ------ */

/* "query[A] nas.home.arpa. from 10.8.0.5 -> NOERROR 45 udp" */
static void log_query(const struct response *what, const struct address *peer, const char *via)
{
	char room[LOG_LINE_MAX];
	struct text line = text_init(room, sizeof room);
	const char *rcode = rcode_text(what->rcode);

	text_put(&line, "query[");
	if (what->verdict == VERDICT_HEADER) {
		text_put(&line, "?] ?");
	} else {
		rrtype_print(what->query.question.type, &line);
		text_put(&line, "] ");
		name_print(what->query.question.name, &line);
	}
	text_put(&line, " from ");
	address_print_host(peer, &line);
	text_format(&line, " -> %s %zu %s%s%s", rcode ? rcode : "?", what->size, via,
		    what->truncated ? " tc" : "", what->is_local ? "" : " upstream");
	log_write(LEVEL_NOTICE, "%s", room);
}

static void count_reply(struct server_counters *c, const struct response *what)
{
	if (what->rcode < sizeof c->rcodes / sizeof c->rcodes[0])
		c->rcodes[what->rcode]++;
	c->truncated += what->truncated;
	c->elsewhere += !what->is_local;
}

/* What became of a query is counted and logged: the size of the reply, 0 for none. */
static size_t finish(struct server *s, enum outcome outcome, const struct response *what,
		     const struct address *peer, enum via via)
{
	if (outcome != OUTCOME_REPLY) {
		s->setup->counters->dropped++;
		return 0;
	}
	count_reply(s->setup->counters, what);
	if (s->setup->config->log_queries)
		log_query(what, peer, via == VIA_UDP ? "udp" : "tcp");
	if (what->refresh)
		forward_refresh(&s->forwarding.forward, &s->forwarding.elsewhere.wanted, s->now_ms);
	return what->size;
}

/* Who asks, in one of two ways. */
struct asker {
	const struct listener *listener; /* NULL: by TCP */
	const struct datagram *datagram;
	const struct tcp_message *message;
};

static const struct address *peer_of(const struct asker *by)
{
	return by->listener ? &by->datagram->peer : by->message->peer;
}

/* What has to be known of the asker once the turn is over. */
static struct way_back way_back_to(const struct asker *by)
{
	if (by->listener)
		return (struct way_back){ by->listener,
					  { udp_origin(by->datagram) },
					  *peer_of(by),
					  by->datagram->interface };
	return (struct way_back){
		NULL, { .tcp = by->message->id }, *peer_of(by), by->message->interface
	};
}

/*
 * Answers a request into out[0..room): the octets written, 0 for no reply.
 * False when the reply comes later.
 */
static bool answer(struct server *s, struct request *req, struct prepared *p,
		   const struct asker *by, uint8_t *out, size_t room, size_t *size)
{
	struct response what;
	enum outcome outcome = respond_prepared(&s->responder, req, p, out, room, &what);

	*size = 0;
	if (outcome == OUTCOME_WAIT) {
		const struct way_back back = way_back_to(by);

		switch (forwarding_wait(&s->forwarding, &what.query, &back, s->now_ms)) {
		case FORWARD_WAITS:
			return false;
		case FORWARD_SILENT:
			return true;
		case FORWARD_NO_ROOM:
			break;
		}
		req->patient = true;
		outcome = respond_prepared(&s->responder, req, p, out, room, &what);
	}
	*size = finish(s, outcome, &what, peer_of(by), req->via);
	return true;
}

/* A request of this turn. */
static void begin_request(struct request *req, const struct server *s, enum via via,
			  struct slice query, const struct address *peer, uint32_t interface)
{
	req->octets = query.octets;
	req->size = query.size;
	req->via = via;
	req->peer = address_slice(peer);
	req->interface = interface;
	req->now_s = s->wall_s;
	req->now_ms = s->now_ms;
	req->arrived_ms = s->now_ms;
	req->patient = false;
}

static void answer_batch(struct server *s, const struct listener *l)
{
	struct request requests[UDP_BATCH];
	struct prepared *prepared = s->prepared;
	size_t count = s->batch.count;

	for (size_t i = 0; i < count; i++) {
		const struct datagram *d = &s->batch.datagrams[i];
		const struct slice query = { d->query, d->truncated ? 0 : d->size };

		begin_request(&requests[i], s, VIA_UDP, query, &d->peer, d->interface);
		respond_prepare(&s->responder, &requests[i], &prepared[i]);
	}
	if (count > 1) /* while one is fetched, something has to be done for another */
		look_ahead(&s->responder, requests, prepared, count);
	for (size_t i = 0; i < count; i++) {
		struct datagram *d = &s->batch.datagrams[i];
		const struct asker by = { l, d, NULL };
		size_t room, size;
		uint8_t *out = udp_reply_room(&s->batch, &room);

		(void)answer(s, &requests[i], &prepared[i], &by, out, room, &size);
		udp_reply_commit(&s->batch, d, size);
	}
	s->setup->counters->queries_udp += count;
}

static void serve_udp(struct server *s, const struct listener *l)
{
	int turns = UDP_TURNS;

	do {
		udp_receive(s->setup->sockets, l, &s->batch);
		answer_batch(s, l);
		udp_send(s->setup->sockets, l, &s->batch);
	} while (s->batch.more && --turns > 0);
}

static void serve_tcp(struct server *s)
{
	struct tcp_message m;

	while (tcp_next(&s->tcp, &m)) {
		const struct asker by = { NULL, NULL, &m };
		struct request req;
		struct prepared p;
		size_t room, size = 0;
		uint8_t *out = tcp_reply_room(&s->tcp, m.id, &room);

		begin_request(&req, s, VIA_TCP, (struct slice){ m.octets, m.size }, m.peer,
			      m.interface);
		respond_prepare(&s->responder, &req, &p);
		if (!out || answer(s, &req, &p, &by, out, room, &size))
			tcp_reply_commit(&s->tcp, m.id, size);
		s->setup->counters->queries_tcp++;
	}
}

/* ------ queries that have waited ------ */

static uint8_t *room_for(struct server *s, const struct way_back *back, size_t *room)
{
	if (!back->listener)
		return tcp_reply_room(&s->tcp, back->to.tcp, room);
	*room = UDP_LATE_MAX;
	return udp_late_room(&s->late);
}

static void send_back(struct server *s, const struct way_back *back, size_t size)
{
	if (back->listener)
		udp_late_commit(s->setup->sockets, &s->late, back->listener, &back->to.udp, size);
	else
		tcp_reply_commit(&s->tcp, back->to.tcp, size);
}

/* Answers it as if it had just come; it may turn out that something else is missing. */
static void answer_waiter(struct server *s, uint16_t waiter)
{
	const struct waiter *w = forward_waiter(&s->forwarding.forward, waiter);
	const struct way_back *back = &s->forwarding.ways[waiter];
	enum via via = back->listener ? VIA_UDP : VIA_TCP;
	struct request req;
	struct response what;
	enum outcome outcome = OUTCOME_DROP;
	size_t room;
	uint8_t *out = room_for(s, back, &room);

	begin_request(&req, s, via, (struct slice){ w->query, w->size }, &back->peer,
		      back->interface);
	req.arrived_ms = w->arrived_ms;
	req.patient = w->patient;
	if (out)
		outcome = respond(&s->responder, &req, out, room, &what);
	if (outcome == OUTCOME_WAIT) {
		if (forward_wait_on(&s->forwarding.forward, waiter, &s->forwarding.elsewhere.wanted,
				    s->now_ms))
			return;
		req.patient = true;
		outcome = respond(&s->responder, &req, out, room, &what);
	}
	send_back(s, back, finish(s, outcome, &what, &back->peer, via));
	forward_drop_waiter(&s->forwarding.forward, waiter);
}

static void answer_waiters(struct server *s)
{
	uint16_t waiter;

	while (forwarding_next(&s->forwarding, &waiter, s->now_ms))
		answer_waiter(s, waiter);
	udp_late_send(s->setup->sockets, &s->late);
}

/* ------ complaints ------ */

static void tell_trouble(struct server *s, uint64_t now_ms)
{
	complain(&s->unsent, s->batch.counters.unsent + s->late.unsent,
		 "replies that the system did not take", now_ms);
	complain(&s->no_descriptor, s->tcp.counters.no_descriptor,
		 "no descriptor left for a TCP connection", now_ms);
}

/* ------ the loop ------ */

/* What to wait for: the loader, upstream servers, each UDP socket, then whatever TCP has. */
static size_t fill_poll(struct server *s)
{
	size_t n = 0;

	s->fds[n++] = (struct pollfd){ .fd = s->setup->channel, .events = POLLIN };
	if (!s->ready)
		return n;
	if (is_forwarding(&s->forwarding))
		n += forwarding_poll_fds(&s->forwarding, s->fds + n, FORWARDING_POLL_MAX);
	s->udp_first = n;
	for (size_t i = 0; i < s->setup->listener_count; i++)
		if (s->setup->listeners[i].transport == TRANSPORT_UDP)
			s->fds[n++] = (struct pollfd){ .fd = s->setup->listeners[i].fd,
						       .events = POLLIN };
	s->tcp_first = n;
	return n + tcp_poll_fds(&s->tcp, s->fds + n, SERVER_POLL_MAX - n, s->now_ms);
}

static int timeout_ms(const struct server *s)
{
	int tcp_ms = tcp_timeout_ms(&s->tcp, s->now_ms);
	int forwarding_ms = is_forwarding(&s->forwarding)
				    ? forwarding_timeout_ms(&s->forwarding, s->now_ms)
				    : -1;

	if (tcp_ms < 0 || forwarding_ms < 0)
		return tcp_ms < 0 ? forwarding_ms : tcp_ms;
	return tcp_ms < forwarding_ms ? tcp_ms : forwarding_ms;
}

static void serve_ready_udp(struct server *s)
{
	size_t at = s->udp_first;

	for (size_t i = 0; i < s->setup->listener_count; i++) {
		if (s->setup->listeners[i].transport != TRANSPORT_UDP)
			continue;
		if (s->fds[at++].revents)
			serve_udp(s, &s->setup->listeners[i]);
	}
}

static void count(struct server *s)
{
	const struct forward_counters *f = &s->forwarding.forward.counters;
	struct server_counters *c = s->setup->counters;

	c->tcp_connections = s->tcp.counters.accepted;
	c->sent_failed = s->batch.counters.unsent + s->late.unsent;
	c->asks = f->asks;
	c->packets = f->packets + f->streams;
	c->forged = f->forged;
	c->looped = f->looped;
}

/* What poll() has found. */
static void serve(struct server *s)
{
	size_t tcp_count = s->polled - s->tcp_first;

	if (is_forwarding(&s->forwarding)) {
		forwarding_turn(&s->forwarding, s->fds + 1, s->udp_first - 1, s->now_ms);
		answer_waiters(s);
	}
	serve_ready_udp(s);
	tcp_turn(&s->tcp, s->fds + s->tcp_first, tcp_count, s->now_ms);
	serve_tcp(s);
	if (is_forwarding(&s->forwarding)) {
		answer_waiters(s);
		forwarding_flush(&s->forwarding, s->now_ms);
	}
	tcp_flush(&s->tcp, s->now_ms);
	count(s);
	tell_trouble(s, s->now_ms);
}

bool server_wait(struct server *s)
{
	const struct clock *clock = &s->setup->clock;
	const struct sockets *sockets = s->setup->sockets;

	s->now_ms = clock_now_ms(clock);
	s->polled = fill_poll(s);
	if (sockets->poll(sockets->self, s->fds, s->polled, timeout_ms(s)) < 0)
		return false;
	s->now_ms = clock_now_ms(clock);
	s->wall_s = (uint32_t)clock_wall_s(clock);
	return true;
}

void server_serve(struct server *s)
{
	if (s->ready && s->polled > 1)
		serve(s);
}

bool server_finish(struct server *s)
{
	const struct clock *clock = &s->setup->clock;
	const struct sockets *sockets = s->setup->sockets;

	if (s->forwarding.forward.waiters_used == 0)
		return false;
	s->now_ms = clock_now_ms(clock);
	size_t n = forwarding_poll_fds(&s->forwarding, s->fds, FORWARDING_POLL_MAX);
	if (sockets->poll(sockets->self, s->fds, n,
			  forwarding_timeout_ms(&s->forwarding, s->now_ms)) < 0)
		return true; /* a signal */
	s->now_ms = clock_now_ms(clock);
	forwarding_turn(&s->forwarding, s->fds, n, s->now_ms);
	answer_waiters(s);
	forwarding_flush(&s->forwarding, s->now_ms);
	tcp_flush(&s->tcp, s->now_ms);
	return true;
}

/* ------ start and end ------ */

static bool start_tcp(struct server *s)
{
	const struct tcp_limits limits = { TCP_CONNECTIONS, TCP_PER_PREFIX };

	if (!tcp_init(&s->tcp, s->setup->sockets, &limits))
		return false;
	for (size_t i = 0; i < s->setup->listener_count; i++)
		if (s->setup->listeners[i].transport == TRANSPORT_TCP)
			tcp_listen(&s->tcp, &s->setup->listeners[i]);
	return true;
}

bool server_init(struct server *s, const struct server_setup *setup)
{
	const struct forwarding_setup forwarding = {
		.config = setup->config,
		.zones = &s->mapped.catalog,
		.sockets = setup->sockets,
		.zone_key = &setup->zone_key,
		.random = setup->random,
	};

	s->setup = setup;
	if (!mapped_init(&s->mapped, setup->config, &setup->zone_key) ||
	    !forwarding_init(&s->forwarding, &forwarding, clock_now_ms(&setup->clock)) ||
	    !start_tcp(s))
		return false;
	s->responder = (struct responder){
		.zones = &s->mapped.catalog,
		.style = setup->config->minimal ? STYLE_MINIMAL : STYLE_FULL,
		.identity = { setup->config->version, setup->config->nsid },
		.cookie_secret = setup->cookie_secret,
		.loading = true,
		.routes = &s->forwarding.routes,
		.elsewhere = is_forwarding(&s->forwarding) ? &s->forwarding.elsewhere : NULL,
		.access = &s->forwarding.access,
		.refusals = &s->forwarding.refusals,
		.kept = &s->kept,
	};
	udp_init(&s->batch);
	return true;
}

void server_free(struct server *s)
{
	tcp_free(&s->tcp);
	forwarding_free(&s->forwarding);
	mapped_free(&s->mapped);
}
