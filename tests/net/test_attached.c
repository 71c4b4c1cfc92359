/*
 * test_attached.c -- what the kernel says about addresses and routes: rtnetlink(7).
 *
 * The messages are made up, octet by octet as a kernel lays them out.  They
 * begin at a multiple of four, as all that is read from a netlink socket, and
 * end at a page that nobody may read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/attached.h"
#include "net/rtnetlink.h"
#include "support/guard.h"

/* ------ messages ------ */

/* Messages one behind the other; the last one is still open to attributes. */
struct messages {
	_Alignas(4) uint8_t octets[65536];
	size_t size, last;
};

static void put(struct messages *m, const void *octets, size_t n)
{
	assert_true(m->size + n <= sizeof m->octets);
	memcpy(m->octets + m->size, octets, n);
	m->size += n;
}

/* The kernel fills up with zeros; so must whoever reads it not mind others. */
static void align(struct messages *m)
{
	while (m->size % 4 != 0)
		put(m, "\xff", 1);
}

static void close_message(struct messages *m)
{
	uint32_t size = (uint32_t)(m->size - m->last);

	memcpy(m->octets + m->last, &size, sizeof size);
}

static void begin(struct messages *m, uint16_t type)
{
	const struct netlink_header h = { .type = type, .sequence = 1 };

	align(m);
	m->last = m->size;
	put(m, &h, sizeof h);
	close_message(m);
}

static void put_attribute(struct messages *m, uint16_t type, const void *octets, size_t n)
{
	const struct netlink_attribute a = { (uint16_t)(sizeof a + n), type };

	align(m);
	put(m, &a, sizeof a);
	put(m, octets, n);
	close_message(m);
}

static void put_host(struct messages *m, uint16_t type, const char *text)
{
	struct address a;

	assert_null(address_parse(&a, text, 0));
	put_attribute(m, type, a.octets, a.family == ADDRESS_IP4 ? 4 : 16);
}

static uint8_t family_of(const char *text)
{
	return strchr(text, ':') ? AF_INET6 : AF_INET;
}

