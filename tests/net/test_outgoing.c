/*
 * test_outgoing.c -- sockets to upstream servers: their ports, how long each is
 * kept, and what they tell (RFC 5452 §9.2).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/outgoing.h"

enum { FDS = 1 << 20, FIRST_FD = 100 };

/* A kernel that gives descriptors in order and remembers the port of each. */
struct kernel {
	struct sockets sockets;
	uint16_t ports[FDS]; /* by descriptor - FIRST_FD */
	bool taken[65536];
	unsigned dials, closes, writes;
	unsigned dial_errors; /* so many dials fail first, with ... */
	int dial_errno;
	int write_errno; /* 0 = writes succeed */
	unsigned write_errors;
	const uint8_t *message; /* what read() gives */
	size_t message_size;
	int read_errno;
};

static int dial(void *self, enum transport t, const struct address *peer, uint16_t port)
{
	struct kernel *k = self;

	assert_int_equal(t, TRANSPORT_UDP);
	assert_non_null(peer);
	if (k->dial_errors > 0 || k->taken[port]) {
		errno = k->dial_errors > 0 ? k->dial_errno : EADDRINUSE;
		k->dial_errors -= k->dial_errors > 0;
		return -1;
	}
	assert_true(k->dials < FDS);
	k->taken[port] = true;
	k->ports[k->dials] = port;
	return (int)k->dials++ + FIRST_FD;
}

static ssize_t give(void *self, int fd, void *octets, size_t n)
{
	struct kernel *k = self;

	(void)fd;
	if (!k->message) {
		errno = k->read_errno ? k->read_errno : EAGAIN;
		return -1;
	}
	assert_true(k->message_size <= n);
	memcpy(octets, k->message, k->message_size);
	return (ssize_t)k->message_size;
}

static ssize_t take(void *self, int fd, const void *octets, size_t n)
{
	struct kernel *k = self;

	(void)fd, (void)octets;
	k->writes++;
	if (k->write_errors > 0) {
		k->write_errors--;
		errno = k->write_errno;
		return -1;
	}
	return (ssize_t)n;
}

static int close_it(void *self, int fd)
{
	struct kernel *k = self;

	k->taken[k->ports[fd - FIRST_FD]] = false;
	k->closes++;
	return 0;
}

struct world {
	struct kernel k;
	struct csprng random;
	struct outgoing o;
	struct address peer;
	uint64_t now;
};

static bool same_numbers_in_each_run(void *self, uint8_t *out, size_t n)
{
	(void)self;
	memset(out, 35, n);
	return true;
}

static const struct random fixed = { .fill = same_numbers_in_each_run,
				     .fill_secret = same_numbers_in_each_run };

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	w->k.sockets = (struct sockets){
		.self = &w->k, .dial = dial, .read = give, .write = take, .close = close_it
	};
	csprng_init(&w->random, &fixed);
	assert_true(csprng_ready(&w->random, 0));
	outgoing_init(&w->o, &w->k.sockets, &w->random);
	w->now = 1000000;
	*state = w;
	return address_parse(&w->peer, "192.0.2.53", 53) != NULL;
}

static int teardown(void **state)
{
	struct world *w = *state;

	outgoing_free(&w->o);
	assert_int_equal(w->k.dials, w->k.closes); /* nothing is left open */
	free(w);
	return 0;
}

static int ask_with_id(struct world *w, uint16_t id)
{
	const uint8_t query[12] = { (uint8_t)(id >> 8), (uint8_t)id };

	return outgoing_send(&w->o, 0, &w->peer, query, sizeof query, w->now);
}

static int ask(struct world *w)
{
	return ask_with_id(w, 0x1234);
}

static uint16_t port_of(const struct world *w, int slot)
{
	return w->k.ports[w->o.slots[slot].fd - FIRST_FD];
}

/* One question whose answer comes at once; the port that it used. */
static uint16_t one_question(struct world *w)
{
	int slot = ask(w);

	assert_true(slot >= 0);
	uint16_t port = port_of(w, slot);
	outgoing_release(&w->o, (uint16_t)slot, true, w->now);
	return port;
}

/* ------ ports ------ */

static void a_quiet_server_opens_a_new_port_for_each_question(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < 1000; i++, w->now += 10)
		one_question(w);
	assert_int_equal(w->k.dials, 1000);
	assert_int_equal(w->k.closes, 1000);
}

