/*
 * cache.h -- answers of upstream servers, kept for as long as they are good.
 *
 * One question, one answer: what a response said is found again under the
 * question that brought it and under no other, so nothing that a response
 * contains can answer for another name.  A "no such name" is kept for all
 * types at once (RFC 2308 §5): its key has type 0.
 *
 * Everything lies in one block of fixed size, the index included:
 *
 *	+---------+-------+---------------------------------------------+
 *	| buckets | wheel | cells (serve/cells.h): an entry is a chain  |
 *	+---------+-------+---------------------------------------------+
 *
 *	buckets   by a keyed hash of the name, and by the type; the flags of a key are compared
 *	wheel     by the time when something has to happen to an entry: when its
 *	          hand passes, what is over is found without searching
 *	queues    in the order in which room is made (each step is O(1)):
 *	          GOING  is over, or was never meant to stay
 *	          NEW    came once; leaves at the end unless it was used meanwhile
 *	          KEPT   was used; has a second turn for each use.  NEW is left a
 *	                 fifth of the block, so a flood of names that are asked
 *	                 once passes through it and never reaches what is in use.
 *
 * The time is the caller's, in milliseconds that never go back.
 */
#ifndef SERVE_CACHE_H
#define SERVE_CACHE_H

#include "dns/edns.h"
#include "dns/name.h"
#include "serve/cells.h"

enum {
	CACHE_MIN_SIZE = 256 * 1024,   /* room for the largest message, and then some */
	CACHE_MAX_TTL_S = 86400,       /* whatever an upstream says */
	CACHE_MAX_NEGATIVE_S = 3600,   /* for a "no" */
	CACHE_MAX_ENTRY = 8192,        /* octets; what is larger only passes through */
	CACHE_STALE_TTL_S = 30,        /* RFC 8767 §4 */
	CACHE_MAX_STALE_S = 7 * 86400, /* RFC 8767 §4: one to three days are usual */
	CACHE_FAILURE_S = 5,           /* RFC 9520 §3.2: doubled with each failure ... */
	CACHE_MAX_FAILURE_S = 300,     /* ... up to this */
	CACHE_SILENCE_S = 1, /* nobody answered: no fault of the name, so not for long; but it
				counts as the first failure */
	CACHE_ANY_TYPE = 0,  /* of the key of a "no such name" */
};

enum cache_flag {
	CACHE_DNSSEC_OK = 1,         /* signatures were asked for (RFC 4035 §3.2.1) */
	CACHE_CHECKING_DISABLED = 2, /* the upstream was not to validate (RFC 4035 §3.2.2) */
};

struct cache_key {
	uint64_t hash; /* of the name, keyed: probe_hash() */
	struct name name;
	uint16_t type;
	uint8_t flags; /* enum cache_flag */
};

/*
 * An answer.  The octets are answer and authority section as they stand in a
 * message behind the header and the question: pointers in them count from there.
 */
struct cache_answer {
	const uint8_t *octets; /* for cache_put() */
	size_t size;
	uint16_t answers, authorities; /* records */
	uint16_t target; /* where in the message the name stands with which to go on, or 0 */
	uint8_t rcode;
	bool authentic;  /* AD */
	bool is_private; /* holds addresses that only mean something here (serve/private.h) */
	int32_t ede;     /* the upstream's reason, or EDE_NONE */
	uint32_t ttl_s;  /* 0: good for those who wait for it and for nobody else */
};

enum cache_state {
	CACHE_MISS,
	CACHE_FRESH,
	CACHE_STALE,  /* over, but better than nothing */
	CACHE_FAILED, /* it has been tried a moment ago, in vain */
};

struct cache_found {
	struct name name;           /* of the key that it was found by */
	struct cache_answer answer; /* octets NULL: cache_read() gets them */
	uint32_t age_s;             /* to be taken off each TTL */
	bool refresh;   /* in use and soon over: ask anew now (told once, with CACHE_FRESH) */
	uint32_t entry; /* for cache_read() alone */
};

struct cache_counters {
	uint64_t added, evicted, expired;
};

struct cache_queue {
	uint32_t newest, oldest; /* entries; 0: none */
	uint32_t cells;
};

enum { CACHE_GOING, CACHE_NEW, CACHE_KEPT, CACHE_QUEUES };

struct cache {
	struct cells cells;
	uint32_t *buckets, *wheel; /* first entries; 0: none */
	uint32_t bucket_mask, wheel_mask;
	uint32_t slot_s; /* seconds of one step of the wheel's hand */
	uint64_t hand;   /* steps that it has taken */
	uint32_t stale_s;
	struct cache_queue queues[CACHE_QUEUES];
	struct cache_counters counters;
};

/*
 * An empty cache in block[0..size), which is borrowed, zeroed and aligned to 8
 * octets; size from CACHE_MIN_SIZE to below 4 GiB.  What is over stays for
 * stale_s more seconds (RFC 8767), 0: not at all.
 */
void cache_init(struct cache *c, void *block, size_t size, uint32_t stale_s, uint64_t now_ms);

/* Forgets everything. */
void cache_clear(struct cache *c, uint64_t now_ms);

/*
 * Has the place fetched where cache_find() will begin, for a key of which this is known; then,
 * a moment later, what it leads to.  Both are hints.
 */
void cache_fetch(const struct cache *c, uint64_t hash, uint16_t type);
void cache_fetch_entry(const struct cache *c, uint64_t hash, uint16_t type);

/*
 * Looks for an answer to a question that came at asked_ms: what was put in
 * after that is good for it whatever its TTL.  With `patient`, who has waited
 * in vain, what is over will do; it also will while failures are remembered.
 * FRESH and STALE: *out is all filled in.  FAILED: of out->answer only `ede`.
 * MISS: *out means nothing.
 */
enum cache_state cache_find(struct cache *c, const struct cache_key *key, uint64_t now_ms,
			    uint64_t asked_ms, bool patient, struct cache_found *out);

/* Copies the octets of what was found; needs room for answer.size.  Until the next cache_put(). */
void cache_read(const struct cache *c, const struct cache_found *found, uint8_t *out);

/*
 * Keeps an answer, of at most 65535 octets and CACHE_MAX_TTL_S, in the place of
 * an older one.  What is not worth its room (CACHE_MAX_ENTRY) comes with TTL 0.
 */
void cache_put(struct cache *c, const struct cache_key *key, const struct cache_answer *answer,
	       uint64_t now_ms);

enum failure {
	FAILURE_SILENCE, /* no server said anything: CACHE_SILENCE_S */
	FAILURE_ANSWER,  /* SERVFAIL and the like: CACHE_FAILURE_S, doubled each time */
};

/*
 * Remembers that there was no answer, and why (an enum ede), for a while
 * (RFC 9520 §3.2).  An answer that is over is kept beside it.
 */
void cache_put_failure(struct cache *c, const struct cache_key *key, enum failure failure,
		       int32_t ede, uint64_t now_ms);

/* Lets the hand of the wheel catch up, a bounded number of entries at a time: once a turn. */
void cache_tick(struct cache *c, uint64_t now_ms);

#endif
