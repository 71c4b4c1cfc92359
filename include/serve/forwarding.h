/*
 * forwarding.h -- the tables of forward.h, seen from inside: for
 * src/serve/forward*.c only.
 *
 * Asks and waiters stand in arrays of fixed size; what is free hangs in a list,
 * and of each the one that was given back last is taken first, so that a quiet
 * server touches little memory.
 */
#ifndef SERVE_FORWARDING_H
#define SERVE_FORWARDING_H

#include "serve/forward.h"

/* ------ asks ------ */

static inline uint16_t ask_number(const struct forward *f, const struct ask *a)
{
	return (uint16_t)(a - f->asks);
}

/* The ask for just this, or NULL. */
struct ask *ask_find(struct forward *f, const struct wanted *wanted);

/* Has the client more than its share, of asks or of waiters? */
bool owner_has_too_many(const struct forward *f, uint64_t owner);

enum { FOR_NOBODY = 1 /* owner of an ask that no client began; 0 is none */ };

/* A new ask, with all that a client may have of time and packets; NULL when all are taken. */
struct ask *ask_new(struct forward *f, const struct wanted *wanted, uint64_t owner,
		    uint64_t now_ms);

/* Takes it out of the tables.  Needs one without waiters and sockets. */
void ask_free(struct forward *f, struct ask *a);

/* The line to an upstream server, or NULL. */
struct forward_line *ask_line(struct ask *a, uint8_t upstream);

static inline uint8_t line_number(const struct ask *a, const struct forward_line *l)
{
	return (uint8_t)(l - a->lines);
}

/* What is sent, letters and all. */
struct question ask_question(const struct ask *a);

/* The key under which its answer is kept. */
struct cache_key ask_key(const struct forward *f, const struct ask *a, struct probe *p,
			 uint16_t type);

/* Asks the first server.  The ask may be over when it returns. */
void ask_begin(struct forward *f, struct ask *a, uint64_t now_ms);

/* The best server that was not asked in this round, or NULL. */
struct forward_line *ask_choose(struct forward *f, struct ask *a, uint64_t now_ms);

/* Asks a server, by the way that suits it; or by this way. */
void ask_server(struct forward *f, struct ask *a, struct forward_line *l, uint64_t now_ms);
void ask_by_datagram(struct forward *f, struct ask *a, struct forward_line *l, uint64_t now_ms);
void ask_by_stream(struct forward *f, struct ask *a, struct forward_line *l, uint64_t now_ms);

/* A server that was down has answered: who waits for that goes on with the next tick. */
void ask_after_life(struct forward *f, uint64_t now_ms);

/* Asks the next server: each once, then all of them again.  The ask may be over. */
void ask_next(struct forward *f, struct ask *a, uint64_t now_ms);

/* Is an answer still possible? */
bool ask_is_hopeful(const struct ask *a);

/* When the next server is to be asked. */
void ask_schedule(struct forward *f, struct ask *a, uint64_t retry_ms);

void ask_release(struct forward *f, struct ask *a, struct forward_line *l, bool clean);

/* What a waiter is to do next. */
enum patience {
	PATIENT,    /* take what there is */
	MAY_ASK_ON, /* and ask for what is still missing */
};

/* Sends the waiters on: to be answered, or to ask for the next thing. */
void ask_wake(struct forward *f, struct ask *a, enum patience patience);

/* Keeps the answer and ends the ask. */
void ask_end(struct forward *f, struct ask *a, const struct response_taken *taken, uint64_t now_ms);

/* Nobody has an answer: notes the failure and ends the ask. */
void ask_end_in_vain(struct forward *f, struct ask *a, uint64_t now_ms);

static inline struct upstream *upstream_of(struct forward *f, const struct forward_line *l)
{
	return &f->upstreams[l->upstream];
}

/* ------ waiters ------ */

/* Needs: not all are taken. */
struct waiter *waiter_new(struct forward *f, uint64_t owner);
void waiter_free(struct forward *f, struct waiter *w);

static inline uint64_t waiter_owner(const struct forward *f, const struct waiter *w)
{
	return f->waiter_owners[w - f->waiters];
}

/* Puts it behind the others that wait for the ask. */
void waiter_join(struct forward *f, struct waiter *w, struct ask *a);

/* True when the same query of the same client waits for this ask, or too many others of it do. */
bool waiter_is_too_many(const struct forward *f, const struct ask *a, uint64_t owner, uint64_t peer,
			uint16_t id);

/* ------ actions ------ */

void act_on_line(struct forward *f, const struct ask *a, const struct forward_line *l,
		 enum forward_act act, bool clean);
void act_on_waiter(struct forward *f, uint16_t waiter);

#endif
