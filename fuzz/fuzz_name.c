/*
 * fuzz_name.c -- names: what is read can be printed, written, read again and compared.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_name(octets, size);
	return 0;
}
