/*
 * mind.h -- a whole server's mind on a clock and a network of the test's own.
 *
 * Zones, routes, cache and forwarding are the real ones; what app/server and
 * app/forwarding do with sockets is done here with queues: packets to upstream
 * servers wait in `sent` until the test answers them, replies to clients in
 * `replies` until it looks at them.
 */
#ifndef SUPPORT_MIND_H
#define SUPPORT_MIND_H

#include "serve/forward.h"
#include "support/world.h"

enum { MIND_SENT = 4096, MIND_REPLIES = 4096, MIND_PACKET = FORWARD_PACKET_MAX };

/* A packet to an upstream server. */
struct mind_packet {
	uint16_t ask;
	uint8_t line;
	uint8_t upstream;
	bool tcp;
	uint64_t sent_ms;
	size_t size;
	uint8_t octets[MIND_PACKET];
};

/* A reply to a client. */
struct mind_reply {
	struct slice peer;
	uint8_t peer_octets[16];
	uint16_t port;
	bool tcp;
	size_t size;
	uint8_t *octets; /* the taker's to free */
};

struct mind_client {
	uint8_t address[16];
	uint8_t size;
	uint16_t port;
	bool tcp;
};

struct mind {
	struct world w;
	uint64_t now_ms;
	struct routes routes;
	struct cache cache;
	void *block;
	struct elsewhere elsewhere;
	struct response_room room;
	struct csprng random;
	struct forward forward;
	struct access access;
	struct network networks[16];
	struct refusals refusals;
	struct views views;
	void *addresses; /* the block of names of our addresses */
	struct pointers pointers;
	struct mind_client ways[FORWARD_WAITERS];
	unsigned open_sockets, most_sockets;
	bool no_sockets; /* none can be had: everything goes by TCP */
	bool unseeded;   /* the kernel has no randomness yet */
	uint8_t random_at;
	struct mind_packet sent[MIND_SENT]; /* not looked at yet */
	size_t sent_count;
	uint64_t sent_ever;
	struct mind_reply replies[MIND_REPLIES];
	size_t reply_count;
};

/* An empty server; *s is static. */
void mind_init(struct mind *s, size_t cache_size, uint32_t stale_s);
void mind_free(struct mind *s);

void mind_zone(struct mind *s, const char *origin, const char *text, bool is_overlay);

/* The newest zone is for clients of this network only. */
void mind_zone_for(struct mind *s, const struct network *n);

/* A route to so many servers, which get the numbers that are free next; its number. */
uint16_t mind_route(struct mind *s, const char *domain, unsigned servers);

/* A client asks; a reply or packets may follow at once. */
void mind_ask(struct mind *s, const struct mind_client *from, const uint8_t *query, size_t size);

/* What an upstream sends to where a packet came from. */
void mind_datagram(struct mind *s, const struct mind_packet *to, const uint8_t *octets,
		   size_t size);
void mind_stream(struct mind *s, uint8_t upstream, const uint8_t *octets, size_t size);
void mind_stream_ended(struct mind *s, uint8_t upstream, enum forward_end how);
void mind_unreachable(struct mind *s, const struct mind_packet *to);

/* Time passes, as the server's loop would see it. */
void mind_wait(struct mind *s, uint64_t ms);

/* Takes the n-th packet or reply out of its queue. */
struct mind_packet mind_take_sent(struct mind *s, size_t n);
struct mind_reply mind_take_reply(struct mind *s, size_t n);

#endif
