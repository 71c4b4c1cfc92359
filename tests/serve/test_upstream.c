/*
 * What is learned of an upstream server, and from what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "serve/upstream.h"

static const uint8_t host[4] = { 192, 0, 2, 1 };

static struct upstream fresh(void)
{
	struct upstream u;

	upstream_init(&u, (struct slice){ host, 4 });
	return u;
}

static void the_quicker_one_ranks_first(void **state)
{
	struct upstream a = fresh(), b = fresh(), unknown = fresh();

	(void)state;
	upstream_answered(&a, 1000);
	upstream_took(&a, 10);
	upstream_answered(&b, 1000);
	upstream_took(&b, 20);
	assert_true(upstream_rank(&a) < upstream_rank(&b));
	assert_true(upstream_rank(&b) < upstream_rank(&unknown));
	/* RFC 6298 section 2: one slow answer does not turn it round, many do. */
	upstream_took(&a, 50);
	assert_true(upstream_rank(&a) < upstream_rank(&b));
	for (int i = 0; i < 20; i++)
		upstream_took(&a, 50);
	assert_true(upstream_rank(&a) > upstream_rank(&b));
	/* Silence weighs more than any distance. */
	upstream_was_silent(&b, 2000);
	assert_true(upstream_rank(&a) < upstream_rank(&b));
	upstream_answered(&b, 3000);
	assert_true(upstream_rank(&b) < upstream_rank(&a));
}

static void silence_makes_it_down_when_it_is_long_and_frequent(void **state)
{
	struct upstream u = fresh();

	(void)state;
	for (int i = 0; i < UPSTREAM_DOWN_UNANSWERED; i++)
		upstream_was_silent(&u, 1000 + (uint64_t)i);
	assert_false(upstream_is_down(&u, 1000 + UPSTREAM_DOWN_MS - 1));
	assert_true(upstream_is_down(&u, 1000 + UPSTREAM_DOWN_MS));
	upstream_answered(&u, 21000);
	assert_false(upstream_is_down(&u, 1000000));
	/* Seldom, even for long, is not down. */
	for (int i = 0; i + 1 < UPSTREAM_DOWN_UNANSWERED; i++)
		upstream_was_silent(&u, 22000);
	assert_false(upstream_is_down(&u, 10000000));
}

/* A packet that was lost while others were answered says nothing. */
static void silence_before_the_last_answer_does_not_count(void **state)
{
	struct upstream u = fresh();

	(void)state;
	upstream_answered(&u, 2000);
	for (int i = 0; i < 100; i++)
		upstream_was_silent(&u, 1999);
	assert_int_equal(u.unanswered, 0);
	upstream_was_silent(&u, 2000);
	assert_int_equal(u.unanswered, 1);
}

static void two_icmp_messages_in_a_row_make_it_down(void **state)
{
	struct upstream u = fresh();

	(void)state;
	upstream_was_unreachable(&u);
	assert_false(upstream_is_down(&u, 1000));
	upstream_answered(&u, 1000);
	upstream_was_unreachable(&u);
	assert_false(upstream_is_down(&u, 1000));
	upstream_was_unreachable(&u);
	assert_true(upstream_is_down(&u, 1000));
	for (int i = 0; i < 1000; i++)
		upstream_was_unreachable(&u);
	upstream_answered(&u, 2000);
	assert_false(upstream_is_down(&u, 2000));
}

static void forgeries_are_forgiven_one_in_five_minutes(void **state)
{
	struct upstream u = fresh();

	(void)state;
	for (int i = 0; i < UPSTREAM_FORGERIES - 1; i++)
		upstream_forged(&u, 1000);
	assert_false(upstream_wants_stream(&u, 1000));
	upstream_forged(&u, 1000);
	assert_true(upstream_wants_stream(&u, 1000));
	/* A million more make it no worse: nobody is kept out for ever. */
	for (int i = 0; i < 1000000; i++)
		upstream_forged(&u, 2000);
	assert_true(upstream_wants_stream(&u, 1000 + UPSTREAM_FORGERY_MS - 1));
	assert_false(upstream_wants_stream(&u, 1000 + UPSTREAM_FORGERY_MS));
	upstream_forged(&u, 1000 + UPSTREAM_FORGERY_MS);
	assert_true(upstream_wants_stream(&u, 1000 + UPSTREAM_FORGERY_MS));
	/* Long after, all is forgiven. */
	for (int i = 0; i < UPSTREAM_FORGERIES - 1; i++)
		upstream_forged(&u, 10 * UPSTREAM_FORGERY_MS);
	assert_false(upstream_wants_stream(&u, 10 * UPSTREAM_FORGERY_MS));
}

/* So an attacker who sends without end has one guess in five minutes in the long run. */
static void guesses_by_udp_are_bounded_in_the_long_run(void **state)
{
	struct upstream u = fresh();
	unsigned open = 0;

	(void)state;
	for (uint64_t now_ms = 1000; now_ms < 1000 + 86400000; now_ms += 100)
		if (!upstream_wants_stream(&u, now_ms)) {
			open++;
			upstream_forged(&u, now_ms);
		}
	assert_true(open <= 86400000 / UPSTREAM_FORGERY_MS + UPSTREAM_FORGERIES);
}

