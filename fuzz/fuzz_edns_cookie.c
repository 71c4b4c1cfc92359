/*
 * fuzz_edns_cookie.c -- OPT and cookies: what was said is heard, what is forged is refused.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_edns_cookie(octets, size);
	return 0;
}
