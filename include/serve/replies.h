/*
 * replies.h -- replies that were given before, given again.
 *
 * Most questions have been asked a moment ago, octet for octet, by the same client or by
 * another.  What was written for them is kept, and copied instead of being worked out:
 *
 *	slots, in rows of four          replies, one behind the other; when the room
 *	+----+----+----+----+           ends the oldest are written over
 *	|  hash and place   | ------>   [query | reply] [query | reply] ...
 *	+----+----+----+----+
 *
 * A query is found by all of its octets but the ID, and by what else its reply depends on.
 * Kept is what depends on nothing more: what zones say, but no cookie, no time and nothing
 * that an upstream server said.  When zones or settings may be different from before,
 * replies_clear() forgets everything.
 *
 * Queries that come only once (random names) shall not drive out the others: the first time
 * just the hash is noted, in the last slot of its row; the second time the reply is kept,
 * and its slot moves to the front.  The hash says where to look, never what is right.
 */
#ifndef SERVE_REPLIES_H
#define SERVE_REPLIES_H

#include "base/octets.h"

enum {
	REPLIES_SIZE = 512 * 1024, /* octets that are kept in all */
	REPLIES_ROWS = 1024,       /* of slots; a power of two */
	REPLIES_WAYS = 4,          /* slots of a row: as many as a line of the caches has */
	REPLIES_QUERY_MIN = 12,    /* octets of a query that may be kept: a header ... */
	REPLIES_QUERY_MAX = 128,   /* ... and a question of usual size */
	REPLIES_REPLY_MAX = 512,   /* octets of its reply */
};

/* All zero at first.  Memory that no reply has needed is never touched. */
struct replies {
	uint64_t written; /* octets until now, modulo REPLIES_SIZE the place of the next reply */
	struct reply_slot {
		uint64_t hash;
		uint64_t at; /* as `written` was; of a query only noted: 0, where another is */
	} slots[REPLIES_ROWS][REPLIES_WAYS];
	uint8_t octets[REPLIES_SIZE];
};

/* What a reply depends on. */
struct reply_key {
	struct slice query; /* the whole message */
	uint64_t client;    /* all else that makes a difference, as one number */
	uint64_t hash;      /* of both: replies_find() fills it in */
};

/* What stands before a reply that is kept. */
struct kept_reply {
	uint64_t client;
	uint16_t query_size; /* without the ID */
	uint16_t size;
	uint8_t rcode;
	uint8_t name_size; /* of the question */
};

/*
 * Writes the reply to this query to out[0..room), with the query's ID, and *kept.  False
 * when none is kept, or when there is no room: then it has to be worked out.
 */
MUST_USE bool replies_find(const struct replies *r, struct reply_key *key, uint8_t *out,
			   size_t room, struct kept_reply *kept);

/*
 * Keeps a reply of this rcode, if its query was noted before; else notes it.  The key is
 * one that was not found.  What is too long for us is passed over.
 */
void replies_keep(struct replies *r, const struct reply_key *key, struct slice reply, uint8_t rcode,
		  uint8_t name_size);

/* Forgets all replies, but not which queries come often. */
void replies_clear(struct replies *r);

#endif
