/*
 * outgoing.c -- UDP sockets to upstream servers.
 *
 * Sockets that wait stand densely in an array that poll() can use as it is; a
 * slot's number stays the same as long as it is used.
 */
#include "net/outgoing.h"
#include "base/assert.h"

#include <errno.h>

enum {
	NO_SLOT = UINT16_MAX,
	CLOSE_MAX = 16, /* in one tick */
	TICK_MS = 250,
	SECOND_MS = 1000,
	PORT = 1000, /* thousandths */
};

void outgoing_init(struct outgoing *o, const struct sockets *s, struct csprng *random)
{
	o->sockets = s;
	o->random = random;
	o->free = NO_SLOT;
}

/* ------ how many ports ------ */

void outgoing_limit(struct outgoing *o, unsigned burst, unsigned per_s, uint64_t now_ms)
{
	o->ports_per_s = per_s;
	o->ports_full = (uint64_t)burst * PORT;
	o->ports_left = o->ports_full;
	o->filled_ms = now_ms;
}

static bool may_open(struct outgoing *o, uint64_t now_ms)
{
	if (o->ports_full == 0)
		return true;
	/* So many a second are so many thousandths a millisecond. */
	o->ports_left += (now_ms - o->filled_ms) * o->ports_per_s;
	if (o->ports_left > o->ports_full)
		o->ports_left = o->ports_full;
	o->filled_ms = now_ms;
	if (o->ports_left < PORT)
		return false;
	o->ports_left -= PORT;
	return true;
}

static void count_question(struct outgoing *o, uint64_t now_ms)
{
	uint64_t second = now_ms / SECOND_MS;

	if (second != o->second) {
		o->asked_before = second == o->second + 1 ? o->asked : 0;
		o->asked = 0;
		o->second = second;
	}
	o->asked++;
}

static bool is_busy(const struct outgoing *o)
{
	return o->asked >= OUTGOING_BUSY || o->asked_before >= OUTGOING_BUSY;
}

/* ------ slots ------ */

static void close_slot(struct outgoing *o, uint16_t slot)
{
	o->sockets->close(o->sockets->self, o->slots[slot].fd);
	o->slots[slot].next = o->free;
	o->free = slot;
}

/* One that was used before; else the first that never was, whose memory was not touched yet. */
static uint16_t free_slot(const struct outgoing *o)
{
	if (o->free != NO_SLOT)
		return o->free;
	return o->used < OUTGOING_SLOTS ? o->used : NO_SLOT;
}

static void begin_waiting(struct outgoing *o, uint16_t slot)
{
	uint16_t place = o->waiting_count++;

	o->slots[slot].place = place;
	o->slot_at[place] = slot;
	o->waiting[place] = (struct pollfd){ .fd = o->slots[slot].fd, .events = POLLIN };
}

static void end_waiting(struct outgoing *o, uint16_t slot)
{
	uint16_t place = o->slots[slot].place, last = --o->waiting_count;

	o->waiting[place] = o->waiting[last];
	o->slot_at[place] = o->slot_at[last];
	o->slots[o->slot_at[place]].place = place;
}

/* ------ sockets that rest ------ */

static uint16_t *queue_at(struct outgoing_queue *q, unsigned i)
{
	return &q->slots[(q->first + i) % OUTGOING_IDLE];
}

/* Takes one out of the queue; the longest resting takes its place. */
static void take_out(struct outgoing *o, struct outgoing_queue *q, uint16_t *drawn)
{
	*drawn = q->slots[q->first];
	q->first = (uint16_t)((q->first + 1u) % OUTGOING_IDLE);
	q->count--;
	o->idle--;
}

static bool is_old(const struct outgoing *o, uint16_t slot, uint64_t now_ms)
{
	return now_ms - o->slots[slot].opened_ms >= OUTGOING_LIFE_MS;
}

/* Is it one of those that the last OUTGOING_REST questions used? */
static bool is_recent(const struct outgoing *o, uint16_t port)
{
	bool found = false;

	for (unsigned i = 0; i < OUTGOING_REST; i++)
		found |= o->recent[i] == port; /* all of them: that needs no branches */
	return found;
}

