/*
 * zones.h -- the zones as the loader has them, and the rounds that read them.
 *
 * A round is a child process (app/load.h) that reads all zones whose files
 * have changed; at most one runs.  What it finds out comes back as messages:
 * images, which are kept for the servers, and the files to be watched.
 */
#ifndef APP_ZONES_H
#define APP_ZONES_H

#include <sys/types.h>

#include "app/config.h"
#include "app/keeper.h"
#include "app/load.h"
#include "app/watch.h"
#include "base/clock.h"

/* The names of all zones' addresses (zone/pointers.h). */
struct zones_pointers {
	int fd; /* -1: there are none */
	uint64_t size;
	uint32_t version; /* 0: not known yet */
};

struct zones {
	const struct config *config;
	const struct files *files;
	const struct clock *clock;
	struct keeper *keeper;         /* who reads what only root may; or NULL */
	const struct siphash_key *key; /* of all images */
	struct served_zone *at;        /* by index in the configuration */
	size_t count;
	struct zones_pointers pointers;
	uint64_t pointers_hash;
	pid_t round; /* the child that reads; 0: none */
	int round_channel;
	bool complete;    /* every zone of the configuration has been tried */
	uint64_t look_ms; /* when to look at the files again */
};

/* All zones of a configuration, to be read.  The pointers are kept.  False when memory ended. */
MUST_USE bool zones_init(struct zones *z, const struct config *config, const struct files *files,
			 const struct clock *clock, const struct siphash_key *key);

/*
 * Goes over to another configuration: zones with the same origin, file and
 * clients stay as they are until they have been read again, new ones are to be
 * read, the others are gone.  False when memory ended; then nothing has changed.
 */
MUST_USE bool zones_replace(struct zones *z, const struct config *config);

/* Starts a round for all zones that want it, if none is running. */
void zones_start_round(struct zones *z);

/* Hears what the round has to say: call when round_channel is readable. */
void zones_hear_round(struct zones *z);

/* Ends a round that is running; its zones are to be read again. */
void zones_stop_round(struct zones *z);

/* Looks at the files when it is time to. */
void zones_look(struct zones *z);

/* All zones are to be read, and all errors to be told again. */
void zones_want_all(struct zones *z);

/* How many zones have records to be served. */
size_t zones_good(const struct zones *z);

/* True when no zone's file could be read at all. */
bool zones_unreadable(const struct zones *z);

#endif
