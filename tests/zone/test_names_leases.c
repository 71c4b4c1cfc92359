/*
 * test_names_leases.c -- names out of what DHCP servers remember.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/names_text.h"
#include "support/zone_text.h"

/* 2026-01-01: the leases of these tests end around it. */
#define NOW 1767225600

struct row {
	const char *rule, *text, *given;
	int64_t expires_s;
};

static void check_rows(const struct row *rows, size_t count, int64_t now_s)
{
	static struct names_text t;

	for (size_t i = 0; i < count; i++) {
		t = (struct names_text){ .format = NAMES_LEASES, .now_s = now_s };
		names_text_expect(&t, rows[i].rule, rows[i].text, rows[i].given, "");
		if (t.expires_s != rows[i].expires_s)
			fail_msg("%s: over at %ld", rows[i].rule, (long)t.expires_s);
	}
}

#define CHECK_ROWS(rows, now_s) check_rows(rows, sizeof(rows) / sizeof((rows)[0]), now_s)

static const char dnsmasq[] =
	"1767268800 aa:bb:cc:00:11:22 192.168.1.120 laptop 01:aa:bb:cc:00:11:22\n"
	"1767247200 aa:bb:cc:00:11:33 192.168.1.121 * *\n"
	"0 06-aa:bb:cc:00:11:44 192.168.1.5 printer *\n"
	"1767225000 aa:bb:cc:00:11:55 192.168.1.122 gone 01:aa:bb:cc:00:11:55\n"
	"duid 00:01:00:01:2d:4f:aa:bb:aa:bb:cc:00:00:01\n"
	"1767268000 12345678 fd00:35::78 laptop 00:01:00:01:2d:11:22:33:aa:bb:cc:00:11:22\n"
	"1767268000 T5678 fd00:35::79 phone 00:04:11:22\n";

static void leases_of_dnsmasq(void **state)
{
	static const struct row rows[] = {
		{ "all of a file", dnsmasq,
		  "laptop.home.arpa. 192.168.1.120 60\nprinter.home.arpa. 192.168.1.5 60\n"
		  "laptop.home.arpa. fd00:35::78 60\nphone.home.arpa. fd00:35::79 60\n",
		  1767268000 },
		{ "an empty file", "", "", 0 },
		{ "0 is forever", "0 02:00:00:00:00:01 10.0.0.1 a *\n",
		  "a.home.arpa. 10.0.0.1 60\n", 0 },
		{ "a name with the domain behind it", "0 02:00 10.0.0.1 a.home.arpa *\n",
		  "a.home.arpa. 10.0.0.1 60\n", 0 },
		{ "names at which programs look for settings are no guest's (CERT VU#598349)",
		  "0 02:00 10.0.0.1 WPAD *\n0 02:00 10.0.0.2 isatap.home.arpa *\n"
		  "0 02:00 10.0.0.3 wpads *\n",
		  "wpads.home.arpa. 10.0.0.3 60\n", 0 },
		{ "nor in the form of hosts lines",
		  "10.0.0.1 Wpad\n10.0.0.2 isatap.home.arpa pc\nfd00::3 wpad\n",
		  "pc.home.arpa. 10.0.0.2 60 alias\n", 0 },
		{ "nobody is the domain itself",
		  "0 02:00 10.0.0.1 Home.arpa *\n0 02:00 fd00::1 home.arpa. *\n"
		  "0 02:00 10.0.0.2 arpa *\n",
		  "arpa.home.arpa. 10.0.0.2 60\n", 0 },
		{ "another domain", "0 02:00 10.0.0.1 a.example.com *\n", "", 0 },
		{ "what is no name is nobody's to mend",
		  "0 02:00 10.0.0.1 Anna's *\n0 02:00 10.0.0.2 b\xc3\xbcro *\n"
		  "0 02:00 10.0.0.2 a..b *\n",
		  "", 0 },
		{ "a line that is being written: its name may be longer",
		  "0 02:00 10.0.0.1 a *\n0 02:00 10.0.0.2 lap", "a.home.arpa. 10.0.0.1 60\n", 0 },
		{ "a line that is being written: its address may be longer",
		  "0 02:00 10.0.0.1 a *\n0 02:00 10.0.0.2", "a.home.arpa. 10.0.0.1 60\n", 0 },
		{ "addresses of no host", "0 02:00 127.0.0.1 a *\n0 1 fe80::1 b *\n", "", 0 },
		{ "lines that are none",
		  "0 02:00 10.0.0.1 a *\nx y\n-1 02:00 10.0.0.2 b *\n"
		  "1767268800x 02:00 10.0.0.3 c *\n1234567890123456789 02:00 10.0.0.4 d *\n",
		  "a.home.arpa. 10.0.0.1 60\n", 0 },
		{ "no leases yet", "duid 00:01:00:01:2d:4f:aa:bb\n", "", 0 },
		{ "CR LF", "0 02:00 10.0.0.1 a *\r\n", "a.home.arpa. 10.0.0.1 60\n", 0 },
	};

	(void)state;
	CHECK_ROWS(rows, NOW);
}

