/*
 * ip.h -- IPv4 and IPv6 addresses as text, and which of them are private.
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

/* Either of them: IP4_SIZE or IP6_SIZE, or 0 when it is none. */
unsigned ip_parse(const uint8_t *text, size_t size, uint8_t address[IP6_SIZE]);

/* Do two addresses of one family begin with the same bits? */
bool ip_prefix_equal(const uint8_t *a, const uint8_t *b, unsigned bits);

/* 127.0.0.0/8 and ::1: the kernel lets nobody from outside use them (RFC 1122 §3.2.1.3). */
bool ip_is_loopback(struct slice address);

/* What stands in front of an IPv4 address that is written as one of IPv6 (RFC 4291 §2.5.5.2). */
extern const uint8_t ip4_mapped[IP6_SIZE - IP4_SIZE];

static inline bool ip6_is_mapped(const uint8_t address[IP6_SIZE])
{
	return memcmp(address, ip4_mapped, sizeof ip4_mapped) == 0;
}

void ip4_print(const uint8_t address[IP4_SIZE], struct text *out);
void ip6_print(const uint8_t address[IP6_SIZE], struct text *out);

/*
 * True when an address means something within a network only:
 *
 *	0.0.0.0/8  10.0.0.0/8  100.64.0.0/10  127.0.0.0/8  169.254.0.0/16
 *	172.16.0.0/12  192.0.0.0/24  192.168.0.0/16    RFC 6890 §2.2.2, RFC 6598 §7
 *	fc00::/7  fe80::/10  fec0::/10  64:ff9b:1::/48  RFC 6890 §2.2.3, RFC 8215
 *	the forms of IPv6 that have one of the first inside
 */
bool ip4_is_private(const uint8_t address[IP4_SIZE]);
bool ip6_is_private(const uint8_t address[IP6_SIZE]);

#endif
