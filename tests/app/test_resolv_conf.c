/*
 * test_resolv_conf.c -- upstream servers from a file that others write as they like.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/resolv_conf.h"
#include "support/guard.h"
#include "support/random_names.h"

enum { MOST = 8 };

/* The servers of n octets, each as it is printed, one blank between them. */
static const char *servers_of(const void *octets, size_t n, size_t most)
{
	static char room[(MOST + 1) * ADDRESS_TEXT_MAX];
	struct text out = text_init(room, sizeof room);
	struct address found[MOST + 1];

	memset(found, 0xa5, sizeof found);
	const struct slice text = { guard_copy(octets, n), n };
	size_t count = resolv_conf_parse(text, found, most);
	assert_true(count <= most);
	assert_int_equal(found[count].family, 0xa5); /* nothing behind the last one */
	for (size_t i = 0; i < count; i++) {
		text_put(&out, i > 0 ? " " : "");
		address_print(&found[i], &out);
	}
	guard_release();
	return text_str(&out);
}

struct text_case {
	const char *name, *text, *expect;
};

static void check(const struct text_case *c, size_t n)
{
	for (; n > 0; n--, c++) {
		const char *got = servers_of(c->text, strlen(c->text), MOST);

		if (strcmp(got, c->expect) != 0)
			fail_msg("%s: '%s' instead of '%s'", c->name, got, c->expect);
	}
}

#define CHECK(cases) check(cases, sizeof cases / sizeof cases[0])

/* ------ which lines count ------ */

static void the_address_of_a_nameserver_line_counts(void **state)
{
	static const struct text_case cases[] = {
		{ "IPv4", "nameserver 192.0.2.1\n", "192.0.2.1@53" },
		{ "IPv6", "nameserver 2001:db8::1\n", "2001:db8::1@53" },
		{ "IPv6 with an IPv4 tail", "nameserver 64:ff9b::192.0.2.1\n",
		  "64:ff9b::c000:201@53" },
		{ "a link-local one with its interface", "nameserver fe80::1%7\n", "fe80::1%7@53" },
		{ "a port behind #", "nameserver 9.9.9.9#5353\n", "9.9.9.9@5353" },
		{ "a port behind @", "nameserver 9.9.9.9@5353\n", "9.9.9.9@5353" },
		{ "a port behind an interface", "nameserver fe80::1%7#5353\n", "fe80::1%7@5353" },
		{ "a port behind brackets", "nameserver [2001:db8::1]:5353\n", "2001:db8::1@5353" },
		{ "loopback: another program may be there", "nameserver 127.0.0.53\n",
		  "127.0.0.53@53" },
		{ "several lines, in their order",
		  "nameserver 9.9.9.9\nnameserver ::1\nnameserver 1.1.1.1\n",
		  "9.9.9.9@53 ::1@53 1.1.1.1@53" },
	};

	(void)state;
	CHECK(cases);
}

static void all_other_lines_are_passed_over(void **state)
{
	static const struct text_case cases[] = {
		{ "an empty file", "", "" },
		{ "a newline alone", "\n", "" },
		{ "search and options",
		  "search example.org nameserver\noptions edns0 nameserver 9.9.9.9\n"
		  "nameserver 192.0.2.1\ndomain example.org\nsortlist 192.0.2.0/24\n",
		  "192.0.2.1@53" },
		{ "comments of both kinds",
		  "# nameserver 9.9.9.9\n; nameserver 9.9.9.9\n#nameserver 9.9.9.9\n"
		  ";nameserver 9.9.9.9\nnameserver 192.0.2.1\n",
		  "192.0.2.1@53" },
		{ "a longer word", "nameservers 9.9.9.9\n", "" },
		{ "a shorter word", "nameserve 9.9.9.9\n", "" },
		{ "other letters, resolv.conf(5) has small ones", "NameServer 9.9.9.9\n", "" },
		{ "no blank between", "nameserver9.9.9.9\nnameserver=9.9.9.9\n", "" },
		{ "no address", "nameserver\nnameserver \nnameserver", "" },
		{ "the address on the next line", "nameserver\n9.9.9.9\n", "" },
		{ "one line for both", "options x\rnameserver 9.9.9.9\n", "" },
	};

	(void)state;
	CHECK(cases);
}