/* RFC 5452 §9.2: "a random source port from the whole range". */
static void ports_are_of_the_whole_range_and_none_is_used_more_than_others(void **state)
{
	static unsigned seen[65536];
	struct world *w = *state;
	unsigned most = 0, different = 0;

	for (unsigned i = 0; i < 1000000; i++, w->now += 1 + (i % 20 == 0))
		seen[one_question(w)]++;
	for (unsigned i = 0; i < 65536; i++) {
		different += seen[i] > 0;
		most = seen[i] > most ? seen[i] : most;
	}
	for (unsigned i = 0; i < OUTGOING_FIRST_PORT; i++)
		assert_int_equal(seen[i], 0);
	assert_true(seen[OUTGOING_FIRST_PORT] > 0 && seen[65535] > 0);
	assert_true(different >= 60000);
	assert_true(most < 100); /* 15.5 is the mean; each new port brings up to four */
}

static void a_port_rests_for_64_questions(void **state)
{
	struct world *w = *state;
	uint16_t last[OUTGOING_REST] = { 0 };

	for (unsigned i = 0; i < 100000; i++, w->now += i % 3 == 0) {
		uint16_t port = one_question(w);

		for (unsigned k = 0; k < OUTGOING_REST; k++)
			assert_int_not_equal(port, last[k]);
		last[i % OUTGOING_REST] = port;
	}
	assert_true(w->k.dials < 50000); /* and they are kept: it is not that each is new */
}

/* Many questions are on their way, and their answers come in any order. */
static void nor_do_answers_in_another_order_shorten_its_rest(void **state)
{
	struct world *w = *state;
	uint16_t last[OUTGOING_REST] = { 0 };

	for (unsigned i = 0; i < 100000; i++, w->now += i % 3 == 0) {
		int slot = ask(w);
		uint16_t port = port_of(w, slot);

		for (unsigned k = 0; k < OUTGOING_REST; k++)
			assert_int_not_equal(port, last[k]);
		last[i % OUTGOING_REST] = port;
		while (w->o.waiting_count > (i % 70 == 0 ? 0u : 60u)) {
			unsigned n = csprng_below(&w->random, w->o.waiting_count);
			outgoing_release(&w->o, w->o.slot_at[n], true, w->now);
		}
	}
	assert_true(w->k.dials < 60000);
}

static void a_socket_serves_four_questions_at_most(void **state)
{
	static unsigned uses[FDS];
	struct world *w = *state;

	for (unsigned i = 0; i < 100000; i++, w->now += i % 4 == 0) {
		int slot = ask(w);

		assert_true(++uses[w->o.slots[slot].fd - FIRST_FD] <= OUTGOING_USES);
		outgoing_release(&w->o, (uint16_t)slot, true, w->now);
	}
}

static void a_socket_lives_for_a_second_at_most(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < 300; i++)
		one_question(w);
	assert_true(w->o.idle > OUTGOING_REST);
	assert_true(outgoing_timeout_ms(&w->o, w->now) >= 0);
	unsigned dials = w->k.dials;
	w->now += OUTGOING_LIFE_MS;
	one_question(w);
	assert_int_equal(w->k.dials, dials + 1);
	for (unsigned i = 0; i < 100; i++)
		outgoing_tick(&w->o, w->now);
	assert_int_equal(w->o.idle, 1); /* the new one */
	w->now += OUTGOING_LIFE_MS;
	outgoing_tick(&w->o, w->now);
	assert_int_equal(w->o.idle, 0);
	assert_int_equal(outgoing_timeout_ms(&w->o, w->now), -1);
}

static void a_socket_whose_question_did_not_end_well_is_closed(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < 1000; i++)
		outgoing_release(&w->o, (uint16_t)ask(w), false, w->now);
	assert_int_equal(w->k.dials, 1000);
	assert_int_equal(w->o.idle, 0);
}

static void questions_at_the_same_time_never_share_a_port(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < OUTGOING_OPEN; i++) {
		assert_true(ask(w) >= 0);
		assert_int_equal(w->k.dials, i + 1);
	}
	assert_int_equal(ask(w), OUTGOING_NO_SOCKET);
	while (w->o.waiting_count > 0)
		outgoing_release(&w->o, w->o.slot_at[0], false, w->now);
	assert_true(ask(w) >= 0);
}

static void servers_do_not_share_sockets(void **state)
{
	struct world *w = *state;
	const uint8_t query[12] = { 1 };

	for (unsigned i = 0; i < 400; i++)
		one_question(w);
	unsigned dials = w->k.dials;
	int slot = outgoing_send(&w->o, 1, &w->peer, query, sizeof query, w->now);
	assert_int_equal(w->k.dials, dials + 1);
	outgoing_release(&w->o, (uint16_t)slot, true, w->now);
	outgoing_forget(&w->o, 0);
	assert_int_equal(w->o.idle, 1); /* that of the other server */
}

