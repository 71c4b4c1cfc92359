#include "support/guard.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
	void *base;
	size_t size;
} areas[4096];
static size_t area_count;

const uint8_t *guard_copy(const void *octets, size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t body = (n + page - 1) / page * page;
	uint8_t *base =
		mmap(NULL, body + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert(base != MAP_FAILED && area_count < sizeof areas / sizeof areas[0]);
	assert(mprotect(base + body, page, PROT_NONE) == 0);
	areas[area_count].base = base;
	areas[area_count++].size = body + page;
	if (n)
		memcpy(base + body - n, octets, n);
	return base + body - n;
}

void guard_release(void)
{
	while (area_count > 0) {
		area_count--;
		munmap(areas[area_count].base, areas[area_count].size);
	}
}

const uint8_t *guard_hex(const char *hex, size_t *n)
{
	uint8_t *octets = malloc(strlen(hex) / 2 + 1);
	int high = -1;

	*n = 0;
	for (; *hex; hex++) {
		if (isspace((unsigned char)*hex))
			continue;
		assert(isxdigit((unsigned char)*hex));
		int digit = isdigit((unsigned char)*hex) ? *hex - '0'
							 : tolower((unsigned char)*hex) - 'a' + 10;
		if (high < 0) {
			high = digit;
		} else {
			octets[(*n)++] = (uint8_t)(high << 4 | digit);
			high = -1;
		}
	}
	assert(high < 0);
	const uint8_t *copy = guard_copy(octets, *n);
	free(octets);
	return copy;
}
