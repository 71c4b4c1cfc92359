/*
 * pages.c -- large memory that is about to be written for the first time.
 */
#include "base/pages.h"

#include <sys/mman.h>

enum { POPULATE_WRITE = 23 }; /* MADV_POPULATE_WRITE, spelled out for older headers */

void pages_meet(void *at, size_t n)
{
	size_t before = -(uintptr_t)at % PAGES_STEP;

	if (n >= before + PAGES_STEP)
		(void)madvise((uint8_t *)at + before, (n - before) / PAGES_STEP * PAGES_STEP,
			      POPULATE_WRITE);
}
