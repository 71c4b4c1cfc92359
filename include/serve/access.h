/*
 * access.h -- who is served beyond our zones.
 *
 * Zones are for everybody.  To ask the world on somebody's behalf is for those
 * who belong to us: this host itself, and the networks that were configured or
 * that are directly attached.  The decision rests on where a packet came from,
 * by address and interface, and on nothing that it says.
 */
#ifndef SERVE_ACCESS_H
#define SERVE_ACCESS_H

#include "base/siphash.h"

struct network {
	uint8_t octets[16]; /* IPv4 has the first 4 */
	uint8_t size;       /* of an address: 4 or 16 octets */
	uint8_t bits;
	uint32_t interface; /* that its packets come in by; 0: any */
};

/* Is the address in the network, and did it come in by the right interface (0: not known)? */
bool network_has(const struct network *n, struct slice address, uint32_t interface);

struct access {
	bool everybody;
	const struct network *networks; /* borrowed */
	size_t count;
};

/* True for loopback addresses, and for those in one of the networks. */
bool access_allows(const struct access *a, struct slice address, uint32_t interface);

/*
 * How often strangers are told that they are refused.  A reply to a forged
 * address hits somebody who never asked, so above REFUSALS_PER_S from one
 * network (IPv4 /24, IPv6 /56) only every second one is told.
 */
enum { REFUSALS_PER_S = 20, REFUSAL_SLOTS = 256 };

struct refusals {
	struct refusal_slot {
		uint32_t second;
		uint32_t count;
	} slots[REFUSAL_SLOTS];
	struct siphash_key key;
};

/* Counts one refusal; true when it may be told. */
bool refusal_may_be_told(struct refusals *r, struct slice address, uint64_t now_ms);

#endif
