/*
 * test_udp.c -- datagrams in batches: on loopback with ports that the kernel
 * chooses, and on a fake kernel for what loopback never does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "net/udp.h"

static struct udp_batch *batch_new(void)
{
	struct udp_batch *b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(b, MAP_FAILED);
	udp_init(b);
	return b;
}

static void batch_free(struct udp_batch *b)
{
	munmap(b, sizeof *b);
}

/* Answers each datagram with itself. */
static void echo_all(struct udp_batch *b)
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

/* ------ on loopback ------ */

static struct listener opened(const char *at)
{
	struct listener l;
	struct listener_problem why;
	struct address a;

	assert_null(address_parse(&a, at, 0));
	if (!listener_open(&l, TRANSPORT_UDP, &a, LISTENER_ALONE, &why)) {
		if (a.family == ADDRESS_IP6)
			skip(); /* a machine without IPv6 */
		fail_msg("%s: %s: errno %d", at, why.step, why.error);
	}
	return l;
}

/* A client that hears from `host` alone, so an answer from elsewhere never arrives. */
static int client(const char *host, uint16_t port)
{
	struct address a;
	struct sockaddr_storage name;

	assert_null(address_parse(&a, host, port));
	socklen_t size = address_to_sockaddr(&a, &name);
	int fd = socket(name.ss_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, size), 0);
	return fd;
}

static void a_query_is_answered(const struct sockets *s, const char *listen, const char *ask)
{
	struct listener l = opened(listen);
	struct udp_batch *b = batch_new();
	int fd = client(ask, l.local.port);
	struct address asked;
	char got[16];

	assert_int_equal(send(fd, "who is there", 12, 0), 12);
	udp_receive(s, &l, b);
	assert_int_equal(b->count, 1);
	assert_false(b->more);
	const struct datagram *d = &b->datagrams[0];
	assert_int_equal(d->size, 12);
	assert_memory_equal(d->query, "who is there", 12);
	assert_false(d->truncated);
	assert_null(address_parse(&asked, ask, l.local.port));
	assert_true(address_equal(&d->local, &asked));
	assert_int_equal(d->interface != 0, l.wildcard);
	echo_all(b);
	udp_send(s, &l, b);
	assert_int_equal(recv(fd, got, sizeof got, 0), 12);
	assert_int_equal(b->counters.sent, 1);
	close(fd);
	batch_free(b);
	listener_close(&l);
}

static void a_named_ip4_socket_answers(void **state)
{
	(void)state;
	a_query_is_answered(sockets_system(), "127.0.0.1", "127.0.0.1");
	a_query_is_answered(sockets_plain(), "127.0.0.1", "127.0.0.1");
}

static void a_named_ip6_socket_answers(void **state)
{
	(void)state;
	a_query_is_answered(sockets_system(), "::1", "::1");
	a_query_is_answered(sockets_plain(), "::1", "::1");
}

/* RFC 2181 §4.1: the reply's source is the query's destination. */
static void a_wildcard_ip4_socket_answers_from_the_address_asked(void **state)
{
	(void)state;
	a_query_is_answered(sockets_system(), "0.0.0.0", "127.0.0.1");
	a_query_is_answered(sockets_system(), "0.0.0.0", "127.0.0.2");
	a_query_is_answered(sockets_plain(), "0.0.0.0", "127.1.2.3");
}

static void a_wildcard_ip6_socket_answers_from_the_address_asked(void **state)
{
	(void)state;
	a_query_is_answered(sockets_system(), "::", "::1");
	a_query_is_answered(sockets_plain(), "::", "::1");
}

/* A seam that counts calls and otherwise is the kernel. */
struct counting {
	struct sockets sockets;
	unsigned receives, sends;
};

static int counting_receive(void *self, int fd, struct mmsghdr *m, unsigned n)
{
	((struct counting *)self)->receives++;
	return sockets_system()->receive(NULL, fd, m, n);
}

