/*
 * netlink_messages.h -- messages of rtnetlink(7) that are made up, octet by octet as
 * a kernel lays them out, and what was understood of them.
 *
 * They begin at a multiple of four, as all that is read from a netlink socket,
 * and end at a page that nobody may read.
 */
#ifndef TESTS_NET_NETLINK_MESSAGES_H
#define TESTS_NET_NETLINK_MESSAGES_H

#include <string.h>
#include <sys/socket.h>

#include "net/attached.h"
#include "net/rtnetlink.h"
#include "support/guard.h"

/* Messages one behind the other; the last one is still open to attributes. */
struct messages {
	_Alignas(4) uint8_t octets[65536];
	size_t size, last;
};

static inline void put(struct messages *m, const void *octets, size_t n)
{
	assert_true(m->size + n <= sizeof m->octets);
	memcpy(m->octets + m->size, octets, n);
	m->size += n;
}

/* The kernel fills up with zeros; so must whoever reads it not mind others. */
static inline void align(struct messages *m)
{
	while (m->size % 4 != 0)
		put(m, "\xff", 1);
}

static inline void close_message(struct messages *m)
{
	uint32_t size = (uint32_t)(m->size - m->last);

	memcpy(m->octets + m->last, &size, sizeof size);
}

static inline void begin(struct messages *m, uint16_t type)
{
	const struct netlink_header h = { .type = type, .sequence = 1 };

	align(m);
	m->last = m->size;
	put(m, &h, sizeof h);
	close_message(m);
}

static inline void put_attribute(struct messages *m, uint16_t type, const void *octets, size_t n)
{
	const struct netlink_attribute a = { (uint16_t)(sizeof a + n), type };

	align(m);
	put(m, &a, sizeof a);
	put(m, octets, n);
	close_message(m);
}

static inline void put_host(struct messages *m, uint16_t type, const char *text)
{
	struct address a;

	assert_null(address_parse(&a, text, 0));
	put_attribute(m, type, a.octets, a.family == ADDRESS_IP4 ? 4 : 16);
}

static inline uint8_t family_of(const char *text)
{
	return strchr(text, ':') ? AF_INET6 : AF_INET;
}

/* An address of an interface; `local` and `remote` may be NULL. */
static inline void put_address(struct messages *m, uint32_t interface, const char *remote,
			       const char *local, uint8_t bits)
{
	const struct netlink_address body = {
		.family = family_of(remote ? remote : local),
		.prefix_bits = bits,
		.interface = interface,
	};

	begin(m, NETLINK_NEW_ADDRESS);
	put(m, &body, sizeof body);
	close_message(m);
	if (remote)
		put_host(m, ADDRESS_REMOTE, remote);
	if (local)
		put_host(m, ADDRESS_LOCAL, local);
}

static const struct netlink_route to_device = { .table = ROUTE_TABLE_MAIN, .type = ROUTE_UNICAST };

/* A route like `body`, to a destination by an interface; interface 0: none. */
static inline void put_route(struct messages *m, struct netlink_route body, const char *destination,
			     uint8_t bits, uint32_t interface)
{
	body.family = family_of(destination);
	body.destination_bits = bits;
	begin(m, NETLINK_NEW_ROUTE);
	put(m, &body, sizeof body);
	close_message(m);
	put_host(m, ROUTE_DESTINATION, destination);
	if (interface)
		put_attribute(m, ROUTE_INTERFACE, &interface, sizeof interface);
}

/* ------ what was understood ------ */

static struct attached found;

static inline bool take(const struct messages *m, size_t n)
{
	uint8_t copy[sizeof m->octets];
	size_t aligned = (n + 3) & ~(size_t)3;

	memcpy(copy, m->octets, n);
	memset(copy + n, 0xff, aligned - n);
	bool more = attached_take(&found, guard_copy(copy, aligned), n);
	guard_release();
	return more;
}

/* "own 192.0.2.1/32, 192.0.2.0/24 if 2": all that is in `found`. */
static inline const char *all_found(void)
{
	static char room[4096];
	struct text out = text_init(room, sizeof room);

	for (size_t i = 0; i < found.count; i++) {
		const struct attached_network *n = &found.at[i];

		text_put(&out, i > 0 ? ", " : "");
		text_put(&out, n->is_own ? "own " : "");
		address_print_host(&n->address, &out);
		text_format(&out, "/%u", n->bits);
		if (n->interface)
			text_format(&out, " if %u", n->interface);
		assert_int_equal(n->address.port, 0);
	}
	return text_str(&out);
}

static inline const char *understood(const struct messages *m)
{
	found.count = 0;
	found.is_cut = false;
	assert_true(take(m, m->size));
	return all_found();
}

static inline struct messages *fresh(void)
{
	static struct messages m;

	m.size = m.last = 0;
	return &m;
}

#endif
