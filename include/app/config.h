/*
 * config.h -- what the user wants: from options, and from a file.
 *
 * Every setting is a directive: a word and its arguments.  In a file it is a
 * line ("listen 10.8.0.1"), on the command line a long option with the same
 * words ("--listen 10.8.0.1"), see app/options.h.  One table makes
 * both, and the help: app/directives.h.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include "base/diag.h"
#include "base/files.h"
#include "base/log.h"
#include "dns/name.h"
#include "net/listener.h"
#include "serve/forward.h"
#include "serve/views.h"
#include "zone/zonefile.h"

enum {
	CONFIG_MAX_ZONES = 16384,
	CONFIG_MAX_SERVERS = 16,
	CONFIG_MAX_LISTENS = LISTENERS_MAX / 2, /* each is a socket for UDP and one for TCP */
	CONFIG_MAX_WORDS = 16,                  /* of one line */
	CONFIG_MAX_FORWARDS = 512,              /* domains; the special-use names have room, too */
	CONFIG_MAX_NETWORKS = 256,
	CONFIG_MAX_PRIVATE_OK = 256,
	CONFIG_MAX_NAMES = 256, /* files and folders of names with addresses */
};

/* What is looked at for upstream servers when nobody says which. */
#define CONFIG_RESOLV_CONF "/etc/resolv.conf"

/* One version of one zone: what becomes an image. */
struct zone_config {
	char *origin;                /* as given; NULL: the owner of the file's SOA */
	char *file;                  /* NULL: only names have it */
	uint32_t origin_at, file_at; /* where the words stand in the file that was read */
	char *audience;   /* "for wg0": whose version it is, on top of everybody's; or NULL */
	uint8_t view;     /* the same as a number, from 1; 0: everybody's */
	bool is_overlay;  /* names that it lacks are asked upstream */
	bool no_pointers; /* its addresses make no PTR records */
};

/* What messages call it. */
static inline const char *zone_title(const struct zone_config *z)
{
	return z->file ? z->file : z->origin;
}

/* Clients that have a view: all who come in by an interface, or from a network. */
struct viewer_config {
	char *interface; /* or NULL */
	struct network network;
	uint8_t view;
};

/* Names with addresses, from elsewhere, for the zone with this origin. */
struct names_config {
	enum names_format format;
	char *path;
	struct name_buf domain;
	bool no_pointers;
};

/* Upstream servers: one, or those that a file like resolv.conf names. */
struct upstream_config {
	struct address address;
	char *file; /* NULL: the address */
};

/* Who is asked for the names of a domain. */
struct forward_config {
	struct name_buf domain;
	uint32_t hash;   /* of it */
	bool is_blocked; /* nobody: there are none, or for the root: they are refused */
	struct upstream_config upstreams[FORWARD_PER_ROUTE];
	size_t upstream_count;
};

struct config {
	struct zone_config *zones;
	size_t zone_count;
	struct viewer_config *viewers;
	size_t viewer_count;
	uint8_t view_count;
	struct names_config *names;
	size_t names_count;
	char *listens[CONFIG_MAX_LISTENS]; /* as given; none: every local address */
	size_t listen_count;
	uint16_t port;
	struct forward_config *forwards;
	size_t forward_count;
	bool is_forwarder;       /* somebody named upstream servers: zones are not needed */
	struct network *allowed; /* who may ask for names that are not ours */
	size_t allowed_count;
	bool allow_attached, allow_everybody;
	struct name_buf *private_ok; /* domains that may have private addresses */
	size_t private_ok_count;
	size_t cache_size; /* octets */
	uint32_t stale_s;  /* for which answers that are over may serve; 0: not at all */
	bool trust_ad;
	char *user;           /* or NULL */
	uint32_t user_at;     /* where it stands in the file that was read */
	unsigned watch_s;     /* seconds between two looks at the files; 0: only on SIGHUP */
	unsigned servers;     /* processes that answer */
	bool wants_check;     /* config_check() looks at a file, too */
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
 * Fills in what was not said: the upstream servers of CONFIG_RESOLV_CONF, the
 * attached networks, and zones that only files of names have.  Once, when
 * everything has been read.  False when memory ended.
 */
MUST_USE bool config_complete(struct config *c);

/* The last of these alone.  False when memory ended. */
MUST_USE bool config_complete_zones(struct config *c);

/* True when there is something to answer with: zones, or upstream servers that somebody named. */
bool config_serves(const struct config *c);

/*
 * Reads a file of directives.  False when there were errors, which are in the
 * diag, or when it cannot be read at all, which is in the log.
 */
MUST_USE bool config_read_file(struct config *c, const char *path, const struct files *files,
			       struct diag *d);

/* Adds "ORIGIN=FILE" or "FILE", as the command line has them. */
MUST_USE bool config_add_zone(struct config *c, const char *argument);

void config_free(struct config *c);

/*
 * The files that zones[zone] is made of, for zonefile_read(); names[] is room
 * for those of names, and has to stay.
 */
void config_fill_zonefile(const struct config *c, size_t zone, struct zonefile *zf,
			  struct names_file names[CONFIG_MAX_NAMES]);

#endif
