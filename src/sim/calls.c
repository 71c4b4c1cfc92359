/*
 * calls.c -- the calls of net/sockets.h, as a kernel in memory does them.
 */
#include "sim/calls.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

static int fail(int error)
{
	errno = error;
	return -1;
}

/* What is to become of this call: 0, an errno, or KERNEL_SHORT. */
static int fault_of(struct kernel *k, enum kernel_call call)
{
	struct kernel_fault *f = &k->faults[call];

	k->calls++;
	k->made[call]++;
	if (f->error == 0)
		return 0;
	if (f->after > 0) {
		f->after--;
		return 0;
	}
	int error = f->error;
	if (f->times > 0 && --f->times == 0)
		f->error = 0;
	return error;
}

/* The call fails when it is meant to: true, and errno is set. */
static bool fails(struct kernel *k, enum kernel_call call)
{
	int error = fault_of(k, call);

	if (error > 0)
		errno = error;
	return error > 0;
}

/* The same for one that moves octets: it may move fewer. */
static bool fails_or_is_short(struct kernel *k, enum kernel_call call, size_t *n)
{
	int error = fault_of(k, call);

	if (error == KERNEL_SHORT && *n > 1)
		*n = 1;
	if (error > 0)
		errno = error;
	return error > 0;
}

static struct net_end *end_of(const struct kernel *k, const struct kernel_descriptor *d)
{
	return net_end(k->net, d->stream, d->side);
}

/* ------ poll ------ */

static short stream_events(const struct kernel *k, const struct kernel_descriptor *d)
{
	const struct net_end *end = end_of(k, d), *other = net_end(k->net, d->stream, !d->side);
	short events = 0;

	if (end->reset)
		return POLLIN | POLLOUT | POLLERR | POLLHUP;
	if (end->size > 0 || end->ended)
		events |= POLLIN;
	if (end->opened && !end->shut && other->size + other->under_way < NET_WINDOW)
		events |= POLLOUT;
	return events;
}

static short events_of(const struct kernel *k, const struct kernel_descriptor *d)
{
	switch (d->kind) {
	case KERNEL_BOUND:
	case KERNEL_CONNECTED:
		return (short)((d->waiting > 0 ? POLLIN : 0) | (d->error ? POLLERR | POLLIN : 0) |
			       POLLOUT);
	case KERNEL_LISTENING:
		return d->waiting > 0 ? POLLIN : 0;
	case KERNEL_STREAM:
		return stream_events(k, d);
	case KERNEL_FREE:
	case KERNEL_SPARE:
		break;
	}
	return 0;
}

/* Would wait: says so as a signal would, and notes for how long. */
static int call_poll(void *self, struct pollfd *fds, size_t n, int timeout_ms)
{
	struct kernel *k = self;
	uint64_t now_ms = k->net->now_ms;
	int ready = 0;

	if (fails(k, CALL_POLL)) {
		k->wake_ms = now_ms + KERNEL_TRY_MS;
		return -1;
	}
	for (size_t i = 0; i < n; i++) {
		const struct kernel_descriptor *d = fds[i].fd >= 0 ? kernel_find(k, fds[i].fd)
								   : NULL;
		short events = d ? events_of(k, d) : fds[i].fd >= 0 ? POLLNVAL : 0;

		fds[i].revents = (short)(events & (fds[i].events | POLLERR | POLLHUP | POLLNVAL));
		ready += fds[i].revents != 0;
	}
	if (ready > 0 || timeout_ms == 0 || k->wake_ms <= now_ms) {
		k->wake_ms = UINT64_MAX;
		return ready;
	}
	k->wake_ms = timeout_ms < 0 ? UINT64_MAX : now_ms + (unsigned)timeout_ms;
	return fail(EINTR);
}

/* ------ datagrams ------ */

