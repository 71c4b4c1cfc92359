/*
 * test_udp_late.c -- replies that leave when their query's batch is long gone: to whom,
 * from where, and what becomes of those that the kernel refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fake_udp.h"

enum { PACKETS = 256 };

/* One packet as the kernel was given it. */
struct packet {
	int fd;
	struct address peer;
	size_t size;
	uint8_t octets[UDP_LATE_MAX];
	size_t control_size;
	struct udp_control control;
};

struct world {
	struct fake fake;
	struct udp_late late;
	struct listener wild4, wild6, fixed4;
	struct packet packets[PACKETS];
	size_t count;
};

/* Takes what the steps of the fake say, and keeps it. */
static int keep(void *self, int fd, struct mmsghdr *m, unsigned n)
{
	struct world *w = (void *)((char *)self - offsetof(struct world, fake));
	int sent = fake_send(&w->fake, fd, m, n);

	for (int i = 0; i < sent; i++) {
		struct packet *p = &w->packets[w->count++];
		const struct msghdr *h = &m[i].msg_hdr;

		assert_true(w->count < PACKETS && h->msg_iovlen == 1);
		p->fd = fd;
		assert_true(address_from_sockaddr(&p->peer, h->msg_name));
		p->size = h->msg_iov->iov_len;
		memcpy(p->octets, h->msg_iov->iov_base, p->size);
		p->control_size = h->msg_controllen;
		assert_true(p->control_size <= sizeof p->control);
		memcpy(&p->control, h->msg_control ? h->msg_control : "", p->control_size);
	}
	return sent;
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof *w);

	fake_init(&w->fake, "192.0.2.77");
	w->fake.sockets.send = keep;
	w->wild4 = listener_at("0.0.0.0");
	w->wild6 = listener_at("::");
	w->fixed4 = listener_at("192.0.2.53");
	w->wild4.fd = 4;
	w->wild6.fd = 6;
	w->fixed4.fd = 5;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static struct udp_origin origin(const char *peer, const char *local, uint32_t interface)
{
	struct udp_origin o = { .interface = interface };

	assert_null(address_parse(&o.peer, peer, 40000));
	assert_null(address_parse(&o.local, local, 53));
	return o;
}

/* A reply of `size` octets that begins with `id`. */
static void reply(struct world *w, const struct listener *l, const struct udp_origin *to,
		  uint8_t id, size_t size)
{
	uint8_t *room = udp_late_room(&w->late);

	memset(room, id ^ 0x55, UDP_LATE_MAX);
	room[0] = id;
	udp_late_commit(&w->fake.sockets, &w->late, l, to, size);
}

static void expect_packet(const struct world *w, size_t i, const struct udp_origin *to, uint8_t id,
			  size_t size)
{
	uint8_t expect[UDP_LATE_MAX];
	const struct packet *p = &w->packets[i];

	assert_true(i < w->count);
	memset(expect, id ^ 0x55, sizeof expect);
	expect[0] = id;
	assert_int_equal(p->size, size);
	assert_memory_equal(p->octets, expect, size);
	assert_true(address_equal(&p->peer, &to->peer));
}

/* The address and interface that the control data of a packet name; ADDRESS_NONE without any. */
static struct address source_of(const struct packet *p, uint32_t *interface)
{
	const struct cmsghdr *c = (const void *)p->control.octets;
	const char *data = (const char *)p->control.octets + CMSG_LEN(0);
	struct address a = { .family = ADDRESS_NONE };
	struct in6_pktinfo six;
	struct in_pktinfo four;

	*interface = 0;
	if (p->control_size == 0)
		return a;
	if (c->cmsg_level == IPPROTO_IP) {
		assert_int_equal(c->cmsg_type, IP_PKTINFO);
		assert_int_equal(c->cmsg_len, CMSG_LEN(sizeof four));
		assert_int_equal(p->control_size, CMSG_SPACE(sizeof four));
		memcpy(&four, data, sizeof four);
		a.family = ADDRESS_IP4;
		memcpy(a.octets, &four.ipi_spec_dst, 4);
		*interface = (uint32_t)four.ipi_ifindex;
		return a;
	}
	assert_int_equal(c->cmsg_level, IPPROTO_IPV6);
	assert_int_equal(c->cmsg_type, IPV6_PKTINFO);
	assert_int_equal(c->cmsg_len, CMSG_LEN(sizeof six));
	assert_int_equal(p->control_size, CMSG_SPACE(sizeof six));
	memcpy(&six, data, sizeof six);
	a.family = ADDRESS_IP6;
	memcpy(a.octets, &six.ipi6_addr, 16);
	*interface = (uint32_t)six.ipi6_ifindex;
	return a;
}

