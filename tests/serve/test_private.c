/*
 * Addresses that no public name has any business with: the edges of each
 * range, and where they hide (RFC 6890, RFC 9460).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/ip.h"
#include "dns/rrtype.h"
#include "serve/private.h"
#include "support/guard.h"

static void every_range_ends_where_the_rfcs_say(void **state)
{
	static const struct {
		const char *text;
		bool is_private;
	} cases[] = {
		{ "0.0.0.0", true },
		{ "0.255.255.255", true },
		{ "1.0.0.0", false },
		{ "9.255.255.255", false },
		{ "10.0.0.0", true },
		{ "10.255.255.255", true },
		{ "11.0.0.0", false },
		{ "100.63.255.255", false },
		{ "100.64.0.0", true },
		{ "100.127.255.255", true },
		{ "100.128.0.0", false },
		{ "126.255.255.255", false },
		{ "127.0.0.0", true },
		{ "127.255.255.255", true },
		{ "128.0.0.0", false },
		{ "169.253.255.255", false },
		{ "169.254.0.0", true },
		{ "169.254.255.255", true },
		{ "169.255.0.0", false },
		{ "172.15.255.255", false },
		{ "172.16.0.0", true },
		{ "172.31.255.255", true },
		{ "172.32.0.0", false },
		{ "192.167.255.255", false },
		{ "192.168.0.0", true },
		{ "192.168.255.255", true },
		{ "192.169.0.0", false },
		{ "255.255.255.255", false },
		{ "::", true },
		{ "::1", true },
		{ "::2", true },
		{ "fbff:ffff::", false },
		{ "fc00::", true },
		{ "fdff:ffff::1", true },
		{ "fe00::", false },
		{ "fe7f:ffff::", false },
		{ "fe80::", true },
		{ "febf:ffff::", true },
		{ "fec0::", true },
		{ "feff:ffff::", true },
		{ "ff00::", false },
		{ "2001:db8::1", false },
		{ "::ffff:10.0.0.1", true },
		{ "::ffff:8.8.8.8", false },
		{ "64:ff9b::127.0.0.1", true },
		{ "64:ff9b::192.168.1.1", true },
		{ "64:ff9b::8.8.8.8", false },
		{ "64:ff9b:0:ffff::", false },
		{ "64:ff9b:1::10.0.0.1", true },
		{ "64:ff9b:1:ffff::8.8.8.8", true },
		{ "64:ff9b:2::", false },
		{ "2002:a00:1::1", true },
		{ "2002:c0a8:101::", true },
		{ "2002:808:808::", false },
		{ "::10.0.0.1", true },
		{ "::8.8.8.8", false },
		{ "::ffff:0:10.0.0.1", true },
		{ "::ffff:0:8.8.8.8", false },
		{ "191.255.255.255", false },
		{ "192.0.0.1", true },
		{ "192.0.1.0", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *text = cases[i].text;
		uint8_t address[16];
		bool got, is_ip4 = ip4_parse((const uint8_t *)text, strlen(text), address);

		if (!is_ip4)
			assert_true(ip6_parse((const uint8_t *)text, strlen(text), address));
		got = is_ip4 ? ip4_is_private(guard_copy(address, 4))
			     : ip6_is_private(guard_copy(address, 16));
		guard_release();
		if (got != cases[i].is_private)
			fail_msg("%s", text);
	}
}

static void hints_of_services_are_looked_into(void **state)
{
	static const struct {
		const char *name;
		uint16_t type;
		const char *rdata;
		bool is_private;
	} cases[] = {
		{ "A", TYPE_A, "0a000001", true },
		{ "A of five octets is none", TYPE_A, "0a00000100", false },
		{ "AAAA", TYPE_AAAA, "fd000000000000000000000000000001", true },
		{ "AAAA of four octets is none", TYPE_AAAA, "fd000001", false },
		{ "TXT says what it likes", TYPE_TXT, "040a000001", false },
		{ "HTTPS without hints", TYPE_HTTPS, "000100", false },
		{ "an ipv4hint", TYPE_HTTPS, "0001 00 0004 0004 7f000001", true },
		{ "the second address of a hint", TYPE_HTTPS,
		  "0001 00 0001 0003 026832 0004 0008 c6336401 c0a80101", true },
		{ "only public ones", TYPE_HTTPS, "0001 00 0004 0008 c6336401 c6336402", false },
		{ "an ipv6hint of SVCB", TYPE_SVCB,
		  "0001 03777777 00 0006 0010 fe800000000000000000000000000001", true },
		{ "a key that is none of the hints", TYPE_HTTPS, "0001 00 0005 0004 7f000001",
		  false },
		{ "a hint that is cut off", TYPE_HTTPS, "0001 00 0004 0004 7f0000", false },
		{ "a hint of three octets", TYPE_HTTPS, "0001 00 0004 0003 7f0000", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n;
		const uint8_t *octets = guard_hex(cases[i].rdata, &n);

		if (rdata_is_private(cases[i].type, (struct slice){ octets, n }) !=
		    cases[i].is_private)
			fail_msg("%s", cases[i].name);
		guard_release();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_range_ends_where_the_rfcs_say),
		cmocka_unit_test(hints_of_services_are_looked_into),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
