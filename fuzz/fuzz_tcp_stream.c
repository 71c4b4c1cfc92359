/*
 * fuzz_tcp_stream.c -- TCP with clients and with upstream servers: framing, limits, ends.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_tcp_stream(octets, size);
	return 0;
}
