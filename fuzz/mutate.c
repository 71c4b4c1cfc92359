/*
 * mutate.c -- what a mutator is made of.
 */
#include "mutate.h"

#include <string.h>

/* As much as is moved at once: a good piece of a zone. */
static uint8_t scratch[65536];

struct mutation mutation_init(uint8_t *octets, size_t size, size_t room, unsigned seed)
{
	return (struct mutation){ octets, size < room ? size : room, room, seed };
}

/* splitmix64: each state gives a number of its own, also small seeds. */
size_t mutation_below(struct mutation *m, size_t limit)
{
	uint64_t z = m->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return (size_t)((z ^ z >> 31) % limit);
}

bool mutation_replace(struct mutation *m, size_t at, size_t old, const void *octets, size_t n)
{
	if (at > m->size || old > m->size - at || n > sizeof scratch ||
	    n > m->room - (m->size - old))
		return false;
	if (n > 0)
		memcpy(scratch, octets, n);
	memmove(m->octets + at + n, m->octets + at + old, m->size - at - old);
	if (n > 0)
		memcpy(m->octets + at, scratch, n);
	m->size = m->size - old + n;
	return true;
}

void mutation_swap(struct mutation *m, size_t a, size_t a_end, size_t b, size_t b_end)
{
	size_t total = b_end - a, at = 0;

	if (a > a_end || a_end > b || b > b_end || b_end > m->size || total > sizeof scratch)
		return;
	memcpy(scratch + at, m->octets + b, b_end - b);
	at += b_end - b;
	memcpy(scratch + at, m->octets + a_end, b - a_end);
	at += b - a_end;
	memcpy(scratch + at, m->octets + a, a_end - a);
	memcpy(m->octets + a, scratch, total);
}
