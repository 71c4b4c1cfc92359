/*
 * udp.h -- datagrams in batches: receive up to 32, answer them, send.
 *
 *     do {
 *             udp_receive(sockets, listener, batch);
 *             for (size_t i = 0; i < batch->count; i++) {
 *                     struct datagram *d = &batch->datagrams[i];
 *                     uint8_t *reply = udp_reply_room(batch, &room);
 *                     ... read d->query[0..d->size), write up to room octets at reply ...
 *                     udp_reply_commit(batch, d, size);
 *             }
 *             udp_send(sockets, listener, batch);
 *     } while (batch->more && turns--);
 *
 * One batch serves all sockets of a process.  Two system calls move 32
 * queries, which is what makes UDP cheap: a call for each datagram costs a
 * third more, and more than 16 to 32 a call gain nothing.  The batch is about
 * 180 KiB of address space; under a load of normal queries 40 of them are resident.
 *
 * A reply leaves from the address that the query was sent to.
 */
#ifndef NET_UDP_H
#define NET_UDP_H

#include <netinet/in.h>

#include "net/listener.h"
#include "net/sockets.h"

/* Nothing is gained above 16 to 32 (docs/performance.md). */
#define UDP_BATCH 32

/*
 * A query longer than this is cut and marked: it is what we announce (RFC 6891 §6.2.3).  A
 * batch of them lies on ten pages.
 */
#define UDP_QUERY_MAX 1232

/* The longest reply, whatever the client offers (RFC 6891 §6.2.5 names 4096). */
#define UDP_REPLY_MAX 4096

struct datagram {
	const uint8_t *query; /* lives until the next udp_receive */
	size_t size;
	bool truncated; /* there was more than UDP_QUERY_MAX */
	struct address peer;
	struct address local; /* that was asked */
	uint32_t interface;   /* index of the one it came in by; 0 = the kernel did not say */
	/* The rest is of no concern to others. */
	uint32_t slot;
	uint32_t reply_at;
	uint32_t reply_size;
};

struct udp_counters {
	uint64_t received;
	uint64_t dropped;        /* by source: nobody to answer, or an endless game */
	uint64_t receive_failed; /* calls */
	uint64_t sent;
	uint64_t unsent; /* replies that the kernel would not take */
};

union udp_name {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct udp_control {
	_Alignas(struct cmsghdr) char octets[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct udp_batch {
	size_t count; /* of the datagrams to answer */
	bool more;    /* the socket may hold more than fitted */
	struct udp_counters counters;
	/* The rest is of no concern to others. */
	size_t used; /* slots that the kernel wrote to */
	size_t reply_used;
	_Alignas(64) struct mmsghdr in[UDP_BATCH]; /* a line of the caches each */
	struct iovec in_parts[UDP_BATCH];
	struct mmsghdr out[UDP_BATCH];
	struct iovec out_parts[UDP_BATCH];
	union udp_name names[UDP_BATCH];
	struct udp_control controls[UDP_BATCH];
	struct datagram datagrams[UDP_BATCH]; /* but these are: the first `count` */
	uint8_t replies[UDP_BATCH * UDP_REPLY_MAX];
	uint8_t queries[UDP_BATCH][UDP_QUERY_MAX];
};

/* Points the headers at their buffers, once.  Needs: *b is zero (static). */
void udp_init(struct udp_batch *b);

/*
 * Takes what waits at l, at most UDP_BATCH datagrams, and leaves those that may be
 * answered in b->datagrams[0..b->count).  Dropped are those from ports that
 * answer by themselves, from an address that is none, from l itself, and those
 * sent to broadcast or multicast.  Failures are counted, never returned: the
 * next turn tries again.
 */
void udp_receive(const struct sockets *s, const struct listener *l, struct udp_batch *b);

/* Room for the reply to one datagram; UDP_REPLY_MAX octets, until the commit. */
uint8_t *udp_reply_room(struct udp_batch *b, size_t *room);

/* The reply written to that room is `size` octets and belongs to d; size 0 is no reply. */
void udp_reply_commit(struct udp_batch *b, struct datagram *d, size_t size);

/*
 * Sends all replies of the batch.  One that the kernel refuses is left out
 * and the others go; when it has no memory or room a few more tries are made,
 * then the rest is dropped, for clients ask again.
 */
void udp_send(const struct sockets *s, const struct listener *l, struct udp_batch *b);

/* ------ replies that come later ------ */

/* Where a query came from: all that its reply needs. */
struct udp_origin {
	struct address peer;
	struct address local; /* that was asked */
	uint32_t interface;
};

static inline struct udp_origin udp_origin(const struct datagram *d)
{
	return (struct udp_origin){ d->peer, d->local, d->interface };
}

/* Room for one such reply; longer ones are not sent by UDP. */
#define UDP_LATE_MAX 1280

/* Replies that wait to be sent together, all by one listener. */
struct udp_late {
	const struct listener *listener;
	size_t count;
	uint64_t sent, unsent;
	/* The rest is of no concern to others. */
	struct mmsghdr out[UDP_BATCH];
	struct iovec parts[UDP_BATCH];
	struct sockaddr_storage names[UDP_BATCH];
	struct udp_control controls[UDP_BATCH];
	uint8_t replies[UDP_BATCH][UDP_LATE_MAX];
};

/* Room for a reply, UDP_LATE_MAX octets, until the commit. */
uint8_t *udp_late_room(struct udp_late *b);

/*
 * The reply in that room has `size` octets and leaves by this listener, from
 * the address that was asked.  What waits for another listener, or fills all
 * there is, is sent first.
 */
void udp_late_commit(const struct sockets *s, struct udp_late *b, const struct listener *l,
		     const struct udp_origin *to, size_t size);

/* Sends all that waits. */
void udp_late_send(const struct sockets *s, struct udp_late *b);

#endif
