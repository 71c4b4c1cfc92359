/*
 * random_names.h -- names that nobody would think of, the same in every run.
 */
#ifndef SUPPORT_RANDOM_NAMES_H
#define SUPPORT_RANDOM_NAMES_H

#include "dns/name.h"

/* A number below n from a generator that a seed starts (xorshift, for tests only). */
struct random_source {
	uint64_t state;
};

static inline uint32_t random_below(struct random_source *r, uint32_t n)
{
	r->state ^= r->state << 13;
	r->state ^= r->state >> 7;
	r->state ^= r->state << 17;
	return (uint32_t)((r->state >> 32) % n);
}

/*
 * A name of one to `depth` labels below `origin`.  Labels come from few letters
 * of both cases, '*', '-' and octets around those that folding moves, so that
 * names meet, contain and nearly equal each other.
 */
static inline void random_name(struct random_source *r, struct name origin, unsigned depth,
			       struct name_buf *out)
{
	static const uint8_t letters[] = { 'a', 'b', 'A', 'B', '*',  '-',  0,    1,    '@',  '[',
					   'Z', 'z', '`', '{', 0x7f, 0x80, 0xc1, 0xe1, 0xff, '.' };
	unsigned labels = 1 + random_below(r, depth);
	uint8_t used = 0;

	for (unsigned i = 0; i < labels; i++) {
		/* Short ones mostly, so that they repeat; now and then one of nine octets or more. */
		uint8_t size = (uint8_t)(1 + random_below(r, random_below(r, 8) ? 2 : 12));

		if (used + size + 1u + origin.size > NAME_MAX_SIZE)
			break;
		out->octets[used++] = size;
		for (; size > 0; size--)
			out->octets[used++] =
				letters[random_below(r, random_below(r, 4) ? 4 : sizeof letters)];
	}
	memcpy(out->octets + used, origin.octets, origin.size);
	out->size = (uint8_t)(used + origin.size);
}

#endif
