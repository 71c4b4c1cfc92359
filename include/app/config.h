/*
 * config.h -- what the user wants: from options, and from a file.
 *
 * Every setting is a directive: a word and its arguments.  In a file it is a
 * line ("listen 10.8.0.1"), on the command line a long option with the same
 * words ("--listen 10.8.0.1"), see app/options.h.  One table in config.c makes
 * both, and the help.
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
	CONFIG_MAX_WORDS = 16,                  /* of one line */
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
	char *user;           /* or NULL */
	unsigned watch_s;     /* seconds between two looks at the files; 0: only on SIGHUP */
	unsigned servers;     /* processes that answer */
	bool has_file;        /* directives came from a file: SIGHUP reads it again */
	uint64_t fingerprint; /* of the files' octets: the same files are the same configuration */
	bool minimal;
	bool log_queries;
	bool syslog;
	enum log_level level;
	char *nsid;    /* name of this server, or NULL */
	char *version; /* answer to version.bind., or NULL */
};

/* Nothing served, and a default for everything else. */
void config_init(struct config *c);

/*
 * Reads a file of directives.  False when there were errors, which are in the
 * diag, or when it cannot be read at all, which is in the log.
 */
MUST_USE bool config_read_file(struct config *c, const char *path, const struct files *files,
			       struct diag *d);

/* Adds "ORIGIN=FILE" or "FILE", as the command line has them. */
MUST_USE bool config_add_zone(struct config *c, const char *argument);

void config_free(struct config *c);

/* Applies a directive's words.  NULL, or a constant sentence that says what is wrong. */
typedef const char *apply_directive(struct config *c, char **words, size_t n);

struct directive {
	const char *text;
	char letter; /* short option, or 0 */
	size_t min_words, max_words;
	apply_directive *apply;
	const char *arguments;
	const char *help;
};

/* The one list of settings. */
extern const struct directive directives[];
extern const size_t directive_count;

/* Each finds a directive, or NULL. */
const struct directive *directive_find(const char *text);
const struct directive *directive_by_letter(char letter);

/* The text of the directive that was probably meant, or NULL. */
const char *directive_guess(const char *text);

#endif