/* An address of an interface; `local` and `remote` may be NULL. */
static void put_address(struct messages *m, uint32_t interface, const char *remote,
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
static void put_route(struct messages *m, struct netlink_route body, const char *destination,
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

static bool take(const struct messages *m, size_t n)
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
static const char *all_found(void)
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

static const char *understood(const struct messages *m)
{
	found.count = 0;
	found.is_cut = false;
	assert_true(take(m, m->size));
	return all_found();
}

static struct messages *fresh(void)
{
	static struct messages m;

	m.size = m.last = 0;
	return &m;
}

/* ------ addresses ------ */

static void an_address_is_our_own_and_has_a_network(void **state)
{
	struct messages *m = fresh();

	(void)state;
	put_address(m, 2, "192.0.2.1", "192.0.2.1", 24);
	assert_string_equal(understood(m), "own 192.0.2.1/32, 192.0.2.1/24 if 2");
	m = fresh();
	put_address(m, 3, "2001:db8::1", NULL, 64); /* IPv6 has no IFA_LOCAL */
	assert_string_equal(understood(m), "own 2001:db8::1/128, 2001:db8::1/64 if 3");
	m = fresh();
	put_address(m, 3, "fe80::1", NULL, 64);
	put_address(m, 4, "fe80::1", NULL, 64);
	assert_string_equal(understood(m), "own fe80::1/128, fe80::1/64 if 3, own fe80::1/128, "
					   "fe80::1/64 if 4");
}

static void at_a_tunnel_the_network_is_that_of_the_other_end(void **state)
{
	struct messages *m = fresh();

	(void)state;
	put_address(m, 5, "198.51.100.9", "10.0.0.1", 32);
	assert_string_equal(understood(m), "own 10.0.0.1/32, 198.51.100.9/32 if 5");
	m = fresh();
	put_address(m, 5, "2001:db8::2", "2001:db8::1", 128);
	assert_string_equal(understood(m), "own 2001:db8::1/128, 2001:db8::2/128 if 5");
	m = fresh();
	put_address(m, 5, NULL, "10.0.0.1", 24); /* no other end, no network */
	assert_string_equal(understood(m), "own 10.0.0.1/32");
}

/* What is wider than /8 is a large part of the world, and no network of friends. */
static void every_prefix_length_from_8_is_kept(void **state)
{
	struct messages *m = fresh();

	(void)state;
	put_address(m, 1, "10.0.0.1", "10.0.0.1", 7);
	put_address(m, 1, "2001:db8::1", NULL, 0);
	assert_string_equal(understood(m), "own 10.0.0.1/32, own 2001:db8::1/128");
	for (uint8_t bits = 8; bits <= 128; bits++) {
		m = fresh();
		put_address(m, 1, "2001:db8::1", NULL, bits);
		understood(m);
		assert_int_equal(found.count, 2);
		assert_int_equal(found.at[1].bits, bits);
		m = fresh();
		if (bits <= 32)
			put_address(m, 1, "10.0.0.1", "10.0.0.1", bits);
		understood(m);
		assert_int_equal(found.count, bits <= 32 ? 2 : 0);
		assert_true(bits > 32 || found.at[1].bits == bits);
	}
}

/* ------ routes ------ */

static void a_route_to_a_device_is_attached(void **state)
{
	struct messages *m = fresh();

	(void)state;
	put_route(m, to_device, "10.8.0.0", 24, 7);
	put_route(m, to_device, "10.9.0.2", 32, 7);
	put_route(m, to_device, "fd00:35::", 64, 8);
	assert_string_equal(understood(m), "10.8.0.0/24 if 7, 10.9.0.2/32 if 7, fd00:35::/64 if 8");
}

static void other_routes_are_not(void **state)
{
	struct netlink_route local = to_device, another = to_device;
	struct messages *m = fresh();

	(void)state;
	another.table = 255;
	put_route(m, another, "10.8.0.0", 24, 7);
	local.type = 2; /* RTN_LOCAL */
	put_route(m, local, "10.8.1.0", 24, 7);
	put_route(m, to_device, "10.8.2.0", 24, 7);
	put_host(m, ROUTE_GATEWAY, "192.0.2.1");
	put_route(m, to_device, "10.8.3.0", 24, 0);
	put_route(m, to_device, "2001:db8::", 32, 7);
	put_host(m, ROUTE_GATEWAY, "fe80::1");
	assert_string_equal(understood(m), "");
}

/* ten35.conf(5): "Routes wider than /8 do not count": they are a way out. */
static void a_route_wider_than_8_bits_is_not(void **state)
{
	(void)state;
	for (uint8_t bits = 0; bits <= 32; bits++) {
		struct messages *m = fresh();

		put_route(m, to_device, "64.0.0.0", bits, 7);
		understood(m);
		assert_int_equal(found.count, bits >= 8);
	}
	struct messages *m = fresh();
	put_route(m, to_device, "2000::", 3, 7);
	put_route(m, to_device, "::", 0, 7);
	assert_string_equal(understood(m), "");
}

static void a_route_without_a_destination_is_the_default_route(void **state)
{
	struct netlink_route body = to_device;
	const uint32_t interface = 7;
	struct messages *m = fresh();

	(void)state;
	body.family = AF_INET;
	body.destination_bits = 24; /* a kernel would say 0 */
	begin(m, NETLINK_NEW_ROUTE);
	put(m, &body, sizeof body);
	put_attribute(m, ROUTE_INTERFACE, &interface, sizeof interface);
	assert_string_equal(understood(m), "");
}

/* ------ many ------ */

static void networks_inside_of_others_have_no_place_of_their_own(void **state)
{
	struct messages *m = fresh();

	(void)state;
	put_route(m, to_device, "10.8.0.7", 32, 7);
	put_route(m, to_device, "10.8.0.128", 25, 7);
	put_route(m, to_device, "10.8.1.0", 24, 7);
	put_route(m, to_device, "10.8.0.9", 32, 6); /* by another way */
	put_address(m, 7, "10.8.0.1", "10.8.0.1", 24);
	put_route(m, to_device, "10.8.0.33", 32, 7);
	put_route(m, to_device, "10.8.0.0", 24, 7);
	assert_string_equal(understood(m), "10.8.1.0/24 if 7, 10.8.0.9/32 if 6, own 10.8.0.1/32, "
					   "10.8.0.1/24 if 7");
}

static void own_addresses_are_never_swallowed(void **state)
{
	struct messages *m = fresh();

	(void)state;
	put_address(m, 7, "10.8.0.1", "10.8.0.1", 24);
	put_address(m, 7, "10.8.0.2", "10.8.0.2", 24);
	put_address(m, 7, "10.8.0.3", "10.8.0.3", 16);
	assert_string_equal(understood(m),
			    "own 10.8.0.1/32, own 10.8.0.2/32, own 10.8.0.3/32, 10.8.0.3/16 if 7");
}

static void there_are_1024_and_the_rest_is_cut(void **state)
{
	(void)state;
	found.count = 0;
	found.is_cut = false;
	for (uint32_t i = 0; i < ATTACHED_MAX + 5; i++) {
		struct messages *m = fresh();

		put_route(m, to_device, "10.0.0.0", 32, i + 1);
		assert_false(found.is_cut != (i > ATTACHED_MAX));
		assert_true(take(m, m->size));
		assert_int_equal(found.count, i < ATTACHED_MAX ? i + 1 : ATTACHED_MAX);
	}
	assert_true(found.is_cut);
	assert_int_equal(found.at[1023].interface, 1024);
}

/* ------ what else is in there ------ */

static void attributes_that_we_do_not_know_are_passed_over(void **state)
{
	static const uint8_t noise[40] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13 };
	const struct netlink_address body = { .family = AF_INET,
					      .prefix_bits = 24,
					      .interface = 2 };

	(void)state;
	for (size_t n = 0; n <= sizeof noise; n++) { /* all lengths, so all paddings */
		struct messages *m = fresh();

		begin(m, NETLINK_NEW_ADDRESS);
		put(m, &body, sizeof body);
		put_attribute(m, 0, noise, n);
		put_attribute(m, ADDRESS_ATTRIBUTES, noise, n);
		put_host(m, ADDRESS_REMOTE, "192.0.2.1");
		put_attribute(m, 8, noise, n);
		put_attribute(m, 65535, noise, n);
		put_host(m, ADDRESS_LOCAL, "192.0.2.2");
		put_attribute(m, 7, noise, n);
		begin(m, 16); /* RTM_NEWLINK */
		put(m, noise, n);
		close_message(m);
		put_route(m, to_device, "10.8.0.0", 24, 7);
		put_attribute(m, 30, noise, n);
		assert_string_equal(understood(m),
				    "own 192.0.2.2/32, 192.0.2.1/24 if 2, 10.8.0.0/24 if 7");
	}
}

static void families_that_are_not_ip_are_passed_over(void **state)
{
	static const uint8_t families[] = { 0, 1, 7, AF_BRIDGE, AF_PACKET, 28, 255 };
	static const uint8_t octets[16] = { 10, 8 };

	(void)state;
	for (size_t i = 0; i < sizeof families; i++) {
		const struct netlink_address body = { .family = families[i], .prefix_bits = 24 };
		struct messages *m = fresh();

		begin(m, NETLINK_NEW_ADDRESS);
		put(m, &body, sizeof body);
		put_attribute(m, ADDRESS_REMOTE, octets, 16);
		put_attribute(m, ADDRESS_LOCAL, octets, 16);
		assert_string_equal(understood(m), "");
	}
}

static void the_end_of_an_answer_and_an_error_are_told(void **state)
{
	static const uint16_t ends[] = { NETLINK_DONE, NETLINK_ERROR };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct messages *m = fresh();

		put_route(m, to_device, "10.8.0.0", 24, 7);
		begin(m, ends[i]);
		put(m, "\0\0\0\0", 4);
		close_message(m);
		put_route(m, to_device, "10.9.0.0", 24, 7); /* behind the end nothing counts */
		found.count = 0;
		assert_false(take(m, m->size));
		assert_string_equal(all_found(), "10.8.0.0/24 if 7");
	}
}

