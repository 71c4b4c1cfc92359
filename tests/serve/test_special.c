/*
 * Some names never leave, and what is said of them here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "dns/rrtype.h"
#include "routes_world.h"

#define ZEROS "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa."

/* Each domain with names that are just not in it. */
/* clang-format off */
static const struct special_case {
	const char *domain;
	const char *neighbours[4];
} special_cases[] = {
	/* RFC 6761 §6 */
	{ "localhost.", { "localhos.", "localhosts.", "xlocalhost.", "localhost.example." } },
	{ "invalid.", { "invali.", "invalids.", "valid.", "invalid.example." } },
	{ "test.", { "tests.", "est.", "atest.", "test.example." } },
	{ "onion.", { "onio.", "onions.", "bonion.", "onion.example." } }, /* RFC 7686 §2 */
	{ "local.", { "loca.", "locals.", "alocal.", "local.example." } }, /* RFC 6762 §22.1 */
	{ "alt.", { "al.", "alts.", "salt.", "alt.example." } },	   /* RFC 9476 §2 */
	{ "internal.", { "interna.", "internals.", "ainternal.", "internal.example." } },
	{ "home.arpa.", { "arpa.", "ahome.arpa.", "home.", "homes.arpa." } }, /* RFC 8375 §4 */
	{ "service.arpa.", { "arpa.", "services.arpa.", "service.", "a.ervice.arpa." } },
	/* RFC 9462 §6.4 */
	{ "resolver.arpa.", { "arpa.", "resolvers.arpa.", "resolver.", "dns.arpa." } },
	/* RFC 6303 §4.1 */
	{ "10.in-addr.arpa.", { "9.in-addr.arpa.", "11.in-addr.arpa.", "110.in-addr.arpa.",
				"in-addr.arpa." } },
	{ "16.172.in-addr.arpa.", { "15.172.in-addr.arpa.", "172.in-addr.arpa.",
				    "16.173.in-addr.arpa.", "116.172.in-addr.arpa." } },
	{ "31.172.in-addr.arpa.", { "32.172.in-addr.arpa.", "1.172.in-addr.arpa.",
				    "31.171.in-addr.arpa.", "231.172.in-addr.arpa." } },
	{ "168.192.in-addr.arpa.", { "167.192.in-addr.arpa.", "169.192.in-addr.arpa.",
				     "192.in-addr.arpa.", "192.168.in-addr.arpa." } },
	/* RFC 6303 §4.2 */
	{ "0.in-addr.arpa.", { "1.in-addr.arpa.", "255.in-addr.arpa.", "00.in-addr.arpa.", NULL } },
	{ "127.in-addr.arpa.", { "126.in-addr.arpa.", "128.in-addr.arpa.", NULL, NULL } },
	{ "254.169.in-addr.arpa.", { "253.169.in-addr.arpa.", "255.169.in-addr.arpa.",
				     "169.in-addr.arpa.", "169.254.in-addr.arpa." } },
	{ "2.0.192.in-addr.arpa.", { "1.0.192.in-addr.arpa.", "3.0.192.in-addr.arpa.",
				     "0.192.in-addr.arpa.", "2.1.192.in-addr.arpa." } },
	{ "100.51.198.in-addr.arpa.", { "99.51.198.in-addr.arpa.", "101.51.198.in-addr.arpa.",
					"51.198.in-addr.arpa.", NULL } },
	{ "113.0.203.in-addr.arpa.", { "112.0.203.in-addr.arpa.", "114.0.203.in-addr.arpa.",
				       "0.203.in-addr.arpa.", NULL } },
	{ "255.255.255.255.in-addr.arpa.", { "254.255.255.255.in-addr.arpa.",
					     "255.255.255.in-addr.arpa.", NULL, NULL } },
	/* RFC 7793 §3: 100.64.0.0/10 */
	{ "64.100.in-addr.arpa.", { "63.100.in-addr.arpa.", "100.in-addr.arpa.",
				    "64.101.in-addr.arpa.", "4.100.in-addr.arpa." } },
	{ "127.100.in-addr.arpa.", { "128.100.in-addr.arpa.", "27.100.in-addr.arpa.",
				     "127.99.in-addr.arpa.", "255.100.in-addr.arpa." } },
	/* RFC 6303 §4.3 to §4.6 */
	{ "0." ZEROS, { "2." ZEROS, "f." ZEROS, ZEROS, "ip6.arpa." } },
	{ "1." ZEROS, { "3." ZEROS, "e." ZEROS, ZEROS, "1.0.0.ip6.arpa." } },
	{ "d.f.ip6.arpa.", { "c.f.ip6.arpa.", "f.ip6.arpa.", "d.e.ip6.arpa.", "b.f.ip6.arpa." } },
	{ "8.e.f.ip6.arpa.", { "7.e.f.ip6.arpa.", "e.f.ip6.arpa.", "8.d.e.ip6.arpa.", NULL } },
	{ "9.e.f.ip6.arpa.", { "9.f.f.ip6.arpa.", NULL, NULL, NULL } },
	{ "a.e.f.ip6.arpa.", { "a.f.f.ip6.arpa.", NULL, NULL, NULL } },
	{ "b.e.f.ip6.arpa.", { "c.e.f.ip6.arpa.", "b.e.e.ip6.arpa.", NULL, NULL } },
	{ "8.b.d.0.1.0.0.2.ip6.arpa.", { "9.b.d.0.1.0.0.2.ip6.arpa.", "7.b.d.0.1.0.0.2.ip6.arpa.",
					 "b.d.0.1.0.0.2.ip6.arpa.",
					 "8.b.d.1.1.0.0.2.ip6.arpa." } },
};
/* clang-format on */

