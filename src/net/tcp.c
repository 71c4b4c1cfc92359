/*
 * tcp.c -- the TCP side of the server: a small table of connections (RFC 7766).
 *
 * The table is an array of seats that is walked from end to end: with some
 * dozens of them that costs less than any order would.  Who has to leave is
 * decided here; what happens on one connection is net/connection's.
 */
#include "net/tcp.h"
#include "base/assert.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

/* Accepted in one turn, so that a flood of connections does not keep others waiting. */
#define ACCEPTS_MAX 16

/* Reads when closing on a peer that talks nonsense: what is unread turns FIN into RST. */
#define DRAINS_MAX 4

/* An id is the serial number of the connection and, in the last bits, its seat. */
#define SEAT_BITS 8
_Static_assert(TCP_CONNECTIONS_MAX <= 1 << SEAT_BITS, "a seat has to fit into an id");

/* Marks a listener in polled_seats. */
#define SEAT_NONE UINT16_MAX

/* ------ the table ------ */

static size_t round_up(size_t n, size_t page)
{
	return (n + page - 1) / page * page;
}

static size_t in_span(const struct tcp *t)
{
	return round_up(FRAME_MAX, t->page_size);
}

static size_t seat_span(const struct tcp *t)
{
	return in_span(t) + round_up(OUTPUT_SIZE, t->page_size);
}

bool tcp_init(struct tcp *t, const struct sockets *s, const struct tcp_limits *limits)
{
	assert(limits->connections >= 1 && limits->connections <= TCP_CONNECTIONS_MAX);
	assert(limits->per_prefix >= 1);
	t->sockets = s;
	t->limits = *limits;
	t->spare = -1;
	t->page_size = (size_t)getpagesize();
	t->buffers = mmap(NULL, seat_span(t) * limits->connections, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	return t->buffers != MAP_FAILED;
}

/* Has a descriptor in hand that can be given up. */
static void hold_spare(struct tcp *t, int listener)
{
	if (t->spare < 0)
		t->spare = t->sockets->spare(t->sockets->self, listener);
}

void tcp_listen(struct tcp *t, const struct listener *l)
{
	assert(t->listener_count < LISTENERS_MAX);
	t->listeners[t->listener_count++] = l->fd;
	hold_spare(t, l->fd);
}

static bool is_full(const struct tcp *t)
{
	return t->used == t->limits.connections;
}

static struct connection *find(struct tcp *t, uint64_t id)
{
	struct connection *c = &t->seats[id & ((1 << SEAT_BITS) - 1)];

	return c->serial && c->serial == id >> SEAT_BITS ? c : NULL;
}

/* Gives back all pages of a buffer but the first, which the next connection needs at once. */
static void give_back(const struct tcp *t, uint8_t *buffer, size_t most)
{
	if (most > t->page_size)
		(void)madvise(buffer + t->page_size, round_up(most, t->page_size) - t->page_size,
			      MADV_DONTNEED);
}

static void close_connection(struct tcp *t, struct connection *c)
{
	t->sockets->close(t->sockets->self, c->fd);
	give_back(t, c->in, c->in_most);
	give_back(t, c->out, c->out_most);
	*c = (struct connection){ 0 };
	t->used--;
	while (t->end && !t->seats[t->end - 1].serial)
		t->end--;
}

/*
 * Closes after the last reply.  Octets that we have not read would make the
 * kernel send RST, which may overtake that reply on the peer's side; so
 * the peer is told first, and what is here already is read away.
 */
static void close_politely(struct tcp *t, struct connection *c)
{
	const struct sockets *s = t->sockets;

	if (c->closing && s->shutdown(s->self, c->fd) == 0) {
		unsigned drains = DRAINS_MAX;
		while (drains-- && s->read(s->self, c->fd, c->in, READ_SIZE) > 0)
			continue;
	}
	close_connection(t, c);
}

void tcp_free(struct tcp *t)
{
	if (!t->buffers)
		return;
	for (unsigned i = 0; i < t->end; i++)
		if (t->seats[i].serial)
			close_connection(t, &t->seats[i]);
	if (t->spare >= 0)
		t->sockets->close(t->sockets->self, t->spare);
	munmap(t->buffers, seat_span(t) * t->limits.connections);
	t->spare = -1;
	t->buffers = NULL;
}

/* ------ who has to leave ------ */

/* The time at which c is closed if nothing happens; UINT64_MAX = never. */
static uint64_t deadline(const struct tcp *t, const struct connection *c)
{
	uint64_t since = connection_waits_since(c);
	bool crowded = t->used * 4 > t->limits.connections * 3;
	uint64_t end = UINT64_MAX, retire = c->accepted_ms + TCP_LIFETIME_MS;

	switch (connection_phase(c)) {
	case PHASE_IDLE:
		end = since + (crowded ? TCP_IDLE_FULL_MS : TCP_IDLE_MS);
		break;
	case PHASE_MESSAGE:
		end = since + TCP_MESSAGE_MS;
		break;
	case PHASE_ANSWER: /* we are late, not the peer */
		break;
	case PHASE_OUTPUT:
		end = since + TCP_STALL_MS;
		break;
	}
	return is_full(t) && connection_is_idle(c) && retire < end ? retire : end;
}

static void expire(struct tcp *t)
{
	for (unsigned i = 0; i < t->end; i++) {
		struct connection *c = &t->seats[i];
		if (!c->serial || t->now_ms < deadline(t, c))
			continue;
		if (connection_phase(c) == PHASE_OUTPUT)
			t->counters.stalled++;
		else if (is_full(t) && t->now_ms - c->accepted_ms >= TCP_LIFETIME_MS)
			t->counters.retired++;
		else
			t->counters.timed_out++;
		close_connection(t, c);
	}
}

/*
 * One IPv4 address or one IPv6 /64 is one client.  All link-local hosts are in
 * fe80::/64 (RFC 4291 §2.5.6), so among them the whole address counts.
 */
static bool same_client(const struct address *a, const struct address *b)
{
	if (address_is_link_local(a))
		return address_same_host(a, b);
	return address_same_prefix(a, b, a->family == ADDRESS_IP4 ? 32 : 64);
}

enum busy { BUSY_TOO, IDLE_ONLY };

/*
 * Who makes way, of all or of those of one client: the one
 * idle for longest; when none is idle, the one that has got nothing done for longest.
 */
static struct connection *victim(struct tcp *t, const struct address *peer, enum busy busy)
{
	struct connection *best = NULL;

	for (unsigned i = 0; i < t->end; i++) {
		struct connection *c = &t->seats[i];
		bool idle = connection_is_idle(c);
		if (!c->serial || (peer && !same_client(&c->peer, peer)))
			continue;
		if (busy == IDLE_ONLY && !idle)
			continue;
		if (!best || (idle && !connection_is_idle(best)) ||
		    (idle == connection_is_idle(best) &&
		     connection_waits_since(c) < connection_waits_since(best)))
			best = c;
	}
	return best;
}

static unsigned count_of_client(const struct tcp *t, const struct address *peer)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->end; i++)
		if (t->seats[i].serial && same_client(&t->seats[i].peer, peer))
			n++;
	return n;
}

