/*
 * test_surroundings.c -- what changes in files of upstream servers and in networks lead to.
 *
 * Files and clock are made up.  The kernel is asked for its networks at the
 * start; then what it said is replaced by networks of a test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/surroundings.h"
#include "support/memory_files.h"

enum { LISTENERS = 2 };

struct world {
	struct memory_files memory;
	struct files files;
	struct clock clock;
	uint64_t now;
	struct config config, newer;
	struct listener listeners[LISTENERS];
	struct looker l;
	const struct surroundings *seen; /* the block as a server has it */
	uint32_t seen_version;
};

static uint64_t world_now(void *self)
{
	return ((struct world *)self)->now;
}

static void no_finding(void *self, const struct finding *f)
{
	(void)self;
	fail_msg("%u:%u: %s", f->line, f->column, f->message);
}

static void configure(struct config *c, const char *text)
{
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	struct diag d = { .report = no_finding };

	memory_files_add(&memory, "conf", text, strlen(text));
	config_init(c);
	assert_true(config_read_file(c, "conf", &files, &d));
	assert_true(config_complete(c));
}

/* Maps the block of now. */
static const struct surroundings *see(struct world *w)
{
	if (w->seen)
		sealed_unmap(w->seen, sizeof *w->seen);
	w->seen = surroundings_map(w->l.fd);
	assert_non_null(w->seen);
	w->seen_version = w->l.version;
	return w->seen;
}

/* Whatever addresses this host has, no upstream server is itself: for who asks the kernel again. */
static void serve_at_another_port(struct world *w)
{
	for (size_t i = 0; i < LISTENERS; i++)
		w->listeners[i].local.port = 5300;
}

/* Networks of the test's own, from now on. */
static void set_networks(struct world *w, const struct attached_network *at, size_t n)
{
	w->l.attached.count = n;
	if (n > 0)
		memcpy(w->l.attached.at, at, n * sizeof *at);
	if (w->l.watch >= 0)
		close(w->l.watch);
	w->l.watch = open("/dev/null", O_RDONLY); /* the kernel would tell: it is not asked */
	assert_true(w->l.watch >= 0);
}

static struct world *world_of(const char *text)
{
	struct world *w = calloc(1, sizeof *w);

	log_open(LOG_TO_STDERR, LEVEL_ERROR);
	w->files = memory_files(&w->memory);
	w->clock = (struct clock){ .now_ms = world_now, .self = w };
	w->now = 1000000;
	assert_null(address_parse(&w->listeners[0].local, "0.0.0.0", 53));
	assert_null(address_parse(&w->listeners[1].local, "2001:db8::53", 53));
	w->listeners[0].wildcard = true;
	configure(&w->config, text);
	return w;
}

static void start(struct world *w)
{
	assert_true(surroundings_init(&w->l, &w->config, w->listeners, LISTENERS, &w->files,
				      &w->clock));
	assert_int_equal(w->l.version, 1);
	set_networks(w, NULL, 0);
	w->now += w->config.watch_s * 1000u;
	surroundings_look(&w->l, false);
	see(w);
}

static void end(struct world *w)
{
	assert_int_equal(w->memory.open, 0);
	if (w->seen)
		sealed_unmap(w->seen, sizeof *w->seen);
	close(w->l.fd);
	close(w->l.watch);
	free(w->l.list);
	free(w->l.now);
	config_free(&w->config);
	config_free(&w->newer);
	free(w);
}

/* Looks when it is time to; the servers of one `forward` line afterwards. */
static const char *servers_after(struct world *w, size_t forward)
{
	static char room[FORWARD_PER_ROUTE * ADDRESS_TEXT_MAX];
	struct text out = text_init(room, sizeof room);

	w->now += w->l.config->watch_s * 1000u;
	surroundings_look(&w->l, false);
	const struct surrounding_servers *s = &see(w)->servers[forward];
	assert_true(s->count <= FORWARD_PER_ROUTE);
	for (uint32_t i = 0; i < s->count; i++) {
		text_put(&out, i > 0 ? " " : "");
		address_print(&s->at[i], &out);
	}
	return text_str(&out);
}

