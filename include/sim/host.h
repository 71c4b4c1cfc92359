/*
 * host.h -- a machine that runs a server: its kernel, its files, and the server itself.
 *
 * The server is the real one (app/server.h), with nothing but its sockets, clock
 * and randomness exchanged.  What the loader does in processes of its own happens
 * here between two turns: the configuration is read, zone files become images,
 * and the images are handed over.
 */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "app/server.h"
#include "sim/kernel.h"

enum { HOST_FILES = 64, HOST_PORT = 53, HOST_LISTENERS = 4 };

/* The configuration, among the files. */
#define HOST_CONFIG "ten35.conf"

struct host_file {
	char *path;
	uint8_t *octets;
	size_t size;
	uint64_t version; /* counts the changes of all files */
};

/* Memory that can be made to end: malloc() is the caller's to exchange. */
struct host_memory {
	void (*fails_once_at)(size_t k); /* the k-th allocation from now on, from 0 */
	bool (*recovers)(void);
};

struct host {
	struct kernel kernel;
	struct config config;
	struct server *server; /* NULL: not running */
	struct server_counters counters;
	uint64_t asked; /* datagrams that went to upstream servers */
	struct host_file files[HOST_FILES];
	size_t file_count;
	bool unseeded;                    /* the kernel has no randomness that is secret yet */
	int64_t wall_s;                   /* what the time of day is ahead of the network's clock */
	size_t cache_size;                /* octets; 0: as configured */
	const struct host_memory *memory; /* or NULL */
	bool memory_ends;                 /* at the next reading of zones: allocation memory_at */
	size_t memory_at;
	/* The rest is of no concern to others. */
	uint64_t changes; /* of files */
	struct chance chance;
	struct listener listeners[HOST_LISTENERS];
	struct server_setup setup;
};

/* A machine without files.  Needs: *h is zero. */
void host_init(struct host *h, struct net *net, const struct address *ip4,
	       const struct address *ip6, uint64_t seed);

/* Ends the server and throws everything away. */
void host_free(struct host *h);

/* Writes a file, or another text into it.  False when there are too many, or memory ended. */
MUST_USE bool host_write(struct host *h, const char *path, struct slice text);

/*
 * Reads HOST_CONFIG and starts a server, in the place of the one that runs, with
 * all zones that can be read.  False when the configuration is wrong or memory ended,
 * which is in the log; the old server stays then.
 */
MUST_USE bool host_start(struct host *h);

/* Reads all zones again; what has errors now stays as it was. */
void host_reload(struct host *h);

/* Does what is to be done now; false when there is nothing. */
bool host_turn(struct host *h);

/* When host_turn() has something to do whatever arrives; UINT64_MAX: never. */
static inline uint64_t host_wake_ms(const struct host *h)
{
	return h->server ? h->kernel.wake_ms : UINT64_MAX;
}

#endif
