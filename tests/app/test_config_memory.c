/*
 * test_config_memory.c -- memory ends at every allocation there is while a configuration is read.
 *
 * It is an error then, never a configuration that lacks something, and
 * everything is given back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "app/config.h"
#include "app/options.h"
#include "support/failing_memory.h"
#include "support/memory_files.h"

static const char text[] = "zone home.arpa /etc/home.zone\n"
			   "zone example /etc/example.zone overlay\n"
			   "zone 10.in-addr.arpa /etc/10.zone\n"
			   "zone home.arpa /etc/vpn.zone no-ptr for wg0 10.8.0.0/16 wg1\n"
			   "zone example /etc/vpn.zone for wg0 10.8.0.0/16 wg1\n"
			   "hosts /etc/hosts /tmp/hosts in home.arpa\n"
			   "leases /tmp/leases in lan.home.arpa no-ptr\n"
			   "peers /etc/wg0.conf in home.arpa\n"
			   "forward . 9.9.9.9 /etc/resolv.conf ./more\n"
			   "forward corp.example none\n"
			   "forward 172.16.0.0/12 10.8.0.53 /etc/corp\n"
			   "forward corp.example.org 10.8.0.53\n"
			   "allow attached 10.8.0.0/16 fd00:35::/64 192.0.2.1\n"
			   "private-ok a.example b.example c.example d.example e.example\n"
			   "cache 1M\nstale\ntrust-ad\n"
			   "listen 192.0.2.1 ::1#5300\n"
			   "user first\nuser dns\nnsid first\nnsid here\nversion-text 35\n";

static void expect_all_of_it(const struct config *c)
{
	assert_int_equal(c->zone_count, 5);
	assert_string_equal(c->zones[3].audience, "for wg0 10.8.0.0/16 wg1");
	assert_string_equal(c->zones[4].audience, "for wg0 10.8.0.0/16 wg1");
	assert_int_equal(c->view_count, 1);
	assert_int_equal(c->viewer_count, 3);
	assert_string_equal(c->viewers[2].interface, "wg1");
	assert_int_equal(c->names_count, 4);
	assert_string_equal(c->names[2].path, "/tmp/leases");
	assert_true(c->names[2].no_pointers);
	assert_string_equal(c->zones[1].origin, "example");
	assert_string_equal(c->zones[2].file, "/etc/10.zone");
	assert_int_equal(c->forward_count, 1 + 1 + 16 + 1);
	assert_string_equal(c->forwards[0].upstreams[2].file, "./more");
	assert_string_equal(c->forwards[17].upstreams[1].file, "/etc/corp");
	assert_int_equal(c->allowed_count, 3);
	assert_int_equal(c->private_ok_count, 5);
	assert_int_equal(c->listen_count, 2);
	assert_string_equal(c->listens[1], "::1#5300");
	assert_string_equal(c->user, "dns");
	assert_string_equal(c->nsid, "here");
	assert_string_equal(c->version, "35");
}

struct said {
	char last[DIAG_MESSAGE_SIZE];
	unsigned memory, line;
};

static void keep(void *self, const struct finding *f)
{
	struct said *said = self;

	strcpy(said->last, f->message);
	said->memory += strstr(f->message, "out of memory") != NULL;
	said->line = f->line;
}

/* Reads the text while memory ends at the k-th allocation; true when it was enough. */
static bool read_until(size_t k)
{
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	struct said said = { .memory = 0 };
	struct diag d = { .report = keep, .self = &said };
	size_t before = memory_blocks();
	struct config c;

	memory_files_add(&memory, "conf", text, strlen(text));
	config_init(&c);
	memory_fails_at(k);
	bool good = config_read_file(&c, "conf", &files, &d);
	bool failed = memory_recovers();
	if (good)
		expect_all_of_it(&c);
	assert_int_equal(good, !failed);
	assert_int_equal(d.errors > 0, failed);
	assert_int_equal(said.memory, d.errors); /* and nothing else is complained about */
	assert_int_equal(memory.open, 0);
	config_free(&c);
	assert_int_equal(memory_blocks(), before);
	return good;
}

