/*
 * test_surroundings.c -- what changes in files of upstream servers and in the configuration do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "surroundings_world.h"

/* /etc/a, which names one upstream server. */
static struct memory_file *add_file(struct world *w)
{
	return memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.1\n", 21);
}

/* ------ files ------ */

static void servers_stand_in_the_order_of_their_line(void **state)
{
	struct world *w = world_of("forward . 9.9.9.9 /etc/a 1.1.1.1@5300 /etc/b\n"
				   "forward corp. /etc/b\nforward none. none\n");

	(void)state;
	memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.1\nnameserver 192.0.2.2\n", 42);
	memory_files_add(&w->memory, "/etc/b", "nameserver 2001:db8::1#54\n", 26);
	start(w);
	assert_string_equal(servers_after(w, 0), "9.9.9.9@53 192.0.2.1@53 192.0.2.2@53 "
						 "1.1.1.1@5300 2001:db8::1@54");
	assert_string_equal(servers_after(w, 1), "2001:db8::1@54");
	assert_string_equal(servers_after(w, 2), "");
	assert_int_equal(w->memory.reads, 2); /* each file once */
	end(w);
}

static void a_file_that_changes_names_other_servers(void **state)
{
	struct world *w = world_of("forward . /etc/a\nwatch 5\n");
	struct memory_file *f = add_file(w);

	(void)state;
	start(w);
	assert_string_equal(servers_after(w, 0), "192.0.2.1@53");
	rewrite(f, "nameserver 192.0.2.2\nnameserver 192.0.2.3\n");
	assert_string_equal(servers_after(w, 0), "192.0.2.2@53 192.0.2.3@53");
	rewrite(f, "");
	assert_string_equal(servers_after(w, 0), "");
	rewrite(f, "nameserver 192.0.2.1\n");
	assert_string_equal(servers_after(w, 0), "192.0.2.1@53");
	end(w);
}

static void a_file_that_does_not_change_is_not_read_and_nothing_is_told(void **state)
{
	struct world *w = world_of("forward . /etc/a\nforward b. 192.0.2.7\n");
	struct memory_file *f = add_file(w);

	(void)state;
	start(w);
	unsigned reads = w->memory.reads;
	for (unsigned i = 0; i < 10; i++)
		assert_false(has_changed(w));
	assert_int_equal(w->memory.reads, reads);
	/* Touched, but it says the same: read, and that is all. */
	rewrite(f, "# by dhcp\nnameserver 192.0.2.1\n");
	assert_false(has_changed(w));
	assert_int_equal(w->memory.reads, reads + 1);
	rewrite(f, "nameserver 192.0.2.2\n");
	assert_true(has_changed(w));
	end(w);
}

static void a_file_may_come_late_go_away_and_come_back(void **state)
{
	struct world *w = world_of("forward . /etc/a\nforward corp. 192.0.2.7\n");

	(void)state;
	start(w);
	assert_string_equal(servers_after(w, 0), "");
	assert_int_equal(w->memory.reads, 1); /* and is complained about once */
	struct memory_file *f = add_file(w);
	assert_string_equal(servers_after(w, 0), "192.0.2.1@53");
	f->path = "/etc/away";
	assert_string_equal(servers_after(w, 0), "");
	assert_string_equal(servers_after(w, 1), "192.0.2.7@53");
	f->path = "/etc/a";
	assert_string_equal(servers_after(w, 0), "192.0.2.1@53");
	f->problem = "an error of the disk";
	f->inode++;
	assert_string_equal(servers_after(w, 0), "");
	end(w);
}

static void a_file_that_is_too_large_names_nobody(void **state)
{
	static char text[70000];
	struct world *w = world_of("forward . /etc/a\n");

	(void)state;
	strcpy(text, "nameserver 192.0.2.1\n");
	memset(text + 21, '#', sizeof text - 22);
	struct memory_file *f = memory_files_add(&w->memory, "/etc/a", text, 65536);
	start(w);
	assert_string_equal(servers_after(w, 0), "192.0.2.1@53");
	f->size = 65537;
	assert_string_equal(servers_after(w, 0), "");
	end(w);
}

