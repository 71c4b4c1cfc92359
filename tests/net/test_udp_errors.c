/*
 * test_udp_errors.c -- calls that fail, on a fake kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_udp.h"

static void receiving_survives_errors(void **state)
{
	static const int errors[] = { EINTR, ECONNREFUSED, EHOSTUNREACH, ENETDOWN };
	struct fake f;
	struct listener l = listener_at("192.0.2.1");
	struct udp_batch *b = batch_new();

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		fake_init(&f, "192.0.2.9");
		f.receive_errors[0] = f.receive_errors[1] = errors[i];
		f.receive_error_count = 2;
		udp_receive(&f.sockets, &l, b);
		assert_int_equal(b->count, 1); /* what waits behind the error is not lost */
	}
	assert_int_equal(b->counters.receive_failed, 8);
	batch_free(b);
}

static void receiving_never_spins(void **state)
{
	static const struct {
		int error;
		size_t calls;
	} rows[] = { { EAGAIN, 1 }, { ENOMEM, 1 }, { ENOBUFS, 1 }, { EINTR, 4 }, { EBADF, 4 } };
	struct listener l = listener_at("192.0.2.1");
	struct udp_batch *b = batch_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake f;
		fake_init(&f, "192.0.2.9");
		for (size_t k = 0; k < 8; k++)
			f.receive_errors[k] = rows[i].error;
		f.receive_error_count = 8;
		udp_receive(&f.sockets, &l, b);
		assert_int_equal(b->count, 0);
		assert_false(b->more);
		assert_int_equal(f.receives, rows[i].calls);
	}
	batch_free(b);
}

/* Sends ten replies by a kernel that follows these steps. */
static void send_ten(struct fake *f, struct udp_batch *b)
{
	struct listener l = listener_at("192.0.2.1");

	f->copies = 10;
	udp_receive(&f->sockets, &l, b);
	assert_int_equal(b->count, 10);
	echo_all(b);
	udp_send(&f->sockets, &l, b);
}

static void a_partial_send_goes_on_with_the_next(void **state)
{
	struct fake f;
	struct udp_batch *b = batch_new();

	(void)state;
	fake_init(&f, "192.0.2.9");
	f.steps[0].count = 3;
	f.steps[1].count = 1;
	f.steps[2].count = 32;
	f.step_count = 3;
	send_ten(&f, b);
	assert_int_equal(f.sends, 3);
	for (uint8_t i = 0; i < 10; i++)
		assert_int_equal(f.sent[i], i);
	assert_int_equal(b->counters.sent, 10);
	assert_int_equal(b->counters.unsent, 0);
	batch_free(b);
}

static void a_datagram_that_is_refused_does_not_keep_the_others(void **state)
{
	static const int errors[] = { EPERM, ENETUNREACH, EHOSTUNREACH, EMSGSIZE, EINVAL, EACCES };

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct fake f;
		struct udp_batch *b = batch_new();

		fake_init(&f, "192.0.2.9");
		f.steps[0].count = 4;
		f.steps[1].count = -1;
		f.steps[1].error = errors[i];
		f.steps[2].count = 32;
		f.step_count = 3;
		send_ten(&f, b);
		assert_int_equal(f.sent_count, 9);
		assert_int_equal(f.sent[3], 3);
		assert_int_equal(f.sent[4], 5);
		assert_int_equal(b->counters.unsent, 1);
		batch_free(b);
	}
}

static void a_full_buffer_is_tried_again_and_then_given_up(void **state)
{
	static const struct {
		int error;
		size_t polls;
	} rows[] = { { EAGAIN, 3 }, { ENOBUFS, 0 }, { ENOMEM, 0 }, { EINTR, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake f;
		struct udp_batch *b = batch_new();

		fake_init(&f, "192.0.2.9");
		f.steps[0].count = 2;
		f.steps[1].count = -1;
		f.steps[1].error = rows[i].error;
		f.step_count = 2; /* it stays so */
		send_ten(&f, b);
		assert_int_equal(f.sends, 5);
		assert_int_equal(f.polls, rows[i].polls);
		assert_int_equal(b->counters.sent, 2);
		assert_int_equal(b->counters.unsent, 8);
		fake_init(&f, "192.0.2.9");
		f.steps[0].count = -1;
		f.steps[0].error = rows[i].error;
		f.steps[1].count = 32; /* it passes */
		f.step_count = 2;
		send_ten(&f, b);
		assert_int_equal(f.sent_count, 10);
		batch_free(b);
	}
}

/* Linux reports an ICMP message about one reply at the next call, whatever that sends. */
static void an_error_about_an_earlier_reply_costs_no_other(void **state)
{
	struct fake f;
	struct udp_batch *b = batch_new();

	(void)state;
	fake_init(&f, "192.0.2.9");
	f.steps[0].count = -1;
	f.steps[0].error = ECONNREFUSED;
	f.steps[1].count = 32;
	f.step_count = 2;
	send_ten(&f, b);
	assert_int_equal(f.sent_count, 10);
	assert_int_equal(b->counters.unsent, 0);
	batch_free(b);
}

static void the_largest_replies_of_a_full_batch_fit(void **state)
{
	struct fake f;
	struct listener l = listener_at("192.0.2.1");
	struct udp_batch *b = batch_new();

	(void)state;
	fake_init(&f, "192.0.2.9");
	f.copies = UDP_BATCH;
	udp_receive(&f.sockets, &l, b);
	for (size_t i = 0; i < b->count; i++) {
		size_t room;
		uint8_t *reply = udp_reply_room(b, &room);
		memset(reply, (int)i, room);
		udp_reply_commit(b, &b->datagrams[i], room);
	}
	udp_send(&f.sockets, &l, b);
	assert_int_equal(f.sends, 1);
	for (uint8_t i = 0; i < UDP_BATCH; i++)
		assert_int_equal(f.sent[i], i);
	assert_int_equal(f.last.msg_iov->iov_len, UDP_REPLY_MAX);
	assert_int_equal(((uint8_t *)f.last.msg_iov->iov_base)[UDP_REPLY_MAX - 1], UDP_BATCH - 1);
	batch_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(receiving_survives_errors),
		cmocka_unit_test(receiving_never_spins),
		cmocka_unit_test(a_partial_send_goes_on_with_the_next),
		cmocka_unit_test(a_datagram_that_is_refused_does_not_keep_the_others),
		cmocka_unit_test(a_full_buffer_is_tried_again_and_then_given_up),
		cmocka_unit_test(an_error_about_an_earlier_reply_costs_no_other),
		cmocka_unit_test(the_largest_replies_of_a_full_batch_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
