/*
 * tool.h -- the subcommands: ten35 NAME ARGUMENTS...
 */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include "zone/zonefile.h"

/* How findings are written to stderr: in colours on a terminal, unless NO_COLOR is set. */
enum finding_form tool_form(void);

/*
 * Prints a finding: for struct diag, whose `self` is an enum finding_form *, or
 * NULL for a plain one.  JSON goes to stdout, the others to stderr.
 */
void tool_report(void *self, const struct finding *f);

/* Cuts "ORIGIN=FILE" in two: the origin, or NULL; *file becomes the rest. */
const char *tool_origin(char *argument, char **file);

/* Prepares to read a zone file; origin may be NULL.  The texts are borrowed. */
void tool_open(struct zonefile *zf, const char *origin, const char *file, struct diag *d);

/* ten35 print [ORIGIN=]FILE: the zone in canonical order, absolute names. */
int tool_print(int argc, char **argv);

#endif
