/*
 * config.h -- what the user wants: from options, and from a file.
 *
 * Every setting is a directive: a word and its arguments.  In a file it is a
 * line ("listen 10.8.0.1"), on the command line a long option with the same
 * words ("--listen 10.8.0.1"); some have a short option as well.  One table in
 * config.c makes all of these, and the help.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "base/diag.h"
#include "base/files.h"
#include "base/log.h"
#include "net/listener.h"

enum {
	CONFIG_MAX_ZONES = 16384,
	CONFIG_MAX_SERVERS = 16,
	CONFIG_MAX_LISTENS = LISTENERS_MAX / 2, /* each is a socket for UDP and one for TCP */
	CONFIG_MAX_WORDS = 16,			/* of one line */
};

struct zone_config {
	char *origin; /* as given; NULL: the owner of the file's SOA */
	char *file;
};

struct config {
	struct zone_config *zones;
	size_t zone_count;
	char *listens[CONFIG_MAX_LISTENS]; /* as given; none: every local address */
	size_t listen_count;
	uint16_t port;
	char *user;	    /* or NULL */
	unsigned watch_s;   /* seconds between two looks at the files; 0: only on SIGHUP */
	unsigned servers;   /* processes that answer */
	bool minimal;
	bool log_queries;
	bool syslog;
	enum log_level level;
	char *nsid;	    /* name of this server, or NULL */
	char *version;	    /* answer to version.bind., or NULL */
};

/* What the command line asks for. */
enum config_action {
	CONFIG_SERVE,
	CONFIG_HELP,
	CONFIG_VERSION,
	CONFIG_FAILED, /* the reason has been reported */
};

/*
 * Reads argv[first..argc) and the files that it names with -c.  Errors go to
 * the diag (files) or are logged (options).  config_free() is needed always.
 */
enum config_action config_read(struct config *c, int argc, char **argv, int first,
			       const struct files *files, struct diag *d);

void config_free(struct config *c);

/* Splits "ORIGIN=FILE" or "FILE"; true and both set (origin may become NULL).  Owns copies. */
MUST_USE bool config_add_zone(struct config *c, const char *argument);

/* The help: how to call it, every option, examples. */
void config_print_help(struct text *out);

#endif