static int counting_send(void *self, int fd, struct mmsghdr *m, unsigned n)
{
	((struct counting *)self)->sends++;
	return sockets_system()->send(NULL, fd, m, n);
}

static void forty_queries_take_two_batches_and_four_calls(void **state)
{
	struct counting c = { .sockets = { .self = &c,
					   .receive = counting_receive,
					   .send = counting_send } };
	struct listener l = opened("127.0.0.1");
	struct udp_batch *b = batch_new();
	int fd = client("127.0.0.1", l.local.port);
	uint8_t got[8];

	(void)state;
	for (uint8_t i = 0; i < 40; i++)
		assert_int_equal(send(fd, (uint8_t[2]){ i, i }, 2, 0), 2);
	udp_receive(&c.sockets, &l, b);
	assert_int_equal(b->count, UDP_BATCH);
	assert_true(b->more);
	echo_all(b);
	udp_send(&c.sockets, &l, b);
	udp_receive(&c.sockets, &l, b);
	assert_int_equal(b->count, 8);
	assert_false(b->more);
	echo_all(b);
	udp_send(&c.sockets, &l, b);
	assert_int_equal(c.receives, 2);
	assert_int_equal(c.sends, 2);
	for (uint8_t i = 0; i < 40; i++) {
		assert_int_equal(recv(fd, got, sizeof got, 0), 2);
		assert_int_equal(got[0], i);
	}
	close(fd);
	batch_free(b);
	listener_close(&l);
}

static void a_query_without_reply_is_left_out(void **state)
{
	struct listener l = opened("127.0.0.1");
	struct udp_batch *b = batch_new();
	int fd = client("127.0.0.1", l.local.port);
	char got[8];

	(void)state;
	for (char i = 0; i < 6; i++)
		assert_int_equal(send(fd, &i, 1, 0), 1);
	udp_receive(sockets_system(), &l, b);
	assert_int_equal(b->count, 6);
	for (size_t i = 0; i < 6; i++) {
		size_t room;
		uint8_t *reply = udp_reply_room(b, &room);
		*reply = b->datagrams[i].query[0];
		udp_reply_commit(b, &b->datagrams[i], i % 2); /* every other one */
	}
	udp_send(sockets_system(), &l, b);
	for (char i = 1; i < 6; i += 2) {
		assert_int_equal(recv(fd, got, sizeof got, 0), 1);
		assert_int_equal(got[0], i);
	}
	assert_int_equal(recv(fd, got, sizeof got, 0), -1);
	assert_int_equal(b->counters.sent, 3);
	close(fd);
	batch_free(b);
	listener_close(&l);
}

static void a_query_that_is_too_long_is_marked(void **state)
{
	struct listener l = opened("127.0.0.1");
	struct udp_batch *b = batch_new();
	int fd = client("127.0.0.1", l.local.port);
	static uint8_t big[UDP_QUERY_MAX + 1];

	(void)state;
	for (size_t size = UDP_QUERY_MAX; size <= UDP_QUERY_MAX + 1; size++) {
		memset(big, (int)size & 255, sizeof big);
		assert_int_equal(send(fd, big, size, 0), (ssize_t)size);
		udp_receive(sockets_system(), &l, b);
		assert_int_equal(b->count, 1);
		assert_int_equal(b->datagrams[0].size, UDP_QUERY_MAX);
		assert_int_equal(b->datagrams[0].truncated, size > UDP_QUERY_MAX);
		assert_memory_equal(b->datagrams[0].query, big, UDP_QUERY_MAX);
	}
	/* The mark does not outlive its datagram. */
	assert_int_equal(send(fd, big, 1, 0), 1);
	udp_receive(sockets_system(), &l, b);
	assert_false(b->datagrams[0].truncated);
	close(fd);
	batch_free(b);
	listener_close(&l);
}

static size_t resident_pages(struct udp_batch *b)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n = 0;
	unsigned char in_core[128];

	if (page != 4096)
		skip();
	assert_int_equal(mincore(b, sizeof *b, in_core), 0);
	for (size_t i = 0; i < (sizeof *b + page - 1) / page; i++)
		n += in_core[i] & 1;
	return n;
}

