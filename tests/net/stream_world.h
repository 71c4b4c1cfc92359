/*
 * stream_world.h -- connections to upstream servers with their main loop, on a
 * fake kernel and a fake clock.
 */
#ifndef TESTS_NET_STREAM_WORLD_H
#define TESTS_NET_STREAM_WORLD_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/stream.h"
#include "fake.h"

enum { HEARD = 512 };

/* What streams_next() told; messages are checked against their pattern on the way. */
struct heard {
	uint8_t server;
	bool ended, again;
	uint16_t id;
	size_t size;
};

struct world {
	struct fake fake;
	struct streams s;
	uint64_t now;
	int dial_errno; /* of the next dials; 0: they succeed */
	unsigned dials;
	struct peer *last; /* that was dialled */
	struct address dialled;
	bool slow; /* connections stay under way until connect_all() */
	struct heard heard[HEARD];
	size_t heard_count;
};

static inline int dial(void *self, enum transport t, const struct address *peer, uint16_t port)
{
	struct world *w = (void *)((char *)self - offsetof(struct world, fake));

	assert_int_equal(t, TRANSPORT_TCP);
	assert_int_equal(port, 0); /* any: the kernel draws it */
	if (w->dial_errno) {
		errno = w->dial_errno;
		return -1;
	}
	for (int i = 0; i < FAKE_PEERS; i++) {
		struct peer *p = &w->fake.peers[i];

		if (p->input)
			continue;
		*p = (struct peer){ .from = *peer, .open = true, .window = w->slow ? 0 : SIZE_MAX };
		p->input = malloc(FAKE_BUFFER);
		p->output = malloc(FAKE_BUFFER);
		w->dials++;
		w->last = p;
		w->dialled = *peer;
		return i + FAKE_FD;
	}
	fail();
	return -1;
}

static inline int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	fake_init(&w->fake);
	w->fake.sockets.dial = dial;
	streams_init(&w->s, &w->fake.sockets);
	w->now = 1000000;
	*state = w;
	return 0;
}

static inline int teardown(void **state)
{
	struct world *w = *state;

	streams_free(&w->s);
	for (int i = 0; i < FAKE_PEERS; i++)
		assert_false(w->fake.peers[i].open);
	fake_free(&w->fake);
	free(w);
	return 0;
}

/* ------ what tests do ------ */

static inline void put_pattern(uint8_t *octets, uint16_t id, size_t size)
{
	for (size_t i = 0; i < size; i++)
		octets[i] = (uint8_t)(i * 7 + id);
	store_u16(octets, id);
}

static inline bool send_sized(struct world *w, uint8_t server, uint16_t id, size_t size)
{
	static uint8_t octets[65535];
	struct address at;

	assert_null(address_parse(&at, "192.0.2.1", 53));
	at.octets[3] = server;
	put_pattern(octets, id, size);
	return streams_send(&w->s, server, &at, octets, size, w->now) == STREAM_TAKEN;
}

/* Asks a server; the peer that was dialled last. */
static inline struct peer *ask(struct world *w, uint8_t server, uint16_t id)
{
	assert_true(send_sized(w, server, id, 30));
	return w->last;
}

/* Asks a server; true when that opened a connection. */
static inline bool ask_dials(struct world *w, uint8_t server, uint16_t id)
{
	unsigned dials = w->dials;

	ask(w, server, id);
	return w->dials > dials;
}

static inline void hear(struct world *w)
{
	struct stream_event e;

	while (streams_next(&w->s, &e, w->now)) {
		static uint8_t expect[65535];
		struct heard *h = &w->heard[w->heard_count++];

		assert_true(w->heard_count < HEARD);
		*h = (struct heard){ .server = e.server, .ended = e.ended, .again = e.again };
		if (e.ended)
			continue;
		h->size = e.message.size;
		h->id = (uint16_t)(e.message.octets[0] << 8 | e.message.octets[1]);
		put_pattern(expect, h->id, h->size);
		assert_memory_equal(e.message.octets, expect, h->size);
	}
}

/* One turn of the main loop; how many things were told in it. */
static inline size_t turn(struct world *w)
{
	struct pollfd fds[STREAMS];
	size_t before = w->heard_count;
	size_t n = streams_poll_fds(&w->s, fds, STREAMS);

	w->fake.sockets.poll(&w->fake, fds, n, 0);
	streams_turn(&w->s, fds, n, w->now);
	hear(w);
	streams_flush(&w->s, w->now);
	return w->heard_count - before;
}

static inline size_t turns(struct world *w, unsigned n)
{
	size_t told = 0;

	while (n-- > 0)
		told += turn(w);
	return told;
}

static inline void expect_message(struct world *w, size_t i, uint8_t server, uint16_t id,
				  size_t size)
{
	assert_true(i < w->heard_count);
	assert_false(w->heard[i].ended);
	assert_int_equal(w->heard[i].server, server);
	assert_int_equal(w->heard[i].id, id);
	assert_int_equal(w->heard[i].size, size);
}

/* The last thing that was told is the end of this server's connection. */
static inline void expect_end(struct world *w, uint8_t server, bool again)
{
	assert_true(w->heard_count > 0);
	const struct heard *h = &w->heard[w->heard_count - 1];
	assert_true(h->ended);
	assert_int_equal(h->server, server);
	assert_int_equal(h->again, again);
}

/* A connection that has brought one answer. */
static inline struct peer *proven(struct world *w, uint8_t server)
{
	assert_true(ask_dials(w, server, 1));
	peer_send_message(w->last, 1, 40);
	assert_int_equal(turns(w, 2), 1);
	w->heard_count = 0;
	return w->last;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
