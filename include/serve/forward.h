/*
 * forward.h -- fetches what is missing from upstream servers.
 *
 * A state machine without sockets: it is told what happens and says what is to
 * be done.  Three nouns:
 *
 *	ask      one question that is being asked upstream, for however many
 *	         clients; two equal questions are one ask (RFC 5452 §5)
 *	line     what an ask has to do with one upstream server: a UDP socket of its
 *	         own with a random port, a random ID, and perhaps TCP
 *	waiter   a client's query that goes on when its ask is over
 *
 *	forward_wait --> choose a server --> SEND
 *	forward_datagram, forward_stream --> answer?      cache it, READY for each waiter
 *	                                     TC?          STREAM: ask the same server by TCP
 *	                                     error?       the next server, at once
 *	                                     not ours?    go on waiting, and STREAM
 *	forward_tick --> nothing came --> the next server, or the same one again
 *	             --> 5 s are over --> READY, and the waiters get SERVFAIL
 *
 * READY means: answer the waiter's query again from the beginning; what was
 * missing is in the cache now, or a failure is noted there.
 *
 * The question goes out with its letters in random case, and only an answer
 * that has them alike is one: what an attacker who sees none of it has to guess
 * is worked out in docs/forwarding.md.
 */
#ifndef SERVE_FORWARD_H
#define SERVE_FORWARD_H

#include "base/csprng.h"
#include "serve/elsewhere.h"
#include "serve/query.h"
#include "serve/response.h"
#include "serve/upstream.h"

enum {
	FORWARD_ASKS = 256,
	FORWARD_WAITERS = 1024,
	FORWARD_UPSTREAMS = 64,     /* in all routes together */
	FORWARD_PER_ROUTE = 8,      /* upstream servers of one route */
	FORWARD_PER_CLIENT = 64,    /* waiters of one client for one ask */
	FORWARD_SHARE = 8,          /* of what is left, a client may have this part */
	FORWARD_PACKETS = 10,       /* for one client's query */
	FORWARD_PATIENCE_MS = 5000, /* a client has no more */
	FORWARD_RETRY_MS = 400,     /* grows by 100 after each second packet */
	FORWARD_STREAM_MS = 1500,   /* for an answer by TCP before another server is asked, too */
	FORWARD_STALE_MS = 1800,    /* RFC 8767 §5: then an old answer is better than none */
	FORWARD_DOWN_MS = 1000,     /* for a sign of life when all servers are down */
	FORWARD_LOOP_MS = 100,      /* a neighbour's server passes a question on within this time */
	FORWARD_RESTARTS = 8,       /* asks that one query may need, one after the other */
	FORWARD_PACKET_MAX = HEADER_SIZE + NAME_MAX_SIZE + 4 + EDNS_FIXED_SIZE,
	/* A RELEASE, a SEND and a STREAM for each line, a READY for each waiter: all fit. */
	FORWARD_ACTIONS = 8192,
	FORWARD_NO_INDEX = UINT16_MAX,
};

/* What is to be done.  All of it, in this order, before the next event. */
enum forward_act {
	FORWARD_SEND,    /* the line's packet, by UDP: forward_packet() */
	FORWARD_RELEASE, /* the line's socket is not needed any more */
	FORWARD_STREAM,  /* the line's packet, by TCP to its upstream */
	FORWARD_READY,   /* answer the waiter's query again: forward_waiter() */
};

struct forward_action {
	uint8_t act; /* enum forward_act */
	uint8_t line;
	uint8_t upstream;
	bool clean;      /* RELEASE: one packet went out and its answer came back */
	uint16_t ask;    /* SEND, RELEASE, STREAM */
	uint16_t waiter; /* READY */
	uint32_t serial; /* of the ask */
};

struct forward_line {
	uint16_t id;
	uint8_t upstream;
	bool in_use;
	bool has_socket;
	bool on_stream; /* asked by TCP, not answered yet */
	bool asked;     /* in this round */
	bool failed;    /* it gave an answer that is none */
	bool dead;      /* its packets find nobody */
	bool plain;     /* without OPT */
	bool counted;   /* its silence has been noted */
	bool looped;    /* the question surely came back from there: noted */
	uint8_t packets, streams;
	uint16_t first_ms; /* when the first packet went, counted from the ask's beginning */
	uint64_t sent_ms;
};

struct ask {
	struct name_buf name; /* in the letters that are sent */
	struct wanted wanted;
	uint32_t serial;   /* never the same twice */
	uint64_t hash;     /* of name, type and flags */
	uint64_t began_ms; /* never changes */
	uint64_t end_ms;   /* when the one who began it has no more patience */
	uint64_t retry_ms; /* when to ask the next server */
	uint64_t due_ms;   /* when something has to happen, that or another thing */
	uint8_t packets, budget;
	bool answered;     /* some server has said something */
	bool guessed;      /* somebody asked the same in other mixed letters */
	bool looked_stale; /* for an old answer */
	bool told_stale;   /* waiters have been sent away with it */
	int32_t ede;       /* the reason to give in the end */
	uint16_t next;     /* of its bucket, or of the free list */
	uint16_t place;    /* in `active` */
	uint16_t first_waiter, last_waiter;
	struct forward_line lines[FORWARD_PER_ROUTE];
};

struct waiter {
	uint16_t next; /* of its ask, or of the free list */
	uint16_t ask;  /* FORWARD_NO_INDEX: none */
	bool patient;  /* no more asks for it */
	uint8_t spent, restarts;
	uint64_t peer; /* the client's address and port, keyed */
	uint64_t arrived_ms;
	uint16_t id;
	uint16_t size;
	uint8_t query[QUERY_PACKED_MAX];
};