static void a_domain_has_eight_servers_at_most(void **state)
{
	struct world *w = world_of("forward . 192.0.2.9 /etc/a 192.0.2.10\n");
	static const char text[] = "nameserver 192.0.2.1\nnameserver 192.0.2.2\n"
				   "nameserver 192.0.2.3\nnameserver 192.0.2.4\n"
				   "nameserver 192.0.2.5\nnameserver 192.0.2.6\n"
				   "nameserver 192.0.2.7\nnameserver 192.0.2.8\n"
				   "nameserver 192.0.2.11\n";

	(void)state;
	memory_files_add(&w->memory, "/etc/a", text, strlen(text));
	start(w);
	assert_string_equal(servers_after(w, 0),
			    "192.0.2.9@53 192.0.2.1@53 192.0.2.2@53 192.0.2.3@53 192.0.2.4@53 "
			    "192.0.2.5@53 192.0.2.6@53 192.0.2.7@53");
	end(w);
}

/* ------ when ------ */

static void nobody_looks_before_it_is_time(void **state)
{
	struct world *w = world_of("forward . /etc/a\nwatch 7\n");
	struct memory_file *f = add_file(w);

	(void)state;
	start(w);
	rewrite(f, "nameserver 192.0.2.2\n");
	w->now += 6999;
	surroundings_look(&w->l, false);
	assert_int_equal(w->l.version, w->seen_version);
	w->now++;
	surroundings_look(&w->l, false);
	assert_int_equal(w->l.version, w->seen_version + 1);
	end(w);
}

static void with_watch_0_only_sighup_makes_look(void **state)
{
	struct world *w = world_of("forward . /etc/a\nwatch 0\n");
	struct memory_file *f = add_file(w);

	(void)state;
	serve_at_another_port(w);
	start(w);
	rewrite(f, "nameserver 192.0.2.2\n");
	w->now += 86400000;
	assert_string_equal(servers_after(w, 0), "192.0.2.1@53");
	surroundings_look_now(&w->l);
	assert_string_equal(servers_after(w, 0), "192.0.2.2@53");
	end(w);
}

/* That networks have changed is told by the kernel, and files are looked at, too. */
static void a_change_of_networks_makes_look_at_once(void **state)
{
	struct world *w = world_of("forward . /etc/a\nwatch 60\n");
	struct memory_file *f = add_file(w);

	(void)state;
	serve_at_another_port(w);
	start(w);
	rewrite(f, "nameserver 192.0.2.2\n");
	surroundings_look(&w->l, true);
	see(w);
	assert_int_equal(w->seen->servers[0].at[0].octets[3], 2);
	assert_true(w->l.look_ms == w->now + 60000);
	end(w);
}

/* ------ the block ------ */

static void a_server_keeps_the_block_it_has_and_nobody_can_change_it(void **state)
{
	struct world *w = world_of("forward . /etc/a\n");
	struct memory_file *f = add_file(w);

	(void)state;
	start(w);
	const struct surroundings *old = surroundings_map(w->l.fd);
	assert_int_equal(pwrite(w->l.fd, "x", 1, 0), -1);
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, w->l.fd, 0),
			 MAP_FAILED);
	rewrite(f, "nameserver 192.0.2.2\n");
	assert_string_equal(servers_after(w, 0), "192.0.2.2@53");
	assert_int_equal(old->servers[0].count, 1);
	assert_int_equal(old->servers[0].at[0].octets[3], 1);
	sealed_unmap(old, sizeof *old);
	end(w);
}

static int lowest_free_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY);

	assert_true(fd >= 0);
	close(fd);
	return fd;
}

/* No descriptor is to be had until the limit comes back. */
static struct rlimit take_descriptors(void)
{
	struct rlimit before, none;

	assert_return_code(getrlimit(RLIMIT_NOFILE, &before), errno);
	none = before;
	none.rlim_cur = (rlim_t)lowest_free_descriptor();
	assert_return_code(setrlimit(RLIMIT_NOFILE, &none), errno);
	return before;
}

