/*
 * kept.h -- what was worked out before, given again.
 *
 * Most questions have been asked a moment ago, octet for octet, by the same client or by
 * another.  What was written for them is kept, and copied instead of being worked out:
 *
 *	slots, in rows of four          values, one behind the other; when the room
 *	+----+----+----+----+           ends the oldest are written over
 *	|  hash and place   | ------>   [key | value] [key | value] ...
 *	+----+----+----+----+
 *
 * Two kinds of values are kept: whole replies, by the query (serve/respond.c), and
 * referrals, by the delegation (serve/answer_referral.c).  A value depends on nothing but
 * its key and what zones and settings say; when these may be different from before,
 * kept_clear() forgets everything.
 *
 * Keys that come only once (random names) shall not drive out the others: the first time
 * just the hash is noted, in the last slot of its row; the second time the value is kept,
 * and its slot moves to the front.  The hash says where to look, never what is right.
 */
#ifndef SERVE_KEPT_H
#define SERVE_KEPT_H

#include "base/octets.h"

enum {
	KEPT_SIZE = 4 * 1024 * 1024, /* octets that are kept in all */
	KEPT_ROWS = 4096,            /* of slots; a power of two */
	KEPT_WAYS = 4,               /* slots of a row: as many as a line of the caches has */
	KEPT_KEY_MIN = 8,            /* octets of a key */
	KEPT_KEY_MAX = 128,
	KEPT_VALUE_MAX = 1024, /* octets of a value, head and body */
};

/* All zero at first.  Memory that no value has needed is never touched. */
struct kept {
	/* A row begins with a line of the caches. */
	_Alignas(64) struct kept_slot {
		uint64_t hash;
		uint64_t at; /* as `written` was; of a key only noted: 0, where another is */
	} slots[KEPT_ROWS][KEPT_WAYS];
	uint8_t octets[KEPT_SIZE];
	/* Last: in struct server it shares a page with what follows. */
	uint64_t written; /* octets until now, modulo KEPT_SIZE the place of the next value */
};

/* What a value depends on. */
struct kept_key {
	struct slice octets;
	uint64_t beside; /* all else that makes a difference, as one number */
	uint64_t hash;   /* of both: kept_expect() fills it in */
};

/*
 * Makes a key ready to be looked for, and has the processor fetch its row, which takes a
 * moment; then kept_fetch() does the same for its value: false when there is none.  Both are
 * hints.
 */
void kept_expect(const struct kept *k, struct kept_key *key);
bool kept_fetch(const struct kept *k, const struct kept_key *key);

/*
 * What is kept under a key that is ready, or no octets.  A view that is good until
 * something is put or cleared; it lies at any address, so what has numbers is copied out.
 */
struct slice kept_find(const struct kept *k, const struct kept_key *key);

/*
 * True when a key that was not found was noted before; else it is noted now.  Values of
 * more than KEPT_VALUE_MAX octets are never wanted.
 */
MUST_USE bool kept_wants(struct kept *k, const struct kept_key *key, size_t size);

/* Keeps a value in two parts for a key that is wanted, unless it is too long. */
void kept_put(struct kept *k, const struct kept_key *key, struct slice head, struct slice body);

/* Forgets all values, but not which keys come often. */
void kept_clear(struct kept *k);

#endif