static void expect_source(const struct world *w, size_t i, const char *address, uint32_t interface)
{
	char room[ADDRESS_TEXT_MAX];
	struct text out = text_init(room, sizeof room);
	uint32_t got;

	assert_true(i < w->count);
	const struct address a = source_of(&w->packets[i], &got);
	address_print_host(&a, &out);
	assert_string_equal(room, address);
	assert_int_equal(got, interface);
}

/* ------ to whom, and from where ------ */

static void a_late_reply_goes_to_who_asked_from_the_address_that_was_asked(void **state)
{
	struct world *w = *state;
	const struct udp_origin four = origin("198.51.100.1@1234", "192.0.2.53", 3);
	const struct udp_origin six = origin("[2001:db8::1]:65535", "2001:db8::53", 3);

	reply(w, &w->wild4, &four, 1, 100);
	udp_late_send(&w->fake.sockets, &w->late);
	reply(w, &w->wild6, &six, 2, 12);
	udp_late_send(&w->fake.sockets, &w->late);
	assert_int_equal(w->count, 2);
	expect_packet(w, 0, &four, 1, 100);
	expect_source(w, 0, "192.0.2.53",
		      0); /* routing decides the way: the client may be in a VPN */
	assert_int_equal(w->packets[0].fd, w->wild4.fd);
	expect_packet(w, 1, &six, 2, 12);
	expect_source(w, 1, "2001:db8::53", 0);
	assert_int_equal(w->packets[1].fd, w->wild6.fd);
}

/* RFC 4007 §6: a link-local address means nothing without its interface. */
static void a_link_local_one_goes_back_by_its_interface(void **state)
{
	struct world *w = *state;
	const struct udp_origin to = origin("fe80::7%9", "fe80::1%9", 9);

	reply(w, &w->wild6, &to, 1, 50);
	udp_late_send(&w->fake.sockets, &w->late);
	expect_packet(w, 0, &to, 1, 50);
	assert_int_equal(w->packets[0].peer.scope, 9);
	expect_source(w, 0, "fe80::1", 9);
}

static void a_socket_of_one_address_needs_no_source(void **state)
{
	struct world *w = *state;
	const struct udp_origin to = origin("198.51.100.1", "192.0.2.53", 0);
	/* The kernel did not say which address was asked: it chooses, then. */
	const struct udp_origin unknown4 = origin("198.51.100.1", "0.0.0.0", 0);
	const struct udp_origin unknown6 = origin("2001:db8::1", "::", 0);

	reply(w, &w->fixed4, &to, 1, 50);
	reply(w, &w->wild4, &unknown4, 2, 50);
	reply(w, &w->wild6, &unknown6, 3, 50);
	udp_late_send(&w->fake.sockets, &w->late);
	assert_int_equal(w->count, 3);
	for (size_t i = 0; i < 3; i++)
		expect_source(w, i, "(no address)", 0);
}

/* A place that was used before has no source of another reply left in it. */
static void no_reply_has_the_source_of_another(void **state)
{
	struct world *w = *state;
	const struct udp_origin six = origin("2001:db8::1", "fe80::1%9", 9);
	const struct udp_origin four = origin("198.51.100.1", "192.0.2.53", 3);
	const struct udp_origin unknown = origin("198.51.100.2", "0.0.0.0", 0);

	reply(w, &w->wild6, &six, 1, 50);
	reply(w, &w->wild4, &four, 2, 50);
	udp_late_send(&w->fake.sockets, &w->late);
	reply(w, &w->wild4, &unknown, 3, 50);
	reply(w, &w->wild4, &four, 4, 50);
	udp_late_send(&w->fake.sockets, &w->late);
	assert_int_equal(w->count, 4);
	expect_source(w, 1, "192.0.2.53", 0);
	expect_source(w, 2, "(no address)", 0);
	expect_source(w, 3, "192.0.2.53", 0);
	expect_packet(w, 2, &unknown, 3, 50);
}

