/*
 * diag.h -- what is wrong with a text, and where: `file:line:col: error: ...`.
 *
 * A finding is one sentence about one place.  Line and column (both from 1,
 * columns in octets, a tab is one) are worked out from the address in the text
 * only when something is found, so a clean file pays nothing.  Findings go to
 * whoever asked for them: printed, written to the log, or kept by a test.
 *
 *	hello.zone:4:15: error: invalid IPv4 address '10.0.0'
 *	    4 | lumpi  300  A 10.0.0
 *	      |               ^~~~~~
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/octets.h"
#include "base/text.h"

enum {
	DIAG_LIMIT = 20,          /* errors reported in one run; the rest is counted */
	DIAG_HOPELESS = 1000,     /* errors after which nobody reads on: a binary file, say */
	DIAG_MESSAGE_SIZE = 512,  /* of one sentence */
	DIAG_FINDING_SIZE = 1536, /* room that finding_print() never exceeds */
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

/* A text that is being read.  Lives until the load is over. */
struct source {
	const char *file;
	const uint8_t *text;
	size_t size;
	uint32_t base; /* places in this text are base + offset */
};

struct finding {
	enum severity severity;
	const char *file;
	uint32_t line; /* 0: about the file as a whole */
	uint32_t column;
	uint32_t width; /* octets to underline, at least 1 */
	const char *message;
	const char *hint;  /* what would be right, or NULL */
	struct slice text; /* the line, without its end */
};

struct diag {
	void (*report)(void *self, const struct finding *f); /* borrows f for the call */
	void *self;
	unsigned errors; /* all of them, reported or not */
	unsigned warnings;
};

/*
 * Reports a finding at `at` inside the source's text.  An address outside of it
 * (text made by $GENERATE) or NULL means the file as a whole.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 7, 8)))
#endif
void diag_report(struct diag *d, enum severity severity, const struct source *source,
		 const uint8_t *at, size_t width, const char *hint, const char *format, ...);

/* The line of an address, from 1. */
uint32_t source_line(const struct source *source, const uint8_t *at);

/*
 * Prints a finding as shown above, lines ended by '\n', octets that are not
 * printable ASCII escaped and the line cut to 80 columns, so that no file can
 * play tricks on a terminal.
 */
void finding_print(const struct finding *f, struct text *out);

#endif