/* A socket to this server that has rested, drawn at random; NO_SLOT when there is none. */
static uint16_t take_rested(struct outgoing *o, uint8_t server, uint64_t now_ms)
{
	struct outgoing_queue *q = &o->queues[server];

	while (q->count > OUTGOING_REST) {
		uint16_t *drawn = queue_at(q, csprng_below(o->random, q->count - OUTGOING_REST));
		uint16_t slot = *drawn;

		/* Answers may come in another order than questions went. */
		if (is_recent(o, o->slots[slot].port))
			return NO_SLOT;
		take_out(o, q, drawn);
		if (!is_old(o, slot, now_ms))
			return slot;
		close_slot(o, slot);
	}
	return NO_SLOT;
}

/* ------ opening ------ */

/* RFC 5452 §9.2 asks for the whole range; privileged ports are others'. */
static uint16_t draw_port(struct outgoing *o)
{
	uint16_t port;

	do
		port = (uint16_t)(OUTGOING_FIRST_PORT +
				  csprng_below(o->random, 65536 - OUTGOING_FIRST_PORT));
	while (is_recent(o, port));
	return port;
}

static int dial(struct outgoing *o, const struct address *peer, uint16_t *port)
{
	for (unsigned tries = 0; tries < OUTGOING_TRIES; tries++) {
		*port = draw_port(o);
		int fd = o->sockets->dial(o->sockets->self, TRANSPORT_UDP, peer, *port);

		if (fd >= 0 || (errno != EADDRINUSE && errno != EACCES))
			return fd;
	}
	return -1;
}

/* A new socket: its slot, or an enum outgoing_problem. */
static int open_socket(struct outgoing *o, uint8_t server, const struct address *peer,
		       uint64_t now_ms)
{
	uint16_t slot = free_slot(o);

	if (slot == NO_SLOT || !may_open(o, now_ms))
		return OUTGOING_NO_SOCKET;
	uint16_t port = 0;
	int fd = dial(o, peer, &port);
	if (fd < 0) {
		o->failed++;
		return errno == ENETUNREACH || errno == EHOSTUNREACH || errno == EADDRNOTAVAIL ||
				       errno == ENETDOWN
			       ? OUTGOING_UNREACHABLE
			       : OUTGOING_NO_SOCKET;
	}
	struct outgoing_socket *s = &o->slots[slot];
	if (slot == o->used)
		o->used++;
	else
		o->free = s->next;
	*s = (struct outgoing_socket){
		.fd = fd, .port = port, .server = server, .opened_ms = now_ms
	};
	o->opened++;
	return slot;
}

/* An error that an earlier packet left behind is told once, and then gone. */
static bool send_octets(struct outgoing *o, uint16_t slot, const uint8_t *octets, size_t n)
{
	const struct sockets *s = o->sockets;
	int fd = o->slots[slot].fd;

	return s->write(s->self, fd, octets, n) >= 0 ||
	       (errno == ECONNREFUSED && s->write(s->self, fd, octets, n) >= 0) ||
	       errno == EAGAIN ||
	       errno == ENOBUFS; /* lost here instead of later: it is asked again */
}

int outgoing_send(struct outgoing *o, uint8_t server, const struct address *peer,
		  const uint8_t *octets, size_t n, uint64_t now_ms)
{
	if (o->waiting_count == OUTGOING_OPEN)
		return OUTGOING_NO_SOCKET;
	count_question(o, now_ms);
	uint16_t rested = take_rested(o, server, now_ms);
	int slot = rested != NO_SLOT ? rested : open_socket(o, server, peer, now_ms);
	if (slot < 0)
		return slot;
	struct outgoing_socket *s = &o->slots[slot];
	o->recent[o->recent_at++ % OUTGOING_REST] = s->port;
	s->ids[s->uses++] = load_u16(octets);
	if (!send_octets(o, (uint16_t)slot, octets, n)) {
		close_slot(o, (uint16_t)slot);
		return OUTGOING_UNREACHABLE;
	}
	begin_waiting(o, (uint16_t)slot);
	return slot;
}

bool outgoing_again(struct outgoing *o, uint16_t slot, const uint8_t *octets, size_t n)
{
	return send_octets(o, slot, octets, n);
}