static void a_port_that_is_taken_is_not_the_end(void **state)
{
	struct world *w = *state;

	w->k.dial_errno = EADDRINUSE;
	w->k.dial_errors = OUTGOING_TRIES - 1;
	assert_true(ask(w) >= 0);
	w->k.dial_errors = OUTGOING_TRIES;
	assert_int_equal(ask(w), OUTGOING_NO_SOCKET);
	assert_int_equal(w->o.failed, 1);
}

/* ------ how many ------ */

static void no_more_ports_are_opened_than_the_router_can_remember(void **state)
{
	struct world *w = *state;
	unsigned sent = 0;

	outgoing_limit(&w->o, 100, 20, w->now);
	for (unsigned i = 0; i < 10000; i++, w->now++) { /* ten seconds, 1000 a second */
		int slot = ask(w);

		if (slot < 0)
			continue;
		sent++;
		outgoing_release(&w->o, (uint16_t)slot, false, w->now);
	}
	assert_in_range(sent, 100 + 10 * 20 - 2, 100 + 10 * 20);
	w->now += 3600000;
	for (unsigned i = 0; i < 100; i++)
		outgoing_release(&w->o, (uint16_t)ask(w), false, w->now);
	assert_int_equal(ask(w), OUTGOING_NO_SOCKET); /* an hour of rest is not saved up */
	outgoing_limit(&w->o, 0, 0, w->now);
	assert_true(ask(w) >= 0);
}

/* ------ what sockets tell ------ */

static bool comes(struct world *w, const uint8_t *message, size_t n, struct outgoing_event *e)
{
	struct pollfd fds[OUTGOING_OPEN];
	size_t count = outgoing_poll_fds(&w->o, fds, OUTGOING_OPEN);

	w->k.message = message;
	w->k.message_size = n;
	for (size_t i = 0; i < count; i++)
		fds[i].revents = POLLIN;
	return outgoing_receive(&w->o, fds, count, e);
}

static void a_message_is_told_with_its_slot(void **state)
{
	struct world *w = *state;
	static const uint8_t reply[12] = { 0x12, 0x34, 0x80 };
	struct outgoing_event e;
	int slot = ask(w);

	assert_true(comes(w, reply, sizeof reply, &e));
	assert_int_equal(e.slot, slot);
	assert_false(e.unreachable);
	assert_memory_equal(e.message.octets, reply, sizeof reply);
	assert_false(comes(w, NULL, 0, &e));
}

static void an_icmp_message_is_told_as_unreachable(void **state)
{
	static const int told[] = { ECONNREFUSED, EHOSTUNREACH, ENETUNREACH };
	struct world *w = *state;
	struct outgoing_event e;

	ask(w);
	for (size_t i = 0; i < 3; i++) {
		w->k.read_errno = told[i];
		assert_true(comes(w, NULL, 0, &e));
		assert_true(e.unreachable);
	}
	w->k.read_errno = EIO;
	assert_false(comes(w, NULL, 0, &e));
}

/* Networks double packets: the copy of an answer comes to whom the port belongs now. */
static void the_copy_of_an_earlier_answer_is_not_for_the_next_question(void **state)
{
	struct world *w = *state;
	struct outgoing_event e;
	unsigned reused = 0;

	for (uint16_t i = 0; i < 2000; i++) {
		int slot = ask_with_id(w, i);
		const struct outgoing_socket *s = &w->o.slots[slot];

		for (unsigned k = 0; k < s->uses; k++) {
			const uint8_t reply[12] = { (uint8_t)(s->ids[k] >> 8), (uint8_t)s->ids[k] };
			bool is_last = k + 1 == s->uses;

			assert_int_equal(comes(w, reply, sizeof reply, &e), is_last);
			reused += !is_last;
		}
		outgoing_release(&w->o, (uint16_t)slot, true, w->now);
	}
	assert_true(reused > 1000);
}

static void what_is_released_in_a_turn_is_told_no_more(void **state)
{
	struct world *w = *state;
	static const uint8_t reply[12] = { 0x12, 0x34, 0x80 };
	struct pollfd fds[OUTGOING_OPEN];
	struct outgoing_event e;

	for (unsigned i = 0; i < 3; i++)
		ask(w);
	size_t n = outgoing_poll_fds(&w->o, fds, OUTGOING_OPEN);
	w->k.message = reply;
	w->k.message_size = sizeof reply;
	for (size_t i = 0; i < n; i++)
		fds[i].revents = POLLIN;
	assert_true(outgoing_receive(&w->o, fds, n, &e));
	outgoing_release(&w->o, e.slot, false, w->now);
	int released = e.slot;
	while (w->o.waiting_count > 0 && outgoing_receive(&w->o, fds, n, &e)) {
		assert_int_not_equal(e.slot, released);
		outgoing_release(&w->o, e.slot, false, w->now);
	}
	assert_int_equal(w->o.waiting_count, 0); /* all three, although their places moved */
}

