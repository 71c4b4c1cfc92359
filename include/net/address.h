/*
 * address.h -- an IPv4 or IPv6 address with a port, by value.
 *
 * Everything that the floor above says about a peer or about ourselves is a
 * struct address; the kernel's sockaddr family stays inside `net`.
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <sys/socket.h>

#include "base/octets.h"
#include "base/text.h"

enum address_family { ADDRESS_NONE = 0, ADDRESS_IP4 = 4, ADDRESS_IP6 = 6 };

/* The longest print: 39 digits and colons, "%" and "@" with their numbers, the NUL. */
#define ADDRESS_TEXT_MAX 64

struct address {
	uint8_t octets[16]; /* network order; IPv4 has the first 4, the others are 0 */
	uint32_t scope;     /* interface of a link-local IPv6 address (RFC 4007), else 0 */
	uint16_t port;      /* host order; 0 where no port is meant */
	uint8_t family;     /* enum address_family */
};

/* Its octets: 4 or 16. */
static inline struct slice address_slice(const struct address *a)
{
	return (struct slice){ a->octets, a->family == ADDRESS_IP4 ? 4 : 16 };
}

/*
 * Reads an address as people write it: "192.0.2.1", "192.0.2.1@53",
 * "192.0.2.1#53", "192.0.2.1:53", "2001:db8::1", "2001:db8::1@53",
 * "[2001:db8::1]:53", "fe80::1%eth0".  Without a port it gets default_port.
 * Port 0 is read too: it lets the kernel choose when we listen.
 * NULL when all is well, else what is wrong with it, in words.
 * Asks the system for the number of an interface that is named.
 */
MUST_USE const char *address_parse(struct address *a, const char *s, uint16_t default_port);

/* Appends "192.0.2.1@53"; the IPv6 part as in RFC 5952, a scope as its number. */
void address_print(const struct address *a, struct text *t);

/* The same without the port. */
void address_print_host(const struct address *a, struct text *t);

/* From what the kernel gives; false for other families, *a is then ADDRESS_NONE. */
bool address_from_sockaddr(struct address *a, const struct sockaddr *s);

/* To what the kernel takes; returns the length that belongs to it.  Needs a family. */
socklen_t address_to_sockaddr(const struct address *a, struct sockaddr_storage *s);

/* Same family, octets, scope and port. */
bool address_equal(const struct address *a, const struct address *b);

/* The same but for the port. */
bool address_same_host(const struct address *a, const struct address *b);

/* Same family, and the first `bits` bits agree (more bits than there are: all of them). */
bool address_same_prefix(const struct address *a, const struct address *b, unsigned bits);

/* 0.0.0.0 or ::, which as a listener means every local address. */
bool address_is_wildcard(const struct address *a);

/* fe80::/10: means nothing without the interface (RFC 4291 §2.5.6). */
bool address_is_link_local(const struct address *a);

/*
 * One host can be meant by it, so that an answer may be sent there: neither
 * 0.0.0.0/8 nor ::, nor multicast, nor broadcast (RFC 1122 §3.2.1.3, RFC 4291 §2.7).
 */
bool address_is_unicast(const struct address *a);

#endif
