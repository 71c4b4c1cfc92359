/*
 * test_udp.c -- datagrams in batches, on loopback with ports that the kernel chooses.
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
	struct udp_batch *b =
		mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

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
	assert_int_not_equal(d->interface, 0);
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
	struct counting c = {
		.sockets = { .self = &c, .receive = counting_receive, .send = counting_send }
	};
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

static void a_query_is_whole_whatever_its_size(void **state)
{
	struct listener l = opened("127.0.0.1");
	struct udp_batch *b = batch_new();
	int fd = client("127.0.0.1", l.local.port);
	static uint8_t octets[UDP_QUERY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t size = 0; size <= UDP_QUERY_MAX; size += size > 1000 ? 619 : 1) {
		assert_int_equal(send(fd, octets, size, 0), (ssize_t)size);
		udp_receive(sockets_system(), &l, b);
		assert_int_equal(b->count, 1);
		assert_int_equal(b->datagrams[0].size, size);
		assert_memory_equal(b->datagrams[0].query, octets, size);
	}
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
	for (unsigned i = 0; i < 100; i++) { /* one by one ... */
		assert_int_equal(send(fd, "query", 5, 0), 5);
		udp_receive(sockets_system(), &l, b);
		echo_all(b);
		udp_send(sockets_system(), &l, b);
	}
	assert_in_range(resident_pages(b), before, before + 3);
	for (unsigned i = 0; i < UDP_BATCH; i++) /* ... and a full batch */
		assert_int_equal(send(fd, "query", 5, 0), 5);
	udp_receive(sockets_system(), &l, b);
	assert_int_equal(b->count, UDP_BATCH);
	echo_all(b);
	udp_send(sockets_system(), &l, b);
	assert_in_range(resident_pages(b), before, before + 13);
	close(fd);
	batch_free(b);
	listener_close(&l);
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
		cmocka_unit_test(a_query_is_whole_whatever_its_size),
		cmocka_unit_test(a_query_that_is_too_long_is_marked),
		cmocka_unit_test(pages_without_traffic_are_not_resident),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
