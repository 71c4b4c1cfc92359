/*
 * children.h -- a server as the loader knows it.
 */
#ifndef APP_CHILDREN_H
#define APP_CHILDREN_H

#include <sys/types.h>

#include "app/channel.h"
#include "app/server.h"

struct child_server {
	pid_t pid;   /* 0: not running */
	int channel; /* -1: none */
	uint32_t *sent; /* versions of the zones that it has, by index */
	size_t zone_count;
	bool behind; /* the channel had no room for all it should know */
	bool told_loaded;
	struct server_counters *counters; /* shared with the server */
	uint64_t started_ms;
	uint64_t start_ms; /* not running: when to start it */
	unsigned wait_ms;  /* before the next start; doubles while it dies young */
};

/* A server that has not been started.  False when memory ended. */
MUST_USE bool child_init(struct child_server *s, size_t zone_count);

/* It runs now, and knows of no zone. */
void child_started(struct child_server *s, pid_t pid, uint64_t now_ms);

/* It could not be started: try again later. */
void child_delay(struct child_server *s, uint64_t now_ms);

/* It died: true when it may be started at once, because it had lived for a while. */
bool child_may_start(struct child_server *s, uint64_t now_ms);

/* What it has done, as a line of the log. */
void child_log_counters(const struct child_server *s, size_t index);

#endif