static void blanks_and_ends_of_lines_come_in_all_kinds(void **state)
{
	static const struct text_case cases[] = {
		{ "no newline at the end", "nameserver 192.0.2.1", "192.0.2.1@53" },
		{ "CR and LF", "nameserver 192.0.2.1\r\nnameserver 192.0.2.2\r\n",
		  "192.0.2.1@53 192.0.2.2@53" },
		{ "CR at the end of the file", "nameserver 192.0.2.1\r", "192.0.2.1@53" },
		{ "blank lines", "\n \n\t\n\r\n\nnameserver 192.0.2.1\n\n", "192.0.2.1@53" },
		{ "an indented line", " \tnameserver 192.0.2.1\n", "192.0.2.1@53" },
		{ "tabs, and many blanks", "nameserver\t  \t192.0.2.1  \t\n", "192.0.2.1@53" },
		{ "a comment behind the address", "nameserver 192.0.2.1 # home\n", "192.0.2.1@53" },
		{ "of two addresses the first", "nameserver 192.0.2.1 192.0.2.2\n",
		  "192.0.2.1@53" },
	};

	(void)state;
	CHECK(cases);
}

/* One bad line is no reason to lose the good ones around it. */
static void what_is_no_address_of_one_host_is_left_out(void **state)
{
	static const char *const bad[] = {
		"dns.example.org",
		"192.0.2",
		"192.0.2.256",
		"192.0.2.1.5",
		"010.0.0.1",
		"2001:db8::1::2",
		"12345::",
		"[2001:db8::1",
		"9.9.9.9#",
		"9.9.9.9#x",
		"9.9.9.9#65536",
		"9.9.9.9@-1",
		"9.9.9.9#0",
		"9.9.9.9/32",
		"::ffff:9.9.9.9",
		"0.0.0.0",
		"0.1.2.3",
		"::",
		"224.0.0.251",
		"239.255.255.250",
		"255.255.255.255",
		"ff02::fb",
		"2001:db8::1%1",
		"fe80::1%",
		"fe80::1%no-such",
		"9.9.9.9%1",
		"@53",
		"#",
		"%",
		"\x80\xff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[128];

		snprintf(text, sizeof text,
			 "nameserver 192.0.2.1\nnameserver %s\nnameserver 192.0.2.2\n", bad[i]);
		const char *got = servers_of(text, strlen(text), MOST);
		if (strcmp(got, "192.0.2.1@53 192.0.2.2@53") != 0)
			fail_msg("'%s': %s", bad[i], got);
	}
}

/* ------ how many ------ */

static void each_server_counts_once(void **state)
{
	static const struct text_case cases[] = {
		{ "the same line twice", "nameserver 9.9.9.9\nnameserver 9.9.9.9\n", "9.9.9.9@53" },
		{ "in another form", "nameserver 2001:db8:0::1\nnameserver 2001:DB8::0:1\n",
		  "2001:db8::1@53" },
		{ "with the port that is meant anyway",
		  "nameserver 9.9.9.9\nnameserver 9.9.9.9#53\n", "9.9.9.9@53" },
		{ "another port is another server", "nameserver 9.9.9.9\nnameserver 9.9.9.9#54\n",
		  "9.9.9.9@53 9.9.9.9@54" },
		{ "another interface is another server",
		  "nameserver fe80::1%1\nnameserver fe80::1%2\n", "fe80::1%1@53 fe80::1%2@53" },
	};

	(void)state;
	CHECK(cases);
}

static void the_first_servers_count_when_there_are_more_than_room(void **state)
{
	static const char text[] = "nameserver 192.0.2.1\nnameserver 192.0.2.1\n"
				   "nameserver 192.0.2.2\nnameserver 192.0.2.3\n";

	(void)state;
	assert_string_equal(servers_of(text, strlen(text), 0), "");
	assert_string_equal(servers_of(text, strlen(text), 1), "192.0.2.1@53");
	assert_string_equal(servers_of(text, strlen(text), 2), "192.0.2.1@53 192.0.2.2@53");
	assert_string_equal(servers_of(text, strlen(text), 3),
			    "192.0.2.1@53 192.0.2.2@53 192.0.2.3@53");
	assert_string_equal(servers_of(text, strlen(text), 4),
			    "192.0.2.1@53 192.0.2.2@53 192.0.2.3@53");
}

/* ------ what is no text at all ------ */

