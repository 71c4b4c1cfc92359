/*
 * test_address.c -- addresses: read as people write them, printed as RFC 5952 has it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <net/if.h>
#include <netinet/in.h>

#include "net/address.h"

static const char *printed(const struct address *a)
{
	static char buffer[ADDRESS_TEXT_MAX];
	struct text t = text_init(buffer, sizeof buffer);

	address_print(a, &t);
	assert_false(t.full);
	return text_str(&t);
}

static struct address parsed(const char *s)
{
	struct address a;
	const char *problem = address_parse(&a, s, 53);

	if (problem)
		fail_msg("%s: %s", s, problem);
	return a;
}

static void an_address_is_read_as_people_write_it(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{ "1.2.3.4", "1.2.3.4@53" },
		{ "1.2.3.4@5300", "1.2.3.4@5300" },
		{ "1.2.3.4#5300", "1.2.3.4@5300" },
		{ "1.2.3.4:5300", "1.2.3.4@5300" },
		{ "0.0.0.0", "0.0.0.0@53" },
		{ "255.255.255.255@65535", "255.255.255.255@65535" },
		{ "1.2.3.4@0", "1.2.3.4@0" },
		{ "1.2.3.4@00053", "1.2.3.4@53" },
		{ "::", "::@53" },
		{ "::1", "::1@53" },
		{ "::1@5300", "::1@5300" },
		{ "::1#5300", "::1@5300" },
		{ "[::1]", "::1@53" },
		{ "[::1]:5300", "::1@5300" },
		{ "[::1]@5300", "::1@5300" },
		{ "[::1]#5300", "::1@5300" },
		{ "::1:5300", "::1:5300@53" }, /* no port: a colon belongs to the address */
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1@53" },
		{ "fe80::1%7", "fe80::1%7@53" },
		{ "fe80::1%7@54", "fe80::1%7@54" },
		{ "[fe80::1%7]:54", "fe80::1%7@54" },
		{ "::1.2.3.4", "::102:304@53" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address a = parsed(rows[i].text);
		assert_string_equal(printed(&a), rows[i].printed);
	}
}

