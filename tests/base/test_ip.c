/*
 * test_ip.c -- IPv4 and IPv6 addresses as text.
 *
 * Forms and refusals stand in tests/types/a.txt and aaaa.txt; here is what
 * takes many addresses to see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/ip.h"
#include "support/guard.h"

static const char *ip6_text(const uint8_t address[IP6_SIZE])
{
	static char buffer[64];
	struct text text = text_init(buffer, sizeof buffer);

	ip6_print(address, &text);
	return buffer;
}

/* Every pattern of zero groups: the C library's reader has to agree. */
static void every_shape_of_ip6_is_printed_and_read_rfc_5952_4(void **state)
{
	(void)state;
	for (unsigned shape = 0; shape < 256; shape++) {
		uint8_t address[IP6_SIZE] = { 0 }, ours[IP6_SIZE], theirs[IP6_SIZE];

		for (unsigned i = 0; i < 8; i++)
			if (shape >> i & 1)
				address[2 * i + (shape & 1)] = (uint8_t)(i + 1);
		const char *text = ip6_text(address);
		assert_true(ip6_parse(guard_copy(text, strlen(text)), strlen(text), ours));
		assert_int_equal(inet_pton(AF_INET6, text, theirs), 1);
		assert_memory_equal(ours, address, IP6_SIZE);
		assert_memory_equal(theirs, address, IP6_SIZE);
		guard_release();
	}
}

static void ip6_is_printed_the_recommended_way_rfc_5952_4(void **state)
{
	static const struct {
		const char *read, *printed;
	} rows[] = {
		{ "2001:0db8::0001", "2001:db8::1" },               /* 4.1 */
		{ "2001:db8:0:0:0:0:2:1", "2001:db8::2:1" },        /* 4.2.1 */
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" }, /* 4.2.2 */
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },          /* 4.2.3, the longest */
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },    /* 4.2.3, the first */
		{ "2001:DB8::A", "2001:db8::a" },                   /* 4.3 */
		{ "0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1" }, /* 5 */
		{ "0:0:1::", "0:0:1::" },
		{ "::", "::" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t address[IP6_SIZE];

		assert_true(
			ip6_parse((const uint8_t *)rows[i].read, strlen(rows[i].read), address));
		assert_string_equal(ip6_text(address), rows[i].printed);
	}
}

/* Short texts of the characters that matter: we accept what the C library accepts. */
static void no_short_text_is_read_otherwise_than_by_the_c_library_rfc_4291_2_2(void **state)
{
	static const char alphabet[] = "1:.f0";
	enum { LENGTH = 7, LETTERS = sizeof alphabet - 1 };
	unsigned long total = 1;

	(void)state;
	for (unsigned i = 0; i < LENGTH; i++)
		total *= LETTERS;
	for (unsigned long n = 0; n < total; n++) {
		uint8_t ours[IP6_SIZE] = { 0 }, theirs[IP6_SIZE] = { 0 };
		char text[LENGTH + 1] = "";
		unsigned long rest = n;

		for (unsigned i = 0; i < LENGTH; i++, rest /= LETTERS)
			text[i] = alphabet[rest % LETTERS];
		bool we = ip6_parse((const uint8_t *)text, LENGTH, ours);
		bool they = inet_pton(AF_INET6, text, theirs) == 1;
		if (we != they || memcmp(ours, theirs, sizeof ours) != 0)
			fail_msg("IPv6 %s: %d, and the C library %d", text, we, they);
		we = ip4_parse((const uint8_t *)text, LENGTH, ours);
		they = inet_pton(AF_INET, text, theirs) == 1;
		if (we != they || (we && memcmp(ours, theirs, IP4_SIZE) != 0))
			fail_msg("IPv4 %s: %d, and the C library %d", text, we, they);
	}
}

static void every_octet_of_ip4_is_read_rfc_1035_3_4_1(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		char text[32];
		int size = snprintf(text, sizeof text, "%u.0.255.%u", i % 256, i);
		uint8_t address[IP4_SIZE];
		const uint8_t *guarded = guard_copy(text, (size_t)size);

		assert_int_equal(ip4_parse(guarded, (size_t)size, address), i < 256);
		if (i < 256)
			assert_true(address[0] == i && address[1] == 0 && address[2] == 255 &&
				    address[3] == i);
		guard_release();
	}
}

static void a_refused_text_leaves_the_address_alone(void **state)
{
	uint8_t address[IP6_SIZE] = { 1, 2, 3, 4 };

	(void)state;
	assert_false(ip4_parse((const uint8_t *)"9.9.9.x", 7, address));
	assert_false(ip6_parse((const uint8_t *)"9:9::x", 6, address));
	assert_memory_equal(address, "\1\2\3\4", 4);
}

static void either_family_is_read_rfc_4291_2_5_5_2(void **state)
{
	uint8_t address[IP6_SIZE];

	(void)state;
	assert_int_equal(ip_parse((const uint8_t *)"10.0.0.1", 8, address), IP4_SIZE);
	assert_memory_equal(address, "\12\0\0\1", 4);
	assert_int_equal(ip_parse((const uint8_t *)"::ffff:10.0.0.1", 15, address), IP6_SIZE);
	assert_true(ip6_is_mapped(address));
	assert_int_equal(ip_parse((const uint8_t *)"::fffe:10.0.0.1", 15, address), IP6_SIZE);
	assert_false(ip6_is_mapped(address));
	assert_int_equal(ip_parse((const uint8_t *)"10.0.0", 6, address), 0);
}

static void a_prefix_ends_at_any_bit(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 128; bit++) {
		uint8_t a[IP6_SIZE] = { 0 }, b[IP6_SIZE] = { 0 };

		b[bit / 8] = (uint8_t)(0x80 >> bit % 8);
		for (unsigned bits = 0; bits <= 128; bits++)
			assert_int_equal(ip_prefix_equal(a, b, bits), bits <= bit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_shape_of_ip6_is_printed_and_read_rfc_5952_4),
		cmocka_unit_test(ip6_is_printed_the_recommended_way_rfc_5952_4),
		cmocka_unit_test(
			no_short_text_is_read_otherwise_than_by_the_c_library_rfc_4291_2_2),
		cmocka_unit_test(every_octet_of_ip4_is_read_rfc_1035_3_4_1),
		cmocka_unit_test(either_family_is_read_rfc_4291_2_5_5_2),
		cmocka_unit_test(a_prefix_ends_at_any_bit),
		cmocka_unit_test(a_refused_text_leaves_the_address_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