/*
 * A seat for `peer`, or NULL when it has too many already.  Its own idle ones
 * go first, so nobody but itself suffers from a client that forgets them.
 */
static struct connection *make_seat(struct tcp *t, const struct address *peer)
{
	struct connection *leaves = NULL;

	if (count_of_client(t, peer) >= t->limits.per_prefix) {
		leaves = victim(t, peer, IDLE_ONLY);
		if (!leaves)
			return NULL;
	} else if (is_full(t)) {
		leaves = victim(t, NULL, BUSY_TOO);
	}
	if (leaves) {
		t->counters.evicted++;
		close_connection(t, leaves);
		return leaves;
	}
	unsigned seat = 0;
	while (t->seats[seat].serial)
		seat++;
	return &t->seats[seat];
}

/* ------ accepting ------ */

static void seat_down(struct tcp *t, const struct accepted *a)
{
	struct connection *c = make_seat(t, &a->peer);

	if (!c) {
		t->counters.refused_prefix++;
		t->sockets->close(t->sockets->self, a->fd);
		return;
	}
	unsigned seat = (unsigned)(c - t->seats);
	uint8_t *buffers = t->buffers + seat_span(t) * seat;
	*c = (struct connection){
		.serial = ++t->serial,
		.fd = a->fd,
		.in = buffers,
		.out = buffers + in_span(t),
		.accepted_ms = t->now_ms,
		.heard_ms = t->now_ms,
		.peer = a->peer,
		.local = a->local,
		.interface = a->interface,
	};
	t->used++;
	if (t->end <= seat)
		t->end = seat + 1;
	t->counters.accepted++;
}

/*
 * Out of descriptors.  A listener that stays readable would keep poll from
 * sleeping, so it is left alone for a while; and with the spare
 * descriptor the clients that wait are turned away instead of being left hanging.
 */
static void turn_away(struct tcp *t, int listener)
{
	const struct sockets *s = t->sockets;
	struct accepted a;

	t->counters.no_descriptor++;
	t->paused_until_ms = t->now_ms + TCP_PAUSE_MS;
	if (t->spare < 0)
		return;
	s->close(s->self, t->spare);
	t->spare = -1;
	for (unsigned i = 0; i < ACCEPTS_MAX && s->accept(s->self, listener, &a) == 0; i++)
		s->close(s->self, a.fd);
	hold_spare(t, listener);
}

/* Most errors of accept belong to the one connection that is lost (accept(2)): go on. */
static void accept_some(struct tcp *t, int listener)
{
	struct accepted a;
	unsigned failed = 0;

	hold_spare(t, listener);
	for (unsigned i = 0; i < ACCEPTS_MAX; i++) {
		if (t->sockets->accept(t->sockets->self, listener, &a) == 0) {
			seat_down(t, &a);
			continue;
		}
		if (errno == EAGAIN)
			return;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			turn_away(t, listener);
			return;
		}
		t->counters.accept_failed++;
		failed++;
	}
	if (failed == ACCEPTS_MAX) /* this does not pass by itself */
		t->paused_until_ms = t->now_ms + TCP_PAUSE_MS;
}