struct forward_counters {
	uint64_t asks, packets, streams, answers, failures;
	uint64_t silent;  /* packets that were not answered in time */
	uint64_t forged;  /* packets that came to an open port and were no answer */
	uint64_t blocked; /* answers with private addresses */
	uint64_t looped;
	uint64_t refused;  /* queries that found no room */
	uint64_t unseeded; /* queries that came before there was any randomness */
};

struct route_servers {
	uint8_t count;
	uint8_t at[FORWARD_PER_ROUTE]; /* numbers of upstreams */
};

struct forward {
	struct cache *cache;
	struct routes *routes;
	struct csprng *random;
	struct siphash_key key;
	struct forward_counters counters;
	struct name_buf blocked; /* the name of the last answer that was */
	/* The rest is of no concern to others. */
	struct response_room *room;
	uint16_t free_ask, free_waiter, asks_used, waiters_used;
	uint32_t serial; /* of the last ask */
	uint64_t due_ms; /* nothing has to happen before */
	unsigned action_first, action_count;
	/* What is large comes last: of it only the pages at the beginning are ever touched. */
	uint16_t buckets[FORWARD_ASKS];
	uint16_t active[FORWARD_ASKS]; /* the asks that are used, in any order */
	struct upstream upstreams[FORWARD_UPSTREAMS];
	struct route_servers servers[ROUTES_MAX];
	/* Whose they are: clients' prefixes, keyed; 0: nobody's. */
	uint64_t ask_owners[FORWARD_ASKS], waiter_owners[FORWARD_WAITERS];
	struct ask asks[FORWARD_ASKS];
	struct waiter waiters[FORWARD_WAITERS];
	struct forward_action actions[FORWARD_ACTIONS];
};

/* Needs: *f is zero (static); the pointers are kept. */
void forward_init(struct forward *f, struct cache *cache, struct routes *routes,
		  struct response_room *room, struct csprng *random, const struct siphash_key *key);

/* ------ servers ------ */

/* The number of a new upstream server; FORWARD_NO_INDEX when there are too many. */
uint16_t forward_add_upstream(struct forward *f, struct slice host);

/* From now on a route has these servers. */
void forward_set_servers(struct forward *f, uint16_t route, const struct route_servers *servers);

/* Forgets an upstream server that no route has any more and no ask uses; false while one does. */
bool forward_drop_upstream(struct forward *f, uint8_t upstream);

/* ------ events ------ */

/* A client: its address, and its address and port. */
struct forward_client {
	struct slice address;
	uint16_t port;
};

enum forward_outcome {
	FORWARD_WAITS,   /* *waiter is its number: keep the way back under it */
	FORWARD_SILENT,  /* say nothing: it is waiting already, or its client has too many */
	FORWARD_NO_ROOM, /* answer it without waiting: respond() with `patient` */
};

/* A query cannot be answered because `wanted` is missing. */
enum forward_outcome forward_wait(struct forward *f, const struct query *q,
				  const struct wanted *wanted, const struct forward_client *client,
				  uint64_t now_ms, uint16_t *waiter);

/* The same for a waiter that was READY: now something else is missing.  False: answer it as it is. */
MUST_USE bool forward_wait_on(struct forward *f, uint16_t waiter, const struct wanted *wanted,
			      uint64_t now_ms);

/* Fetches what is soon over, for nobody in particular. */
void forward_refresh(struct forward *f, const struct wanted *wanted, uint64_t now_ms);

/* A waiter has been answered, or its client is gone. */
void forward_drop_waiter(struct forward *f, uint16_t waiter);

/* A datagram came to the line's socket. */
void forward_datagram(struct forward *f, uint16_t ask, uint8_t line, struct slice message,
		      uint64_t now_ms);

/* The line's packet found nobody: an ICMP message, or an error at sending. */
void forward_unreachable(struct forward *f, uint16_t ask, uint8_t line, uint64_t now_ms);

/* There was no socket for the line's packet: by TCP, then. */
void forward_no_socket(struct forward *f, uint16_t ask, uint8_t line, uint64_t now_ms);

/* A message came by TCP from an upstream. */
void forward_stream(struct forward *f, uint8_t upstream, struct slice message, uint64_t now_ms);

/* How a TCP connection to an upstream ended. */
enum forward_end {
	FORWARD_END_AGAIN,  /* it had worked, and a new one may do */
	FORWARD_END_SILENT, /* it stands, but no answer came */
	FORWARD_END_FAILED, /* it did not come about, or nothing ever came by it */
};

void forward_stream_ended(struct forward *f, uint8_t upstream, enum forward_end how,
			  uint64_t now_ms);

/* A line's packet was not taken by a connection that has enough to do. */
void forward_stream_full(struct forward *f, uint16_t ask, uint8_t line, uint64_t now_ms);

/* Time has passed. */
void forward_tick(struct forward *f, uint64_t now_ms);

/* How long until forward_tick() has something to do: -1 = for ever. */
int forward_timeout_ms(const struct forward *f, uint64_t now_ms);

/*
 * A query cannot be answered because `wanted` is missing: is it one of our own
 * questions that has come back?  Then it is written in our own letters, or
 * comes from the very server that we have asked (see docs/forwarding.md).
 */
bool forward_is_loop(struct forward *f, const struct question *q, const struct wanted *wanted,
		     struct slice peer, uint64_t now_ms);

/* ------ what is to be done ------ */

bool forward_next(struct forward *f, struct forward_action *out);

/* The packet of a line; the size. */
size_t forward_packet(const struct forward *f, uint16_t ask, uint8_t line,
		      uint8_t out[FORWARD_PACKET_MAX], uint64_t now_ms);

static inline const struct waiter *forward_waiter(const struct forward *f, uint16_t waiter)
{
	return &f->waiters[waiter];
}

#endif
