/*
 * Who is served beyond our zones, and how often the others are told that they are not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "base/ip.h"
#include "serve/access.h"
#include "support/guard.h"
#include "support/random_names.h"

/* An address behind which nothing may be read; lives until guard_release(). */
static struct slice address(const char *text)
{
	uint8_t octets[16];
	bool is_6 = strchr(text, ':');

	assert_int_equal(inet_pton(is_6 ? AF_INET6 : AF_INET, text, octets), 1);
	return (struct slice){ guard_copy(octets, is_6 ? 16 : 4), is_6 ? 16 : 4 };
}

static struct network network(const char *text, uint8_t bits, uint32_t interface)
{
	struct slice a = address(text);
	struct network n = { .size = (uint8_t)a.size, .bits = bits, .interface = interface };

	memcpy(n.octets, a.octets, a.size);
	return n;
}

static void a_network_has_what_begins_with_its_bits(void **state)
{
	static const struct {
		const char *network;
		uint8_t bits;
		const char *address;
		bool has;
	} cases[] = {
		{ "0.0.0.0", 0, "255.255.255.255", true },
		{ "0.0.0.0", 0, "::", false },
		{ "::", 0, "ffff::1", true },
		{ "::", 0, "0.0.0.0", false },
		{ "128.0.0.0", 1, "255.0.0.0", true },
		{ "128.0.0.0", 1, "127.255.255.255", false },
		{ "10.0.0.0", 7, "11.255.0.1", true },
		{ "10.0.0.0", 7, "12.0.0.0", false },
		{ "10.0.0.0", 7, "9.255.255.255", false },
		{ "10.0.0.0", 8, "10.255.255.255", true },
		{ "10.0.0.0", 8, "11.0.0.0", false },
		{ "192.168.128.0", 17, "192.168.255.1", true },
		{ "192.168.128.0", 17, "192.168.127.255", false },
		{ "172.16.0.0", 12, "172.31.255.255", true },
		{ "172.16.0.0", 12, "172.32.0.0", false },
		{ "172.16.0.0", 12, "172.15.255.255", false },
		{ "192.0.2.9", 31, "192.0.2.8", true }, /* bits behind the prefix do not count */
		{ "192.0.2.8", 31, "192.0.2.10", false },
		{ "192.0.2.1", 32, "192.0.2.1", true },
		{ "192.0.2.1", 32, "192.0.2.0", false },
		{ "2001:db8::", 33, "2001:db8:7fff::1", true },
		{ "2001:db8::", 33, "2001:db8:8000::", false },
		{ "fe80::", 10, "febf:ffff::1", true },
		{ "fe80::", 10, "fec0::", false },
		{ "fc00::", 7, "fdff::1", true },
		{ "fc00::", 7, "fe00::", false },
		{ "2001:db8::", 127, "2001:db8::1", true },
		{ "2001:db8::", 127, "2001:db8::2", false },
		{ "2001:db8::1", 128, "2001:db8::1", true },
		{ "2001:db8::1", 128, "2001:db8::", false },
		/* Families are apart: net/ has taken mapped addresses for what they are. */
		{ "192.0.2.0", 24, "::ffff:192.0.2.1", false },
		{ "::ffff:192.0.2.0", 120, "192.0.2.1", false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct network n = network(cases[i].network, cases[i].bits, 0);

		if (network_has(&n, address(cases[i].address), 1) != cases[i].has)
			fail_msg("%s/%u: %s", cases[i].network, cases[i].bits, cases[i].address);
		guard_release();
	}
}

/* One bit after the other, as somebody would who never heard of memcmp(). */
static bool has_bit_by_bit(const struct network *n, const uint8_t *octets)
{
	for (unsigned i = 0; i < n->bits; i++)
		if ((n->octets[i / 8] ^ octets[i / 8]) & 0x80 >> i % 8)
			return false;
	return true;
}

static void every_length_of_prefix_is_compared_to_the_bit(void **state)
{
	struct random_source r = { 9 };

	(void)state;
	for (uint8_t size = 4; size <= 16; size += 12)
		for (unsigned bits = 0; bits <= size * 8u; bits++)
			for (unsigned flip = 0; flip < size * 8u; flip++) {
				struct network n = { .size = size, .bits = (uint8_t)bits };
				uint8_t octets[16];

				for (unsigned i = 0; i < size; i++)
					n.octets[i] = (uint8_t)random_below(&r, 256);
				memcpy(octets, n.octets, size);
				octets[flip / 8] ^= (uint8_t)(0x80 >> flip % 8);
				assert_int_equal(network_has(&n, (struct slice){ octets, size }, 0),
						 has_bit_by_bit(&n, octets));
			}
}

/* A network that is attached here is not believed to come in from elsewhere. */
static void a_packet_comes_in_by_the_interface_of_its_network(void **state)
{
	static const struct {
		uint32_t of_network, of_packet;
		bool has;
	} cases[] = {
		{ 0, 0, true },  { 0, 7, true }, { 7, 7, true },
		{ 7, 8, false }, { 7, 0, true }, /* not known */
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct network n = network("192.0.2.0", 24, cases[i].of_network);
		const struct access a = { .networks = &n, .count = 1 };

		assert_int_equal(access_allows(&a, address("192.0.2.7"), cases[i].of_packet),
				 cases[i].has);
		assert_false(access_allows(&a, address("192.0.3.7"), cases[i].of_packet));
		guard_release();
	}
}

/* RFC 1122 §3.2.1.3 (g), RFC 4291 §2.5.3 */
static void loopback_addresses_are_ourselves(void **state)
{
	static const struct {
		const char *address;
		bool is_loopback;
	} cases[] = {
		{ "127.0.0.0", true },
		{ "127.0.0.1", true },
		{ "127.255.255.255", true },
		{ "126.255.255.255", false },
		{ "128.0.0.0", false },
		{ "0.0.0.0", false },
		{ "::1", true },
		{ "::", false },
		{ "::2", false },
		{ "::1:1", false },
		{ "1::1", false },
		{ "7f00::1", false },
		{ "::127.0.0.1", false },
	};
	const struct access nobody = { .everybody = false }, all = { .everybody = true };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct slice a = address(cases[i].address);

		assert_int_equal(ip_is_loopback(a), cases[i].is_loopback);
		/* Whatever the interface, and without any network. */
		assert_int_equal(access_allows(&nobody, a, 3), cases[i].is_loopback);
		assert_true(access_allows(&all, a, 3));
		guard_release();
	}
}

