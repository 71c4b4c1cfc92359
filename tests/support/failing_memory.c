#include "support/failing_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);
char *__wrap_strdup(const char *s);

static size_t left = SIZE_MAX;
static size_t blocks;
static bool failed, is_once;

void memory_fails_at(size_t k)
{
	left = k;
	failed = is_once = false;
}

void memory_fails_once_at(size_t k)
{
	memory_fails_at(k);
	is_once = true;
}

bool memory_recovers(void)
{
	left = SIZE_MAX;
	return failed;
}

size_t memory_blocks(void)
{
	return blocks;
}

static bool fails(void)
{
	if (left == SIZE_MAX)
		return false;
	if (left > 0) {
		left--;
		return false;
	}
	failed = true;
	if (is_once)
		left = SIZE_MAX;
	return true;
}

void *__wrap_malloc(size_t n)
{
	void *p = fails() ? NULL : __real_malloc(n);

	blocks += p != NULL;
	return p;
}

void *__wrap_calloc(size_t n, size_t size)
{
	void *p = fails() ? NULL : __real_calloc(n, size);

	blocks += p != NULL;
	return p;
}

void *__wrap_realloc(void *old, size_t n)
{
	void *p = fails() ? NULL : __real_realloc(old, n);

	blocks += !old && p;
	return p;
}

void __wrap_free(void *p)
{
	blocks -= p != NULL;
	__real_free(p);
}

/* The one of libc would have memory of its own. */
char *__wrap_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = __wrap_malloc(n);

	return copy ? memcpy(copy, s, n) : NULL;
}