/* ------ cut and wrong ------ */

static void a_message_cut_anywhere_says_nothing(void **state)
{
	struct messages *m = fresh();
	size_t ends[3];

	(void)state;
	put_address(m, 2, "192.0.2.1", "192.0.2.1", 24);
	ends[0] = m->size;
	put_address(m, 3, "2001:db8::1", NULL, 64);
	ends[1] = m->size;
	put_route(m, to_device, "10.8.0.0", 24, 7);
	ends[2] = m->size;
	for (size_t n = 0; n <= m->size; n++) {
		size_t whole = (n >= ends[0]) + (n >= ends[1]);
		size_t rest = n - (whole ? ends[whole - 1] : 0);

		found.count = 0;
		/* Too little for a header is nothing; a header without its message is an error. */
		assert_int_equal(take(m, n), rest < sizeof(struct netlink_header) || n == ends[2]);
		assert_int_equal(found.count, 2 * whole + (n == ends[2]));
	}
}

/* The header says so as well: then attributes are cut, or the fixed part is. */
static void a_message_that_is_too_short_says_nothing(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 3; kind++) {
		struct messages *m = fresh();

		if (kind == 0)
			put_address(m, 2, "192.0.2.1", NULL, 24);
		else if (kind == 1)
			put_address(m, 3, "2001:db8::1", NULL, 64);
		else
			put_route(m, to_device, "10.8.0.0", 24, 7);
		for (size_t n = m->size; n-- > 0;) {
			m->size = n;
			close_message(m);
			found.count = 0;
			/* Too short for a header, it is no message at all; else one to pass over. */
			assert_true(take(m, n));
			assert_int_equal(found.count, 0);
		}
	}
}

