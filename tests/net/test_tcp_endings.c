/*
 * test_tcp_endings.c -- how connections end: half-closed, reset, abandoned.
 * Rows are those of the table of bad inputs (C2, TCP).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <unistd.h>

#include "world.h"

static void row_52_after_a_half_close_the_answer_is_delivered(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	peer_send_message(p, 1, 30);
	p->ended = true;
	turns(w, 2);
	assert_int_equal(peer_messages(p, NULL), 1);
	assert_false(p->open);
	assert_int_equal(w->t->counters.broken, 0);
	world_free(w);
}

static void row_52_even_when_the_answer_comes_turns_later(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	w->answers = LATER;
	peer_send_message(p, 1, 30);
	p->ended = true;
	turns(w, 3);
	assert_true(p->open);
	assert_int_equal(asked_events(w, fd_of(w, p)),
			 0); /* the end is not reported again and again */
	pass(w, 60000);      /* nor do we give up on ourselves */
	answer(w, w->ids[0], 1, 30);
	tcp_flush(w->t, w->now);
	assert_int_equal(peer_messages(p, NULL), 1);
	turn(w);
	assert_false(p->open);
	world_free(w);
}

static void row_52_even_when_the_peer_takes_it_slowly(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	p->window = 10;
	peer_send_message(p, 1, 30);
	p->ended = true;
	turns(w, 3);
	assert_true(p->open);
	p->window = 100;
	turns(w, 2);
	assert_int_equal(peer_messages(p, NULL), 1);
	assert_false(p->open);
	world_free(w);
}

static void row_52_all_queries_before_the_end_are_handed_out(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	w->answers = LATER;
	for (uint16_t i = 0; i < 20; i++)
		peer_send_message(p, i, 30);
	p->ended = true;
	turns(w, 2);
	assert_int_equal(w->id_count, UNANSWERED_MAX);
	for (size_t i = 0; i < UNANSWERED_MAX; i++)
		answer(w, w->ids[i], 0, 0);
	tcp_flush(w->t, w->now);
	turn(w);
	assert_int_equal(w->id_count, 20);
	for (size_t i = UNANSWERED_MAX; i < 20; i++)
		answer(w, w->ids[i], 0, 0);
	turns(w, 2);
	assert_false(p->open);
	world_free(w);
}

static void a_half_message_at_the_end_is_forgotten(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	peer_send(p, "\0\x20hello", 7);
	p->ended = true;
	turns(w, 2);
	assert_false(p->open);
	assert_int_equal(w->t->counters.messages, 0);
	world_free(w);
}

static void row_55_a_reset_in_the_middle_of_our_write_frees_the_seat(void **state)
{
	static const int errors[] = { EPIPE, ECONNRESET, ETIMEDOUT, EHOSTUNREACH };

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct world *w = world_new(32, 8);
		struct peer *p = client(w);

		p->window = 10;
		peer_send_message(p, 1, 30);
		turn(w);
		p->reset = errors[i];
		turn(w);
		assert_false(p->open);
		assert_int_equal(w->t->counters.broken, 1);
		assert_int_equal(w->t->used, 0);
		world_free(w);
	}
}

static void row_55_a_write_that_fails_closes_at_once(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	p->write_errno = EPIPE;
	peer_send_message(p, 1, 30);
	turn(w);
	assert_false(p->open);
	assert_int_equal(w->t->counters.broken, 1);
	world_free(w);
}

static void a_write_that_is_interrupted_is_done_again(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	p->write_errno = EINTR;
	peer_send_message(p, 1, 30);
	turn(w);
	p->write_errno = 0;
	turn(w);
	assert_int_equal(peer_messages(p, NULL), 1);
	world_free(w);
}

static void row_55_no_signal_comes_of_a_write_to_a_closed_peer(void **state)
{
	struct tcp *t = calloc(1, sizeof *t);
	struct tcp_limits limits = { .connections = 32, .per_prefix = 8 };
	struct listener l;
	struct listener_problem why;
	struct address at;
	struct world w = { .sockets = sockets_system(), .t = t, .reply_size = 60000 };
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	struct sockaddr_storage name;

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	assert_null(address_parse(&at, "127.0.0.1", 0));
	assert_true(listener_open(&l, TRANSPORT_TCP, &at, LISTENER_ALONE, &why));
	assert_true(tcp_init(t, w.sockets, &limits));
	tcp_listen(t, &l);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t size = address_to_sockaddr(&l.local, &name);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, size), 0);
	for (unsigned i = 0; i < 1000 && !t->used; i++)
		turn(&w);
	static uint8_t octets[8192];
	struct peer query = { .input = octets };
	for (uint16_t i = 0; i < 100; i++)
		peer_send_message(&query, i, 30);
	assert_int_equal(send(fd, query.input, query.sent, 0), (ssize_t)query.sent);
	for (unsigned i = 0; i < 100; i++)
		turn(&w); /* our output does not fit into the kernel */
	assert_int_equal(t->used, 1);
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd); /* sends RST */
	t->seats[0].blocked = false;
	tcp_flush(t, 0);
	for (unsigned i = 0; i < 1000 && t->used; i++)
		turn(&w);
	assert_int_equal(t->used, 0);
	assert_int_equal(t->counters.broken, 1);
	tcp_free(t);
	listener_close(&l);
	free(t);
}

