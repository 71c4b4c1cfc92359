#include "support/variations.h"

#include <dirent.h>
#include <string.h>

#include "support/guard.h"
#include "support/random_names.h"

enum { INPUT_MAX = 1 << 18, CHANGES_MAX = 4, RUN_MAX = 32 };

static struct random_source source;
static uint8_t input[INPUT_MAX], before[INPUT_MAX];
static size_t before_size;

static uint32_t below(size_t n)
{
	return random_below(&source, (uint32_t)n);
}

/* What a parser is likely to look at: ends of ranges, and octets that mean something. */
static uint8_t any_octet(void)
{
	static const uint8_t special[] = { 0,   1,   2,    12,   63,   64,   0x7f, 0x80, 0xc0, 0xff,
					   ' ', '.', '\n', '\\', '"',  '(',  ')',  ';',  '@',  '$',
					   '*', '/', '#',  '0',  0x1c, 0xc1, '-',  '%',  ':' };

	return below(2) ? special[below(sizeof special)] : (uint8_t)below(256);
}

static void take_out(size_t *size)
{
	size_t at = below(*size), n = 1 + below(RUN_MAX);

	n = n < *size - at ? n : *size - at;
	memmove(input + at, input + at + n, *size - at - n);
	*size -= n;
}

/* From the input before, or from this one. */
static void bring_in(size_t *size)
{
	const uint8_t *from = before_size && below(2) ? before : input;
	size_t most = from == before ? before_size : *size;
	size_t start = below(most), to = below(*size + 1), n = 1 + below(RUN_MAX);
	uint8_t run[RUN_MAX];

	n = n < most - start ? n : most - start;
	if (*size + n > sizeof input)
		return;
	memcpy(run, from + start, n);
	memmove(input + to + n, input + to, *size - to);
	memcpy(input + to, run, n);
	*size += n;
}

static void change(size_t *size)
{
	uint32_t what = below(8);

	if (*size == 0)
		return;
	if (what < 3)
		input[below(*size)] = any_octet();
	else if (what < 5)
		input[below(*size)] ^= (uint8_t)(1 << below(8));
	else if (what == 5)
		take_out(size);
	else if (what == 6)
		bring_in(size);
	else if (below(4) == 0)
		*size = below(*size + 1);
}

static void try(const uint8_t *octets, size_t size, property *holds)
{
	holds(guard_copy(octets, size), size);
	guard_release();
}

static void vary(const void *octets, size_t size, property *holds, unsigned variations)
{
	try(octets, size, holds);
	for (unsigned i = 0; i < variations; i++) {
		size_t varied = size;

		memcpy(input, octets, size);
		for (uint32_t changes = 1 + below(CHANGES_MAX); changes > 0; changes--)
			change(&varied);
		try(input, varied, holds);
	}
	memcpy(before, octets, size);
	before_size = size;
}

void vary_input(const void *octets, size_t size, property *holds, unsigned variations)
{
	PROPERTY(size <= sizeof input);
	source.state = 2323;
	before_size = 0;
	vary(octets, size, holds, variations);
}

static int in_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

void vary_corpus(const char *target, property *holds, unsigned variations)
{
	static uint8_t octets[INPUT_MAX];
	char path[4096];
	struct dirent **list;
	int tried = 0;

	snprintf(path, sizeof path, TEN35_SOURCE "/fuzz/corpus/%s", target);
	int count = scandir(path, &list, NULL, in_order);
	/* A corpus that has grown is itself what variations were for. */
	if (count > 0 && variations > VARIATIONS_MAX / (unsigned)count)
		variations = VARIATIONS_MAX / (unsigned)count;
	source.state = 2323;
	before_size = 0;
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, TEN35_SOURCE "/fuzz/corpus/%s/%s", target,
			 list[i]->d_name);
		FILE *f = list[i]->d_name[0] == '.' ? NULL : fopen(path, "rb");
		if (f) {
			vary(octets, fread(octets, 1, sizeof octets, f), holds, variations);
			fclose(f);
			tried++;
		}
		free(list[i]);
	}
	free(list);
	PROPERTY(count >= 0 && tried > 0);
}
