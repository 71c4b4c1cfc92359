/*
 * fuzz_layers.c -- zones of many files, while memory ends: the whole zone, or none.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_layers(octets, size);
	return 0;
}
