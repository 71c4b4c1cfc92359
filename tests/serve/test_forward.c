/*
 * test_forward.c -- what the conversations of tests/dialogues cannot say: full
 * tables, and actions that are overtaken.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "dns/rrtype.h"
#include "support/mind.h"

static struct mind mind;

static int set_up(void **state)
{
	(void)state;
	mind_init(&mind, CACHE_MIN_SIZE, 0);
	assert_int_equal(mind_route(&mind, ".", 1), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	mind_free(&mind);
	return 0;
}

/* A client asks; nothing of what follows is done yet. */
static enum forward_outcome ask_from(unsigned host, uint16_t id, const char *name, uint16_t *waiter)
{
	const uint8_t address[4] = { 192, 0, (uint8_t)(2 + host / 256), (uint8_t)host };
	const struct forward_client client = { { address, 4 }, 1024 };
	struct wanted wanted = { .type = TYPE_A, .route = 0 };
	struct query q = { .header = { .id = id } };

	assert_null(name_parse_absolute(name, &wanted.name));
	q.question = (struct question){ name_view(&wanted.name), TYPE_A, CLASS_IN };
	return forward_wait(&mind.forward, &q, &wanted, &client, mind.now_ms, waiter);
}

static enum forward_outcome ask_numbered(unsigned host, uint16_t id, unsigned name,
					 uint16_t *waiter)
{
	char text[32];

	snprintf(text, sizeof text, "n%u.example.com.", name);
	return ask_from(host, id, text, waiter);
}

/* Everything that is to be done is done by nobody; waiters that may go on leave. */
static void pass_over_actions(void)
{
	struct forward_action a;

	while (forward_next(&mind.forward, &a))
		if (a.act == FORWARD_READY)
			forward_drop_waiter(&mind.forward, a.waiter);
}

/* ------ full tables ------ */

/* Each asks for as much as it can get: for the same names, with many IDs. */
static void crowd(unsigned clients, unsigned names)
{
	uint16_t waiter;

	for (uint16_t id = 0; id < FORWARD_PER_CLIENT; id++)
		for (unsigned name = 0; name < names; name++)
			for (unsigned i = 0; i < clients; i++) {
				ask_numbered(i, id, name, &waiter);
				pass_over_actions();
			}
}

static void however_many_ask_there_is_room_for_one_more_client(void **state)
{
	static const unsigned crowds[][2] = { { 1, 1 },   { 1, 300 },  { 4, 100 }, { 20, 1 },
					      { 20, 20 }, { 60, 300 }, { 250, 2 }, { 250, 300 } };
	uint16_t waiter;

	for (size_t i = 0; i < sizeof crowds / sizeof crowds[0]; i++) {
		crowd(crowds[i][0], crowds[i][1]);
		if (ask_from(254, 1, "innocent.example.com.", &waiter) != FORWARD_WAITS)
			fail_msg("%u clients, %u names: %u asks, %u waiters", crowds[i][0],
				 crowds[i][1], mind.forward.asks_used, mind.forward.waiters_used);
		pass_over_actions();
		tear_down(state);
		set_up(state);
	}
}

static void alone_a_client_may_have_half_of_all(void **state)
{
	(void)state;
	crowd(1, 1000);
	assert_int_equal(mind.forward.asks_used, FORWARD_ASKS / 2);
}

/* Then they are answered without waiting: from what is kept, or with a failure. */
static void there_is_an_end_of_all_places(void **state)
{
	uint16_t waiter;

	(void)state;
	for (unsigned i = 0; i < FORWARD_ASKS; i++) {
		assert_int_equal(ask_numbered(i, 1, i, &waiter), FORWARD_WAITS);
		pass_over_actions();
	}
	assert_int_equal(ask_numbered(5000, 1, 5000, &waiter), FORWARD_NO_ROOM);
	for (unsigned i = FORWARD_ASKS; i < FORWARD_WAITERS; i++)
		assert_int_equal(ask_numbered(i, 1, 7, &waiter), FORWARD_WAITS);
	assert_int_equal(ask_numbered(5000, 1, 7, &waiter), FORWARD_NO_ROOM);
	assert_int_equal(mind.forward.counters.refused, 2);
}

