/*
 * test_connection.c -- one TCP connection: framing, and answers that come when
 * they like.  Rows are those of the table of bad inputs (C2, TCP).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "world.h"

/* ------ framing: RFC 1035 §4.2.2, RFC 7766 §8 ------ */

static void a_query_is_answered_in_one_read_and_one_write(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);
	uint16_t id = 0;

	(void)state;
	peer_send_message(p, 0xabcd, 40);
	turn(w);
	assert_int_equal(peer_messages(p, &id), 1);
	assert_int_equal(id, 0xabcd);
	assert_int_equal(p->got, 42);
	assert_int_equal(p->reads, 1);
	assert_int_equal(p->writes, 1);
	assert_true(p->open);
	world_free(w);
}

static void queries_of_one_segment_leave_in_one_write(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	for (uint16_t i = 0; i < 20; i++)
		peer_send_message(p, i, 30);
	turn(w);
	assert_int_equal(peer_messages(p, NULL), 20);
	assert_int_equal(p->writes, 1);
	world_free(w);
}

static void row_53_a_message_may_be_split_anywhere(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	p->segment = 1;
	peer_send_message(p, 1, 29);
	for (unsigned i = 0; i < 31; i++) {
		assert_int_equal(peer_messages(p, NULL), 0);
		w->now += 2900 / 31;
		turn(w);
	}
	assert_int_equal(peer_messages(p, NULL), 1);
	world_free(w);
}

static void row_54_two_messages_are_answered_and_the_third_awaited(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);
	uint16_t id = 0;

	(void)state;
	peer_send_message(p, 1, 20);
	peer_send_message(p, 2, 20);
	peer_send_message(p, 3, 20);
	p->sent -= 5; /* the end of the third stays behind for now */
	turn(w);
	assert_int_equal(peer_messages(p, NULL), 2);
	p->sent += 5;
	turn(w);
	assert_int_equal(peer_messages(p, &id), 3);
	assert_int_equal(id, 3);
	world_free(w);
}

static void the_longest_message_passes_in_both_directions(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	for (uint16_t i = 0; i < 3; i++)
		peer_send_message(p, i, 65535);
	turns(w, 12);
	assert_int_equal(peer_messages(p, NULL), 3);
	assert_int_equal(p->got, 3 * 65537);
	world_free(w);
}

static void row_48_a_length_below_a_header_closes(void **state)
{
	(void)state;
	for (uint8_t length = 0; length < 12; length++) {
		struct world *w = world_new(32, 8);
		struct peer *p = client(w);
		uint8_t wrong[14] = { 0, length };

		peer_send_message(p, 7, 20);
		peer_send(p, wrong, sizeof wrong);
		p->segment = 24; /* the rest is not read before it is known to be nonsense */
		turn(w);
		/* What came before is answered; FIN comes before close, nothing is left unread. */
		assert_int_equal(peer_messages(p, NULL), 1);
		assert_false(p->open);
		assert_int_equal(p->shutdowns, 1);
		assert_int_equal(p->taken, p->sent);
		assert_int_equal(w->t->counters.malformed, 1);
		world_free(w);
	}
}

static void row_48_a_message_of_12_octets_is_handed_out(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	peer_send_message(p, 7, 12);
	turn(w);
	assert_int_equal(peer_messages(p, NULL), 1);
	assert_true(p->open);
	world_free(w);
}

/* Any split of input and output gives the same answers in the same order. */
static void splits_never_matter(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		struct world *w = world_new(4, 4);
		struct peer *p = client(w);
		uint16_t id = 0, count = 100;

		for (uint16_t i = 0; i < count; i++) {
			random = random * 1664525 + 1013904223;
			peer_send_message(p, i, 12 + (random >> 16) % (round % 2 ? 60 : 5000));
		}
		p->window = 0;
		for (unsigned i = 0; i < 4000 && p->got < p->sent; i++) {
			random = random * 1664525 + 1013904223;
			p->segment = 1 + (random >> 20) % 3000;
			p->window += (random >> 8) % 6000;
			turn(w);
		}
		assert_int_equal(p->got, p->sent);
		assert_int_equal(peer_messages(p, &id), count);
		assert_int_equal(id, count - 1);
		world_free(w);
	}
}

