/*
 * net.h -- a network that exists in memory only: datagrams and TCP, on a clock of its own.
 *
 * Parcels are under way for as long as the link takes; a link may lose datagrams,
 * double them, and be slower for some than for others, so that they overtake each
 * other.  TCP loses nothing and keeps its order, as it does: what a link loses
 * comes later.
 *
 * Two kinds of place are at the ends: hosts, which have a kernel (sim/kernel.h)
 * with a server above it, and the outside, which is everywhere else.  There a
 * script or a chance decides what happens.
 */
#ifndef SIM_NET_H
#define SIM_NET_H

#include "base/octets.h"
#include "net/address.h"
#include "sim/chance.h"

enum {
	NET_STREAMS = 512,
	NET_WINDOW = 131072, /* octets of a stream that are sent and not read */
	NET_PARCELS = 65536, /* under way at once; more are lost */
	NET_RESEND_MS = 200, /* after which TCP sends again what a link has lost */
	NET_DATAGRAM_MAX = 65507,
};

struct net_link {
	uint32_t delay_ms, spread_ms; /* delay_ms and up to spread_ms more */
	unsigned loss, twice;         /* datagrams in a thousand */
};

enum net_kind {
	NET_DATAGRAM,
	NET_UNREACHABLE, /* ICMP: nobody is at `from`, where `to` sent something */
	NET_OPEN,        /* TCP: SYN, and what follows it */
	NET_OPENED,
	NET_OCTETS,
	NET_END,
	NET_RESET,
};

struct net_parcel {
	struct net_parcel *next;
	uint64_t at_ms;
	enum net_kind kind;
	struct address from, to;
	uint16_t stream; /* TCP */
	uint8_t side;    /* TCP: which side of it gets this */
	size_t size;
	uint8_t octets[];
};

enum { NET_CLIENT = 0, NET_SERVER = 1 };

/* What one side of a stream has received, and not read. */
struct net_end {
	uint8_t *octets;
	size_t start, size, room;
	size_t under_way; /* to it */
	bool opened;      /* the other side is there */
	bool ended;       /* the other side sends no more */
	bool reset;       /* the other side is gone */
	bool closed;      /* this side is gone */
	bool shut;        /* this side sends no more */
	uint64_t last_ms; /* when the last parcel to it arrives: none overtakes another */
};

struct net_stream {
	bool in_use;
	bool is_odd;               /* the outside wrote octets that need not be messages */
	struct address address[2]; /* of client and server */
	struct net_end end[2];
};

struct net {
	uint64_t now_ms;
	struct net_link link;
	struct chance chance;
	/* A parcel has arrived; it is the net's, and gone afterwards. */
	void (*arrive)(void *self, const struct net_parcel *p);
	/* A datagram leaves; it may still be lost. */
	void (*leave)(void *self, const struct address *from, const struct address *to,
		      struct slice octets);
	void *self;
	/* The rest is of no concern to others. */
	struct net_parcel *first; /* by time, and for one time in the order of sending */
	size_t count;
	struct net_stream streams[NET_STREAMS];
};

/* Ends all streams and throws away what is under way. */
void net_free(struct net *n);

/* When the next parcel arrives; UINT64_MAX: none is under way. */
uint64_t net_next_ms(const struct net *n);

/* Lets everything arrive that is due. */
void net_deliver(struct net *n);

/* Sends a datagram, or the news that nobody got one. */
void net_send(struct net *n, enum net_kind kind, const struct address *from,
	      const struct address *to, struct slice octets);

/* ------ TCP ------ */

/* A new stream; its number, or -1 when there are too many. */
int net_open(struct net *n, const struct address *client, const struct address *server);

/* The server's side says yes. */
void net_accept(struct net *n, unsigned stream);

/* One side writes: how many octets were taken, 0 when the other side does not read. */
size_t net_write(struct net *n, unsigned stream, unsigned side, struct slice octets);

/* One side reads: how many octets. */
size_t net_read(struct net *n, unsigned stream, unsigned side, uint8_t *out, size_t room);

/* One side sends no more. */
void net_shut(struct net *n, unsigned stream, unsigned side);

/* One side is gone; what it has not read resets the stream (RFC 2525 §2.17). */
void net_close(struct net *n, unsigned stream, unsigned side);

/* One side is gone at once. */
void net_reset(struct net *n, unsigned stream, unsigned side);

static inline struct net_end *net_end(struct net *n, unsigned stream, unsigned side)
{
	return &n->streams[stream].end[side];
}

#endif
