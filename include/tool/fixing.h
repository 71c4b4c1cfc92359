/*
 * fixing.h -- ten35 check --fix: what is certain is mended in the files.
 *
 * First every zone of the run is seen, so that a file that serves more than one
 * of them, or one of them twice, is known and left alone: what is right in one
 * place of it may be wrong in the other.
 */
#ifndef TOOL_FIXING_H
#define TOOL_FIXING_H

#include "base/files.h"
#include "base/output.h"

struct fixing {
	struct output *out; /* where changes are shown */
	bool coloured;
	/* The files of all zones, as they were read. */
	struct file_id *seen;
	size_t count;
	bool failed; /* memory ended while they were seen: nothing is changed */
};

/* Reads a zone for its files' sake; origin may be NULL. */
void fixing_see(struct fixing *f, const char *origin, const char *file);

/*
 * Mends a zone's files until there is nothing more to mend, and shows each change.
 * False when something could not be written, which has been said.
 */
MUST_USE bool fixing_mend(struct fixing *f, const char *origin, const char *file);

void fixing_free(struct fixing *f);

#endif
