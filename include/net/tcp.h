/*
 * tcp.h -- the TCP side of the server: a small table of connections (RFC 7766).
 *
 * Nothing here calls back.  A turn of the main loop is:
 *
 *     n = tcp_poll_fds(t, fds, max, now);      what to wait for
 *     timeout = tcp_timeout_ms(t, now);        and how long at most
 *     ... poll ...
 *     tcp_turn(t, fds, n, now);                accepts, reads, closes what is over
 *     while (tcp_next(t, &m)) {                each whole message there is
 *             reply = tcp_reply_room(t, m.id, &room);
 *             ... m.octets[0..m.size) -> up to room octets at reply ...
 *             tcp_reply_commit(t, m.id, size); now, or in a later turn
 *     }
 *     tcp_flush(t, now);                       one write for each connection
 *
 * Time is whatever the caller says, in milliseconds that never go back.
 *
 * Every message is committed exactly once, with size 0 when it gets no reply.
 * That may happen turns later and in any order (RFC 7766 §6.2.1.1); an id stays good
 * for that, and does nothing once its connection is gone.  A reply of many
 * messages goes out by tcp_reply_part() and, while room is NULL, by waiting
 * for another turn.
 *
 * Memory is mapped once, and given back page by page when a connection ends.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/connection.h"
#include "net/listener.h"

/* More than one poll set is good for. */
#define TCP_CONNECTIONS_MAX 256

/* The usual limits: a router has few descriptors and each client has few reasons. */
#define TCP_CONNECTIONS 32
#define TCP_PER_PREFIX  8 /* of one IPv4 address or one IPv6 /64, which is one customer */

/* From its first octet on (from accept on for the first one): 64 KiB take 3 s at 175 kbit/s. */
#define TCP_MESSAGE_MS 3000

/* RFC 7766 §6.2.3 asks for a few seconds; less when seats run short. */
#define TCP_IDLE_MS      10000
#define TCP_IDLE_FULL_MS 2000

/* For a peer that takes nothing of what it asked for. */
#define TCP_STALL_MS 10000

/*
 * When all seats are taken, a connection this old gives its own up between two
 * messages.  There is no such end otherwise, and no cap on queries: a client
 * that keeps one connection busy for hours is the cheapest kind there is.
 */
#define TCP_LIFETIME_MS 120000

/* How long nothing is accepted after the system ran out of descriptors. */
#define TCP_PAUSE_MS 100

struct tcp_limits {
	unsigned connections; /* 1..TCP_CONNECTIONS_MAX */
	unsigned per_prefix;  /* at least 1 */
};

struct tcp_counters {
	uint64_t accepted;
	uint64_t refused_prefix; /* too many of one client, all of them busy */
	uint64_t evicted;        /* made way for a new one */
	uint64_t timed_out;
	uint64_t stalled;       /* timed out because they did not read */
	uint64_t retired;       /* old, when all seats were taken */
	uint64_t malformed;     /* announced a message shorter than a header */
	uint64_t broken;        /* reset by the peer, or another failure */
	uint64_t no_descriptor; /* times that accept failed for want of one */
	uint64_t accept_failed; /* for other reasons */
	uint64_t messages;
	uint64_t replies;
};

/* A whole message of a client.  All pointers live until tcp_flush or tcp_turn. */
struct tcp_message {
	uint64_t id;
	const uint8_t *octets;
	size_t size;
	const struct address *peer, *local;
	uint32_t interface; /* it came in by; 0 = unknown */
};

struct tcp {
	struct tcp_counters counters;
	/* The rest is of no concern to others. */
	const struct sockets *sockets;
	struct tcp_limits limits;
	uint64_t now_ms;
	uint64_t serial;
	uint64_t paused_until_ms;
	uint8_t *buffers;
	size_t page_size;
	unsigned used; /* seats that are taken ... */
	unsigned end;  /* ... all of them below this one */
	unsigned next; /* seat that tcp_next() looks at */
	unsigned listener_count;
	int spare; /* a descriptor to give up, so that a client can be turned away; -1 = none */
	int listeners[LISTENERS_MAX];
	size_t polled;
	uint16_t polled_seats[LISTENERS_MAX + TCP_CONNECTIONS_MAX];
	struct connection seats[TCP_CONNECTIONS_MAX];
};

/* Maps the buffers.  Needs: *t is zero (static).  False, with errno, without memory. */
MUST_USE bool tcp_init(struct tcp *t, const struct sockets *s, const struct tcp_limits *limits);

/* Also accepts from there; the listener stays the caller's.  At most LISTENERS_MAX. */
void tcp_listen(struct tcp *t, const struct listener *l);

/* Closes all connections and unmaps the buffers. */
void tcp_free(struct tcp *t);

/* The descriptors to wait for, put at fds; how many.  Needs room for TCP_POLL_MAX(t) of them. */
size_t tcp_poll_fds(struct tcp *t, struct pollfd *fds, size_t max, uint64_t now_ms);

/* When tcp_turn() has something to do whatever happens; -1 = never, 0 = now. */
int tcp_timeout_ms(const struct tcp *t, uint64_t now_ms);

/* Does what poll found; fds and n are those of the last tcp_poll_fds(). */
void tcp_turn(struct tcp *t, const struct pollfd *fds, size_t n, uint64_t now_ms);

/* The next message of any connection; false when there is none for now. */
bool tcp_next(struct tcp *t, struct tcp_message *m);

/*
 * Room for one message to the client of id.  NULL when the connection is gone
 * or too much waits on it; within the turn that handed the message out there is always room.
 */
uint8_t *tcp_reply_room(struct tcp *t, uint64_t id, size_t *room);

/* The message in that room is ready, and another belongs to the same reply. */
void tcp_reply_part(struct tcp *t, uint64_t id, size_t size);

/* The message in that room is ready and the last; size 0 = none.  Once for each query. */
void tcp_reply_commit(struct tcp *t, uint64_t id, size_t size);

/* False once the connection of id is closed. */
bool tcp_is_open(struct tcp *t, uint64_t id);

/* Writes what waits and closes what is finished. */
void tcp_flush(struct tcp *t, uint64_t now_ms);

#endif
