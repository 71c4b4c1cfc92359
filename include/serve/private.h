/*
 * private.h -- addresses that no public name has any business with.
 *
 * A web page may name a host of its own and then have that name lead to an
 * address inside our network: to the browser the two are one site ("DNS
 * rebinding").  So addresses that only mean something here are not taken from
 * servers elsewhere, unless their names are known to be ours.
 *
 * Which addresses these are, base/ip.h says.
 */
#ifndef SERVE_PRIVATE_H
#define SERVE_PRIVATE_H

#include "base/octets.h"

/* True when a record's data holds such an address: A, AAAA, and the hints of SVCB and HTTPS. */
bool rdata_is_private(uint16_t type, struct slice rdata);

#endif
