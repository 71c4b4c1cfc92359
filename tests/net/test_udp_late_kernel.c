/*
 * test_udp_late_kernel.c -- replies that leave when their query's batch is long gone: the
 * kernel itself lets them leave from the address that was asked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "fake_udp.h"

/* A client that hears nobody but the address and port that it asked. */
static int client_of(const struct listener *l, const char *at)
{
	struct timeval patience = { .tv_sec = 5 };
	struct sockaddr_storage s;
	struct address a;
	int fd = socket(strchr(at, ':') ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);

	assert_true(fd >= 0);
	assert_null(address_parse(&a, at, l->local.port));
	socklen_t size = address_to_sockaddr(&a, &s);
	assert_return_code(connect(fd, (const struct sockaddr *)&s, size), errno);
	assert_return_code(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience),
			   errno);
	return fd;
}

/* What a client asked at that address; its origin. */
static struct udp_origin heard(const struct listener *l, int client)
{
	struct udp_batch *b = batch_new();
	struct pollfd readable = { .fd = l->fd, .events = POLLIN };

	assert_int_equal(send(client, "query", 5, 0), 5);
	assert_int_equal(poll(&readable, 1, 5000), 1);
	udp_receive(sockets_system(), l, b);
	assert_int_equal(b->count, 1);
	const struct udp_origin o = udp_origin(&b->datagrams[0]);
	batch_free(b);
	return o;
}

static void replies_at(const char *wildcard, const char *const at[2])
{
	struct udp_late late = { .count = 0 };
	struct listener_problem why;
	struct udp_origin origins[2];
	struct listener l;
	struct address a;
	int clients[2];
	char room[16];

	assert_null(address_parse(&a, wildcard, 0));
	if (!listener_open(&l, TRANSPORT_UDP, &a, LISTENER_ALONE, &why))
		skip(); /* a host without IPv6 */
	for (size_t i = 0; i < 2; i++) {
		clients[i] = client_of(&l, at[i]);
		origins[i] = heard(&l, clients[i]);
	}
	for (size_t i = 2; i-- > 0;) { /* the last one first */
		memcpy(udp_late_room(&late), i ? "reply1" : "reply0", 6);
		udp_late_commit(sockets_system(), &late, &l, &origins[i], 6);
	}
	udp_late_send(sockets_system(), &late);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(recv(clients[i], room, sizeof room, 0), 6);
		assert_memory_equal(room, i ? "reply1" : "reply0", 6);
		close(clients[i]);
	}
	assert_int_equal(late.unsent, 0);
	listener_close(&l);
}

static void the_kernel_lets_it_leave_from_there_by_ipv4(void **state)
{
	static const char *const at[2] = { "127.0.0.5", "127.0.0.6" };

	(void)state;
	replies_at("0.0.0.0", at);
}

static void the_kernel_lets_it_leave_from_there_by_ipv6(void **state)
{
	static const char *const at[2] = { "::1", "::1" };

	(void)state;
	replies_at("::", at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_lets_it_leave_from_there_by_ipv4),
		cmocka_unit_test(the_kernel_lets_it_leave_from_there_by_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
