/*
 * test_sockets.c -- the real side of the seam, and the opening of listeners.
 * Everything on loopback, with ports that the kernel chooses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "net/listener.h"
#include "net/owner.h"
#include "net/sockets.h"

static struct address parsed(const char *s)
{
	struct address a;

	assert_null(address_parse(&a, s, 0));
	return a;
}

static struct listener opened(enum transport transport, const char *at)
{
	struct listener l;
	struct listener_problem why;
	struct address a = parsed(at);

	if (!listener_open(&l, transport, &a, LISTENER_ALONE, &why)) {
		if (a.family == ADDRESS_IP6 && why.error == EAFNOSUPPORT)
			skip();
		fail_msg("%s: %s: errno %d", at, why.step, why.error);
	}
	return l;
}

/* 0, or the errno of opening there. */
static int error_of(enum transport transport, const struct address *at, enum listener_share share,
		    struct listener *l)
{
	struct listener_problem why;

	if (listener_open(l, transport, at, share, &why))
		return 0;
	assert_int_equal(l->fd, -1);
	assert_non_null(why.step);
	return why.error;
}

static int option_of(int fd, int level, int name)
{
	int value = -1;
	socklen_t size = sizeof value;

	assert_int_equal(getsockopt(fd, level, name, &value, &size), 0);
	return value;
}

static int connected_to(const struct address *a)
{
	struct sockaddr_storage name;
	socklen_t size = address_to_sockaddr(a, &name);
	int fd = socket(name.ss_family, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&name, size), 0);
	return fd;
}

/* ------ listeners ------ */

static const enum transport both[] = { TRANSPORT_UDP, TRANSPORT_TCP };

static void a_listener_knows_its_port_and_never_blocks(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct listener l = opened(both[i], "127.0.0.1");
		assert_int_not_equal(l.local.port, 0);
		assert_false(l.wildcard);
		assert_false(l.absent);
		assert_true(fcntl(l.fd, F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
		listener_close(&l);
		assert_int_equal(l.fd, -1);
	}
}

/* In-flight fragments can be replaced by a spoofer, so no path MTU may make us send any. */
static void a_udp_listener_ignores_the_path_mtu(void **state)
{
	struct listener l = opened(TRANSPORT_UDP, "127.0.0.1");

	(void)state;
	assert_int_equal(option_of(l.fd, IPPROTO_IP, IP_MTU_DISCOVER), IP_PMTUDISC_OMIT);
	listener_close(&l);
	l = opened(TRANSPORT_UDP, "::1");
	assert_int_equal(option_of(l.fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER), IPV6_PMTUDISC_OMIT);
	listener_close(&l);
}

/* An address that is not there yet (192.0.2.1), and those that lead to one interface alone. */
static void every_udp_listener_knows_the_interface_or_is_told(void **state)
{
	static const struct {
		const char *at;
		int level, option, is_told;
	} rows[] = {
		{ "0.0.0.0", IPPROTO_IP, IP_PKTINFO, 1 },
		{ "::", IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
		{ "192.0.2.1", IPPROTO_IP, IP_PKTINFO, 1 },
		{ "127.0.0.1", IPPROTO_IP, IP_PKTINFO, 0 },
		{ "127.0.0.53", IPPROTO_IP, IP_PKTINFO, 0 },
		{ "::1", IPPROTO_IPV6, IPV6_RECVPKTINFO, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct listener l = opened(TRANSPORT_UDP, rows[i].at);
		unsigned lo = if_nametoindex("lo");

		assert_int_equal(option_of(l.fd, rows[i].level, rows[i].option), rows[i].is_told);
		assert_int_equal(l.loopback, rows[i].is_told ? 0 : lo);
		listener_close(&l);
	}
}

static void ip4_and_ip6_wildcards_share_a_port(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct listener six = opened(both[i], "::"), four;
		struct address a = parsed("0.0.0.0");
		a.port = six.local.port;
		assert_int_equal(error_of(both[i], &a, LISTENER_ALONE, &four), 0);
		listener_close(&six);
		listener_close(&four);
	}
}

static void a_port_that_is_taken_is_an_error_of_bind(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct listener l = opened(both[i], "127.0.0.1"), second;
		struct listener_problem why;
		assert_false(listener_open(&second, both[i], &l.local, LISTENER_ALONE, &why));
		assert_int_equal(why.error, EADDRINUSE);
		assert_string_equal(why.step, "bind");
		listener_close(&l);
	}
}

static void servers_share_a_port_but_no_stranger_does(void **state)
{
	struct listener first, next, last, stranger;
	struct address at = parsed("127.0.0.1");

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(error_of(both[i], &at, LISTENER_FIRST, &first), 0);
		assert_int_equal(error_of(both[i], &first.local, LISTENER_NEXT, &next), 0);
		assert_int_equal(error_of(both[i], &first.local, LISTENER_NEXT, &last), 0);
		/* Another ten35 opens a first one, too. */
		assert_int_equal(error_of(both[i], &first.local, LISTENER_FIRST, &stranger),
				 EADDRINUSE);
		assert_int_equal(error_of(both[i], &first.local, LISTENER_ALONE, &stranger),
				 EADDRINUSE);
		listener_close(&first);
		listener_close(&next);
		listener_close(&last);
	}
}

