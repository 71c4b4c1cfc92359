/*
 * kernel.c -- what a host's kernel has: descriptors, and what arrives for them.
 */
#include "sim/kernel.h"
#include "sim/calls.h"

#include <errno.h>
#include <stdlib.h>

/* ------ descriptors ------ */

int kernel_open(struct kernel *k, enum kernel_kind kind)
{
	if (k->open >= k->limit) {
		errno = EMFILE;
		return -1;
	}
	for (unsigned i = 0; i < KERNEL_DESCRIPTORS; i++) {
		if (k->descriptors[i].kind != KERNEL_FREE)
			continue;
		k->descriptors[i] = (struct kernel_descriptor){ .kind = kind };
		k->open++;
		if (i >= k->end)
			k->end = i + 1;
		return (int)i + KERNEL_FIRST_FD;
	}
	errno = ENFILE;
	return -1;
}

struct kernel_descriptor *kernel_find(struct kernel *k, int fd)
{
	int i = fd - KERNEL_FIRST_FD;

	if (i >= 0 && i < KERNEL_DESCRIPTORS && k->descriptors[i].kind != KERNEL_FREE)
		return &k->descriptors[i];
	errno = EBADF;
	return NULL;
}

static void drop_datagrams(struct kernel_descriptor *d)
{
	while (d->first) {
		struct net_parcel *p = d->first;

		d->first = p->next;
		free(p);
	}
}

void kernel_close(struct kernel *k, struct kernel_descriptor *d)
{
	if (d->kind == KERNEL_STREAM)
		net_close(k->net, d->stream, d->side);
	if (d->kind == KERNEL_LISTENING)
		for (unsigned i = 0; i < d->waiting; i++)
			net_reset(k->net, d->backlog[i], NET_SERVER);
	drop_datagrams(d);
	*d = (struct kernel_descriptor){ .kind = KERNEL_FREE };
	k->open--;
	while (k->end > 0 && k->descriptors[k->end - 1].kind == KERNEL_FREE)
		k->end--;
}

/* ------ what arrives ------ */

bool kernel_has_address(const struct kernel *k, const struct address *a)
{
	return address_same_host(a, &k->ip4) || address_same_host(a, &k->ip6);
}

static bool is_for(const struct kernel_descriptor *d, const struct net_parcel *p)
{
	if (d->local.family != p->to.family || d->local.port != p->to.port)
		return false;
	return d->kind == KERNEL_BOUND ||
	       (d->kind == KERNEL_CONNECTED && address_equal(&d->peer, &p->from));
}

static struct kernel_descriptor *find_socket(struct kernel *k, const struct net_parcel *p)
{
	for (unsigned i = 0; i < k->end; i++)
		if (is_for(&k->descriptors[i], p))
			return &k->descriptors[i];
	return NULL;
}

static void take_datagram(struct kernel *k, const struct net_parcel *p)
{
	struct kernel_descriptor *d = find_socket(k, p);

	if (!d) {
		const struct slice nothing = { NULL, 0 };
		net_send(k->net, NET_UNREACHABLE, &p->to, &p->from, nothing);
		return;
	}
	struct net_parcel *kept = d->waiting < KERNEL_QUEUE ? malloc(sizeof *p + p->size) : NULL;
	if (!kept)
		return;
	memcpy(kept, p, sizeof *p + p->size);
	kept->next = NULL;
	if (d->waiting++ == 0)
		d->first = kept;
	else
		d->last->next = kept;
	d->last = kept;
}

/* Only who is connected is told (ip(7), IP_RECVERR). */
static void take_error(struct kernel *k, const struct net_parcel *p)
{
	struct kernel_descriptor *d = find_socket(k, p);

	if (d && d->kind == KERNEL_CONNECTED)
		d->error = ECONNREFUSED;
}

static void take_connection(struct kernel *k, const struct net_parcel *p)
{
	for (unsigned i = 0; i < k->end; i++) {
		struct kernel_descriptor *d = &k->descriptors[i];

		if (d->kind != KERNEL_LISTENING || d->local.family != p->to.family ||
		    d->local.port != p->to.port || d->waiting == KERNEL_BACKLOG)
			continue;
		d->backlog[d->waiting++] = p->stream;
		net_accept(k->net, p->stream);
		return;
	}
	net_reset(k->net, p->stream, NET_SERVER);
}

void kernel_take(struct kernel *k, const struct net_parcel *p)
{
	if (p->kind == NET_DATAGRAM)
		take_datagram(k, p);
	else if (p->kind == NET_UNREACHABLE)
		take_error(k, p);
	else if (p->kind == NET_OPEN)
		take_connection(k, p);
}

/* ------ start and end ------ */

void kernel_init(struct kernel *k, struct net *net, const struct address *ip4,
		 const struct address *ip6)
{
	k->net = net;
	k->ip4 = *ip4;
	k->ip6 = *ip6;
	k->interface = 1;
	k->limit = KERNEL_DESCRIPTORS;
	k->sockets = kernel_calls(k);
}

void kernel_free(struct kernel *k)
{
	for (unsigned i = 0; i < KERNEL_DESCRIPTORS; i++)
		if (k->descriptors[i].kind != KERNEL_FREE)
			kernel_close(k, &k->descriptors[i]);
}

void kernel_listen(struct kernel *k, struct listener *out, enum transport transport,
		   enum address_family family, uint16_t port)
{
	bool is_udp = transport == TRANSPORT_UDP;
	int fd = kernel_open(k, is_udp ? KERNEL_BOUND : KERNEL_LISTENING);
	struct kernel_descriptor *d = kernel_find(k, fd);

	d->local = (struct address){ .family = (uint8_t)family, .port = port };
	*out = (struct listener){
		.fd = fd, .local = d->local, .wildcard = true, .transport = transport
	};
}
