/*
 * peer.h -- upstream servers that answer by themselves.
 *
 * An honest one knows every name.  What it says follows from the name alone, so
 * whoever hears it from a forwarder can tell whether it is right:
 *
 *	no....         NXDOMAIN
 *	empty....      no data
 *	alias....      CNAME to the name without its first label
 *	anything else  A: an address of 198.18.0.0/15 (RFC 2544) made of the name
 *
 * Letters' case makes no difference, and the answer has the question's.
 *
 * A liar says the same, and adds what nobody asked: that other names have the
 * address of attackers (sim/rules.h).
 */
#ifndef SIM_PEER_H
#define SIM_PEER_H

#include "sim/sim.h"

enum { PEER_TTL_S = 60, PEER_MANY = 78, PEER_ANSWER_MAX = 4096 };

/* The address that an honest peer has for a name. */
void peer_address(struct name name, uint8_t out[4]);

/* The answer to a query, as these manners have it; its size, 0: none. */
size_t peer_answer(enum sim_manners manners, bool tcp, struct slice query,
		   uint8_t out[PEER_ANSWER_MAX]);

#endif