static void when_no_block_can_be_made_the_last_one_stays_until_one_can(void **state)
{
	struct world *w = world_of("forward . /etc/a\n");
	struct memory_file *f = add_file(w);

	(void)state;
	start(w);
	rewrite(f, "nameserver 192.0.2.2\n");
	struct rlimit before = take_descriptors();
	const char *servers = servers_after(w, 0);
	assert_return_code(setrlimit(RLIMIT_NOFILE, &before), errno);
	assert_string_equal(servers, "192.0.2.1@53");
	assert_string_equal(servers_after(w, 0), "192.0.2.2@53");
	end(w);
}

/* ------ another configuration ------ */

static void a_block_that_could_not_be_mapped_is_not_made_again(void **state)
{
	struct world *w = world_of("forward . /etc/a\nwatch 7\n");

	(void)state;
	add_file(w);
	serve_at_another_port(w);
	start(w);
	sealed_unmap(w->l.now, sizeof *w->l.now);
	w->l.now = NULL;
	w->now += 7000;
	surroundings_look(&w->l, false);
	assert_int_equal(w->l.version, w->seen_version);
	assert_non_null(w->l.now);
	end(w);
}

static void another_configuration_has_servers_and_files_of_its_own(void **state)
{
	struct world *w = world_of("forward a. 192.0.2.1\nforward . /etc/a\n");

	(void)state;
	memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.2\n", 21);
	memory_files_add(&w->memory, "/etc/b", "nameserver 192.0.2.3\n", 21);
	serve_at_another_port(w);
	start(w);
	configure(&w->newer, "forward . /etc/b 192.0.2.4\nforward b. none\nwatch 9\n");
	assert_true(surroundings_replace(&w->l, &w->newer));
	assert_ptr_equal(w->l.config, &w->newer);
	assert_true(w->l.look_ms == w->now + 9000);
	set_networks(w, NULL, 0);
	assert_string_equal(servers_after(w, 0), "192.0.2.3@53 192.0.2.4@53");
	assert_string_equal(servers_after(w, 1), "");
	assert_int_equal(w->l.file_count, 1);
	end(w);
}

/*
 * Servers know domains by their place in the configuration: with an old block,
 * questions about one domain would go to the servers of another.
 */
static void another_configuration_is_not_taken_with_the_block_of_the_old_one(void **state)
{
	struct world *w = world_of("forward . 192.0.2.1\nforward corp. 192.0.2.2\n");

	(void)state;
	serve_at_another_port(w);
	start(w);
	configure(&w->newer, "forward corp. 192.0.2.2\nforward . 192.0.2.1\n");
	struct rlimit before = take_descriptors();
	bool taken = surroundings_replace(&w->l, &w->newer);
	assert_return_code(setrlimit(RLIMIT_NOFILE, &before), errno);
	see(w);
	if (taken)
		assert_int_equal(w->seen->servers[0].at[0].octets[3], 2);
	else
		assert_ptr_equal(w->l.config, &w->config);
	end(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_stand_in_the_order_of_their_line),
		cmocka_unit_test(a_file_that_changes_names_other_servers),
		cmocka_unit_test(a_file_that_does_not_change_is_not_read_and_nothing_is_told),
		cmocka_unit_test(a_file_may_come_late_go_away_and_come_back),
		cmocka_unit_test(a_file_that_is_too_large_names_nobody),
		cmocka_unit_test(a_domain_has_eight_servers_at_most),
		cmocka_unit_test(nobody_looks_before_it_is_time),
		cmocka_unit_test(with_watch_0_only_sighup_makes_look),
		cmocka_unit_test(a_change_of_networks_makes_look_at_once),
		cmocka_unit_test(a_server_keeps_the_block_it_has_and_nobody_can_change_it),
		cmocka_unit_test(when_no_block_can_be_made_the_last_one_stays_until_one_can),
		cmocka_unit_test(a_block_that_could_not_be_mapped_is_not_made_again),
		cmocka_unit_test(another_configuration_has_servers_and_files_of_its_own),
		cmocka_unit_test(another_configuration_is_not_taken_with_the_block_of_the_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