/* Which of our addresses was asked, and by which interface: ip(7), RFC 3542 §6.1. */
static void put_packet_info(const struct kernel *k, struct msghdr *h, const struct address *to)
{
	union {
		struct cmsghdr header;
		char octets[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	} control = { .octets = { 0 } };
	char *data = control.octets + CMSG_LEN(0);
	size_t size;

	if (to->family == ADDRESS_IP4) {
		struct in_pktinfo info = { .ipi_ifindex = (int)k->interface };
		memcpy(&info.ipi_spec_dst, to->octets, 4);
		memcpy(&info.ipi_addr, to->octets, 4);
		memcpy(data, &info, size = sizeof info);
		control.header.cmsg_level = IPPROTO_IP;
		control.header.cmsg_type = IP_PKTINFO;
	} else {
		struct in6_pktinfo info = { .ipi6_ifindex = k->interface };
		memcpy(&info.ipi6_addr, to->octets, 16);
		memcpy(data, &info, size = sizeof info);
		control.header.cmsg_level = IPPROTO_IPV6;
		control.header.cmsg_type = IPV6_PKTINFO;
	}
	control.header.cmsg_len = (socklen_t)CMSG_LEN(size);
	/* The type is size_t in one libc and socklen_t in another. */
	bool fits = h->msg_controllen >= (socklen_t)CMSG_SPACE(size);
	if (fits)
		memcpy(h->msg_control, control.octets, CMSG_SPACE(size));
	h->msg_controllen = fits ? (socklen_t)CMSG_SPACE(size) : 0;
}

/* Cut to the room there is, over all parts; how many octets. */
static unsigned scatter(struct msghdr *h, const struct net_parcel *p)
{
	size_t at = 0, parts = (size_t)h->msg_iovlen; /* an int in some libcs */

	for (size_t i = 0; i < parts && at < p->size; i++) {
		struct iovec *part = &h->msg_iov[i];
		size_t n = part->iov_len < p->size - at ? part->iov_len : p->size - at;

		memcpy(part->iov_base, p->octets + at, n);
		at += n;
	}
	h->msg_flags = at < p->size ? MSG_TRUNC : 0;
	return (unsigned)at;
}

static struct net_parcel *take_first(struct kernel_descriptor *d)
{
	struct net_parcel *p = d->first;

	d->first = p->next;
	d->waiting--;
	return p;
}

/* An error that waits is told first, once. */
static bool has_error(struct kernel_descriptor *d)
{
	errno = d->error;
	d->error = 0;
	return errno != 0;
}

static int call_receive(void *self, int fd, struct mmsghdr *messages, unsigned n)
{
	struct kernel *k = self;
	struct kernel_descriptor *d = kernel_find(k, fd);
	unsigned got = 0;

	if (fails(k, CALL_RECEIVE) || !d || has_error(d))
		return -1;
	while (got < n && d->waiting > 0) {
		struct net_parcel *p = take_first(d);
		struct msghdr *h = &messages[got].msg_hdr;
		struct sockaddr_storage name;

		h->msg_namelen = address_to_sockaddr(&p->from, &name);
		memcpy(h->msg_name, &name, h->msg_namelen);
		messages[got++].msg_len = scatter(h, p);
		put_packet_info(k, h, &p->to);
		free(p);
	}
	return got ? (int)got : fail(EAGAIN);
}

/* Where it leaves from: what the control data asks for, else the host's own. */
static struct address source_of(const struct kernel *k, const struct kernel_descriptor *d,
				const struct msghdr *h)
{
	struct address from = d->local.family == ADDRESS_IP4 ? k->ip4 : k->ip6;
	const char *data = (const char *)h->msg_control + CMSG_LEN(0);
	const struct cmsghdr *c = h->msg_control;

	if (h->msg_controllen > 0 && c->cmsg_level == IPPROTO_IP)
		memcpy(from.octets, data + offsetof(struct in_pktinfo, ipi_spec_dst), 4);
	if (h->msg_controllen > 0 && c->cmsg_level == IPPROTO_IPV6)
		memcpy(from.octets, data + offsetof(struct in6_pktinfo, ipi6_addr), 16);
	from.port = d->local.port;
	return from;
}

static int call_send(void *self, int fd, struct mmsghdr *messages, unsigned n)
{
	struct kernel *k = self;
	struct kernel_descriptor *d = kernel_find(k, fd);

	if (fails(k, CALL_SEND) || !d)
		return -1;
	for (unsigned i = 0; i < n; i++) {
		const struct msghdr *h = &messages[i].msg_hdr;
		struct address from = source_of(k, d, h), to;
		struct slice octets = { h->msg_iov->iov_base, h->msg_iov->iov_len };

		if (!address_from_sockaddr(&to, h->msg_name))
			return i ? (int)i : fail(EINVAL);
		if (!kernel_has_address(k, &from))
			return i ? (int)i : fail(EADDRNOTAVAIL);
		net_send(k->net, NET_DATAGRAM, &from, &to, octets);
		messages[i].msg_len = (unsigned)octets.size;
	}
	return (int)n;
}

/* ------ streams ------ */

static int call_accept(void *self, int fd, struct accepted *out)
{
	struct kernel *k = self;
	struct kernel_descriptor *d = kernel_find(k, fd);

	if (fails(k, CALL_ACCEPT) || !d)
		return -1;
	if (d->waiting == 0)
		return fail(EAGAIN);
	int got = kernel_open(k, KERNEL_STREAM);
	if (got < 0)
		return -1;
	struct kernel_descriptor *fresh = kernel_find(k, got);
	fresh->stream = d->backlog[0];
	fresh->side = NET_SERVER;
	memmove(d->backlog, d->backlog + 1, --d->waiting * sizeof d->backlog[0]);
	const struct net_stream *s = &k->net->streams[fresh->stream];
	*out = (struct accepted){ got, s->address[NET_CLIENT], s->address[NET_SERVER],
				  k->interface };
	return 0;
}

static ssize_t read_datagram(struct kernel_descriptor *d, uint8_t *octets, size_t n)
{
	if (has_error(d))
		return -1;
	if (d->waiting == 0)
		return fail(EAGAIN);
	struct net_parcel *p = take_first(d);
	size_t size = p->size < n ? p->size : n;
	memcpy(octets, p->octets, size);
	free(p);
	return (ssize_t)size;
}

static ssize_t call_read(void *self, int fd, void *octets, size_t n)
{
	struct kernel *k = self;
	struct kernel_descriptor *d = kernel_find(k, fd);

	bool is_udp = d && d->kind == KERNEL_CONNECTED;
	size_t whole = n;
	if (fails_or_is_short(k, CALL_READ, &n) || !d)
		return -1;
	if (is_udp)
		return read_datagram(d, octets, whole);
	const struct net_end *end = end_of(k, d);
	if (end->reset)
		return fail(ECONNRESET);
	size_t got = net_read(k->net, d->stream, d->side, octets, n);
	return got > 0 || end->ended ? (ssize_t)got : fail(EAGAIN);
}

static ssize_t call_write(void *self, int fd, const void *octets, size_t n)
{
	struct kernel *k = self;
	struct kernel_descriptor *d = kernel_find(k, fd);
	struct slice all = { octets, n };

	if (fails_or_is_short(k, CALL_WRITE, &n) || !d ||
	    (d->kind == KERNEL_CONNECTED && has_error(d)))
		return -1;
	if (d->kind == KERNEL_CONNECTED) {
		net_send(k->net, NET_DATAGRAM, &d->local, &d->peer, all);
		return (ssize_t)all.size;
	}
	if (end_of(k, d)->reset || end_of(k, d)->shut)
		return fail(EPIPE);
	size_t taken = net_write(k->net, d->stream, d->side, (struct slice){ octets, n });
	return taken > 0 ? (ssize_t)taken : fail(EAGAIN);
}

static int call_shutdown(void *self, int fd)
{
	struct kernel *k = self;
	struct kernel_descriptor *d = kernel_find(k, fd);

	if (fails(k, CALL_SHUTDOWN) || !d)
		return -1;
	net_shut(k->net, d->stream, d->side);
	return 0;
}

/* A close that fails has closed all the same (close(2)). */
static int call_close(void *self, int fd)
{
	struct kernel *k = self;
	struct kernel_descriptor *d = kernel_find(k, fd);

	if (!d)
		return -1;
	kernel_close(k, d);
	return fails(k, CALL_CLOSE) ? -1 : 0;
}

static int call_spare(void *self, int fd)
{
	(void)fd;
	return fails(self, CALL_SPARE) ? -1 : kernel_open(self, KERNEL_SPARE);
}

static bool port_is_taken(const struct kernel *k, const struct address *local)
{
	for (unsigned i = 0; i < k->end; i++) {
		const struct kernel_descriptor *d = &k->descriptors[i];

		if ((d->kind == KERNEL_BOUND || d->kind == KERNEL_CONNECTED) &&
		    d->local.family == local->family && d->local.port == local->port)
			return true;
	}
	return false;
}

static int call_dial(void *self, enum transport transport, const struct address *peer,
		     uint16_t port)
{
	struct kernel *k = self;
	struct address local = peer->family == ADDRESS_IP4 ? k->ip4 : k->ip6;
	bool is_tcp = transport == TRANSPORT_TCP;

	local.port = is_tcp ? (uint16_t)(32768 + k->calls % 28232) : port;
	if (fails(k, is_tcp ? CALL_CONNECT : CALL_DIAL))
		return -1;
	if (!is_tcp && port_is_taken(k, &local))
		return fail(EADDRINUSE);
	int fd = kernel_open(k, is_tcp ? KERNEL_STREAM : KERNEL_CONNECTED);
	if (fd < 0)
		return -1;
	struct kernel_descriptor *d = kernel_find(k, fd);
	d->local = local;
	d->peer = *peer;
	int stream = is_tcp ? net_open(k->net, &local, peer) : 0;
	if (stream < 0) {
		d->kind = KERNEL_SPARE;
		kernel_close(k, d);
		return fail(ENOBUFS);
	}
	d->stream = (uint16_t)stream;
	d->side = NET_CLIENT;
	return fd;
}

struct sockets kernel_calls(struct kernel *k)
{
	return (struct sockets){
		.self = k,
		.poll = call_poll,
		.receive = call_receive,
		.send = call_send,
		.accept = call_accept,
		.read = call_read,
		.write = call_write,
		.shutdown = call_shutdown,
		.close = call_close,
		.spare = call_spare,
		.dial = call_dial,
	};
}
