/*
 * test_stream.c -- TCP connections to upstream servers: framing, sharing, limits
 * of time and number, and every way in which one can end (RFC 7766).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/stream.h"
#include "fake.h"

enum { HEARD = 512 };

/* What streams_next() told; messages are checked against their pattern on the way. */
struct heard {
	uint8_t server;
	bool ended, again;
	uint16_t id;
	size_t size;
};

struct world {
	struct fake fake;
	struct streams s;
	uint64_t now;
	int dial_errno; /* of the next dials; 0: they succeed */
	unsigned dials;
	struct peer *last; /* that was dialled */
	struct address dialled;
	bool slow; /* connections stay under way until connect_all() */
	struct heard heard[HEARD];
	size_t heard_count;
};

static int dial(void *self, enum transport t, const struct address *peer, uint16_t port)
{
	struct world *w = (void *)((char *)self - offsetof(struct world, fake));

	assert_int_equal(t, TRANSPORT_TCP);
	assert_int_equal(port, 0); /* any: the kernel draws it */
	if (w->dial_errno) {
		errno = w->dial_errno;
		return -1;
	}
	for (int i = 0; i < FAKE_PEERS; i++) {
		struct peer *p = &w->fake.peers[i];

		if (p->input)
			continue;
		*p = (struct peer){ .from = *peer, .open = true, .window = w->slow ? 0 : SIZE_MAX };
		p->input = malloc(FAKE_BUFFER);
		p->output = malloc(FAKE_BUFFER);
		w->dials++;
		w->last = p;
		w->dialled = *peer;
		return i + FAKE_FD;
	}
	fail();
	return -1;
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	fake_init(&w->fake);
	w->fake.sockets.dial = dial;
	streams_init(&w->s, &w->fake.sockets);
	w->now = 1000000;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	streams_free(&w->s);
	for (int i = 0; i < FAKE_PEERS; i++)
		assert_false(w->fake.peers[i].open);
	fake_free(&w->fake);
	free(w);
	return 0;
}

/* ------ what tests do ------ */

static void put_pattern(uint8_t *octets, uint16_t id, size_t size)
{
	for (size_t i = 0; i < size; i++)
		octets[i] = (uint8_t)(i * 7 + id);
	store_u16(octets, id);
}

static bool send_sized(struct world *w, uint8_t server, uint16_t id, size_t size)
{
	static uint8_t octets[65535];
	struct address at;

	assert_null(address_parse(&at, "192.0.2.1", 53));
	at.octets[3] = server;
	put_pattern(octets, id, size);
	return streams_send(&w->s, server, &at, octets, size, w->now);
}

/* Asks a server; the peer that was dialled last. */
static struct peer *ask(struct world *w, uint8_t server, uint16_t id)
{
	assert_true(send_sized(w, server, id, 30));
	return w->last;
}

/* Asks a server; true when that opened a connection. */
static bool ask_dials(struct world *w, uint8_t server, uint16_t id)
{
	unsigned dials = w->dials;

	ask(w, server, id);
	return w->dials > dials;
}

static void hear(struct world *w)
{
	struct stream_event e;

	while (streams_next(&w->s, &e, w->now)) {
		static uint8_t expect[65535];
		struct heard *h = &w->heard[w->heard_count++];

		assert_true(w->heard_count < HEARD);
		*h = (struct heard){ .server = e.server, .ended = e.ended, .again = e.again };
		if (e.ended)
			continue;
		h->size = e.message.size;
		h->id = (uint16_t)(e.message.octets[0] << 8 | e.message.octets[1]);
		put_pattern(expect, h->id, h->size);
		assert_memory_equal(e.message.octets, expect, h->size);
	}
}

/* One turn of the main loop; how many things were told in it. */
static size_t turn(struct world *w)
{
	struct pollfd fds[STREAMS];
	size_t before = w->heard_count;
	size_t n = streams_poll_fds(&w->s, fds, STREAMS);

	w->fake.sockets.poll(&w->fake, fds, n, 0);
	streams_turn(&w->s, fds, n, w->now);
	hear(w);
	streams_flush(&w->s, w->now);
	return w->heard_count - before;
}

static size_t turns(struct world *w, unsigned n)
{
	size_t told = 0;

	while (n-- > 0)
		told += turn(w);
	return told;
}

static void expect_message(struct world *w, size_t i, uint8_t server, uint16_t id, size_t size)
{
	assert_true(i < w->heard_count);
	assert_false(w->heard[i].ended);
	assert_int_equal(w->heard[i].server, server);
	assert_int_equal(w->heard[i].id, id);
	assert_int_equal(w->heard[i].size, size);
}

/* The last thing that was told is the end of this server's connection. */
static void expect_end(struct world *w, uint8_t server, bool again)
{
	assert_true(w->heard_count > 0);
	const struct heard *h = &w->heard[w->heard_count - 1];
	assert_true(h->ended);
	assert_int_equal(h->server, server);
	assert_int_equal(h->again, again);
}

/* A connection that has brought one answer. */
static struct peer *proven(struct world *w, uint8_t server)
{
	assert_true(ask_dials(w, server, 1));
	peer_send_message(w->last, 1, 40);
	assert_int_equal(turns(w, 2), 1);
	w->heard_count = 0;
	return w->last;
}

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
