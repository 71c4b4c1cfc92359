/*
 * test_children.c -- what a server is told of the state of things, and in which order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/children.h"

enum { NOTHING = -1 };

struct world {
	struct child_server server;
	int end; /* where the server hears */
};

static void start(struct world *w)
{
	int ends[2];

	assert_int_equal(channel_open(ends), 0);
	child_started(&w->server, 4711, ends[0], 0);
	w->end = ends[1];
}

static int setup(void **state)
{
	static struct world w;

	*state = &w;
	if (!child_init(&w.server, 1))
		return -1;
	start(&w);
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	child_close(&w->server);
	close(w->end);
	free(w->server.sent);
	return munmap(w->server.counters, sizeof *w->server.counters);
}

/* What is heard next at this end: an enum server_kind, or NOTHING. */
static int heard(int end)
{
	struct server_message m;
	int file;
	ssize_t n = channel_receive(end, &m, sizeof m, &file);

	if (n < 0)
		return NOTHING;
	assert_int_equal(n, sizeof m);
	assert_int_equal(file, -1);
	return (int)m.kind;
}

static bool is_closed(int end)
{
	struct server_message m;
	int file;

	return channel_receive(end, &m, sizeof m, &file) == 0;
}

static void that_all_zones_are_known_is_heard_before_it_begins_to_answer(void **state)
{
	struct world *w = *state;

	child_tell_state(&w->server, true);
	assert_int_equal(heard(w->end), SERVER_LOADED);
	assert_int_equal(heard(w->end), SERVER_READY);
	assert_int_equal(heard(w->end), NOTHING);
	assert_false(w->server.behind);
}

static void it_begins_to_answer_while_other_zones_are_read(void **state)
{
	struct world *w = *state;

	child_tell_state(&w->server, false);
	assert_int_equal(heard(w->end), SERVER_READY);
	assert_int_equal(heard(w->end), NOTHING);
	child_tell_state(&w->server, true);
	assert_int_equal(heard(w->end), SERVER_LOADED);
	assert_int_equal(heard(w->end), NOTHING);
}

static void what_was_told_is_not_told_again(void **state)
{
	struct world *w = *state;

	child_tell_state(&w->server, true);
	assert_int_equal(heard(w->end), SERVER_LOADED);
	assert_int_equal(heard(w->end), SERVER_READY);
	child_tell_state(&w->server, true);
	assert_int_equal(heard(w->end), NOTHING);
}

static void what_found_no_room_is_told_later_in_the_same_order(void **state)
{
	struct world *w = *state;
	struct server_message other = { .kind = SERVER_TELL };

	while (channel_send(w->server.channel, &other, sizeof other, -1))
		;
	child_tell_state(&w->server, true);
	assert_true(w->server.behind);
	while (heard(w->end) == SERVER_TELL)
		;
	child_tell_state(&w->server, true);
	assert_false(w->server.behind);
	assert_int_equal(heard(w->end), SERVER_LOADED);
	assert_int_equal(heard(w->end), SERVER_READY);
}

static void the_old_one_goes_on_until_the_new_one_knows_every_zone(void **state)
{
	struct world *w = *state;
	int old = w->end;

	child_tell_state(&w->server, true);
	assert_int_equal(heard(old), SERVER_LOADED);
	assert_int_equal(heard(old), SERVER_READY);
	assert_true(child_renew(&w->server, 2));
	start(w);

	child_tell_state(&w->server, false);
	assert_int_equal(heard(w->end), NOTHING);
	assert_int_equal(heard(old), NOTHING);

	child_tell_state(&w->server, true);
	assert_int_equal(heard(w->end), SERVER_LOADED);
	assert_int_equal(heard(w->end), SERVER_READY);
	assert_true(is_closed(old));
	close(old);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			that_all_zones_are_known_is_heard_before_it_begins_to_answer, setup,
			teardown),
		cmocka_unit_test_setup_teardown(it_begins_to_answer_while_other_zones_are_read,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_told_is_not_told_again, setup, teardown),
		cmocka_unit_test_setup_teardown(what_found_no_room_is_told_later_in_the_same_order,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_old_one_goes_on_until_the_new_one_knows_every_zone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
