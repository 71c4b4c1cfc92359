/*
 * chance.h -- a source of choices that can be played again.
 *
 * Either a seed, from which numbers follow without end and alike on every machine
 * (SplitMix64, Steele, Lea and Flood 2014), or octets that a fuzzer made up: then
 * each choice takes as many of them as it needs, and when none are left every
 * choice is the first one.
 */
#ifndef SIM_CHANCE_H
#define SIM_CHANCE_H

#include "base/octets.h"
#include "base/random.h"

struct chance {
	uint64_t state;      /* of the seed */
	struct slice octets; /* of the fuzzer, not used yet */
	bool has_octets;
};

struct chance chance_seed(uint64_t seed);
struct chance chance_octets(struct slice octets);

/* True once the octets are used up; never with a seed. */
bool chance_is_over(const struct chance *c);

/* 0 .. n - 1; needs n from 1 to 2^32. */
uint32_t chance_below(struct chance *c, uint32_t n);

/* low .. high, both included. */
uint32_t chance_between(struct chance *c, uint32_t low, uint32_t high);

/* True so many times in a thousand. */
bool chance_permille(struct chance *c, unsigned n);

void chance_fill(struct chance *c, uint8_t *out, size_t n);

#endif