/* Looks when it is time to; is there another block?  How full the kernel's table is changes, too. */
static bool has_changed(struct world *w)
{
	uint32_t before = w->seen_version, burst = w->seen->port_burst, rate = w->seen->port_rate;

	w->now += w->l.config->watch_s * 1000u;
	surroundings_look(&w->l, false);
	see(w);
	return w->l.version != before && w->seen->port_burst == burst && w->seen->port_rate == rate;
}

static void rewrite(struct memory_file *f, const char *text)
{
	f->text = text;
	f->size = strlen(text);
	f->inode += 100; /* as an editor does it: another file by the same name */
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
	struct memory_file *f =
		memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.1\n", 21);

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
	struct memory_file *f =
		memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.1\n", 21);

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
	struct memory_file *f =
		memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.1\n", 21);
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
	struct memory_file *f =
		memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.1\n", 21);

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
	struct memory_file *f =
		memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.1\n", 21);

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
	struct memory_file *f =
		memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.1\n", 21);

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

/* ------ ourselves ------ */

/* "192.0.2.1/24 if 2", own addresses with all their bits and "own" before them. */
static struct attached_network network(const char *text, uint8_t bits, uint32_t interface)
{
	struct attached_network n = { .bits = bits, .interface = interface };

	assert_null(address_parse(&n.address, text, 0));
	n.is_own = interface == 0;
	return n;
}

static void our_own_addresses_are_no_upstream_servers(void **state)
{
	struct world *w = world_of("forward . /etc/a 192.0.2.1 192.0.2.1@54\n");
	static const char text[] = "nameserver 127.0.0.1\nnameserver 127.7.7.7\n"
				   "nameserver 127.0.0.1#54\n" /* another program */
				   "nameserver 2001:db8::53\n" /* a listener of ours */
				   "nameserver 2001:db8::54\n" /* ours, but not listened at */
				   "nameserver ::1\n"          /* the same */
				   "nameserver 192.0.2.2\n";
	const struct attached_network own[] = {
		network("192.0.2.1", 32, 0),
		network("192.0.2.1", 24, 2), /* neighbours are others */
		network("192.0.2.2", 32, 5), /* nor is the other end of a tunnel ours */
		network("2001:db8::54", 128, 0),
	};

	(void)state;
	memory_files_add(&w->memory, "/etc/a", text, strlen(text));
	start(w);
	set_networks(w, own, 4);
	assert_string_equal(servers_after(w, 0), "127.0.0.1@54 2001:db8::54@53 ::1@53 192.0.2.2@53 "
						 "192.0.2.1@54");
	/* The address goes to another host: now that one may be asked. */
	set_networks(w, own + 2, 2);
	assert_string_equal(servers_after(w, 0), "127.0.0.1@54 2001:db8::54@53 ::1@53 192.0.2.2@53 "
						 "192.0.2.1@53 192.0.2.1@54");
	end(w);
}

static void an_upstream_server_of_the_configuration_that_is_ourselves_is_found(void **state)
{
	struct world *w = world_of("forward . /etc/a 192.0.2.7\nforward b. 192.0.2.8 127.0.0.1\n");

	(void)state;
	memory_files_add(&w->memory, "/etc/a", "nameserver 127.0.0.1\n", 21);
	start(w);
	const struct address *self = surroundings_find_self(&w->l);
	assert_ptr_equal(self, &w->config.forwards[1].upstreams[1].address);
	w->listeners[0].local.port = 5300;
	assert_null(surroundings_find_self(&w->l)); /* a file may name us: it is not ours */
	end(w);
}

/* ------ networks ------ */

static void expect_network(const struct world *w, size_t i, uint8_t size, uint8_t first,
			   uint8_t bits, uint32_t interface)
{
	const struct network *n = &w->seen->networks[i];

	assert_true(i < w->seen->network_count);
	assert_int_equal(n->size, size);
	assert_int_equal(n->octets[0], first);
	assert_int_equal(n->bits, bits);
	assert_int_equal(n->interface, interface);
}

static void attached_networks_are_allowed_by_default(void **state)
{
	struct world *w = world_of("forward . 9.9.9.9\n");
	const struct attached_network at[] = {
		network("192.0.2.1", 32, 0),
		network("192.0.2.1", 24, 2),
		network("fd00:35::", 64, 3),
	};

	(void)state;
	start(w);
	set_networks(w, at, 3);
	assert_true(has_changed(w));
	assert_int_equal(w->seen->network_count, 3);
	expect_network(w, 0, 4, 192, 32, 0);
	expect_network(w, 1, 4, 192, 24, 2);
	expect_network(w, 2, 16, 0xfd, 64, 3);
	assert_false(has_changed(w));
	set_networks(w, at, 2); /* an interface is gone */
	assert_true(has_changed(w));
	assert_int_equal(w->seen->network_count, 2);
	end(w);
}

static void with_networks_named_only_those_and_this_host_are_allowed(void **state)
{
	struct world *w = world_of("forward . 9.9.9.9\nallow 10.8.0.0/16 fd00::/8\n");
	const struct attached_network at[] = {
		network("192.0.2.1", 32, 0),
		network("192.0.2.1", 24, 2),
	};

	(void)state;
	start(w);
	assert_int_equal(w->seen->network_count, 2);
	set_networks(w, at, 2);
	assert_true(has_changed(w));
	assert_int_equal(w->seen->network_count, 3);
	expect_network(w, 0, 4, 10, 16, 0);
	expect_network(w, 1, 16, 0xfd, 8, 0);
	expect_network(w, 2, 4, 192, 32, 0);
	end(w);
}

static void all_networks_there_can_be_have_room(void **state)
{
	static char text[16384];
	static struct attached_network at[ATTACHED_MAX];
	struct text out = text_init(text, sizeof text);

	(void)state;
	text_put(&out, "allow attached\n");
	for (unsigned i = 0; i < CONFIG_MAX_NETWORKS; i++)
		text_format(&out, "allow fd00:%u::/32\n", i);
	for (uint32_t i = 0; i < ATTACHED_MAX; i++)
		at[i] = network("10.8.0.0", 24, i + 1);
	struct world *w = world_of(text);
	start(w);
	set_networks(w, at, ATTACHED_MAX);
	assert_true(has_changed(w));
	assert_int_equal(w->seen->network_count, SURROUNDINGS_NETWORKS);
	expect_network(w, SURROUNDINGS_NETWORKS - 1, 4, 10, 24, ATTACHED_MAX);
	end(w);
}

/* ------ the block ------ */

static void a_server_keeps_the_block_it_has_and_nobody_can_change_it(void **state)
{
	struct world *w = world_of("forward . /etc/a\n");
	struct memory_file *f =
		memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.1\n", 21);

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
	struct memory_file *f =
		memory_files_add(&w->memory, "/etc/a", "nameserver 192.0.2.1\n", 21);

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
		cmocka_unit_test(our_own_addresses_are_no_upstream_servers),
		cmocka_unit_test(
			an_upstream_server_of_the_configuration_that_is_ourselves_is_found),
		cmocka_unit_test(attached_networks_are_allowed_by_default),
		cmocka_unit_test(with_networks_named_only_those_and_this_host_are_allowed),
		cmocka_unit_test(all_networks_there_can_be_have_room),
		cmocka_unit_test(a_server_keeps_the_block_it_has_and_nobody_can_change_it),
		cmocka_unit_test(when_no_block_can_be_made_the_last_one_stays_until_one_can),
		cmocka_unit_test(another_configuration_has_servers_and_files_of_its_own),
		cmocka_unit_test(another_configuration_is_not_taken_with_the_block_of_the_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
