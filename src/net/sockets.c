/*
 * sockets.c -- the seam between this floor and the kernel: the real side.
 *
 * The calls that only Linux has fall back to their plain twins when the kernel
 * says ENOSYS.  Nothing is remembered about that: a kernel without recvmmsg
 * (before 2.6.33) or sendmmsg (before 3.0) pays one failing call a batch.
 */
#include "net/sockets.h"
#include "net/options.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>
#include <unistd.h>

static int system_poll(void *self, struct pollfd *fds, size_t n, int timeout_ms)
{
	(void)self;
	return poll(fds, (nfds_t)n, timeout_ms);
}

static int plain_receive(void *self, int fd, struct mmsghdr *messages, unsigned n)
{
	(void)self;
	for (unsigned i = 0; i < n; i++) {
		ssize_t size = recvmsg(fd, &messages[i].msg_hdr, MSG_DONTWAIT);
		if (size < 0)
			return i ? (int)i : -1;
		messages[i].msg_len = (unsigned)size;
	}
	return (int)n;
}

static int plain_send(void *self, int fd, struct mmsghdr *messages, unsigned n)
{
	(void)self;
	for (unsigned i = 0; i < n; i++) {
		ssize_t size = sendmsg(fd, &messages[i].msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (size < 0)
			return i ? (int)i : -1;
		messages[i].msg_len = (unsigned)size;
	}
	return (int)n;
}

static int system_receive(void *self, int fd, struct mmsghdr *messages, unsigned n)
{
	int got = recvmmsg(fd, messages, n, MSG_DONTWAIT, NULL);

	if (got < 0 && errno == ENOSYS)
		return plain_receive(self, fd, messages, n);
	return got;
}

/*
 * The system call itself, because musl's sendmmsg is a loop of sendmsg on
 * 64-bit machines (27 % dearer).  It loops to clear the padding that POSIX's
 * types leave in the kernel's; ours is zero from the start.
 */
static int system_send(void *self, int fd, struct mmsghdr *messages, unsigned n)
{
	int sent = (int)syscall(SYS_sendmmsg, fd, messages, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent < 0 && errno == ENOSYS)
		return plain_send(self, fd, messages, n);
	return sent;
}

static int plain_accept4(int fd, struct sockaddr *peer, socklen_t *size)
{
	int got = accept(fd, peer, size);

	if (got < 0)
		return -1;
	if (fcntl(got, F_SETFD, FD_CLOEXEC) < 0 || fcntl(got, F_SETFL, O_NONBLOCK) < 0) {
		close(got);
		return -1;
	}
	return got;
}

static int system_accept4(int fd, struct sockaddr *peer, socklen_t *size)
{
	int got = accept4(fd, peer, size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (got < 0 && errno == ENOSYS)
		return plain_accept4(fd, peer, size);
	return got;
}

/*
 * The interface a connection came in by.  A stream has no control data, but
 * Linux hands out what it noted of the SYN, when the listener asked for it
 * (ip(7) IP_PKTOPTIONS; the IPv6 twin is IPV6_2292PKTOPTIONS of RFC 2292).
 */
static uint32_t accepted_interface(int fd, uint8_t family)
{
	union {
		struct cmsghdr align;
		char octets[256];
	} control;
	socklen_t size = sizeof control;
	struct in6_pktinfo info6;
	struct in_pktinfo info4;
	int level = family == ADDRESS_IP4 ? IPPROTO_IP : IPPROTO_IPV6;
	int option = family == ADDRESS_IP4 ? IP_PKTOPTIONS : IPV6_2292PKTOPTIONS;
	const char *data = control.octets + CMSG_LEN(0);

	memset(&control, 0, sizeof control);
	if (getsockopt(fd, level, option, &control, &size) < 0 || size < sizeof control.align)
		return 0;
	if (family == ADDRESS_IP4 && control.align.cmsg_type == IP_PKTINFO &&
	    control.align.cmsg_len >= CMSG_LEN(sizeof info4)) {
		memcpy(&info4, data, sizeof info4);
		return (uint32_t)info4.ipi_ifindex;
	}
	if (family == ADDRESS_IP6 && control.align.cmsg_type == IPV6_PKTINFO &&
	    control.align.cmsg_len >= CMSG_LEN(sizeof info6)) {
		memcpy(&info6, data, sizeof info6);
		return (uint32_t)info6.ipi6_ifindex;
	}
	return 0;
}

static int accepted_fill(struct accepted *out, int fd, const struct sockaddr_storage *peer)
{
	struct sockaddr_storage local;
	socklen_t size = sizeof local;

	*out = (struct accepted){ .fd = fd };
	if (fd < 0)
		return -1;
	if (!address_from_sockaddr(&out->peer, (const struct sockaddr *)peer) ||
	    getsockname(fd, (struct sockaddr *)&local, &size) < 0 ||
	    !address_from_sockaddr(&out->local, (const struct sockaddr *)&local)) {
		close(fd);
		errno = ECONNABORTED;
		return -1;
	}
	out->interface = accepted_interface(fd, out->local.family);
	return 0;
}

static int system_accept(void *self, int fd, struct accepted *out)
{
	struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof peer;

	(void)self;
	return accepted_fill(out, system_accept4(fd, (struct sockaddr *)&peer, &size), &peer);
}

static int plain_accept(void *self, int fd, struct accepted *out)
{
	struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
	socklen_t size = sizeof peer;

	(void)self;
	return accepted_fill(out, plain_accept4(fd, (struct sockaddr *)&peer, &size), &peer);
}

static ssize_t system_read(void *self, int fd, void *octets, size_t n)
{
	(void)self;
	return recv(fd, octets, n, MSG_DONTWAIT);
}

static ssize_t system_write(void *self, int fd, const void *octets, size_t n)
{
	(void)self;
	return send(fd, octets, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static int system_shutdown(void *self, int fd)
{
	(void)self;
	return shutdown(fd, SHUT_WR);
}

static int system_close(void *self, int fd)
{
	(void)self;
	return close(fd);
}

static int system_spare(void *self, int fd)
{
	(void)self;
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

/* Options of a socket to an upstream server, its port, and its peer. */
static bool dial_steps(int fd, enum transport transport, const struct address *peer, uint16_t port)
{
	const struct address local = { .family = peer->family, .port = port };
	struct sockaddr_storage name;
	bool ip4 = peer->family == ADDRESS_IP4;

	/* A wildcard for both families would take the port of both. */
	if (!ip4 && !socket_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
		return false;
	if (transport == TRANSPORT_TCP) {
		socket_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	} else {
		socket_ignore_path_mtu(fd, ip4);
		socklen_t size = address_to_sockaddr(&local, &name);
		if (bind(fd, (struct sockaddr *)&name, size) < 0)
			return false;
	}
	socklen_t size = address_to_sockaddr(peer, &name);
	return connect(fd, (struct sockaddr *)&name, size) == 0 || errno == EINPROGRESS;
}

static int system_dial(void *self, enum transport transport, const struct address *peer,
		       uint16_t port)
{
	int kind = transport == TRANSPORT_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int domain = peer->family == ADDRESS_IP4 ? AF_INET : AF_INET6;
	int fd = socket(domain, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	(void)self;
	if (fd < 0 || dial_steps(fd, transport, peer, port))
		return fd;
	int error = errno;
	close(fd);
	errno = error;
	return -1;
}

const struct sockets *sockets_plain(void)
{
	static const struct sockets plain = {
		.poll = system_poll,
		.receive = plain_receive,
		.send = plain_send,
		.accept = plain_accept,
		.read = system_read,
		.write = system_write,
		.shutdown = system_shutdown,
		.close = system_close,
		.spare = system_spare,
		.dial = system_dial,
	};
	return &plain;
}

const struct sockets *sockets_system(void)
{
	static const struct sockets system = {
		.poll = system_poll,
		.receive = system_receive,
		.send = system_send,
		.accept = system_accept,
		.read = system_read,
		.write = system_write,
		.shutdown = system_shutdown,
		.close = system_close,
		.spare = system_spare,
		.dial = system_dial,
	};
	return &system;
}
