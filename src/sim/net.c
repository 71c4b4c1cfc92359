/*
 * net.c -- a network that exists in memory only.
 */
#include "sim/net.h"

#include <stdlib.h>

void net_free(struct net *n)
{
	while (n->first) {
		struct net_parcel *p = n->first;

		n->first = p->next;
		free(p);
	}
	for (unsigned i = 0; i < NET_STREAMS; i++)
		for (unsigned side = 0; side < 2; side++)
			free(n->streams[i].end[side].octets);
	memset(n->streams, 0, sizeof n->streams);
	n->count = 0;
}

/* ------ under way ------ */

uint64_t net_next_ms(const struct net *n)
{
	return n->first ? n->first->at_ms : UINT64_MAX;
}

static void put_in_order(struct net *n, struct net_parcel *p)
{
	struct net_parcel **at = &n->first;

	while (*at && (*at)->at_ms <= p->at_ms)
		at = &(*at)->next;
	p->next = *at;
	*at = p;
	n->count++;
}

static struct net_parcel *pack(const struct net *n, enum net_kind kind, struct slice octets)
{
	struct net_parcel *p = n->count < NET_PARCELS ? malloc(sizeof *p + octets.size) : NULL;

	if (!p)
		return NULL;
	*p = (struct net_parcel){ .kind = kind, .size = octets.size };
	if (octets.size > 0)
		memcpy(p->octets, octets.octets, octets.size);
	return p;
}

static uint64_t arrival_ms(struct net *n)
{
	uint32_t spread = n->link.spread_ms;

	return n->now_ms + n->link.delay_ms + (spread ? chance_below(&n->chance, spread + 1) : 0);
}

void net_send(struct net *n, enum net_kind kind, const struct address *from,
	      const struct address *to, struct slice octets)
{
	unsigned copies = chance_permille(&n->chance, n->link.twice) ? 2 : 1;

	if (kind == NET_DATAGRAM)
		n->leave(n->self, from, to, octets);
	if (chance_permille(&n->chance, n->link.loss))
		return;
	while (copies-- > 0) {
		struct net_parcel *p = pack(n, kind, octets);

		if (!p)
			return;
		p->from = *from;
		p->to = *to;
		p->at_ms = arrival_ms(n);
		put_in_order(n, p);
	}
}

/* ------ TCP ------ */

static void free_stream(struct net_stream *s)
{
	for (unsigned side = 0; side < 2; side++)
		free(s->end[side].octets);
	*s = (struct net_stream){ .in_use = false };
}

/* Sends something to a side of a stream, behind everything that is on its way there. */
static bool send_to(struct net *n, enum net_kind kind, unsigned stream, unsigned side,
		    struct slice octets)
{
	struct net_stream *s = &n->streams[stream];
	struct net_parcel *p = pack(n, kind, octets);
	struct net_end *end = &s->end[side];

	if (!p)
		return false;
	p->from = s->address[!side];
	p->to = s->address[side];
	p->stream = (uint16_t)stream;
	p->side = (uint8_t)side;
	p->at_ms = arrival_ms(n);
	while (chance_permille(&n->chance, n->link.loss))
		p->at_ms += NET_RESEND_MS;
	if (p->at_ms < end->last_ms)
		p->at_ms = end->last_ms;
	end->last_ms = p->at_ms;
	end->under_way += octets.size;
	put_in_order(n, p);
	return true;
}

static const struct slice nothing = { NULL, 0 };

int net_open(struct net *n, const struct address *client, const struct address *server)
{
	for (unsigned i = 0; i < NET_STREAMS; i++) {
		struct net_stream *s = &n->streams[i];

		if (s->in_use)
			continue;
		*s = (struct net_stream){ .in_use = true, .address = { *client, *server } };
		(void)send_to(n, NET_OPEN, i, NET_SERVER, nothing);
		return (int)i;
	}
	return -1;
}

void net_accept(struct net *n, unsigned stream)
{
	net_end(n, stream, NET_SERVER)->opened = true;
	(void)send_to(n, NET_OPENED, stream, NET_CLIENT, nothing);
}