static void pages_without_traffic_are_not_resident(void **state)
{
	struct listener l = opened("127.0.0.1");
	struct udp_batch *b = batch_new();
	int fd = client("127.0.0.1", l.local.port);

	(void)state;
	size_t before = resident_pages(b);
	assert_in_range(before, 1, 5);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(send(fd, "query", 5, 0), 5);
		udp_receive(sockets_system(), &l, b);
		echo_all(b);
		udp_send(sockets_system(), &l, b);
	}
	assert_in_range(resident_pages(b), before, before + 4);
	close(fd);
	batch_free(b);
	listener_close(&l);
}

/* ------ on a fake kernel ------ */

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

static int fake_receive(void *self, int fd, struct mmsghdr *m, unsigned n)
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
		*(uint8_t *)h->msg_iov[0].iov_base = (uint8_t)i;
		m[i].msg_len = 1;
	}
	if (!f->copies) {
		errno = EAGAIN;
		return -1;
	}
	return (int)f->copies;
}

static int fake_send(void *self, int fd, struct mmsghdr *m, unsigned n)
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
		memcpy(f->last_control, h->msg_control ? h->msg_control : "",
		       h->msg_controllen);
	}
	return count < (int)n ? count : (int)n;
}

static int fake_poll(void *self, struct pollfd *fds, size_t n, int timeout_ms)
{
	(void)fds;
	(void)n;
	assert_in_range(timeout_ms, 0, 5);
	((struct fake *)self)->polls++;
	return 0;
}

static void fake_init(struct fake *f, const char *from)
{
	struct address a;

	*f = (struct fake){ .copies = 1 };
	f->sockets = (struct sockets){
		.self = f, .receive = fake_receive, .send = fake_send, .poll = fake_poll
	};
	assert_null(address_parse(&a, from, 40000));
	f->from_size = address_to_sockaddr(&a, &f->from);
}

static struct listener listener_at(const char *at)
{
	struct listener l = { .fd = 3 };

	assert_null(address_parse(&l.local, at, 53));
	l.wildcard = address_is_wildcard(&l.local);
	return l;
}

/* How many of one datagram from there are left to be answered. */
static size_t left_of(const char *from, const char *at)
{
	struct fake f;
	struct listener l = listener_at(at);
	struct udp_batch *b = batch_new();

	fake_init(&f, from);
	udp_receive(&f.sockets, &l, b);
	size_t n = b->count;
	assert_int_equal(b->counters.received, 1);
	assert_int_equal(b->counters.dropped, 1 - n);
	batch_free(b);
	return n;
}

static void row_45_ports_that_answer_by_themselves_get_nothing(void **state)
{
	(void)state;
	assert_int_equal(left_of("192.0.2.9@0", "192.0.2.1"), 0);
	assert_int_equal(left_of("192.0.2.9@7", "192.0.2.1"), 0);
	assert_int_equal(left_of("192.0.2.9@13", "192.0.2.1"), 0);
	assert_int_equal(left_of("192.0.2.9@17", "192.0.2.1"), 0);
	assert_int_equal(left_of("2001:db8::9@19", "2001:db8::1"), 0);
	assert_int_equal(left_of("192.0.2.9@1", "192.0.2.1"), 1);
	assert_int_equal(left_of("192.0.2.9@53", "192.0.2.1"), 1);
	assert_int_equal(left_of("2001:db8::9@1024", "2001:db8::1"), 1);
}

static void row_45_we_do_not_answer_ourselves(void **state)
{
	(void)state;
	assert_int_equal(left_of("192.0.2.1@53", "192.0.2.1"), 0);
	assert_int_equal(left_of("2001:db8::1@53", "2001:db8::1"), 0);
	assert_int_equal(left_of("192.0.2.1@54", "192.0.2.1"), 1);
	assert_int_equal(left_of("192.0.2.1@53", "192.0.2.1@54"), 1);
}

