/*
 * number.h -- whole numbers: as text, digits and nothing else, and as sizes of tables.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/octets.h"

/*
 * Reads a text that is a decimal number of at most max, leading zeros allowed.
 * NULL, or what is wrong; *value is untouched then.
 */
MUST_USE const char *number_parse(const uint8_t *text, size_t size, uint64_t max, uint64_t *value);

/* The smallest power of two that is not below n; needs n <= SIZE_MAX / 2 + 1. */
size_t number_power_of_two(size_t n);

#endif
