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

#include "base/log.h"
#include "zone/image.h"

enum { REPORT_LINES = 20 /* where there are more changes, they are counted */ };

/* How to speak of a zone. */
struct report_style {
	const char *audience; /* "for wg0": whose version it is, or NULL */
	enum log_level level; /* of the differences */
	bool serial_is_made;  /* the zone gets names from elsewhere: nobody writes its serial */
};

/*
 * Logs the differences, and whether the serial did not grow (RFC 1982 §3.2) though
 * there are some and somebody writes it.
 */
void report_changes(const struct image *was, const struct image *is,
		    const struct report_style *style);

#endif
