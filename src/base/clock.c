/*
 * clock.c -- the system's clocks.
 *
 * CLOCK_BOOTTIME goes on while a machine sleeps; kernels before 2.6.39 do not
 * have it.
 */
#include "base/clock.h"

#include <time.h>

static uint64_t system_now_ms(void *self)
{
	struct timespec t;

	(void)self;
	if (clock_gettime(CLOCK_BOOTTIME, &t) != 0)
		clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int64_t system_wall_s(void *self)
{
	struct timespec t;

	(void)self;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

struct clock clock_system(void)
{
	return (struct clock){ .now_ms = system_now_ms, .wall_s = system_wall_s };
}