enum { SPECIAL_CASES = sizeof special_cases / sizeof special_cases[0] };

static void special_names_never_leave_and_their_neighbours_do(void **state)
{
	char name[300];

	(void)state;
	route(".");
	for (size_t i = 0; i < SPECIAL_CASES; i++) {
		const struct special_case *s = &special_cases[i];

		expect(s->domain, "special");
		snprintf(name, sizeof name, "a.1.%s", s->domain);
		expect(name, "special");
		for (size_t k = 0; k < 4 && s->neighbours[k]; k++) {
			expect(s->neighbours[k], "0");
			snprintf(name, sizeof name, "x.%s", s->neighbours[k]);
			if (name_of(s->neighbours[k]).size > 3)
				expect(name, "0");
		}
	}
	expect("example.", "0"); /* RFC 6761 §6.5: nothing special for a server */
	expect("example.com.", "0");
}

static void whole_rows_of_reverse_domains_are_special(void **state)
{
	char name[40];

	(void)state;
	route(".");
	for (unsigned i = 0; i < 256; i++) {
		snprintf(name, sizeof name, "1.2.%u.172.in-addr.arpa.", i);
		expect(name, i >= 16 && i <= 31 ? "special" : "0");
		snprintf(name, sizeof name, "1.2.%u.100.in-addr.arpa.", i);
		expect(name, i >= 64 && i <= 127 ? "special" : "0");
		snprintf(name, sizeof name, "1.2.3.%u.in-addr.arpa.", i);
		expect(name, i == 0 || i == 10 || i == 127 ? "special" : "0");
	}
}

static void a_route_of_ones_own_goes_before_special_names(void **state)
{
	static const struct expected cases[] = {
		{ "a.10.in-addr.arpa.", "1" },
		{ "1.0.0.127.in-addr.arpa.", "2" },
		{ "2.0.0.127.in-addr.arpa.", "2" },
		{ "20.172.in-addr.arpa.", "3" },
		{ "21.172.in-addr.arpa.", "3" },
		{ "d.f.ip6.arpa.", "special" },
		{ "test.", "special" },
		{ "mine.test.", "4" },
		{ "a.mine.test.", "4" },
		{ "not-mine.test.", "special" },
	};
	(void)state;
	route(".");
	route("10.in-addr.arpa.");
	route("127.in-addr.arpa."); /* however much longer the special name is */
	route("172.in-addr.arpa.");
	route("mine.test.");
	EXPECT_ALL(cases);
}

