/*
 * test_tcp.c -- the TCP side: who gets a seat, what accept does when it fails,
 * memory.  Rows are those of the table of bad inputs (C2, TCP).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>
#include <unistd.h>

#include "world.h"

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
	peer_send(p[0],
		  "\x14"
		  "abcdefghijklmnopqrst"
		  "\0",
		  22);
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

static void link_local_hosts_are_clients_of_their_own(void **state)
{
	static const char *const from[] = { "fe80::1%1", "fe80::2%1", "fe80::1%2", "fe80::1%1" };
	struct world *w = world_new(32, 1);
	struct peer *p[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		p[i] = fake_connect(&w->fake, from[i]);
		turn(w);
		peer_send(p[i], "\0", 1);
		turn(w);
	}
	assert_true(p[0]->open && p[1]->open && p[2]->open);
	assert_false(p[3]->open);
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

static void a_seat_behind_a_gap_is_served(void **state)
{
	struct world *w = world_new(8, 1);
	static const char *const from[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.3" };
	struct peer *p[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		if (i == 3)
			p[1]->ended =
				true; /* leaves a gap before the last takes the third's seat */
		turn(w);
		p[i] = fake_connect(&w->fake, from[i]);
		turn(w);
	}
	assert_true(p[0]->open && !p[2]->open && p[3]->open);
	assert_int_equal(w->t->used, 2);
	peer_send_message(p[3], 1, 30);
	turn(w);
	assert_int_equal(peer_messages(p[3], NULL), 1);
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
	w->fake.limited = true;
	w->fake.room = 0;
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
	w->fake.limited = true;
	w->fake.room = -1; /* another takes what we give up */
	fake_connect(&w->fake, "192.0.2.1");
	turn(w);
	assert_false(w->fake.spare_held);
	w->fake.limited = false;
	w->now += TCP_PAUSE_MS;
	turn(w);
	assert_true(w->fake.spare_held);
	assert_int_equal(w->t->used, 1);
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
		cmocka_unit_test(row_50_connects_without_data_never_hold_more_than_the_table),
		cmocka_unit_test(row_50_the_oldest_idle_makes_way),
		cmocka_unit_test(row_50_when_none_is_idle_the_one_stuck_for_longest_makes_way),
		cmocka_unit_test(what_a_client_says_in_the_same_turn_saves_its_seat),
		cmocka_unit_test(the_ninth_of_a_prefix_is_refused_while_the_others_are_busy),
		cmocka_unit_test(link_local_hosts_are_clients_of_their_own),
		cmocka_unit_test(the_ninth_of_a_prefix_takes_the_seat_of_its_own_oldest_idle),
		cmocka_unit_test(a_seat_behind_a_gap_is_served),
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
