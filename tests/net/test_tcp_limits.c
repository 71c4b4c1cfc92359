/*
 * test_tcp_limits.c -- the limits of the TCP side: time, and output that nobody
 * reads.  Rows are those of the table of bad inputs (C2, TCP).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "world.h"

/* ------ time ------ */

static void row_49_a_message_has_three_seconds_from_its_first_octet(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *slow = client(w), *other = client(w);
	static const uint8_t length[2] = { 255, 255 };

	(void)state;
	peer_send(slow, length, 2);
	turn(w);
	for (unsigned s = 0; s < 2; s++) {
		pass(w, 999);
		peer_send(slow, "x", 1);
		turn(w);
		peer_send_message(other, 1, 30);
		turn(w);
	}
	pass(w, 1001);
	assert_true(slow->open);
	pass(w, 1);
	assert_false(slow->open);
	assert_int_equal(w->t->counters.timed_out, 1);
	assert_int_equal(peer_messages(other, NULL), 2);
	assert_true(other->open);
	world_free(w);
}

static void row_49_the_second_message_has_no_more_time_than_the_first(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	peer_send_message(p, 1, 30);
	turn(w);
	pass(w, 5000);
	assert_true(p->open);
	peer_send(p, "\0\x20", 2);
	turn(w);
	pass(w, 2000);
	peer_send(p, "x", 1);
	turn(w);
	pass(w, 999);
	assert_true(p->open);
	pass(w, 1);
	assert_false(p->open);
	world_free(w);
}

static void the_first_message_has_three_seconds_from_accept(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	assert_int_equal(tcp_timeout_ms(w->t, w->now), 3000);
	pass(w, 2999);
	assert_true(p->open);
	assert_int_equal(tcp_timeout_ms(w->t, w->now), 1);
	pass(w, 1);
	assert_false(p->open);
	assert_int_equal(tcp_timeout_ms(w->t, w->now), -1);
	world_free(w);
}

static void an_octet_does_not_prolong_the_time_of_the_first_message(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	pass(w, 2900);
	peer_send(p, "\0", 1);
	turn(w);
	pass(w, 99);
	assert_true(p->open);
	pass(w, 1);
	assert_false(p->open);
	world_free(w);
}

static void an_idle_connection_has_ten_seconds_after_its_last_answer(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		peer_send_message(p, 1, 30);
		turn(w);
		pass(w, 9999);
		assert_true(p->open);
	}
	pass(w, 1);
	assert_false(p->open);
	assert_int_equal(w->t->counters.timed_out, 1);
	world_free(w);
}

static void idling_begins_when_the_last_answer_is_out(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *slow = client(w), *unanswered = client(w);

	(void)state;
	w->answers = LATER;
	peer_send_message(unanswered, 1, 30);
	turn(w);
	w->answers = ECHO;
	slow->window = 10;
	peer_send_message(slow, 1, 30);
	turn(w);
	pass(w, 9000);
	slow->window = 1000;
	turn(w);
	answer(w, w->ids[0], 1, 0);
	pass(w, 9999);
	assert_true(slow->open && unanswered->open);
	pass(w, 1);
	assert_false(slow->open || unanswered->open);
	world_free(w);
}

static void an_idle_connection_has_two_seconds_when_seats_run_short(void **state)
{
	struct world *w = world_new(8, 8);
	struct peer *p[7];

	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		p[i] = client(w);
		peer_send_message(p[i], 1, 30);
		turn(w);
		if (i == 5) { /* three quarters: still ten seconds */
			pass(w, 2500);
			assert_true(p[0]->open);
		}
	}
	turn(w);
	for (unsigned i = 0; i < 6; i++)
		if (p[i]->open)
			assert_true(w->t->used <= 6);
	assert_int_equal(w->t->used, 6); /* one was enough to have time again */
	pass(w, 2000);
	assert_true(p[6]->open);
	world_free(w);
}

static void a_busy_connection_lives_as_long_as_seats_are_free(void **state)
{
	struct world *w = world_new(4, 4);
	struct peer *p = client(w);

	(void)state;
	for (unsigned s = 0; s < 1000; s++) {
		peer_send_message(p, 1, 30);
		p->sent = p->sent % 500000; /* the fake's input is finite */
		turn(w);
		pass(w, 1000);
		if (p->taken == p->sent)
			p->taken = p->sent = p->got = 0;
	}
	assert_true(p->open);
	world_free(w);
}

static void an_old_connection_retires_between_messages_when_all_seats_are_taken(void **state)
{
	struct world *w = world_new(4, 4);
	struct peer *p[4] = { client(w) };

	(void)state;
	for (unsigned s = 0; s < 125; s++) {
		peer_send_message(p[0], 1, 30);
		turn(w);
		if (s < 124)
			pass(w, 1000);
	}
	for (unsigned i = 1; i < 4; i++)
		p[i] = client(w);
	w->answers = LATER;
	peer_send_message(p[0], 1, 30);
	turn(w); /* a message has arrived, so this is no moment between two */
	turn(w);
	assert_true(p[0]->open);
	answer(w, w->ids[0], 1, 30);
	turns(w, 2);
	assert_false(p[0]->open);
	assert_int_equal(peer_messages(p[0], NULL), 126); /* all answered */
	assert_int_equal(w->t->counters.retired, 1);
	assert_true(p[1]->open && p[2]->open && p[3]->open);
	world_free(w);
}

