/*
 * test_outgoing_limits.c -- sockets to upstream servers: each limit to the unit, and
 * each place of the tables.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "net/outgoing.h"

enum { FDS = 4096, START_MS = 1000000 };

/* A kernel that gives descriptors in order, from 0 on, and knows which are open. */
static struct {
	bool open[FDS];
	int next, opened;
	int dial_errno; /* 0: dialling succeeds */
	const uint8_t *message;
	size_t size;
} kernel;

static struct csprng numbers;
static struct outgoing o;
static struct address peer;

static int dial(void *self, enum transport t, const struct address *a, uint16_t port)
{
	(void)self, (void)t, (void)a, (void)port;
	if (kernel.dial_errno) {
		errno = kernel.dial_errno;
		return -1;
	}
	assert_true(kernel.next < FDS);
	kernel.open[kernel.next] = true;
	kernel.opened++;
	return kernel.next++;
}

static ssize_t give(void *self, int fd, void *octets, size_t n)
{
	(void)self;
	assert_true(kernel.open[fd] && kernel.size <= n);
	memcpy(octets, kernel.message, kernel.size);
	return (ssize_t)kernel.size;
}

static ssize_t take(void *self, int fd, const void *octets, size_t n)
{
	(void)self, (void)octets;
	assert_true(kernel.open[fd]);
	return (ssize_t)n;
}

static int close_it(void *self, int fd)
{
	(void)self;
	assert_true(kernel.open[fd]);
	kernel.open[fd] = false;
	kernel.opened--;
	return 0;
}

static bool fixed_numbers(void *self, uint8_t *out, size_t n)
{
	(void)self;
	memset(out, 35, n);
	return true;
}

static int setup(void **state)
{
	static const struct random fixed = { .fill = fixed_numbers, .fill_secret = fixed_numbers };
	static const struct sockets sockets = {
		.dial = dial, .read = give, .write = take, .close = close_it
	};

	(void)state;
	memset(&kernel, 0, sizeof kernel);
	memset(&o, 0, sizeof o);
	csprng_init(&numbers, &fixed);
	assert_true(csprng_ready(&numbers, 0));
	outgoing_init(&o, &sockets, &numbers);
	return address_parse(&peer, "192.0.2.53", 53) != NULL;
}

static int teardown(void **state)
{
	(void)state;
	outgoing_free(&o);
	assert_int_equal(kernel.opened, 0);
	return 0;
}

static int ask(uint8_t server, uint16_t id, uint64_t now_ms)
{
	const uint8_t query[12] = { (uint8_t)(id >> 8), (uint8_t)id };

	return outgoing_send(&o, server, &peer, query, sizeof query, now_ms);
}

/* So many questions at once, all answered: their sockets rest, if the server is busy. */
static void ask_many(uint8_t server, unsigned n, uint64_t now_ms)
{
	int slots[OUTGOING_OPEN];

	for (unsigned i = 0; i < n; i++)
		assert_true((slots[i] = ask(server, 1, now_ms)) >= 0);
	for (unsigned i = 0; i < n; i++)
		outgoing_release(&o, (uint16_t)slots[i], true, now_ms);
}

/* ------ when it is busy ------ */

static void two_hundred_questions_a_second_are_busy(void **state)
{
	(void)state;
	ask_many(0, OUTGOING_BUSY - 1, START_MS);
	assert_int_equal(o.idle, 0);
	/* The last one of another second does not count, and the second begins with none. */
	ask_many(0, OUTGOING_BUSY - 1, START_MS + 1000);
	assert_int_equal(o.idle, 0);
	ask_many(0, 1, START_MS + 1000);
	assert_int_equal(o.idle, 1);
	assert_int_equal(outgoing_timeout_ms(&o, START_MS + 1000), 250);
}

static void so_are_those_of_the_second_before(void **state)
{
	(void)state;
	ask_many(0, OUTGOING_BUSY - 1, START_MS + 998);
	assert_int_equal(o.idle, 0);
	ask_many(0, 1, START_MS + 999);
	assert_int_equal(o.idle, 1);
	ask_many(1, 1, START_MS + 1000);
	assert_int_equal(o.idle, 2);
	ask_many(1, 1, START_MS + 1999);
	assert_int_equal(o.idle, 3);
	ask_many(1, 1, START_MS + 2000);
	assert_int_equal(o.idle, 3);
}

/* ------ the end of resting ------ */

