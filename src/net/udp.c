/*
 * udp.c -- datagrams in batches: receive up to 32, answer them, send.
 *
 * The headers are set up once.  A turn restores only what the kernel wrote to
 * (two lengths in each slot that was used).  Replies lie one behind the
 * other, so a batch of small ones stays on one or two pages and in the nearest
 * cache.  The control data of a query is sent back with the reply as it came,
 * but for the interface: so no cmsg is ever built here, which gcc 12 cannot
 * compile in a loop (an internal error at CMSG_DATA; hence CMSG_LEN(0) below).
 */
#include "net/udp.h"
#include "base/assert.h"
#include "base/ip.h"

#include <errno.h>

/* Tries again after an error that does not belong to the datagrams at hand. */
#define TRIES_MAX 4

/* How long a full send buffer may take to drain before replies are dropped. */
#define SEND_WAIT_MS 1

void udp_init(struct udp_batch *b)
{
	for (size_t i = 0; i < UDP_BATCH; i++) {
		b->in_parts[i].iov_base = b->queries[i];
		b->in_parts[i].iov_len = UDP_QUERY_MAX;
		b->in[i].msg_hdr.msg_name = &b->names[i];
		b->in[i].msg_hdr.msg_iov = &b->in_parts[i];
		b->in[i].msg_hdr.msg_iovlen = 1;
		b->in[i].msg_hdr.msg_control = &b->controls[i];
		b->out[i].msg_hdr.msg_iov = &b->out_parts[i];
		b->out[i].msg_hdr.msg_iovlen = 1;
	}
	b->used = UDP_BATCH;
}

/* ------ receiving ------ */

/* Gives back the room in the headers that the last turn used up. */
static void restore(struct udp_batch *b)
{
	for (size_t i = 0; i < b->used; i++) {
		struct msghdr *h = &b->in[i].msg_hdr;
		h->msg_namelen = sizeof b->names[i];
		h->msg_controllen = sizeof b->controls[i];
	}
	b->used = 0;
	b->count = 0;
	b->more = false;
	b->reply_used = 0;
}

/*
 * Asks the kernel; errors that some earlier ICMP message or signal left
 * behind are cleared by being reported, so it is asked again.
 */
static size_t receive_some(const struct sockets *s, int fd, struct udp_batch *b)
{
	for (unsigned tries = 0; tries < TRIES_MAX; tries++) {
		int n = s->receive(s->self, fd, b->in, UDP_BATCH);
		if (n >= 0)
			return (size_t)n;
		if (errno == EAGAIN || errno == EWOULDBLOCK)
			return 0;
		b->counters.receive_failed++;
		if (errno == ENOMEM || errno == ENOBUFS)
			return 0;
	}
	return 0;
}

/* The address in an IP_PKTINFO; false when the query was not sent to a single host. */
static bool local_ip4(struct datagram *d, char *data)
{
	struct in_pktinfo info;

	memcpy(&info, data, sizeof info);
	d->local.family = ADDRESS_IP4;
	memcpy(d->local.octets, &info.ipi_spec_dst, 4);
	d->interface = (uint32_t)info.ipi_ifindex;
	/* Routing decides where the reply goes: by the way in, it would miss VPN peers. */
	memset(data + offsetof(struct in_pktinfo, ipi_ifindex), 0, sizeof info.ipi_ifindex);
	/* These differ when the destination was broadcast or multicast. */
	return info.ipi_spec_dst.s_addr == info.ipi_addr.s_addr;
}

static bool local_ip6(struct datagram *d, char *data)
{
	struct in6_pktinfo info;

	memcpy(&info, data, sizeof info);
	d->local.family = ADDRESS_IP6;
	memcpy(d->local.octets, &info.ipi6_addr, 16);
	d->interface = (uint32_t)info.ipi6_ifindex;
	if (address_is_link_local(&d->local))
		d->local.scope = d->interface; /* RFC 4007 §6: the zone belongs to it */
	else
		memset(data + offsetof(struct in6_pktinfo, ipi6_ifindex), 0,
		       sizeof info.ipi6_ifindex);
	return address_is_unicast(&d->local);
}

