/*
 * test_stream_endings.c -- TCP connections to upstream servers: every way in which
 * one can end, and limits of time and number (RFC 7766).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "stream_world.h"

/* ------ ends ------ */

static void a_server_that_cannot_be_dialled_is_told_at_once(void **state)
{
	static const int errors[] = { ENETUNREACH, EMFILE, ECONNREFUSED };
	struct world *w = *state;

	for (size_t i = 0; i < 3; i++) {
		w->dial_errno = errors[i];
		assert_false(send_sized(w, 0, 1, 30));
		assert_int_equal(turn(w), 0);
	}
	assert_int_equal(w->s.opened, 0);
	assert_int_equal(streams_timeout_ms(&w->s, w->now), -1);
	w->dial_errno = 0;
	assert_true(ask_dials(w, 0, 1));
}

static void a_refused_connection_is_told_and_not_worth_another(void **state)
{
	struct world *w = *state;

	w->slow = true;
	struct peer *p = ask(w, 5, 1);
	turn(w);
	p->reset = ECONNREFUSED;
	p->window = SIZE_MAX; /* poll(2) says writable, too */
	assert_int_equal(turn(w), 1);
	expect_end(w, 5, false);
	assert_false(p->open);
	assert_int_equal(p->writes, 0);
	assert_int_equal(w->s.broken, 1);
	assert_int_equal(turns(w, 3), 0);
	assert_true(ask_dials(w, 5, 1)); /* the next one is new */
}

static void a_reset_of_a_connection_that_worked_is_worth_another(void **state)
{
	struct world *w = *state;
	struct peer *p = proven(w, 5);

	ask(w, 5, 2);
	turn(w);
	peer_send(p, "\0\x20 half of an answer", 10);
	turn(w);
	p->reset = ECONNRESET;
	assert_int_equal(turn(w), 1);
	expect_end(w, 5, true);
	assert_int_equal(w->s.broken, 1);
}

static void all_answers_before_the_end_are_told_and_then_the_end(void **state)
{
	struct world *w = *state;
	struct peer *p = ask(w, 0, 1);

	ask(w, 0, 2);
	ask(w, 0, 3);
	turn(w);
	peer_send_message(p, 1, 100);
	peer_send_message(p, 2, 100);
	peer_send(p, "\0\x64 not all of the third", 20);
	p->ended = true;
	turns(w, 5);
	assert_int_equal(w->heard_count, 3);
	expect_message(w, 0, 0, 1, 100);
	expect_message(w, 1, 0, 2, 100);
	expect_end(w, 0, true);
	assert_false(p->open);
	assert_int_equal(w->s.broken, 1);
}

/* RFC 7766 §6.2.3: the server closes an idle connection when it likes. */
static void the_end_of_an_idle_connection_breaks_nothing(void **state)
{
	struct world *w = *state;
	struct peer *p = proven(w, 0);

	p->ended = true;
	turns(w, 2);
	assert_int_equal(w->heard_count, 1);
	expect_end(w, 0, true);
	assert_int_equal(w->s.broken, 0);
}

static void an_end_without_a_single_answer_is_not_worth_another(void **state)
{
	struct world *w = *state;
	struct peer *p = ask(w, 0, 1);

	turn(w);
	p->ended = true;
	turns(w, 2);
	assert_int_equal(w->heard_count, 1);
	expect_end(w, 0, false);
}

static void a_write_that_fails_is_the_end(void **state)
{
	struct world *w = *state;
	struct peer *p = proven(w, 0);

	ask(w, 0, 2);
	p->write_errno = EPIPE;
	turn(w);
	assert_false(p->open);
	assert_int_equal(streams_timeout_ms(&w->s, w->now), 0); /* to be told */
	assert_int_equal(turn(w), 1);
	expect_end(w, 0, true);
}

/* ------ time ------ */

static void a_connection_stands_within_three_seconds(void **state)
{
	struct world *w = *state;

	w->slow = true;
	ask(w, 0, 1);
	assert_int_equal(streams_timeout_ms(&w->s, w->now), STREAM_CONNECT_MS);
	w->now += STREAM_CONNECT_MS - 1;
	assert_int_equal(turn(w), 0);
	assert_int_equal(streams_timeout_ms(&w->s, w->now), 1);
	w->now++;
	assert_int_equal(streams_timeout_ms(&w->s, w->now), 0);
	assert_int_equal(turn(w), 1);
	expect_end(w, 0, false);
	assert_int_equal(streams_timeout_ms(&w->s, w->now), -1);
}

static void silence_while_answers_are_due_is_the_end_after_three_seconds(void **state)
{
	struct world *w = *state;
	struct peer *p = proven(w, 0);

	w->now += 5000;
	ask(w, 0, 2);
	ask(w, 0, 3);
	w->now += STREAM_ANSWER_MS - 1;
	assert_int_equal(turn(w), 0);
	peer_send_message(p, 2, 50); /* a sign of life */
	assert_int_equal(turn(w), 1);
	w->now += STREAM_ANSWER_MS - 1;
	assert_int_equal(turn(w), 0);
	ask(w, 0, 4); /* that is one of ours, and none of life */
	w->now++;
	assert_int_equal(turn(w), 1);
	expect_end(w, 0, false); /* it had its time: a new one would be waited for, too */
}

