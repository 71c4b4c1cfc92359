/*
 * test_storms.c -- storms are the same each time, and come again from their lines.
 *
 * That no rule is broken in a thousand of them is the test sim/storms, which is
 * `ten35 sim --storms 1-1000`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sim/storm.h"

enum { STEPS = 100 };

static char said[1 << 16];

static void hear(void *self, const struct finding *f)
{
	struct text text = text_init(said, sizeof said);

	(void)self;
	finding_print(f, FORM_PLAIN, &text);
}

struct played {
	uint64_t trace, queries, replies, end_ms;
};

/* Plays a seed, or lines that are given; the lines of the former are left in *lines. */
static struct played play(uint64_t seed, char **lines, size_t *size)
{
	struct sim *sim = calloc(1, sizeof *sim);
	struct script *script = calloc(1, sizeof *script);
	struct diag diag = { .report = hear };

	assert_true(sim && script);
	sim_init(sim, 1);
	script_init(script, sim, &diag);
	if (*lines) {
		struct slice text = { (uint8_t *)*lines, *size };
		if (!script_play(script, "lines", text))
			fail_msg("%s", said);
	} else {
		struct storm storm = storm_init(script, chance_seed(seed), NULL);
		if (!storm_play(&storm, STEPS))
			fail_msg("%s", said);
		*lines = malloc(storm.size);
		memcpy(*lines, storm.lines, *size = storm.size);
		storm_free(&storm);
	}
	struct played o = { sim->trace, sim->rules.queries, sim->rules.replies, sim->net.now_ms };
	script_free(script);
	sim_free(sim);
	free(script);
	free(sim);
	return o;
}

static void a_seed_gives_the_same_octets_at_the_same_times(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		char *lines[2] = { NULL, NULL };
		size_t size[2];
		struct played a = play(seed, &lines[0], &size[0]);
		struct played b = play(seed, &lines[1], &size[1]);

		assert_int_equal(size[0], size[1]);
		assert_memory_equal(lines[0], lines[1], size[0]);
		assert_memory_equal(&a, &b, sizeof a);
		assert_true(a.queries > 0 && a.replies > 0);
		free(lines[0]);
		free(lines[1]);
	}
}

static void other_seeds_give_something_else(void **state)
{
	char *lines[2] = { NULL, NULL };
	size_t size[2];

	(void)state;
	struct played a = play(1, &lines[0], &size[0]);
	struct played b = play(2, &lines[1], &size[1]);
	assert_true(a.trace != b.trace);
	free(lines[0]);
	free(lines[1]);
}

static void the_lines_of_a_storm_play_it_again(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		char *lines = NULL;
		size_t size;
		struct played a = play(seed, &lines, &size);
		struct played b = play(0, &lines, &size);

		assert_memory_equal(&a, &b, sizeof a);
		free(lines);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seed_gives_the_same_octets_at_the_same_times),
		cmocka_unit_test(other_seeds_give_something_else),
		cmocka_unit_test(the_lines_of_a_storm_play_it_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
