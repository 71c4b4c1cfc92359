/*
 * test_ttl.c -- times to live as text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dns/ttl.h"
#include "support/guard.h"

static const char *read_text(const char *text, uint32_t *ttl)
{
	size_t size = strlen(text);
	const char *problem;

	return ttl_parse(guard_copy(text, size), size, ttl, &problem) ? NULL : problem;
}

static void expect(const char *text, uint32_t expected)
{
	uint32_t ttl = 0;
	const char *problem = read_text(text, &ttl);

	if (problem)
		fail_msg("'%s': %s", text, problem);
	assert_int_equal(ttl, expected);
}

static void expect_refused(const char *text, const char *reason)
{
	uint32_t ttl = 35;
	const char *problem = read_text(text, &ttl);

	if (!problem)
		fail_msg("'%s' is accepted", text);
	assert_string_equal(problem, reason);
	assert_int_equal(ttl, 35);
}

static void seconds_are_digits_rfc_1035_5_1(void **state)
{
	(void)state;
	expect("0", 0);
	expect("3600", 3600);
	expect("0003600", 3600);
	expect("4294967295", 4294967295);
}

static void units_are_seconds_to_weeks(void **state)
{
	(void)state;
	expect("1s", 1);
	expect("1m", 60);
	expect("1h", 3600);
	expect("1d", 86400);
	expect("1w", 604800);
	expect("1w2d3h4m5s", 788645);
	expect("1W2D3H4M5S", 788645);
	expect("0w", 0);
}

static void units_come_in_any_order_and_number(void **state)
{
	(void)state;
	expect("5s1h", 3605);
	expect("1h1h", 7200);
}

static void times_end_at_32_bits(void **state)
{
	(void)state;
	expect("7101w3d6h28m15s", 4294967295);
	expect_refused("7101w3d6h28m16s", "TTL larger than 4294967295");
	expect_refused("4294967296", "TTL larger than 4294967295");
	expect_refused("99999999999999999999999999999999", "TTL larger than 4294967295");
	expect_refused("4294967295w", "TTL larger than 4294967295");
	expect_refused("4294967295s1s", "TTL larger than 4294967295");
}

static void anything_else_is_refused(void **state)
{
	(void)state;
	expect_refused("", "TTL does not begin with a digit");
	expect_refused("h", "TTL does not begin with a digit");
	expect_refused("-1", "TTL does not begin with a digit");
	expect_refused("IN", "TTL does not begin with a digit");
	expect_refused("1x", "bad TTL unit");
	expect_refused("1hh", "bad TTL unit");
	expect_refused("1 h", "bad TTL unit");
	expect_refused("1.5h", "bad TTL unit");
	expect_refused("1h30", "TTL number without a unit behind one with a unit");
}

static int release(void **state)
{
	(void)state;
	guard_release();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seconds_are_digits_rfc_1035_5_1),
		cmocka_unit_test(units_are_seconds_to_weeks),
		cmocka_unit_test(units_come_in_any_order_and_number),
		cmocka_unit_test(times_end_at_32_bits),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
