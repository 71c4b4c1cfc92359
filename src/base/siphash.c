/*
 * siphash.c -- a keyed hash that nobody without the key can steer.
 *
 * Four words of state are stirred by additions, rotations and exclusive ors.
 * Each eight octets of input go through C rounds, the end through D rounds:
 * C and D are the two digits of the name.
 */
#include "base/siphash.h"

struct state {
	uint64_t a, b, c, d;
};

static inline uint64_t rotate(uint64_t v, int n)
{
	return v << n | v >> (64 - n);
}

static inline void stir(struct state *s)
{
	s->a += s->b;
	s->b = rotate(s->b, 13) ^ s->a;
	s->a = rotate(s->a, 32);
	s->c += s->d;
	s->d = rotate(s->d, 16) ^ s->c;
	s->a += s->d;
	s->d = rotate(s->d, 21) ^ s->a;
	s->c += s->b;
	s->b = rotate(s->b, 17) ^ s->c;
	s->c = rotate(s->c, 32);
}

static inline void absorb(struct state *s, uint64_t word, int rounds)
{
	s->d ^= word;
	for (int i = 0; i < rounds; i++)
		stir(s);
	s->a ^= word;
}

static inline uint64_t hash(const struct siphash_key *key, const uint8_t *p, size_t n, int rounds,
			    int last_rounds)
{
	struct state s = {
		.a = key->k0 ^ 0x736f6d6570736575,
		.b = key->k1 ^ 0x646f72616e646f6d,
		.c = key->k0 ^ 0x6c7967656e657261,
		.d = key->k1 ^ 0x7465646279746573,
	};
	size_t rest = n % 8;
	/*
	 * Those behind the last whole eight: no branch is needed where octets before them can be
	 * loaded, too, and go again.  In two steps, for no number can be shifted by 64.
	 */
	uint64_t last = n < 8 ? load_le(p, n) : load_le64(p + n - 8) >> 8 >> (56 - 8 * rest);

	last |= (uint64_t)n << 56;
	for (; n >= 8; n -= 8, p += 8)
		absorb(&s, load_le64(p), rounds);
	absorb(&s, last, rounds);
	s.c ^= 0xff;
	for (int i = 0; i < last_rounds; i++)
		stir(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

struct siphash_key siphash_key(const uint8_t octets[16])
{
	return (struct siphash_key){ load_le64(octets), load_le64(octets + 8) };
}

/* The rounds become part of it, because the loader and each query wait for it. */
#if defined(__GNUC__)
__attribute__((flatten))
#endif
uint64_t
siphash13(const struct siphash_key *key, const uint8_t *octets, size_t n)
{
	return hash(key, octets, n, 1, 3);
}

uint64_t siphash24(const struct siphash_key *key, const uint8_t *octets, size_t n)
{
	return hash(key, octets, n, 2, 4);
}
