/*
 * test_number.c -- whole numbers as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/number.h"
#include "support/guard.h"

/* What is wrong with it, or NULL; 7 is what was there before. */
static const char *parse(const char *text, uint64_t max, uint64_t *value)
{
	*value = 7;
	const char *problem =
		number_parse(guard_copy(text, strlen(text)), strlen(text), max, value);

	guard_release();
	return problem;
}

static void digits_are_a_number(void **state)
{
	static const struct {
		const char *text;
		uint64_t max, value;
	} cases[] = {
		{ "0", 0, 0 },
		{ "255", 255, 255 },
		{ "007", 9, 7 },
		{ "18446744073709551615", UINT64_MAX, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint64_t value;

		assert_null(parse(cases[i].text, cases[i].max, &value));
		assert_true(value == cases[i].value);
	}
}

static void anything_else_is_none_and_leaves_the_value_alone(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		const char *problem;
	} cases[] = {
		{ "", 9, "invalid number" },
		{ "+1", 9, "invalid number" },
		{ " 1", 9, "invalid number" },
		{ "1x", 9, "invalid number" },
		{ "1", 0, "number too large" },
		{ "256", UINT8_MAX, "number larger than 255" },
		{ "65536", UINT16_MAX, "number larger than 65535" },
		{ "4294967296", UINT32_MAX, "number larger than 4294967295" },
		{ "18446744073709551616", UINT64_MAX, "number too large" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint64_t value;

		assert_string_equal(parse(cases[i].text, cases[i].max, &value), cases[i].problem);
		assert_true(value == 7);
	}
}

static void a_power_of_two_is_the_smallest_that_will_do(void **state)
{
	static const struct {
		size_t n, power;
	} rows[] = { { 0, 1 },
		     { 1, 1 },
		     { 2, 2 },
		     { 3, 4 },
		     { 4, 4 },
		     { 5, 8 },
		     { 255, 256 },
		     { 256, 256 },
		     { 257, 512 },
		     { 65537, 131072 },
		     { 1u << 31, 1u << 31 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_int_equal(number_power_of_two(rows[i].n), rows[i].power);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_a_number),
		cmocka_unit_test(anything_else_is_none_and_leaves_the_value_alone),
		cmocka_unit_test(a_power_of_two_is_the_smallest_that_will_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