static void a_packet_that_cannot_leave_is_told_at_once(void **state)
{
	struct world *w = *state;

	w->k.write_errno = ENETUNREACH;
	w->k.write_errors = 1;
	assert_int_equal(ask(w), OUTGOING_UNREACHABLE);
	w->k.dial_errno = ENETUNREACH;
	w->k.dial_errors = 1;
	assert_int_equal(ask(w), OUTGOING_UNREACHABLE);
	/* What an earlier packet left behind says nothing of this one. */
	w->k.write_errno = ECONNREFUSED;
	w->k.write_errors = 1;
	assert_true(ask(w) >= 0);
	/* A full queue is loss like any other. */
	w->k.write_errno = ENOBUFS;
	w->k.write_errors = 1;
	assert_true(ask(w) >= 0);
}

/* ------ the kernel itself ------ */

struct real {
	struct csprng random;
	struct outgoing o;
};

static int receiver(struct address *at)
{
	struct sockaddr_storage s;
	socklen_t size = sizeof s;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_null(address_parse(at, "127.0.0.1@0", 0));
	size = address_to_sockaddr(at, &s);
	assert_return_code(bind(fd, (struct sockaddr *)&s, size), errno);
	assert_return_code(getsockname(fd, (struct sockaddr *)&s, &size), errno);
	assert_true(address_from_sockaddr(at, (struct sockaddr *)&s));
	return fd;
}

static void a_packet_leaves_by_the_port_that_was_drawn(void **state)
{
	static const uint8_t query[12] = { 7 };
	struct real *r = calloc(1, sizeof *r);
	struct address at, from;
	struct sockaddr_storage s;
	socklen_t size = sizeof s;
	uint8_t room[64];
	int fd = receiver(&at);

	(void)state;
	csprng_init(&r->random, &fixed);
	assert_true(csprng_ready(&r->random, 0));
	outgoing_init(&r->o, sockets_system(), &r->random);
	for (unsigned i = 0; i < 8; i++) {
		int slot = outgoing_send(&r->o, 0, &at, query, sizeof query, 1);

		assert_true(slot >= 0);
		assert_int_equal(recvfrom(fd, room, sizeof room, 0, (struct sockaddr *)&s, &size),
				 sizeof query);
		assert_true(address_from_sockaddr(&from, (struct sockaddr *)&s));
		assert_int_equal(from.port, r->o.recent[(r->o.recent_at - 1) % OUTGOING_REST]);
		outgoing_release(&r->o, (uint16_t)slot, false, 1);
	}
	outgoing_free(&r->o);
	close(fd);
	free(r);
}

static void a_port_that_nobody_listens_at_is_unreachable(void **state)
{
	static const uint8_t query[12] = { 7 };
	struct real *r = calloc(1, sizeof *r);
	struct pollfd fds[OUTGOING_OPEN];
	struct outgoing_event e;
	struct address at;

	(void)state;
	close(receiver(&at));
	csprng_init(&r->random, &fixed);
	assert_true(csprng_ready(&r->random, 0));
	outgoing_init(&r->o, sockets_system(), &r->random);
	int slot = outgoing_send(&r->o, 0, &at, query, sizeof query, 1);
	assert_true(slot >= 0);
	size_t n = outgoing_poll_fds(&r->o, fds, OUTGOING_OPEN);
	assert_int_equal(poll(fds, n, 1000), 1);
	assert_true(outgoing_receive(&r->o, fds, n, &e));
	assert_true(e.unreachable);
	assert_int_equal(e.slot, slot);
	outgoing_free(&r->o);
	free(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_quiet_server_opens_a_new_port_for_each_question),
		TEST(ports_are_of_the_whole_range_and_none_is_used_more_than_others),
		TEST(a_port_rests_for_64_questions),
		TEST(nor_do_answers_in_another_order_shorten_its_rest),
		TEST(a_socket_serves_four_questions_at_most),
		TEST(a_socket_lives_for_a_second_at_most),
		TEST(a_socket_whose_question_did_not_end_well_is_closed),
		TEST(questions_at_the_same_time_never_share_a_port),
		TEST(servers_do_not_share_sockets),
		TEST(a_port_that_is_taken_is_not_the_end),
		TEST(no_more_ports_are_opened_than_the_router_can_remember),
		TEST(a_message_is_told_with_its_slot),
		TEST(an_icmp_message_is_told_as_unreachable),
		TEST(the_copy_of_an_earlier_answer_is_not_for_the_next_question),
		TEST(what_is_released_in_a_turn_is_told_no_more),
		TEST(a_packet_that_cannot_leave_is_told_at_once),
		cmocka_unit_test(a_packet_leaves_by_the_port_that_was_drawn),
		cmocka_unit_test(a_port_that_nobody_listens_at_is_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
