/*
 * log.h -- one line an event, to stderr or syslog.
 *
 * stderr gets "ten35: text" (the supervisor adds the time); with JOURNAL_STREAM
 * set also the priority as <n>.  syslog is reached by datagrams to /dev/log,
 * without libc's syslog(), which may wait; where nobody listens there, stderr
 * gets the line.  A reader that is too slow costs
 * lines, never an answer: what cannot be written at once is counted and told
 * about later.
 *
 * Text from outside goes through text_put_escaped() before it comes here.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/octets.h"

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTICE, LEVEL_INFO, LEVEL_DEBUG };

enum { LOG_LINE_MAX = 1600 };

enum log_target { LOG_TO_STDERR, LOG_TO_SYSLOG };

/* Lines up to this level go to the target from now on. */
void log_open(enum log_target target, enum log_level level);

/* Lines go to this function instead, without any prefix, until it is NULL. */
void log_divert(void (*take)(void *self, enum log_level level, const char *line), void *self);

/* Opens the target again: for SIGUSR2, and after syslogd was started anew. */
void log_reopen(void);

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void log_write(enum log_level level, const char *format, ...);

/* A text of several lines (an error with its caret), each written as it is. */
void log_text(enum log_level level, const char *text);

/*
 * Draws a line that is no part of the log, cut to the width of the terminal: what
 * is written to the log or drawn next takes its place, by whatever process; ""
 * only erases it.  Does nothing unless the log goes to a terminal, and one that
 * does not call itself dumb.
 */
void log_draw(const char *line);

/* Lets one complaint of a kind through in each interval. */
struct log_limit {
	uint64_t next_ms;
	unsigned suppressed;
};

/*
 * True when the complaint may be written now; *suppressed is then how many were
 * kept back since the last one.
 */
bool log_allowed(struct log_limit *limit, uint64_t now_ms, uint64_t interval_ms,
		 unsigned *suppressed);

#endif
