/*
 * fake.h -- a kernel in a struct: TCP peers whose every octet a test decides.
 *
 * A descriptor is the number of a peer plus FAKE_FD; the listener is FAKE_LISTENER.
 */
#ifndef TESTS_NET_FAKE_H
#define TESTS_NET_FAKE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "net/sockets.h"

#define FAKE_LISTENER 1000
#define FAKE_SPARE    1001
#define FAKE_FD       10
#define FAKE_PEERS    128
#define FAKE_BUFFER   (1 << 20)

struct peer {
	struct address from;
	uint8_t *input;     /* what it sends: FAKE_BUFFER octets ... */
	size_t sent, taken; /* ... how many in all, and what we have read of it */
	size_t segment;     /* a read gives at most so much; 0 = all */
	bool ended;         /* FIN behind the input */
	int reset;          /* errno that read and write give, 0 = healthy */
	int write_errno;    /* the same for write alone, and poll knows nothing of it */
	size_t window;      /* octets that we may still write */
	uint8_t *output;    /* what it got */
	size_t got;
	unsigned reads, writes, shutdowns;
	bool open; /* from our accept to our close */
};

struct fake {
	struct sockets sockets;
	struct peer *peers;      /* FAKE_PEERS */
	int waiting[FAKE_PEERS]; /* handshakes done, not accepted */
	size_t waiting_count;
	int accept_errno; /* given accept_errors times; -1 = for ever */
	int accept_errors;
	unsigned accepts;
	bool limited; /* only `room` more descriptors are to be had */
	int room;
	bool spare_held;
};

static inline struct peer *fake_peer(struct fake *f, int fd)
{
	return &f->peers[fd - FAKE_FD];
}

/*
 * When a loop comes back that sleeps until something is due, but not beyond `end`;
 * where it would not sleep at all, a millisecond goes by all the same.
 */
static inline uint64_t fake_sleep(uint64_t now_ms, int timeout_ms, uint64_t end_ms)
{
	uint64_t sleep = timeout_ms == 0 ? 1 : (uint64_t)timeout_ms;

	return timeout_ms < 0 || sleep > end_ms - now_ms ? end_ms : now_ms + sleep;
}

static int fake_poll(void *self, struct pollfd *fds, size_t n, int timeout_ms)
{
	struct fake *f = self;
	int ready = 0;

	(void)timeout_ms;
	for (size_t i = 0; i < n; i++) {
		short can = 0;
		if (fds[i].fd == FAKE_LISTENER) {
			can = f->waiting_count || f->accept_errno ? POLLIN : 0;
		} else {
			const struct peer *p = fake_peer(f, fds[i].fd);
			if (p->taken < p->sent || p->ended)
				can |= POLLIN;
			if (p->window && p->got < FAKE_BUFFER)
				can |= POLLOUT;
			if (p->reset)
				can |= POLLERR | POLLHUP;
		}
		fds[i].revents = (short)(can & (fds[i].events | POLLERR | POLLHUP));
		ready += fds[i].revents != 0;
	}
	return ready;
}

static inline bool fake_descriptor(struct fake *f)
{
	if (f->limited && f->room <= 0) {
		errno = EMFILE;
		return false;
	}
	f->room -= f->limited;
	return true;
}

static int fake_accept(void *self, int fd, struct accepted *out)
{
	struct fake *f = self;

	(void)fd;
	f->accepts++;
	if (f->accept_errno && f->accept_errors) {
		f->accept_errors -= f->accept_errors > 0;
		errno = f->accept_errno;
		return -1;
	}
	if (!f->waiting_count) {
		errno = EAGAIN;
		return -1;
	}
	if (!fake_descriptor(f))
		return -1;
	int got = f->waiting[0];
	memmove(f->waiting, f->waiting + 1, --f->waiting_count * sizeof f->waiting[0]);
	*out = (struct accepted){ .fd = got, .peer = fake_peer(f, got)->from };
	out->local =
		(struct address){ .octets = { 192, 0, 2, 1 }, .port = 53, .family = ADDRESS_IP4 };
	fake_peer(f, got)->open = true;
	return 0;
}

