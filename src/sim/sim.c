/*
 * sim.c -- servers, their clients and their upstream servers in one process.
 */
#include "sim/sim.h"
#include "base/ip.h"
#include "sim/fnv.h"
#include "sim/peer.h"
#include "sim/show.h"

#include <stdlib.h>

/* ------ telling ------ */

static void tell(struct sim *s, const char *line)
{
	if (s->listener)
		s->listener(s->listener_self, s->net.now_ms, line);
}

static void hear_log(void *self, enum log_level level, const char *line)
{
	struct sim *s = self;
	struct text last = text_init(s->last_error, sizeof s->last_error);

	if (level == LEVEL_ERROR)
		text_put(&last, line);
	tell(s, line);
}

/* "192.0.2.7@5000 > 192.0.2.1@53: www.example. A" */
static void tell_message(struct sim *s, const struct address *from, const struct address *to,
			 bool tcp, struct slice message)
{
	char room[4096];
	struct text line = text_init(room, sizeof room);

	if (!s->listener)
		return;
	address_print(from, &line);
	text_put(&line, " > ");
	address_print(to, &line);
	text_put(&line, tcp ? " tcp: " : ": ");
	show_question(message, &line);
	if (message.size > 2 && message.octets[2] & 0x80) {
		text_put_char(&line, ' ');
		show_message(message, "\t", &line);
		if (line.used > 0 && room[line.used - 1] == '\n')
			room[line.used - 1] = '\0';
	}
	tell(s, room);
}

/* All that makes an event what it is goes into the trace. */
static void trace_parcel(struct sim *s, const struct net_parcel *p)
{
	uint8_t head[48];

	memset(head, 0, sizeof head);
	store_u32(head, (uint32_t)(s->net.now_ms >> 32));
	store_u32(head + 4, (uint32_t)s->net.now_ms);
	head[8] = (uint8_t)p->kind;
	store_u16(head + 10, p->from.port);
	store_u16(head + 12, p->to.port);
	memcpy(head + 14, p->from.octets, 16);
	memcpy(head + 30, p->to.octets, 16);
	s->trace = fnv(fnv(s->trace, head, sizeof head), p->octets, p->size);
}

/* ------ hosts and peers ------ */

struct host *sim_find_host(struct sim *s, const struct address *a)
{
	for (size_t i = 0; i < s->host_count; i++)
		if (kernel_has_address(&s->hosts[i]->kernel, a))
			return s->hosts[i];
	return NULL;
}

struct host *sim_add_host(struct sim *s, const struct address *ip4, const struct address *ip6)
{
	struct host *h = s->host_count < SIM_HOSTS ? calloc(1, sizeof *h) : NULL;

	if (!h)
		return NULL;
	host_init(h, &s->net, ip4, ip6, s->seed + s->host_count + 1);
	h->wall_s = SIM_WALL_S - SIM_START_MS / 1000;
	s->hosts[s->host_count++] = h;
	return h;
}

struct sim_peer *sim_peer(struct sim *s, const struct address *at)
{
	for (size_t i = 0; i < s->peer_count; i++)
		if (address_equal(&s->peers[i].at, at))
			return &s->peers[i];
	if (s->peer_count == SIM_PEERS)
		return NULL;
	s->peers[s->peer_count] = (struct sim_peer){ .at = *at };
	return &s->peers[s->peer_count++];
}

static const struct sim_peer *find_peer(const struct sim *s, const struct address *at)
{
	for (size_t i = 0; i < s->peer_count; i++)
		if (address_equal(&s->peers[i].at, at))
			return &s->peers[i];
	return NULL;
}

/* ------ mail ------ */

void sim_drop_mail(struct sim *s, size_t i)
{
	free(s->mail[i].octets);
	memmove(&s->mail[i], &s->mail[i + 1], (--s->mail_count - i) * sizeof s->mail[0]);
}

static void keep_mail(struct sim *s, const struct net_parcel *p, bool tcp, struct slice message)
{
	struct sim_mail *m = &s->mail[s->mail_count];
	uint8_t *octets = malloc(message.size + 1);

	if (!octets || s->mail_count == SIM_MAIL) {
		free(octets);
		return;
	}
	if (message.size > 0)
		memcpy(octets, message.octets, message.size);
	*m = (struct sim_mail){ p->from, p->to, tcp, p->stream, message.size, octets };
	s->mail_count++;
}

/* Is it neither in a network that may ask for everything, nor this very machine? */
static bool is_stranger(const struct host *h, const struct address *client)
{
	const struct surroundings *around = h->server->forwarding.around;
	struct slice a = { client->octets, client->family == ADDRESS_IP4 ? 4 : 16 };

	if (h->config.allow_everybody || ip_is_loopback(a))
		return false;
	for (uint32_t i = 0; i < around->network_count; i++)
		if (network_has(&around->networks[i], a, h->kernel.interface))
			return false;
	return true;
}

