/*
 * fuzz_image.c -- images with octets that nobody sealed: refused, or harmless.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_image(octets, size);
	return 0;
}
