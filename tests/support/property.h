/*
 * property.h -- what must hold whatever the input is.
 *
 * A property takes octets and comes back, or it says what is broken and ends
 * the process.  Tests and fuzz targets call the same ones, so there is no
 * cmocka here: a fuzzer wants a crash, and a test program fails by it too.
 */
#ifndef SUPPORT_PROPERTY_H
#define SUPPORT_PROPERTY_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef void property(const uint8_t *octets, size_t size);

#define PROPERTY(condition)                                                                     \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                \
		}                                                                               \
	} while (0)

#endif
