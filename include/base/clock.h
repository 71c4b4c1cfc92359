/*
 * clock.h -- the seam to time.
 *
 * Timers and time-outs live on a clock that never goes back; only cookies and
 * log lines ask for the time of day, which on a router without a battery may
 * be 1970 until NTP has spoken.  The main loop reads the clock once a turn.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/octets.h"

struct clock {
	uint64_t (*now_ms)(void *self); /* since some moment before the program started */
	int64_t (*wall_s)(void *self);  /* since 1970 */
	void *self;
};

static inline uint64_t clock_now_ms(const struct clock *c)
{
	return c->now_ms(c->self);
}

static inline int64_t clock_wall_s(const struct clock *c)
{
	return c->wall_s(c->self);
}

/* The system's clocks. */
struct clock clock_system(void);

#endif
