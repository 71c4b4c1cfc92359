/*
 * csprng.h -- numbers that nobody can guess: ports, IDs and the case of letters.
 *
 * ChaCha20 (RFC 8439 §2.3) makes octets from a key of the kernel's.  The first
 * 32 octets of each batch become the next key and what has been given out is
 * erased ("fast key erasure"), so whoever reads this memory later learns
 * nothing about earlier numbers.  New octets of the kernel are mixed in after
 * each MiB or ten minutes.
 */
#ifndef BASE_CSPRNG_H
#define BASE_CSPRNG_H

#include "base/random.h"

enum {
	CHACHA_KEY_SIZE = 32,
	CHACHA_BLOCK_SIZE = 64,
	CSPRNG_BATCH = 16 * CHACHA_BLOCK_SIZE,
	CSPRNG_RESEED_OCTETS = 1024 * 1024,
	CSPRNG_RESEED_MS = 600 * 1000,
};

struct csprng {
	struct random source;
	bool seeded;
	uint64_t reseed_ms; /* when to mix in more */
	uint32_t made;      /* octets since then */
	size_t used;        /* of the batch */
	uint8_t key[CHACHA_KEY_SIZE];
	uint8_t batch[CSPRNG_BATCH];
};

/* One block of ChaCha20 with a nonce of zeros. */
void chacha20_block(const uint8_t key[CHACHA_KEY_SIZE], uint32_t counter,
		    uint8_t out[CHACHA_BLOCK_SIZE]);

/* Takes its key from the source at the first csprng_ready(). */
void csprng_init(struct csprng *c, const struct random *source);

/*
 * Seeds or reseeds when it is time to.  False while the source has nothing
 * that is secret, as a router at boot: then nothing may be drawn.
 */
MUST_USE bool csprng_ready(struct csprng *c, uint64_t now_ms);

/* Each draws evenly; needs csprng_ready() to have been true. */
void csprng_fill(struct csprng *c, uint8_t *out, size_t n);
uint16_t csprng_u16(struct csprng *c);
uint32_t csprng_below(struct csprng *c, uint32_t n); /* 0 .. n - 1, n from 1 to 2^16 */

#endif
