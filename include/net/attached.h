/*
 * attached.h -- the networks that this host is attached to, and its own addresses.
 *
 * What the kernel sends without a router in between is attached: the subnets
 * of the interfaces, and routes to a device, as WireGuard makes one for each
 * peer.  The kernel is asked by netlink (rtnetlink(7)), and says by itself when
 * something has changed.
 */
#ifndef NET_ATTACHED_H
#define NET_ATTACHED_H

#include "net/address.h"

enum { ATTACHED_MAX = 1024 };

struct attached_network {
	struct address address; /* port 0 */
	uint8_t bits;
	bool is_own;        /* an address of this host, all its bits */
	uint32_t interface; /* index; of an own address 0: its packets come by any */
};

struct attached {
	size_t count;
	bool is_cut; /* there were more than ATTACHED_MAX */
	struct attached_network at[ATTACHED_MAX];
};

/*
 * A descriptor that becomes readable when addresses or routes have changed;
 * -1 with errno when the system does not tell.
 */
int attached_watch(void);

/* Reads away what is there to read at that descriptor. */
void attached_hear(int watch);

/* Asks the kernel.  False with errno when it does not say. */
MUST_USE bool attached_read(struct attached *out);

/*
 * Takes messages of the kernel: NETLINK_NEW_ADDRESS and NETLINK_NEW_ROUTE.  Returns false at
 * the end of what was asked for, and at an error.  For attached_read() and tests.
 */
bool attached_take(struct attached *out, const void *octets, size_t size);

#endif
