/*
 * chance.c -- a source of choices that can be played again.
 */
#include "sim/chance.h"

struct chance chance_seed(uint64_t seed)
{
	return (struct chance){ .state = seed };
}

struct chance chance_octets(struct slice octets)
{
	return (struct chance){ .octets = octets, .has_octets = true };
}

bool chance_is_over(const struct chance *c)
{
	return c->has_octets && c->octets.size == 0;
}

static uint64_t splitmix64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

/* As many octets as the number of choices needs. */
static uint32_t take(struct chance *c, uint32_t n)
{
	uint32_t value = 0;

	for (uint32_t most = n - 1; most > 0 && c->octets.size > 0; most >>= 8) {
		value = value << 8 | *c->octets.octets++;
		c->octets.size--;
	}
	return value;
}

uint32_t chance_below(struct chance *c, uint32_t n)
{
	if (c->has_octets)
		return take(c, n) % n;
	/* So few of 2^64 fall to one more than to another that nobody can tell. */
	return (uint32_t)(splitmix64(&c->state) % n);
}

uint32_t chance_between(struct chance *c, uint32_t low, uint32_t high)
{
	return low + chance_below(c, high - low + 1);
}

bool chance_permille(struct chance *c, unsigned n)
{
	return n > 0 && chance_below(c, 1000) < n;
}

void chance_fill(struct chance *c, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)chance_below(c, 256);
}
