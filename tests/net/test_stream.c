/*
 * test_stream.c -- TCP connections to upstream servers: how questions go out and
 * answers come in, framed and one behind the other (RFC 7766).
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

/* ------ out ------ */

static void a_question_waits_until_the_connection_stands(void **state)
{
	struct world *w = *state;
	uint16_t id = 0;

	w->slow = true;
	struct peer *p = ask(w, 7, 0x1234);
	assert_int_equal(w->dialled.port, 53);
	assert_int_equal(w->dialled.octets[3], 7);
	turns(w, 3);
	assert_int_equal(p->writes, 0);
	p->window = SIZE_MAX;
	turn(w);
	assert_int_equal(p->got, 32);
	assert_int_equal(p->output[0] << 8 | p->output[1], 30); /* RFC 1035 §4.2.2 */
	assert_int_equal(peer_messages(p, &id), 1);
	assert_int_equal(id, 0x1234);
}

/* RFC 7766 §6.2.1.1; and §8: length and message should not be parted. */
static void questions_go_out_one_behind_the_other_in_one_write(void **state)
{
	struct world *w = *state;
	struct peer *p = ask(w, 0, 100);
	uint16_t id = 0;

	for (uint16_t i = 1; i < 20; i++)
		assert_false(ask_dials(w, 0, 100 + i)); /* by the same connection */
	turn(w);
	assert_int_equal(p->writes, 1);
	assert_int_equal(peer_messages(p, &id), 20);
	assert_int_equal(id, 119);
	assert_false(ask_dials(w, 0, 120));
	turn(w);
	assert_int_equal(peer_messages(p, &id), 21);
	assert_int_equal(w->s.opened, 1);
}

static void servers_have_connections_of_their_own(void **state)
{
	struct world *w = *state;
	struct peer *a = ask(w, 1, 10), *b = ask(w, 2, 20);

	assert_true(a != b);
	turn(w);
	assert_int_equal(peer_messages(a, NULL), 1);
	assert_int_equal(peer_messages(b, NULL), 1);
	peer_send_message(b, 20, 50);
	peer_send_message(a, 10, 60);
	assert_int_equal(turn(w), 2);
	expect_message(w, 0, 1, 10, 60);
	expect_message(w, 1, 2, 20, 50);
}

static void a_kernel_that_takes_octet_by_octet_gets_all_of_them(void **state)
{
	struct world *w = *state;
	struct peer *p = ask(w, 0, 1);
	uint8_t expect[2 * 32];

	ask(w, 0, 2);
	p->window = 1;
	for (size_t i = 0; i < sizeof expect; i++) {
		turn(w);
		assert_int_equal(p->got, i + 1);
		p->window = 1;
	}
	turns(w, 3);
	for (uint16_t i = 0; i < 2; i++) {
		store_u16(expect + 32 * i, 30);
		put_pattern(expect + 32 * i + 2, (uint16_t)(i + 1), 30);
	}
	assert_int_equal(p->got, sizeof expect);
	assert_memory_equal(p->output, expect, sizeof expect);
	assert_int_equal(w->heard_count, 0);
}

static void a_full_kernel_is_not_tried_before_it_has_room(void **state)
{
	struct world *w = *state;
	struct peer *p = proven(w, 0);
	unsigned writes = p->writes;

	p->window = 10;
	ask(w, 0, 2);
	turns(w, 5);
	assert_int_equal(p->writes, writes + 1);
	assert_int_equal(turns(w, 5), 0);
	p->window = SIZE_MAX;
	turn(w);
	assert_int_equal(p->writes, writes + 2);
	assert_int_equal(peer_messages(p, NULL), 2);
}

