/*
 * world.h -- a TCP side with its main loop, on a fake kernel and a fake clock.
 */
#ifndef TESTS_NET_WORLD_H
#define TESTS_NET_WORLD_H

#include <stdio.h>

#include "net/tcp.h"
#include "fake.h"

enum answers { ECHO, LATER, SILENT };

struct world {
	struct fake fake;
	struct tcp *t;
	const struct sockets *sockets;
	uint64_t now;
	enum answers answers;
	size_t reply_size; /* 0 = as long as the query */
	uint64_t ids[64];  /* of the messages that are to be answered later */
	uint16_t names[64];
	size_t id_count;
	struct pollfd fds[LISTENERS_MAX + TCP_CONNECTIONS_MAX];
	size_t polled;
};

static inline void answer(struct world *w, uint64_t id, uint16_t name, size_t size)
{
	size_t room;
	uint8_t *reply = tcp_reply_room(w->t, id, &room);

	if (reply) {
		assert_true(size <= room);
		memset(reply, 0x5a, size);
		store_u16(reply, name);
	}
	tcp_reply_commit(w->t, id, size);
}

static inline void handle(struct world *w, const struct tcp_message *m)
{
	uint16_t name = (uint16_t)(m->octets[0] << 8 | m->octets[1]);

	for (size_t i = 2; i < m->size; i++)
		assert_int_equal(m->octets[i], (uint8_t)(i * 7 + name));
	if (w->answers == LATER) {
		w->names[w->id_count] = name;
		w->ids[w->id_count++] = m->id;
	} else {
		answer(w, m->id, name,
		       w->answers == SILENT ? 0
		       : w->reply_size      ? w->reply_size
					    : m->size);
	}
}

/* One turn of the main loop; returns how many descriptors were ready. */
static inline int turn(struct world *w)
{
	struct tcp_message m;

	w->polled = tcp_poll_fds(w->t, w->fds, LISTENERS_MAX + TCP_CONNECTIONS_MAX, w->now);
	int ready = w->sockets->poll(w->sockets->self, w->fds, w->polled, 0);
	tcp_turn(w->t, w->fds, w->polled, w->now);
	while (tcp_next(w->t, &m))
		handle(w, &m);
	tcp_flush(w->t, w->now);
	return ready;
}

static inline void turns(struct world *w, size_t n)
{
	while (n--)
		turn(w);
}

/* Lets time pass as the main loop would: no longer than it is allowed to sleep. */
static inline void pass(struct world *w, uint64_t ms)
{
	uint64_t end = w->now + ms;

	while (w->now < end) {
		int wait = tcp_timeout_ms(w->t, w->now);
		uint64_t step = wait < 0 || w->now + (uint64_t)wait > end ? end - w->now
									  : (uint64_t)wait;
		w->now += step;
		turn(w);
	}
}

static inline short asked_events(const struct world *w, int fd)
{
	for (size_t i = 0; i < w->polled; i++)
		if (w->fds[i].fd == fd)
			return w->fds[i].events;
	return -1;
}

static inline int fd_of(const struct world *w, const struct peer *p)
{
	return (int)(p - w->fake.peers) + FAKE_FD;
}

static inline struct world *world_new(unsigned connections, unsigned per_prefix)
{
	struct world *w = calloc(1, sizeof *w);
	struct listener l = { .fd = FAKE_LISTENER };
	struct tcp_limits limits = { .connections = connections, .per_prefix = per_prefix };

	fake_init(&w->fake);
	w->sockets = &w->fake.sockets;
	w->now = 1000000;
	w->t = calloc(1, sizeof *w->t);
	assert_true(tcp_init(w->t, w->sockets, &limits));
	tcp_listen(w->t, &l);
	return w;
}

static inline void world_free(struct world *w)
{
	tcp_free(w->t);
	for (size_t i = 0; i < FAKE_PEERS; i++)
		assert_false(w->fake.peers[i].open);
	assert_false(w->fake.spare_held);
	fake_free(&w->fake);
	free(w->t);
	free(w);
}

/* A client that is accepted already; each of another prefix. */
static inline struct peer *client(struct world *w)
{
	static unsigned n;
	char from[32];

	n++;
	snprintf(from, sizeof from, "10.%u.%u.%u", n >> 16 & 255, n >> 8 & 255, n & 255);
	struct peer *p = fake_connect(&w->fake, from);
	turn(w);
	assert_true(p->open);
	return p;
}

#endif
