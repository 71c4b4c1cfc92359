/*
 * report.h -- what is different in a zone that was read again, for the log.
 *
 *	zone home.arpa.: + nas A 10.0.0.7
 *	zone home.arpa. for wg0: - old A 10.0.0.9
 *	zone home.arpa.: ~ www A TTL 60 -> 300
 *	zone home.arpa.: serial 7 did not increase: secondaries notice nothing (RFC 1982)
 */
#ifndef APP_REPORT_H
#define APP_REPORT_H

#include "zone/image.h"

enum { REPORT_LINES = 20 /* where there are more changes, they are counted */ };

/*
 * Logs the differences, and whether the serial did not grow (RFC 1982 §3.2) though
 * there are some.  The audience ("for wg0") is that of the version, or NULL.  A serial that nobody writes (`serial_is_made`: the zone gets
 * names from elsewhere) is of no interest.
 */
void report_changes(const struct image *was, const struct image *is, const char *audience,
		    bool serial_is_made);

#endif
