/*
 * test_forward_events.c -- what each event leads to: what is sent, released or woken,
 * and what is thought of the server from then on.
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
static struct forward *const f = &mind.forward;
static uint8_t packet[FORWARD_PACKET_MAX]; /* the last response() */

static void start(unsigned servers, uint32_t stale_s)
{
	mind_init(&mind, CACHE_MIN_SIZE, stale_s);
	assert_int_equal(mind_route(&mind, ".", servers), 0);
}

/* A client asks; the number of the ask that it waits for. */
static uint16_t ask(const char *name)
{
	static uint16_t id;
	const uint8_t address[4] = { 192, 0, 2, 1 };
	const struct forward_client client = { { address, 4 }, 1024 };
	struct wanted wanted = { .type = TYPE_A, .route = 0 };
	struct query q = { .header = { .id = ++id } };
	uint16_t waiter;

	assert_null(name_parse_absolute(name, &wanted.name));
	q.question = (struct question){ name_view(&wanted.name), TYPE_A, CLASS_IN };
	assert_int_equal(forward_wait(f, &q, &wanted, &client, mind.now_ms, &waiter),
			 FORWARD_WAITS);
	return f->waiters[waiter].ask;
}

/* The next thing to be done is this. */
static struct forward_action expect(enum forward_act act)
{
	struct forward_action a;

	assert_true(forward_next(f, &a));
	assert_int_equal(a.act, act);
	return a;
}

static void expect_nothing(void)
{
	struct forward_action a;

	assert_false(forward_next(f, &a));
}

static void wait(unsigned ms)
{
	mind.now_ms += ms;
	forward_tick(f, mind.now_ms);
}

/* A response to the line's packet, with these flags and no records. */
static struct slice response(uint16_t ask, uint8_t line, uint16_t flags)
{
	size_t size = forward_packet(f, ask, line, packet, mind.now_ms);

	store_u16(packet + 2, (uint16_t)(FLAG_QR | FLAG_RD | flags));
	return (struct slice){ packet, size };
}

static void by_udp(uint16_t ask, uint8_t line, uint16_t flags)
{
	forward_datagram(f, ask, line, response(ask, line, flags), mind.now_ms);
}

static void by_tcp(uint16_t ask, uint8_t line, uint16_t flags)
{
	struct slice message = response(ask, line, flags);

	forward_stream(f, f->asks[ask].lines[line].upstream, message, mind.now_ms);
}

static void forge(uint16_t ask, uint8_t line)
{
	struct slice message = response(ask, line, 0);

	packet[0] ^= 1;
	forward_datagram(f, ask, line, message, mind.now_ms);
}

/* The only server of the only route was asked a question; the ask. */
static uint16_t start_asked(void)
{
	start(1, 0);
	uint16_t a = ask("www.example.com.");
	expect(FORWARD_SEND);
	return a;
}

static bool is_over(uint16_t ask)
{
	return f->ask_owners[ask] == 0;
}

/* ------ sockets ------ */

static void a_socket_is_clean_when_its_one_packet_was_answered(void **state)
{
	static const uint16_t flags[] = { RCODE_NOERROR, RCODE_SERVFAIL, FLAG_TC };

	(void)state;
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		for (unsigned packets = 1; packets <= 3; packets++) {
			uint16_t a = start_asked();
			for (unsigned n = 1; n < packets; n++) {
				wait(1000);
				expect(FORWARD_SEND);
			}
			by_udp(a, 0, flags[i]);
			assert_int_equal(expect(FORWARD_RELEASE).clean, packets == 1);
			mind_free(&mind);
		}
}

static void a_socket_is_not_clean_when_the_answer_came_by_tcp(void **state)
{
	(void)state;
	uint16_t a = start_asked();
	forge(a, 0);
	expect(FORWARD_STREAM);
	by_tcp(a, 0, RCODE_NOERROR);
	assert_false(expect(FORWARD_RELEASE).clean);
	assert_true(is_over(a));
	mind_free(&mind);
}

