/*
 * csprng.c -- numbers that nobody can guess.
 *
 * The state of ChaCha20 is a square of sixteen 32-bit words: four constants,
 * eight words of key, a counter and three words of nonce.  Twenty rounds mix
 * its columns and diagonals in turn.
 */
#include "base/csprng.h"
#include "base/assert.h"

static inline uint32_t rotate(uint32_t v, int n)
{
	return v << n | v >> (32 - n);
}

/* RFC 8439 §2.1 */
static inline void quarter_round(uint32_t s[16], int a, int b, int c, int d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

static void double_round(uint32_t s[16])
{
	quarter_round(s, 0, 4, 8, 12);
	quarter_round(s, 1, 5, 9, 13);
	quarter_round(s, 2, 6, 10, 14);
	quarter_round(s, 3, 7, 11, 15);
	quarter_round(s, 0, 5, 10, 15);
	quarter_round(s, 1, 6, 11, 12);
	quarter_round(s, 2, 7, 8, 13);
	quarter_round(s, 3, 4, 9, 14);
}

static void store_le(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

void chacha20_block(const uint8_t key[CHACHA_KEY_SIZE], uint32_t counter,
		    uint8_t out[CHACHA_BLOCK_SIZE])
{
	uint32_t start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, [12] = counter };
	uint32_t s[16];

	for (int i = 0; i < 8; i++)
		start[4 + i] = load_le32(key + 4 * i);
	memcpy(s, start, sizeof s);
	for (int i = 0; i < 10; i++)
		double_round(s);
	for (int i = 0; i < 16; i++)
		store_le(out + 4 * i, s[i] + start[i]);
}

void csprng_init(struct csprng *c, const struct random *source)
{
	*c = (struct csprng){ .source = *source, .used = CSPRNG_BATCH };
}

/* Makes a batch; its beginning is the key of the next one. */
static void refill(struct csprng *c)
{
	for (uint32_t i = 0; i < CSPRNG_BATCH / CHACHA_BLOCK_SIZE; i++)
		chacha20_block(c->key, i, c->batch + i * CHACHA_BLOCK_SIZE);
	memcpy(c->key, c->batch, sizeof c->key);
	memset(c->batch, 0, sizeof c->key);
	c->used = sizeof c->key;
	c->made += CSPRNG_BATCH;
}

/* The kernel's octets are mixed with what is there: neither alone has to be good. */
static bool reseed(struct csprng *c, uint64_t now_ms)
{
	uint8_t fresh[CHACHA_KEY_SIZE];

	if (!random_fill_secret(&c->source, fresh, sizeof fresh))
		return false;
	for (size_t i = 0; i < sizeof fresh; i++)
		c->key[i] ^= fresh[i];
	c->seeded = true;
	c->made = 0;
	c->reseed_ms = now_ms + CSPRNG_RESEED_MS;
	refill(c);
	return true;
}

bool csprng_ready(struct csprng *c, uint64_t now_ms)
{
	if (!c->seeded || c->made >= CSPRNG_RESEED_OCTETS || now_ms >= c->reseed_ms)
		(void)reseed(c, now_ms);
	return c->seeded;
}

void csprng_fill(struct csprng *c, uint8_t *out, size_t n)
{
	assert(c->seeded);
	while (n > 0) {
		if (c->used == CSPRNG_BATCH)
			refill(c);
		size_t left = CSPRNG_BATCH - c->used;
		size_t some = n < left ? n : left;

		memcpy(out, c->batch + c->used, some);
		memset(c->batch + c->used, 0, some);
		c->used += some;
		out += some;
		n -= some;
	}
}

uint16_t csprng_u16(struct csprng *c)
{
	uint8_t octets[2];

	csprng_fill(c, octets, sizeof octets);
	return load_u16(octets);
}

/* Draws above the last whole multiple of n are thrown away, or small numbers came more often. */
uint32_t csprng_below(struct csprng *c, uint32_t n)
{
	uint32_t limit = 0x10000 - 0x10000 % n;
	uint32_t drawn;

	do
		drawn = csprng_u16(c);
	while (drawn >= limit);
	return drawn % n;
}