static void no_reply_goes_to_an_address_that_is_no_host(void **state)
{
	(void)state;
	assert_int_equal(left_of("0.0.0.0", "192.0.2.1"), 0);
	assert_int_equal(left_of("224.0.0.251", "192.0.2.1"), 0);
	assert_int_equal(left_of("255.255.255.255", "192.0.2.1"), 0);
	assert_int_equal(left_of("::", "2001:db8::1"), 0);
	assert_int_equal(left_of("ff02::1", "2001:db8::1"), 0);
}

static void dropped_ones_leave_no_gap(void **state)
{
	struct fake f;
	struct listener l = listener_at("192.0.2.1");
	struct udp_batch *b = batch_new();

	(void)state;
	fake_init(&f, "192.0.2.9@7");
	f.copies = 3;
	udp_receive(&f.sockets, &l, b);
	assert_int_equal(b->count, 0);
	udp_send(&f.sockets, &l, b);
	assert_int_equal(f.sends, 0);
	fake_init(&f, "192.0.2.9");
	f.copies = 3;
	udp_receive(&f.sockets, &l, b);
	assert_int_equal(b->count, 3);
	batch_free(b);
}

static void control_ip4(struct fake *f, const char *spec, const char *addr)
{
	struct address s, a;
	struct in_pktinfo info = { .ipi_ifindex = 5 };
	struct cmsghdr h = { .cmsg_level = IPPROTO_IP,
			     .cmsg_type = IP_PKTINFO,
			     .cmsg_len = CMSG_LEN(sizeof info) };

	assert_null(address_parse(&s, spec, 0));
	assert_null(address_parse(&a, addr, 0));
	memcpy(&info.ipi_spec_dst, s.octets, 4);
	memcpy(&info.ipi_addr, a.octets, 4);
	memcpy(f->control, &h, sizeof h);
	memcpy(f->control + CMSG_LEN(0), &info, sizeof info);
	f->control_size = CMSG_SPACE(sizeof info);
}

static void control_ip6(struct fake *f, const char *to)
{
	struct address a;
	struct in6_pktinfo info = { .ipi6_ifindex = 5 };
	struct cmsghdr h = { .cmsg_level = IPPROTO_IPV6,
			     .cmsg_type = IPV6_PKTINFO,
			     .cmsg_len = CMSG_LEN(sizeof info) };

	assert_null(address_parse(&a, to, 0));
	memcpy(&info.ipi6_addr, a.octets, 16);
	memcpy(f->control, &h, sizeof h);
	memcpy(f->control + CMSG_LEN(0), &info, sizeof info);
	f->control_size = CMSG_SPACE(sizeof info);
}

/* The interface is routing's to choose: a VPN's answer may leave by another one. */
static void a_reply_has_the_source_but_not_the_interface(void **state)
{
	struct fake f;
	struct listener l = listener_at("0.0.0.0");
	struct udp_batch *b = batch_new();
	struct in_pktinfo info;

	(void)state;
	fake_init(&f, "192.0.2.9");
	control_ip4(&f, "192.0.2.1", "192.0.2.1");
	udp_receive(&f.sockets, &l, b);
	assert_int_equal(b->count, 1);
	assert_int_equal(b->datagrams[0].interface, 5);
	echo_all(b);
	udp_send(&f.sockets, &l, b);
	assert_int_equal(f.last.msg_namelen, sizeof(struct sockaddr_in));
	assert_int_equal(f.last.msg_controllen, CMSG_SPACE(sizeof info));
	memcpy(&info, f.last_control + CMSG_LEN(0), sizeof info);
	assert_int_equal(info.ipi_ifindex, 0);
	assert_memory_equal(&info.ipi_spec_dst, "\xc0\0\2\1", 4);
	batch_free(b);
}

