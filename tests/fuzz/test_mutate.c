/*
 * The mutator of fuzz/: the same for the same seed, and never beyond its room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/octets.h"
#include "examples.h"
#include "mutate.h"
#include "support/random_names.h"

enum { MOST = 700, ROUNDS = 20000, RED = 16, RED_OCTET = 0xa5 };

static const char zone[] = "$TTL 1h\n@ SOA ns h ( 1 2 3\n 4 5 )\n NS ns ; comment\nns A 192.0.2.1\n"
			   "t 300 IN TXT \"a b\" c\\;d\n\n*.w MX 10 mail";

/* Octets of one of three kinds: a good input, a part of one, noise. */
static size_t make_input(struct random_source *r, uint8_t *out, const void *good, size_t size)
{
	size_t n = random_below(r, 3) > 0 ? size : random_below(r, (uint32_t)size + 1);

	if (random_below(r, 3) > 0) {
		memcpy(out, good, n);
		return n;
	}
	n = random_below(r, MOST);
	for (size_t i = 0; i < n; i++)
		out[i] = (uint8_t)random_below(r, 256);
	return n;
}

/* Runs a mutator with room that ends at red octets, which have to stay. */
static size_t run(mutator *mutate, uint8_t *octets, size_t size, size_t room, unsigned seed)
{
	memset(octets + room, RED_OCTET, RED);
	size_t n = mutate(octets, size, room, seed);

	assert_true(n <= room);
	for (size_t i = 0; i < RED; i++)
		assert_int_equal(octets[room + i], RED_OCTET);
	return n;
}

static void check_bounds(mutator *mutate, const void *good, size_t size)
{
	static uint8_t input[MOST + RED], a[MOST + 2 * RED], b[MOST + 2 * RED];
	struct random_source r = { 35 };

	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t n = make_input(&r, input, good, size);
		size_t room = random_below(&r, 2) ? n + random_below(&r, RED) : MOST;

		memcpy(a, input, n);
		memcpy(b, input, n);
		size_t n_a = run(mutate, a, n, room, round), n_b = run(mutate, b, n, room, round);
		assert_int_equal(n_a, n_b);
		assert_memory_equal(a, b, n_a);
	}
}

static void zones_stay_within_their_room(void **state)
{
	(void)state;
	check_bounds(mutate_zone, zone, sizeof zone - 1);
}

/* How many of 1,000 seeds change a good input. */
static unsigned count_changes(mutator *mutate, const void *good, size_t size)
{
	uint8_t octets[MOST];
	unsigned changed = 0;

	for (unsigned seed = 0; seed < 1000; seed++) {
		memcpy(octets, good, size);
		size_t n = mutate(octets, size, sizeof octets, seed);
		changed += n != size || memcmp(octets, good, size) != 0;
	}
	return changed;
}

static void most_seeds_change_something(void **state)
{
	(void)state;
	assert_true(count_changes(mutate_zone, zone, sizeof zone - 1) > 800);
}

static void without_room_nothing_is_written(void **state)
{
	uint8_t none[RED];

	(void)state;
	for (unsigned seed = 0; seed < 100; seed++)
		assert_int_equal(run(mutate_zone, none, 0, 0, seed), 0);
}

static void replaced_octets_may_be_the_inputs_own(void **state)
{
	uint8_t octets[12] = "abcdefgh";
	struct mutation m = mutation_init(octets, 8, sizeof octets, 1);

	(void)state;
	assert_true(mutation_replace(&m, 2, 1, octets + 1, 4));
	assert_int_equal(m.size, 11);
	assert_memory_equal(octets, "abbcdedefgh", 11);
	assert_false(mutation_replace(&m, 0, 0, octets, 2));
	assert_false(mutation_replace(&m, 10, 2, NULL, 0));
	mutation_swap(&m, 0, 1, 5, 8);
	assert_memory_equal(octets, "edebbcdafgh", 11);
}

static void every_type_has_an_example(void **state)
{
	size_t count;
	const struct example *e = examples(&count);

	(void)state;
	assert_true(count >= 88 && e[0].type == TYPE_A && e[count - 1].type == TYPE_DLV);
	assert_string_equal(e[0].text, "A 192.0.2.1");
	assert_memory_equal(e[0].rdata, "\xc0\0\2\1", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_stay_within_their_room),
		cmocka_unit_test(most_seeds_change_something),
		cmocka_unit_test(without_room_nothing_is_written),
		cmocka_unit_test(replaced_octets_may_be_the_inputs_own),
		cmocka_unit_test(every_type_has_an_example),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