static void a_kernel_without_memory_is_asked_again(void **state)
{
	static const int errors[] = { ENOBUFS, ENOMEM, EINTR, EAGAIN };
	struct world *w = *state;
	struct peer *p = proven(w, 0);

	for (uint16_t i = 0; i < 4; i++) {
		ask(w, 0, i);
		p->write_errno = errors[i];
		assert_int_equal(turns(w, 3), 0);
		assert_int_equal(peer_messages(p, NULL), 1 + i);
		p->write_errno = 0;
		assert_int_equal(turns(w, 2), 0);
		assert_int_equal(peer_messages(p, NULL), 2 + i);
	}
}

static void messages_have_up_to_65535_octets_in_both_directions(void **state)
{
	static const size_t sizes[] = { 12, 13, 4094, 4095, 65534, 65535 };
	struct world *w = *state;
	uint16_t id = 0;

	for (uint16_t i = 0; i < 6; i++) {
		assert_true(send_sized(w, 0, i, sizes[i]));
		turn(w);
		struct peer *p = w->last;
		assert_int_equal(peer_messages(p, &id), i + 1);
		assert_int_equal(id, i);
		peer_send_message(p, i, sizes[i]);
		peer_send_message(p, 99, 12); /* is not lost behind it */
		turns(w, 20);
		expect_message(w, 2u * i, 0, i, sizes[i]);
		expect_message(w, 2u * i + 1, 0, 99, 12);
	}
	assert_int_equal(w->dials, 1);
}

/* The buffers lie side by side: what comes in must not reach what goes out. */
static void the_longest_answer_leaves_questions_that_wait_alone(void **state)
{
	struct world *w = *state;
	struct peer *p = proven(w, 0);
	uint8_t expect[300];
	size_t before = p->got;

	p->window = 0;
	assert_true(send_sized(w, 0, 5, sizeof expect));
	peer_send_message(p, 7, 65535);
	for (uint16_t i = 0; i < 300; i++)
		peer_send_message(p, i, 12);
	assert_int_equal(turns(w, 40), 301);
	p->window = SIZE_MAX;
	turns(w, 2);
	put_pattern(expect, 5, sizeof expect);
	assert_int_equal(p->got, before + 2 + sizeof expect);
	assert_memory_equal(p->output + before + 2, expect, sizeof expect);
}

static void what_waits_has_a_limit(void **state)
{
	struct world *w = *state;
	unsigned sent = 0;

	w->slow = true;
	while (send_sized(w, 0, (uint16_t)sent, 280))
		sent++;
	assert_in_range(sent, OUTPUT_STOP / 282, OUTPUT_STOP / 282 + 1);
	struct peer *p = w->last;
	p->window = SIZE_MAX;
	turns(w, 3);
	assert_int_equal(peer_messages(p, NULL), sent);
	assert_true(send_sized(w, 0, 1, 280));
}

/* ------ in ------ */

static void an_answer_that_comes_octet_by_octet_is_told_once_it_is_whole(void **state)
{
	struct world *w = *state;
	struct peer *p = ask(w, 3, 0x4711);

	peer_send_message(p, 0x4711, 300);
	peer_send_message(p, 0x4712, 12);
	p->segment = 1;
	for (unsigned i = 0; i < 302; i++) {
		assert_int_equal(w->heard_count, 0);
		turn(w);
	}
	assert_int_equal(w->heard_count, 1);
	expect_message(w, 0, 3, 0x4711, 300);
	turns(w, 13);
	assert_int_equal(w->heard_count, 1);
	turn(w);
	expect_message(w, 1, 3, 0x4712, 12);
}

static void answers_that_come_at_once_are_told_one_by_one_in_their_order(void **state)
{
	struct world *w = *state;
	struct peer *p = ask(w, 0, 0);

	for (uint16_t i = 1; i < 60; i++)
		ask(w, 0, i);
	turn(w);
	for (uint16_t i = 60; i-- > 0;)
		peer_send_message(p, i, 12 + i);
	assert_int_equal(turn(w), 60);
	for (uint16_t i = 0; i < 60; i++)
		expect_message(w, i, 0, 59 - i, 12u + 59 - i);
	assert_int_equal(p->reads, 1);
}

