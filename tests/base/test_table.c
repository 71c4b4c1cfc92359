/*
 * The growing hash table: every value under its hash, whatever the hashes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"

/* Hashes that are spread, equal, or neighbours: clusters in the slots. */
static uint64_t spread(uint32_t i)
{
	return (i + 1) * 0x9e3779b97f4a7c15u;
}

static uint64_t equal_in_the_slot(uint32_t i)
{
	return (uint64_t)i << 16;
}

static uint64_t equal_in_half(uint32_t i)
{
	return (uint64_t)i << 32;
}

static uint64_t neighbours(uint32_t i)
{
	return i / 3;
}

static uint64_t few(uint32_t i)
{
	return i % 7 ? UINT64_MAX - i % 7 : 0;
}

static void every_value_is_found_under_its_hash(void **state)
{
	static const struct {
		const char *name;
		uint64_t (*hash)(uint32_t i);
		uint32_t count;
	} cases[] = { { "spread", spread, 20000 },
		      { "one slot", equal_in_the_slot, 1500 },
		      { "one lower half", equal_in_half, 1500 },
		      { "neighbours", neighbours, 3000 },
		      { "few hashes with many values", few, 1500 } };

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
		struct table t = { 0 };

		for (uint32_t i = 0; i < cases[c].count; i++) {
			assert_true(table_add(&t, cases[c].hash(i), i + 1));
			assert_true(t.size > t.used); /* a free slot ends every search */
		}
		assert_int_equal(t.used, cases[c].count);
		assert_int_equal(t.size & (t.size - 1), 0);
		for (uint32_t i = 0; i < cases[c].count; i += c == 0 ? 1 : 13) {
			struct table_walk walk = table_walk(cases[c].hash(i));
			unsigned times = 0;
			uint32_t v;

			while ((v = table_find(&t, &walk)) != 0) {
				if ((uint32_t)cases[c].hash(v - 1) != (uint32_t)cases[c].hash(i))
					fail_msg("%s: a value of another hash", cases[c].name);
				times += v == i + 1;
			}
			if (times != 1)
				fail_msg("%s: value %u is there %u times", cases[c].name, i, times);
		}
		table_free(&t);
	}
}

/* Clusters that go round the end are what a table in place can lose when it grows. */
static void nothing_is_lost_when_a_table_grows_whatever_goes_round_its_end(void **state)
{
	uint32_t chance = 1;

	(void)state;
	for (unsigned run = 0; run < 2000; run++) {
		uint32_t hashes[200], first = run % 3 ? 0u - run % 50 : 0;
		struct table t = { 0 };

		for (uint32_t i = 0; i < 200; i++) {
			chance = chance * 1103515245 + 12345;
			hashes[i] = first + (chance >> 16) % (1 + run % 90);
			assert_true(table_add(&t, hashes[i], i + 1));
		}
		for (uint32_t i = 0; i < 200; i++) {
			struct table_walk walk = table_walk(hashes[i]);
			uint32_t v, last = 0;
			bool is_there = false;

			while ((v = table_find(&t, &walk)) != 0) {
				assert_int_equal(hashes[v - 1], hashes[i]);
				assert_true(v > last); /* in the order they were added */
				last = v;
				is_there |= v == i + 1;
			}
			assert_true(is_there);
		}
		table_free(&t);
	}
}

static void what_is_not_there_is_not_found(void **state)
{
	struct table t = { 0 };
	struct table_walk walk = table_walk(5);

	(void)state;
	assert_int_equal(table_find(&t, &walk), 0); /* not even a first slot */
	for (uint32_t i = 1; i <= 100; i++)
		assert_true(table_add(&t, i * 2, i));
	for (uint32_t i = 0; i < 100; i++) {
		walk = table_walk(i * 2 + 1);
		assert_int_equal(table_find(&t, &walk), 0);
	}
	/* The same slot, another hash. */
	walk = table_walk(2 + ((uint64_t)1 << 20));
	assert_int_equal(table_find(&t, &walk), 0);
	/* Half of it is the same: whoever asks compares, and asks for the next. */
	walk = table_walk(2 + ((uint64_t)1 << 40));
	assert_int_equal(table_find(&t, &walk), 1);
	assert_int_equal(table_find(&t, &walk), 0);
	table_free(&t);
	walk = table_walk(2);
	assert_int_equal(table_find(&t, &walk), 0);
	assert_true(table_add(&t, 1, 1)); /* free is empty, not broken */
	table_free(&t);
}

static void values_of_one_hash_come_in_the_order_they_were_added(void **state)
{
	struct table t = { 0 };
	struct table_walk walk = table_walk(77);

	(void)state;
	for (uint32_t i = 1; i <= 10; i++)
		assert_true(table_add(&t, 77, i));
	for (uint32_t i = 1; i <= 10; i++)
		assert_int_equal(table_find(&t, &walk), i);
	assert_int_equal(table_find(&t, &walk), 0);
	table_free(&t);
}

static void a_value_takes_the_place_of_another_and_of_no_other(void **state)
{
	static const uint32_t after[] = { 1, 2, 30, 4, 5 };
	struct table t = { 0 };
	struct table_walk walk = table_walk(77);

	(void)state;
	for (uint32_t i = 1; i <= 5; i++)
		assert_true(table_add(&t, 77, i));
	assert_true(table_add(&t, 78, 3));
	table_replace(&t, 77, 3, 30);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(table_find(&t, &walk), after[i]);
	walk = table_walk(78);
	assert_int_equal(table_find(&t, &walk), 3);
	assert_int_equal(t.used, 6);
	table_free(&t);
}

static void a_table_that_failed_takes_nothing(void **state)
{
	struct table t = { .failed = true };

	(void)state;
	assert_false(table_add(&t, 1, 1));
	assert_int_equal(t.used, 0);
}

static void room_that_was_made_is_enough_and_stays(void **state)
{
	(void)state;
	for (uint32_t n = 0; n <= 300; n++) {
		struct table t = { 0 };

		assert_true(table_reserve(&t, n));
		const struct table_slot *slots = t.slots;
		for (unsigned round = 0; round < 3; round++) {
			for (uint32_t i = 1; i <= n; i++)
				assert_true(table_add(&t, spread(i), i));
			assert_ptr_equal(t.slots, slots);
			assert_int_equal(t.used, n);
			table_clear(&t);
			for (uint32_t i = 1; i <= n; i++) {
				struct table_walk walk = table_walk(spread(i));
				assert_int_equal(table_find(&t, &walk), 0);
			}
		}
		table_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_is_found_under_its_hash),
		cmocka_unit_test(nothing_is_lost_when_a_table_grows_whatever_goes_round_its_end),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(values_of_one_hash_come_in_the_order_they_were_added),
		cmocka_unit_test(a_value_takes_the_place_of_another_and_of_no_other),
		cmocka_unit_test(a_table_that_failed_takes_nothing),
		cmocka_unit_test(room_that_was_made_is_enough_and_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
