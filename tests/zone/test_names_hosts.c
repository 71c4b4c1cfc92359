/*
 * test_names_hosts.c -- names out of hosts files, and what all formats share.
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

struct row {
	const char *rule, *text, *given, *found;
};

static void check_rows(const struct row *rows, size_t count)
{
	static struct names_text t;

	for (size_t i = 0; i < count; i++) {
		t = (struct names_text){ .format = NAMES_HOSTS };
		names_text_expect(&t, rows[i].rule, rows[i].text, rows[i].given, rows[i].found);
		assert_int_equal(t.expires_s, 0);
	}
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void lines(void **state)
{
	static const struct row rows[] = {
		{ "an empty text has no names", "", "", "" },
		{ "an address and its name", "10.0.0.3 nas\n", "nas.home.arpa. 10.0.0.3 300\n",
		  "" },
		{ "the first name is for the PTR record, others are aliases",
		  "10.0.0.3 nas files photos\n",
		  "nas.home.arpa. 10.0.0.3 300\nfiles.home.arpa. 10.0.0.3 300 alias\n"
		  "photos.home.arpa. 10.0.0.3 300 alias\n",
		  "" },
		{ "IPv6", "fd00:35::3\tnas\n", "nas.home.arpa. fd00:35::3 300\n", "" },
		{ "blanks and tabs, in front, too", " \t10.0.0.3 \t nas\t \n",
		  "nas.home.arpa. 10.0.0.3 300\n", "" },
		{ "lines may end in CR LF", "10.0.0.3 nas\r\n\r\n10.0.0.4 tv\r\n",
		  "nas.home.arpa. 10.0.0.3 300\ntv.home.arpa. 10.0.0.4 300\n", "" },
		{ "the last line needs no end", "10.0.0.3 nas", "nas.home.arpa. 10.0.0.3 300\n",
		  "" },
		{ "comments", "# 10.0.0.9 x\n10.0.0.3 nas # old\n10.0.0.4 tv#old\n#\n",
		  "nas.home.arpa. 10.0.0.3 300\ntv.home.arpa. 10.0.0.4 300\n", "" },
		{ "an address without a name is nothing", "10.0.0.3\n10.0.0.4 # x\n", "", "" },
		{ "the mark that some editors put in front",
		  "\xef\xbb\xbf"
		  "10.0.0.3 nas\n",
		  "nas.home.arpa. 10.0.0.3 300\n", "" },
		{ "one name may have several addresses", "10.0.0.3 nas\nfd00::3 nas\n",
		  "nas.home.arpa. 10.0.0.3 300\nnas.home.arpa. fd00::3 300\n", "" },
		{ "case is kept", "10.0.0.3 NAS\n", "NAS.home.arpa. 10.0.0.3 300\n", "" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void domains(void **state)
{
	static const struct row rows[] = {
		{ "a name with dots is taken within the domain",
		  "10.0.0.3 nas.home.arpa\n10.0.0.4 a.b.HOME.arpa.\n",
		  "nas.home.arpa. 10.0.0.3 300\na.b.HOME.arpa. 10.0.0.4 300\n", "" },
		{ "the domain itself", "10.0.0.1 home.arpa\n", "home.arpa. 10.0.0.1 300\n", "" },
		{ "other domains are passed over, whatever they look like",
		  "10.0.0.3 nas.example.com a.xhome.arpa b*c.example \xc3\xa4.example. .\n", "",
		  "" },
		{ "the first that is ours is for the PTR record",
		  "10.0.0.3 nas.example.com nas files\n",
		  "nas.home.arpa. 10.0.0.3 300\nfiles.home.arpa. 10.0.0.3 300 alias\n", "" },
		{ "one label equal to the domain's first is like any other", "10.0.0.1 home\n",
		  "home.home.arpa. 10.0.0.1 300\n", "" },
		{ "one label with a dot behind it is of no domain of ours", "10.0.0.1 nas.\n", "",
		  "" },
	};
	static struct names_text t = { .domain = "home." }, root = { .domain = "." };

	(void)state;
	CHECK_ROWS(rows);
	names_text_expect(&t, "a domain of one label", "10.0.0.1 home\n10.0.0.2 home.\n",
			  "home.home. 10.0.0.1 300\nhome. 10.0.0.2 300\n", "");
	names_text_expect(&root, "all names", "10.0.0.1 nas a.example\n",
			  "nas. 10.0.0.1 300\na.example. 10.0.0.1 300 alias\n", "");
}

static void addresses(void **state)
{
	static const struct row rows[] = {
		{ "what Debian and others write for this host itself",
		  "127.0.0.1\tlocalhost\n127.0.1.1\tbox\n::1 localhost ip6-localhost\n"
		  "fe00::0 ip6-localnet.example\nff02::1 ip6-allnodes\nff02::2 ip6-allrouters\n"
		  "255.255.255.255 broadcasthost\n",
		  "", "" },
		{ "block lists", "0.0.0.0 ads\n:: ads\n0.1.2.3 ads\n0.0.0.0 bad*name\n", "", "" },
		{ "multicast and what is beyond", "223.255.255.255 a\n224.0.0.1 b\n240.0.0.1 c\n",
		  "a.home.arpa. 223.255.255.255 300\n", "" },
		{ "the network 127", "126.0.0.1 a\n127.255.0.1 b\n128.0.0.1 c\n",
		  "a.home.arpa. 126.0.0.1 300\nc.home.arpa. 128.0.0.1 300\n", "" },
		{ "link-local, with an interface or without",
		  "fe7f::1 a\nfe80::1 b\nfebf::1 c\nfec0::1 d\nfe80::1%eth0 e\nnonsense%x f\n",
		  "a.home.arpa. fe7f::1 300\nd.home.arpa. fec0::1 300\n", "" },
		{ "forms of IPv4 addresses", "::ffff:10.0.0.1 a\n::10.0.0.1 b\n64:ff9b::a00:1 c\n",
		  "c.home.arpa. 64:ff9b::a00:1 300\n", "" },
		{ "no address", "10.0.0 nas\n10.0.0.4 tv\n", "tv.home.arpa. 10.0.0.4 300\n",
		  "f:1:1: warning: not an IPv4 or IPv6 address [names]\n"
		  "    1 | 10.0.0 nas\n      | ^~~~~~\n      = as in: 192.0.2.1 laptop\n" },
		{ "a network is none", "10.0.0.0/24 net\n", "",
		  "f:1:1: warning: not an IPv4 or IPv6 address [names]\n"
		  "    1 | 10.0.0.0/24 net\n      | ^~~~~~~~~~~\n"
		  "      = as in: 192.0.2.1 laptop\n" },
		{ "a name in front", "\n  nas 10.0.0.3\n", "",
		  "f:2:3: warning: not an IPv4 or IPv6 address [names]\n"
		  "    2 |   nas 10.0.0.3\n      |   ^~~\n      = as in: 192.0.2.1 laptop\n" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

#define ODD "a name has letters, digits, '-' and '_' only [names]\n"
#define L63 "a23456789b123456789c123456789d123456789e123456789f123456789g123"

static void names(void **state)
{
	static const struct row rows[] = {
		{ "letters, digits, '-' and '_'", "10.0.0.3 a-1 _b Z9- 10\n",
		  "a-1.home.arpa. 10.0.0.3 300\n_b.home.arpa. 10.0.0.3 300 alias\n"
		  "Z9-.home.arpa. 10.0.0.3 300 alias\n10.home.arpa. 10.0.0.3 300 alias\n",
		  "" },
		{ "the rest of a line is read behind a bad name", "10.0.0.3 na!s files\n",
		  "files.home.arpa. 10.0.0.3 300\n",
		  "f:1:12: warning: " ODD "    1 | 10.0.0.3 na!s files\n      |            ^\n" },
		{ "in the domain, with dots", "10.0.0.3 *.home.arpa\n", "",
		  "f:1:10: warning: " ODD "    1 | 10.0.0.3 *.home.arpa\n      |          ^\n" },
		{ "octets above 127 and control characters",
		  "10.0.0.3 b\xc3\xbcro\n10.0.0.4 a\033[2J\n", "",
		  "f:1:11: warning: " ODD "    1 | 10.0.0.3 b??ro\n      |           ^\n"
		  "f:2:11: warning: " ODD "    2 | 10.0.0.4 a?[2J\n      |           ^\n" },
		{ "a backslash escapes nothing; with a dot it is of another domain",
		  "10.0.0.3 a\\.b a\\065\n", "",
		  "f:1:16: warning: " ODD
		  "    1 | 10.0.0.3 a\\.b a\\065\n      |                ^\n" },
		{ "the origin is not '@' here", "10.0.0.3 @\n", "",
		  "f:1:10: warning: " ODD "    1 | 10.0.0.3 @\n      |          ^\n" },
		{ "an empty label", "10.0.0.3 a..home.arpa\n", "",
		  "f:1:10: warning: empty label in name [names]\n"
		  "    1 | 10.0.0.3 a..home.arpa\n      |          ^~~~~~~~~~~~\n" },
		{ "63 octets", "10.0.0.3 " L63 "\n", L63 ".home.arpa. 10.0.0.3 300\n", "" },
		{ "64 octets", "10.0.0.3 4" L63 "\n", "",
		  "f:1:10: warning: label longer than 63 octets [names]\n"
		  "    1 | 10.0.0.3 4" L63 "\n      |          ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
		  "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\n" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void a_place_is_that_of_the_name(void **state)
{
	static struct names_text t;

	(void)state;
	names_text_expect(&t, "behind the address", "\n10.0.0.3  nas\n",
			  "nas.home.arpa. 10.0.0.3 300\n", "");
	assert_int_equal(t.first_at, 11);
}

static void keys_in_the_wrong_file_are_not_shown(void **state)
{
	static struct names_text t;

	(void)state;
	names_text_expect(&t, "a WireGuard configuration", "PrivateKey = aGVsbG8=\n", "",
			  "f:1:1: warning: not an IPv4 or IPv6 address [names]\n"
			  "      = as in: 192.0.2.1 laptop\n");
	t.format = NAMES_LEASES;
	names_text_read(&t, "x\nPresharedKey = aGVsbG8=", 25);
	assert_null(strstr(t.found, " | "));
}

static void nul_is_an_octet_like_others(void **state)
{
	static const char text[] = "10.0.0.3 a\0b\n\0\n10.0.0.4 tv";
	static struct names_text t;

	(void)state;
	names_text_read(&t, text, sizeof text - 1);
	expect_text("NUL", t.given, "tv.home.arpa. 10.0.0.4 300\n");
	expect_text("NUL", t.found,
		    "f:1:11: warning: " ODD "    1 | 10.0.0.3 a?b\n      |           ^\n"
		    "f:2:1: warning: not an IPv4 or IPv6 address [names]\n"
		    "    2 | ?\n      | ^\n      = as in: 192.0.2.1 laptop\n");
}

static void a_line_has_64_names_at_most(void **state)
{
	static struct names_text t;
	char text[1024];
	int n = snprintf(text, sizeof text, "10.0.0.3");

	(void)state;
	for (unsigned i = 0; i < 65; i++)
		n += snprintf(text + n, sizeof text - n, " n%u", i);
	n += snprintf(text + n, sizeof text - n, "\n10.0.0.4 tv\n");
	names_text_read(&t, text, n);
	assert_int_equal(t.count, 65);
	assert_non_null(strstr(t.given, "\nn63.home.arpa. 10.0.0.3 300 alias\ntv.home.arpa."));
	assert_non_null(strstr(t.found, ": warning: more than 64 names in a line [names]\n"));
}

static void lines_may_be_of_any_length(void **state)
{
	static struct names_text t;
	enum { SIZE = 1 << 20 };
	char *text = malloc(SIZE);

	(void)state;
	memset(text, 'x', SIZE);
	memcpy(text, "10.0.0.3 ", 9);
	names_text_read(&t, text, SIZE);
	assert_int_equal(t.count, 0);
	assert_non_null(strstr(t.found, "f:1:10: warning: label longer than 63 octets [names]\n"));
	memset(text, ' ', SIZE);
	memcpy(text, "10.0.0.3", 8);
	memcpy(text + SIZE - 3, "nas", 3);
	names_text_read(&t, text, SIZE);
	expect_text("blanks", t.given, "nas.home.arpa. 10.0.0.3 300\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(domains),
		cmocka_unit_test(addresses),
		cmocka_unit_test(names),
		cmocka_unit_test(a_place_is_that_of_the_name),
		cmocka_unit_test(keys_in_the_wrong_file_are_not_shown),
		cmocka_unit_test(nul_is_an_octet_like_others),
		cmocka_unit_test(a_line_has_64_names_at_most),
		cmocka_unit_test(lines_may_be_of_any_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