/* ------ peers that do not read ------ */

static void row_51_a_peer_that_never_reads_costs_64_kib_and_ten_seconds(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	w->reply_size = 100;
	p->window = 0;
	for (uint16_t i = 0; i < 10000; i++)
		peer_send_message(p, i, 30);
	turns(w, 50);
	/* Input that is not wanted stays in the kernel, and its window closes. */
	assert_true(p->taken < 30000);
	unsigned reads = p->reads, writes = p->writes;
	turns(w, 50);
	assert_int_equal(p->reads, reads);
	assert_int_equal(p->writes, writes);
	assert_int_equal(asked_events(w, fd_of(w, p)), POLLOUT);
	const struct connection *c = &w->t->seats[0];
	assert_in_range(c->out_end, OUTPUT_STOP, OUTPUT_STOP + 102);
	assert_in_range(c->in_most, 1, READ_SIZE);
	pass(w, 9999);
	assert_true(p->open);
	pass(w, 1);
	assert_false(p->open);
	assert_int_equal(w->t->counters.stalled, 1);
	world_free(w);
}

static void row_51_more_queries_do_not_prolong_the_ten_seconds(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	p->window = 0;
	for (unsigned s = 0; s < 9; s++) {
		peer_send_message(p, 1, 30);
		turn(w);
		pass(w, 1000);
	}
	assert_true(p->open);
	pass(w, 1000);
	assert_false(p->open);
	world_free(w);
}

static void row_51_reading_goes_on_when_the_peer_reads_again(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);
	uint16_t id = 0;

	(void)state;
	w->reply_size = 100;
	p->window = 0;
	for (uint16_t i = 0; i < 5000; i++)
		peer_send_message(p, i, 30);
	turns(w, 50);
	/* Each time it takes 1 KiB more: never idle for us, and each answer arrives in order. */
	for (unsigned i = 0; i < 1000; i++) {
		p->window += 1024;
		pass(w, 500);
	}
	assert_int_equal(peer_messages(p, &id), 5000);
	assert_int_equal(id, 4999);
	world_free(w);
}

static void row_51_full_output_stops_reading_between_messages_too(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	w->reply_size = 65535;
	p->window = 1;
	peer_send_message(p, 1, 30);
	turns(w, 2);
	assert_int_equal(asked_events(w, fd_of(w, p)), POLLOUT);
	p->window = 30000; /* not enough to begin again */
	turns(w, 2);
	assert_int_equal(asked_events(w, fd_of(w, p)), POLLOUT);
	p->window = 3000;
	turns(w, 2);
	assert_int_equal(asked_events(w, fd_of(w, p)), POLLIN | POLLOUT);
	world_free(w);
}

static void messages_left_over_by_full_output_need_no_event(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	w->reply_size = 30000;
	for (uint16_t i = 0; i < 10; i++)
		peer_send_message(p, i, 30);
	turn(w); /* three answers fill the output, which leaves at once */
	assert_int_equal(peer_messages(p, NULL), 3);
	assert_int_equal(tcp_timeout_ms(w->t, w->now), 0);
	turns(w, 3);
	assert_int_equal(peer_messages(p, NULL), 10);
	assert_int_equal(p->reads, 1);
	world_free(w);
}

static void a_partial_write_waits_for_pollout_and_goes_on_where_it_stopped(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	p->window = 10;
	peer_send_message(p, 1, 30);
	turns(w, 5);
	assert_int_equal(p->got, 10);
	assert_int_equal(p->writes, 1);
	assert_int_equal(asked_events(w, fd_of(w, p)), POLLIN | POLLOUT);
	p->window = 100;
	turn(w);
	assert_int_equal(peer_messages(p, NULL), 1);
	turn(w);
	assert_int_equal(asked_events(w, fd_of(w, p)), POLLIN);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_49_a_message_has_three_seconds_from_its_first_octet),
		cmocka_unit_test(row_49_the_second_message_has_no_more_time_than_the_first),
		cmocka_unit_test(the_first_message_has_three_seconds_from_accept),
		cmocka_unit_test(an_octet_does_not_prolong_the_time_of_the_first_message),
		cmocka_unit_test(an_idle_connection_has_ten_seconds_after_its_last_answer),
		cmocka_unit_test(idling_begins_when_the_last_answer_is_out),
		cmocka_unit_test(an_idle_connection_has_two_seconds_when_seats_run_short),
		cmocka_unit_test(a_busy_connection_lives_as_long_as_seats_are_free),
		cmocka_unit_test(
			an_old_connection_retires_between_messages_when_all_seats_are_taken),
		cmocka_unit_test(row_51_a_peer_that_never_reads_costs_64_kib_and_ten_seconds),
		cmocka_unit_test(row_51_more_queries_do_not_prolong_the_ten_seconds),
		cmocka_unit_test(row_51_reading_goes_on_when_the_peer_reads_again),
		cmocka_unit_test(row_51_full_output_stops_reading_between_messages_too),
		cmocka_unit_test(messages_left_over_by_full_output_need_no_event),
		cmocka_unit_test(a_partial_write_waits_for_pollout_and_goes_on_where_it_stopped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
