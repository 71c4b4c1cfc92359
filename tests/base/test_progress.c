/*
 * The line that says how far reading has come: what it says, and when.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/progress.h"

static uint64_t now_ms;
static char drawn[64 * 1024]; /* what was drawn, each with a '|' behind it */

static uint64_t fake_now_ms(void *self)
{
	(void)self;
	return now_ms;
}

static void draw(const char *line)
{
	strcat(drawn, line);
	strcat(drawn, "|");
}

static struct progress start(const char *file)
{
	struct progress p = { .clock = { .now_ms = fake_now_ms }, .draw = draw };

	drawn[0] = '\0';
	now_ms = 1000000;
	progress_start(&p, file);
	return p;
}

/* Tells it at this time after the start; what was drawn by then. */
static const char *tell(struct progress *p, uint64_t ms, uint32_t records, size_t done, size_t all)
{
	now_ms = 1000000 + ms;
	drawn[0] = '\0';
	progress_tell(p, records, done, all);
	return drawn;
}

static void nothing_is_drawn_in_the_first_half_second(void **state)
{
	struct progress p = start("a.zone");

	(void)state;
	assert_string_equal(tell(&p, 0, 0, 0, 100), "");
	assert_string_equal(tell(&p, 499, 1000, 50, 100), "");
	assert_string_equal(tell(&p, 499, 1000, 100, 100), "");
	progress_erase(&p);
	assert_string_equal(drawn, "");
	assert_string_equal(tell(&p, 500, 1000, 50, 100),
			    "ten35: 50 %, 1000 records, 2000 a second: a.zone|");
}

static void it_is_drawn_anew_five_times_a_second(void **state)
{
	struct progress p = start("a.zone");

	(void)state;
	tell(&p, 600, 1, 1, 100);
	assert_string_equal(tell(&p, 799, 2, 2, 100), "");
	assert_string_equal(tell(&p, 800, 4, 3, 100), "ten35: 3 %, 4 records, 5 a second: a.zone|");
	assert_string_equal(tell(&p, 999, 5, 4, 100), "");
}

static void the_last_word_is_not_kept_back(void **state)
{
	struct progress p = start("a.zone");

	(void)state;
	tell(&p, 600, 98, 98, 100);
	assert_string_equal(tell(&p, 601, 100, 100, 100),
			    "ten35: 100 records, now put in order: a.zone|");
}

static void what_was_drawn_is_erased_once(void **state)
{
	struct progress p = start("a.zone");

	(void)state;
	tell(&p, 600, 1, 1, 100);
	drawn[0] = '\0';
	progress_erase(&p);
	progress_erase(&p);
	assert_string_equal(drawn, "|");
	assert_string_equal(tell(&p, 900, 9, 2, 100),
			    "ten35: 2 %, 9 records, 10 a second: a.zone|");
	progress_start(&p, "b.zone");
	assert_string_equal(tell(&p, 901, 9, 2, 100), "");
}

static void large_numbers_are_right(void **state)
{
	struct progress p = start("a.zone");

	(void)state;
	assert_string_equal(tell(&p, 500, 100000000, (size_t)3 << 29, (size_t)2 << 30),
			    "ten35: 75 %, 100000000 records, 200000000 a second: a.zone|");
	assert_string_equal(tell(&p, 86400000, 100000000, 99, 10000),
			    "ten35: 0 %, 100000000 records, 1157 a second: a.zone|");
}

static void a_file_s_name_plays_no_tricks(void **state)
{
	struct progress p = start("a\033[31m\nb");
	char long_name[2000];

	(void)state;
	assert_string_equal(tell(&p, 1000, 1, 1, 100),
			    "ten35: 1 %, 1 records, 1 a second: a\\027[31m\\010b|");
	memset(long_name, '\n', sizeof long_name);
	long_name[sizeof long_name - 1] = '\0';
	p = start(long_name);
	assert_true(strlen(tell(&p, 1000, 1, 1, 100)) <= PROGRESS_LINE_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_drawn_in_the_first_half_second),
		cmocka_unit_test(it_is_drawn_anew_five_times_a_second),
		cmocka_unit_test(the_last_word_is_not_kept_back),
		cmocka_unit_test(what_was_drawn_is_erased_once),
		cmocka_unit_test(large_numbers_are_right),
		cmocka_unit_test(a_file_s_name_plays_no_tricks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
