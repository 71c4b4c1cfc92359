/*
 * server.h -- the one who answers: sockets, zones, a cache, and the loop around them.
 *
 *     while (...) {
 *             if (server_wait(s))             until something happens
 *                     server_serve(s);        does all of it
 *     }
 *
 * It holds sockets, read-only images and a cache, and nothing else: no files,
 * no names of files, and no rights when it was started as root.  The loader
 * tells it which zones there are, and what is around this host.  Clock,
 * randomness and sockets are the caller's, so a simulator runs it as the kernel
 * does (sim/sim.h).
 */
#ifndef APP_SERVER_H
#define APP_SERVER_H

#include "app/forwarding.h"
#include "app/mapped.h"
#include "net/tcp.h"
#include "net/udp.h"
#include "serve/respond.h"

enum server_kind {
	SERVER_SURROUNDINGS, /* a block of app/surroundings.h comes along */
	SERVER_ZONE,         /* the image of a zone comes along: serve it from now on */
	SERVER_POINTERS,     /* a block of zone/pointers.h comes along */
	SERVER_READY,        /* all zones that there are have been sent: begin to answer */
	SERVER_LOADED,       /* every zone has been tried: what is not there is not ours */
	SERVER_TELL,         /* log how the upstream servers are, and the cache */
};

struct server_message {
	uint32_t kind; /* enum server_kind */
	uint32_t zone; /* index in the configuration */
	uint64_t size; /* of the image, or of the block of pointers */
};

/* Shared with the loader, which only reads: a torn value costs a log line its truth. */
struct server_counters {
	uint64_t queries_udp, queries_tcp;
	uint64_t dropped;     /* requests that got no reply */
	uint64_t truncated;   /* replies with TC */
	uint64_t rcodes[24];  /* replies by RCODE */
	uint64_t elsewhere;   /* replies that were not from zones alone */
	uint64_t asks;        /* questions that were asked upstream */
	uint64_t packets;     /* by UDP and TCP, for them */
	uint64_t forged;      /* that came to an open port and were no answers */
	uint64_t looped;      /* questions of ours that came back */
	uint64_t sent_failed; /* replies that the kernel did not take */
	uint64_t tcp_connections;
};

struct server_setup {
	const struct config *config;
	const struct listener *listeners; /* this server's own */
	size_t listener_count;
	int channel;                 /* to the loader; -1: none */
	struct siphash_key zone_key; /* that images are made with */
	struct siphash_key cookie_secret;
	struct server_counters *counters;
	const struct sockets *sockets;
	struct clock clock;
	struct random random;
};

enum {
	SERVER_POLL_MAX =
		1 + FORWARDING_POLL_MAX + LISTENERS_MAX + LISTENERS_MAX + TCP_CONNECTIONS_MAX,
};

struct server {
	const struct server_setup *setup;
	struct responder responder;
	struct mapped mapped;
	/*
	 * Of the rest forwarding, tcp and fds are of concern to others.  It is in this order so
	 * that few pages are touched, as in struct forwarding.
	 */
	size_t polled;               /* of fds, in this turn */
	bool ready;                  /* to answer: until then queries wait in their sockets */
	uint32_t wall_s;             /* read once a turn */
	uint64_t now_ms;             /* the same */
	size_t udp_first, tcp_first; /* in fds */
	struct complaint unsent, no_descriptor;
	struct forwarding forwarding;
	struct kept kept;
	struct tcp tcp;
	struct udp_batch batch;
	struct udp_late late;
	struct pollfd fds[SERVER_POLL_MAX];  /* [0] is the channel */
	struct prepared prepared[UDP_BATCH]; /* of the datagrams in batch */
};

/*
 * Prepares everything; `setup` is kept.  Needs: *s is zero (static, or mapped).
 * False when memory or randomness ended; server_free() is for then, too.
 */
MUST_USE bool server_init(struct server *s, const struct server_setup *setup);

/* Closes what it opened, and gives all memory back; the listeners stay the caller's. */
void server_free(struct server *s);

/*
 * What the loader says.  The block that comes along is mapped (m->size octets) and
 * the server's from now on; NULL when there is none, or it could not be mapped.
 */
void server_hear(struct server *s, const struct server_message *m, const void *block);

/* Waits in poll() until something happens or is due; false when a signal came first. */
bool server_wait(struct server *s);

/* Does what poll() has found; not before SERVER_READY. */
void server_serve(struct server *s);

/*
 * Another one has taken over: those who wait here still get their answer, for no
 * client waits for longer than FORWARD_PATIENCE_MS.  One turn, in which nothing
 * more is taken in; false when nobody waits any more.
 */
bool server_finish(struct server *s);

/* Is a process: serves until the channel ends; the exit status.  app/server_process.c. */
int server_run(const struct server_setup *setup);

#endif
