/*
 * Where a name is answered: the longest domain wins, and some names never leave.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/rrtype.h"
#include "serve/routes.h"
#include "support/random_names.h"
#include "support/world.h"

static struct world w;
static struct routes routes;

static int setup(void **state)
{
	(void)state;
	world_init(&w);
	assert_true(routes_init(&routes, &world_key));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	routes_free(&routes);
	world_free(&w);
	return 0;
}

static struct name name_of(const char *text)
{
	static struct name_buf names[4];
	static unsigned next;
	struct name_buf *name = &names[next++ % 4];

	assert_null(name_parse_absolute(text, name));
	return name_view(name);
}

static uint16_t route(const char *domain)
{
	return routes_add(&routes, name_of(domain));
}

static void block(const char *domain)
{
	assert_true(routes_block(&routes, name_of(domain)));
}

static void zone(const char *origin)
{
	world_zone(&w, origin, "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns.example.\n");
}

static struct place look(const char *name)
{
	struct probe p;

	probe_init(&p, &world_key, name_of(name));
	return routes_find(&routes, &w.catalog, &p);
}

/* What is expected: "N" for a route, "special", "blocked", "nowhere", or "zone DEPTH". */
static void expect(const char *name, const char *expected)
{
	struct place place = look(name);
	char got[40] = "nowhere";

	if (place.kind == PLACE_UPSTREAM)
		snprintf(got, sizeof got, "%u", place.route);
	else if (place.kind == PLACE_SPECIAL)
		strcpy(got, place.special == &special_blocked ? "blocked" : "special");
	else if (place.kind == PLACE_ZONE)
		snprintf(got, sizeof got, "zone %u", place.depth);
	if (strcmp(got, expected) != 0)
		fail_msg("%s: %s, not %s", name, got, expected);
}

struct expected {
	const char *name, *place;
};

static void expect_all(const struct expected *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(cases[i].name, cases[i].place);
}

#define EXPECT_ALL(cases) expect_all(cases, sizeof cases / sizeof cases[0])

/* ------ routes ------ */

static void the_longest_domain_wins_whatever_the_order(void **state)
{
	static const struct expected cases[] = {
		{ "a.b.example.com.", "0" },
		{ "x.y.a.b.example.com.", "0" },
		{ "b.example.com.", "3" },
		{ "c.b.example.com.", "3" },
		{ "example.com.", "1" },
		{ "c.example.com.", "1" },
		{ "com.", "2" },
		{ "net.", "2" },
		{ ".", "2" },
	};
	(void)state;
	assert_int_equal(route("a.b.example.com."), 0);
	assert_int_equal(route("example.com."), 1);
	assert_int_equal(route("."), 2);
	assert_int_equal(route("b.example.com."), 3);
	EXPECT_ALL(cases);
	assert_int_equal(look("x.b.example.com.").depth, 3);
	assert_int_equal(look("net.").depth, 0);
}

static void a_domain_ends_at_a_label(void **state)
{
	static const struct expected cases[] = {
		{ "example.com.", "0" },
		{ "www.example.com.", "0" },
		{ "notexample.com.", "nowhere" },
		{ "example.com.org.", "nowhere" },
		{ "example.comm.", "nowhere" },
		{ "xample.com.", "nowhere" },
		{ "com.", "nowhere" },
		{ "example\\.com.", "nowhere" },
		{ "\\007example.com.", "nowhere" },
		{ ".", "nowhere" },
	};
	(void)state;
	route("example.com.");
	EXPECT_ALL(cases);
}

static void letters_are_equal_in_both_cases(void **state) /* RFC 4343 §3 */
{
	static const struct expected cases[] = {
		{ "WWW.EXAMPLE.COM.", "0" }, { "www.example.com.", "0" },
		{ "A.OnIoN.", "special" },   { "X.BAD.Example.", "blocked" },
		{ "e\\233ample.com.", "1" }, { "e\\201ample.com.", "nowhere" }, /* no letters */
	};
	(void)state;
	assert_int_equal(route("eXaMpLe.CoM."), 0);
	assert_int_equal(route("EXAMPLE.com."), 0); /* it is the same domain */
	assert_int_equal(route("e\\233ample.com."), 1);
	block("bad.EXAMPLE.");
	EXPECT_ALL(cases);
}

