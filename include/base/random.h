/*
 * random.h -- the seam to randomness.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include "base/octets.h"

struct random {
	/* Fills out[0..n) with octets nobody can guess.  False when there are none. */
	bool (*fill)(void *self, uint8_t *out, size_t n);
	/* The same, but false also while the source has not yet gathered enough. */
	bool (*fill_secret)(void *self, uint8_t *out, size_t n);
	void *self;
};

static inline bool random_fill(const struct random *r, uint8_t *out, size_t n)
{
	return r->fill(r->self, out, n);
}

static inline bool random_fill_secret(const struct random *r, uint8_t *out, size_t n)
{
	return r->fill_secret(r->self, out, n);
}

/*
 * The kernel's generator: getrandom(), or /dev/urandom where the call is
 * unknown (before Linux 3.17).  Neither waits.  `fill` takes what a kernel has
 * that is still collecting entropy at boot: keys for hash tables are needed at
 * once, and what only then would be guessable is gone with the next start.
 * `fill_secret` fails until then: what protects us from forged answers must not
 * be guessable at any time.
 */
struct random random_system(void);

#endif
