/*
 * fuzz_hosts_leases_peers.c -- files of names: what is given is a name of the domain with an address.
 */
#include "fuzz.h"
#include "support/properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size)
{
	property_names(octets, size);
	return 0;
}