static void what_is_no_address_is_told_in_words(void **state)
{
	static const struct {
		const char *text, *problem;
	} rows[] = {
		{ "", "not an IP address" },
		{ "localhost", "not an IP address" },
		{ "1.2.3", "not an IP address" },
		{ "1.2.3.4.5", "not an IP address" },
		{ "1.2.3.256", "not an IP address" },
		{ "01.2.3.4", "not an IP address" },
		{ " 1.2.3.4", "not an IP address" },
		{ "1.2.3.4/24", "not an IP address" },
		{ "@53", "not an IP address" },
		{ "1.2.3.4@", "a port number is missing" },
		{ "1.2.3.4:", "a port number is missing" },
		{ "1.2.3.4@53@54", "a port is a number" },
		{ "1.2.3.4@+53", "a port is a number" },
		{ "1.2.3.4@dns", "a port is a number" },
		{ "1.2.3.4@65536", "a port is at most 65535" },
		{ "1.2.3.4@99999999999999999999", "a port is at most 65535" },
		{ "1.2.3.4:53:54", "not an IPv6 address" },
		{ ":::", "not an IPv6 address" },
		{ "1::2::3", "not an IPv6 address" },
		{ "12345::", "not an IPv6 address" },
		{ "[::1", "']' is missing" },
		{ "[::1]53", "after ']' comes nothing but a port" },
		{ "[1.2.3.4]", "in brackets stands an IPv6 address" },
		{ "[]", "in brackets stands an IPv6 address" },
		{ "::ffff:1.2.3.4", "an IPv4 address is written without ::ffff:" },
		{ "2001:db8::1%7", "only a link-local address takes an interface" },
		{ "fe80::1%nosuchinterface", "no interface has this name" },
		{ "fe80::1%", "no interface has this name" },
		{ "fe80::1%0", "no interface has this name" },
		{ "fe80::1%99999999999", "no interface has this name" },
		{ "1.2.3.4%lo", "not an IP address" },
		{ "1111111111111111111111111111111111111111111111111111111111111111111111111111111"
		  "11111111111111111111",
		  "too long for an address" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address a = { .family = ADDRESS_IP4 };
		const char *problem = address_parse(&a, rows[i].text, 53);
		if (!problem)
			fail_msg("%s was taken for an address", rows[i].text);
		assert_string_equal(problem, rows[i].problem);
		assert_int_equal(a.family, ADDRESS_NONE);
	}
}

static void an_interface_may_be_named(void **state)
{
	struct address a;
	uint32_t lo = if_nametoindex("lo");

	(void)state;
	if (!lo)
		skip();
	assert_null(address_parse(&a, "fe80::1%lo", 53));
	assert_int_equal(a.scope, lo);
}

static void ip6_is_printed_as_rfc_5952_has_it(void **state)
{
	static const struct {
		const char *text, *printed;
	} rows[] = {
		{ "2001:0db8:0000:0000:0001:0000:0000:0001",
		  "2001:db8::1:0:0:1" },                            /* §4.2.3 first */
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" }, /* §4.2.2 one */
		{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },          /* longest */
		{ "0:0:0:0:0:0:0:0", "::" },
		{ "0:0:0:0:0:0:0:1", "::1" },
		{ "1:0:0:0:0:0:0:0", "1::" },
		{ "1:2:3:4:5:6:0:0", "1:2:3:4:5:6::" },
		{ "0:0:3:4:5:6:7:8", "::3:4:5:6:7:8" },
		{ "1:0:3:4:5:6:7:0", "1:0:3:4:5:6:7:0" },
		{ "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789",
		  "abcd:ef01:2345:6789:abcd:ef01:2345:6789" },
	};
	char buffer[ADDRESS_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address a = parsed(rows[i].text);
		struct text t = text_init(buffer, sizeof buffer);
		address_print_host(&a, &t);
		assert_string_equal(text_str(&t), rows[i].printed);
	}
}

static void the_longest_print_fits(void **state)
{
	struct address a = { .scope = UINT32_MAX, .port = UINT16_MAX, .family = ADDRESS_IP6 };

	(void)state;
	memset(a.octets, 0xff, sizeof a.octets);
	assert_string_equal(printed(&a),
			    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295@65535");
	a = (struct address){ 0 };
	assert_string_equal(printed(&a), "(no address)");
}

static void a_sockaddr_and_back_is_the_same(void **state)
{
	static const char *const rows[] = { "1.2.3.4@53", "::1@65535", "fe80::1%7@1" };
	struct sockaddr_storage s;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct address a = parsed(rows[i]), b;
		socklen_t size = address_to_sockaddr(&a, &s);
		assert_int_equal(size, a.family == ADDRESS_IP4 ? sizeof(struct sockaddr_in)
							       : sizeof(struct sockaddr_in6));
		assert_true(address_from_sockaddr(&b, (struct sockaddr *)&s));
		assert_true(address_equal(&a, &b));
	}
	s.ss_family = AF_UNIX;
	struct address none;
	assert_false(address_from_sockaddr(&none, (struct sockaddr *)&s));
	assert_int_equal(none.family, ADDRESS_NONE);
}

static void equal_means_family_octets_scope_and_port(void **state)
{
	struct address a = parsed("1.2.3.4@53"), b = a;

	(void)state;
	assert_true(address_equal(&a, &b));
	b.port = 54;
	assert_false(address_equal(&a, &b));
	assert_true(address_same_host(&a, &b));
	b = parsed("1.2.3.5@53");
	assert_false(address_same_host(&a, &b));
	a = parsed("fe80::1%1");
	b = parsed("fe80::1%2");
	assert_false(address_same_host(&a, &b));
	a = parsed("0.0.0.0");
	b = parsed("::");
	assert_false(address_same_host(&a, &b));
}

static void a_prefix_is_compared_bit_by_bit(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned agree; /* so many bits and no more */
	} rows[] = {
		{ "10.0.0.1", "10.0.0.1", 32 },           { "10.0.0.0", "10.0.0.1", 31 },
		{ "10.0.0.1", "10.128.0.1", 8 },          { "10.0.0.1", "138.0.0.1", 0 },
		{ "10.0.255.1", "10.0.254.1", 23 },       { "2001:db8::", "2001:db8::1", 127 },
		{ "2001:db8::1", "2001:db8:0:1::1", 63 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address a = parsed(rows[i].a), b = parsed(rows[i].b);
		unsigned all = a.family == ADDRESS_IP4 ? 32 : 128;
		for (unsigned bits = 0; bits <= 200; bits++)
			assert_int_equal(address_same_prefix(&a, &b, bits),
					 bits <= rows[i].agree || rows[i].agree == all);
	}
	struct address a = parsed("0.0.0.0"), b = parsed("::");
	assert_false(address_same_prefix(&a, &b, 0));
}

static void kinds_of_addresses_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		bool wildcard, link_local, unicast;
	} rows[] = {
		{ "0.0.0.0", true, false, false },    { "::", true, false, false },
		{ "0.0.0.1", false, false, false }, /* "this network", RFC 1122 §3.2.1.3 */
		{ "127.0.0.1", false, false, true },  { "223.255.255.255", false, false, true },
		{ "224.0.0.1", false, false, false }, { "239.255.255.255", false, false, false },
		{ "240.0.0.1", false, false, true },  { "255.255.255.255", false, false, false },
		{ "::1", false, false, true },        { "fe80::1%1", false, true, true },
		{ "febf::1%1", false, true, true },   { "fec0::1", false, false, true },
		{ "ff02::1", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct address a = parsed(rows[i].text);
		assert_int_equal(address_is_wildcard(&a), rows[i].wildcard);
		assert_int_equal(address_is_link_local(&a), rows[i].link_local);
		assert_int_equal(address_is_unicast(&a), rows[i].unicast);
	}
	struct address none = { 0 };
	assert_false(address_is_wildcard(&none));
	assert_false(address_is_unicast(&none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_read_as_people_write_it),
		cmocka_unit_test(what_is_no_address_is_told_in_words),
		cmocka_unit_test(an_interface_may_be_named),
		cmocka_unit_test(ip6_is_printed_as_rfc_5952_has_it),
		cmocka_unit_test(the_longest_print_fits),
		cmocka_unit_test(a_sockaddr_and_back_is_the_same),
		cmocka_unit_test(equal_means_family_octets_scope_and_port),
		cmocka_unit_test(a_prefix_is_compared_bit_by_bit),
		cmocka_unit_test(kinds_of_addresses_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
