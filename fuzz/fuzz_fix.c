/*
 * fuzz_fix.c -- a zone whose text is mended is a zone.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_fix(octets, size);
	return 0;
}
