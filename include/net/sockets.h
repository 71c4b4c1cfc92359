/*
 * sockets.h -- the seam between this floor and the kernel.
 *
 * Every call that the floor makes once the listening sockets are open goes
 * through a struct of functions, so that a simulator stands in for the network
 * and a test makes any of them fail.  Each follows the system call of its
 * name: -1 with errno set is failure, and nothing ever blocks but `poll`.
 *
 * Behind sockets_system() stand poll, recvmmsg (recvmsg), sendmmsg (sendmsg),
 * accept4 (accept, fcntl), getsockname, getsockopt, recv, send, shutdown, close,
 * fcntl(F_DUPFD_CLOEXEC), and for upstream servers socket, setsockopt, bind and
 * connect.  A filter of system calls has to let them pass, and with them
 * madvise, by which net/tcp gives memory back.
 */
#ifndef NET_SOCKETS_H
#define NET_SOCKETS_H

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "net/address.h"

enum transport { TRANSPORT_UDP, TRANSPORT_TCP };

/* A connection that was taken from a listening socket. */
struct accepted {
	int fd; /* non-blocking, closed on exec */
	struct address peer;
	struct address local;
	uint32_t interface; /* index of the interface it came in by; 0 = unknown */
};

struct sockets {
	void *self; /* given back to each function */
	int (*poll)(void *self, struct pollfd *fds, size_t n, int timeout_ms);
	/* How many of the n messages were received or sent; errno is that of the first one. */
	int (*receive)(void *self, int fd, struct mmsghdr *messages, unsigned n);
	int (*send)(void *self, int fd, struct mmsghdr *messages, unsigned n);
	int (*accept)(void *self, int fd, struct accepted *out); /* 0 or -1 */
	ssize_t (*read)(void *self, int fd, void *octets, size_t n);
	ssize_t (*write)(void *self, int fd, const void *octets, size_t n); /* no SIGPIPE */
	int (*shutdown)(void *self, int fd); /* of our direction: the peer sees the end */
	int (*close)(void *self, int fd);
	int (*spare)(void *self, int fd); /* a second descriptor for fd, held to be given up */
	/*
	 * A socket that is connected to a peer; for UDP bound to this local port,
	 * for TCP to any, and the connection may still be under way.  -1 with errno.
	 */
	int (*dial)(void *self, enum transport transport, const struct address *peer,
		    uint16_t port);
};

/* The kernel. */
const struct sockets *sockets_system(void);

/* The kernel by the calls of POSIX alone, a datagram a call: for kernels before 3.0, and tests. */
const struct sockets *sockets_plain(void);

#endif