static struct wanted wanted_name(const char *name)
{
	struct wanted wanted = { .type = TYPE_A, .route = 0 };

	assert_null(name_parse_absolute(name, &wanted.name));
	return wanted;
}

/* What is asked only to have it fresh takes nobody's place. */
static void nothing_is_refreshed_once_half_of_the_places_are_taken(void **state)
{
	const struct wanted wanted = wanted_name("www.example.com.");
	uint16_t waiter;

	(void)state;
	for (unsigned i = 1; i < FORWARD_ASKS / 2; i++)
		ask_numbered(i, 1, i, &waiter);
	forward_refresh(&mind.forward, &wanted, mind.now_ms);
	assert_int_equal(mind.forward.asks_used, FORWARD_ASKS / 2);
	const struct wanted other = wanted_name("other.example.com.");
	forward_refresh(&mind.forward, &other, mind.now_ms);
	assert_int_equal(mind.forward.asks_used, FORWARD_ASKS / 2);
}

static void nothing_is_refreshed_without_randomness(void **state)
{
	const struct wanted wanted = wanted_name("www.example.com.");

	(void)state;
	mind.unseeded = true;
	forward_refresh(&mind.forward, &wanted, mind.now_ms);
	assert_int_equal(mind.forward.asks_used, 0);
	mind.unseeded = false;
}

/* ------ queries that need several asks ------ */

/* A query whose first ask has failed: it could go on. */
static uint16_t a_waiter_that_is_ready(void)
{
	struct forward_action a;
	uint16_t waiter;

	assert_int_equal(ask_from(1, 1, "first.example.com.", &waiter), FORWARD_WAITS);
	while (forward_next(&mind.forward, &a))
		;
	struct ask *ask = &mind.forward.asks[mind.forward.active[0]];
	uint8_t refused[HEADER_SIZE + NAME_MAX_SIZE + 4];
	struct message m;
	const struct question q = { name_view(&ask->name), TYPE_A, CLASS_IN };
	message_init(&m, refused, sizeof refused);
	put_question(&m, &q);
	message_finish(&m, ask->lines[0].id, FLAG_QR | RCODE_NXDOMAIN);
	forward_datagram(&mind.forward, mind.forward.active[0], 0,
			 (struct slice){ refused, message_size(&m) }, mind.now_ms);
	while (forward_next(&mind.forward, &a))
		if (a.act == FORWARD_READY)
			return a.waiter;
	fail_msg("nobody is ready");
	return 0;
}

static void a_query_goes_on_with_an_ask_that_others_have_begun(void **state)
{
	const struct wanted wanted = wanted_name("second.example.com.");
	uint16_t waiter = a_waiter_that_is_ready(), other;

	(void)state;
	ask_from(2, 1, "second.example.com.", &other);
	pass_over_actions();
	assert_true(forward_wait_on(&mind.forward, waiter, &wanted, mind.now_ms));
	assert_int_equal(mind.forward.asks_used, 1);
	assert_int_equal(mind.forward.waiters[waiter].ask, mind.forward.waiters[other].ask);
}

/* Of time, of packets, of asks, and of places. */
static void a_query_does_not_go_on_without_end(void **state)
{
	const struct wanted wanted = wanted_name("second.example.com.");
	uint16_t waiter = a_waiter_that_is_ready(), other;
	struct waiter *w = &mind.forward.waiters[waiter];
	uint64_t late_ms = mind.now_ms + FORWARD_PATIENCE_MS;

	(void)state;
	assert_false(forward_wait_on(&mind.forward, waiter, &wanted, late_ms));
	w->restarts = FORWARD_RESTARTS;
	assert_false(forward_wait_on(&mind.forward, waiter, &wanted, mind.now_ms));
	w->restarts = 0;
	w->spent = FORWARD_PACKETS;
	assert_false(forward_wait_on(&mind.forward, waiter, &wanted, mind.now_ms));
	w->spent = 1;
	w->patient = true;
	assert_false(forward_wait_on(&mind.forward, waiter, &wanted, mind.now_ms));
	w->patient = false;
	mind.unseeded = true;
	mind.random.seeded = false;
	assert_false(forward_wait_on(&mind.forward, waiter, &wanted, mind.now_ms));
	mind.unseeded = false;
	for (unsigned i = 0; i < FORWARD_ASKS; i++)
		ask_numbered(i + 10, 1, i, &other);
	assert_int_equal(mind.forward.asks_used, FORWARD_ASKS);
	assert_false(forward_wait_on(&mind.forward, waiter, &wanted, mind.now_ms));
	forward_drop_waiter(&mind.forward, waiter);
}

