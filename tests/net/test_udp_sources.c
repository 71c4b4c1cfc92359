/*
 * test_udp_sources.c -- where queries may come from and where replies leave from,
 * with addresses and interfaces that loopback does not have; on a fake kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_udp.h"

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

/*
 * Nothing is told there, and nothing need be; but a packet that somebody has redirected to
 * there came in elsewhere.
 */
static void a_loopback_address_has_one_interface(void **state)
{
	static const struct {
		const char *at, *from;
		unsigned interface;
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1", 7 }, { "127.0.0.53", "127.0.0.1", 7 },
		{ "127.0.0.1", "192.0.2.9", 0 }, { "::1", "::1", 7 },
		{ "::1", "2001:db8::9", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake f;
		struct listener l = listener_at(rows[i].at);
		struct udp_batch *b = batch_new();

		l.loopback = 7;
		fake_init(&f, rows[i].from);
		udp_receive(&f.sockets, &l, b);
		assert_int_equal(b->count, 1);
		assert_int_equal(b->datagrams[0].interface, rows[i].interface);
		batch_free(b);
	}
}

/* A process of this host asks at another address from 127.0.0.1. */
static void elsewhere_a_loopback_source_says_nothing_of_the_interface(void **state)
{
	struct fake f;
	struct listener l = listener_at("192.0.2.1");
	struct udp_batch *b = batch_new();

	(void)state;
	fake_init(&f, "127.0.0.1");
	control_ip4(&f, "192.0.2.1", "192.0.2.1");
	udp_receive(&f.sockets, &l, b);
	assert_int_equal(b->datagrams[0].interface, 5);
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
		{ "192.0.2.1", "192.0.2.255", 0 }, { "192.0.2.1", "224.0.0.1", 0 },
		{ "192.0.2.1", "192.0.2.1", 1 },   { NULL, "ff02::1", 0 },
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_45_ports_that_answer_by_themselves_get_nothing),
		cmocka_unit_test(row_45_we_do_not_answer_ourselves),
		cmocka_unit_test(no_reply_goes_to_an_address_that_is_no_host),
		cmocka_unit_test(dropped_ones_leave_no_gap),
		cmocka_unit_test(a_reply_has_the_source_but_not_the_interface),
		cmocka_unit_test(a_loopback_address_has_one_interface),
		cmocka_unit_test(elsewhere_a_loopback_source_says_nothing_of_the_interface),
		cmocka_unit_test(a_link_local_reply_keeps_the_interface),
		cmocka_unit_test(a_query_to_broadcast_or_multicast_is_dropped),
		cmocka_unit_test(a_wildcard_socket_does_not_answer_itself),
		cmocka_unit_test(control_data_that_is_not_understood_is_not_sent_back),
		cmocka_unit_test(headers_are_whole_again_after_each_turn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
