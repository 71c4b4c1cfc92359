/*
 * elsewhere.h -- answers to names that no zone of ours has: out of the cache.
 *
 * What is not there is not waited for: the answer says what is missing, and
 * once somebody (serve/forward.h) has fetched it, the same question is simply
 * answered again from the beginning.
 */
#ifndef SERVE_ELSEWHERE_H
#define SERVE_ELSEWHERE_H

#include "serve/cache.h"
#include "serve/routes.h"

/* What has to be asked upstream. */
struct wanted {
	struct name_buf name;
	uint16_t type;
	uint16_t route;
	uint8_t flags; /* enum cache_flag */
};

/* One for a server; what belongs to a single question is set for each. */
struct elsewhere {
	/* Where records are taken apart; names in it live until the next question. */
	uint8_t names[MESSAGE_MAX_SIZE];
	uint8_t octets[MESSAGE_MAX_SIZE];
	size_t names_used;

	/* These come last: in struct forwarding they share a page with what follows. */
	const struct routes *routes;
	struct cache *cache;

	uint64_t now_ms, asked_ms; /* the question came at asked_ms */
	uint8_t flags;             /* enum cache_flag */
	bool patient;              /* has waited long enough: what is over will do */

	struct wanted wanted; /* what is missing, or soon will be */
};

/*
 * Looks for an answer for the probe's name; `place` says which route it
 * belongs to.  A "no such name" for one of its ancestors in the same route
 * answers it as well (RFC 8020 §2).
 */
enum cache_state elsewhere_find(struct elsewhere *e, struct probe *p, uint16_t type,
				const struct place *place, struct cache_found *out);

/* Notes that this has to be asked upstream. */
void elsewhere_want(struct elsewhere *e, struct name name, uint16_t type,
		    const struct place *place);

/* What the answer is to: the question of the message, or an alias in it. */
enum position { AT_QUESTION, BEHIND_ALIAS };

/*
 * Writes the records of an answer that was found, TTLs counted down.  False
 * when not all of it found room.  When the answer is an alias that leads on,
 * *target is the name to go on with, else its size is 0.
 */
MUST_USE bool elsewhere_put(struct elsewhere *e, struct message *m, enum position position,
			    enum cache_state state, const struct cache_found *found,
			    struct name_buf *target);

#endif
