/*
 * cache_model.h -- the cache against a model of it: whatever is done, in whatever order.
 *
 * Each step does one thing to the cache and to the model, and says what is
 * broken when they differ.  A miss is always allowed where room is short; a wrong
 * answer or an old one never is.  What is done comes from a source of choices:
 * random numbers, or the octets of an input.
 */
#ifndef SUPPORT_CACHE_MODEL_H
#define SUPPORT_CACHE_MODEL_H

#include "serve/cache.h"
#include "support/guarded_block.h"
#include "support/random_names.h"

enum { CACHE_MODEL_KEYS = 400, CACHE_MODEL_MAX_SIZE = 8000, CACHE_MODEL_FILL_SIZE = 5000 };

/* Where choices come from: an input, and without one a generator. */
struct choices {
	struct reader *input;
	struct random_source random;
};

/* What was put in last, and until when a failure may be remembered. */
struct model_entry {
	bool has;
	uint32_t seed; /* of the octets */
	uint64_t stored_ms, failed_until_ms;
	struct cache_answer answer;
};

struct cache_model_setup {
	size_t size;
	uint32_t stale_s;
	uint64_t start_ms;
	bool has_room; /* for everything: nothing that is good may be missing */
};

struct cache_model {
	struct guarded_block block;
	struct cache cache;
	struct cache_found found;
	struct choices choices;
	bool has_room;
	uint64_t now_ms;
	struct model_entry keys[CACHE_MODEL_KEYS];
	unsigned fresh, stale, failed; /* what was found */
};

void cache_model_open(struct cache_model *m, const struct cache_model_setup *setup,
		      const struct choices *choices);
/* So many answers are there, which is about what the smallest cache can hold when it is 45. */
void cache_model_fill(struct cache_model *m, unsigned count);

void cache_model_step(struct cache_model *m);
void cache_model_close(struct cache_model *m);

#endif