static void a_turn_closes_sixteen_old_sockets(void **state)
{
	(void)state;
	assert_int_equal(outgoing_timeout_ms(&o, START_MS), -1);
	ask_many(3, OUTGOING_BUSY, START_MS);
	assert_int_equal(o.idle, OUTGOING_BUSY);
	assert_int_equal(outgoing_timeout_ms(&o, START_MS), 250);
	memset(o.message, 1, sizeof o.message); /* what lies behind the queues is none */
	outgoing_tick(&o, START_MS + OUTGOING_LIFE_MS - 1);
	assert_int_equal(o.idle, OUTGOING_BUSY);
	for (unsigned left = OUTGOING_BUSY; left > 16; left -= 16) {
		assert_int_equal(o.idle, left);
		outgoing_tick(&o, START_MS + OUTGOING_LIFE_MS);
	}
	outgoing_tick(&o, START_MS + OUTGOING_LIFE_MS);
	assert_int_equal(o.idle, 0);
}

/* ------ how many ------ */

static void a_port_more_a_second_is_a_port_more_after_a_second(void **state)
{
	(void)state;
	outgoing_limit(&o, 1, 1, START_MS);
	assert_true(ask(0, 1, START_MS) >= 0);
	assert_int_equal(ask(0, 1, START_MS), OUTGOING_NO_SOCKET);
	assert_int_equal(ask(0, 1, START_MS + 999), OUTGOING_NO_SOCKET);
	assert_true(ask(0, 1, START_MS + 1000) >= 0);
	assert_int_equal(o.opened, 2);
}

static void all_slots_can_be_used(void **state)
{
	(void)state;
	ask_many(1, OUTGOING_IDLE, START_MS);
	assert_int_equal(o.idle, OUTGOING_IDLE);
	for (unsigned i = 0; i < OUTGOING_OPEN; i++)
		assert_true(ask(0, 1, START_MS) >= 0);
	assert_int_equal(ask(0, 1, START_MS), OUTGOING_NO_SOCKET);
	assert_int_equal(kernel.opened, OUTGOING_SLOTS);
	outgoing_free(&o);
	assert_int_equal(kernel.opened, 0);
}

static void the_port_of_each_of_the_last_questions_rests(void **state)
{
	(void)state;
	for (unsigned i = 0; i < OUTGOING_REST; i++) {
		ask_many(0, OUTGOING_BUSY, START_MS);
		assert_true(o.idle > OUTGOING_REST);
		/* Whichever is drawn was just used. */
		for (unsigned k = 0; k < OUTGOING_SLOTS; k++)
			o.slots[k].port = 7;
		memset(o.recent, 0, sizeof o.recent);
		o.recent[i] = 7;
		int before = kernel.next;
		int slot = ask(0, 1, START_MS);
		assert_int_equal(kernel.next, before + 1);
		outgoing_release(&o, (uint16_t)slot, false, START_MS);
		outgoing_forget(&o, 0);
		kernel.next = 0;
	}
}

static void what_is_no_port_keeps_none_from_being_used(void **state)
{
	(void)state;
	ask_many(0, OUTGOING_BUSY, START_MS);
	for (unsigned k = 0; k < OUTGOING_SLOTS; k++)
		o.slots[k].port = 7;
	memset(o.recent, 0, sizeof o.recent);
	o.recent_at = 7;
	int before = kernel.next;
	assert_true(ask(0, 1, START_MS) >= 0);
	assert_int_equal(kernel.next, before);
}

static void errors_of_the_way_are_not_those_of_the_socket(void **state)
{
	static const struct {
		int error, outcome;
	} rows[] = {
		{ ENETUNREACH, OUTGOING_UNREACHABLE },   { EHOSTUNREACH, OUTGOING_UNREACHABLE },
		{ EADDRNOTAVAIL, OUTGOING_UNREACHABLE }, { ENETDOWN, OUTGOING_UNREACHABLE },
		{ EMFILE, OUTGOING_NO_SOCKET },          { EACCES, OUTGOING_NO_SOCKET },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		kernel.dial_errno = rows[i].error;
		assert_int_equal(ask(0, 1, START_MS), rows[i].outcome);
	}
	assert_int_equal(o.failed, sizeof rows / sizeof rows[0]);
	assert_int_equal(o.opened, 0);
}

/* ------ a turn ------ */

static const uint8_t reply[12] = { 0, 1, 0x80 };

/* Three sockets wait, all of them readable, and the first one has been read. */
static size_t read_first(struct pollfd fds[OUTGOING_OPEN], int slots[3])
{
	struct outgoing_event e;

	for (unsigned i = 0; i < 3; i++)
		slots[i] = ask(0, 1, START_MS);
	kernel.message = reply;
	kernel.size = sizeof reply;
	size_t n = outgoing_poll_fds(&o, fds, OUTGOING_OPEN);
	assert_int_equal(n, 3);
	for (size_t i = 0; i < n; i++)
		fds[i].revents = POLLIN;
	assert_true(outgoing_receive(&o, fds, n, &e));
	assert_int_equal(e.slot, slots[0]);
	return n;
}

