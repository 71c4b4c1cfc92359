/*
 * test_tcp.c -- the rules of the TCP side, most of them on a fake kernel and a
 * fake clock; rows are those of the table of bad inputs (C2, TCP).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/tcp.h"
#include "fake.h"

/* ------ the main loop of a test ------ */

enum answers { ECHO, LATER, SILENT };

struct world {
	struct fake fake;
	struct tcp *t;
	const struct sockets *sockets;
	uint64_t now;
	enum answers answers;
	size_t reply_size; /* 0 = as long as the query */
	uint64_t ids[64];  /* of the messages that are to be answered later */
	uint16_t names[64];
	size_t id_count;
	struct pollfd fds[LISTENERS_MAX + TCP_CONNECTIONS_MAX];
	size_t polled;
};

static void answer(struct world *w, uint64_t id, uint16_t name, size_t size)
{
	size_t room;
	uint8_t *reply = tcp_reply_room(w->t, id, &room);

	if (reply) {
		assert_true(size <= room);
		memset(reply, 0x5a, size);
		store_u16(reply, name);
	}
	tcp_reply_commit(w->t, id, size);
}

static void handle(struct world *w, const struct tcp_message *m)
{
	uint16_t name = (uint16_t)(m->octets[0] << 8 | m->octets[1]);

	for (size_t i = 2; i < m->size; i++)
		assert_int_equal(m->octets[i], (uint8_t)(i * 7 + name));
	if (w->answers == LATER) {
		w->names[w->id_count] = name;
		w->ids[w->id_count++] = m->id;
	} else {
		answer(w, m->id, name,
		       w->answers == SILENT ? 0 : w->reply_size ? w->reply_size : m->size);
	}
}

/* One turn of the main loop; returns how many descriptors were ready. */
static int turn(struct world *w)
{
	struct tcp_message m;

	w->polled = tcp_poll_fds(w->t, w->fds, LISTENERS_MAX + TCP_CONNECTIONS_MAX, w->now);
	int ready = w->sockets->poll(w->sockets->self, w->fds, w->polled, 0);
	tcp_turn(w->t, w->fds, w->polled, w->now);
	while (tcp_next(w->t, &m))
		handle(w, &m);
	tcp_flush(w->t, w->now);
	return ready;
}

static void turns(struct world *w, size_t n)
{
	while (n--)
		turn(w);
}

/* Lets time pass as the main loop would: no longer than it is allowed to sleep. */
static void pass(struct world *w, uint64_t ms)
{
	uint64_t end = w->now + ms;

	while (w->now < end) {
		int wait = tcp_timeout_ms(w->t, w->now);
		uint64_t step = wait < 0 || w->now + (uint64_t)wait > end ? end - w->now : (uint64_t)wait;
		w->now += step;
		turn(w);
	}
}

static short asked_events(const struct world *w, int fd)
{
	for (size_t i = 0; i < w->polled; i++)
		if (w->fds[i].fd == fd)
			return w->fds[i].events;
	return -1;
}

static int fd_of(const struct world *w, const struct peer *p)
{
	return (int)(p - w->fake.peers) + FAKE_FD;
}

static struct world *world_new(unsigned connections, unsigned per_prefix)
{
	struct world *w = calloc(1, sizeof *w);
	struct listener l = { .fd = FAKE_LISTENER };
	struct tcp_limits limits = { .connections = connections, .per_prefix = per_prefix };

	fake_init(&w->fake);
	w->sockets = &w->fake.sockets;
	w->now = 1000000;
	w->t = calloc(1, sizeof *w->t);
	assert_true(tcp_init(w->t, w->sockets, &limits));
	tcp_listen(w->t, &l);
	return w;
}

static void world_free(struct world *w)
{
	tcp_free(w->t);
	for (size_t i = 0; i < FAKE_PEERS; i++)
		assert_false(w->fake.peers[i].open);
	assert_false(w->fake.spare_held);
	fake_free(&w->fake);
	free(w->t);
	free(w);
}

/* A client that is accepted already; each of another prefix. */
static struct peer *client(struct world *w)
{
	static unsigned n;
	char from[32];

