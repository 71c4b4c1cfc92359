/*
 * prefetch.h -- tells the processor what will be needed soon.
 *
 * Where a walk jumps through memory that is larger than the caches, each step waits
 * some hundred nanoseconds.  Whoever knows the steps in advance lets several of these
 * waits lie side by side.  It is a hint: an address need not even be good.
 */
#ifndef BASE_PREFETCH_H
#define BASE_PREFETCH_H

#if defined(__GNUC__)
#define prefetch(address) __builtin_prefetch(address)
/* For a function that does nothing else: gcc sees no effect, and leaves out calls of it. */
#define ONLY_FETCHES __attribute__((always_inline))
#else
#define prefetch(address) ((void)(address))
#define ONLY_FETCHES
#endif

#endif
