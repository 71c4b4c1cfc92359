/*
 * fake_udp.h -- a kernel in a struct: one datagram comes in as often as a test
 * likes, and sending follows the steps that it lays down.
 */
#ifndef TESTS_NET_FAKE_UDP_H
#define TESTS_NET_FAKE_UDP_H

#include <errno.h>
#include <sys/mman.h>

#include "net/udp.h"

static inline struct udp_batch *batch_new(void)
{
	struct udp_batch *b =
		mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(b, MAP_FAILED);
	udp_init(b);
	return b;
}

static inline void batch_free(struct udp_batch *b)
{
	munmap(b, sizeof *b);
}

/* Answers each datagram with itself. */
static inline void echo_all(struct udp_batch *b)
{
	for (size_t i = 0; i < b->count; i++) {
		struct datagram *d = &b->datagrams[i];
		size_t room;
		uint8_t *reply = udp_reply_room(b, &room);
		assert_int_equal(room, UDP_REPLY_MAX);
		memcpy(reply, d->query, d->size < room ? d->size : room);
		udp_reply_commit(b, d, d->size < room ? d->size : room);
	}
}

struct fake {
	struct sockets sockets;
	/* What comes in: one datagram from `from`, with this control data. */
	struct sockaddr_storage from;
	socklen_t from_size;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	size_t control_size;
	unsigned copies; /* of it in the batch */
	int receive_errors[8];
	size_t receive_error_count, receives;
	/* What goes out: each call follows the next step, the last one for ever. */
	struct {
		int count, error; /* how many it takes, or -1 and errno */
	} steps[8];
	size_t step_count, sends, polls;
	uint8_t sent[256]; /* first octets of what was taken */
	size_t sent_count;
	struct msghdr last; /* header of the last one sent */
	_Alignas(struct cmsghdr) char last_control[128];
};

static inline int fake_receive(void *self, int fd, struct mmsghdr *m, unsigned n)
{
	struct fake *f = self;

	(void)fd;
	if (f->receives < f->receive_error_count) {
		errno = f->receive_errors[f->receives++];
		return -1;
	}
	f->receives++;
	for (unsigned i = 0; i < f->copies && i < n; i++) {
		struct msghdr *h = &m[i].msg_hdr;
		assert_true(h->msg_namelen >= f->from_size);
		assert_true(h->msg_controllen >= f->control_size);
		memcpy(h->msg_name, &f->from, f->from_size);
		memcpy(h->msg_control, f->control, f->control_size);
		h->msg_namelen = f->from_size;
		h->msg_controllen = f->control_size;
		h->msg_flags = 0;
		*(uint8_t *)h->msg_iov[0].iov_base = (uint8_t)i;
		m[i].msg_len = 1;
	}
	if (!f->copies) {
		errno = EAGAIN;
		return -1;
	}
	return (int)f->copies;
}

static inline int fake_send(void *self, int fd, struct mmsghdr *m, unsigned n)
{
	struct fake *f = self;
	size_t step = f->sends < f->step_count ? f->sends : f->step_count - 1;
	int count = f->step_count ? f->steps[step].count : (int)n;

	(void)fd;
	f->sends++;
	if (count < 0) {
		errno = f->steps[step].error;
		return -1;
	}
	for (int i = 0; i < count && i < (int)n; i++) {
		struct msghdr *h = &m[i].msg_hdr;
		f->sent[f->sent_count++] = *(uint8_t *)h->msg_iov[0].iov_base;
		f->last = *h;
		memcpy(f->last_control, h->msg_control ? h->msg_control : "", h->msg_controllen);
	}
	return count < (int)n ? count : (int)n;
}

static inline int fake_poll(void *self, struct pollfd *fds, size_t n, int timeout_ms)
{
	(void)fds;
	(void)n;
	assert_in_range(timeout_ms, 0, 5);
	((struct fake *)self)->polls++;
	return 0;
}

static inline void fake_init(struct fake *f, const char *from)
{
	struct address a;

	*f = (struct fake){ .copies = 1 };
	f->sockets = (struct sockets){
		.self = f, .receive = fake_receive, .send = fake_send, .poll = fake_poll
	};
	assert_null(address_parse(&a, from, 40000));
	f->from_size = address_to_sockaddr(&a, &f->from);
}

static inline struct listener listener_at(const char *at)
{
	struct listener l = { .fd = 3 };

	assert_null(address_parse(&l.local, at, 53));
	l.wildcard = address_is_wildcard(&l.local);
	return l;
}

#endif
