/*
 * mutate.h -- a mutator that knows what it changes: zone text.
 *
 * An engine's own mutations are blind: most of what they make of a zone ends at
 * the first word that is none.  A mutator takes an input apart as far as it can
 * be read, changes one to four things, and leaves the rest as it was.  It
 * depends on the input and the seed only, and never writes beyond its room.
 */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An input while it is being changed. */
struct mutation {
	uint8_t *octets;
	size_t size, room;
	uint64_t state; /* of the random numbers */
};

/* Changes an input of `size` octets in place, and returns its new size, at most `room`. */
typedef size_t mutator(uint8_t *octets, size_t size, size_t room, unsigned seed);
mutator mutate_zone;

/* ------ what a mutator is made of ------ */

struct mutation mutation_init(uint8_t *octets, size_t size, size_t room, unsigned seed);

/* A random number below a limit, which is not 0. */
size_t mutation_below(struct mutation *m, size_t limit);

/*
 * Puts n octets in place of the `old` ones at a place.  False, and nothing
 * is changed, when there is no room.  The octets may be some of the input's own.
 */
bool mutation_replace(struct mutation *m, size_t at, size_t old, const void *octets, size_t n);

/* Swaps [a, a_end) with [b, b_end), which lies behind it. */
void mutation_swap(struct mutation *m, size_t a, size_t a_end, size_t b, size_t b_end);

#endif