static void a_socket_that_forgeries_came_to_is_not_clean(void **state)
{
	(void)state;
	uint16_t a = start_asked();
	for (unsigned i = 0; i < UPSTREAM_FORGERIES; i++)
		forge(a, 0);
	expect(FORWARD_STREAM);
	assert_false(expect(FORWARD_RELEASE).clean);
	mind_free(&mind);
}

static void nothing_is_taken_from_a_socket_that_was_released(void **state)
{
	(void)state;
	start(1, 0);
	uint16_t a = ask("www.example.com.");
	by_udp(a, 0, FLAG_TC);
	by_udp(a, 0, RCODE_NOERROR);
	assert_false(is_over(a));
	assert_int_equal(f->counters.forged, 0);
	mind_free(&mind);
}

/* ------ TCP ------ */

/* A server that has failed by one way is not heard by the other. */
static void what_a_failed_server_says_later_is_not_heard(void **state)
{
	(void)state;
	start(2, 0);
	uint16_t a = ask("www.example.com.");
	/* A second server is asked as well, to see how it is; it is not what this is about. */
	by_udp(a, 1, RCODE_SERVFAIL);
	forge(a, 0);
	assert_true(f->asks[a].lines[0].on_stream);
	f->asks[a].lines[1].failed = false;
	f->asks[a].lines[1].has_socket = true;
	by_udp(a, 0, RCODE_SERVFAIL);
	assert_false(is_over(a));
	by_tcp(a, 0, RCODE_NOERROR);
	assert_false(is_over(a));
	mind_free(&mind);
}

static void an_answer_by_tcp_proves_that_the_server_has_it(void **state)
{
	(void)state;
	start(1, 0);
	uint16_t a = ask("www.example.com.");
	by_udp(a, 0, FLAG_TC);
	f->upstreams[0].mute = 3;
	by_tcp(a, 0, RCODE_NOERROR);
	assert_int_equal(f->upstreams[0].mute, 0);
	mind_free(&mind);
}

static void who_finds_no_room_on_a_connection_is_asked_elsewhere(void **state)
{
	(void)state;
	start(1, 0);
	uint16_t a = ask("www.example.com.");
	by_udp(a, 0, FLAG_TC);
	forward_stream_full(f, a, 0, mind.now_ms);
	assert_true(is_over(a));
	mind_free(&mind);
}

static void while_there_is_a_socket_a_full_connection_fails_nobody(void **state)
{
	(void)state;
	start(1, 0);
	uint16_t a = ask("www.example.com.");
	forge(a, 0);
	forward_stream_full(f, a, 0, mind.now_ms);
	assert_false(is_over(a));
	assert_false(f->asks[a].lines[0].on_stream);
	by_udp(a, 0, RCODE_NOERROR);
	assert_true(is_over(a));
	mind_free(&mind);
}

static void a_connection_that_ends_is_worth_one_more_and_not_two(void **state)
{
	(void)state;
	uint16_t a = start_asked();
	forge(a, 0);
	expect(FORWARD_STREAM);
	forward_stream_ended(f, 0, FORWARD_END_AGAIN, mind.now_ms);
	expect(FORWARD_STREAM);
	forward_stream_ended(f, 0, FORWARD_END_AGAIN, mind.now_ms);
	expect_nothing();
	assert_false(f->asks[a].lines[0].on_stream);
	forge(a, 0); /* nor does a forgery make it worth another */
	expect_nothing();
	mind_free(&mind);
}

static void with_nothing_left_to_spend_the_end_of_a_connection_is_the_end(void **state)
{
	(void)state;
	start(1, 0);
	uint16_t a = ask("www.example.com.");
	by_udp(a, 0, FLAG_TC);
	f->asks[a].packets = f->asks[a].budget;
	forward_stream_ended(f, 0, FORWARD_END_AGAIN, mind.now_ms);
	assert_true(is_over(a));
	mind_free(&mind);
}

