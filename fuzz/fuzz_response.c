/*
 * fuzz_response.c -- what an upstream server says: taken apart, kept, and answered with.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_response(octets, size);
	return 0;
}