static void servers_that_share_a_port_all_get_clients(void **state)
{
	struct listener l[3];
	struct address at = parsed("127.0.0.1");
	unsigned seen[3] = { 0 };
	char octet;

	(void)state;
	assert_int_equal(error_of(TRANSPORT_UDP, &at, LISTENER_FIRST, &l[0]), 0);
	assert_int_equal(error_of(TRANSPORT_UDP, &l[0].local, LISTENER_NEXT, &l[1]), 0);
	assert_int_equal(error_of(TRANSPORT_UDP, &l[0].local, LISTENER_NEXT, &l[2]), 0);
	for (unsigned i = 0; i < 300; i++) {
		struct sockaddr_storage name;
		socklen_t size = address_to_sockaddr(&l[0].local, &name);
		int fd = socket(AF_INET, SOCK_DGRAM, 0);
		assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&name, size), 1);
		close(fd);
		for (unsigned k = 0; k < 3; k++)
			seen[k] += recv(l[k].fd, &octet, 1, 0) == 1;
	}
	assert_int_equal(seen[0] + seen[1] + seen[2], 300);
	for (unsigned k = 0; k < 3; k++) {
		assert_true(seen[k] > 30);
		listener_close(&l[k]);
	}
}

/* A lease or a tunnel may bring it later. */
static void an_address_that_no_interface_has_is_bound_all_the_same(void **state)
{
	static const char *const rows[] = { "198.51.100.77", "2001:db8:ffff::77" };

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct listener l = opened(both[i % 2], rows[i / 2]);
		assert_true(l.absent);
		assert_int_not_equal(l.local.port, 0);
		listener_close(&l);
	}
}

static void a_tcp_listener_takes_a_port_with_dying_connections(void **state)
{
	struct listener l = opened(TRANSPORT_TCP, "127.0.0.1"), again;
	struct address at = l.local;
	struct accepted a;
	int fd = connected_to(&at);

	(void)state;
	assert_int_equal(sockets_system()->accept(NULL, l.fd, &a), 0);
	close(a.fd); /* we close first, so TIME_WAIT is ours (RFC 9293 §3.6) */
	close(fd);
	listener_close(&l);
	assert_int_equal(error_of(TRANSPORT_TCP, &at, LISTENER_ALONE, &again), 0);
	listener_close(&again);
}

/* ------ the seam ------ */