/* The last packet that it may cost: no second server is asked by the way. */
static void what_a_query_has_spent_is_counted_on(void **state)
{
	const struct wanted wanted = wanted_name("second.example.com.");
	uint16_t waiter = a_waiter_that_is_ready();

	(void)state;
	mind.forward.waiters[waiter].spent = FORWARD_PACKETS - 1;
	assert_true(forward_wait_on(&mind.forward, waiter, &wanted, mind.now_ms));
	const struct ask *a = &mind.forward.asks[mind.forward.active[0]];
	assert_int_equal(a->packets, 1);
	assert_int_equal(a->budget, 1);
	assert_int_equal(a->end_ms, mind.forward.waiters[waiter].arrived_ms + FORWARD_PATIENCE_MS);
	pass_over_actions();
}

/* ------ upstream servers that come and go ------ */

static void a_server_that_is_still_asked_is_not_forgotten(void **state)
{
	uint16_t waiter;

	(void)state;
	ask_from(1, 1, "www.example.com.", &waiter);
	assert_false(forward_drop_upstream(&mind.forward, 0));
	assert_true(forward_drop_upstream(&mind.forward, 1)); /* nobody asks that one */
	mind.now_ms += FORWARD_PATIENCE_MS;
	forward_tick(&mind.forward, mind.now_ms);
	pass_over_actions();
	assert_true(forward_drop_upstream(&mind.forward, 0));
	assert_false(mind.forward.upstreams[0].in_use);
}

static void there_are_64_upstream_servers_at_most(void **state)
{
	const uint8_t host[4] = { 192, 0, 2, 1 };

	(void)state;
	for (unsigned i = 1; i < FORWARD_UPSTREAMS; i++)
		assert_int_equal(forward_add_upstream(&mind.forward, (struct slice){ host, 4 }), i);
	assert_int_equal(forward_add_upstream(&mind.forward, (struct slice){ host, 4 }),
			 FORWARD_NO_INDEX);
}

/* /etc/resolv.conf was emptied while a query waits. */
static void an_ask_whose_servers_are_all_gone_ends(void **state)
{
	const struct route_servers none = { .count = 0 };
	struct forward_action a;
	uint16_t waiter;
	unsigned ready = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++) /* the only server is down */
		upstream_was_unreachable(&mind.forward.upstreams[0]);
	upstream_was_silent(&mind.forward.upstreams[0], mind.now_ms);
	mind.now_ms += 500;
	assert_int_equal(ask_from(1, 1, "www.example.com.", &waiter), FORWARD_WAITS);
	forward_set_servers(&mind.forward, 0, &none);
	mind.now_ms += FORWARD_PATIENCE_MS;
	forward_tick(&mind.forward, mind.now_ms);
	while (forward_next(&mind.forward, &a))
		ready += a.act == FORWARD_READY;
	assert_int_equal(ready, 1);
	assert_int_equal(mind.forward.asks_used, 0);
	forward_drop_waiter(&mind.forward, waiter);
}