static void hear_reply(struct sim *s, const struct address *client, const struct address *server,
		       bool tcp, struct slice message)
{
	const struct host *h = sim_find_host(s, server);

	rules_said(&s->rules, client, server, tcp, message);
	if (h && h->server && is_stranger(h, client))
		rules_told_stranger(&s->rules, message);
	if (s->inspect)
		s->inspect(s->inspect_self, message);
}

/* A message for somebody outside: answered at once, or kept. */
static void take_message(struct sim *s, const struct net_parcel *p, bool tcp, struct slice message)
{
	static uint8_t room[PEER_ANSWER_MAX];
	struct sim_peer *peer = NULL;
	size_t size = 0;

	tell_message(s, &p->from, &p->to, tcp, message);
	if (tcp && p->side == NET_CLIENT && !s->net.streams[p->stream].is_odd)
		hear_reply(s, &p->to, &p->from, true, message);
	if (find_peer(s, &p->to))
		peer = sim_peer(s, &p->to);
	if (!peer || peer->manners == MANNERS_NONE) {
		keep_mail(s, p, tcp, message);
		return;
	}
	if (peer->manners != MANNERS_SILENT)
		size = peer_answer(peer->manners, tcp, message, room);
	if (size > 0)
		sim_send(s, &p->to, &p->from, tcp, (struct slice){ room, size });
}

/* ------ streams of the outside ------ */

static void hear_open(struct sim *s, const struct net_parcel *p)
{
	const struct sim_peer *peer = find_peer(s, &p->to);

	if (!peer || peer->tcp == TCP_WORKS)
		net_accept(&s->net, p->stream);
	else if (peer->tcp == TCP_REFUSED)
		net_reset(&s->net, p->stream, NET_SERVER);
}

/* Whole messages, each behind its length (RFC 1035 §4.2.2). */
static void hear_octets(struct sim *s, const struct net_parcel *p)
{
	static uint8_t room[2 + MESSAGE_MAX_SIZE];
	struct net_end *end = net_end(&s->net, p->stream, p->side);

	while (end->size >= 2) {
		size_t size = load_u16(end->octets + end->start);

		if (end->size < 2 + size)
			break;
		net_read(&s->net, p->stream, p->side, room, 2 + size);
		take_message(s, p, true, (struct slice){ room + 2, size });
		if (end->closed)
			break;
	}
}

static void hear_outside(struct sim *s, const struct net_parcel *p)
{
	switch (p->kind) {
	case NET_DATAGRAM:
		take_message(s, p, false, (struct slice){ p->octets, p->size });
		break;
	case NET_OPEN:
		hear_open(s, p);
		break;
	case NET_OCTETS:
		hear_octets(s, p);
		break;
	case NET_END:
	case NET_RESET:
		net_close(&s->net, p->stream, p->side);
		break;
	case NET_UNREACHABLE:
	case NET_OPENED:
		break;
	}
}

/* ------ what arrives and leaves ------ */

static void arrive(void *self, const struct net_parcel *p)
{
	struct sim *s = self;
	struct host *h = sim_find_host(s, &p->to);

	trace_parcel(s, p);
	if (!h) {
		hear_outside(s, p);
		return;
	}
	if (p->kind == NET_DATAGRAM) {
		struct slice message = { p->octets, p->size };

		tell_message(s, &p->from, &p->to, false, message);
		if (p->to.port == HOST_PORT)
			rules_heard(&s->rules, &p->from, &p->to, false, message);
	}
	kernel_take(&h->kernel, p);
}

static void remember(struct sim *s, const struct address *from, const struct address *to,
		     struct slice octets)
{
	struct sim_asked *a = &s->asked[s->asked_ever++ % SIM_ASKED];

	*a = (struct sim_asked){ .from = *from, .to = *to, .size = octets.size };
	if (a->size > sizeof a->octets)
		a->size = sizeof a->octets;
	memcpy(a->octets, octets.octets, a->size);
}

static void leave(void *self, const struct address *from, const struct address *to,
		  struct slice octets)
{
	struct sim *s = self;
	struct host *h = sim_find_host(s, from);

	if (!h)
		return;
	if (from->port == HOST_PORT) {
		hear_reply(s, to, from, false, octets);
	} else {
		remember(s, from, to, octets);
		h->asked++;
	}
}

/* ------ time ------ */

static bool has_faults(const struct host *h)
{
	for (unsigned i = 0; i < CALLS; i++)
		if (h->kernel.faults[i].error)
			return true;
	return false;
}

/*
 * A server whose calls fail again and again has a right to try again and again, and
 * meanwhile time passes, as it would outside; any other has to come to an end.
 */
