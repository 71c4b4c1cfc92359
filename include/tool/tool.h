/*
 * tool.h -- the subcommands: ten35 NAME ARGUMENTS...
 */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include "zone/zonefile.h"

struct tool {
	const char *name;
	int (*run)(int argc, char **argv); /* the arguments behind the name; the exit status */
};

/* The subcommand of this name, or NULL. */
const struct tool *tool_find(const char *name);

/* Prints findings to stderr: for struct diag. */
void tool_report(void *self, const struct finding *f);

/*
 * Prepares to read "[ORIGIN=]FILE".  The zonefile borrows the argument, which
 * is cut in two at the '='.
 */
void tool_open(struct zonefile *zf, char *argument, struct diag *d);

/* ten35 check [ORIGIN=]FILE...: 0 when all are good, 1 otherwise. */
int tool_check(int argc, char **argv);

/* ten35 print [ORIGIN=]FILE: the zone in canonical order, absolute names. */
int tool_print(int argc, char **argv);

#endif