/* The route has a new server only; true when the query that waits asks it. */
static bool asks_new_server(uint8_t number)
{
	const uint8_t host[4] = { 192, 0, 2, number };
	struct route_servers one = { .count = 1 };
	uint64_t asked = mind.forward.counters.packets;

	one.at[0] = (uint8_t)forward_add_upstream(&mind.forward, (struct slice){ host, 4 });
	forward_set_servers(&mind.forward, 0, &one);
	for (unsigned i = 0; i < 16 && mind.forward.counters.packets == asked; i++) {
		mind.now_ms += 50;
		forward_tick(&mind.forward, mind.now_ms);
		pass_over_actions();
	}
	return mind.forward.counters.packets > asked;
}

static void an_ask_sees_eight_servers_at_most(void **state)
{
	uint16_t waiter;

	(void)state;
	assert_int_equal(ask_from(1, 1, "www.example.com.", &waiter), FORWARD_WAITS);
	for (uint8_t i = 1; i < FORWARD_PER_ROUTE; i++)
		assert_true(asks_new_server(i));
	assert_int_equal(mind.forward.counters.packets, FORWARD_PER_ROUTE);
	/* There are packets and time for one more. */
	assert_false(asks_new_server(FORWARD_PER_ROUTE));
	assert_int_equal(mind.forward.asks_used, 1);
	assert_true(mind.forward.asks[mind.forward.active[0]].packets < FORWARD_PACKETS);
}

/* ------ what comes too late ------ */

static void what_comes_for_a_line_that_is_closed_is_nothing(void **state)
{
	static const uint8_t octets[12] = { 0 };
	const struct slice message = { octets, sizeof octets };
	uint16_t waiter;

	(void)state;
	assert_int_equal(ask_from(1, 1, "www.example.com.", &waiter), FORWARD_WAITS);
	uint16_t ask = mind.forward.active[0];
	/* The first: a line of a server that was not asked; the second: an ask that is over. */
	for (unsigned i = 0; i < 2; i++) {
		forward_datagram(&mind.forward, ask, (uint8_t)(1 - i), message, mind.now_ms);
		forward_unreachable(&mind.forward, ask, (uint8_t)(1 - i), mind.now_ms);
		forward_no_socket(&mind.forward, ask, (uint8_t)(1 - i), mind.now_ms);
		assert_int_equal(mind.forward.counters.forged + mind.forward.counters.streams, 0);
		assert_int_equal(mind.forward.upstreams[0].unreachable, 0);
		mind.now_ms += FORWARD_PATIENCE_MS;
		forward_tick(&mind.forward, mind.now_ms);
		pass_over_actions();
	}
}

/* No more fits into the connection: UDP goes on, and without it the server has failed. */
static void a_stream_that_is_full_leaves_the_datagrams(void **state)
{
	uint16_t waiter;

	(void)state;
	assert_int_equal(ask_from(1, 1, "www.example.com.", &waiter), FORWARD_WAITS);
	pass_over_actions();
	uint16_t ask = mind.forward.active[0];
	mind.forward.asks[ask].lines[0].on_stream = true;
	forward_stream_full(&mind.forward, ask, 0, mind.now_ms);
	assert_false(mind.forward.asks[ask].lines[0].on_stream);
	assert_int_equal(mind.forward.asks_used, 1);
	assert_false(mind.forward.asks[ask].lines[0].failed);
	forward_no_socket(&mind.forward, ask, 0, mind.now_ms);
	forward_stream_full(&mind.forward, ask, 0, mind.now_ms);
	pass_over_actions();
	assert_int_equal(mind.forward.asks_used, 0); /* there was no other server */
}

/* ------ questions that come back ------ */

/*
 * A neighbour's server and our own clients are both behind 127.0.0.1: only who
 * asks at once and in mixed letters is taken for the server.
 */
