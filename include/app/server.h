/*
 * server.h -- the process that answers.
 *
 * It holds sockets, read-only images and a cache, and nothing else: no files,
 * no names of files, and no rights when it was started as root.  The loader
 * tells it over a channel which zones there are, and what is around this host;
 * when that channel ends, so does the server.
 */
#ifndef APP_SERVER_H
#define APP_SERVER_H

#include "app/config.h"
#include "base/clock.h"
#include "base/siphash.h"
#include "net/sockets.h"

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
	int channel;                 /* to the loader */
	struct siphash_key zone_key; /* that images are made with */
	struct siphash_key cookie_secret;
	struct server_counters *counters;
	const struct sockets *sockets;
	struct clock clock;
};

/* Serves until the channel ends; the exit status. */
int server_run(const struct server_setup *setup);

#endif
