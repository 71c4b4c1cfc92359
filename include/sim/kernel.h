/*
 * kernel.h -- what a host's kernel does for a server: descriptors over sim/net.h.
 *
 * It is a struct sockets, so the server cannot tell it from the real one.  A call
 * can be made to fail with any errno, now and then or from now on; poll() never
 * waits, but notes until when it would have.
 */
#ifndef SIM_KERNEL_H
#define SIM_KERNEL_H

#include "net/listener.h"
#include "net/sockets.h"
#include "sim/net.h"

enum {
	KERNEL_DESCRIPTORS = 1400, /* more than one server ever has */
	KERNEL_QUEUE = 256,        /* datagrams that wait in one socket; more are lost */
	KERNEL_BACKLOG = 64,       /* connections that wait to be accepted */
	KERNEL_TRY_MS = 10,        /* after which a process tries again when poll() has failed */
	KERNEL_FIRST_FD = 1000,    /* so that nobody mistakes one for a descriptor of the process */
};

/* The calls of struct sockets. */
enum kernel_call {
	CALL_POLL,
	CALL_RECEIVE,
	CALL_SEND,
	CALL_ACCEPT,
	CALL_READ,
	CALL_WRITE,
	CALL_SHUTDOWN,
	CALL_CLOSE,
	CALL_SPARE,
	CALL_DIAL,    /* dial() by UDP */
	CALL_CONNECT, /* and by TCP */
	CALLS
};

enum kernel_kind {
	KERNEL_FREE,
	KERNEL_BOUND,
	KERNEL_CONNECTED,
	KERNEL_LISTENING,
	KERNEL_STREAM,
	KERNEL_SPARE
};

struct kernel_descriptor {
	enum kernel_kind kind;
	struct address local, peer;
	int error;                       /* that the next call is told */
	struct net_parcel *first, *last; /* datagrams */
	unsigned waiting;                /* of them, or connections in the backlog */
	uint16_t backlog[KERNEL_BACKLOG];
	uint16_t stream;
	uint8_t side;
};

/*
 * A call that fails: `times` times, after it has worked `after` times; times 0: from
 * then on.  With KERNEL_SHORT read and write do not fail, but move one octet.
 */
enum { KERNEL_SHORT = -1 };
struct kernel_fault {
	int error; /* 0: none */
	unsigned after, times;
};

struct kernel {
	struct sockets sockets;
	struct net *net;
	struct address ip4, ip6; /* this host's */
	uint32_t interface;      /* that everything comes in by */
	uint64_t wake_ms;        /* until when poll() would have waited; UINT64_MAX: for ever */
	uint64_t calls, made[CALLS];
	unsigned open, limit; /* descriptors */
	struct kernel_fault faults[CALLS];
	/* The rest is of no concern to others. */
	unsigned end; /* all descriptors that are in use are below */
	struct kernel_descriptor descriptors[KERNEL_DESCRIPTORS];
};

/* A host with these addresses and nothing open.  Needs: *k is zero. */
void kernel_init(struct kernel *k, struct net *net, const struct address *ip4,
		 const struct address *ip6);

/* Closes everything. */
void kernel_free(struct kernel *k);

/* A socket that hears all addresses of a family, at this port. */
void kernel_listen(struct kernel *k, struct listener *out, enum transport transport,
		   enum address_family family, uint16_t port);

bool kernel_has_address(const struct kernel *k, const struct address *a);

/* A parcel for this host has arrived. */
void kernel_take(struct kernel *k, const struct net_parcel *p);

#endif
