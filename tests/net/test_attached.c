/*
 * test_attached.c -- what the kernel says about addresses and routes: rtnetlink(7).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "netlink_messages.h"

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
	put_route(m, to_device, "10.8.4.0", 24, 7);
	put_host(m, ROUTE_VIA, "fe80::1"); /* an IPv6 router for IPv4 (RFC 5549) */
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
		cmocka_unit_test(the_kernel_tells_in_this_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