static void an_accepted_connection_tells_both_ends_and_the_interface(void **state)
{
	static const char *const rows[][2] = { { "127.0.0.1", "127.0.0.1" },
					       { "0.0.0.0", "127.0.0.2" },
					       { "::", "::1" } };
	const struct sockets *kinds[] = { sockets_system(), sockets_plain() };

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		const struct sockets *s = kinds[i % 2];
		struct listener l = opened(TRANSPORT_TCP, rows[i / 2][0]);
		struct address to = parsed(rows[i / 2][1]), from;
		struct sockaddr_storage name;
		socklen_t size = sizeof name;
		struct accepted a;

		assert_int_equal(s->accept(NULL, l.fd, &a), -1);
		assert_int_equal(errno, EAGAIN);
		to.port = l.local.port;
		int fd = connected_to(&to);
		assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
		assert_true(address_from_sockaddr(&from, (struct sockaddr *)&name));
		assert_int_equal(s->accept(NULL, l.fd, &a), 0);
		assert_true(address_equal(&a.local, &to));
		assert_true(address_equal(&a.peer, &from));
		assert_int_equal(a.interface, if_nametoindex("lo"));
		assert_true(fcntl(a.fd, F_GETFL) & O_NONBLOCK);
		assert_true(fcntl(a.fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(option_of(a.fd, IPPROTO_TCP, TCP_NODELAY), 1);
		close(a.fd);
		close(fd);
		listener_close(&l);
	}
}

static void reading_and_writing_never_block_and_raise_no_signal(void **state)
{
	const struct sockets *s = sockets_system();
	int pair[2];
	char octets[8];

	(void)state;
	signal(SIGPIPE, SIG_DFL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0); /* blocking */
	assert_int_equal(s->read(s->self, pair[0], octets, 8), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(s->write(s->self, pair[0], "hello", 5), 5);
	assert_int_equal(s->read(s->self, pair[1], octets, 8), 5);
	assert_int_equal(s->shutdown(s->self, pair[0]), 0);
	assert_int_equal(s->read(s->self, pair[1], octets, 8), 0);
	assert_int_equal(s->write(s->self, pair[1], "hello", 5), 5); /* our direction alone */
	assert_int_equal(s->close(s->self, pair[1]), 0);
	assert_int_equal(s->write(s->self, pair[0], "hello", 5), -1);
	assert_int_equal(errno, EPIPE);
	close(pair[0]);
}

static void a_spare_descriptor_makes_room_for_one(void **state)
{
	const struct sockets *s = sockets_system();
	struct listener l = opened(TRANSPORT_TCP, "127.0.0.1");
	int spare = s->spare(s->self, l.fd);

	(void)state;
	assert_true(spare >= 0);
	assert_int_not_equal(spare, l.fd);
	assert_true(fcntl(spare, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(s->close(s->self, spare), 0);
	int again = dup(0);
	assert_int_equal(again, spare);
	close(again);
	listener_close(&l);
}

static void poll_tells_what_is_ready(void **state)
{
	const struct sockets *s = sockets_system();
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	struct pollfd p = { .fd = pair[0], .events = POLLIN };
	assert_int_equal(s->poll(s->self, &p, 1, 0), 0);
	assert_int_equal(write(pair[1], "x", 1), 1);
	assert_int_equal(s->poll(s->self, &p, 1, -1), 1);
	assert_int_equal(p.revents, POLLIN);
	close(pair[0]);
	close(pair[1]);
}

static void the_plain_twins_move_as_much_as_the_batches(void **state)
{
	const struct sockets *kinds[] = { sockets_system(), sockets_plain() };

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		const struct sockets *s = kinds[k];
		uint8_t octets[4][8] = { { 1 }, { 2 }, { 3 }, { 4 } };
		struct iovec parts[4];
		struct mmsghdr m[4] = { { .msg_len = 0 } };
		int pair[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
		for (unsigned i = 0; i < 4; i++) {
			parts[i] = (struct iovec){ .iov_base = octets[i], .iov_len = i + 1 };
			m[i].msg_hdr.msg_iov = &parts[i];
			m[i].msg_hdr.msg_iovlen = 1;
		}
		assert_int_equal(s->receive(s->self, pair[1], m, 4), -1);
		assert_int_equal(errno, EAGAIN);
		assert_int_equal(s->send(s->self, pair[0], m, 3), 3);
		for (unsigned i = 0; i < 4; i++)
			parts[i].iov_len = 8;
		memset(octets, 0, sizeof octets);
		assert_int_equal(s->receive(s->self, pair[1], m, 4), 3);
		for (unsigned i = 0; i < 3; i++) {
			assert_int_equal(octets[i][0], i + 1);
			assert_int_equal(m[i].msg_len, i + 1);
		}
		close(pair[1]);
		assert_int_equal(s->send(s->self, pair[0], m, 3), -1);
		close(pair[0]);
	}
}

/* ------ who has the port ------ */

static void the_owner_of_a_port_is_named(void **state)
{
	char want[64], buffer[OWNER_TEXT_MAX], comm[32] = "";
	FILE *f = fopen("/proc/self/comm", "r");

	(void)state;
	if (!f || access("/proc/net/tcp", R_OK))
		skip();
	assert_non_null(fgets(comm, sizeof comm, f));
	comm[strcspn(comm, "\n")] = '\0';
	fclose(f);
	for (unsigned i = 0; i < 2; i++) {
		struct listener l = opened(both[i], "127.0.0.1");
		struct address any = parsed("0.0.0.0"), other = parsed("127.0.0.2");
		struct text t = text_init(buffer, sizeof buffer);

		any.port = other.port = l.local.port;
		snprintf(want, sizeof want, " (process %d)", (int)getpid());
		assert_true(owner_find(both[i], &l.local, &t));
		assert_non_null(strstr(text_str(&t), want));
		assert_int_equal(strncmp(text_str(&t), comm, strlen(comm)), 0);
		t = text_init(buffer, sizeof buffer);
		assert_true(owner_find(both[i], &any, &t)); /* a wildcard collides with all */
		t = text_init(buffer, sizeof buffer);
		assert_false(owner_find(both[i], &other, &t));
		assert_string_equal(text_str(&t), "");
		assert_false(owner_find(both[1 - i], &l.local, &t));
		listener_close(&l);
		assert_false(owner_find(both[i], &any, &t));
	}
}

static void the_owner_of_an_ip6_port_is_named(void **state)
{
	char buffer[OWNER_TEXT_MAX];

	(void)state;
	if (access("/proc/net/tcp6", R_OK))
		skip();
	for (unsigned i = 0; i < 2; i++) {
		struct listener l = opened(both[i], "::1");
		struct address any = parsed("::"), other = parsed("::2");
		struct text t = text_init(buffer, sizeof buffer);

		any.port = other.port = l.local.port;
		assert_true(owner_find(both[i], &l.local, &t));
		assert_true(owner_find(both[i], &any, &t));
		assert_false(owner_find(both[i], &other, &t));
		listener_close(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listener_knows_its_port_and_never_blocks),
		cmocka_unit_test(a_udp_listener_ignores_the_path_mtu),
		cmocka_unit_test(every_udp_listener_knows_the_interface_or_is_told),
		cmocka_unit_test(ip4_and_ip6_wildcards_share_a_port),
		cmocka_unit_test(a_port_that_is_taken_is_an_error_of_bind),
		cmocka_unit_test(servers_share_a_port_but_no_stranger_does),
		cmocka_unit_test(servers_that_share_a_port_all_get_clients),
		cmocka_unit_test(an_address_that_no_interface_has_is_bound_all_the_same),
		cmocka_unit_test(a_tcp_listener_takes_a_port_with_dying_connections),
		cmocka_unit_test(an_accepted_connection_tells_both_ends_and_the_interface),
		cmocka_unit_test(reading_and_writing_never_block_and_raise_no_signal),
		cmocka_unit_test(a_spare_descriptor_makes_room_for_one),
		cmocka_unit_test(poll_tells_what_is_ready),
		cmocka_unit_test(the_plain_twins_move_as_much_as_the_batches),
		cmocka_unit_test(the_owner_of_a_port_is_named),
		cmocka_unit_test(the_owner_of_an_ip6_port_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