static void where_tcp_fails_udp_is_used_again(void **state)
{
	struct upstream u = fresh();

	(void)state;
	for (int i = 0; i < UPSTREAM_FORGERIES; i++)
		upstream_forged(&u, 1000);
	upstream_stream_failed(&u, 1000);
	assert_false(upstream_wants_stream(&u, 1000 + UPSTREAM_NO_STREAM_MS - 1));
	assert_true(upstream_wants_stream(&u, 1000 + UPSTREAM_NO_STREAM_MS));
}

static void edns_is_given_up_by_proof_only_and_for_an_hour(void **state)
{
	struct upstream u = fresh();

	(void)state;
	for (int i = 0; i < 1000; i++)
		upstream_doubted_edns(&u);
	assert_true(upstream_takes_edns(&u, 1000));
	assert_true(upstream_wants_stream(&u, 1000));
	upstream_proved_no_edns(&u, 1000);
	assert_false(upstream_takes_edns(&u, 1000 + UPSTREAM_NO_EDNS_MS - 1));
	assert_true(upstream_takes_edns(&u, 1000 + UPSTREAM_NO_EDNS_MS));
	assert_false(upstream_wants_stream(&u, 1000));
}

static void a_server_that_leads_back_to_us_rests_for_a_while(void **state)
{
	struct upstream u = fresh();

	(void)state;
	upstream_looped(&u, 1000);
	upstream_looped(&u, 1000);
	assert_false(upstream_is_down(&u, 1000));
	upstream_helped(&u); /* an answer between: it was chance */
	upstream_looped(&u, 1000);
	upstream_looped(&u, 1000);
	assert_false(upstream_is_down(&u, 1000));
	upstream_looped(&u, 1000);
	assert_true(upstream_is_down(&u, 1000 + UPSTREAM_LOOP_MS - 1));
	assert_false(upstream_is_down(&u, 1000 + UPSTREAM_LOOP_MS));
}

static void tcp_is_given_up_when_it_fails_and_not_for_one_silence(void **state)
{
	struct upstream u = fresh();

	(void)state;
	for (int i = 0; i < UPSTREAM_FORGERIES; i++)
		upstream_forged(&u, 1000);
	for (int i = 0; i + 1 < UPSTREAM_MUTE; i++)
		upstream_stream_was_silent(&u, 1000);
	assert_true(upstream_wants_stream(&u, 1000));
	upstream_stream_answered(&u);
	for (int i = 0; i + 1 < UPSTREAM_MUTE; i++)
		upstream_stream_was_silent(&u, 1000);
	assert_true(upstream_wants_stream(&u, 1000));
	upstream_stream_was_silent(&u, 1000);
	assert_false(upstream_wants_stream(&u, 1000));
	assert_true(upstream_wants_stream(&u, 1000 + UPSTREAM_NO_STREAM_MS));
}

/* A count that went round to 0 would call a server that is dead a good one. */
static void however_often_it_is_silent_it_stays_down(void **state)
{
	struct upstream u = fresh();

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		upstream_was_silent(&u, 1000 + 10 * i);
		upstream_was_unreachable(&u);
		assert_true(i < 20 || upstream_is_down(&u, 1000 + 10 * i + 5000));
	}
}

static void the_others_are_looked_after_now_and_then(void **state)
{
	struct upstream u = fresh();

	(void)state;
	assert_true(upstream_wants_probe(&u, 1000));
	upstream_asked(&u, 1000);
	assert_false(upstream_wants_probe(&u, 1000 + UPSTREAM_PROBE_MS - 1));
	assert_true(upstream_wants_probe(&u, 1000 + UPSTREAM_PROBE_MS));
	upstream_was_silent(&u, 1000);
	assert_false(upstream_wants_probe(&u, 1000 + UPSTREAM_PROBE_SILENT_MS - 1));
	assert_true(upstream_wants_probe(&u, 1000 + UPSTREAM_PROBE_SILENT_MS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_quicker_one_ranks_first),
		cmocka_unit_test(silence_makes_it_down_when_it_is_long_and_frequent),
		cmocka_unit_test(silence_before_the_last_answer_does_not_count),
		cmocka_unit_test(two_icmp_messages_in_a_row_make_it_down),
		cmocka_unit_test(forgeries_are_forgiven_one_in_five_minutes),
		cmocka_unit_test(guesses_by_udp_are_bounded_in_the_long_run),
		cmocka_unit_test(where_tcp_fails_udp_is_used_again),
		cmocka_unit_test(edns_is_given_up_by_proof_only_and_for_an_hour),
		cmocka_unit_test(a_server_that_leads_back_to_us_rests_for_a_while),
		cmocka_unit_test(tcp_is_given_up_when_it_fails_and_not_for_one_silence),
		cmocka_unit_test(however_often_it_is_silent_it_stays_down),
		cmocka_unit_test(the_others_are_looked_after_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
