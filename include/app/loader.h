/*
 * loader.h -- the process that reads files and looks after the others.
 *
 * It starts the servers, has zones read (app/load.h) at the start, when a file
 * changes and on SIGHUP, hands the images out, keeps them for a server that
 * has to be started anew, and ends everything on SIGTERM.  It never looks at a
 * packet.
 */
#ifndef APP_LOADER_H
#define APP_LOADER_H

#include "app/keeper.h"

enum exit_status {
	EXIT_OK = 0,
	EXIT_CONFIG = 1, /* configuration or zone */
	EXIT_NETWORK = 2,
	EXIT_FILE = 3, /* a file cannot be read */
	EXIT_MEMORY = 4,
	EXIT_OTHER = 5,
};

/* The listeners of all servers: server i has [i * per_server, (i + 1) * per_server). */
struct loader_setup {
	const struct config *config;
	const struct listener *listeners;
	size_t per_server;
	struct keeper *keeper;
	int argc; /* the command line, to be read again with its files on SIGHUP */
	char **argv;
};

/* Runs until SIGTERM or SIGINT, or until the first load leaves nothing to serve. */
enum exit_status loader_run(const struct loader_setup *setup);

#endif
