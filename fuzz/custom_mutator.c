/*
 * custom_mutator.c -- the mutator of one target, as libFuzzer and as AFL++ call it.
 *
 * Built once for each target that has one, with MUTATE for the function.  With
 * libFuzzer it is a part of the target; for AFL++ it is a library of its own,
 * which AFL_CUSTOM_MUTATOR_LIBRARY names.
 */
#include "mutate.h"

#include <stdlib.h>
#include <string.h>

/* What engines call, by names of theirs. */
size_t LLVMFuzzerMutate(uint8_t *octets, size_t size, size_t room) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *octets, size_t size, size_t room, unsigned seed);
void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(void *self, uint8_t *octets, size_t size, uint8_t **out,
		       const uint8_t *other, size_t other_size, size_t room);
void afl_custom_deinit(void *self);

/* libFuzzer's own mutations know the dictionary and what was compared: half of the time. */
size_t LLVMFuzzerCustomMutator(uint8_t *octets, size_t size, size_t room, unsigned seed)
{
	if (LLVMFuzzerMutate && seed % 2 == 0)
		return LLVMFuzzerMutate(octets, size, room);
	return MUTATE(octets, size, room, seed / 2);
}

/* ------ AFL++ ------ */

struct state {
	uint64_t count;
	unsigned seed;
	uint8_t *octets;
	size_t room;
};

void *afl_custom_init(void *afl, unsigned seed)
{
	struct state *s = calloc(1, sizeof *s);

	(void)afl;
	if (s)
		s->seed = seed;
	return s;
}

size_t afl_custom_fuzz(void *self, uint8_t *octets, size_t size, uint8_t **out,
		       const uint8_t *other, size_t other_size, size_t room)
{
	struct state *s = self;

	(void)other, (void)other_size;
	if (room > s->room) {
		free(s->octets);
		s->octets = malloc(room);
		s->room = s->octets ? room : 0;
	}
	*out = s->octets;
	if (size > s->room)
		return 0;
	memcpy(s->octets, octets, size);
	return MUTATE(s->octets, size, room, s->seed + (unsigned)s->count++);
}

void afl_custom_deinit(void *self)
{
	struct state *s = self;

	free(s->octets);
	free(s);
}