/* ------ a turn ------ */

static bool is_paused(const struct tcp *t)
{
	return t->now_ms < t->paused_until_ms;
}

size_t tcp_poll_fds(struct tcp *t, struct pollfd *fds, size_t max, uint64_t now_ms)
{
	size_t n = 0;

	t->now_ms = now_ms;
	assert(max >= t->listener_count + t->used);
	for (unsigned i = 0; i < t->listener_count && !is_paused(t); i++) {
		t->polled_seats[n] = SEAT_NONE;
		fds[n++] = (struct pollfd){ .fd = t->listeners[i], .events = POLLIN };
	}
	for (unsigned i = 0; i < t->end; i++) {
		const struct connection *c = &t->seats[i];
		short in = connection_wants_input(c) ? POLLIN : 0;
		short out = c->blocked ? POLLOUT : 0;
		if (!c->serial)
			continue;
		t->polled_seats[n] = (uint16_t)i;
		/* Without any event it still tells of a reset. */
		fds[n++] = (struct pollfd){ .fd = c->fd, .events = (short)(in | out) };
	}
	t->polled = n;
	return n;
}

int tcp_timeout_ms(const struct tcp *t, uint64_t now_ms)
{
	uint64_t first = now_ms < t->paused_until_ms ? t->paused_until_ms : UINT64_MAX;

	for (unsigned i = 0; i < t->end; i++) {
		const struct connection *c = &t->seats[i];
		if (!c->serial)
			continue;
		if (connection_has_message(c))
			return 0;
		uint64_t end = deadline(t, c);
		if (end < first)
			first = end;
	}
	if (first == UINT64_MAX)
		return -1;
	return first > now_ms ? (int)(first - now_ms) : 0;
}

/* What poll says of one connection. */
static void serve(struct tcp *t, struct connection *c, short events)
{
	bool works = !(events & (POLLERR | POLLHUP | POLLNVAL));

	if (events & POLLOUT)
		c->blocked = false; /* tcp_flush() writes, with what this turn adds */
	if (works && events & POLLIN)
		works = connection_read(c, t->sockets, t->now_ms);
	if (!works) {
		t->counters.broken++;
		close_connection(t, c);
	}
}

/*
 * Connections come before listeners: what they have to say may save them from
 * being taken for idle when a newcomer needs their seat.
 */
void tcp_turn(struct tcp *t, const struct pollfd *fds, size_t n, uint64_t now_ms)
{
	assert(n == t->polled);
	t->now_ms = now_ms;
	t->next = 0;
	for (size_t i = 0; i < n; i++)
		if (t->polled_seats[i] != SEAT_NONE && fds[i].revents)
			serve(t, &t->seats[t->polled_seats[i]], fds[i].revents);
	expire(t);
	for (size_t i = 0; i < n; i++)
		if (t->polled_seats[i] == SEAT_NONE && fds[i].revents && !is_paused(t))
			accept_some(t, fds[i].fd);
}

bool tcp_next(struct tcp *t, struct tcp_message *m)
{
	struct slice octets;

	for (; t->next < t->end; t->next++) {
		struct connection *c = &t->seats[t->next];
		bool was_closing = c->closing;
		if (!c->serial)
			continue;
		if (connection_next(c, &octets, t->now_ms)) {
			*m = (struct tcp_message){
				.id = c->serial << SEAT_BITS | t->next,
				.octets = octets.octets,
				.size = octets.size,
				.peer = &c->peer,
				.local = &c->local,
				.interface = c->interface,
			};
			t->counters.messages++;
			return true;
		}
		t->counters.malformed += c->closing != was_closing;
	}
	return false;
}

uint8_t *tcp_reply_room(struct tcp *t, uint64_t id, size_t *room)
{
	struct connection *c = find(t, id);
	uint8_t *at = c ? connection_room(c) : NULL;

	*room = at ? FRAME_MAX - 2 : 0;
	return at;
}

void tcp_reply_part(struct tcp *t, uint64_t id, size_t size)
{
	struct connection *c = find(t, id);

	if (!c || !size)
		return;
	connection_put(c, size, t->now_ms);
	t->counters.replies++;
}

void tcp_reply_commit(struct tcp *t, uint64_t id, size_t size)
{
	struct connection *c = find(t, id);

	tcp_reply_part(t, id, size);
	if (c)
		connection_answered(c, t->now_ms);
}

bool tcp_is_open(struct tcp *t, uint64_t id)
{
	return find(t, id) != NULL;
}

void tcp_flush(struct tcp *t, uint64_t now_ms)
{
	t->now_ms = now_ms;
	for (unsigned i = 0; i < t->end; i++) {
		struct connection *c = &t->seats[i];
		if (!c->serial)
			continue;
		if (connection_phase(c) == PHASE_OUTPUT && !c->blocked &&
		    !connection_write(c, t->sockets, now_ms)) {
			t->counters.broken++;
			close_connection(t, c);
		} else if (connection_is_finished(c)) {
			close_politely(t, c);
		}
	}
}
