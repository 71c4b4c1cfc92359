/*
 * guard.h -- octets that end at a page nobody may read.
 *
 * A parser that reads one octet too far crashes the test instead of passing it.
 */
#ifndef SUPPORT_GUARD_H
#define SUPPORT_GUARD_H

#include <stddef.h>
#include <stdint.h>

/* A copy of octets[0..n) whose end is the end of readable memory.  Lives as long as the test. */
const uint8_t *guard_copy(const void *octets, size_t n);

/* Gives back all copies; call between cases when there are many. */
void guard_release(void);

/* Reads hex digits (blanks ignored) into a guarded copy; *n is set. */
const uint8_t *guard_hex(const char *hex, size_t *n);

#endif
