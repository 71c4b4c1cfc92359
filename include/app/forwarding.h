/*
 * forwarding.h -- a server's way to upstream servers: serve/forward, which
 * thinks, and net/outgoing and net/stream, which move its octets.
 *
 * A turn of the server's loop:
 *
 *     n = forwarding_poll_fds(w, fds, max);
 *     ... poll, at most forwarding_timeout_ms() ...
 *     forwarding_turn(w, fds, n, now)
 *     while (forwarding_next(w, &waiter, now))      hears upstream servers; each
 *             ... answer that waiter's query ...    waiter that can go on
 *     forwarding_flush(w, now)
 */
#ifndef APP_FORWARDING_H
#define APP_FORWARDING_H

#include "app/surroundings.h"
#include "net/outgoing.h"
#include "net/stream.h"
#include "net/udp.h"
#include "serve/forward.h"
#include "serve/respond.h"

enum { FORWARDING_POLL_MAX = OUTGOING_OPEN + STREAMS };

_Static_assert(FORWARD_UPSTREAMS <= 64, "each upstream server has a bit");

/* How the answer gets back to a client. */
struct way_back {
	const struct listener *listener; /* NULL: by TCP */
	union {
		struct udp_origin udp;
		uint64_t tcp; /* the message's id */
	} to;
	struct address peer; /* for the log */
	uint32_t interface;
};

/* Something that goes wrong again and again: told now and then, with how often. */
struct complaint {
	uint64_t told;     /* of the counter, up to the last line */
	uint32_t every_ms; /* a line at most; 0: ten seconds */
	struct log_limit limit;
};

/* Logs "what: N times" if the counter has grown and the last line is long enough ago. */
void complain(struct complaint *c, uint64_t count, const char *what, uint64_t now_ms);

struct forwarding {
	const struct config *config;
	const struct sockets *sockets;
	struct csprng random;
	struct routes routes;
	struct cache cache;
	struct access access;
	/*
	 * Not all of the rest is of concern to others, but it is in this order so that few pages
	 * are touched: what is small stands together, and what is large is used from its beginning.
	 */
	const struct surroundings *around;
	void *cache_block;
	const struct pollfd *fds; /* of this turn */
	size_t outgoing_fds;
	bool ticked; /* in this turn */
	uint64_t told_ms;
	bool has_news; /* that was not told, because the last time is not long enough ago */
	struct complaint unseeded, forged, refused, looped;
	struct log_limit blocked_limit;
	uint64_t blocked_told;
	uint64_t told_down; /* the bits of upstream servers */
	struct streams streams;
	struct outgoing outgoing;
	struct elsewhere elsewhere;
	struct forward forward;
	struct refusals refusals;
	uint16_t route_of[CONFIG_MAX_FORWARDS]; /* by number of config.forwards */
	struct address addresses[FORWARD_UPSTREAMS];
	struct response_room room;
	uint16_t slots[FORWARD_ASKS][FORWARD_PER_ROUTE];
	uint32_t line_of[OUTGOING_SLOTS]; /* ask and line that a socket serves */
	struct way_back ways[FORWARD_WAITERS];
};

/* What it works with; all of it is kept, but `random` is copied. */
struct forwarding_setup {
	const struct config *config;
	const struct catalog *zones;
	const struct sockets *sockets;
	const struct siphash_key *zone_key;
	struct random random;
};

/*
 * Prepares everything.  Needs: *w is zero (static).  False when memory or
 * randomness ended; forwarding_free() is for then, too.  Without any route,
 * is_forwarding() is false and only access and refusals are of use.
 */
MUST_USE bool forwarding_init(struct forwarding *w, const struct forwarding_setup *setup,
			      uint64_t now_ms);

/* Closes all sockets and gives all memory back. */
void forwarding_free(struct forwarding *w);

static inline bool is_forwarding(const struct forwarding *w)
{
	return w->routes.count > 0;
}

/* Takes over a new block, which is mapped, in the place of the old one. */
void forwarding_take(struct forwarding *w, const struct surroundings *around, uint64_t now_ms);

/*
 * A query needs elsewhere.wanted.  FORWARD_WAITS: it will be answered later, by
 * that way.  FORWARD_NO_ROOM also when the question is one of ours that has
 * come back.
 */
enum forward_outcome forwarding_wait(struct forwarding *w, const struct query *q,
				     const struct way_back *back, uint64_t now_ms);

/*
 * The next waiter whose query can be answered again.  Hears what came from
 * upstream servers, one thing after the other, and that time has passed, and
 * does everything else that is to be done.
 */
bool forwarding_next(struct forwarding *w, uint16_t *waiter, uint64_t now_ms);

size_t forwarding_poll_fds(struct forwarding *w, struct pollfd *fds, size_t max);
int forwarding_timeout_ms(const struct forwarding *w, uint64_t now_ms);

/* poll() is back; fds[0..n) are those of forwarding_poll_fds(), and live until the turn is over. */
void forwarding_turn(struct forwarding *w, const struct pollfd *fds, size_t n, uint64_t now_ms);

/* Writes what waits, and tells of trouble. */
void forwarding_flush(struct forwarding *w, uint64_t now_ms);

/* A line for the log about each upstream server, and one about the cache. */
void forwarding_log(const struct forwarding *w, uint64_t now_ms);

#endif