static void what_moved_into_a_gap_is_told_once(void **state)
{
	struct pollfd fds[OUTGOING_OPEN];
	struct outgoing_event e;
	int slots[3];

	(void)state;
	size_t n = read_first(fds, slots);
	outgoing_release(&o, (uint16_t)slots[1], false, START_MS);
	assert_true(outgoing_receive(&o, fds, n, &e));
	assert_int_equal(e.slot, slots[2]);
	assert_false(outgoing_receive(&o, fds, n, &e));
}

static void what_was_released_from_the_end_is_told_no_more(void **state)
{
	struct pollfd fds[OUTGOING_OPEN];
	struct outgoing_event e;
	int slots[3];

	(void)state;
	size_t n = read_first(fds, slots);
	outgoing_release(&o, (uint16_t)slots[2], false, START_MS);
	assert_true(outgoing_receive(&o, fds, n, &e));
	assert_int_equal(e.slot, slots[1]);
	assert_false(outgoing_receive(&o, fds, n, &e));
}

static void only_what_poll_tells_of_is_read(void **state)
{
	struct pollfd fds[OUTGOING_OPEN];
	struct outgoing_event e;

	(void)state;
	ask(0, 1, START_MS);
	int second = ask(0, 1, START_MS);
	ask(0, 1, START_MS);
	kernel.message = reply;
	kernel.size = sizeof reply;
	assert_int_equal(outgoing_poll_fds(&o, fds, OUTGOING_OPEN), 3);
	fds[0].revents = 0;
	fds[1].revents = fds[2].revents = POLLIN;
	assert_true(outgoing_receive(&o, fds, 2, &e));
	assert_int_equal(e.slot, second);
	assert_false(outgoing_receive(&o, fds, 2, &e));
}

/* ------ copies ------ */

/* A socket that has been used for a question with the first ID, and is for one with the second. */
static int used_twice(uint16_t first, uint16_t second)
{
	ask_many(0, OUTGOING_BUSY, START_MS);
	int slot = ask(0, 1, START_MS);
	assert_int_equal(o.slots[slot].uses, 2);
	o.slots[slot].ids[0] = first;
	o.slots[slot].ids[1] = second;
	return slot;
}

static bool is_told(int slot, const uint8_t *message, size_t size)
{
	struct pollfd fds[OUTGOING_OPEN];
	struct outgoing_event e;

	(void)slot;
	kernel.message = message;
	kernel.size = size;
	size_t n = outgoing_poll_fds(&o, fds, OUTGOING_OPEN);
	for (size_t i = 0; i < n; i++)
		fds[i].revents = POLLIN;
	return outgoing_receive(&o, fds, n, &e);
}

static void a_copy_is_known_by_its_id(void **state)
{
	static const uint8_t message[12] = { 0x12, 0x34 };

	(void)state;
	int slot = used_twice(0x1234, 0x5678);
	assert_false(is_told(slot, message, sizeof message));
	assert_false(is_told(slot, message, 2));
	assert_true(is_told(slot, message, 1)); /* whatever it is */
	assert_true(is_told(slot, message, 0));
}

static void an_id_that_was_drawn_twice_is_no_copy(void **state)
{
	static const uint8_t message[12] = { 0x12, 0x34 };

	(void)state;
	int slot = used_twice(0x1234, 0x1234);
	assert_true(is_told(slot, message, sizeof message));
}

static void all_is_closed_in_the_end(void **state)
{
	(void)state;
	ask_many(0, OUTGOING_BUSY, 0);
	for (unsigned i = 0; i < 5; i++)
		ask(1, 1, 0);
	outgoing_free(&o);
	assert_int_equal(kernel.opened, 0);
	assert_int_equal(o.idle, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(two_hundred_questions_a_second_are_busy),
		TEST(so_are_those_of_the_second_before),
		TEST(a_turn_closes_sixteen_old_sockets),
		TEST(a_port_more_a_second_is_a_port_more_after_a_second),
		TEST(all_slots_can_be_used),
		TEST(the_port_of_each_of_the_last_questions_rests),
		TEST(what_is_no_port_keeps_none_from_being_used),
		TEST(errors_of_the_way_are_not_those_of_the_socket),
		TEST(what_moved_into_a_gap_is_told_once),
		TEST(what_was_released_from_the_end_is_told_no_more),
		TEST(only_what_poll_tells_of_is_read),
		TEST(a_copy_is_known_by_its_id),
		TEST(an_id_that_was_drawn_twice_is_no_copy),
		TEST(all_is_closed_in_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