static void with_nothing_left_to_spend_nobody_is_asked_again(void **state)
{
	(void)state;
	start(2, 0);
	uint16_t a = ask("www.example.com.");
	expect(FORWARD_SEND);
	expect(FORWARD_SEND); /* to see how the other one is */
	f->asks[a].packets = f->asks[a].budget;
	wait(1000);
	expect_nothing();
	assert_false(is_over(a));
	mind_free(&mind);
}

static void only_a_silent_connection_counts_as_one(void **state)
{
	(void)state;
	start(1, 0);
	forward_stream_ended(f, 0, FORWARD_END_AGAIN, mind.now_ms);
	assert_int_equal(f->upstreams[0].mute, 0);
	forward_stream_ended(f, 0, FORWARD_END_SILENT, mind.now_ms);
	assert_int_equal(f->upstreams[0].mute, 1);
	mind_free(&mind);
}

/* ------ what is thought of a server ------ */

static void an_answer_ends_the_suspicion_of_a_loop_and_an_error_does_not(void **state)
{
	(void)state;
	start(1, 0);
	uint16_t a = ask("a.example.com.");
	f->upstreams[0].loops = 2;
	by_udp(a, 0, RCODE_SERVFAIL);
	assert_int_equal(f->upstreams[0].loops, 2);
	a = ask("b.example.com.");
	by_udp(a, 0, RCODE_NOERROR);
	assert_int_equal(f->upstreams[0].loops, 0);
	mind_free(&mind);
}

/* PowerDNS 2023-02: forged packets harmed what was thought of a server. */
static void only_tcp_proves_that_a_server_changes_letters(void **state)
{
	enum { FIRST_LETTER = HEADER_SIZE + 1 };

	(void)state;
	start(1, 0);
	uint16_t a = ask("www.example.com.");
	struct slice message = response(a, 0, RCODE_NOERROR);
	packet[FIRST_LETTER] ^= 'a' ^ 'A';
	forward_datagram(f, a, 0, message, mind.now_ms);
	assert_false(is_over(a));
	assert_false(f->upstreams[0].changes_case);
	assert_int_equal(f->upstreams[0].forgeries, 1);
	forward_stream(f, 0, message, mind.now_ms);
	assert_true(is_over(a));
	assert_true(f->upstreams[0].changes_case);
	mind_free(&mind);
}

static void round_trips_are_smoothed(void **state)
{
	(void)state;
	start(1, 0);
	uint16_t a = ask("a.example.com.");
	mind.now_ms += 80;
	by_udp(a, 0, RCODE_NOERROR);
	assert_int_equal(f->upstreams[0].srtt_8, 640);
	a = ask("b.example.com.");
	mind.now_ms += 160;
	by_udp(a, 0, RCODE_NOERROR);
	assert_int_equal(f->upstreams[0].srtt_8, 640 - 80 + 160);
	mind_free(&mind);
}

/* Karn's algorithm, but for a server of which nothing is known: from its own first packet. */
static void the_first_round_trip_counts_from_the_servers_first_packet(void **state)
{
	(void)state;
	start(1, 0);
	uint16_t a = ask("a.example.com.");
	wait(400);
	f->asks[a].lines[0].first_ms = 100;
	mind.now_ms += 50;
	by_udp(a, 0, RCODE_NOERROR);
	assert_int_equal(f->upstreams[0].srtt_8, (400 + 50 - 100) * 8);
	mind_free(&mind);
}

static void who_is_unreachable_is_not_silent_too(void **state)
{
	(void)state;
	start(2, 0);
	uint16_t a = ask("www.example.com.");
	forward_unreachable(f, a, 0, mind.now_ms);
	forward_unreachable(f, a, 0, mind.now_ms);
	mind.now_ms = f->asks[a].end_ms;
	forward_tick(f, mind.now_ms);
	assert_true(is_over(a));
	assert_int_equal(f->upstreams[0].unanswered, 0);
	assert_int_equal(f->upstreams[1].unanswered, 1);
	assert_int_equal(f->counters.silent, 1);
	mind_free(&mind);
}