/*
 * Which of our addresses was asked, from the control data; this is also made
 * ready to be sent back.  Without any, the wildcard stands and the kernel chooses.
 */
static bool find_local(struct datagram *d, struct msghdr *h)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(h);

	if (!c || h->msg_flags & MSG_CTRUNC) {
		h->msg_controllen = 0;
		return true;
	}
	char *data = (char *)c + CMSG_LEN(0);
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO &&
	    c->cmsg_len >= CMSG_LEN(sizeof(struct in_pktinfo)))
		return local_ip4(d, data);
	if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO &&
	    c->cmsg_len >= CMSG_LEN(sizeof(struct in6_pktinfo)))
		return local_ip6(d, data);
	h->msg_controllen = 0;
	return true;
}

/*
 * Nobody sane asks from there: port 0 cannot be answered, and the services on
 * the others (echo, daytime, qotd, chargen) answer our answer, for ever.
 */
static bool port_is_dangerous(uint16_t port)
{
	switch (port) {
	case 0:
	case 7:
	case 13:
	case 17:
	case 19:
		return true;
	}
	return false;
}

/* Fills d from slot i; false when it must not be answered. */
static bool take(struct udp_batch *b, size_t i, const struct listener *l, struct datagram *d)
{
	struct msghdr *h = &b->in[i].msg_hdr;

	d->query = b->queries[i];
	d->size = b->in[i].msg_len;
	d->truncated = (h->msg_flags & MSG_TRUNC) != 0;
	d->local = l->local;
	d->interface = 0;
	d->slot = (uint32_t)i;
	d->reply_size = 0;
	if (!address_from_sockaddr(&d->peer, &b->names[i].any))
		return false;
	bool is_ours = find_local(d, h);
	if (!l->wildcard) { /* the socket has just one address; what is of use is the interface */
		d->local = l->local;
		h->msg_controllen = 0;
		/* A packet that was redirected to here (route_localnet) has another source. */
		if (l->loopback && ip_is_loopback(address_slice(&d->peer)))
			d->interface = l->loopback;
	} else if (!is_ours) {
		return false;
	}
	return !port_is_dangerous(d->peer.port) && address_is_unicast(&d->peer) &&
	       !address_equal(&d->peer, &d->local);
}

void udp_receive(const struct sockets *s, const struct listener *l, struct udp_batch *b)
{
	restore(b);
	b->used = receive_some(s, l->fd, b);
	for (size_t i = 0; i < b->used; i++)
		if (take(b, i, l, &b->datagrams[b->count]))
			b->count++;
	b->more = b->used == UDP_BATCH;
	b->counters.received += b->used;
	b->counters.dropped += b->used - b->count;
}

/* ------ sending ------ */

uint8_t *udp_reply_room(struct udp_batch *b, size_t *room)
{
	*room = UDP_REPLY_MAX;
	return b->replies + b->reply_used;
}

void udp_reply_commit(struct udp_batch *b, struct datagram *d, size_t size)
{
	assert(size <= UDP_REPLY_MAX && !d->reply_size);
	d->reply_at = (uint32_t)b->reply_used;
	d->reply_size = (uint32_t)size;
	/* On to the next cache line; a whole number of them makes up the largest reply. */
	b->reply_used += (size + 63) & ~(size_t)63;
}

/* Lines up the replies; returns how many there are. */
static size_t collect(struct udp_batch *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct datagram *d = &b->datagrams[i];
		const struct msghdr *query = &b->in[d->slot].msg_hdr;
		struct msghdr *h = &b->out[n].msg_hdr;

		if (!d->reply_size)
			continue;
		b->out_parts[n].iov_base = b->replies + d->reply_at;
		b->out_parts[n].iov_len = d->reply_size;
		h->msg_name = query->msg_name;
		h->msg_namelen = query->msg_namelen;
		h->msg_control = query->msg_controllen ? query->msg_control : NULL;
		h->msg_controllen = query->msg_controllen;
		n++;
	}
	return n;
}

enum send_outcome { SEND_AGAIN, SEND_WITHOUT_FIRST, SEND_GIVE_UP };