/* RFC 4007 §6: a link-local address without its interface is nothing. */
static void a_link_local_reply_keeps_the_interface(void **state)
{
	static const char *const to[] = { "2001:db8::1", "fe80::1" };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct fake f;
		struct listener l = listener_at("::");
		struct udp_batch *b = batch_new();
		struct in6_pktinfo info;

		fake_init(&f, "fe80::9%5");
		control_ip6(&f, to[i]);
		udp_receive(&f.sockets, &l, b);
		assert_int_equal(b->datagrams[0].interface, 5);
		assert_int_equal(b->datagrams[0].local.scope, i ? 5 : 0);
		assert_int_equal(b->datagrams[0].peer.scope, 5);
		echo_all(b);
		udp_send(&f.sockets, &l, b);
		memcpy(&info, f.last_control + CMSG_LEN(0), sizeof info);
		assert_int_equal(info.ipi6_ifindex, i ? 5 : 0);
		batch_free(b);
	}
}

/* Else one query to all hosts of a network brings an answer from each. */
static void a_query_to_broadcast_or_multicast_is_dropped(void **state)
{
	static const struct {
		const char *spec, *addr;
		size_t left;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.255", 0 },
		{ "192.0.2.1", "224.0.0.1", 0 },
		{ "192.0.2.1", "192.0.2.1", 1 },
		{ NULL, "ff02::1", 0 },
		{ NULL, "2001:db8::1", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake f;
		struct listener l = listener_at(rows[i].spec ? "0.0.0.0" : "::");
		struct udp_batch *b = batch_new();

		fake_init(&f, rows[i].spec ? "192.0.2.9" : "2001:db8::9");
		if (rows[i].spec)
			control_ip4(&f, rows[i].spec, rows[i].addr);
		else
			control_ip6(&f, rows[i].addr);
		udp_receive(&f.sockets, &l, b);
		assert_int_equal(b->count, rows[i].left);
		batch_free(b);
	}
}

static void a_wildcard_socket_does_not_answer_itself(void **state)
{
	struct fake f;
	struct listener l = listener_at("0.0.0.0");
	struct udp_batch *b = batch_new();

	(void)state;
	fake_init(&f, "192.0.2.1@53");
	control_ip4(&f, "192.0.2.1", "192.0.2.1");
	udp_receive(&f.sockets, &l, b);
	assert_int_equal(b->count, 0);
	batch_free(b);
}

static void control_data_that_is_not_understood_is_not_sent_back(void **state)
{
	struct fake f;
	struct listener l = listener_at("0.0.0.0");
	struct udp_batch *b = batch_new();
	struct cmsghdr h = { .cmsg_level = SOL_SOCKET,
			     .cmsg_type = SCM_RIGHTS,
			     .cmsg_len = CMSG_LEN(4) };

	(void)state;
	fake_init(&f, "192.0.2.9");
	memcpy(f.control, &h, sizeof h);
	f.control_size = CMSG_SPACE(4);
	udp_receive(&f.sockets, &l, b);
	assert_int_equal(b->count, 1);
	assert_true(address_is_wildcard(&b->datagrams[0].local));
	echo_all(b);
	udp_send(&f.sockets, &l, b);
	assert_int_equal(f.last.msg_controllen, 0);
	assert_null(f.last.msg_control);
	batch_free(b);
}

static void headers_are_whole_again_after_each_turn(void **state)
{
	struct fake f;
	struct listener wildcard = listener_at("::"), named = listener_at("192.0.2.1");
	struct udp_batch *b = batch_new();

	(void)state;
	for (unsigned i = 0; i < 3; i++) { /* fake_receive() asserts the room it is given */
		fake_init(&f, "2001:db8::9");
		control_ip6(&f, "2001:db8::1");
		f.copies = UDP_BATCH;
		udp_receive(&f.sockets, &wildcard, b);
		assert_int_equal(b->count, UDP_BATCH);
		fake_init(&f, "192.0.2.9");
		udp_receive(&f.sockets, &named, b);
		assert_int_equal(b->count, 1);
		assert_int_equal(b->datagrams[0].interface, 0);
	}
	batch_free(b);
}

static void receiving_survives_errors(void **state)
{
	static const int errors[] = { EINTR, ECONNREFUSED, EHOSTUNREACH, ENETDOWN };
	struct fake f;
	struct listener l = listener_at("192.0.2.1");
	struct udp_batch *b = batch_new();

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		fake_init(&f, "192.0.2.9");
		f.receive_errors[0] = f.receive_errors[1] = errors[i];
		f.receive_error_count = 2;
		udp_receive(&f.sockets, &l, b);
		assert_int_equal(b->count, 1); /* what waits behind the error is not lost */
	}
	assert_int_equal(b->counters.receive_failed, 8);
	batch_free(b);
}

