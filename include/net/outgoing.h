/*
 * outgoing.h -- UDP sockets to upstream servers, each with a port drawn at random.
 *
 *     slot = outgoing_send(o, server, &address, octets, n, now)   a socket of its own
 *     ... poll ...
 *     while (outgoing_receive(o, fds, n, &event))                 what came, slot by slot
 *     outgoing_release(o, slot, clean, now)                       not needed any more
 *
 * A socket serves one question at a time and is connected to one server, so
 * nobody else's packets reach it.  Opening one costs more than all the rest of
 * a question.  So while there are many questions (OUTGOING_BUSY a second) those
 * whose answer came at once are kept for a moment: for OUTGOING_USES questions
 * and OUTGOING_LIFE_MS at most, never for one of the next OUTGOING_REST
 * questions, and drawn at random from those that have rested.  Otherwise a
 * socket is closed as soon as its question is answered.
 *
 * In a router each port is also an entry in its table of connections for as
 * long as two minutes; outgoing_limit() sets how many may be opened.
 */
#ifndef NET_OUTGOING_H
#define NET_OUTGOING_H

#include "base/csprng.h"
#include "net/sockets.h"

enum {
	OUTGOING_SERVERS = 64,
	OUTGOING_OPEN = 512, /* sockets that wait for an answer */
	OUTGOING_IDLE = 256, /* sockets that rest */
	OUTGOING_SLOTS = OUTGOING_OPEN + OUTGOING_IDLE,
	OUTGOING_FIRST_PORT = 1024,
	OUTGOING_TRIES = 8, /* ports that are taken by somebody, one after the other */
	OUTGOING_USES = 4,
	OUTGOING_LIFE_MS = 1000,
	OUTGOING_REST = 64,
	OUTGOING_BUSY = 200,
	OUTGOING_MESSAGE_MAX = 4096, /* no server sends more than we offer to take */
};

enum outgoing_problem {
	OUTGOING_NO_SOCKET = -1,   /* no descriptor, no port, or the limit is reached */
	OUTGOING_UNREACHABLE = -2, /* the packet cannot leave */
};

struct outgoing_socket {
	int fd;
	uint16_t port;
	uint16_t next;  /* free slot */
	uint16_t place; /* in `waiting` */
	uint8_t server;
	uint8_t uses;
	uint16_t ids[OUTGOING_USES]; /* of its questions: the last one is being asked */
	uint64_t opened_ms;
};

/* Sockets that rest, of one server: a queue, the longest resting first. */
struct outgoing_queue {
	uint16_t first, count;
	uint16_t slots[OUTGOING_IDLE];
};

struct outgoing_event {
	uint16_t slot;
	bool unreachable;     /* an ICMP message instead of one for us */
	struct slice message; /* lives until the next call */
};

struct outgoing {
	const struct sockets *sockets;
	struct csprng *random;
	uint64_t opened, failed; /* counters */
	/* The rest is of no concern to others. */
	uint64_t ports_left, ports_full; /* outgoing_limit(), in thousandths */
	unsigned ports_per_s;
	uint64_t filled_ms;
	uint64_t second;
	unsigned asked, asked_before; /* questions in this second, and in the one before */
	uint16_t free, idle;
	uint16_t used; /* slots that were ever taken: those behind are free, too */
	uint16_t waiting_count, at;
	uint16_t recent[OUTGOING_REST]; /* ports of the last questions */
	unsigned recent_at;
	struct pollfd waiting[OUTGOING_OPEN];
	uint16_t slot_at[OUTGOING_OPEN]; /* of `waiting` */
	struct outgoing_socket slots[OUTGOING_SLOTS];
	struct outgoing_queue queues[OUTGOING_SERVERS];
	uint8_t message[OUTGOING_MESSAGE_MAX];
};

/* Needs: *o is zero (static); the pointers are kept. */
void outgoing_init(struct outgoing *o, const struct sockets *s, struct csprng *random);

/*
 * From now on at most `burst` ports may be opened at once, and so many more in
 * a second; 0, 0: any number.
 */
void outgoing_limit(struct outgoing *o, unsigned burst, unsigned per_s, uint64_t now_ms);

/*
 * Sends a question to a server, by a socket of its own; the slot, or an enum
 * outgoing_problem.  Needs octets of a DNS message.
 */
int outgoing_send(struct outgoing *o, uint8_t server, const struct address *peer,
		  const uint8_t *octets, size_t n, uint64_t now_ms);

/* Sends it once more by the same socket; false when it cannot leave. */
MUST_USE bool outgoing_again(struct outgoing *o, uint16_t slot, const uint8_t *octets, size_t n);

/* A socket is not needed any more.  `clean`: one packet went out, and its answer came back. */
void outgoing_release(struct outgoing *o, uint16_t slot, bool clean, uint64_t now_ms);

/* Closes what rests for a server: it has another address now. */
void outgoing_forget(struct outgoing *o, uint8_t server);

/* Closes all sockets. */
void outgoing_free(struct outgoing *o);

/* The descriptors to wait for, put at fds[0..max); how many. */
size_t outgoing_poll_fds(struct outgoing *o, struct pollfd *fds, size_t max);

/*
 * The next thing that poll() found, one message for each descriptor in a turn.
 * False when there is no more.  Sockets may be sent to and released between
 * two calls.
 */
bool outgoing_receive(struct outgoing *o, const struct pollfd *fds, size_t n,
		      struct outgoing_event *out);

/* Closes what has rested for too long; some at a time. */
void outgoing_tick(struct outgoing *o, uint64_t now_ms);

/* When outgoing_tick() has something to do: -1 = never. */
int outgoing_timeout_ms(const struct outgoing *o, uint64_t now_ms);

#endif