	n++;
	snprintf(from, sizeof from, "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
	struct peer *p = fake_connect(&w->fake, from);
	turn(w);
	assert_true(p->open);
	return p;
}

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
	pass(w, 2999);
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

/* ------ seats ------ */

static void row_50_connects_without_data_never_hold_more_than_the_table(void **state)
{
	struct world *w = world_new(32, 8);
	char from[32];

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		snprintf(from, sizeof from, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		fake_connect(&w->fake, from);
		turn(w);
		assert_true(w->t->used <= 32);
	}
	assert_int_equal(w->t->counters.accepted, 100000);
	assert_int_equal(w->t->counters.evicted, 100000 - 32);
	/* An honest client is in at once. */
	struct peer *honest = fake_connect(&w->fake, "192.0.2.77");
	peer_send_message(honest, 1, 30);
	turns(w, 2);
	assert_int_equal(peer_messages(honest, NULL), 1);
	world_free(w);
}

static void row_50_the_oldest_idle_makes_way(void **state)
{
	struct world *w = world_new(4, 4);
	struct peer *p[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		p[i] = client(w);
		peer_send_message(p[i], 1, 30);
		turn(w);
		w->now += 10;
	}
	peer_send_message(p[0], 2, 30); /* no longer the one that is idle for longest */
	turn(w);
	peer_send(p[1], "\0", 1); /* busy */
	turn(w);
	client(w);
	assert_true(p[0]->open && p[1]->open && p[3]->open);
	assert_false(p[2]->open);
	world_free(w);
}

static void row_50_when_none_is_idle_the_one_stuck_for_longest_makes_way(void **state)
{
	struct world *w = world_new(4, 4);
	struct peer *p[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		p[i] = client(w);
		peer_send(p[i], "\0", 1);
		turn(w);
		w->now += 10;
	}
	/* The first finishes a message and begins another: it is alive. */
	peer_send(p[0], "\x14" "abcdefghijklmnopqrst" "\0", 22);
	w->answers = SILENT;
	p[0]->input[2] = p[0]->input[3] = 0;
	for (unsigned i = 2; i < 20; i++)
		p[0]->input[2 + i] = (uint8_t)(i * 7);
	turn(w);
	client(w);
	assert_true(p[0]->open && p[2]->open && p[3]->open);
	assert_false(p[1]->open);
	world_free(w);
}

static void what_a_client_says_in_the_same_turn_saves_its_seat(void **state)
{
	struct world *w = world_new(2, 2);
	struct peer *old = client(w);

	(void)state;
	w->now += 10;
	struct peer *young = client(w);
	peer_send(old, "\0", 1);
	client(w); /* accepted in the turn in which the octet is read */
	assert_true(old->open);
	assert_false(young->open);
	world_free(w);
}

static void the_ninth_of_a_prefix_is_refused_while_the_others_are_busy(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p[9];

	(void)state;
	for (unsigned i = 0; i < 9; i++) {
		p[i] = fake_connect(&w->fake, i & 1 ? "[2001:db8::1]:700" : "[2001:db8::ffff:1]:5");
		turn(w);
		peer_send(p[i], "\0", 1);
		turn(w);
	}
	for (unsigned i = 0; i < 8; i++)
		assert_true(p[i]->open);
	assert_false(p[8]->open);
	assert_int_equal(w->t->counters.refused_prefix, 1);
	assert_int_equal(w->t->counters.accepted, 8);
	/* The next /64 is another client. */
	struct peer *other = fake_connect(&w->fake, "2001:db8:0:1::1");
	turn(w);
	assert_true(other->open);
	world_free(w);
}

static void the_ninth_of_a_prefix_takes_the_seat_of_its_own_oldest_idle(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *other = fake_connect(&w->fake, "192.0.2.2"), *p[9];

	(void)state;
	turn(w);
	for (unsigned i = 0; i < 9; i++) {
		w->now += 1;
		p[i] = fake_connect(&w->fake, "192.0.2.1");
		turn(w);
		if (!i)
			peer_send(p[0], "\0", 1);
	}
	assert_true(other->open && p[0]->open && p[8]->open);
	assert_false(p[1]->open);
	assert_int_equal(w->t->counters.evicted, 1);
	world_free(w);
}

/* Seats are taken and left in any order; every one that is taken is served. */
static void no_seat_is_overlooked(void **state)
{
	struct world *w = world_new(8, 2);
	static const char *const from[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4" };
	uint32_t random = 7;
	uint16_t name = 0;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		random = random * 1664525 + 1013904223;
		struct peer *p = &w->fake.peers[(random >> 20) % 10];
		if (p->open && random >> 31) {
			p->ended = true;
			turn(w);
			assert_false(p->open);
			continue;
		}
		if (!p->open)
			p = fake_connect(&w->fake, from[(random >> 16) % 4]);
		turn(w);
		assert_true(p->open);
		size_t before = peer_messages(p, NULL);
		peer_send_message(p, ++name, 30);
		turn(w);
		assert_int_equal(peer_messages(p, NULL), before + 1);
	}
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

/* ------ how connections end ------ */

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
	assert_int_equal(asked_events(w, fd_of(w, p)), 0); /* the end is not reported again and again */
	pass(w, 60000);                                    /* nor do we give up on ourselves */
	answer(w, w->ids[0], 1, 30);
	tcp_flush(w->t, w->now);
	assert_int_equal(peer_messages(p, NULL), 1);
	turn(w);
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
	struct peer *query = calloc(1, sizeof *query);
	for (uint16_t i = 0; i < 100; i++)
		peer_send_message(query, i, 30);
	assert_int_equal(send(fd, query->input, query->sent, 0), (ssize_t)query->sent);
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
	free(query);
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

/* ------ accept fails ------ */

static void without_descriptors_the_listener_rests_for_100_ms(void **state)
{
	static const int errors[] = { EMFILE, ENFILE, ENOBUFS, ENOMEM };

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct world *w = world_new(32, 8);
		struct peer *old = client(w);

		w->fake.accept_errno = errors[i];
		w->fake.accept_errors = -1;
		turn(w);
		unsigned accepts = w->fake.accepts;
		turns(w, 50);
		pass(w, 98);
		turn(w);
		assert_int_equal(w->fake.accepts, accepts);
		assert_int_equal(asked_events(w, FAKE_LISTENER), -1);
		assert_int_equal(w->t->counters.no_descriptor, 1);
		peer_send_message(old, 1, 30); /* who is in is served */
		turn(w);
		assert_int_equal(peer_messages(old, NULL), 1);
		w->fake.accept_errno = 0;
		struct peer *p = fake_connect(&w->fake, "192.0.2.9");
		assert_int_equal(tcp_timeout_ms(w->t, w->now), 2);
		pass(w, 2);
		assert_true(p->open);
		world_free(w);
	}
}

static void without_descriptors_clients_are_turned_away_by_the_spare_one(void **state)
{
	struct world *w = world_new(32, 8);

	(void)state;
	w->fake.accept_errno = EMFILE;
	w->fake.accept_errors = -1;
	for (unsigned i = 0; i < 5; i++)
		fake_connect(&w->fake, "192.0.2.1");
	turn(w);
	assert_int_equal(w->fake.waiting_count, 0);
	assert_int_equal(w->t->used, 0);
	assert_true(w->fake.spare_held);
	world_free(w);
}

static void a_spare_descriptor_that_was_lost_is_taken_again(void **state)
{
	struct world *w = world_new(32, 8);

	(void)state;
	tcp_free(w->t);
	*w->t = (struct tcp){ 0 };
	struct tcp_limits limits = { .connections = 32, .per_prefix = 8 };
	struct listener l = { .fd = FAKE_LISTENER };
	assert_true(tcp_init(w->t, w->sockets, &limits));
	w->fake.no_spare = true;
	tcp_listen(w->t, &l);
	assert_false(w->fake.spare_held);
	w->fake.no_spare = false;
	client(w);
	assert_true(w->fake.spare_held);
	world_free(w);
}

static void errors_of_one_connection_do_not_stop_accepting(void **state)
{
	static const int errors[] = { ECONNABORTED, EINTR, EPROTO, EPERM, ENETDOWN, EHOSTUNREACH };

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct world *w = world_new(32, 8);

		w->fake.accept_errno = errors[i];
		w->fake.accept_errors = 3;
		struct peer *p = fake_connect(&w->fake, "192.0.2.1");
		turn(w);
		assert_true(p->open);
		assert_int_equal(w->t->counters.accept_failed, 3);
		assert_int_equal(tcp_timeout_ms(w->t, w->now), TCP_MESSAGE_MS);
		world_free(w);
	}
}

