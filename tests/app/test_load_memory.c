/*
 * test_load_memory.c -- security.md row 108: memory ends at every allocation there is while a round
 * reads a zone again.
 *
 * The old image stays then, nothing is kept, and the log says why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "app/load.h"
#include "app/sealed.h"
#include "config_reading.h"
#include "log_reading.h"
#include "support/failing_memory.h"
#include "zone/pointers.h"

static const struct siphash_key key = { 1, 2 };

static const char zone[] = "@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.1\n";
static const char changed[] = "@ 60 SOA ns root 2 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.2\n";
static const char hosts[] = "10.0.0.1 nas\nfd00::1 nas\n";

struct world {
	struct memory_files memory;
	struct files files;
	struct config *config;
	struct load_image served;
	bool was_cut; /* the last reading */
	int ends[2];
};

/* What a round said. */
struct heard {
	struct load_message last;
	unsigned inputs, messages;
	unsigned image; /* which message it came with, from 1; 0: none did */
	uint64_t image_hash;
	int file;
};

static struct heard hear(struct world *w)
{
	static union {
		struct load_message m;
		char octets[CHANNEL_MAX];
	} in;
	struct heard h = { .file = -1 };
	int file;

	while (channel_receive(w->ends[0], &in, sizeof in, &file) > 0) {
		h.messages++;
		h.inputs += in.m.kind == LOAD_INPUT;
		h.last = in.m;
		if (in.m.kind == LOAD_IMAGE) {
			h.image = h.messages;
			h.image_hash = in.m.hash;
		}
		assert_true(file < 0 || h.file < 0);
		if (file >= 0)
			h.file = file;
	}
	return h;
}

static unsigned open_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(folder);
	while (readdir(folder))
		n++;
	closedir(folder);
	return n;
}

static void read_zone(struct world *w)
{
	struct load_told told = { 0 };
	const struct load_job job = {
		.round = &told,
		.was_cut = w->was_cut,
		.config = w->config,
		.files = &w->files,
		.key = &key,
		.channel = w->ends[1],
	};

	load_zone(&job, &w->served);
}

static void start(struct world *w)
{
	*w = (struct world){ .served = { .fd = -1 } };
	w->files = memory_files(&w->memory);
	memory_files_add(&w->memory, "home", zone, strlen(zone));
	memory_files_add(&w->memory, "hosts", hosts, strlen(hosts));
	w->config = good("zone home.arpa home\nhosts hosts in home.arpa\n");
	assert_true(config_complete_zones(w->config));
	assert_true(channel_open(w->ends) >= 0);
	read_zone(w);
	struct heard h = hear(w);
	assert_int_equal(h.image, h.messages - 1); /* what there is to say of it is in the log */
	assert_int_equal(h.last.kind, LOAD_ZONE);
	assert_int_equal(h.last.records, 5);
	close(h.file);
}

static void end(struct world *w)
{
	close(w->ends[0]);
	close(w->ends[1]);
	config_free(w->config);
}

/* Reads the zone again while memory ends at the k-th allocation; true when it was enough. */
static bool read_again(struct world *w, size_t k)
{
	const struct load_image before = w->served;
	size_t blocks = memory_blocks();
	unsigned files = open_files();

	log_begin();
	memory_fails_at(k);
	read_zone(w);
	bool failed = memory_recovers();
	const char *said = log_end();
	struct heard h = hear(w);
	assert_int_equal(memory_blocks(), blocks);
	assert_int_equal(w->memory.open, 0);
	if (failed && h.last.kind == LOAD_ZONE) {
		/* It is read, but the log cannot say what is new. */
		assert_string_equal(said,
				    "zone home.arpa.: out of memory: its changes are not told\n");
		close(w->served.fd);
		w->served = before;
	} else if (failed) {
		assert_int_equal(h.last.kind, LOAD_FAILED);
		assert_memory_equal(&w->served, &before, sizeof before);
		if (!strstr(said, "out of memory"))
			fail_msg("allocation %zu: '%s'", k, said);
		assert_null(strstr(said, "zone home.arpa.: "));
	} else {
		assert_int_equal(h.last.kind, LOAD_ZONE);
		assert_int_equal(h.inputs, 2);
		assert_true(w->served.fd != before.fd);
		assert_string_equal(said, "zone home.arpa.: ~ @ SOA serial 1 -> 2\n"
					  "zone home.arpa.: - ns A 192.0.2.1\n"
					  "zone home.arpa.: + ns A 192.0.2.2\n");
		files++; /* the image */
	}
	if (h.file >= 0)
		close(h.file);
	assert_int_equal(open_files(), files);
	return !failed;
}

static void a_zone_that_is_read_again_survives_every_failed_allocation(void **state)
{
	struct world w;
	size_t k = 0;

	(void)state;
	start(&w);
	w.memory.at[0].text = changed;
	while (!read_again(&w, k))
		k++;
	assert_in_range(k, 15, 1000);
	end(&w);
}