static ssize_t fake_read(void *self, int fd, void *octets, size_t n)
{
	struct peer *p = fake_peer(self, fd);
	size_t left = p->sent - p->taken;

	p->reads++;
	if (p->reset) {
		errno = p->reset;
		return -1;
	}
	if (!left && !p->ended) {
		errno = EAGAIN;
		return -1;
	}
	if (n > left)
		n = left;
	if (p->segment && n > p->segment)
		n = p->segment;
	memcpy(octets, p->input + p->taken, n);
	p->taken += n;
	return (ssize_t)n;
}

static ssize_t fake_write(void *self, int fd, const void *octets, size_t n)
{
	struct peer *p = fake_peer(self, fd);

	p->writes++;
	if (p->reset || p->write_errno || !p->window || p->got == FAKE_BUFFER) {
		errno = p->reset ? p->reset : p->write_errno ? p->write_errno : EAGAIN;
		return -1;
	}
	if (n > p->window)
		n = p->window;
	if (n > FAKE_BUFFER - p->got)
		n = FAKE_BUFFER - p->got;
	memcpy(p->output + p->got, octets, n);
	p->got += n;
	p->window -= n;
	return (ssize_t)n;
}

static int fake_shutdown(void *self, int fd)
{
	fake_peer(self, fd)->shutdowns++;
	return 0;
}

static int fake_close(void *self, int fd)
{
	struct fake *f = self;

	f->room++;
	if (fd == FAKE_SPARE)
		f->spare_held = false;
	else
		fake_peer(f, fd)->open = false;
	return 0;
}

static int fake_spare(void *self, int fd)
{
	struct fake *f = self;

	(void)fd;
	if (!fake_descriptor(f))
		return -1;
	f->spare_held = true;
	return FAKE_SPARE;
}

static inline void fake_init(struct fake *f)
{
	*f = (struct fake){
		.sockets = {
			.self = f,
			.poll = fake_poll,
			.accept = fake_accept,
			.read = fake_read,
			.write = fake_write,
			.shutdown = fake_shutdown,
			.close = fake_close,
			.spare = fake_spare,
		},
		.peers = calloc(FAKE_PEERS, sizeof(struct peer)),
	};
}

static inline void fake_free(struct fake *f)
{
	for (int i = 0; i < FAKE_PEERS; i++) {
		free(f->peers[i].input);
		free(f->peers[i].output);
	}
	free(f->peers);
}

/* A new peer, its handshake done, in a seat of the fake that is free. */
static inline struct peer *fake_connect(struct fake *f, const char *from)
{
	for (int i = 0; i < FAKE_PEERS; i++) {
		struct peer *p = &f->peers[i];
		bool waits = false;
		for (size_t w = 0; w < f->waiting_count; w++)
			waits = waits || f->waiting[w] == i + FAKE_FD;
		if (p->open || waits)
			continue;
		uint8_t *input = p->input ? p->input : malloc(FAKE_BUFFER);
		uint8_t *output = p->output ? p->output : malloc(FAKE_BUFFER);
		*p = (struct peer){ .input = input, .output = output };
		p->window = SIZE_MAX;
		if (address_parse(&p->from, from, 40000))
			abort();
		f->waiting[f->waiting_count++] = i + FAKE_FD;
		return p;
	}
	abort();
}

static inline void peer_send(struct peer *p, const void *octets, size_t n)
{
	memcpy(p->input + p->sent, octets, n);
	p->sent += n;
}

/* A message of `size` octets that starts with `id` and goes on with a pattern. */
static inline void peer_send_message(struct peer *p, uint16_t id, size_t size)
{
	uint8_t *at = p->input + p->sent;

	store_u16(at, (uint16_t)size);
	for (size_t i = 0; i < size; i++)
		at[2 + i] = (uint8_t)(i * 7 + id);
	store_u16(at + 2, id);
	p->sent += 2 + size;
}

/* How many whole messages it has received, and the id of the last in *id. */
static inline size_t peer_messages(const struct peer *p, uint16_t *id)
{
	size_t n = 0, at = 0;

	while (at + 2 <= p->got) {
		size_t size = (size_t)(p->output[at] << 8 | p->output[at + 1]);
		if (at + 2 + size > p->got)
			break;
		if (id && size >= 2)
			*id = (uint16_t)(p->output[at + 2] << 8 | p->output[at + 3]);
		at += 2 + size;
		n++;
	}
	return n;
}

#endif