/* The second name is one that would look like a line in use, to whom looks beyond the lines. */
static void silence_is_counted_once_for_a_question(void **state)
{
	(void)state;
	start(1, 0);
	uint16_t a = ask("www.example.com.");
	uint16_t b = ask("ab.cd.");
	mind.now_ms += FORWARD_PATIENCE_MS;
	forward_tick(f, mind.now_ms);
	assert_true(is_over(a) && is_over(b));
	assert_int_equal(f->counters.silent, 2);
	mind_free(&mind);
}

/* ------ time ------ */

static void the_earliest_of_all_times_is_the_next(void **state)
{
	(void)state;
	start(1, 0);
	ask("a.example.com.");
	mind.now_ms += 100;
	ask("b.example.com.");
	wait(FORWARD_RETRY_MS - 100);
	assert_int_equal(forward_timeout_ms(f, mind.now_ms), 100);
	mind_free(&mind);
}

/* ------ old answers ------ */

static void keep(const char *name, uint16_t type, uint8_t rcode)
{
	struct cache_answer answer = { .rcode = rcode, .ttl_s = 1, .ede = EDE_NONE };
	struct name_buf buf;
	struct probe p;

	assert_null(name_parse_absolute(name, &buf));
	probe_init(&p, &mind.routes.key, name_view(&buf));
	const struct cache_key key = { probe_hash(&p, p.labels), p.name, type, 0 };
	answer.octets = p.folded;
	cache_put(&mind.cache, &key, &answer, mind.now_ms);
}

/* That there is no such name is an old answer as good as another; what was told is not asked again. */
static void who_waits_gets_an_old_no(void **state)
{
	(void)state;
	start(1, 3);
	keep("no.example.com.", CACHE_ANY_TYPE, RCODE_NXDOMAIN);
	mind.now_ms += 1500;
	uint16_t a = ask("no.example.com.");
	expect(FORWARD_SEND);
	mind.now_ms += FORWARD_STALE_MS;
	forward_tick(f, mind.now_ms);
	expect(FORWARD_READY);
	assert_true(f->asks[a].told_stale);
	wait(1500); /* now it is too old */
	assert_true(f->asks[a].told_stale);
	mind_free(&mind);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_is_clean_when_its_one_packet_was_answered),
		cmocka_unit_test(a_socket_is_not_clean_when_the_answer_came_by_tcp),
		cmocka_unit_test(a_socket_that_forgeries_came_to_is_not_clean),
		cmocka_unit_test(nothing_is_taken_from_a_socket_that_was_released),
		cmocka_unit_test(what_a_failed_server_says_later_is_not_heard),
		cmocka_unit_test(an_answer_by_tcp_proves_that_the_server_has_it),
		cmocka_unit_test(who_finds_no_room_on_a_connection_is_asked_elsewhere),
		cmocka_unit_test(while_there_is_a_socket_a_full_connection_fails_nobody),
		cmocka_unit_test(a_connection_that_ends_is_worth_one_more_and_not_two),
		cmocka_unit_test(with_nothing_left_to_spend_the_end_of_a_connection_is_the_end),
		cmocka_unit_test(with_nothing_left_to_spend_nobody_is_asked_again),
		cmocka_unit_test(only_a_silent_connection_counts_as_one),
		cmocka_unit_test(only_tcp_proves_that_a_server_changes_letters),
		cmocka_unit_test(an_answer_ends_the_suspicion_of_a_loop_and_an_error_does_not),
		cmocka_unit_test(round_trips_are_smoothed),
		cmocka_unit_test(the_first_round_trip_counts_from_the_servers_first_packet),
		cmocka_unit_test(who_is_unreachable_is_not_silent_too),
		cmocka_unit_test(silence_is_counted_once_for_a_question),
		cmocka_unit_test(the_earliest_of_all_times_is_the_next),
		cmocka_unit_test(who_waits_gets_an_old_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