size_t net_write(struct net *n, unsigned stream, unsigned side, struct slice octets)
{
	const struct net_end *to = net_end(n, stream, !side);
	size_t used = to->size + to->under_way;
	size_t room = used < NET_WINDOW ? NET_WINDOW - used : 0;

	if (octets.size > room)
		octets.size = room;
	return octets.size > 0 && send_to(n, NET_OCTETS, stream, !side, octets) ? octets.size : 0;
}

size_t net_read(struct net *n, unsigned stream, unsigned side, uint8_t *out, size_t room)
{
	struct net_end *end = net_end(n, stream, side);
	size_t size = end->size < room ? end->size : room;

	if (size == 0)
		return 0;
	memcpy(out, end->octets + end->start, size);
	end->start += size;
	end->size -= size;
	return size;
}

void net_shut(struct net *n, unsigned stream, unsigned side)
{
	struct net_end *end = net_end(n, stream, side);

	if (!end->shut)
		(void)send_to(n, NET_END, stream, !side, nothing);
	end->shut = true;
}

static void leave(struct net *n, unsigned stream, unsigned side)
{
	net_end(n, stream, side)->closed = true;
	net_end(n, stream, side)->size = 0;
}

void net_reset(struct net *n, unsigned stream, unsigned side)
{
	(void)send_to(n, NET_RESET, stream, !side, nothing);
	leave(n, stream, side);
}

void net_close(struct net *n, unsigned stream, unsigned side)
{
	if (net_end(n, stream, side)->size > 0) {
		net_reset(n, stream, side);
		return;
	}
	net_shut(n, stream, side);
	leave(n, stream, side);
}

/* ------ arriving ------ */

static void keep(struct net_end *end, const struct net_parcel *p)
{
	if (end->start > 0) {
		memmove(end->octets, end->octets + end->start, end->size);
		end->start = 0;
	}
	if (end->room < end->size + p->size) {
		uint8_t *octets = realloc(end->octets, end->size + p->size);

		if (!octets) {
			end->reset = true;
			return;
		}
		end->octets = octets;
		end->room = end->size + p->size;
	}
	memcpy(end->octets + end->size, p->octets, p->size);
	end->size += p->size;
}

/* What changes in the stream; false when there is nobody any more to hear of it. */
static bool take_in(struct net *n, const struct net_parcel *p)
{
	struct net_end *end = net_end(n, p->stream, p->side);

	end->under_way -= p->size;
	if (end->closed) {
		/* Who writes to one that is gone learns it that way. */
		if (p->kind == NET_OCTETS && !net_end(n, p->stream, !p->side)->closed)
			(void)send_to(n, NET_RESET, p->stream, !p->side, nothing);
		return false;
	}
	if (p->kind == NET_OPENED)
		end->opened = true;
	if (p->kind == NET_OCTETS)
		keep(end, p);
	if (p->kind == NET_END)
		end->ended = true;
	if (p->kind == NET_RESET)
		end->reset = true;
	return true;
}

static bool is_over(const struct net_stream *s)
{
	return s->in_use && s->end[0].closed && s->end[1].closed;
}

static bool has_parcels(const struct net *n, unsigned stream)
{
	for (const struct net_parcel *p = n->first; p; p = p->next)
		if (p->kind >= NET_OPEN && p->stream == stream)
			return true;
	return false;
}

/* Streams that both sides have left give their numbers to others. */
static void clear_streams(struct net *n)
{
	for (unsigned i = 0; i < NET_STREAMS; i++)
		if (is_over(&n->streams[i]) && !has_parcels(n, i))
			free_stream(&n->streams[i]);
}

void net_deliver(struct net *n)
{
	while (n->first && n->first->at_ms <= n->now_ms) {
		struct net_parcel *p = n->first;
		bool is_tcp = p->kind >= NET_OPEN;

		n->first = p->next;
		n->count--;
		if (!is_tcp || take_in(n, p))
			n->arrive(n->self, p);
		free(p);
		if (is_tcp)
			clear_streams(n);
	}
}
