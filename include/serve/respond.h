/*
 * respond.h -- one request in, one outcome out: the door into the server's mind.
 *
 * No sockets, no clock, no files: unit tests, fuzzers, benchmarks and the real
 * server all come through here.
 */
#ifndef SERVE_RESPOND_H
#define SERVE_RESPOND_H

#include "serve/access.h"
#include "serve/answer.h"
#include "serve/cookie.h"
#include "serve/identity.h"
#include "serve/kept.h"
#include "serve/query.h"
#include "serve/views.h"

enum {
	RESPOND_MAX_SIZE = MESSAGE_MAX_SIZE, /* room that a reply by TCP may need */
	RESPOND_UDP_SIZE = EDNS_UDP_SIZE,    /* room that a reply by UDP may need */
};

enum outcome {
	OUTCOME_REPLY, /* out holds the whole message */
	OUTCOME_DROP,  /* say nothing */
	OUTCOME_WAIT,  /* elsewhere->wanted is to be asked upstream; then the request comes again */
};

struct request {
	const uint8_t *octets;
	size_t size;
	enum via via;
	struct slice peer;   /* the client's address, 4 or 16 octets */
	uint32_t interface;  /* that it came in by; 0: not known */
	uint32_t now_s;      /* wall clock, for cookies */
	uint64_t now_ms;     /* a clock that never goes back */
	uint64_t arrived_ms; /* when the request came for the first time */
	bool patient;        /* it has waited for long enough: no OUTCOME_WAIT */
};

/* What a server is told once and keeps. */
struct responder {
	const struct catalog *zones;
	enum answer_style style;
	struct identity identity;
	struct siphash_key cookie_secret;
	bool loading;                /* the first zones are not all here: nothing is REFUSED yet */
	const struct routes *routes; /* NULL: names that no zone has are answered nowhere */
	struct elsewhere *elsewhere; /* NULL: nobody else is asked */
	const struct pointers *pointers; /* names of our addresses; NULL: none */
	const struct views *views;       /* NULL: all clients see the same */
	const struct access *access;     /* who else may be answered; NULL: everybody */
	struct refusals *refusals;       /* NULL: each one is told */
	struct kept *kept;               /* what was worked out before; NULL: nothing is */
};

/*
 * May a query with these flags be answered from what others say?  For those who may have it and
 * want it (RD).  Nobody is asked before all zones are known: the name might be ours.
 */
static inline bool asks_others(const struct responder *self, bool is_friend, uint16_t flags)
{
	return self->elsewhere && is_friend && flags & FLAG_RD && !self->loading;
}

/* What happened, for the query log and the counters. */
struct response {
	struct query query;
	enum verdict verdict;
	unsigned rcode;
	size_t size; /* octets written */
	bool truncated;
	bool is_local; /* nothing in it came from an upstream server */
	bool refresh;  /* elsewhere->wanted is in the answer and soon over: ask it anew */
};

/*
 * Answers a request into out[0..room), room at least 512.  OUTCOME_REPLY with
 * what->size octets written, OUTCOME_DROP, or OUTCOME_WAIT.  Query and verdict
 * are filled in in any case, the rest of `what` with OUTCOME_REPLY; the query
 * borrows the request's octets.  Where the reply is one that was kept, the question is
 * all that there is of the query.
 */
enum outcome respond(const struct responder *self, const struct request *req, uint8_t *out,
		     size_t room, struct response *what);

/* What is known of a request before it is answered. */
struct prepared {
	bool is_friend; /* the client is one of those who may be answered from elsewhere */
	uint32_t views; /* of the client */
	struct kept_key key;
	/* Of the question's name, by the key of zones; not ready while that has no octets. */
	struct probe probe;
};

/*
 * respond() in two steps, for who has several requests: the first fetches from memory what
 * the second will look at, and that takes a while.  Between them, serve/ahead.h has a place.
 */
void respond_prepare(const struct responder *self, const struct request *req, struct prepared *p);
enum outcome respond_prepared(const struct responder *self, const struct request *req,
			      struct prepared *p, uint8_t *out, size_t room, struct response *what);

#endif
