/*
 * diag.h -- what is wrong with a text, and where: `file:line:col: error: ...`.
 *
 * A finding is one sentence about one place.  Line and column (both from 1,
 * columns in octets, a tab is one) are worked out from the address in the text
 * only when something is found, so a clean file pays nothing.  Findings go to
 * whoever asked for them: printed, written to the log, or kept by a test.
 *
 *	hello.zone:4:15: error: invalid IPv4 address '10.0.0' [syntax]
 *	    4 | lumpi  300  A 10.0.0
 *	      |               ^~~~~~
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/octets.h"
#include "base/text.h"

struct file_text;

enum {
	DIAG_LIMIT = 20,          /* errors reported in one run, unless more are wanted */
	DIAG_HOPELESS = 1000,     /* errors after which nobody reads on: a binary file, say */
	DIAG_MESSAGE_SIZE = 512,  /* of one sentence */
	DIAG_FINDING_SIZE = 1536, /* room that finding_print() never exceeds ... */
	DIAG_JSON_SIZE = 16384,   /* ... and in JSON: each octet may become six */
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_NOTE };

/* What is found: how bad it is, and the name under which ten35-zone(5) explains it. */
struct kind {
	enum severity severity;
	const char *id;
};

/* The text cannot be read: all that the grammar has to say. */
#define SYNTAX_ERROR ((struct kind){ SEVERITY_ERROR, "syntax" })

/* A text that is being read.  Lives until the load is over. */
struct source {
	const char *file;
	const uint8_t *text;
	size_t size;
	uint32_t base;  /* places in this text are base + offset */
	bool is_secret; /* there are keys in it: findings say where, and never show a line */
	struct file_text *pieces; /* of a text that is read in pieces; NULL: all of it is there */
};

/* Has the whole text in memory.  False when that cannot be: then nothing of it can be shown. */
bool source_is_there(const struct source *source);

/* A place in a text. */
struct spot {
	const struct source *source;
	const uint8_t
		*at;  /* outside of the text (made by $GENERATE), or NULL: the file as a whole */
	size_t width; /* octets to underline */
};

struct finding {
	enum severity severity;
	const char *id;
	const char *file;
	uint32_t place; /* in all texts of the run: who sorts by it has files and lines in order */
	uint32_t line;  /* 0: about the file as a whole */
	uint32_t column;
	uint32_t width; /* octets to underline, at least 1 */
	const char *message;
	const char *hint;  /* what would be right, or NULL */
	struct slice text; /* the line, without its end; no octets: it is not to be shown */
};

struct diag {
	/* Borrows f for the call; NULL: findings are counted and go nowhere. */
	void (*report)(void *self, const struct finding *f);
	void *self;
	unsigned limit;                   /* reports of each severity; 0: DIAG_LIMIT */
	bool has_no_notes;                /* notes are counted and go nowhere */
	unsigned errors, warnings, notes; /* all of them, reported or not */
	/* The last place whose line was counted; of no concern to others. */
	const uint8_t *counted_in; /* a source's text */
	const uint8_t *counted_at;
	uint32_t counted_line;
};

/* Reports a finding; the hint says what would be right, or is NULL. */
#if defined(__GNUC__)
__attribute__((format(printf, 5, 6)))
#endif
void diag_report(struct diag *d, struct kind kind, struct spot spot, const char *hint,
		 const char *format, ...);

/* The same for functions that take arguments like it. */
void diag_vreport(struct diag *d, struct kind kind, struct spot spot, const char *hint,
		  const char *format, va_list args);

/* Would a finding be told if it came now?  Only then it is worth looking where it is. */
bool diag_tells(const struct diag *d, enum severity severity);

/*
 * The line of an address in a source, from 1.  Counted from the last place that
 * was asked for, so findings in the order of the text cost one walk through it.
 */
uint32_t diag_line(struct diag *d, const struct source *source, const uint8_t *at);

enum finding_form {
	FORM_PLAIN,
	FORM_COLOURED, /* with the escape sequences of ECMA-48 */
	FORM_JSON, /* one line of RFC 8259: file, line, column, width, severity, id, message, hint */
};

/*
 * Prints a finding as shown above, lines ended by '\n', octets that are not
 * printable ASCII escaped and the line cut to 80 columns, so that no file can
 * play tricks on a terminal.  Of a secret source it says file, line, column and
 * the message, which must not quote the text either.
 */
void finding_print(const struct finding *f, enum finding_form form, struct text *out);

#endif
