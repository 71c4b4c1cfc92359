/*
 * test_views.c -- which clients have which views: by interface, by address.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/ip.h"
#include "serve/views.h"
#include "zone/image.h"

enum { NOT_KNOWN = 0, LAN = 2, WG0 = 7 };

static const struct views some = {
	.count = 6,
	.at = {
		{ { .size = 4, .interface = WG0 }, 1 },
		{ { .size = 16, .interface = WG0 }, 1 },
		{ { .octets = { 10, 8 }, .size = 4, .bits = 16 }, 2 },
		{ { .octets = { 10, 8, 1 }, .size = 4, .bits = 24 }, 32 },
		{ { .octets = { 0xfd, 0, 0, 0x35 }, .size = 16, .bits = 64 }, 2 },
		{ { .octets = { 192, 0, 2, 1 }, .size = 4, .bits = 32 }, 3 },
	},
};

static uint32_t views_at(const char *address, uint32_t interface)
{
	uint8_t octets[16];
	size_t n = strlen(address);

	if (ip4_parse((const uint8_t *)address, n, octets))
		return views_of(&some, (struct slice){ octets, 4 }, interface);
	assert_true(ip6_parse((const uint8_t *)address, n, octets));
	return views_of(&some, (struct slice){ octets, 16 }, interface);
}

#define VIEW(n) ((uint32_t)1 << ((n)-1))

static void a_client_has_the_views_of_its_interface_and_of_its_networks(void **state)
{
	static const struct {
		const char *address;
		uint32_t interface, views;
	} cases[] = {
		{ "192.0.2.9", LAN, 0 },
		{ "192.0.2.9", WG0, VIEW(1) }, /* whatever its address is */
		{ "2001:db8::9", WG0, VIEW(1) },
		{ "2001:db8::9", LAN, 0 },
		{ "10.8.0.1", LAN, VIEW(2) }, /* whatever its interface is */
		{ "10.8.1.1", LAN, VIEW(2) | VIEW(32) },
		{ "10.8.1.1", WG0, VIEW(1) | VIEW(2) | VIEW(32) },
		{ "10.9.0.1", LAN, 0 },
		{ "fd00:35::1", LAN, VIEW(2) },
		{ "fd00:35:0:1::1", LAN, 0 },
		{ "192.0.2.1", LAN, VIEW(3) },
		{ "192.0.2.0", LAN, 0 },
		/* An interface that is not known is none that somebody named; an address is one. */
		{ "192.0.2.9", NOT_KNOWN, 0 },
		{ "2001:db8::9", NOT_KNOWN, 0 },
		{ "10.8.0.1", NOT_KNOWN, VIEW(2) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (views_at(cases[i].address, cases[i].interface) != cases[i].views)
			fail_msg("%s by %u: %x", cases[i].address, cases[i].interface,
				 views_at(cases[i].address, cases[i].interface));
}

static void without_views_nobody_has_one(void **state)
{
	static const struct views none = { .count = 0 };
	static const uint8_t octets[4] = { 10, 8, 0, 1 };

	(void)state;
	assert_int_equal(views_of(&none, (struct slice){ octets, 4 }, WG0), 0);
}

static void what_belongs_to_a_view_is_for_its_clients_and_the_rest_for_all(void **state)
{
	(void)state;
	assert_true(view_has(0, 0) && view_has(0, EVERY_VIEW));
	for (unsigned view = 1; view <= VIEWS_MAX; view++) {
		assert_false(view_has(view, 0));
		assert_true(view_has(view, VIEW(view)));
		assert_true(view_has(view, EVERY_VIEW));
		assert_false(view_has(view, ~VIEW(view)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_has_the_views_of_its_interface_and_of_its_networks),
		cmocka_unit_test(without_views_nobody_has_one),
		cmocka_unit_test(what_belongs_to_a_view_is_for_its_clients_and_the_rest_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