/* ------ answers that come later: RFC 7766 §6.2.1.1 ------ */

static void answers_may_come_later_and_in_any_order(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);
	uint16_t id = 0;

	(void)state;
	w->answers = LATER;
	for (uint16_t i = 1; i <= 3; i++)
		peer_send_message(p, i, 30);
	turn(w);
	assert_int_equal(w->id_count, 3);
	answer(w, w->ids[2], 3, 30);
	turn(w);
	assert_int_equal(peer_messages(p, &id), 1);
	assert_int_equal(id, 3);
	answer(w, w->ids[1], 2, 0); /* none at all */
	answer(w, w->ids[0], 1, 30);
	turn(w);
	assert_int_equal(peer_messages(p, &id), 2);
	assert_int_equal(id, 1);
	pass(w, 10000); /* nothing is left that would keep it from being idle */
	assert_false(p->open);
	world_free(w);
}

static void an_answer_for_a_connection_that_is_gone_goes_nowhere(void **state)
{
	struct world *w = world_new(1, 1);
	struct peer *p = client(w);
	size_t room;

	(void)state;
	w->answers = LATER;
	peer_send_message(p, 1, 30);
	turn(w);
	p->reset = ECONNRESET;
	turn(w);
	assert_false(p->open);
	struct peer *heir = client(w); /* in the same seat */
	assert_null(tcp_reply_room(w->t, w->ids[0], &room));
	answer(w, w->ids[0], 1, 30);
	turn(w);
	assert_int_equal(heir->got, 0);
	assert_true(heir->open);
	world_free(w);
}

static void no_more_than_sixteen_queries_wait_for_answers(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	w->answers = LATER;
	for (uint16_t i = 0; i < 40; i++)
		peer_send_message(p, i, 30);
	turns(w, 3);
	assert_int_equal(w->id_count, 16);
	assert_int_equal(asked_events(w, fd_of(w, p)), 0);
	assert_int_equal(tcp_timeout_ms(w->t, w->now), -1);
	answer(w, w->ids[5], 5, 30);
	assert_int_equal(tcp_timeout_ms(w->t, w->now), 0);
	turn(w);
	assert_int_equal(w->id_count, 17);
	world_free(w);
}

static void a_late_answer_has_the_whole_time_to_be_read(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	w->answers = LATER;
	peer_send_message(p, 1, 30);
	turn(w);
	pass(w, 15000);
	p->window = 0;
	answer(w, w->ids[0], 1, 30);
	tcp_flush(w->t, w->now);
	pass(w, 9999);
	assert_true(p->open);
	pass(w, 1);
	assert_false(p->open);
	world_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_is_answered_in_one_read_and_one_write),
		cmocka_unit_test(queries_of_one_segment_leave_in_one_write),
		cmocka_unit_test(row_53_a_message_may_be_split_anywhere),
		cmocka_unit_test(row_54_two_messages_are_answered_and_the_third_awaited),
		cmocka_unit_test(the_longest_message_passes_in_both_directions),
		cmocka_unit_test(row_48_a_length_below_a_header_closes),
		cmocka_unit_test(row_48_a_message_of_12_octets_is_handed_out),
		cmocka_unit_test(splits_never_matter),
		cmocka_unit_test(answers_may_come_later_and_in_any_order),
		cmocka_unit_test(an_answer_for_a_connection_that_is_gone_goes_nowhere),
		cmocka_unit_test(no_more_than_sixteen_queries_wait_for_answers),
		cmocka_unit_test(a_late_answer_has_the_whole_time_to_be_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
