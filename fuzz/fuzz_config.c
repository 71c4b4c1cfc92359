/*
 * fuzz_config.c -- configurations and command lines: all that is accepted is within its limits.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_config(octets, size);
	return 0;
}