/* What to do after a send that failed with errno for the first datagram given. */
static enum send_outcome after_failure(const struct sockets *s, int fd, unsigned *tries)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	switch (errno) {
	case EAGAIN: /* the send buffer is full */
		if (++*tries >= TRIES_MAX)
			return SEND_GIVE_UP;
		(void)s->poll(s->self, &room, 1, SEND_WAIT_MS);
		return SEND_AGAIN;
	case ENOBUFS: /* the interface's queue is full */
	case ENOMEM:
	case EINTR:
	case ECONNREFUSED: /* an ICMP message about an earlier reply */
		return ++*tries >= TRIES_MAX ? SEND_GIVE_UP : SEND_AGAIN;
	}
	return SEND_WITHOUT_FIRST;
}

/* Sends n messages; how many the kernel took.  What is refused is left out, the others go. */
static size_t send_all(const struct sockets *s, int fd, struct mmsghdr *messages, size_t n)
{
	size_t at = 0, taken = 0;
	unsigned tries = 0;

	while (at < n) {
		int sent = s->send(s->self, fd, messages + at, (unsigned)(n - at));
		if (sent > 0) {
			at += (size_t)sent;
			taken += (size_t)sent;
			continue;
		}
		enum send_outcome next = after_failure(s, fd, &tries);
		if (next == SEND_GIVE_UP)
			break;
		if (next == SEND_WITHOUT_FIRST)
			at++;
	}
	return taken;
}

void udp_send(const struct sockets *s, const struct listener *l, struct udp_batch *b)
{
	size_t n = collect(b);
	size_t taken = send_all(s, l->fd, b->out, n);

	b->counters.sent += taken;
	b->counters.unsent += n - taken;
	b->count = 0;
}

/* ------ replies that come later ------ */

/* Control data that makes a packet leave from an address; its size. */
static size_t put_source(struct udp_control *control, const struct udp_origin *to)
{
	struct cmsghdr *c = (void *)control->octets;
	char *data = control->octets + CMSG_LEN(0);

	memset(control, 0, sizeof *control);
	if (to->local.family == ADDRESS_IP4) {
		struct in_pktinfo info = { .ipi_ifindex = 0 };
		memcpy(&info.ipi_spec_dst, to->local.octets, 4);
		memcpy(data, &info, sizeof info);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof info);
		return CMSG_SPACE(sizeof info);
	}
	struct in6_pktinfo info = { .ipi6_ifindex = 0 };
	memcpy(&info.ipi6_addr, to->local.octets, 16);
	/* Routing decides the interface, but for a link-local address it belongs to it. */
	if (address_is_link_local(&to->local))
		info.ipi6_ifindex = to->interface;
	memcpy(data, &info, sizeof info);
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof info);
	return CMSG_SPACE(sizeof info);
}

uint8_t *udp_late_room(struct udp_late *b)
{
	/* A full batch is sent at the commit that fills it. */
	return b->replies[b->count];
}

void udp_late_commit(const struct sockets *s, struct udp_late *b, const struct listener *l,
		     const struct udp_origin *to, size_t size)
{
	assert(size <= UDP_LATE_MAX);
	if (size == 0)
		return;
	if (b->count > 0 && b->listener != l) {
		size_t last = b->count;
		udp_late_send(s, b);
		memcpy(b->replies[0], b->replies[last], size);
	}
	size_t i = b->count++;
	struct msghdr *h = &b->out[i].msg_hdr;
	b->listener = l;
	b->parts[i] = (struct iovec){ b->replies[i], size };
	*h = (struct msghdr){ .msg_name = &b->names[i], .msg_iov = &b->parts[i], .msg_iovlen = 1 };
	h->msg_namelen = address_to_sockaddr(&to->peer, &b->names[i]);
	if (l->wildcard && !address_is_wildcard(&to->local)) {
		h->msg_controllen = (socklen_t)put_source(&b->controls[i], to);
		h->msg_control = b->controls[i].octets;
	}
	if (b->count == UDP_BATCH)
		udp_late_send(s, b);
}

void udp_late_send(const struct sockets *s, struct udp_late *b)
{
	if (b->count == 0)
		return;
	size_t taken = send_all(s, b->listener->fd, b->out, b->count);
	b->sent += taken;
	b->unsent += b->count - taken;
	b->count = 0;
}