/* What put_special() says of a name: as print_reply() prints it. */
static const char *answer(const char *text, const char *type_text)
{
	static uint8_t octets[512];
	struct place place = look(text);
	struct name name = name_of(text), domain = name;
	struct message m;
	uint16_t type;
	bool fits;

	assert_int_equal(place.kind, PLACE_SPECIAL);
	assert_true(rrtype_parse((const uint8_t *)type_text, strlen(type_text), &type));
	while (name_labels(domain) > place.depth)
		domain = name_parent(domain);
	message_init(&m, octets, sizeof octets);
	put_question(&m, &(struct question){ name, type, CLASS_IN });
	unsigned rcode = put_special(&m, place.special, domain, name, type, &fits);
	assert_true(fits);
	message_finish(&m, 1, (uint16_t)(FLAG_QR | rcode));
	const struct printed *p = print_reply(octets, message_size(&m));
	assert_null(p->problem);
	return p->text;
}

#define SOA(domain) "ns " domain " 10800 SOA " domain " nobody.invalid. 1 3600 1200 604800 10800\n"

static void special_names_have_the_answers_that_their_rfcs_give(void **state)
{
	static const struct {
		const char *name, *type, *expect;
	} cases[] = {
		/* RFC 6761 §6.3 */
		{ "localhost.", "A", "NOERROR\nan localhost. 10800 A 127.0.0.1\n" },
		{ "a.localhost.", "AAAA", "NOERROR\nan a.localhost. 10800 AAAA ::1\n" },
		{ "a.localhost.", "TXT", "NOERROR\n" SOA("localhost.") },
		{ "invalid.", "A", "NOERROR\n" SOA("invalid.") },
		{ "a.invalid.", "A", "NXDOMAIN\n" SOA("invalid.") },
		{ "a.onion.", "AAAA", "NXDOMAIN\n" SOA("onion.") },
		{ "_dns.resolver.arpa.", "SVCB", "NOERROR\n" SOA("resolver.arpa.") },
		/* RFC 6303 §3, and 127.0.0.1 as people expect it */
		{ "1.0.0.127.in-addr.arpa.", "PTR",
		  "NOERROR\nan 1.0.0.127.in-addr.arpa. 10800 PTR localhost.\n" },
		{ "1.0.0.127.in-addr.arpa.", "A", "NOERROR\n" SOA("1.0.0.127.in-addr.arpa.") },
		{ "2.0.0.127.in-addr.arpa.", "PTR", "NXDOMAIN\n" SOA("127.in-addr.arpa.") },
		{ "1.1.0.0.127.in-addr.arpa.", "PTR", "NXDOMAIN\n" SOA("1.0.0.127.in-addr.arpa.") },
		{ "1." ZEROS, "PTR", "NOERROR\nan 1." ZEROS " 10800 PTR localhost.\n" },
		{ "1.20.172.in-addr.arpa.", "PTR", "NXDOMAIN\n" SOA("20.172.in-addr.arpa.") },
		{ "a.bad.example.", "A", "NXDOMAIN\n" SOA("bad.example.") },
	};
	(void)state;
	block("bad.example.");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *got = answer(cases[i].name, cases[i].type);

		if (strcmp(got, cases[i].expect) != 0)
			fail_msg("%s %s:\n%s", cases[i].name, cases[i].type, got);
	}
}

/* RFC 2181 section 9: nothing of it, and the caller sets TC. */
static void what_does_not_fit_is_taken_back(void **state)
{
	struct name_buf buf;
	struct probe p;
	uint8_t octets[512];
	struct message m;
	bool fits;
	unsigned least = 0;

	(void)state;
	assert_null(name_parse_absolute("a.invalid.", &buf));
	struct name name = name_view(&buf);
	probe_init(&p, &routes.key, name);
	const struct catalog none = { .count = 0 };
	struct place place = routes_find(&routes, &none, &p, 0);
	for (unsigned size = 27; size <= 200; size++) {
		message_init(&m, octets, size);
		put_question(&m, &(struct question){ name, TYPE_A, CLASS_IN });
		size_t before = message_size(&m);
		assert_int_equal(
			put_special(&m, place.special, name_parent(name), name, TYPE_A, &fits),
			RCODE_NXDOMAIN);
		assert_int_equal(m.count[SECTION_AUTHORITY], fits);
		assert_true(fits ? message_size(&m) > before : message_size(&m) == before);
		least = fits && !least ? size : least;
	}
	assert_in_range(least, 60, 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(special_names_never_leave_and_their_neighbours_do),
		CASE(whole_rows_of_reverse_domains_are_special),
		CASE(a_route_of_ones_own_goes_before_special_names),
		CASE(special_names_have_the_answers_that_their_rfcs_give),
		CASE(what_does_not_fit_is_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