static void a_length_that_cannot_be_ends_the_answer(void **state)
{
	static const uint32_t wrong[] = { 0,     1,          4,          15,        1000,
					  65536, 0x7fffffff, 0x80000000, UINT32_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct messages *m = fresh();

		put_route(m, to_device, "10.8.0.0", 24, 7);
		put_route(m, to_device, "10.9.0.0", 24, 7);
		memcpy(m->octets + m->last, &wrong[i], sizeof wrong[i]);
		found.count = 0;
		assert_false(take(m, m->size));
		assert_string_equal(all_found(), "10.8.0.0/24 if 7");
	}
}

static void an_attribute_whose_length_cannot_be_ends_its_message(void **state)
{
	static const uint16_t wrong[] = { 0, 1, 2, 3, 13, 256, 32768, 65532, 65535 };

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const uint32_t interface = 7;
		struct messages *m = fresh();

		put_route(m, to_device, "10.8.0.0", 24, 0);
		size_t at = m->size;
		put_attribute(m, 30, "", 0);
		put_attribute(m, ROUTE_INTERFACE, &interface, sizeof interface);
		memcpy(m->octets + at, &wrong[i], sizeof wrong[i]);
		put_route(m, to_device, "10.9.0.0", 24, 7);
		assert_string_equal(understood(m), "10.9.0.0/24 if 7");
	}
}