/* A reply of many messages, as a zone transfer will be (RFC 5936 §2.2). */
static void row_56_a_stream_waits_for_a_slow_reader_and_harms_nobody(void **state)
{
	struct world *w = world_new(4, 4);
	struct peer *slow = client(w), *other = client(w);
	size_t room, parts = 0;

	(void)state;
	w->answers = LATER;
	peer_send_message(slow, 1, 30);
	turn(w);
	w->answers = ECHO;
	slow->window = 0;
	for (unsigned s = 0; s < 300; s++) {
		while (tcp_reply_room(w->t, w->ids[0], &room)) {
			tcp_reply_part(w->t, w->ids[0], 16000);
			parts++;
		}
		slow->window = 1; /* an octet a second */
		peer_send_message(other, 1, 30);
		pass(w, 1000);
	}
	assert_int_equal(parts, 5);
	assert_int_equal(slow->got, 300);
	assert_int_equal(peer_messages(other, NULL), 300);
	assert_true(tcp_is_open(w->t, w->ids[0]));
	pass(w, 10000); /* now it takes nothing at all */
	assert_false(slow->open);
	assert_false(tcp_is_open(w->t, w->ids[0]));
	assert_null(tcp_reply_room(w->t, w->ids[0], &room));
	tcp_reply_commit(w->t, w->ids[0], 0); /* harmless */
	world_free(w);
}

static void row_56_a_stream_goes_on_when_there_is_room_again(void **state)
{
	struct world *w = world_new(4, 4);
	struct peer *p = client(w);
	uint8_t *reply;
	size_t room, parts = 0;
	uint16_t id = 0;

	(void)state;
	w->answers = LATER;
	peer_send_message(p, 1, 30);
	turn(w);
	for (unsigned i = 0; i < 200 && parts < 40; i++) {
		p->window = 9000;
		while (parts < 40 && (reply = tcp_reply_room(w->t, w->ids[0], &room))) {
			store_u16(reply, (uint16_t)++parts);
			tcp_reply_part(w->t, w->ids[0], 20000);
		}
		turn(w);
	}
	tcp_reply_commit(w->t, w->ids[0], 0);
	p->window = SIZE_MAX;
	turns(w, 3);
	assert_int_equal(peer_messages(p, &id), 40);
	assert_int_equal(id, 40);
	world_free(w);
}

static void row_57_descriptors_are_closed_whatever_the_peers_do(void **state)
{
	struct tcp *t = calloc(1, sizeof *t);
	struct tcp_limits limits = { .connections = 64, .per_prefix = 64 };
	struct listener l;
	struct listener_problem why;
	struct address at;
	struct world w = { .sockets = sockets_system(), .t = t };
	struct sockaddr_storage name;
	int fds[50];

	(void)state;
	assert_null(address_parse(&at, "::1", 0));
	assert_true(listener_open(&l, TRANSPORT_TCP, &at, LISTENER_ALONE, &why));
	assert_true(tcp_init(t, w.sockets, &limits));
	tcp_listen(t, &l);
	int before = dup(0);
	close(before);
	socklen_t size = address_to_sockaddr(&l.local, &name);
	for (unsigned i = 0; i < 50; i++) {
		fds[i] = socket(AF_INET6, SOCK_STREAM, 0);
		assert_int_equal(connect(fds[i], (struct sockaddr *)&name, size), 0);
		turn(&w);
	}
	for (unsigned i = 0; i < 1000 && t->used < 50; i++)
		turn(&w);
	assert_int_equal(t->used, 50);
	w.now += TCP_MESSAGE_MS; /* they neither speak nor read nor close */
	turn(&w);
	assert_int_equal(t->used, 0);
	assert_int_equal(t->counters.timed_out, 50);
	for (unsigned i = 0; i < 50; i++)
		close(fds[i]);
	int after = dup(0);
	close(after);
	assert_int_equal(after, before);
	tcp_free(t);
	listener_close(&l);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_52_after_a_half_close_the_answer_is_delivered),
		cmocka_unit_test(row_52_even_when_the_answer_comes_turns_later),
		cmocka_unit_test(row_52_even_when_the_peer_takes_it_slowly),
		cmocka_unit_test(row_52_all_queries_before_the_end_are_handed_out),
		cmocka_unit_test(a_half_message_at_the_end_is_forgotten),
		cmocka_unit_test(row_55_a_reset_in_the_middle_of_our_write_frees_the_seat),
		cmocka_unit_test(row_55_a_write_that_fails_closes_at_once),
		cmocka_unit_test(a_write_that_is_interrupted_is_done_again),
		cmocka_unit_test(row_55_no_signal_comes_of_a_write_to_a_closed_peer),
		cmocka_unit_test(row_56_a_stream_waits_for_a_slow_reader_and_harms_nobody),
		cmocka_unit_test(row_56_a_stream_goes_on_when_there_is_room_again),
		cmocka_unit_test(row_57_descriptors_are_closed_whatever_the_peers_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
