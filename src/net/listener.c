/*
 * listener.c -- opens the sockets on which queries arrive.
 */
#include "net/listener.h"
#include "base/ip.h"
#include "net/options.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

/*
 * What arrives while a server is busy with something else waits in the
 * kernel.  The usual 208 KiB hold 277 small queries, 14 ms of 20,000 a second;
 * this holds five times as many and takes no memory while it is empty.
 */
#define UDP_RECEIVE_BUFFER (1024 * 1024)

/*
 * What the kernel may hold for one connection (it doubles both).  Left alone
 * it goes up to megabytes, for each peer that floods us or never reads; queries
 * are small, and this much under way is still 1 MiB/s at a round trip of 100 ms.
 */
#define TCP_RECEIVE_BUFFER (64 * 1024)
#define TCP_SEND_BUFFER    (128 * 1024)

/* Finished handshakes that wait for us to accept; the kernel bounds it by net.core.somaxconn. */
#define TCP_BACKLOG 128

/* Has the kernel tell the address that was asked and the interface; streams tell the latter. */
static bool ask_for_pktinfo(int fd, bool ip4)
{
	if (ip4)
		return socket_set(fd, IPPROTO_IP, IP_PKTINFO, 1);
	return socket_set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

/* Beyond net.core.rmem_max only as root, which we may still be. */
static void raise_receive_buffer(int fd)
{
	if (!socket_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, UDP_RECEIVE_BUFFER))
		socket_set(fd, SOL_SOCKET, SO_RCVBUF, UDP_RECEIVE_BUFFER);
}

/* The options that come before bind; NULL, or the step that failed. */
static const char *prepare(const struct listener *l, enum listener_share share)
{
	bool ip4 = l->local.family == ADDRESS_IP4;

	/* A wildcard for both would hand us IPv4 in IPv6 clothes (RFC 4291 §2.5.5.2). */
	if (!ip4 && !socket_set(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, 1))
		return "make the socket IPv6 only";
	if (share == LISTENER_NEXT && !socket_set(l->fd, SOL_SOCKET, SO_REUSEPORT, 1))
		return "share the port";
	if (l->transport == TRANSPORT_TCP) {
		/* Connections of the last run that are still closing are no reason to fail. */
		socket_set(l->fd, SOL_SOCKET, SO_REUSEADDR, 1);
		/* A reply is one write; Nagle would only hold back the second (RFC 9293 §3.7.4). */
		socket_set(l->fd, IPPROTO_TCP, TCP_NODELAY, 1);
		socket_set(l->fd, SOL_SOCKET, SO_RCVBUF, TCP_RECEIVE_BUFFER);
		socket_set(l->fd, SOL_SOCKET, SO_SNDBUF, TCP_SEND_BUFFER);
		ask_for_pktinfo(l->fd, ip4);
		return NULL;
	}
	socket_ignore_path_mtu(l->fd, ip4);
	raise_receive_buffer(l->fd);
	if (!l->loopback && !ask_for_pktinfo(l->fd, ip4) && l->wildcard)
		return "ask for the address that is asked";
	return NULL;
}

/*
 * Binds; an address that no interface has is taken all the same where the
 * system allows it, for it may come with the next lease or the next tunnel.
 */
static bool bind_now_or_later(struct listener *l)
{
	struct sockaddr_storage name;
	socklen_t size = address_to_sockaddr(&l->local, &name);
	bool ip4 = l->local.family == ADDRESS_IP4;

	if (bind(l->fd, (struct sockaddr *)&name, size) == 0)
		return true;
	if (errno != EADDRNOTAVAIL)
		return false;
	l->absent = true;
	if (!(ip4 ? socket_set(l->fd, IPPROTO_IP, IP_FREEBIND, 1)
		  : socket_set(l->fd, IPPROTO_IPV6, IPV6_FREEBIND, 1)))
		errno = EADDRNOTAVAIL;
	else if (bind(l->fd, (struct sockaddr *)&name, size) == 0)
		return true;
	return false;
}

/* NULL when the socket hears, else the step that failed. */
static const char *open_steps(struct listener *l, enum listener_share share)
{
	struct sockaddr_storage name;
	socklen_t size = sizeof name;
	int kind = l->transport == TRANSPORT_TCP ? SOCK_STREAM : SOCK_DGRAM;
	int domain = l->local.family == ADDRESS_IP4 ? AF_INET : AF_INET6;

	l->fd = socket(domain, kind | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return "open a socket";
	const char *step = prepare(l, share);
	if (step)
		return step;
	if (!bind_now_or_later(l))
		return "bind";
	if (share == LISTENER_FIRST && !socket_set(l->fd, SOL_SOCKET, SO_REUSEPORT, 1))
		return "share the port";
	if (l->transport == TRANSPORT_TCP && listen(l->fd, TCP_BACKLOG) < 0)
		return "listen";
	if (getsockname(l->fd, (struct sockaddr *)&name, &size) < 0 ||
	    !address_from_sockaddr(&l->local, (struct sockaddr *)&name))
		return "ask for the bound address";
	return NULL;
}

bool listener_open(struct listener *l, enum transport transport, const struct address *at,
		   enum listener_share share, struct listener_problem *why)
{
	*l = (struct listener){
		.fd = -1,
		.local = *at,
		.wildcard = address_is_wildcard(at),
		.transport = transport,
		.loopback = ip_is_loopback(address_slice(at)) ? if_nametoindex("lo") : 0,
	};
	const char *step = open_steps(l, share);
	if (!step)
		return true;
	*why = (struct listener_problem){ .step = step, .error = errno };
	listener_close(l);
	return false;
}

void listener_close(struct listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
