/*
 * tool.h -- the subcommands: ten35 NAME ARGUMENTS...
 */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include "base/output.h"
#include "zone/zonefile.h"

/*
 * Says how a subcommand is used: its exit status.  Who asks for that (-h,
 * --help in front) reads it on stdout, 0; to others it is told on stderr, below
 * the option in front, if there is one, that nobody knows.
 */
int tool_usage(int argc, char **argv, const char *usage, int status);

/* How findings are written to stderr. */
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

/*
 * Reads the zone of an argument "[ORIGIN=]FILE": its octets, which the caller
 * frees, with *z to look into them; NULL when it is not good.  zonefile_free()
 * is needed in both cases.
 */
uint8_t *tool_read(struct zonefile *zf, char *argument, struct diag *d, struct image *z);

/* ten35 print [--json | --wire] [ORIGIN=]FILE: the zone in canonical order, absolute names. */
int tool_print(int argc, char **argv);

/* ten35 diff [ORIGIN=]OLD [ORIGIN=]NEW: 0 the same, 1 different, 2 when one cannot be read. */
int tool_diff(int argc, char **argv);

#endif