static void one_network_of_many_is_enough(void **state)
{
	static const char *const in[] = { "192.0.2.200", "198.51.100.1", "2001:db8:1::1" };
	static const char *const out[] = { "192.0.3.1", "198.51.100.2", "2001:db8:2::1", "::" };

	(void)state;
	struct network n[] = { network("192.0.2.0", 24, 0), network("198.51.100.1", 32, 0),
			       network("2001:db8:1::", 48, 0) };
	const struct access a = { .networks = n, .count = 3 };
	for (size_t i = 0; i < 3; i++)
		assert_true(access_allows(&a, address(in[i]), 1));
	for (size_t i = 0; i < 4; i++)
		assert_false(access_allows(&a, address(out[i]), 1));
	const struct access fewer = { .networks = n, .count = 2 };
	assert_false(access_allows(&fewer, address(in[2]), 1));
	guard_release();
}

/* ------ refusals ------ */

static struct refusals refusals;

static void forget_refusals(void)
{
	refusals = (struct refusals){ .key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
}

static unsigned told(const char *text, unsigned times, uint64_t now_ms)
{
	struct slice a = address(text);
	unsigned count = 0;

	for (unsigned i = 0; i < times; i++)
		count += refusal_may_be_told(&refusals, a, now_ms);
	guard_release();
	return count;
}

static void so_many_are_told_a_second_and_then_every_second_one(void **state)
{
	(void)state;
	forget_refusals();
	assert_int_equal(told("192.0.2.1", REFUSALS_PER_S, 5000), REFUSALS_PER_S);
	assert_int_equal(told("192.0.2.1", 1, 5500) + told("192.0.2.1", 1, 5500), 1);
	assert_int_equal(told("192.0.2.1", 1000, 5999), 500);
	assert_int_equal(told("192.0.2.1", REFUSALS_PER_S, 6000), REFUSALS_PER_S);
	assert_int_equal(told("192.0.2.1", 1000, 6000), 500);
	/* From the first second of the clock on, and far behind 32 bits of it. */
	forget_refusals();
	assert_int_equal(told("192.0.2.1", 1000, 0), REFUSALS_PER_S + 490);
	assert_int_equal(told("192.0.2.1", 1000, 1ull << 50), REFUSALS_PER_S + 490);
	assert_int_equal(told("192.0.2.1", REFUSALS_PER_S, (1ull << 50) + 1000), REFUSALS_PER_S);
}

/* Who forges addresses has a whole network of them: IPv4 /24, IPv6 /56. */
static void a_network_is_counted_as_one(void **state)
{
	static const struct {
		const char *first, *second;
		bool same;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.255", true },
		{ "192.0.2.1", "192.0.3.1", false },
		{ "192.0.2.1", "193.0.2.1", false },
		{ "2001:db8::1", "2001:db8:0:ff:ffff::", true },
		{ "2001:db8::1", "2001:db8:0:100::1", false },
		{ "2001:db8::1", "2002:db8::1", false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		forget_refusals();
		told(cases[i].first, 100, 9000);
		if ((told(cases[i].second, 20, 9000) < 20) != cases[i].same)
			fail_msg("%s %s", cases[i].first, cases[i].second);
	}
}

/* A few share a slot with others, but not most of them. */
static void networks_are_spread_over_the_slots(void **state)
{
	unsigned quiet = 0;

	(void)state;
	forget_refusals();
	for (unsigned i = 0; i < REFUSAL_SLOTS; i++) {
		const uint8_t octets[4] = { 192, 0, (uint8_t)i, 1 };

		for (int k = 0; k < REFUSALS_PER_S; k++)
			if (!refusal_may_be_told(&refusals, (struct slice){ octets, 4 }, 9000))
				quiet++;
	}
	assert_true(quiet < REFUSAL_SLOTS * REFUSALS_PER_S / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_network_has_what_begins_with_its_bits),
		cmocka_unit_test(every_length_of_prefix_is_compared_to_the_bit),
		cmocka_unit_test(a_packet_comes_in_by_the_interface_of_its_network),
		cmocka_unit_test(loopback_addresses_are_ourselves),
		cmocka_unit_test(one_network_of_many_is_enough),
		cmocka_unit_test(so_many_are_told_a_second_and_then_every_second_one),
		cmocka_unit_test(a_network_is_counted_as_one),
		cmocka_unit_test(networks_are_spread_over_the_slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