static void behind_a_loopback_address_a_loop_is_quick_and_has_mixed_letters(void **state)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };
	static const struct {
		const char *name;
		unsigned after_ms;
		bool is_loop;
	} cases[] = {
		{ "www.example.com.", 0, false },
		{ "WWW.EXAMPLE.COM.", 0, false },
		{ "wWw.example.com.", FORWARD_LOOP_MS, false },
		{ "wWw.example.com.", FORWARD_LOOP_MS - 1, true },
	};
	const struct wanted wanted = wanted_name("www.example.com.");
	uint16_t waiter;

	(void)state;
	memcpy(mind.forward.upstreams[0].host, loopback, sizeof loopback);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct wanted back = wanted_name(cases[i].name);
		const struct question q = { name_view(&back.name), TYPE_A, CLASS_IN };

		assert_int_equal(ask_from(1, 1, "www.example.com.", &waiter), FORWARD_WAITS);
		bool is_loop = forward_is_loop(&mind.forward, &q, &wanted,
					       (struct slice){ loopback, 4 },
					       mind.now_ms + cases[i].after_ms);
		if (is_loop != cases[i].is_loop)
			fail_msg("%s after %u ms", cases[i].name, cases[i].after_ms);
		mind.now_ms += FORWARD_PATIENCE_MS;
		forward_tick(&mind.forward, mind.now_ms);
		pass_over_actions();
	}
}

/* ------ actions that are overtaken ------ */

/*
 * An ask ends while its packet still waits to be sent, and another question gets
 * its place: that one, which may be for another server, is not sent in its stead.
 */
static void what_was_to_be_sent_for_an_ask_that_is_over_is_not_sent(void **state)
{
	struct forward_action a;
	uint16_t waiter;

	(void)state;
	assert_int_equal(ask_from(1, 1, "first.example.com.", &waiter), FORWARD_WAITS);
	mind.now_ms += FORWARD_PATIENCE_MS;
	forward_tick(&mind.forward, mind.now_ms);
	assert_int_equal(mind.forward.asks_used, 0);
	assert_int_equal(ask_from(2, 1, "second.example.com.", &waiter), FORWARD_WAITS);
	unsigned sent = 0;
	while (forward_next(&mind.forward, &a)) {
		if (a.act == FORWARD_READY)
			forward_drop_waiter(&mind.forward, a.waiter);
		if (a.act == FORWARD_SEND) {
			sent++;
			assert_int_equal(a.serial, mind.forward.asks[a.ask].serial);
		}
	}
	assert_int_equal(sent, 1);
}

/* ------ routes without servers ------ */

/* RFC 6303's names aside: what is asked of the root's servers is a public name, also while there are none. */
static void a_root_without_servers_trusts_nobody(void **state)
{
	struct name_buf name;
	struct probe p;

	(void)state;
	assert_null(name_parse_absolute("evil.example.", &name));
	probe_init(&p, &mind.routes.key, name_view(&name));
	struct place place = routes_find(&mind.routes, &mind.w.catalog, &p, 0);
	assert_int_equal(place.kind, PLACE_UPSTREAM);
	assert_false(routes_is_trusted(&mind.routes, &p, &place));
	mind.routes.root_is_empty = true;
	assert_false(routes_is_trusted(&mind.routes, &p, &place));
	assert_int_equal(routes_find(&mind.routes, &mind.w.catalog, &p, 0).kind, PLACE_NOWHERE);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(however_many_ask_there_is_room_for_one_more_client),
		CASE(alone_a_client_may_have_half_of_all),
		CASE(there_is_an_end_of_all_places),
		CASE(nothing_is_refreshed_once_half_of_the_places_are_taken),
		CASE(nothing_is_refreshed_without_randomness),
		CASE(a_query_goes_on_with_an_ask_that_others_have_begun),
		CASE(a_query_does_not_go_on_without_end),
		CASE(what_a_query_has_spent_is_counted_on),
		CASE(a_server_that_is_still_asked_is_not_forgotten),
		CASE(there_are_64_upstream_servers_at_most),
		CASE(an_ask_whose_servers_are_all_gone_ends),
		CASE(an_ask_sees_eight_servers_at_most),
		CASE(what_comes_for_a_line_that_is_closed_is_nothing),
		CASE(a_stream_that_is_full_leaves_the_datagrams),
		CASE(behind_a_loopback_address_a_loop_is_quick_and_has_mixed_letters),
		CASE(what_was_to_be_sent_for_an_ask_that_is_over_is_not_sent),
		CASE(a_root_without_servers_trusts_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
