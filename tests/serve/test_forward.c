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
static enum forward_outcome ask_from(uint8_t host, uint16_t id, const char *name, uint16_t *waiter)
{
	const uint8_t address[4] = { 192, 0, 2, host };
	const struct forward_client client = { { address, 4 }, 1024 };
	struct wanted wanted = { .type = TYPE_A, .route = 0 };
	struct query q = { .header = { .id = id } };

	assert_null(name_parse_absolute(name, &wanted.name));
	q.question = (struct question){ name_view(&wanted.name), TYPE_A, CLASS_IN };
	return forward_wait(&mind.forward, &q, &wanted, &client, mind.now_ms, waiter);
}

static enum forward_outcome ask_numbered(uint8_t host, uint16_t id, unsigned name, uint16_t *waiter)
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
				ask_numbered((uint8_t)i, id, name, &waiter);
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
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(however_many_ask_there_is_room_for_one_more_client,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(alone_a_client_may_have_half_of_all, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			what_was_to_be_sent_for_an_ask_that_is_over_is_not_sent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_root_without_servers_trusts_nobody, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