static void a_configuration_survives_every_failed_allocation(void **state)
{
	size_t k = 0;

	(void)state;
	while (!read_until(k))
		k++;
	assert_in_range(k, 40, 200);
}

/* Memory is back at once: the other lines count. */
static void an_error_of_memory_is_that_of_one_line(void **state)
{
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	size_t before = memory_blocks();
	bool failed = true;

	(void)state;
	memory_files_add(&memory, "conf", text, strlen(text));
	for (size_t k = 0; failed; k++) {
		struct said said = { .memory = 0 };
		struct diag d = { .report = keep, .self = &said };
		struct config c;

		config_init(&c);
		memory_fails_once_at(k);
		bool good = config_read_file(&c, "conf", &files, &d);
		failed = memory_recovers();
		assert_int_equal(good, !failed);
		assert_true(d.errors == failed && said.memory == failed);
		assert_true(c.cache_size == 1 << 20 && c.stale_s == 86400 && c.trust_ad);
		assert_true(c.version || said.line == 23);
		assert_true(c.listen_count == 2 || said.line == 18);
		config_free(&c);
		assert_int_equal(memory_blocks(), before);
	}
}

static bool complete_until(size_t k)
{
	struct config c;

	config_init(&c);
	memory_fails_at(k);
	bool good = config_complete(&c);
	assert_int_equal(good, !memory_recovers());
	assert_false(c.is_forwarder);
	if (good)
		assert_string_equal(c.forwards[0].upstreams[0].file, "/etc/resolv.conf");
	config_free(&c);
	return good;
}

static void completing_it_fails_when_memory_ends(void **state)
{
	size_t before = memory_blocks(), k = 0;

	(void)state;
	while (!complete_until(k))
		k++;
	assert_int_equal(k, 2); /* the list, and the path */
	assert_int_equal(memory_blocks(), before);
}

static enum options_action options_until(size_t k)
{
	static char words[] = "ten35 -c conf --listen 192.0.2.7 -f 192.0.2.2 b=/etc/b /etc/c -u no";
	char line[sizeof words], *arguments[16];
	int count = 0;
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);
	struct said said = { .memory = 0 };
	struct diag d = { .report = keep, .self = &said };
	struct config c;

	memory_files_add(&memory, "conf", text, strlen(text));
	memcpy(line, words, sizeof words);
	for (char *w = strtok(line, " "); w; w = strtok(NULL, " "))
		arguments[count++] = w;
	memory_fails_at(k);
	enum options_action action = options_read(&c, count, arguments, &files, &d);
	assert_int_equal(action, memory_recovers() ? OPTIONS_FAILED : OPTIONS_SERVE);
	if (action == OPTIONS_SERVE) {
		assert_int_equal(c.zone_count, 8); /* names make one */
		assert_string_equal(c.zones[5].origin, "b");
		assert_string_equal(c.zones[7].origin, "lan.home.arpa.");
		assert_true(c.zones[7].no_pointers);
		assert_string_equal(c.user, "no");
		assert_int_equal(c.listen_count, 3);
	}
	config_free(&c);
	return action;
}

static void a_command_line_survives_every_failed_allocation(void **state)
{
	size_t before = memory_blocks(), k = 0;

	(void)state;
	while (options_until(k) != OPTIONS_SERVE)
		k++;
	assert_in_range(k, 50, 300);
	assert_int_equal(memory_blocks(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configuration_survives_every_failed_allocation),
		cmocka_unit_test(an_error_of_memory_is_that_of_one_line),
		cmocka_unit_test(completing_it_fails_when_memory_ends),
		cmocka_unit_test(a_command_line_survives_every_failed_allocation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
