/*
 * ip.h -- IPv4 and IPv6 addresses as text.
 *
 * IPv4 is four decimal numbers without leading zeros: "010" is 8 to some
 * readers and 10 to others, so it is refused.  IPv6 is read in all forms of
 * RFC 4291 §2.2, with "::" and with an IPv4 address at the end, and written
 * as RFC 5952 tells it.  No scope (%eth0): that is no part of an address.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/octets.h"
#include "base/text.h"

enum { IP4_SIZE = 4, IP6_SIZE = 16 };

/* True when the whole text is an address; the octets are untouched otherwise. */
MUST_USE bool ip4_parse(const uint8_t *text, size_t size, uint8_t address[IP4_SIZE]);
MUST_USE bool ip6_parse(const uint8_t *text, size_t size, uint8_t address[IP6_SIZE]);

void ip4_print(const uint8_t address[IP4_SIZE], struct text *out);
void ip6_print(const uint8_t address[IP6_SIZE], struct text *out);

#endif
