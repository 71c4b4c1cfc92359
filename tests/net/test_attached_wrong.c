/*
 * test_attached_wrong.c -- what else the kernel says, and what it would never say: rtnetlink(7)
 * with messages of others, cut ones and wrong ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "netlink_messages.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_that_we_do_not_know_are_passed_over),
		cmocka_unit_test(families_that_are_not_ip_are_passed_over),
		cmocka_unit_test(the_end_of_an_answer_and_an_error_are_told),
		cmocka_unit_test(a_message_cut_anywhere_says_nothing),
		cmocka_unit_test(a_message_that_is_too_short_says_nothing),
		cmocka_unit_test(a_length_that_cannot_be_ends_the_answer),
		cmocka_unit_test(an_attribute_whose_length_cannot_be_ends_its_message),
		cmocka_unit_test(an_attribute_too_short_for_what_it_is_does_not_count),
		cmocka_unit_test(octets_at_random_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
