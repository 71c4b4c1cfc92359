/*
 * test_watch.c -- when a zone is to be read again: files that change, and times that are over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "app/watch.h"
#include "support/memory_files.h"

enum { WALL_S = 1767225600, NOW_MS = 5000 };

static const struct file_id old_id = { .device = 1, .inode = 1, .size = 1, .modified_s = 1000 };

struct world {
	struct memory_files memory;
	struct files files;
	struct zone_config config;
	struct served_zone zone;
};

/* A zone that was read from "zone", which is long unchanged, and from other files. */
static struct world *read_from(const char *other)
{
	struct world *w = calloc(1, sizeof *w);
	static char path[] = "zone";

	assert_non_null(w);
	w->files = memory_files(&w->memory);
	w->config.file = path;
	w->zone = (struct served_zone){ .config = &w->config, .fd = -1, .reading = true };
	memory_files_add(&w->memory, "zone", "x", 1);
	zone_begin_reading(&w->zone, WALL_S);
	zone_add_input(&w->zone, "zone", &(struct file_id){ .device = 1, .inode = 1, .size = 1 });
	if (other)
		zone_add_input(&w->zone, other, &(struct file_id){ 0 });
	zone_end_reading(&w->zone, NOW_MS);
	assert_int_equal(w->zone.again_ms, 0);
	return w;
}

static void end(struct world *w)
{
	zone_forget(&w->zone);
	free(w);
}

static enum watch_state look(struct world *w, uint64_t now_ms)
{
	return zone_look(&w->zone, &w->files, now_ms);
}

/* ------ leases ------ */

static void a_zone_is_read_again_when_its_first_lease_is_over(void **state)
{
	struct world *w = read_from(NULL);

	(void)state;
	zone_expires(&w->zone, WALL_S + 60, WALL_S, NOW_MS);
	assert_int_equal(look(w, NOW_MS + 59999), WATCH_SAME);
	assert_int_equal(look(w, NOW_MS + 60000), WATCH_CHANGED);
	assert_int_equal(look(w, NOW_MS + 60001), WATCH_SAME); /* once */
	end(w);
}

static void without_a_lease_that_ends_there_is_no_need(void **state)
{
	struct world *w = read_from(NULL);

	(void)state;
	zone_expires(&w->zone, 0, WALL_S, NOW_MS);
	assert_int_equal(w->zone.again_ms, 0);
	assert_int_equal(look(w, NOW_MS + 1000000000), WATCH_SAME);
	end(w);
}

static void a_lease_that_is_over_by_now_is_not_read_at_once_for_ever(void **state)
{
	struct world *w = read_from(NULL);

	(void)state;
	zone_expires(&w->zone, WALL_S, WALL_S, NOW_MS);
	assert_int_equal(w->zone.again_ms, NOW_MS + 1000);
	w->zone.again_ms = 0;
	zone_expires(&w->zone, 1, WALL_S, NOW_MS); /* the clock jumped */
	assert_int_equal(w->zone.again_ms, NOW_MS + 1000);
	end(w);
}

static void of_two_reasons_to_read_again_the_earlier_counts(void **state)
{
	struct world *w = read_from(NULL);

	(void)state;
	w->zone.again_ms = NOW_MS + 2500; /* its file is very new */
	zone_expires(&w->zone, WALL_S + 60, WALL_S, NOW_MS);
	assert_int_equal(w->zone.again_ms, NOW_MS + 2500);
	zone_expires(&w->zone, WALL_S + 2, WALL_S, NOW_MS);
	assert_int_equal(w->zone.again_ms, NOW_MS + 2000);
	end(w);
}

static void a_lease_that_ends_in_a_hundred_years_does_not_end_now(void **state)
{
	struct world *w = read_from(NULL);

	(void)state;
	zone_expires(&w->zone, WALL_S + 3155760000, WALL_S, NOW_MS);
	assert_int_equal(w->zone.again_ms, NOW_MS + 3155760000000);
	end(w);
	w = read_from(NULL);
	/* As milliseconds this is 384 more than 64 bits can hold. */
	zone_expires(&w->zone, WALL_S + 18446744073709552, WALL_S, NOW_MS);
	assert_true(w->zone.again_ms > NOW_MS + 3155760000000);
	end(w);
}

/* ------ files ------ */

static void a_file_that_was_not_there_is_noticed_when_it_appears(void **state)
{
	struct world *w = read_from("leases");

	(void)state;
	assert_int_equal(look(w, NOW_MS), WATCH_SAME);
	memory_files_add(&w->memory, "leases", "", 0);
	assert_int_equal(look(w, NOW_MS), WATCH_MOVING);
	assert_int_equal(look(w, NOW_MS), WATCH_CHANGED);
	end(w);
}

static void a_file_that_vanishes_is_a_change(void **state)
{
	struct world *w = read_from(NULL);

	(void)state;
	w->memory.count = 0;
	assert_int_equal(look(w, NOW_MS), WATCH_MOVING);
	assert_int_equal(look(w, NOW_MS), WATCH_CHANGED);
	end(w);
}

static void a_file_that_never_stands_still_is_read_in_the_end(void **state)
{
	struct world *w = read_from(NULL);
	unsigned looks = 0;

	(void)state;
	do {
		w->memory.at[0].size++;
		looks++;
	} while (look(w, NOW_MS) == WATCH_MOVING);
	assert_int_equal(looks, 26);
	end(w);
}

static void what_is_being_read_is_not_looked_at(void **state)
{
	struct world *w = read_from(NULL);

	(void)state;
	w->zone.again_ms = NOW_MS;
	w->zone.reading = true;
	assert_int_equal(look(w, NOW_MS + 1), WATCH_SAME);
	w->zone.reading = false;
	assert_int_equal(look(w, NOW_MS + 1), WATCH_CHANGED);
	end(w);
}

/* FAT and ext3 count in seconds: an edit in the same one may leave every stamp as it was. */
static void a_file_that_is_very_new_is_read_once_more(void **state)
{
	static const struct {
		int64_t modified_s;
		bool again;
	} cases[] = { { WALL_S - 3, false },
		      { WALL_S - 2, true },
		      { WALL_S, true },
		      { WALL_S + 2, true },
		      { WALL_S + 3, false } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct world *w = read_from(NULL);
		struct file_id id = old_id;

		id.modified_s = cases[i].modified_s;
		w->zone.again_ms = NOW_MS + 1; /* has been a reason for this reading */
		zone_begin_reading(&w->zone, WALL_S);
		zone_add_input(&w->zone, "names", &id);
		zone_end_reading(&w->zone, NOW_MS);
		assert_int_equal(w->zone.again_ms, cases[i].again ? NOW_MS + 2500 : 0);
		end(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_is_read_again_when_its_first_lease_is_over),
		cmocka_unit_test(without_a_lease_that_ends_there_is_no_need),
		cmocka_unit_test(a_lease_that_is_over_by_now_is_not_read_at_once_for_ever),
		cmocka_unit_test(of_two_reasons_to_read_again_the_earlier_counts),
		cmocka_unit_test(a_lease_that_ends_in_a_hundred_years_does_not_end_now),
		cmocka_unit_test(a_file_that_was_not_there_is_noticed_when_it_appears),
		cmocka_unit_test(a_file_that_vanishes_is_a_change),
		cmocka_unit_test(a_file_that_never_stands_still_is_read_in_the_end),
		cmocka_unit_test(what_is_being_read_is_not_looked_at),
		cmocka_unit_test(a_file_that_is_very_new_is_read_once_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
