/*
 * fuzz_respond.c -- a query: whatever comes, the reply is a message that fits and can be read.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_respond(octets, size);
	return 0;
}
