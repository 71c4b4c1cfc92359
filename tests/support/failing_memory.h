/*
 * failing_memory.h -- memory that ends at the k-th allocation.
 *
 * For programs linked with --wrap (fuzz targets, and tests named test_*_memory):
 * what our own code allocates goes through here, what cmocka and libc allocate
 * does not.
 */
#ifndef SUPPORT_FAILING_MEMORY_H
#define SUPPORT_FAILING_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* The k-th allocation from now on fails (0: the next one), and all behind it. */
void memory_fails_at(size_t k);

/* The same, but those behind it succeed. */
void memory_fails_once_at(size_t k);

/* All allocations succeed again; true when one had failed. */
bool memory_recovers(void);

/* Allocations that were not given back yet. */
size_t memory_blocks(void);

#endif