static void overlong_words_and_lines_do_no_harm(void **state)
{
	static char text[70000];
	static const size_t sizes[] = { 63, 64, 65, 79, 80, 81, 255, 4096, 65536 };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		/* An address would stand there, were it not for its length. */
		int n = sprintf(text, "nameserver 9.9.9.9#");
		memset(text + n, '0', sizes[i] - strlen("9.9.9.9#"));
		n += (int)(sizes[i] - strlen("9.9.9.9#"));
		sprintf(text + n - 1, "7\nnameserver 192.0.2.1\n");
		const char *got = servers_of(text, strlen(text), MOST);
		assert_string_equal(got, sizes[i] < ADDRESS_TEXT_MAX ? "9.9.9.9@7 192.0.2.1@53"
								     : "192.0.2.1@53");
		n = sprintf(text, "nameserver");
		memset(text + n, ' ', sizes[i]);
		strcpy(text + n + sizes[i], "192.0.2.1");
		assert_string_equal(servers_of(text, strlen(text), MOST), "192.0.2.1@53");
	}
}

static void nul_octets_end_nothing_but_their_word(void **state)
{
	static const char before[] = "\0\0\nnameserver 192.0.2.1\n";
	static const char keyword[] = "nameserver\0 9.9.9.9\nnameserver 192.0.2.1\n";
	static const char blank[] = "nameserver\0009.9.9.9\nnameserver 192.0.2.1\n";
	static const char first[] = "nameserver \0\nnameserver 192.0.2.1\n";

	(void)state;
	assert_string_equal(servers_of(before, sizeof before - 1, MOST), "192.0.2.1@53");
	assert_string_equal(servers_of(keyword, sizeof keyword - 1, MOST), "192.0.2.1@53");
	assert_string_equal(servers_of(blank, sizeof blank - 1, MOST), "192.0.2.1@53");
	assert_string_equal(servers_of(first, sizeof first - 1, MOST), "192.0.2.1@53");
}

/* A file is read while another program writes it: any part of it may be all there is. */
static void every_beginning_of_a_file_is_handled(void **state)
{
	static const char text[] = "# made by hand\nsearch example.org\n"
				   "nameserver 192.0.2.1\r\n\tnameserver fe80::1%7#5353 ; x\n"
				   "nameserver [2001:db8::1]:53\noptions trust-ad\n";
	size_t longest = 0;

	(void)state;
	for (size_t n = 0; n < sizeof text; n++) {
		size_t size = strlen(servers_of(text, n, MOST));

		longest = size > longest ? size : longest;
	}
	assert_string_equal(servers_of(text, sizeof text - 1, MOST),
			    "192.0.2.1@53 fe80::1%7@5353 2001:db8::1@53");
	assert_int_equal(longest, strlen("192.0.2.1@53 fe80::1%7@5353 2001:db8::1@53"));
}

static size_t put_garbage(struct random_source *r, char *out, size_t room)
{
	static const char *const pieces[] = { "nameserver", " ",      "\t", "\n", "\r", "9.9.9.9",
					      "::1",        "fe80::", "%",  "#",  "@",  "[",
					      "]",          ":",      ".",  "0",  "53", "65535",
					      "255",        "\x80",   ";" };
	size_t n = 0;

	while (n + 32 < room) {
		const char *piece = pieces[random_below(r, sizeof pieces / sizeof pieces[0])];

		memcpy(out + n, piece, strlen(piece));
		n += strlen(piece);
		if (random_below(r, 40) == 0)
			out[n++] = '\0';
		if (random_below(r, 4) == 0)
			n += (size_t)sprintf(out + n, "\nnameserver ");
	}
	return n;
}

/* What is found in garbage is something that can be asked all the same. */
static void garbage_names_only_servers_that_can_be_asked(void **state)
{
	struct random_source r = { 35 };
	char text[200];
	size_t found = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		struct address at[MOST];
		size_t n = put_garbage(&r, text, sizeof text);
		const struct slice guarded = { guard_copy(text, n), n };
		size_t count = resolv_conf_parse(guarded, at, MOST);

		found += count;
		for (size_t k = 0; k < count; k++) {
			assert_true(address_is_unicast(&at[k]) && at[k].port != 0);
			for (size_t j = 0; j < k; j++)
				assert_false(address_equal(&at[j], &at[k]));
		}
		guard_release();
	}
	assert_true(found > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_address_of_a_nameserver_line_counts),
		cmocka_unit_test(all_other_lines_are_passed_over),
		cmocka_unit_test(blanks_and_ends_of_lines_come_in_all_kinds),
		cmocka_unit_test(what_is_no_address_of_one_host_is_left_out),
		cmocka_unit_test(each_server_counts_once),
		cmocka_unit_test(the_first_servers_count_when_there_are_more_than_room),
		cmocka_unit_test(overlong_words_and_lines_do_no_harm),
		cmocka_unit_test(nul_octets_end_nothing_but_their_word),
		cmocka_unit_test(every_beginning_of_a_file_is_handled),
		cmocka_unit_test(garbage_names_only_servers_that_can_be_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
