/*
 * stream.h -- TCP connections to upstream servers, kept and shared.
 *
 *     streams_send(s, server, &address, octets, n, now)   opens one if there is none
 *     n = streams_poll_fds(s, fds, max, now)
 *     ... poll ...
 *     streams_turn(s, fds, n, now)
 *     while (streams_next(s, &event, now))    messages, and ends of connections
 *
 * One connection for each server; questions go out one behind the other and
 * answers come back in any order (RFC 7766 §6.2.1.1): who asked what is the
 * business of the floor above.  A connection that has been idle is ended by
 * either side at any time, so an end tells whether to try once more.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "net/connection.h"

enum {
	STREAMS = 8, /* connections at once; the longest idle makes way */
	STREAM_CONNECT_MS = 3000,
	STREAM_ANSWER_MS = 3000, /* without a sign of life while answers are due */
	STREAM_IDLE_MS = 10000,  /* RFC 7766 §6.2.3 */
};

struct stream {
	bool in_use;
	bool connected;
	bool proven; /* an answer has come by it */
	bool ended;  /* to be told */
	bool timed_out;
	uint8_t server;
	unsigned due;      /* answers */
	uint64_t moved_ms; /* something went out or came in, or it was opened */
	struct connection connection;
};

struct stream_event {
	uint8_t server;
	bool ended;           /* instead of a message */
	bool again;           /* a new one may do: this one had worked until now */
	bool silent;          /* it stood, but no answer came in time */
	struct slice message; /* lives until the next call */
};

struct streams {
	const struct sockets *sockets;
	uint64_t opened, broken; /* counters */
	/* The rest is of no concern to others. */
	uint8_t *buffers; /* mapped at the first use */
	unsigned at;      /* that streams_next() looks at */
	uint8_t polled[STREAMS];
	struct stream streams[STREAMS];
};

/* Needs: *s is zero (static).  The pointer is kept. */
void streams_init(struct streams *s, const struct sockets *sockets);

/* Closes all connections. */
void streams_free(struct streams *s);

enum stream_outcome {
	STREAM_TAKEN,
	STREAM_FULL, /* so much waits already */
	STREAM_NONE, /* there is no connection, and none can be opened */
};

/* Sends a message to a server when its connection can take it. */
MUST_USE enum stream_outcome streams_send(struct streams *s, uint8_t server,
					  const struct address *peer, const uint8_t *octets,
					  size_t n, uint64_t now_ms);

/* Ends the connection to a server: it has another address now. */
void streams_forget(struct streams *s, uint8_t server);

/* The descriptors to wait for, put at fds[0..max); how many, at most STREAMS. */
size_t streams_poll_fds(struct streams *s, struct pollfd *fds, size_t max);

/* When streams_turn() has something to do whatever happens: -1 = never. */
int streams_timeout_ms(const struct streams *s, uint64_t now_ms);

/* Does what poll found; fds and n are those of the last streams_poll_fds(). */
void streams_turn(struct streams *s, const struct pollfd *fds, size_t n, uint64_t now_ms);

/* The next message or end; false when there is none for now. */
bool streams_next(struct streams *s, struct stream_event *out, uint64_t now_ms);

/* Writes what waits. */
void streams_flush(struct streams *s, uint64_t now_ms);

#endif
