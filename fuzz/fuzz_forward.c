/*
 * fuzz_forward.c -- responses to outstanding queries: taken when all matches, and only then.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_forward(octets, size);
	return 0;
}