static void run_host(struct sim *s, struct host *h)
{
	unsigned turns = 0;

	while (host_turn(h)) {
		if (++turns < SIM_TURNS)
			continue;
		if (!has_faults(h) && turns == SIM_TURNS_MAX)
			s->rules.broken = "a server goes round and round at one moment";
		if (has_faults(h) || turns == SIM_TURNS_MAX) {
			h->kernel.wake_ms = s->net.now_ms + KERNEL_TRY_MS;
			return;
		}
	}
}

static void run_hosts(struct sim *s)
{
	for (size_t i = 0; i < s->host_count; i++) {
		run_host(s, s->hosts[i]);
		rules_check_host(&s->rules, s->hosts[i]);
	}
}

static bool is_something_due(const struct sim *s)
{
	if (net_next_ms(&s->net) <= s->net.now_ms)
		return true;
	for (size_t i = 0; i < s->host_count; i++)
		if (host_wake_ms(s->hosts[i]) <= s->net.now_ms)
			return true;
	return false;
}

void sim_settle(struct sim *s)
{
	do {
		net_deliver(&s->net);
		run_hosts(s);
	} while (!s->rules.broken && is_something_due(s));
}

static uint64_t next_ms(const struct sim *s)
{
	uint64_t next = net_next_ms(&s->net);

	for (size_t i = 0; i < s->host_count; i++)
		if (host_wake_ms(s->hosts[i]) < next)
			next = host_wake_ms(s->hosts[i]);
	return next;
}

void sim_run(struct sim *s, uint64_t until_ms)
{
	sim_settle(s);
	while (!s->rules.broken && s->net.now_ms < until_ms) {
		uint64_t next = next_ms(s);

		s->net.now_ms = next < until_ms ? next : until_ms;
		sim_settle(s);
	}
}

/* ------ what the outside does ------ */

static int find_stream(const struct sim *s, const struct address *from, const struct address *to,
		       unsigned *side)
{
	for (unsigned i = 0; i < NET_STREAMS; i++) {
		const struct net_stream *t = &s->net.streams[i];

		for (unsigned k = 0; k < 2; k++)
			if (t->in_use && !t->end[k].closed && !t->end[k].reset &&
			    address_equal(&t->address[k], from) &&
			    address_equal(&t->address[!k], to)) {
				*side = k;
				return (int)i;
			}
	}
	return -1;
}

/* What the other side does not read, and so finds no room, makes the stream an odd one. */
static void write_stream(struct sim *s, const struct address *from, const struct address *to,
			 struct slice octets, bool is_odd)
{
	unsigned side = NET_CLIENT;
	int stream = find_stream(s, from, to, &side);

	if (stream < 0)
		stream = net_open(&s->net, from, to);
	if (stream < 0)
		return;
	size_t taken = net_write(&s->net, (unsigned)stream, side, octets);
	if (is_odd || taken < octets.size)
		s->net.streams[stream].is_odd = true;
}

void sim_send_octets(struct sim *s, const struct address *from, const struct address *to,
		     struct slice octets)
{
	write_stream(s, from, to, octets, true);
}

void sim_send(struct sim *s, const struct address *from, const struct address *to, bool tcp,
	      struct slice message)
{
	static uint8_t room[2 + MESSAGE_MAX_SIZE];

	if (!tcp) {
		net_send(&s->net, NET_DATAGRAM, from, to, message);
		return;
	}
	store_u16(room, (uint16_t)message.size);
	memcpy(room + 2, message.octets, message.size);
	if (to->port == HOST_PORT && sim_find_host(s, to)) {
		tell_message(s, from, to, true, message);
		rules_heard(&s->rules, from, to, true, message);
	}
	write_stream(s, from, to, (struct slice){ room, 2 + message.size }, false);
}

bool sim_hang_up(struct sim *s, const struct address *from, const struct address *to, bool reset)
{
	unsigned side;
	int stream = find_stream(s, from, to, &side);

	if (stream < 0)
		return false;
	if (reset)
		net_reset(&s->net, (unsigned)stream, side);
	else
		net_close(&s->net, (unsigned)stream, side);
	return true;
}

void sim_unreachable(struct sim *s, const struct address *from, const struct address *to)
{
	const struct slice nothing = { NULL, 0 };

	net_send(&s->net, NET_UNREACHABLE, from, to, nothing);
}

/* ------ start and end ------ */

void sim_init(struct sim *s, uint64_t seed)
{
	s->seed = seed;
	s->net.now_ms = SIM_START_MS;
	s->net.chance = chance_seed(seed);
	s->net.arrive = arrive;
	s->net.leave = leave;
	s->net.self = s;
	s->trace = FNV_BEGIN;
	log_divert(hear_log, s);
}

void sim_free(struct sim *s)
{
	for (size_t i = 0; i < s->host_count; i++) {
		host_free(s->hosts[i]);
		free(s->hosts[i]);
	}
	while (s->mail_count > 0)
		sim_drop_mail(s, s->mail_count - 1);
	net_free(&s->net);
	s->host_count = 0;
	log_divert(NULL, NULL);
}
