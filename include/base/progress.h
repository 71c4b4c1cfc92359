/*
 * progress.h -- a line on a terminal that says how far reading has come.
 *
 *	ten35: 45 %, 678000 records, 1356000 a second: big.zone
 *
 * What is done within half a second shows nothing.  After that the line is drawn
 * anew five times a second, and is gone when the reading is over.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include "base/clock.h"

enum {
	PROGRESS_FIRST_MS = 500, /* nobody asks before */
	PROGRESS_AGAIN_MS = 200,
	PROGRESS_LINE_SIZE = 512,
};

struct progress {
	struct clock clock;
	void (*draw)(const char *line); /* log_draw(), or a test's; "" erases the line */
	/* The rest is of no concern to others. */
	const char *file;
	uint64_t start_ms, due_ms;
	bool drawn;
};

/* Begins to read a file, whose name is borrowed up to the end; clock and draw are set. */
void progress_start(struct progress *p, const char *file);

/*
 * So many records have been read, in `done` octets of all that are known of until
 * now.  When that is all of them, what is left to do is to put them in order.
 */
void progress_tell(struct progress *p, uint32_t records, size_t done, size_t all);

/* Erases what is drawn: at the end, or when something else is to be written there. */
void progress_erase(struct progress *p);

#endif