static void an_error_that_stays_does_not_spin(void **state)
{
	struct world *w = world_new(32, 8);

	(void)state;
	w->fake.accept_errno = EINVAL;
	w->fake.accept_errors = -1;
	turns(w, 100);
	assert_int_equal(w->fake.accepts, 16);
	assert_int_equal(tcp_timeout_ms(w->t, w->now), TCP_PAUSE_MS);
	world_free(w);
}

static void a_flood_of_connects_takes_sixteen_a_turn(void **state)
{
	struct world *w = world_new(64, 64);

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		fake_connect(&w->fake, "192.0.2.1");
	turn(w);
	assert_int_equal(w->t->used, 16);
	turns(w, 2);
	assert_int_equal(w->t->used, 40);
	world_free(w);
}

/* ------ memory ------ */

static size_t resident_pages(const struct tcp *t, unsigned seats)
{
	size_t page = t->page_size, pages = seats * (17 + 33), n = 0;
	unsigned char in_core[32 * 50];

	if (page != 4096)
		skip();
	assert_int_equal(mincore(t->buffers, pages * page, in_core), 0);
	for (size_t i = 0; i < pages; i++)
		n += in_core[i] & 1;
	return n;
}

static void only_pages_with_traffic_are_resident_and_they_are_given_back(void **state)
{
	struct world *w = world_new(32, 8);
	struct peer *p = client(w);

	(void)state;
	assert_int_equal(resident_pages(w->t, 32), 0);
	peer_send_message(p, 1, 40);
	turn(w);
	assert_int_equal(resident_pages(w->t, 32), 2);
	peer_send_message(p, 2, 65535);
	turns(w, 2);
	assert_int_equal(peer_messages(p, NULL), 2);
	assert_in_range(resident_pages(w->t, 32), 33, 35);
	p->ended = true;
	turn(w);
	assert_false(p->open);
	assert_int_equal(resident_pages(w->t, 32), 2);
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
		cmocka_unit_test(row_49_a_message_has_three_seconds_from_its_first_octet),
		cmocka_unit_test(row_49_the_second_message_has_no_more_time_than_the_first),
		cmocka_unit_test(the_first_message_has_three_seconds_from_accept),
		cmocka_unit_test(an_octet_does_not_prolong_the_time_of_the_first_message),
		cmocka_unit_test(an_idle_connection_has_ten_seconds_after_its_last_answer),
		cmocka_unit_test(an_idle_connection_has_two_seconds_when_seats_run_short),
		cmocka_unit_test(a_busy_connection_lives_as_long_as_seats_are_free),
		cmocka_unit_test(an_old_connection_retires_between_messages_when_all_seats_are_taken),
		cmocka_unit_test(row_50_connects_without_data_never_hold_more_than_the_table),
		cmocka_unit_test(row_50_the_oldest_idle_makes_way),
		cmocka_unit_test(row_50_when_none_is_idle_the_one_stuck_for_longest_makes_way),
		cmocka_unit_test(what_a_client_says_in_the_same_turn_saves_its_seat),
		cmocka_unit_test(the_ninth_of_a_prefix_is_refused_while_the_others_are_busy),
		cmocka_unit_test(the_ninth_of_a_prefix_takes_the_seat_of_its_own_oldest_idle),
		cmocka_unit_test(no_seat_is_overlooked),
		cmocka_unit_test(row_51_a_peer_that_never_reads_costs_64_kib_and_ten_seconds),
		cmocka_unit_test(row_51_more_queries_do_not_prolong_the_ten_seconds),
		cmocka_unit_test(row_51_reading_goes_on_when_the_peer_reads_again),
		cmocka_unit_test(messages_left_over_by_full_output_need_no_event),
		cmocka_unit_test(a_partial_write_waits_for_pollout_and_goes_on_where_it_stopped),
		cmocka_unit_test(row_52_after_a_half_close_the_answer_is_delivered),
		cmocka_unit_test(row_52_even_when_the_answer_comes_turns_later),
		cmocka_unit_test(a_half_message_at_the_end_is_forgotten),
		cmocka_unit_test(row_55_a_reset_in_the_middle_of_our_write_frees_the_seat),
		cmocka_unit_test(row_55_no_signal_comes_of_a_write_to_a_closed_peer),
		cmocka_unit_test(row_56_a_stream_waits_for_a_slow_reader_and_harms_nobody),
		cmocka_unit_test(row_56_a_stream_goes_on_when_there_is_room_again),
		cmocka_unit_test(row_57_descriptors_are_closed_whatever_the_peers_do),
		cmocka_unit_test(answers_may_come_later_and_in_any_order),
		cmocka_unit_test(an_answer_for_a_connection_that_is_gone_goes_nowhere),
		cmocka_unit_test(no_more_than_sixteen_queries_wait_for_answers),
		cmocka_unit_test(a_late_answer_has_the_whole_time_to_be_read),
		cmocka_unit_test(without_descriptors_the_listener_rests_for_100_ms),
		cmocka_unit_test(without_descriptors_clients_are_turned_away_by_the_spare_one),
		cmocka_unit_test(a_spare_descriptor_that_was_lost_is_taken_again),
		cmocka_unit_test(errors_of_one_connection_do_not_stop_accepting),
		cmocka_unit_test(an_error_that_stays_does_not_spin),
		cmocka_unit_test(a_flood_of_connects_takes_sixteen_a_turn),
		cmocka_unit_test(only_pages_with_traffic_are_resident_and_they_are_given_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
