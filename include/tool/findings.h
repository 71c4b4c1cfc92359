/*
 * findings.h -- what was found in one run, printed by file and line.
 *
 * Syntax errors turn up in the order of the text, all others in that of names
 * and rules.  They are kept, as they will be printed, until all are there: not
 * more than the diag's limit of each severity.  A file may belong to several
 * zones, and what was found in it is printed with the first of them.
 */
#ifndef TOOL_FINDINGS_H
#define TOOL_FINDINGS_H

#include "base/diag.h"

enum { FINDINGS_TOLD = 256 /* that are remembered from one zone to the next */ };

struct findings {
	enum finding_form form;
	struct kept_finding *at;
	size_t count;
	size_t repeated; /* of those that are kept: they were told before, and are not printed */
	uint64_t told[FINDINGS_TOLD]; /* hashes */
	size_t told_count;
};

/* Keeps a finding: for struct diag, whose `self` is a struct findings. */
void findings_keep(void *self, const struct finding *f);

/* Prints them in order and forgets them; JSON goes to stdout, the others to stderr. */
void findings_print(struct findings *l);

#endif
