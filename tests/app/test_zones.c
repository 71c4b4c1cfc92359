/*
 * test_zones.c -- what the loader makes of what a round of reading says, message by message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/zones.h"
#include "config_reading.h"
#include "log_reading.h"

static const struct siphash_key key = { 1, 2 };

struct world {
	struct memory_files memory;
	struct files files;
	struct config *config;
	struct clock clock;
	struct zones zones;
	int end; /* of the channel, the reader's */
};

static void start(struct world *w)
{
	*w = (struct world){ .clock = clock_system() };
	w->files = memory_files(&w->memory);
	memory_files_add(&w->memory, "home", "", 0);
	w->config = good("zone home.arpa home\n");
	assert_true(config_complete_zones(w->config));
	assert_true(zones_init(&w->zones, w->config, &w->files, &w->clock, &key));
}

static void end(struct world *w)
{
	zone_forget(&w->zones.at[0]);
	free(w->zones.at);
	config_free(w->config);
}

static void begin_round(struct world *w)
{
	int ends[2];

	assert_true(channel_open(ends) >= 0);
	w->zones.round = 1;
	w->zones.round_channel = ends[0];
	w->end = ends[1];
	zone_begin_reading(&w->zones.at[0], 0);
	w->zones.at[0].reading = true;
}

static void say(struct world *w, enum load_kind kind, uint64_t hash, bool has_file)
{
	struct load_message m = {
		.kind = kind, .hash = hash, .origin = "home.arpa.", .is_news = true
	};
	int file = has_file ? open("/dev/null", O_RDONLY) : -1;

	assert_true(channel_send(w->end, &m, sizeof m, file));
	if (file >= 0)
		close(file);
}

/* The reader is gone; what the log has of it all. */
static const char *end_round(struct world *w)
{
	close(w->end);
	log_begin();
	zones_hear_round(&w->zones);
	return log_end();
}

/* A whole round. */
static const char *read_image(struct world *w, uint64_t hash)
{
	begin_round(w);
	say(w, LOAD_IMAGE, hash, true);
	say(w, LOAD_ZONE, hash, false);
	say(w, LOAD_END, 0, false);
	return end_round(w);
}

static void an_image_is_served_and_told_of(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	assert_non_null(strstr(read_image(&w, 7), "zone home.arpa. loaded: "));
	assert_int_equal(w.zones.at[0].version, 1);
	assert_int_equal(zones_good(&w.zones), 1);
	assert_non_null(strstr(read_image(&w, 8), "zone home.arpa. reloaded: "));
	assert_int_equal(w.zones.at[0].version, 2);
	end(&w);
}

static void an_image_with_the_same_content_changes_nothing(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	read_image(&w, 7);
	assert_null(strstr(read_image(&w, 7), "loaded"));
	assert_int_equal(w.zones.at[0].version, 1);
	end(&w);
}

static void a_reading_that_ends_behind_its_image_is_served_and_told_of_later(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	begin_round(&w);
	say(&w, LOAD_IMAGE, 7, true);
	assert_non_null(strstr(end_round(&w), "reading was cut short"));
	assert_int_equal(w.zones.at[0].version, 1);
	assert_int_equal(zones_good(&w.zones), 1);
	assert_non_null(strstr(read_image(&w, 7), "zone home.arpa. loaded: "));
	assert_null(strstr(read_image(&w, 7), "loaded"));
	end(&w);
}

static void without_a_descriptor_the_old_image_stays(void **state)
{
	struct world w;

	(void)state;
	start(&w);
	read_image(&w, 7);
	begin_round(&w);
	say(&w, LOAD_IMAGE, 8, false);
	say(&w, LOAD_ZONE, 8, false);
	say(&w, LOAD_END, 0, false);
	assert_non_null(strstr(end_round(&w), "no descriptor left"));
	assert_int_equal(w.zones.at[0].version, 1);
	assert_int_equal(w.zones.at[0].hash, 7);
	assert_non_null(strstr(read_image(&w, 8), "zone home.arpa. reloaded: "));
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_is_served_and_told_of),
		cmocka_unit_test(an_image_with_the_same_content_changes_nothing),
		cmocka_unit_test(a_reading_that_ends_behind_its_image_is_served_and_told_of_later),
		cmocka_unit_test(without_a_descriptor_the_old_image_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
