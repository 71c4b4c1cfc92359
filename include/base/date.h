/*
 * date.h -- days since 1970 and dates of the Gregorian calendar.
 *
 * For the times of signatures (RFC 4034 §3.2) and serials that are dates; no
 * time zones, no leap seconds.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/octets.h"

enum { DAY_SECONDS = 86400 };

struct date {
	uint32_t year, month, day; /* month and day from 1 */
};

/* Days since 1970-01-01 of a date that is not before it. */
uint32_t days_of_date(struct date date);

struct date date_of_days(uint32_t days);

#endif