static void time_passes(void **state)
{
	static const struct row rows[] = {
		{ "a minute is left", "1767225660 02:00 10.0.0.1 a *\n",
		  "a.home.arpa. 10.0.0.1 60\n", NOW + 60 },
		{ "59 seconds are left", "1767225659 02:00 10.0.0.1 a *\n",
		  "a.home.arpa. 10.0.0.1 59\n", NOW + 59 },
		{ "one second is left", "1767225601 02:00 10.0.0.1 a *\n",
		  "a.home.arpa. 10.0.0.1 1\n", NOW + 1 },
		{ "a lease is over at its end", "1767225600 02:00 10.0.0.1 a *\n", "", 0 },
		{ "the TTL of one lease is not that of the next",
		  "1767225610 02:00 10.0.0.1 a *\n1767229999 02:00 10.0.0.2 b *\n",
		  "a.home.arpa. 10.0.0.1 10\nb.home.arpa. 10.0.0.2 60\n", NOW + 10 },
		{ "the first end counts, wherever it stands",
		  "1767229999 02:00 10.0.0.1 a *\n1767229000 02:00 10.0.0.2 b *\n"
		  "1767229500 02:00 10.0.0.3 c *\n0 02:00 10.0.0.4 d *\n",
		  "a.home.arpa. 10.0.0.1 60\nb.home.arpa. 10.0.0.2 60\n"
		  "c.home.arpa. 10.0.0.3 60\nd.home.arpa. 10.0.0.4 60\n",
		  1767229000 },
		{ "the end of what gives no name does not",
		  "1767229000 02:00 10.0.0.1 * *\n1767229000 02:00 10.0.0.1 a.example *\n"
		  "1767229500 02:00 10.0.0.3 c *\n",
		  "c.home.arpa. 10.0.0.3 60\n", 1767229500 },
		{ "an end before 2020 was written without a clock, or is a length",
		  "43200 02:00 10.0.0.1 a *\n1577836799 02:00 10.0.0.2 b *\n",
		  "a.home.arpa. 10.0.0.1 60\nb.home.arpa. 10.0.0.2 60\n", 0 },
		{ "an end after the end of time", "999999999999999999 02:00 10.0.0.1 a *\n",
		  "a.home.arpa. 10.0.0.1 60\n", 999999999999999999 },
	};

	(void)state;
	CHECK_ROWS(rows, NOW);
}

/* As odhcpd wrote it until November 2025: each lease after its lines for resolvers. */
static const char odhcpd_old[] =
	"fd00:35::d2c\tlaptop.lan\tlaptop\n"
	"2001:db8:1::d2c\tlaptop.lan\tlaptop\n"
	"# br-lan 00010001222f0d51aabbcc001122 baf0d33e laptop 1767268800 d2c 128 "
	"fd00:35::d2c/128 2001:db8:1::d2c/128\n"
	"# br-lan 000300016466b3aabbcc 1 - 1767268800 4 62 fd00:35:0:4::/62 2001:db8:1:4::/62\n"
	"# br-lan 00010001aabb 5 router 1767268800 8 62 fd00:35:0:8::/62\n"
	"# br-lan 00010001aacc 6 broken\\x20Annas 1767268800 d2d 128 fd00:35::d2d/128\n"
	"# br-lan 00010001aadd 7 sleepy 0 d2e 128\n"
	"10.0.0.150\tphone.lan\tphone\n"
	"# br-lan aabbcc001133 ipv4 phone -1 a000096 32 10.0.0.150/32\n"
	"10.0.0.151\told\n"
	"# br-lan aabbcc001144 ipv4 old 1767225000 a000097 32 10.0.0.151/32\n";

/* And since then: leases in one file, lines for resolvers in others. */
static const char odhcpd_new[] =
	"# br-lan 00010001222f0d51aabbcc001122 baf0d33e lap-top 1767268800 ffffffff00000d2c 128 "
	"fd00:35::d2c/128\n"
	"# br-lan aa:b:cc:0:11:33 ipv4 broken\\x20Annas\\x20iPhone 1767268800 a000096 32 "
	"10.0.0.150/32\n"
	"# br-lan aa:b:cc:0:11:34 ipv4 tv 1767260000 a000097 32 10.0.0.151/32\n";

static const char odhcpd_hosts[] = "fd00:35::d2c\tlaptop.lan\tlaptop\n10.0.0.150\tphone\n";

