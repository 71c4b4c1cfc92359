/*
 * private.h -- addresses that no public name has any business with.
 *
 * A web page may name a host of its own and then have that name lead to an
 * address inside our network: to the browser the two are one site ("DNS
 * rebinding").  So addresses that only mean something here are not taken from
 * servers elsewhere, unless their names are known to be ours.
 *
 *	0.0.0.0/8  10.0.0.0/8  100.64.0.0/10  127.0.0.0/8  169.254.0.0/16
 *	172.16.0.0/12  192.168.0.0/16                    RFC 6890 §2.2.2, RFC 6598 §7
 *	::  ::1  fc00::/7  fe80::/10                     RFC 6890 §2.2.3
 *	::ffff:0:0/96 and 64:ff9b::/96 around the first  RFC 4291 §2.5.5.2, RFC 6052 §2.1
 */
#ifndef SERVE_PRIVATE_H
#define SERVE_PRIVATE_H

#include "base/octets.h"

bool ip4_is_private(const uint8_t address[4]);
bool ip6_is_private(const uint8_t address[16]);

/* True when a record's data holds such an address: A, AAAA, and the hints of SVCB and HTTPS. */
bool rdata_is_private(uint16_t type, struct slice rdata);

#endif
