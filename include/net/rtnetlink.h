/*
 * rtnetlink.h -- the kernel's language for addresses and routes: rtnetlink(7).
 *
 * The same as in <linux/rtnetlink.h>, as far as we need it; a libc does not
 * always come with the kernel's headers.  A message is a header, a fixed part
 * by its type, and attributes; each begins at a multiple of four octets.
 * Numbers are in the host's byte order, addresses in the network's.
 */
#ifndef NET_RTNETLINK_H
#define NET_RTNETLINK_H

#include <stddef.h>
#include <stdint.h>

enum {
	NETLINK_FAMILY = 16,   /* AF_NETLINK */
	NETLINK_OF_ROUTES = 0, /* NETLINK_ROUTE */
};

struct netlink_name { /* struct sockaddr_nl */
	uint16_t family, pad;
	uint32_t port, groups;
};

enum netlink_group {
	GROUP_LINK = 1 << 0,
	GROUP_IP4_ADDRESS = 1 << 4,
	GROUP_IP4_ROUTE = 1 << 6,
	GROUP_IP6_ADDRESS = 1 << 8,
	GROUP_IP6_ROUTE = 1 << 10,
};

struct netlink_header { /* struct nlmsghdr */
	uint32_t size;  /* of the message, this header included */
	uint16_t type, flags;
	uint32_t sequence, port;
};

enum netlink_type {
	NETLINK_ERROR = 2,
	NETLINK_DONE = 3,
	NETLINK_NEW_ADDRESS = 20,
	NETLINK_GET_ADDRESS = 22,
	NETLINK_NEW_ROUTE = 24,
	NETLINK_GET_ROUTE = 26,
};

enum { NETLINK_DUMP = 0x301 }; /* NLM_F_REQUEST and NLM_F_DUMP: all that there are */

struct netlink_address { /* struct ifaddrmsg */
	uint8_t family, prefix_bits, flags, scope;
	uint32_t interface;
};

enum address_attribute { ADDRESS_REMOTE = 1, ADDRESS_LOCAL = 2, ADDRESS_ATTRIBUTES = 3 };

struct netlink_route { /* struct rtmsg */
	uint8_t family, destination_bits, source_bits, tos;
	uint8_t table, protocol, scope, type;
	uint32_t flags;
};

enum route_attribute {
	ROUTE_DESTINATION = 1,
	ROUTE_INTERFACE = 4,
	ROUTE_GATEWAY = 5,
	ROUTE_VIA = 18, /* a router of another family */
	ROUTE_ATTRIBUTES = 19,
};

enum { ROUTE_TABLE_MAIN = 254, ROUTE_UNICAST = 1 };

struct netlink_attribute { /* struct rtattr */
	uint16_t size;     /* this header included */
	uint16_t type;
};

/* Where the next message or attribute begins. */
static inline size_t netlink_align(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

#endif