static void an_idle_connection_is_closed_after_ten_seconds(void **state)
{
	struct world *w = *state;
	struct peer *p = proven(w, 0);

	assert_int_equal(streams_timeout_ms(&w->s, w->now), STREAM_IDLE_MS);
	w->now += STREAM_IDLE_MS - 1;
	assert_int_equal(turn(w), 0);
	assert_true(p->open);
	w->now++;
	turn(w);
	expect_end(w, 0, false);
	assert_false(p->open);
	assert_int_equal(w->s.broken, 0);
}

/* ------ numbers ------ */

static void the_longest_idle_of_eight_makes_way_and_nobody_is_told(void **state)
{
	struct world *w = *state;
	struct peer *p[STREAMS];

	for (uint8_t i = 0; i < STREAMS; i++) {
		p[i] = proven(w, i);
		w->now++;
	}
	ask(w, 0, 2); /* busy, although it is the oldest */
	turn(w);
	struct peer *ninth = ask(w, STREAMS, 1);
	assert_int_equal(w->dials, STREAMS + 1);
	assert_true(p[0]->open);
	assert_false(p[1]->open);
	for (uint8_t i = 2; i < STREAMS; i++)
		assert_true(p[i]->open);
	assert_int_equal(turns(w, 2), 0);
	assert_int_equal(peer_messages(ninth, NULL), 1);
}

static void nor_is_it_told_when_the_ninth_cannot_be_dialled(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 0; i < STREAMS; i++)
		proven(w, i);
	w->dial_errno = ENETUNREACH;
	assert_false(send_sized(w, STREAMS, 1, 30));
	assert_int_equal(turns(w, 2), 0);
	w->dial_errno = 0;
	assert_true(ask_dials(w, STREAMS, 1)); /* there is a free place */
	for (int i = 1; i < STREAMS; i++)
		assert_true(w->fake.peers[i].open);
}

static void when_all_eight_are_busy_there_is_no_ninth(void **state)
{
	struct world *w = *state;

	for (uint8_t i = 0; i < STREAMS; i++)
		ask(w, i, 1);
	assert_false(send_sized(w, STREAMS, 1, 30));
	assert_false(ask_dials(w, 3, 2)); /* those that are there go on */
	assert_int_equal(w->dials, STREAMS);
	turn(w);
	for (int i = 0; i < STREAMS; i++)
		assert_true(w->fake.peers[i].open);
}

static void poll_gets_no_more_descriptors_than_there_is_room(void **state)
{
	struct world *w = *state;
	struct pollfd fds[STREAMS];

	assert_int_equal(streams_poll_fds(&w->s, fds, STREAMS), 0);
	for (uint8_t i = 0; i < 5; i++)
		ask(w, i, 1);
	assert_int_equal(streams_poll_fds(&w->s, fds, STREAMS), 5);
	assert_int_equal(streams_poll_fds(&w->s, fds, 2), 2);
	assert_int_equal(fds[0].events, POLLIN | POLLOUT); /* under way */
	turn(w);
	assert_int_equal(streams_poll_fds(&w->s, fds, STREAMS), 5);
	assert_int_equal(fds[4].events, POLLIN);
}

static void a_server_that_is_forgotten_has_a_new_connection_next_time(void **state)
{
	struct world *w = *state;
	struct peer *old = proven(w, 0);

	streams_forget(&w->s, 0);
	streams_forget(&w->s, 1); /* never had one */
	assert_false(old->open);
	assert_int_equal(turn(w), 1);
	expect_end(w, 0, true);
	struct peer *fresh = ask(w, 0, 2);
	assert_true(fresh != old);
	peer_send_message(fresh, 2, 33);
	assert_int_equal(turn(w), 1);
	expect_message(w, 1, 0, 2, 33);
}

/* The place of an old connection is taken by a new one: nothing of the old may be left in it. */
static void half_an_answer_of_an_old_connection_is_not_put_before_a_new_one(void **state)
{
	struct world *w = *state;
	struct peer *p = ask(w, 0, 1);

	w->last->window = 5; /* and half a question */
	peer_send(p, "\x01\x00 half", 7);
	turns(w, 2);
	p->reset = ECONNRESET;
	turn(w);
	p = ask(w, 9, 3);
	peer_send_message(p, 3, 64);
	w->heard_count = 0;
	turns(w, 2);
	assert_int_equal(w->heard_count, 1);
	expect_message(w, 0, 9, 3, 64);
	assert_int_equal(p->got, 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_server_that_cannot_be_dialled_is_told_at_once),
		TEST(a_refused_connection_is_told_and_not_worth_another),
		TEST(a_reset_of_a_connection_that_worked_is_worth_another),
		TEST(all_answers_before_the_end_are_told_and_then_the_end),
		TEST(the_end_of_an_idle_connection_breaks_nothing),
		TEST(an_end_without_a_single_answer_is_not_worth_another),
		TEST(a_write_that_fails_is_the_end),
		TEST(a_connection_stands_within_three_seconds),
		TEST(silence_while_answers_are_due_is_the_end_after_three_seconds),
		TEST(an_idle_connection_is_closed_after_ten_seconds),
		TEST(the_longest_idle_of_eight_makes_way_and_nobody_is_told),
		TEST(nor_is_it_told_when_the_ninth_cannot_be_dialled),
		TEST(when_all_eight_are_busy_there_is_no_ninth),
		TEST(poll_gets_no_more_descriptors_than_there_is_room),
		TEST(a_server_that_is_forgotten_has_a_new_connection_next_time),
		TEST(half_an_answer_of_an_old_connection_is_not_put_before_a_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
