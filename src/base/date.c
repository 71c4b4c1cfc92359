/*
 * date.c -- days since 1970 and dates.
 *
 * Years begin in March here, so leap days end them.
 */
#include "base/date.h"

enum {
	ERA_YEARS = 400, /* the calendar repeats */
	ERA_DAYS = 146097,
	EPOCH_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
};

uint32_t days_of_date(struct date date)
{
	uint32_t year = date.year - (date.month <= 2), in_era = year % ERA_YEARS;
	uint32_t month = date.month > 2 ? date.month - 3 : date.month + 9;
	uint32_t in_year = (153 * month + 2) / 5 + date.day - 1;

	return year / ERA_YEARS * ERA_DAYS + in_era * 365 + in_era / 4 - in_era / 100 + in_year -
	       EPOCH_DAYS;
}

struct date date_of_days(uint32_t days)
{
	days += EPOCH_DAYS;
	uint32_t in_era = days % ERA_DAYS;
	uint32_t years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	uint32_t in_year = in_era - (365 * years + years / 4 - years / 100);
	uint32_t m = (5 * in_year + 2) / 153, month = m < 10 ? m + 3 : m - 9;

	return (struct date){
		.year = years + days / ERA_DAYS * ERA_YEARS + (month <= 2),
		.month = month,
		.day = in_year - (153 * m + 2) / 5 + 1,
	};
}