void outgoing_release(struct outgoing *o, uint16_t slot, bool clean, uint64_t now_ms)
{
	struct outgoing_socket *s = &o->slots[slot];

	end_waiting(o, slot);
	if (!clean || s->uses >= OUTGOING_USES || o->idle == OUTGOING_IDLE || !is_busy(o) ||
	    is_old(o, slot, now_ms)) {
		close_slot(o, slot);
		return;
	}
	struct outgoing_queue *q = &o->queues[s->server];
	*queue_at(q, q->count++) = slot;
	o->idle++;
}

static void close_first(struct outgoing *o, struct outgoing_queue *q)
{
	close_slot(o, q->slots[q->first]);
	q->first = (uint16_t)((q->first + 1u) % OUTGOING_IDLE);
	q->count--;
	o->idle--;
}

void outgoing_forget(struct outgoing *o, uint8_t server)
{
	while (o->queues[server].count > 0)
		close_first(o, &o->queues[server]);
}

void outgoing_free(struct outgoing *o)
{
	for (unsigned i = 0; i < OUTGOING_SERVERS; i++)
		outgoing_forget(o, (uint8_t)i);
	while (o->waiting_count > 0)
		outgoing_release(o, o->slot_at[0], false, 0);
}

/* ------ a turn ------ */

size_t outgoing_poll_fds(struct outgoing *o, struct pollfd *fds, size_t max)
{
	assert(o->waiting_count <= max);
	memcpy(fds, o->waiting, o->waiting_count * sizeof *fds);
	o->at = 0;
	return o->waiting_count;
}

/* The slot whose descriptor this still is; NO_SLOT when it was released meanwhile. */
static uint16_t slot_of(const struct outgoing *o, int fd, unsigned near)
{
	if (near < o->waiting_count && o->waiting[near].fd == fd)
		return o->slot_at[near];
	for (unsigned i = 0; i < o->waiting_count; i++)
		if (o->waiting[i].fd == fd)
			return o->slot_at[i];
	return NO_SLOT;
}

/* The answer to an earlier question of this socket, once more: networks double packets. */
static bool is_copy(const struct outgoing_socket *s, struct slice message)
{
	if (message.size < 2 || load_u16(message.octets) == s->ids[s->uses - 1])
		return false;
	for (unsigned i = 0; i + 1 < s->uses; i++)
		if (load_u16(message.octets) == s->ids[i])
			return true;
	return false;
}

/* Reads one message; false when there is none for us. */
static bool receive(struct outgoing *o, uint16_t slot, struct outgoing_event *out)
{
	const struct outgoing_socket *s = &o->slots[slot];
	ssize_t n = o->sockets->read(o->sockets->self, s->fd, o->message, sizeof o->message);

	*out = (struct outgoing_event){ .slot = slot };
	if (n < 0) {
		out->unreachable = errno == ECONNREFUSED || errno == EHOSTUNREACH ||
				   errno == ENETUNREACH;
		return out->unreachable;
	}
	out->message = (struct slice){ o->message, (size_t)n };
	return !is_copy(s, out->message);
}

bool outgoing_receive(struct outgoing *o, const struct pollfd *fds, size_t n,
		      struct outgoing_event *out)
{
	while (o->at < n) {
		unsigned at = o->at++;

		if (!fds[at].revents)
			continue;
		uint16_t slot = slot_of(o, fds[at].fd, at);
		if (slot != NO_SLOT && receive(o, slot, out))
			return true;
	}
	return false;
}

void outgoing_tick(struct outgoing *o, uint64_t now_ms)
{
	unsigned closes = CLOSE_MAX;

	for (unsigned i = 0; i < OUTGOING_SERVERS && o->idle > 0; i++) {
		struct outgoing_queue *q = &o->queues[i];

		while (q->count > 0 && closes > 0 && is_old(o, q->slots[q->first], now_ms)) {
			close_first(o, q);
			closes--;
		}
	}
}

int outgoing_timeout_ms(const struct outgoing *o, uint64_t now_ms)
{
	(void)now_ms;
	return o->idle > 0 ? TICK_MS : -1;
}
