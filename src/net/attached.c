/*
 * attached.c -- the networks that this host is attached to.
 */
#include "net/attached.h"
#include "net/rtnetlink.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum {
	ANSWER_SIZE = 32768,
	ANSWER_WAIT_MS = 2000,
	HEAR_MAX = 256, /* changes read in one turn */
	/* Half of the world (0.0.0.0/1) is no network, whatever device it is reached by. */
	LEAST_BITS = 8,
};

/* ------ what the kernel says ------ */

/*
 * The attributes behind a message's fixed part, by number, below `count`; those
 * not given are NULL.
 */
static void find_attributes(const struct netlink_header *h, size_t fixed,
			    const struct netlink_attribute **found, size_t count)
{
	size_t at = sizeof *h + netlink_align(fixed);

	memset(found, 0, count * sizeof *found);
	while (at + sizeof **found <= h->size) {
		const struct netlink_attribute *a = (const void *)((const char *)h + at);

		if (a->size < sizeof *a || a->size > h->size - at)
			return;
		if (a->type < count)
			found[a->type] = a;
		at += netlink_align(a->size);
	}
}

static bool holds(const struct netlink_attribute *a, size_t size)
{
	return a && a->size >= sizeof *a + size;
}

static bool to_address(struct address *out, uint8_t family, const struct netlink_attribute *a)
{
	size_t size = family == AF_INET ? 4 : 16;

	*out = (struct address){ .family = family == AF_INET ? ADDRESS_IP4 : ADDRESS_IP6 };
	if ((family != AF_INET && family != AF_INET6) || !holds(a, size))
		return false;
	memcpy(out->octets, a + 1, size);
	return true;
}

static bool contains(const struct attached_network *wide, const struct attached_network *narrow)
{
	return wide->bits <= narrow->bits && !wide->is_own && !narrow->is_own &&
	       wide->interface == narrow->interface &&
	       address_same_prefix(&wide->address, &narrow->address, wide->bits);
}

/* Networks inside of others need no place of their own: WireGuard has one for each peer. */
static void add(struct attached *out, const struct attached_network *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < out->count; i++)
		if (contains(&out->at[i], n))
			return;
	for (size_t i = 0; i < out->count; i++)
		if (!contains(n, &out->at[i]))
			out->at[kept++] = out->at[i];
	out->count = kept;
	if (out->count == ATTACHED_MAX)
		out->is_cut = true;
	else
		out->at[out->count++] = *n;
}

/* An address of an interface: ours, and its subnet. */
static void take_address(struct attached *out, const struct netlink_header *h)
{
	const struct netlink_address *m = (const void *)(h + 1);
	const struct netlink_attribute *found[ADDRESS_ATTRIBUTES];
	struct attached_network n = { .bits = m->prefix_bits, .interface = m->interface };

	find_attributes(h, sizeof *m, found, ADDRESS_ATTRIBUTES);
	/* At a tunnel's end the remote address is another one. */
	if (!to_address(&n.address, m->family,
			found[ADDRESS_LOCAL] ? found[ADDRESS_LOCAL] : found[ADDRESS_REMOTE]))
		return;
	struct attached_network own = { .address = n.address, .is_own = true };
	own.bits = n.address.family == ADDRESS_IP4 ? 32 : 128;
	add(out, &own);
	if (n.bits >= LEAST_BITS && to_address(&n.address, m->family, found[ADDRESS_REMOTE]))
		add(out, &n);
}

/* A route of the main table that leads to a device and not to a router. */
static void take_route(struct attached *out, const struct netlink_header *h)
{
	const struct netlink_route *m = (const void *)(h + 1);
	const struct netlink_attribute *found[ROUTE_ATTRIBUTES];
	struct attached_network n = { .bits = m->destination_bits };

	find_attributes(h, sizeof *m, found, ROUTE_ATTRIBUTES);
	if (m->table != ROUTE_TABLE_MAIN || m->type != ROUTE_UNICAST ||
	    m->destination_bits < LEAST_BITS || found[ROUTE_GATEWAY] || found[ROUTE_VIA] ||
	    !holds(found[ROUTE_INTERFACE], sizeof n.interface) ||
	    !to_address(&n.address, m->family, found[ROUTE_DESTINATION]))
		return;
	memcpy(&n.interface, found[ROUTE_INTERFACE] + 1, sizeof n.interface);
	add(out, &n);
}

/* Other messages, and such as are too short, say nothing. */
static void take_message(struct attached *out, const struct netlink_header *h)
{
	if (h->type == NETLINK_NEW_ADDRESS && h->size >= sizeof *h + sizeof(struct netlink_address))
		take_address(out, h);
	else if (h->type == NETLINK_NEW_ROUTE &&
		 h->size >= sizeof *h + sizeof(struct netlink_route))
		take_route(out, h);
}

bool attached_take(struct attached *out, const void *octets, size_t size)
{
	const char *at = octets;

	while (size >= sizeof(struct netlink_header)) {
		const struct netlink_header *h = (const void *)at;

		if (h->size < sizeof *h || h->size > size || h->type == NETLINK_DONE ||
		    h->type == NETLINK_ERROR)
			return false;
		take_message(out, h);
		size_t step = netlink_align(h->size);
		at += step < size ? step : size;
		size -= step < size ? step : size;
	}
	return true;
}

/* ------ asking ------ */

static int open_netlink(uint32_t groups)
{
	struct netlink_name name = { .family = NETLINK_FAMILY, .groups = groups };
	int fd = socket(NETLINK_FAMILY, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_OF_ROUTES);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&name, sizeof name) < 0) {
		int error = errno;
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

int attached_watch(void)
{
	return open_netlink(GROUP_LINK | GROUP_IP4_ADDRESS | GROUP_IP6_ADDRESS | GROUP_IP4_ROUTE |
			    GROUP_IP6_ROUTE);
}

void attached_hear(int watch)
{
	char octets[4096];

	for (unsigned reads = 0; reads < HEAR_MAX; reads++)
		if (recv(watch, octets, sizeof octets, MSG_DONTWAIT) <= 0 && errno != ENOBUFS)
			return;
}

static bool ask(int fd, uint16_t type)
{
	struct {
		struct netlink_header h;
		uint8_t family, pad[3];
	} q = { .h = { .size = sizeof q, .type = type, .flags = NETLINK_DUMP, .sequence = type } };

	return send(fd, &q, sizeof q, 0) == (ssize_t)sizeof q;
}

/* All messages of one answer.  The kernel has them ready; who waits for longer waits in vain. */
static bool hear_answer(int fd, struct attached *out)
{
	static union {
		struct netlink_header align;
		char octets[ANSWER_SIZE];
	} answer;
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	ssize_t n;

	do {
		if (poll(&readable, 1, ANSWER_WAIT_MS) != 1)
			return false;
		n = recv(fd, &answer, sizeof answer, 0);
		if (n <= 0)
			return false;
	} while (attached_take(out, &answer, (size_t)n));
	return true;
}

bool attached_read(struct attached *out)
{
	static const uint16_t types[] = { NETLINK_GET_ADDRESS, NETLINK_GET_ROUTE };
	bool good = true;
	int fd = open_netlink(0);

	out->count = 0;
	out->is_cut = false;
	if (fd < 0)
		return false;
	for (size_t i = 0; good && i < sizeof types / sizeof types[0]; i++)
		good = ask(fd, types[i]) && hear_answer(fd, out);
	close(fd);
	return good;
}
