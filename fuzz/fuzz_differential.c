/*
 * fuzz_differential.c -- messages, read by two decoders that know nothing of each other.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_differential(octets, size);
	return 0;
}