static void blocked_domains_are_answered_here(void **state)
{
	static const struct expected cases[] = {
		{ "ads.example.", "blocked" }, { "a.b.ads.example.", "blocked" },
		{ "good.ads.example.", "1" },  { "a.good.ads.example.", "1" },
		{ "goods.example.", "0" },     { "bads.example.", "0" },
	};
	(void)state;
	route(".");
	route("good.ads.example.");
	block("ads.example.");
	EXPECT_ALL(cases);
	/* What somebody configured goes before what the RFCs say. */
	block("b.onion.");
	expect("a.b.onion.", "blocked");
	expect("a.onion.", "special");
}

static void without_routes_nothing_is_asked_upstream(void **state)
{
	static const struct expected cases[] = { { "example.", "nowhere" },
						 { ".", "nowhere" },
						 { "localhost.", "special" } };
	(void)state;
	EXPECT_ALL(cases);
}

static void there_is_room_for_so_many_and_no_more(void **state)
{
	char name[40];

	(void)state;
	for (unsigned i = 0; i < ROUTES_MAX; i++) {
		snprintf(name, sizeof name, "d%u.example.", i);
		assert_int_equal(route(name), i);
	}
	assert_int_equal(route("more.example."), ROUTE_NONE);
	assert_int_equal(route("."), ROUTE_NONE);
	expect("more.example.", "nowhere");
	assert_int_equal(route("d77.example."), 77); /* that one is there */
	expect("a.d1023.example.", "1023");
	expect("a.d0.example.", "0");
}

/* The longest names that there are, as domain and as question. */
static void domains_may_have_127_labels(void **state)
{
	uint8_t octets[NAME_MAX_SIZE] = { 0 };
	struct probe p;

	(void)state;
	for (unsigned i = 0; i < NAME_MAX_LABELS; i++)
		memcpy(octets + 2 * i, "\1a", 2);
	assert_int_equal(routes_add(&routes, (struct name){ octets, NAME_MAX_SIZE }), 0);
	assert_int_equal(routes_add(&routes, (struct name){ octets + 2, NAME_MAX_SIZE - 2 }), 1);
	probe_init(&p, &world_key, (struct name){ octets, NAME_MAX_SIZE });
	assert_int_equal(routes_find(&routes, &w.catalog, &p).route, 0);
	octets[1] = 'b';
	probe_init(&p, &world_key, (struct name){ octets, NAME_MAX_SIZE });
	assert_int_equal(routes_find(&routes, &w.catalog, &p).route, 1);
}

/* ------ zones ------ */

static void a_zone_goes_before_unless_a_route_is_longer(void **state)
{
	static const struct expected cases[] = {
		{ "example.", "zone 1" },
		{ "www.example.", "zone 1" },
		{ "corp.example.", "1" },
		{ "a.b.corp.example.", "1" },
		{ "sub.corp.example.", "zone 3" },
		{ "same.org.", "zone 2" },
		{ "a.same.org.", "zone 2" },
		{ "org.", "3" },
		{ "bad.example.", "blocked" },
		{ "home.arpa.", "zone 2" },
		{ "a.home.arpa.", "zone 2" },
		{ "service.arpa.", "special" },
		{ "com.", "0" },
	};
	(void)state;
	zone("example.");
	zone("sub.corp.example.");
	zone("same.org.");
	zone("home.arpa.");
	route(".");
	route("corp.example.");
	route("same.org.");
	route("org.");
	block("bad.example.");
	EXPECT_ALL(cases);
	assert_ptr_equal(look("a.home.arpa.").zone, &w.zones[3]);
}

/* The root's route is not counted: with a root zone nothing is left for it. */
static void a_root_zone_has_all_but_the_configured(void **state)
{
	static const struct expected cases[] = { { ".", "zone 0" },
						 { "example.", "zone 0" },
						 { "localhost.", "zone 0" },
						 { "a.corp.", "1" } };
	(void)state;
	world_zone(&w, ".", "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns.example.\n");
	route(".");
	route("corp.");
	EXPECT_ALL(cases);
}