static void leases_of_odhcpd(void **state)
{
	static const struct row rows[] = {
		{ "before 2025 its lines for resolvers say nothing more", odhcpd_old,
		  "laptop.home.arpa. fd00:35::d2c 60\nlaptop.home.arpa. 2001:db8:1::d2c 60\n"
		  "phone.home.arpa. 10.0.0.150 60\n",
		  1767268800 },
		{ "since then", odhcpd_new,
		  "lap-top.home.arpa. fd00:35::d2c 60\ntv.home.arpa. 10.0.0.151 60\n", 1767260000 },
		{ "lines for resolvers alone", odhcpd_hosts,
		  "laptop.home.arpa. fd00:35::d2c 60\nphone.home.arpa. 10.0.0.150 60\n", 0 },
		{ "a lease without the addresses' end", "# l d 1 a -1 1 128 fd00::1/128 fd00::2/12",
		  "a.home.arpa. fd00::1 60\n", 0 },
		{ "an address without its length may be half there", "# l d 1 a -1 1 128 fd00::1",
		  "", 0 },
		{ "no name", "# l d 1 - -1 1 128 fd00::1/128\n# l d ipv4 - -1 a 32 10.0.0.1/32\n",
		  "", 0 },
		{ "a line of hosts is no lease, whatever its aliases are",
		  "10.0.0.1 a b c d 12 e f\n10.0.0.2 g\n",
		  "a.home.arpa. 10.0.0.1 60\nb.home.arpa. 10.0.0.1 60 alias\n"
		  "c.home.arpa. 10.0.0.1 60 alias\nd.home.arpa. 10.0.0.1 60 alias\n"
		  "12.home.arpa. 10.0.0.1 60 alias\ne.home.arpa. 10.0.0.1 60 alias\n"
		  "f.home.arpa. 10.0.0.1 60 alias\ng.home.arpa. 10.0.0.2 60\n",
		  0 },
		{ "comments are no leases",
		  "# a b\n# written by hand at some time or other on -1\n"
		  "10.0.0.1 a\n",
		  "a.home.arpa. 10.0.0.1 60\n", 0 },
	};

	(void)state;
	CHECK_ROWS(rows, NOW);
}

static void a_clock_before_2020_is_none(void **state)
{
	static const struct row before[] = {
		{ "without a clock every lease counts",
		  "1767225000 02:00 10.0.0.1 a *\n1767229999 02:00 10.0.0.2 b *\n",
		  "a.home.arpa. 10.0.0.1 60\nb.home.arpa. 10.0.0.2 60\n", 0 },
		{ "what is over is over without a clock, too",
		  "# l d 1 a 0 1 128 fd00::1/128\n# l d 1 b 1767225000 1 128 fd00::2/128\n",
		  "b.home.arpa. fd00::2 60\n", 0 },
	};
	static const struct row since[] = {
		{ "a clock of 2020 is one",
		  "1577836800 02:00 10.0.0.1 a *\n1577836801 02:00 10.0.0.2 b *\n",
		  "b.home.arpa. 10.0.0.2 1\n", 1577836801 },
	};

	(void)state;
	CHECK_ROWS(before, 1577836799);
	CHECK_ROWS(before, 1000);
	CHECK_ROWS(since, 1577836800);
}

static void a_file_of_something_else_is_told_once(void **state)
{
	static struct names_text t = { .format = NAMES_LEASES, .now_s = NOW };

	(void)state;
	names_text_expect(&t, "leases of ISC dhcpd",
			  "# The format of this file is documented in dhcpd.leases(5).\n\n"
			  "lease 10.0.0.5 {\n  client-hostname \"laptop\";\n}\n",
			  "",
			  "f:3:1: warning: neither a lease of dnsmasq nor of odhcpd, nor is any "
			  "line of this file [names]\n"
			  "    3 | lease 10.0.0.5 {\n      | ^~~~~~~~~~~~~~~~\n"
			  "      = as in: 0 02:00:00:00:00:01 192.0.2.1 laptop *\n");
	names_text_expect(&t, "comments only", "# nothing yet\n\n", "", "");
}

static void a_lease_has_64_addresses_at_most(void **state)
{
	static struct names_text t = { .format = NAMES_LEASES, .now_s = NOW };
	char text[2048];
	int n = snprintf(text, sizeof text, "# l d 1 a -1 1 128");

	(void)state;
	for (unsigned i = 0; i < 65; i++)
		n += snprintf(text + n, sizeof text - n, " fd00::%x/128", i + 1);
	names_text_read(&t, text, n);
	assert_int_equal(t.count, 64);
}

static void any_prefix_of_a_file_is_read(void **state)
{
	static struct names_text t = { .format = NAMES_LEASES, .now_s = NOW };
	static const struct {
		const char *text;
		size_t size;
	} files[] = { { dnsmasq, sizeof dnsmasq - 1 },
		      { odhcpd_old, sizeof odhcpd_old - 1 },
		      { odhcpd_new, sizeof odhcpd_new - 1 } };
	static char whole[sizeof t.given];

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		names_text_read(&t, files[i].text, files[i].size);
		strcpy(whole, t.given);
		/* Names and addresses that are half there are not taken for whole ones. */
		for (size_t n = files[i].text == odhcpd_old ? 150 : 0; n < files[i].size; n++) {
			names_text_read(&t, files[i].text, n);
			assert_memory_equal(whole, t.given, strlen(t.given));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leases_of_dnsmasq),
		cmocka_unit_test(time_passes),
		cmocka_unit_test(leases_of_odhcpd),
		cmocka_unit_test(a_clock_before_2020_is_none),
		cmocka_unit_test(a_file_of_something_else_is_told_once),
		cmocka_unit_test(a_lease_has_64_addresses_at_most),
		cmocka_unit_test(any_prefix_of_a_file_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
