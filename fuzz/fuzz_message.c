/*
 * fuzz_message.c -- messages: every part reads within its bounds, and can be written again.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_message(octets, size);
	return 0;
}