static void after_a_reading_that_was_cut_short_the_image_comes_first(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	const int before = w.served.fd;
	w.memory.at[0].text = changed;
	w.was_cut = true;
	log_begin();
	read_zone(&w);
	assert_non_null(strstr(log_end(), "zone home.arpa.: + ns A 192.0.2.2\n"));
	struct heard h = hear(&w);
	assert_int_equal(h.image, 1);
	assert_true(h.image_hash != 0); /* so nobody takes it for news when it is the old one */
	assert_int_equal(h.last.kind, LOAD_ZONE);
	close(h.file);
	close(before);
	end(&w);
}

static void a_zone_with_errors_leaves_what_is_served_and_sends_a_stand_in(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	const struct load_image before = w.served;
	unsigned files = open_files();
	w.memory.at[0].text = "@ 60 SOA ns root 1 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.x\n";
	log_begin();
	read_zone(&w);
	const char *said = log_end();
	assert_non_null(
		strstr(said, "home:3:9: error: invalid IPv4 address '192.0.2.x' [syntax]\n"));
	assert_non_null(strstr(said, "home: not loaded: 1 error\n"));
	struct heard h = hear(&w);
	assert_int_equal(h.last.kind, LOAD_FAILED);
	assert_int_equal(h.inputs, 2);
	assert_memory_equal(&w.served, &before, sizeof before);
	const void *at = sealed_map(h.file, (size_t)h.last.size);
	struct image z;
	assert_true(at && image_open(&z, at, (size_t)h.last.size) && z.header->soa == 0);
	sealed_unmap(at, (size_t)h.last.size);
	close(h.file);
	assert_int_equal(open_files(), files);
	end(&w);
}

static void names_of_addresses_stay_as_they_were_when_memory_ends(void **state)
{
	struct world w;
	bool failed = true;

	(void)state;
	start(&w);
	for (size_t k = 0; failed; k++) {
		unsigned files = open_files();

		log_begin();
		memory_fails_at(k);
		load_pointers(&w.served, 1, &key, w.ends[1]);
		failed = memory_recovers();
		const char *said = log_end();
		struct heard h = hear(&w);
		assert_string_equal(said, failed ? "out of memory: the names of addresses stay as "
						   "they were\n"
						 : "");
		assert_int_equal(h.messages, !failed);
		assert_int_equal(h.file >= 0, !failed);
		if (h.file >= 0)
			close(h.file);
		assert_int_equal(open_files(), files + !failed); /* the round's own end is near */
	}
	end(&w);
}

static void without_addresses_there_is_no_block(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	load_pointers(NULL, 0, &key, w.ends[1]);
	struct heard h = hear(&w);
	assert_int_equal(h.messages, 1);
	assert_int_equal(h.last.kind, LOAD_POINTERS);
	assert_int_equal(h.last.size, 0);
	assert_int_equal(h.file, -1);
	end(&w);
}

static void a_large_zone_can_be_served_before_all_is_told(void **state)
{
	enum { HOSTS = 100000, LINE = 32 };
	struct world w;
	char *text = malloc(sizeof zone + (size_t)HOSTS * LINE);
	size_t used = sizeof zone - 1;

	(void)state;
	assert_non_null(text);
	start(&w);
	memcpy(text, zone, used);
	for (int i = 0; i < HOSTS; i++)
		used += (size_t)sprintf(text + used, "h%d 60 A 192.0.2.1\n", i);
	w.memory.at[0].text = text;
	w.memory.at[0].size = used;
	read_zone(&w);
	struct heard h = hear(&w);
	assert_int_equal(h.image, 1);
	assert_int_equal(h.last.kind, LOAD_ZONE);
	assert_int_equal(h.last.records, HOSTS + 5);
	/* Where another one is served, somebody asks at once whether it is the same. */
	assert_true(h.image_hash != 0 && h.image_hash == h.last.hash);
	close(h.file);
	w.served.fd = -1;
	read_zone(&w);
	struct heard first = hear(&w);
	assert_int_equal(first.image, 1);
	assert_true(first.image_hash == 0 && first.last.hash == h.last.hash);
	close(first.file);
	free(text);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_large_zone_can_be_served_before_all_is_told),
		cmocka_unit_test(a_zone_that_is_read_again_survives_every_failed_allocation),
		cmocka_unit_test(after_a_reading_that_was_cut_short_the_image_comes_first),
		cmocka_unit_test(a_zone_with_errors_leaves_what_is_served_and_sends_a_stand_in),
		cmocka_unit_test(names_of_addresses_stay_as_they_were_when_memory_ends),
		cmocka_unit_test(without_addresses_there_is_no_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
