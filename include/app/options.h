/*
 * options.h -- the command line.
 *
 *	ten35 [OPTIONS] [ORIGIN=]ZONEFILE...
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "app/config.h"

/* What the command line asks for. */
enum options_action {
	OPTIONS_SERVE,
	OPTIONS_HELP,
	OPTIONS_VERSION,
	OPTIONS_FAILED,  /* the reason has been reported */
	OPTIONS_NO_FILE, /* a file of directives cannot be read, which has been reported */
};

/*
 * Reads argv[1..argc) and the files that it names with -c.  Errors in files go
 * to the diag, errors in options to the log.  config_free() is needed always.
 */
enum options_action options_read(struct config *c, int argc, char **argv, const struct files *files,
				 struct diag *d);

/* The help: how to call it, every option, examples. */
void options_print_help(struct text *out);

#endif
