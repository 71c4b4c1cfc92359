/*
 * fuzz_roundtrip.c -- answers say what the zone holds, and nothing else.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_roundtrip(octets, size);
	return 0;
}