/* Every place where a stream of messages can be cut into segments. */
static void it_does_not_matter_where_segments_end(void **state)
{
	struct world *w = *state;
	struct peer *p = ask(w, 0, 0);

	for (size_t segment = 1; segment < 200; segment++) {
		p->segment = segment;
		p->sent = p->taken = 0;
		for (uint16_t i = 0; i < 5; i++)
			peer_send_message(p, i, 12 + 20u * i);
		w->heard_count = 0;
		assert_int_equal(turns(w, 300), 5);
		for (uint16_t i = 0; i < 5; i++)
			expect_message(w, i, 0, i, 12 + 20u * i);
	}
}

/* RFC 1035 §4.1.1: there is no message without a header. */
static void a_length_that_is_no_messages_ends_the_connection(void **state)
{
	struct world *w = *state;
	uint8_t zeros[2 + 11] = { 0 };

	for (uint8_t size = 0; size < 12; size++) {
		struct peer *p = ask(w, 0, 1);

		peer_send_message(p, 1, 12);
		zeros[1] = size;
		peer_send(p, zeros, 2u + size);
		peer_send_message(p, 2, 12); /* nobody knows where this one begins */
		w->heard_count = 0;
		assert_int_equal(turn(w), 2);
		expect_message(w, 0, 0, 1, 12);
		expect_end(w, 0, true);
		assert_false(p->open);
	}
	struct peer *p = ask(w, 0, 1);
	peer_send(p, zeros, 2);
	assert_int_equal(turn(w), 1);
	expect_end(w, 0, false); /* this one never worked */
}

static void a_message_that_nobody_asked_for_is_told_and_owes_nothing(void **state)
{
	struct world *w = *state;
	struct peer *p = proven(w, 0);

	peer_send_message(p, 77, 20);
	peer_send_message(p, 78, 20);
	assert_int_equal(turn(w), 2);
	/* Still idle, and one answer is due after one question. */
	assert_int_equal(streams_timeout_ms(&w->s, w->now), STREAM_IDLE_MS);
	ask(w, 0, 2);
	assert_int_equal(streams_timeout_ms(&w->s, w->now), STREAM_ANSWER_MS);
}

/*
 * The other side answers while most of our questions still wait: it is not to be
 * taken for closed because we have no room for what it says.
 */
static void answers_may_come_while_questions_wait(void **state)
{
	struct world *w = *state;
	unsigned sent = 0;

	w->slow = true;
	while (send_sized(w, 0, (uint16_t)sent, 280))
		sent++;
	struct peer *p = w->last;
	p->window = 20 * 282;
	for (uint16_t i = 0; i < 20; i++)
		peer_send_message(p, i, 510);
	turns(w, 20);
	assert_true(p->open);
	p->window = SIZE_MAX;
	turns(w, 20);
	assert_int_equal(w->heard_count, 20);
	expect_message(w, 19, 0, 19, 510);
	assert_int_equal(peer_messages(p, NULL), sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_question_waits_until_the_connection_stands),
		TEST(questions_go_out_one_behind_the_other_in_one_write),
		TEST(servers_have_connections_of_their_own),
		TEST(a_kernel_that_takes_octet_by_octet_gets_all_of_them),
		TEST(a_full_kernel_is_not_tried_before_it_has_room),
		TEST(a_kernel_without_memory_is_asked_again),
		TEST(messages_have_up_to_65535_octets_in_both_directions),
		TEST(the_longest_answer_leaves_questions_that_wait_alone),
		TEST(what_waits_has_a_limit),
		TEST(an_answer_that_comes_octet_by_octet_is_told_once_it_is_whole),
		TEST(answers_that_come_at_once_are_told_one_by_one_in_their_order),
		TEST(it_does_not_matter_where_segments_end),
		TEST(a_length_that_is_no_messages_ends_the_connection),
		TEST(a_message_that_nobody_asked_for_is_told_and_owes_nothing),
		TEST(answers_may_come_while_questions_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