static void beyond_a_depth_longer_domains_do_not_count(void **state)
{
	static const struct {
		unsigned depth;
		uint16_t route;
	} cases[] = { { 0, 0 }, { 1, 1 }, { 2, 2 }, { 3, 2 }, { 4, 3 }, { 5, 3 }, { 127, 3 } };
	struct probe p;

	(void)state;
	zone("a.b.example.org.");
	route(".");
	route("org.");
	route("example.org.");
	route("a.b.example.org.");
	probe_init(&p, &world_key, name_of("x.a.b.example.org."));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct place place = routes_find_beyond(&routes, &p, cases[i].depth);

		assert_int_equal(place.kind, PLACE_UPSTREAM);
		assert_int_equal(place.route, cases[i].route);
	}
	probe_init(&p, &world_key, name_of("a.localhost."));
	assert_int_equal(routes_find_beyond(&routes, &p, 1).kind, PLACE_SPECIAL);
	assert_int_equal(routes_find_beyond(&routes, &p, 0).route, 0);
}

/* ------ private addresses ------ */

static void configured_domains_may_be_private(void **state)
{
	static const struct {
		const char *name;
		bool trusted;
	} cases[] = {
		{ "example.", false },
		{ "www.example.", false },
		{ "home.example.", true },
		{ "a.b.HOME.example.", true },
		{ "nothome.example.", false },
		{ "corp.", true },
		{ "a.corp.", true },
		{ "acorp.", false },
		{ ".", false },
	};
	struct probe p;

	(void)state;
	route(".");
	route("corp.");
	assert_true(routes_trust(&routes, name_of("Home.example.")));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		probe_init(&p, &world_key, name_of(cases[i].name));
		struct place place = routes_find(&routes, &w.catalog, &p);
		if (routes_is_trusted(&routes, &p, &place) != cases[i].trusted)
			fail_msg("%s", cases[i].name);
	}
	expect("a.home.example.", "0"); /* a mark is no place */
}

/* ------ against a search through all ------ */

static struct name_buf domains[60];

static int route_by_search(struct name name)
{
	int best = -1, size = 0;

	for (int i = 0; i < 60; i++)
		if (domains[i].size > size && name_is_within(name, name_view(&domains[i]))) {
			best = i;
			size = domains[i].size;
		}
	return best;
}

static void random_names_go_where_a_search_through_all_would_send_them(void **state)
{
	struct random_source r = { 35 };
	unsigned elsewhere = 0;

	(void)state;
	for (int i = 0; i < 60;) {
		random_name(&r, i ? name_view(&domains[random_below(&r, (uint32_t)i)]) : name_root,
			    2, &domains[i]);
		if (routes_add(&routes, name_view(&domains[i])) == i)
			i++;
	}
	for (int i = 0; i < 100000; i++) {
		struct name_buf name;
		struct probe p;

		random_name(&r,
			    random_below(&r, 2) ? name_view(&domains[random_below(&r, 60)])
						: name_root,
			    3, &name);
		int expected = route_by_search(name_view(&name));
		probe_init(&p, &world_key, name_view(&name));
		struct place place = routes_find(&routes, &w.catalog, &p);
		assert_int_equal(place.kind, expected < 0 ? PLACE_NOWHERE : PLACE_UPSTREAM);
		assert_int_equal(expected < 0 ? -1 : place.route, expected);
		elsewhere += expected < 0;
	}
	assert_in_range(elsewhere, 1000, 90000);
}

/* ------ special names ------ */

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

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_longest_domain_wins_whatever_the_order),
		CASE(a_domain_ends_at_a_label),
		CASE(letters_are_equal_in_both_cases),
		CASE(blocked_domains_are_answered_here),
		CASE(without_routes_nothing_is_asked_upstream),
		CASE(there_is_room_for_so_many_and_no_more),
		CASE(domains_may_have_127_labels),
		CASE(a_zone_goes_before_unless_a_route_is_longer),
		CASE(a_root_zone_has_all_but_the_configured),
		CASE(beyond_a_depth_longer_domains_do_not_count),
		CASE(configured_domains_may_be_private),
		CASE(random_names_go_where_a_search_through_all_would_send_them),
		CASE(special_names_never_leave_and_their_neighbours_do),
		CASE(whole_rows_of_reverse_domains_are_special),
		CASE(a_route_of_ones_own_goes_before_special_names),
		CASE(special_names_have_the_answers_that_their_rfcs_give),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
