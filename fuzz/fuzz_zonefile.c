/*
 * fuzz_zonefile.c -- zone text with included files: a good zone finds each of its names.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_zonefile(octets, size);
	return 0;
}
