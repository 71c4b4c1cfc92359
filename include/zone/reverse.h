/*
 * reverse.h -- names of addresses: in-addr.arpa and ip6.arpa.
 */
#ifndef ZONE_REVERSE_H
#define ZONE_REVERSE_H

#include "base/ip.h"
#include "dns/name.h"

enum { REVERSE_ADDRESS_BITS = 8 * IP6_SIZE };

/*
 * Reads a name of in-addr.arpa (RFC 1035 §3.5) or ip6.arpa (RFC 3596 §2.5): the
 * address, zeros behind what the name says, and in *bits how much it says:
 * REVERSE_ADDRESS_BITS for a whole address.  IPv4 addresses are those behind
 * ip4_mapped.  False when it is no such name.
 */
MUST_USE bool reverse_parse(struct name name, uint8_t address[IP6_SIZE], unsigned *bits);

/* True for any name in these domains. */
bool reverse_is(struct name name);

#endif
