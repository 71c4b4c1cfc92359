/*
 * address.c -- an IPv4 or IPv6 address with a port, by value.
 *
 * The octets are base/ip.h's; ports, brackets and interfaces are added here.
 * No names are resolved.
 */
#include "net/address.h"
#include "base/ip.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

/* What stands between '@', '#' or ':' and the end. */
static const char *port_parse(const char *s, uint16_t *port)
{
	uint32_t n = 0;

	if (!*s)
		return "a port number is missing";
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return "a port is a number";
		n = n * 10 + (uint32_t)(*s - '0');
		if (n > UINT16_MAX)
			return "a port is at most 65535";
	}
	*port = (uint16_t)n;
	return NULL;
}

/* A scope is an interface's name or, as numbers are on the wire, its index (RFC 4007 §11.2). */
static const char *scope_parse(const char *s, uint32_t *scope)
{
	uint32_t n = 0;

	for (const char *p = s; *p >= '0' && *p <= '9' && n < 100000000; p++) {
		n = n * 10 + (uint32_t)(*p - '0');
		if (!p[1] && n) {
			*scope = n;
			return NULL;
		}
	}
	*scope = if_nametoindex(s);
	return *scope ? NULL : "no interface has this name";
}

static const char *host6_parse(struct address *a, char *host)
{
	const char *problem = NULL;
	char *percent = strchr(host, '%');

	a->family = ADDRESS_IP6;
	if (percent) {
		*percent = '\0';
		problem = scope_parse(percent + 1, &a->scope);
	}
	if (!ip6_parse((const uint8_t *)host, strlen(host), a->octets))
		return "not an IPv6 address";
	/* Our IPv6 sockets are for IPv6 alone (RFC 3493 §5.3), so this form would never match. */
	if (ip6_is_mapped(a->octets))
		return "an IPv4 address is written without ::ffff:";
	if (percent && !address_is_link_local(a))
		return "only a link-local address takes an interface";
	return problem;
}

static const char *host_parse(struct address *a, char *host)
{
	if (strchr(host, ':'))
		return host6_parse(a, host);
	a->family = ADDRESS_IP4;
	if (!ip4_parse((const uint8_t *)host, strlen(host), a->octets))
		return "not an IP address";
	return NULL;
}

/*
 * Where the host ends; *port is the text of the port, or NULL.  A colon parts
 * them only behind a bracket or where it is the only one, for in "::1:53" it
 * is part of the address.
 */
static const char *split(char *s, char **host, char **port)
{
	char *colon = strchr(s, ':');
	char *mark = strpbrk(s, "@#");

	*host = s;
	if (*s == '[') {
		char *close = strchr(s, ']');
		if (!close)
			return "']' is missing";
		if (close[1] && !strchr("@#:", close[1]))
			return "after ']' comes nothing but a port";
		*host = s + 1;
		*close = '\0';
		mark = close[1] ? close + 1 : NULL;
		if (!strchr(*host, ':'))
			return "in brackets stands an IPv6 address";
	} else if (!mark && colon && !strchr(colon + 1, ':')) {
		mark = colon;
	}
	*port = mark ? mark + 1 : NULL;
	if (mark)
		*mark = '\0';
	return NULL;
}

const char *address_parse(struct address *a, const char *s, uint16_t default_port)
{
	char copy[ADDRESS_TEXT_MAX + 16]; /* room for an interface of IFNAMSIZ */
	char *host = copy, *port = NULL;
	size_t size = strlen(s);

	*a = (struct address){ .port = default_port };
	if (size >= sizeof copy)
		return "too long for an address";
	memcpy(copy, s, size + 1);
	const char *problem = split(copy, &host, &port);
	if (!problem)
		problem = host_parse(a, host);
	if (!problem && port)
		problem = port_parse(port, &a->port);
	if (problem)
		a->family = ADDRESS_NONE;
	return problem;
}

void address_print_host(const struct address *a, struct text *t)
{
	if (a->family == ADDRESS_IP4)
		ip4_print(a->octets, t);
	else if (a->family == ADDRESS_IP6)
		ip6_print(a->octets, t);
	else
		text_put(t, "(no address)");
	if (a->scope)
		text_format(t, "%%%u", a->scope);
}

void address_print(const struct address *a, struct text *t)
{
	address_print_host(a, t);
	if (a->family != ADDRESS_NONE)
		text_format(t, "@%u", a->port);
}

bool address_from_sockaddr(struct address *a, const struct sockaddr *s)
{
	memset(a->octets, 0, sizeof a->octets);
	a->scope = 0;
	if (s->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)s;
		a->family = ADDRESS_IP4;
		a->port = ntohs(in->sin_port);
		memcpy(a->octets, &in->sin_addr, 4);
		return true;
	}
	if (s->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)s;
		a->family = ADDRESS_IP6;
		a->port = ntohs(in6->sin6_port);
		a->scope = in6->sin6_scope_id;
		memcpy(a->octets, &in6->sin6_addr, 16);
		return true;
	}
	a->family = ADDRESS_NONE;
	a->port = 0;
	return false;
}

socklen_t address_to_sockaddr(const struct address *a, struct sockaddr_storage *s)
{
	memset(s, 0, sizeof *s);
	if (a->family == ADDRESS_IP4) {
		struct sockaddr_in *in = (void *)s;
		in->sin_family = AF_INET;
		in->sin_port = htons(a->port);
		memcpy(&in->sin_addr, a->octets, 4);
		return sizeof *in;
	}
	struct sockaddr_in6 *in6 = (void *)s;
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(a->port);
	in6->sin6_scope_id = a->scope;
	memcpy(&in6->sin6_addr, a->octets, 16);
	return sizeof *in6;
}

bool address_same_host(const struct address *a, const struct address *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->octets, b->octets, sizeof a->octets) == 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->port == b->port && address_same_host(a, b);
}

bool address_same_prefix(const struct address *a, const struct address *b, unsigned bits)
{
	unsigned all = a->family == ADDRESS_IP4 ? 32 : 128;

	return a->family == b->family &&
	       ip_prefix_equal(a->octets, b->octets, bits < all ? bits : all);
}

bool address_is_wildcard(const struct address *a)
{
	static const uint8_t zeros[16];

	return a->family != ADDRESS_NONE && memcmp(a->octets, zeros, sizeof zeros) == 0;
}

bool address_is_link_local(const struct address *a)
{
	return a->family == ADDRESS_IP6 && a->octets[0] == 0xfe && (a->octets[1] & 0xc0) == 0x80;
}

bool address_is_unicast(const struct address *a)
{
	static const uint8_t broadcast[4] = { 255, 255, 255, 255 };

	if (a->family == ADDRESS_IP4)
		return a->octets[0] != 0 && (a->octets[0] & 0xf0) != 0xe0 &&
		       memcmp(a->octets, broadcast, 4) != 0;
	return a->family == ADDRESS_IP6 && a->octets[0] != 0xff && !address_is_wildcard(a);
}
