/*
 * fork.h -- another process of ours.
 */
#ifndef APP_FORK_H
#define APP_FORK_H

#include <unistd.h>

/*
 * What libc's fork() does for the threads of a program is 1.4 KB of the static binary, and
 * we have none: there the build names _Fork() (POSIX.1-2024) instead.
 */
#ifndef TEN35_FORK
#define TEN35_FORK fork
#endif

/* As fork(). */
static inline pid_t fork_process(void)
{
	return TEN35_FORK();
}

#endif