static void an_attribute_too_short_for_what_it_is_does_not_count(void **state)
{
	static const uint8_t octets[16] = { 192, 0, 2, 1 };

	(void)state;
	for (size_t n = 0; n <= 16; n++) {
		struct netlink_address body = { .family = AF_INET,
						.prefix_bits = 24,
						.interface = 2 };
		struct messages *m = fresh();

		begin(m, NETLINK_NEW_ADDRESS);
		put(m, &body, sizeof body);
		put_attribute(m, ADDRESS_REMOTE, octets, n);
		understood(m);
		assert_int_equal(found.count, n >= 4 ? 2 : 0);
		body.family = AF_INET6;
		m = fresh();
		begin(m, NETLINK_NEW_ADDRESS);
		put(m, &body, sizeof body);
		put_attribute(m, ADDRESS_REMOTE, octets, n);
		understood(m);
		assert_int_equal(found.count, n >= 16 ? 2 : 0);
		m = fresh();
		put_route(m, to_device, "10.8.0.0", 24, 0);
		put_attribute(m, ROUTE_INTERFACE, octets, n);
		understood(m);
		assert_int_equal(found.count, n >= 4);
	}
}

static void octets_at_random_do_no_harm(void **state)
{
	uint32_t x = 35;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct messages *m = fresh();

		put_address(m, 2, "192.0.2.1", "192.0.2.1", 24);
		put_route(m, to_device, "fd00:35::", 64, 7);
		put_address(m, 3, "2001:db8::1", NULL, 64);
		for (unsigned k = 0; k < 1 + i % 8; k++) {
			x = x * 1664525 + 1013904223;
			m->octets[(x >> 8) % m->size] = (uint8_t)(x >> 24 & (i % 2 ? 31 : 255));
		}
		found.count = 0;
		take(m, m->size);
		assert_true(found.count <= 5);
	}
}

/* ------ the kernel itself ------ */

static void the_kernel_tells_in_this_language(void **state)
{
	(void)state;
	if (!attached_read(&found))
		skip(); /* in a container it may not */
	for (size_t i = 0; i < found.count; i++) {
		const struct attached_network *n = &found.at[i];
		unsigned all = n->address.family == ADDRESS_IP4 ? 32 : 128;

		assert_true(n->address.family == ADDRESS_IP4 || n->address.family == ADDRESS_IP6);
		assert_true(n->bits <= all);
		assert_true(n->is_own ? n->bits == all && n->interface == 0 : n->interface != 0);
	}
	int watch = attached_watch();
	assert_true(watch >= 0);
	attached_hear(watch); /* nothing to hear, and it does not wait */
	close(watch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_our_own_and_has_a_network),
		cmocka_unit_test(at_a_tunnel_the_network_is_that_of_the_other_end),
		cmocka_unit_test(every_prefix_length_from_8_is_kept),
		cmocka_unit_test(a_route_to_a_device_is_attached),
		cmocka_unit_test(other_routes_are_not),
		cmocka_unit_test(a_route_wider_than_8_bits_is_not),
		cmocka_unit_test(a_route_without_a_destination_is_the_default_route),
		cmocka_unit_test(networks_inside_of_others_have_no_place_of_their_own),
		cmocka_unit_test(own_addresses_are_never_swallowed),
		cmocka_unit_test(there_are_1024_and_the_rest_is_cut),
		cmocka_unit_test(attributes_that_we_do_not_know_are_passed_over),
		cmocka_unit_test(families_that_are_not_ip_are_passed_over),
		cmocka_unit_test(the_end_of_an_answer_and_an_error_are_told),
		cmocka_unit_test(a_message_cut_anywhere_says_nothing),
		cmocka_unit_test(a_message_that_is_too_short_says_nothing),
		cmocka_unit_test(a_length_that_cannot_be_ends_the_answer),
		cmocka_unit_test(an_attribute_whose_length_cannot_be_ends_its_message),
		cmocka_unit_test(an_attribute_too_short_for_what_it_is_does_not_count),
		cmocka_unit_test(octets_at_random_do_no_harm),
		cmocka_unit_test(the_kernel_tells_in_this_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