static void receiving_never_spins(void **state)
{
	static const struct {
		int error;
		size_t calls;
	} rows[] = { { EAGAIN, 1 }, { ENOMEM, 1 }, { ENOBUFS, 1 }, { EINTR, 4 }, { EBADF, 4 } };
	struct listener l = listener_at("192.0.2.1");
	struct udp_batch *b = batch_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake f;
		fake_init(&f, "192.0.2.9");
		for (size_t k = 0; k < 8; k++)
			f.receive_errors[k] = rows[i].error;
		f.receive_error_count = 8;
		udp_receive(&f.sockets, &l, b);
		assert_int_equal(b->count, 0);
		assert_false(b->more);
		assert_int_equal(f.receives, rows[i].calls);
	}
	batch_free(b);
}

/* Sends ten replies by a kernel that follows these steps. */
static void send_ten(struct fake *f, struct udp_batch *b)
{
	struct listener l = listener_at("192.0.2.1");

	f->copies = 10;
	udp_receive(&f->sockets, &l, b);
	assert_int_equal(b->count, 10);
	echo_all(b);
	udp_send(&f->sockets, &l, b);
}

static void a_partial_send_goes_on_with_the_next(void **state)
{
	struct fake f;
	struct udp_batch *b = batch_new();

	(void)state;
	fake_init(&f, "192.0.2.9");
	f.steps[0].count = 3;
	f.steps[1].count = 1;
	f.steps[2].count = 32;
	f.step_count = 3;
	send_ten(&f, b);
	assert_int_equal(f.sends, 3);
	for (uint8_t i = 0; i < 10; i++)
		assert_int_equal(f.sent[i], i);
	assert_int_equal(b->counters.sent, 10);
	assert_int_equal(b->counters.unsent, 0);
	batch_free(b);
}

static void a_datagram_that_is_refused_does_not_keep_the_others(void **state)
{
	static const int errors[] = { EPERM, ENETUNREACH, EHOSTUNREACH, EMSGSIZE, EINVAL, EACCES };

	(void)state;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
		struct fake f;
		struct udp_batch *b = batch_new();

		fake_init(&f, "192.0.2.9");
		f.steps[0].count = 4;
		f.steps[1].count = -1;
		f.steps[1].error = errors[i];
		f.steps[2].count = 32;
		f.step_count = 3;
		send_ten(&f, b);
		assert_int_equal(f.sent_count, 9);
		assert_int_equal(f.sent[3], 3);
		assert_int_equal(f.sent[4], 5);
		assert_int_equal(b->counters.unsent, 1);
		batch_free(b);
	}
}

static void a_full_buffer_is_tried_again_and_then_given_up(void **state)
{
	static const struct {
		int error;
		size_t polls;
	} rows[] = { { EAGAIN, 3 }, { ENOBUFS, 0 }, { ENOMEM, 0 }, { EINTR, 0 } };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake f;
		struct udp_batch *b = batch_new();

		fake_init(&f, "192.0.2.9");
		f.steps[0].count = 2;
		f.steps[1].count = -1;
		f.steps[1].error = rows[i].error;
		f.step_count = 2; /* it stays so */
		send_ten(&f, b);
		assert_int_equal(f.sends, 5);
		assert_int_equal(f.polls, rows[i].polls);
		assert_int_equal(b->counters.sent, 2);
		assert_int_equal(b->counters.unsent, 8);
		fake_init(&f, "192.0.2.9");
		f.steps[0].count = -1;
		f.steps[0].error = rows[i].error;
		f.steps[1].count = 32; /* it passes */
		f.step_count = 2;
		send_ten(&f, b);
		assert_int_equal(f.sent_count, 10);
		batch_free(b);
	}
}