/* An origin is a value: it outlives the batch in which its query came. */
static void the_origin_of_a_query_outlives_its_batch(void **state)
{
	struct world *w = *state;
	struct udp_batch *b = batch_new();
	struct in6_pktinfo info = { .ipi6_ifindex = 9 };
	struct cmsghdr *c = (void *)w->fake.control;

	info.ipi6_addr.s6_addr[0] = 0xfe;
	info.ipi6_addr.s6_addr[1] = 0x80;
	c->cmsg_level = IPPROTO_IPV6;
	c->cmsg_type = IPV6_PKTINFO;
	c->cmsg_len = CMSG_LEN(sizeof info);
	w->fake.control_size = CMSG_SPACE(sizeof info);
	memcpy(w->fake.control + CMSG_LEN(0), &info, sizeof info);
	const struct udp_origin first = origin("fe80::7%9@4711", "fe80::%9", 9);
	w->fake.from_size = address_to_sockaddr(&first.peer, &w->fake.from);
	udp_receive(&w->fake.sockets, &w->wild6, b);
	assert_int_equal(b->count, 1);
	const struct udp_origin kept = udp_origin(&b->datagrams[0]);
	memset(w->fake.control, 0, sizeof w->fake.control);
	w->fake.control_size = 0;
	memset(&w->fake.from, 0, sizeof w->fake.from);
	udp_receive(&w->fake.sockets, &w->wild6, b);
	batch_free(b);
	reply(w, &w->wild6, &kept, 1, 50);
	udp_late_send(&w->fake.sockets, &w->late);
	expect_packet(w, 0, &first, 1, 50);
	expect_source(w, 0, "fe80::", 9);
}

/* ------ together ------ */

static void replies_wait_and_leave_in_one_call_in_their_order(void **state)
{
	struct world *w = *state;
	struct udp_origin to = origin("198.51.100.1", "192.0.2.53", 0);

	for (uint8_t i = 0; i < UDP_BATCH - 1; i++) {
		to.peer.port = 1000 + i;
		reply(w, &w->wild4, &to, i, 12u + 40u * i);
	}
	assert_int_equal(w->fake.sends, 0);
	udp_late_send(&w->fake.sockets, &w->late);
	assert_int_equal(w->fake.sends, 1);
	assert_int_equal(w->count, UDP_BATCH - 1);
	for (uint8_t i = 0; i < UDP_BATCH - 1; i++) {
		to.peer.port = 1000 + i;
		expect_packet(w, i, &to, i, 12u + 40u * i);
	}
	assert_int_equal(w->late.sent, UDP_BATCH - 1);
	udp_late_send(&w->fake.sockets, &w->late); /* nothing is sent twice, or in vain */
	assert_int_equal(w->fake.sends, 1);
}

static void a_batch_that_is_full_leaves_at_once(void **state)
{
	struct world *w = *state;
	const struct udp_origin to = origin("198.51.100.1", "192.0.2.53", 0);

	for (uint8_t i = 0; i < 3 * UDP_BATCH + 1; i++) {
		reply(w, &w->wild4, &to, i, UDP_LATE_MAX);
		assert_int_equal(w->count, (i + 1u) / UDP_BATCH * UDP_BATCH);
	}
	udp_late_send(&w->fake.sockets, &w->late);
	assert_int_equal(w->fake.sends, 4);
	for (uint8_t i = 0; i < 3 * UDP_BATCH + 1; i++)
		expect_packet(w, i, &to, i, UDP_LATE_MAX);
}

static void each_listener_sends_its_own(void **state)
{
	struct world *w = *state;
	const struct udp_origin four = origin("198.51.100.1", "192.0.2.53", 0);
	const struct udp_origin six = origin("2001:db8::1", "2001:db8::53", 0);

	for (uint8_t i = 0; i < 6; i++) {
		bool is_four = i / 2 % 2 == 0; /* two of each */
		reply(w, is_four ? &w->wild4 : &w->wild6, is_four ? &four : &six, i,
		      UDP_LATE_MAX - i);
	}
	udp_late_send(&w->fake.sockets, &w->late);
	assert_int_equal(w->count, 6);
	assert_int_equal(w->fake.sends, 3);
	for (uint8_t i = 0; i < 6; i++) {
		bool is_four = i / 2 % 2 == 0;
		assert_int_equal(w->packets[i].fd, is_four ? w->wild4.fd : w->wild6.fd);
		expect_packet(w, i, is_four ? &four : &six, i, UDP_LATE_MAX - i);
	}
}

static void no_octets_are_no_reply(void **state)
{
	struct world *w = *state;
	const struct udp_origin to = origin("198.51.100.1", "192.0.2.53", 0);

	reply(w, &w->wild4, &to, 1, 0);
	udp_late_send(&w->fake.sockets, &w->late);
	assert_int_equal(w->fake.sends, 0);
	reply(w, &w->wild4, &to, 2, 20);
	reply(w, &w->wild6, &to, 3, 0); /* nor a reason to send what waits */
	assert_int_equal(w->fake.sends, 0);
	udp_late_send(&w->fake.sockets, &w->late);
	assert_int_equal(w->count, 1);
	assert_int_equal(w->late.sent + w->late.unsent, 1);
}

