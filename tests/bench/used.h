/*
 * used.h -- processor time of this process, for measurements within one run.
 */
#ifndef BENCH_USED_H
#define BENCH_USED_H

#include <sys/resource.h>

static inline double used_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

#endif
