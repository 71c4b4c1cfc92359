/*
 * server.c -- the process that answers.
 *
 * One loop around poll(): what the loader says, datagrams in batches, TCP.
 * A zone is swapped between two turns, so every answer comes from one version
 * of it.
 */
#include "app/server.h"
#include "app/channel.h"
#include "app/sealed.h"
#include "dns/rrtype.h"
#include "net/tcp.h"
#include "net/udp.h"
#include "serve/respond.h"

#include <stdlib.h>
#include <unistd.h>

enum {
	UDP_TURNS = 4,       /* batches from one socket before the others have theirs */
	COMPLAIN_MS = 10000, /* at most one line of a kind in this time */
	POLL_MAX = 1 + LISTENERS_MAX + LISTENERS_MAX + TCP_CONNECTIONS_MAX,
};

/* Something that goes wrong again and again: told now and then, with how often. */
struct complaint {
	uint64_t told; /* of the counter, up to the last line */
	struct log_limit limit;
};

struct server {
	const struct server_setup *setup;
	struct responder responder;
	struct catalog catalog;
	struct image *zones; /* by index in the configuration */
	size_t zone_count;
	bool ready;      /* to answer: until then queries wait in their sockets */
	uint32_t wall_s; /* read once a turn */
	struct pollfd fds[POLL_MAX];
	struct complaint unsent, no_descriptor;
};

/* Large, and zero until used: static, so that only touched pages are memory. */
static struct udp_batch batch;
static struct tcp tcp;

/* ------ zones ------ */

/* Maps a new image in the place of the old one. */
static void take_zone(struct server *s, const struct server_message *m, int file)
{
	struct image fresh;
	const void *at = m->zone < s->zone_count ? sealed_map(file, (size_t)m->size) : NULL;

	if (!at || !image_open(&fresh, at, (size_t)m->size)) {
		log_write(LEVEL_ERROR, "a zone cannot be mapped: the old one stays");
		if (at)
			sealed_unmap(at, (size_t)m->size);
		return;
	}
	struct image old = s->zones[m->zone];
	s->zones[m->zone] = fresh;
	catalog_free(&s->catalog);
	if (!catalog_init(&s->catalog, s->zones, s->zone_count, &s->setup->zone_key))
		log_write(LEVEL_ERROR, "out of memory: no zones are served");
	if (old.header)
		sealed_unmap(old.base, old.header->size);
}

/* False when the loader is gone. */
static bool hear_loader(struct server *s)
{
	struct server_message m;
	int file;

	for (;;) {
		ssize_t n = channel_receive(s->setup->channel, &m, sizeof m, &file);

		if (n <= 0)
			return n < 0;
		if (n != sizeof m)
			continue;
		if (m.kind == SERVER_ZONE && file >= 0)
			take_zone(s, &m, file);
		if (m.kind == SERVER_READY)
			s->ready = true;
		if (m.kind == SERVER_LOADED)
			s->responder.loading = false;
		if (file >= 0)
			close(file);
	}
}

/* ------ queries ------ */

static struct slice address_slice(const struct address *a)
{
	return (struct slice){ a->octets, a->family == ADDRESS_IP4 ? 4 : 16 };
}

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
	text_format(&line, " -> %s %zu %s%s", rcode ? rcode : "?", what->size, via,
		    what->truncated ? " tc" : "");
	log_write(LEVEL_NOTICE, "%s", room);
}

static void count_reply(struct server_counters *c, const struct response *what)
{
	if (what->rcode < sizeof c->rcodes / sizeof c->rcodes[0])
		c->rcodes[what->rcode]++;
	c->truncated += what->truncated;
}

/* Answers one message into out[0..room); the octets written, 0 for no reply. */
static size_t answer(struct server *s, struct slice query, enum via via, const struct address *peer,
		     uint8_t *out, size_t room)
{
	struct request req = {
		.octets = query.octets,
		.size = query.size,
		.via = via,
		.peer = address_slice(peer),
		.now_s = s->wall_s,
	};
	struct response what;

	if (respond(&s->responder, &req, out, room, &what) == OUTCOME_DROP) {
		s->setup->counters->dropped++;
		return 0;
	}
	count_reply(s->setup->counters, &what);
	if (s->setup->config->log_queries)
		log_query(&what, peer, via == VIA_UDP ? "udp" : "tcp");
	return what.size;
}

static void answer_batch(struct server *s)
{
	for (size_t i = 0; i < batch.count; i++) {
		struct datagram *d = &batch.datagrams[i];
		size_t room;
		uint8_t *out = udp_reply_room(&batch, &room);
		struct slice query = { d->query, d->truncated ? 0 : d->size };

		udp_reply_commit(&batch, d, answer(s, query, VIA_UDP, &d->peer, out, room));
	}
	s->setup->counters->queries_udp += batch.count;
}

