/*
 * test_date.c -- days since 1970 and dates.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/date.h"

static void known_days_have_their_dates(void **state)
{
	static const struct {
		uint32_t days;
		struct date date;
	} cases[] = {
		{ 0, { 1970, 1, 1 } },        { 58, { 1970, 2, 28 } },    { 59, { 1970, 3, 1 } },
		{ 789, { 1972, 2, 29 } },     { 11016, { 2000, 2, 29 } }, { 20513, { 2026, 3, 1 } },
		{ 47540, { 2100, 2, 28 } },   { 47541, { 2100, 3, 1 } },  { 49710, { 2106, 2, 7 } },
		{ 848760, { 4293, 10, 29 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct date date = date_of_days(cases[i].days);

		assert_memory_equal(&date, &cases[i].date, sizeof date);
		assert_int_equal(days_of_date(date), cases[i].days);
	}
}

static void every_day_leads_back_to_itself(void **state)
{
	struct date last = { 0, 0, 0 };

	(void)state;
	for (uint32_t days = 0; days < 400 * 366; days++) {
		struct date date = date_of_days(days);

		assert_int_equal(days_of_date(date), days);
		assert_true(date.day == last.day + 1 || date.day == 1);
		last = date;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_days_have_their_dates),
		cmocka_unit_test(every_day_leads_back_to_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
