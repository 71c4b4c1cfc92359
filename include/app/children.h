/*
 * children.h -- a server as the loader knows it.
 */
#ifndef APP_CHILDREN_H
#define APP_CHILDREN_H

#include <sys/types.h>

#include "app/channel.h"
#include "app/server.h"

/*
 * A new configuration is taken over without a gap:
 *
 *	child_renew       the old server goes on; its channel is put aside
 *	child_started     the new one waits, its sockets shared with the old one
 *	child_tell_state  all zones have been tried, and the new one has them: it
 *	                  begins to answer; the old one's channel is closed, and
 *	                  so it ends
 */
struct child_server {
	pid_t pid;         /* 0: not running */
	int channel;       /* -1: none */
	int old_channel;   /* of the server that this one takes over from; -1: none */
	uint32_t around;   /* version of the surroundings that it knows */
	uint32_t pointers; /* version of the names of addresses that it knows */
	uint32_t *sent;    /* versions of the zones that it has, by index */
	size_t zone_count;
	bool behind;                      /* the channel had no room for all it should know */
	bool told_ready;                  /* it has been sent all zones that there were */
	bool told_loaded;                 /* and all zones have been tried */
	struct server_counters *counters; /* shared with the server */
	uint64_t started_ms;
	uint64_t start_ms; /* not running: when to start it */
	unsigned wait_ms;  /* before the next start; doubles while it dies young */
};

/* A server that has not been started.  False when memory ended. */
MUST_USE bool child_init(struct child_server *s, size_t zone_count);

/* It runs now, and knows of no zone. */
void child_started(struct child_server *s, pid_t pid, int channel, uint64_t now_ms);

/*
 * A new server with so many zones will take its place.  The old one goes on
 * until the new one is ready, and ends when its channel is closed.  False when
 * memory ended.
 */
MUST_USE bool child_renew(struct child_server *s, size_t zone_count);

/* It could not be started: try again later. */
void child_delay(struct child_server *s, uint64_t now_ms);

/* It is not running any more. */
void child_ended(struct child_server *s);

/* True when it may be started at once, because it had lived for a while. */
bool child_may_start(struct child_server *s, uint64_t now_ms);

/*
 * It has been sent every zone that there is: it may begin to answer, and where
 * all zones have been tried, what is not there is not ours.  That it hears
 * first, so that no client is told of zones that are still being read.
 */
void child_tell_state(struct child_server *s, bool complete);

/* Closes the channels, the process being none of ours any more. */
void child_close(struct child_server *s);

/* What it has done, as a line of the log; it adds how its upstream servers are. */
void child_log_counters(const struct child_server *s, size_t index);

#endif
