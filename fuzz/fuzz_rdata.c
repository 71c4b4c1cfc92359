/*
 * fuzz_rdata.c -- RDATA of every type: wire to text to wire, and text to wire to text.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_rdata(octets, size);
	return 0;
}
