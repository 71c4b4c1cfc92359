/*
 * test_config_forward.c -- the upstream servers in ten35.conf(5): who is asked for which domain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "config_reading.h"

/* ------ forward ------ */

static void a_domain_has_upstream_servers(void **state)
{
	struct config *c = good("forward . 9.9.9.9 2001:db8::1 192.0.2.1@5300 192.0.2.1#5301 "
				"[2001:db8::1]:5300 192.0.2.1:5302 /etc/resolv.conf ./servers\n"
				"forward Corp.Example 10.8.0.53\n");
	const struct forward_config *f = &c->forwards[0];
	static const char *const expect[] = { "9.9.9.9@53",       "2001:db8::1@53",
					      "192.0.2.1@5300",   "192.0.2.1@5301",
					      "2001:db8::1@5300", "192.0.2.1@5302" };

	(void)state;
	assert_int_equal(c->forward_count, 2);
	assert_name(&f->domain, ".");
	assert_int_equal(f->upstream_count, 8);
	for (size_t i = 0; i < 6; i++) {
		assert_null(f->upstreams[i].file);
		assert_address(&f->upstreams[i].address, expect[i]);
	}
	assert_string_equal(f->upstreams[6].file, "/etc/resolv.conf");
	assert_string_equal(f->upstreams[7].file, "./servers");
	assert_name(&c->forwards[1].domain, "Corp.Example.");
	assert_int_equal(c->forwards[1].upstream_count, 1);
	assert_true(config_serves(c));
	config_free(c);
}

static void a_line_adds_to_earlier_ones_for_its_domain(void **state)
{
	struct config *c = good("forward a.example 192.0.2.1\n"
				"forward b.example 192.0.2.2\n"
				"forward A.EXAMPLE. 192.0.2.3 192.0.2.4\n");

	(void)state;
	assert_int_equal(c->forward_count, 2);
	assert_int_equal(c->forwards[0].upstream_count, 3);
	assert_address(&c->forwards[0].upstreams[2].address, "192.0.2.4@53");
	assert_int_equal(c->forwards[1].upstream_count, 1);
	config_free(c);
}

static void nobody_is_asked_for_a_domain_with_none(void **state)
{
	struct config *c = good("forward corp.example none\nforward corp.example none\n");

	(void)state;
	assert_int_equal(c->forward_count, 1);
	assert_true(c->forwards[0].is_blocked);
	assert_int_equal(c->forwards[0].upstream_count, 0);
	assert_false(config_serves(c)); /* that alone is no reason to be there */
	config_free(c);
}

