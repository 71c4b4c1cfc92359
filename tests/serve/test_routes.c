/*
 * Where a name is answered: the longest domain wins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "routes_world.h"
#include "support/random_names.h"

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
	assert_int_equal(routes_find(&routes, &w.catalog, &p, 0).route, 0);
	octets[1] = 'b';
	probe_init(&p, &world_key, (struct name){ octets, NAME_MAX_SIZE });
	assert_int_equal(routes_find(&routes, &w.catalog, &p, 0).route, 1);
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
		struct place place = routes_find(&routes, &w.catalog, &p, 0);
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
		struct place place = routes_find(&routes, &w.catalog, &p, 0);
		assert_int_equal(place.kind, expected < 0 ? PLACE_NOWHERE : PLACE_UPSTREAM);
		assert_int_equal(expected < 0 ? -1 : place.route, expected);
		elsewhere += expected < 0;
	}
	assert_in_range(elsewhere, 1000, 90000);
}

int main(void)
{
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