/* ------ errors ------ */

/* Three replies under these steps; the ids that left, as text. */
static const char *three_replies(struct world *w)
{
	static char ids[16];
	const struct udp_origin to = origin("198.51.100.1", "192.0.2.53", 0);

	w->count = w->fake.sends = w->fake.polls = w->fake.sent_count = 0;
	for (uint8_t i = 0; i < 3; i++)
		reply(w, &w->wild4, &to, 'a' + i, 20);
	udp_late_send(&w->fake.sockets, &w->late);
	for (size_t i = 0; i < w->count; i++)
		ids[i] = (char)w->packets[i].octets[0];
	ids[w->count] = '\0';
	return ids;
}

static void a_reply_that_is_refused_is_left_out_and_the_others_go(void **state)
{
	static const int refusals[] = {
		EPERM, EACCES, EMSGSIZE, EINVAL, ENETUNREACH, EHOSTUNREACH
	};
	struct world *w = *state;

	w->fake.step_count = 3;
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		w->fake.steps[0].count = 1;
		w->fake.steps[1].count = -1;
		w->fake.steps[1].error = refusals[i];
		w->fake.steps[2].count = 1;
		assert_string_equal(three_replies(w), "ac");
		assert_int_equal(w->late.sent, 2 * (i + 1));
		assert_int_equal(w->late.unsent, i + 1);
		assert_int_equal(w->fake.polls, 0);
	}
}

static void a_moment_without_room_or_memory_loses_nothing(void **state)
{
	static const int moments[] = { EAGAIN, ENOBUFS, ENOMEM, EINTR, ECONNREFUSED };
	struct world *w = *state;

	w->fake.step_count = 4;
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		w->fake.steps[0].count = w->fake.steps[1].count = -1;
		w->fake.steps[0].error = w->fake.steps[1].error = moments[i];
		w->fake.steps[2].count = 2;
		w->fake.steps[3].count = 1;
		assert_string_equal(three_replies(w), "abc");
		assert_int_equal(w->late.unsent, 0);
		assert_int_equal(w->fake.polls, moments[i] == EAGAIN ? 2 : 0);
	}
}

static void when_there_is_none_for_long_the_rest_is_dropped_and_the_next_ones_go(void **state)
{
	static const int moments[] = { EAGAIN, ENOBUFS, ENOMEM, EINTR, ECONNREFUSED };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		w->fake.step_count = 2;
		w->fake.steps[0].count = 1;
		w->fake.steps[1].count = -1;
		w->fake.steps[1].error = moments[i];
		assert_string_equal(three_replies(w), "a");
		assert_int_equal(w->late.unsent, 2 * (i + 1));
		assert_in_range(w->fake.sends, 2, 6);
		assert_int_equal(w->late.count, 0);
		w->fake.step_count = 0;
		assert_string_equal(three_replies(w), "abc");
		assert_int_equal(w->late.unsent, 2 * (i + 1));
	}
}

static void an_error_of_one_listener_is_none_of_the_other(void **state)
{
	struct world *w = *state;
	const struct udp_origin four = origin("198.51.100.1", "192.0.2.53", 0);
	const struct udp_origin six = origin("2001:db8::1", "2001:db8::53", 0);

	w->fake.step_count = 2;
	w->fake.steps[0].count = -1;
	w->fake.steps[0].error = EPERM;
	w->fake.steps[1].count = 1;
	reply(w, &w->wild4, &four, 1, 300);
	reply(w, &w->wild6, &six, 2, 400);
	assert_int_equal(w->late.unsent, 1);
	udp_late_send(&w->fake.sockets, &w->late);
	assert_int_equal(w->count, 1);
	expect_packet(w, 0, &six, 2, 400);
	expect_source(w, 0, "2001:db8::53", 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_late_reply_goes_to_who_asked_from_the_address_that_was_asked),
		TEST(a_link_local_one_goes_back_by_its_interface),
		TEST(a_socket_of_one_address_needs_no_source),
		TEST(no_reply_has_the_source_of_another),
		TEST(the_origin_of_a_query_outlives_its_batch),
		TEST(replies_wait_and_leave_in_one_call_in_their_order),
		TEST(a_batch_that_is_full_leaves_at_once),
		TEST(each_listener_sends_its_own),
		TEST(no_octets_are_no_reply),
		TEST(a_reply_that_is_refused_is_left_out_and_the_others_go),
		TEST(a_moment_without_room_or_memory_loses_nothing),
		TEST(when_there_is_none_for_long_the_rest_is_dropped_and_the_next_ones_go),
		TEST(an_error_of_one_listener_is_none_of_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
