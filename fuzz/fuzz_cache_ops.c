/*
 * fuzz_cache_ops.c -- the cache does what a simple model of it does.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_cache_ops(octets, size);
	return 0;
}
