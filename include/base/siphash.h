/*
 * siphash.h -- a keyed hash that nobody without the key can steer.
 *
 * SipHash (Aumasson and Bernstein, 2012).  The 1-3 form spreads names over
 * hash tables: with a secret key nobody can choose names that collide.  The
 * 2-4 form makes the server cookies of RFC 9018 §4.4.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/octets.h"

struct siphash_key {
	uint64_t k0, k1;
};

/* The key in 16 octets, little-endian as the authors write it. */
struct siphash_key siphash_key(const uint8_t octets[16]);

uint64_t siphash13(const struct siphash_key *key, const uint8_t *octets, size_t n);
uint64_t siphash24(const struct siphash_key *key, const uint8_t *octets, size_t n);

#endif