/* Linux reports an ICMP message about one reply at the next call, whatever that sends. */
static void an_error_about_an_earlier_reply_costs_no_other(void **state)
{
	struct fake f;
	struct udp_batch *b = batch_new();

	(void)state;
	fake_init(&f, "192.0.2.9");
	f.steps[0].count = -1;
	f.steps[0].error = ECONNREFUSED;
	f.steps[1].count = 32;
	f.step_count = 2;
	send_ten(&f, b);
	assert_int_equal(f.sent_count, 10);
	assert_int_equal(b->counters.unsent, 0);
	batch_free(b);
}

static void the_largest_replies_of_a_full_batch_fit(void **state)
{
	struct fake f;
	struct listener l = listener_at("192.0.2.1");
	struct udp_batch *b = batch_new();

	(void)state;
	fake_init(&f, "192.0.2.9");
	f.copies = UDP_BATCH;
	udp_receive(&f.sockets, &l, b);
	for (size_t i = 0; i < b->count; i++) {
		size_t room;
		uint8_t *reply = udp_reply_room(b, &room);
		memset(reply, (int)i, room);
		udp_reply_commit(b, &b->datagrams[i], room);
	}
	udp_send(&f.sockets, &l, b);
	assert_int_equal(f.sends, 1);
	for (uint8_t i = 0; i < UDP_BATCH; i++)
		assert_int_equal(f.sent[i], i);
	assert_int_equal(f.last.msg_iov->iov_len, UDP_REPLY_MAX);
	assert_int_equal(((uint8_t *)f.last.msg_iov->iov_base)[UDP_REPLY_MAX - 1], UDP_BATCH - 1);
	batch_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_named_ip4_socket_answers),
		cmocka_unit_test(a_named_ip6_socket_answers),
		cmocka_unit_test(a_wildcard_ip4_socket_answers_from_the_address_asked),
		cmocka_unit_test(a_wildcard_ip6_socket_answers_from_the_address_asked),
		cmocka_unit_test(forty_queries_take_two_batches_and_four_calls),
		cmocka_unit_test(a_query_without_reply_is_left_out),
		cmocka_unit_test(a_query_that_is_too_long_is_marked),
		cmocka_unit_test(the_largest_replies_of_a_full_batch_fit),
		cmocka_unit_test(pages_without_traffic_are_not_resident),
		cmocka_unit_test(row_45_ports_that_answer_by_themselves_get_nothing),
		cmocka_unit_test(row_45_we_do_not_answer_ourselves),
		cmocka_unit_test(no_reply_goes_to_an_address_that_is_no_host),
		cmocka_unit_test(dropped_ones_leave_no_gap),
		cmocka_unit_test(a_reply_has_the_source_but_not_the_interface),
		cmocka_unit_test(a_link_local_reply_keeps_the_interface),
		cmocka_unit_test(a_query_to_broadcast_or_multicast_is_dropped),
		cmocka_unit_test(a_wildcard_socket_does_not_answer_itself),
		cmocka_unit_test(control_data_that_is_not_understood_is_not_sent_back),
		cmocka_unit_test(headers_are_whole_again_after_each_turn),
		cmocka_unit_test(receiving_survives_errors),
		cmocka_unit_test(receiving_never_spins),
		cmocka_unit_test(a_partial_send_goes_on_with_the_next),
		cmocka_unit_test(a_datagram_that_is_refused_does_not_keep_the_others),
		cmocka_unit_test(a_full_buffer_is_tried_again_and_then_given_up),
		cmocka_unit_test(an_error_about_an_earlier_reply_costs_no_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