static void serve_udp(struct server *s, const struct listener *l)
{
	int turns = UDP_TURNS;

	do {
		udp_receive(s->setup->sockets, l, &batch);
		answer_batch(s);
		udp_send(s->setup->sockets, l, &batch);
	} while (batch.more && --turns > 0);
}

static void serve_tcp(struct server *s, uint64_t now_ms)
{
	struct tcp_message m;

	while (tcp_next(&tcp, &m)) {
		size_t room;
		uint8_t *out = tcp_reply_room(&tcp, m.id, &room);
		struct slice query = { m.octets, m.size };

		tcp_reply_commit(&tcp, m.id,
				 out ? answer(s, query, VIA_TCP, m.peer, out, room) : 0);
		s->setup->counters->queries_tcp++;
	}
	tcp_flush(&tcp, now_ms);
}

/* ------ complaints ------ */

static void complain(struct complaint *c, uint64_t count, const char *what, uint64_t now_ms)
{
	unsigned suppressed;

	if (count == c->told || !log_allowed(&c->limit, now_ms, COMPLAIN_MS, &suppressed))
		return;
	log_write(LEVEL_WARNING, "%s: %u times", what, (unsigned)(count - c->told));
	c->told = count;
}

static void tell_trouble(struct server *s, uint64_t now_ms)
{
	complain(&s->unsent, batch.counters.unsent, "replies that the system did not take", now_ms);
	complain(&s->no_descriptor, tcp.counters.no_descriptor,
		 "no descriptor left for a TCP connection", now_ms);
}

/* ------ the loop ------ */

/* What to wait for: the loader, each UDP socket, then whatever TCP has. */
static size_t fill_poll(struct server *s, uint64_t now_ms, size_t *tcp_first)
{
	size_t n = 0;

	s->fds[n++] = (struct pollfd){ .fd = s->setup->channel, .events = POLLIN };
	for (size_t i = 0; i < s->setup->listener_count; i++)
		if (s->setup->listeners[i].transport == TRANSPORT_UDP)
			s->fds[n++] = (struct pollfd){ .fd = s->setup->listeners[i].fd,
						       .events = POLLIN };
	*tcp_first = n;
	if (!s->ready)
		return *tcp_first = 1;
	return n + tcp_poll_fds(&tcp, s->fds + n, POLL_MAX - n, now_ms);
}

static void serve_ready_udp(struct server *s)
{
	size_t at = 1;

	for (size_t i = 0; i < s->setup->listener_count; i++) {
		if (s->setup->listeners[i].transport != TRANSPORT_UDP)
			continue;
		if (s->fds[at++].revents)
			serve_udp(s, &s->setup->listeners[i]);
	}
}

/* One turn; false when the loader is gone. */
static bool turn(struct server *s)
{
	const struct clock *clock = &s->setup->clock;
	uint64_t now_ms = clock_now_ms(clock);
	size_t tcp_first, n = fill_poll(s, now_ms, &tcp_first);

	if (s->setup->sockets->poll(s->setup->sockets->self, s->fds, n,
				    tcp_timeout_ms(&tcp, now_ms)) < 0)
		return true; /* a signal; nothing is lost by going round again */
	now_ms = clock_now_ms(clock);
	s->wall_s = (uint32_t)clock_wall_s(clock);
	if (s->fds[0].revents && !hear_loader(s))
		return false;
	if (!s->ready)
		return true;
	serve_ready_udp(s);
	tcp_turn(&tcp, s->fds + tcp_first, n - tcp_first, now_ms);
	serve_tcp(s, now_ms);
	s->setup->counters->tcp_connections = tcp.counters.accepted;
	s->setup->counters->sent_failed = batch.counters.unsent;
	tell_trouble(s, now_ms);
	return true;
}

static bool start_tcp(const struct server_setup *setup)
{
	const struct tcp_limits limits = { TCP_CONNECTIONS, TCP_PER_PREFIX };

	if (!tcp_init(&tcp, setup->sockets, &limits))
		return false;
	for (size_t i = 0; i < setup->listener_count; i++)
		if (setup->listeners[i].transport == TRANSPORT_TCP)
			tcp_listen(&tcp, &setup->listeners[i]);
	return true;
}

int server_run(const struct server_setup *setup)
{
	static struct server s;

	s.setup = setup;
	s.zone_count = setup->config->zone_count;
	s.zones = calloc(s.zone_count, sizeof *s.zones);
	if (!s.zones || !catalog_init(&s.catalog, s.zones, 0, &setup->zone_key) ||
	    !start_tcp(setup)) {
		log_write(LEVEL_ERROR, "out of memory");
		return 4;
	}
	s.responder = (struct responder){
		.zones = &s.catalog,
		.style = setup->config->minimal ? STYLE_MINIMAL : STYLE_FULL,
		.identity = { setup->config->version, setup->config->nsid },
		.cookie_secret = setup->cookie_secret,
		.loading = true,
	};
	udp_init(&batch);
	while (turn(&s))
		;
	return 0;
}