/* RFC 1035 §3.5 and RFC 3596 §2.5 make the names; RFC 2317 §4 has names with a '/'. */
static void a_network_stands_for_its_reverse_domains(void **state)
{
	static const struct {
		const char *word;
		size_t count;
		const char *first, *last;
	} cases[] = {
		{ "10.8.0.0/16", 1, "8.10.in-addr.arpa.", "8.10.in-addr.arpa." },
		{ "10.8.0.0/24", 1, "0.8.10.in-addr.arpa.", "0.8.10.in-addr.arpa." },
		{ "192.0.2.7/32", 1, "7.2.0.192.in-addr.arpa.", "7.2.0.192.in-addr.arpa." },
		{ "192.0.2.64/26", 64, "64.2.0.192.in-addr.arpa.", "127.2.0.192.in-addr.arpa." },
		{ "172.16.0.0/12", 16, "16.172.in-addr.arpa.", "31.172.in-addr.arpa." },
		{ "10.8.3.4/15", 2, "8.10.in-addr.arpa.", "9.10.in-addr.arpa." },
		{ "255.255.255.255/9", 128, "128.255.in-addr.arpa.", "255.255.in-addr.arpa." },
		{ "128.0.0.0/1", 128, "128.in-addr.arpa.", "255.in-addr.arpa." },
		{ "fd00::/8", 1, "d.f.ip6.arpa.", "d.f.ip6.arpa." },
		{ "fc00::/7", 2, "c.f.ip6.arpa.", "d.f.ip6.arpa." },
		{ "2001:db8::/32", 1, "8.b.d.0.1.0.0.2.ip6.arpa.", "8.b.d.0.1.0.0.2.ip6.arpa." },
		{ "2001:db8::/29", 8, "8.b.d.0.1.0.0.2.ip6.arpa.", "f.b.d.0.1.0.0.2.ip6.arpa." },
		{ "8000::/1", 8, "8.ip6.arpa.", "f.ip6.arpa." },
		{ "0/25.2.0.192.in-addr.arpa", 1, "0/25.2.0.192.in-addr.arpa.",
		  "0/25.2.0.192.in-addr.arpa." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char line[128];
		struct text text = text_init(line, sizeof line);

		text_format(&text, "forward %s 192.0.2.1\n", cases[i].word);
		struct config *c = good(line);
		assert_int_equal(c->forward_count, cases[i].count);
		assert_name(&c->forwards[0].domain, cases[i].first);
		assert_name(&c->forwards[c->forward_count - 1].domain, cases[i].last);
		config_free(c);
	}
}

static void every_upstream_server_counts_for_every_domain_of_a_network(void **state)
{
	struct config *c = good("forward 172.16.0.0/12 192.0.2.1 /etc/x\n"
				"forward 20.172.in-addr.arpa 192.0.2.2\n");

	(void)state;
	assert_int_equal(c->forward_count, 16);
	for (size_t i = 0; i < 16; i++) {
		assert_int_equal(c->forwards[i].upstream_count, i == 4 ? 3 : 2);
		assert_address(&c->forwards[i].upstreams[0].address, "192.0.2.1@53");
		assert_string_equal(c->forwards[i].upstreams[1].file, "/etc/x");
	}
	config_free(c);
}

#define LABEL63 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"

static void forward_lines_that_are_none_are_errors(void **state)
{
	static const struct error_case cases[] = {
		{ "forward .\n", "1:1+7: expected 'forward DOMAIN UPSTREAM...'\n" },
		{ "forward 192.0.2.0/33 ::1\n",
		  "1:9+12: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "forward 2001:db8::/129 ::1\n",
		  "1:9+14: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "forward 192.0.2.0/x ::1\n",
		  "1:9+11: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "forward 192.0.2.0/ ::1\n",
		  "1:9+10: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "forward 192.0.2.0/4294967304 ::1\n",
		  "1:9+20: after '/' stands a number of bits: 0 to 32, or to 128\n" },
		{ "forward 192.0.2/24 ::1\n",
		  "1:9+10: not a network: as in 10.8.0.0/16 or fd00:35::/64\n" },
		{ "forward 0.0.0.0/0 ::1\n", "1:9+9: a network of at least one bit\n" },
		{ "forward ::/0 ::1\n", "1:9+4: a network of at least one bit\n" },
		{ "forward a..b ::1\n", "1:9+4: empty label in name\n" },
		{ "forward x" LABEL63 " ::1\n", "1:9+64: label longer than 63 octets\n" },
		{ "forward . 192.0.2.1@0\n", "1:11+11: port 0 cannot be asked\n" },
		{ "forward . 192.0.2.1@65536\n", "1:11+15: a port is at most 65535\n" },
		{ "forward . 192.0.2.1@\n", "1:11+10: a port number is missing\n" },
		{ "forward . ::ffff:192.0.2.1\n",
		  "1:11+16: an IPv4 address is written without ::ffff:\n" },
		{ "forward . dns.example\n",
		  "1:11+11: an IP address is wanted: host names are not looked up\n" },
		{ "forward . https://dns.example/dns-query\n",
		  "1:11+29: plain DNS only; a neighbour program carries it encrypted "
		  "(docs/recipes.md)\n" },
		{ "forward . fe80::1%no-such-if\n", "1:11+18: no interface has this name\n" },
		/* Linux delivers these to itself (RFC 1122 §3.2.1.3). */
		{ "forward . 0.0.0.0\n",
		  "1:11+7: this address is this host: an upstream server is another one\n" },
		{ "forward . 0.0.0.1\n",
		  "1:11+7: this address is this host: an upstream server is another one\n" },
		{ "forward . ::\n",
		  "1:11+2: this address is this host: an upstream server is another one\n" },
		{ "forward . 192.0.2.1 224.0.0.1\n", "1:21+9: not the address of one host\n" },
		{ "forward . 255.255.255.255\n", "1:11+15: not the address of one host\n" },
		{ "forward . ff02::1\n", "1:11+7: not the address of one host\n" },
		{ "forward . None\n", "1:11+4: an upstream server is an IP address, a file with "
				      "'/' in its name, or none\n" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static void none_stands_alone(void **state)
{
	static const struct error_case cases[] = {
		{ "forward . none 192.0.2.1\n",
		  "1:16+9: 'none' stands alone: either nobody is asked for a domain, or "
		  "somebody\n" },
		{ "forward . 192.0.2.1 none\n",
		  "1:21+4: 'none' stands alone: either nobody is asked for a domain, or "
		  "somebody\n" },
		{ "forward a none\nforward a /etc/x\n",
		  "2:11+6: 'none' stands alone: either nobody is asked for a domain, or "
		  "somebody\n" },
		{ "forward a 192.0.2.1\nforward A. none\n",
		  "2:12+4: 'none' stands alone: either nobody is asked for a domain, or "
		  "somebody\n" },
		{ "forward a none\nforward b.a 192.0.2.1\n", "" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static void a_domain_has_eight_upstream_servers_and_no_more(void **state)
{
	static const struct error_case cases[] = {
		{ "forward . 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8\n",
		  "" },
		{ "forward . 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8 /x\n",
		  "1:75+2: more than 8 upstream servers for one domain\n" },
		{ "forward . 1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6 1.1.1.7 1.1.1.8\n"
		  "forward . 1.1.1.9\n",
		  "2:11+7: more than 8 upstream servers for one domain\n" },
	};

	(void)state;
	CHECK_ERRORS(cases);
}

static void there_are_512_domains_and_no_more(void **state)
{
	static char text[32768];
	struct text out = text_init(text, sizeof text);

	(void)state;
	for (unsigned i = 0; i < 512; i++)
		text_format(&out, "forward d%u. 192.0.2.1\n", i);
	struct config *c = good(text);
	assert_int_equal(c->forward_count, CONFIG_MAX_FORWARDS);
	assert_name(&c->forwards[511].domain, "d511.");
	config_free(c);
	text_put(&out, "forward d7 192.0.2.2\nforward another 192.0.2.1\n");
	assert_false(out.full);
	struct reading *r = reading_of(text);
	assert_string_equal(r->findings, "514:9+7: too many domains, or out of memory\n");
	assert_int_equal(r->c.forwards[7].upstream_count, 2);
	config_free(&r->c);
}

/* ------ what stands when nothing is said ------ */

static void without_a_line_for_the_root_resolv_conf_is_asked(void **state)
{
	struct config *c = good("forward corp.example 192.0.2.1\n");

	(void)state;
	assert_true(config_complete(c));
	assert_int_equal(c->forward_count, 2);
	assert_name(&c->forwards[1].domain, ".");
	assert_int_equal(c->forwards[1].upstream_count, 1);
	assert_string_equal(c->forwards[1].upstreams[0].file, "/etc/resolv.conf");
	assert_true(c->allow_attached);
	config_free(c);
	c = good("zone a b\n");
	assert_true(config_complete(c));
	assert_false(c->is_forwarder); /* nobody named it: a reason to answer it is not */
	config_free(c);
	c = good("");
	assert_true(config_complete(c));
	assert_false(config_serves(c));
	config_free(c);
}

static void a_line_for_the_root_stands_alone(void **state)
{
	static const char *const texts[] = { "forward . 9.9.9.9\nallow any\n",
					     "forward . none\nallow 192.0.2.0/24\n" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct config *c = good(texts[i]);
		assert_true(config_complete(c));
		assert_int_equal(c->forward_count, 1);
		assert_int_equal(c->forwards[0].upstream_count, i == 0);
		assert_false(c->allow_attached);
		config_free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_has_upstream_servers),
		cmocka_unit_test(a_line_adds_to_earlier_ones_for_its_domain),
		cmocka_unit_test(nobody_is_asked_for_a_domain_with_none),
		cmocka_unit_test(a_network_stands_for_its_reverse_domains),
		cmocka_unit_test(every_upstream_server_counts_for_every_domain_of_a_network),
		cmocka_unit_test(forward_lines_that_are_none_are_errors),
		cmocka_unit_test(none_stands_alone),
		cmocka_unit_test(a_domain_has_eight_upstream_servers_and_no_more),
		cmocka_unit_test(there_are_512_domains_and_no_more),
		cmocka_unit_test(without_a_line_for_the_root_resolv_conf_is_asked),
		cmocka_unit_test(a_line_for_the_root_stands_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
