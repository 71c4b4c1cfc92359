/*
 * test_rules.c -- each rule of the simulator (sim/rules.h) can be broken.
 *
 * A storm that finds nothing says something only where the rules would have seen it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sim/rules.h"

enum { ID = 0x1234, QUERY = 0x0100, REPLY = 0x8180, REPLY_AA = 0x8580, REPLY_OURS = 0x8500 };

struct packet {
	uint8_t octets[2048];
	size_t size;
};

static struct rules *rules;
static const struct address client = { .family = ADDRESS_IP4,
				       .port = 4000,
				       .octets = { 192, 0, 2, 1 } };
static const struct address other = { .family = ADDRESS_IP4,
				      .port = 4001,
				      .octets = { 192, 0, 2, 2 } };
static const struct address server = { .family = ADDRESS_IP4,
				       .port = 53,
				       .octets = { 192, 0, 2, 53 } };

static int set_up(void **state)
{
	(void)state;
	return (rules = calloc(1, sizeof *rules)) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(rules);
	return 0;
}

/* ------ messages ------ */

static void append(struct packet *p, const void *octets, size_t n)
{
	assert_true(p->size + n <= sizeof p->octets);
	memcpy(p->octets + p->size, octets, n);
	p->size += n;
}

/* A message with the question "a. IN A" and nothing else. */
static struct packet message(uint16_t flags)
{
	static const uint8_t question[] = { 1, 'a', 0, 0, 1, 0, 1 };
	struct packet p = { .size = 0 };
	uint8_t header[12] = { ID >> 8, ID & 0xff, (uint8_t)(flags >> 8), (uint8_t)flags, 0, 1 };

	append(&p, header, sizeof header);
	append(&p, question, sizeof question);
	return p;
}

/* One more A record in the answer section. */
static void append_address(struct packet *p, uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, a, b, c, d };

	append(p, record, sizeof record);
	p->octets[7]++;
}

static void append_opt(struct packet *p, uint16_t udp_size)
{
	const uint8_t opt[] = { 0, 0, 41, (uint8_t)(udp_size >> 8), (uint8_t)udp_size, 0, 0, 0,
				0, 0, 0 };

	append(p, opt, sizeof opt);
	p->octets[11]++;
}

static void hear(bool tcp, const struct packet *p)
{
	rules_heard(rules, &client, &server, tcp, (struct slice){ p->octets, p->size });
}

static void say_to(const struct address *to, bool tcp, const struct packet *p)
{
	rules_said(rules, to, &server, tcp, (struct slice){ p->octets, p->size });
}

static void say(const struct packet *p)
{
	say_to(&client, false, p);
}

static void ask(void)
{
	struct packet query = message(QUERY);

	hear(false, &query);
}

static void expect_broken(const char *part)
{
	assert_non_null(rules->broken);
	if (!strstr(rules->broken, part))
		fail_msg("another rule was broken: %s", rules->broken);
}

/* ------ which query a reply is for ------ */

static void a_reply_to_a_query_that_came_is_in_order(void **state)
{
	struct packet reply = message(REPLY);

	(void)state;
	append_address(&reply, 192, 0, 2, 7);
	ask();
	say(&reply);
	assert_null(rules->broken);
	assert_int_equal(rules->queries, 1);
	assert_int_equal(rules->replies, 1);
}

static void a_query_that_came_twice_may_be_answered_twice(void **state)
{
	struct packet reply = message(REPLY);

	(void)state;
	ask();
	ask();
	say(&reply);
	say(&reply);
	assert_null(rules->broken);
	say(&reply);
	expect_broken("one a second time");
}

static void a_query_is_not_answered_twice(void **state)
{
	struct packet reply = message(REPLY);

	(void)state;
	ask();
	say(&reply);
	assert_null(rules->broken);
	say(&reply);
	expect_broken("one a second time");
}

static void nobody_is_answered_who_has_not_asked(void **state)
{
	struct packet reply = message(REPLY);

	(void)state;
	ask();
	say_to(&other, false, &reply);
	expect_broken("answers no query that came");
}

static void a_query_by_udp_is_not_answered_by_tcp(void **state)
{
	struct packet reply = message(REPLY);

	(void)state;
	ask();
	say_to(&client, true, &reply);
	expect_broken("answers no query that came");
}

static void a_reply_has_the_id_of_its_query(void **state)
{
	struct packet reply = message(REPLY);

	(void)state;
	reply.octets[1] ^= 1;
	ask();
	say(&reply);
	expect_broken("answers no query that came");
}

static void a_reply_has_the_question_of_its_query_with_its_letters(void **state)
{
	struct packet reply = message(REPLY);

	(void)state;
	reply.octets[13] = 'A';
	ask();
	say(&reply);
	expect_broken("answers no query that came");
}

static void a_server_sends_responses_only(void **state)
{
	struct packet query = message(QUERY);

	(void)state;
	ask();
	say(&query);
	expect_broken("no response");
}

static void a_reply_has_the_opcode_of_its_query(void **state)
{
	struct packet reply = message(REPLY | 0x2000);

	(void)state;
	ask();
	say(&reply);
	expect_broken("opcode or RD");
}

static void a_reply_has_rd_if_and_only_if_its_query_had(void **state)
{
	struct packet reply = message(REPLY & ~0x0100);

	(void)state;
	ask();
	say(&reply);
	expect_broken("opcode or RD");
}

/* ------ sizes: RFC 1035 §4.2.1, RFC 6891 §6.2.5 ------ */

/* With so many addresses it has 19 + 16 * n octets. */
static struct packet large_reply(unsigned addresses)
{
	struct packet reply = message(REPLY);

	for (unsigned i = 0; i < addresses; i++)
		append_address(&reply, 192, 0, 2, (uint8_t)i);
	return reply;
}

static void by_udp_a_reply_has_512_octets_at_most(void **state)
{
	struct packet fits = large_reply(30), large = large_reply(31);

	(void)state;
	ask();
	say(&fits);
	assert_null(rules->broken);
	ask();
	say(&large);
	expect_broken("larger than its client can take");
}

static void with_opt_a_reply_has_as_many_octets_as_it_allows(void **state)
{
	struct packet query = message(QUERY), fits = large_reply(36), large = large_reply(37);

	(void)state;
	append_opt(&query, 600);
	hear(false, &query);
	say(&fits);
	assert_null(rules->broken);
	hear(false, &query);
	say(&large);
	expect_broken("larger than its client can take");
}

/* RFC 9715 §3.2: larger ones are fragmented. */
static void whatever_opt_allows_by_udp_there_is_a_limit_of_our_own(void **state)
{
	struct packet query = message(QUERY), large = large_reply(80);

	(void)state;
	append_opt(&query, 4096);
	hear(false, &query);
	say(&large);
	expect_broken("larger than its client can take");
}

static void by_tcp_a_reply_may_be_large(void **state)
{
	struct packet query = message(QUERY), large = large_reply(80);

	(void)state;
	hear(true, &query);
	say_to(&client, true, &large);
	assert_null(rules->broken);
}

/* ------ what is in a reply ------ */

static void a_reply_can_be_read_to_its_end(void **state)
{
	struct packet reply = message(REPLY);

	(void)state;
	append_address(&reply, 192, 0, 2, 7);
	reply.size--;
	ask();
	say(&reply);
	expect_broken("cannot be read");
}

static void a_reply_has_nothing_behind_its_last_record(void **state)
{
	struct packet reply = message(REPLY);

	(void)state;
	append_address(&reply, 192, 0, 2, 7);
	append(&reply, "", 1);
	ask();
	say(&reply);
	expect_broken("octets behind");
}

static void what_an_attacker_made_up_is_not_told(void **state)
{
	struct packet reply = message(REPLY);

	(void)state;
	append_address(&reply, 192, 0, 2, 7);
	append_address(&reply, rules_poison[0], rules_poison[1], rules_poison[2], rules_poison[3]);
	ask();
	say(&reply);
	expect_broken("an attacker made up");
}

static void answers_come_from_the_version_that_was_read_last(void **state)
{
	struct packet reply = message(REPLY_AA);

	(void)state;
	rules->version = 7;
	append_address(&reply, 10, 7, 0, 1);
	ask();
	say(&reply);
	assert_null(rules->broken);
	append_address(&reply, 10, 6, 0, 1);
	ask();
	say(&reply);
	expect_broken("another version");
}

/* ------ strangers ------ */

static void tell_stranger(const struct packet *p)
{
	rules_told_stranger(rules, (struct slice){ p->octets, p->size });
}

static void a_stranger_may_hear_of_our_zones(void **state)
{
	struct packet reply = message(REPLY_OURS);

	(void)state;
	append_address(&reply, 192, 0, 2, 7);
	tell_stranger(&reply);
	assert_null(rules->broken);
}

static void a_stranger_is_not_offered_recursion(void **state)
{
	struct packet reply = message(REPLY_AA);

	(void)state;
	tell_stranger(&reply);
	expect_broken("there is recursion");
}

static void a_stranger_hears_nothing_that_is_not_ours(void **state)
{
	struct packet reply = message(REPLY_OURS & ~0x0400);

	(void)state;
	append_address(&reply, 192, 0, 2, 7);
	tell_stranger(&reply);
	expect_broken("what others have said");
}

/* ------ what a server holds ------ */

/* A machine that has nothing but a server that does nothing. */
static struct host *idle_host(void)
{
	struct host *h = calloc(1, sizeof *h);

	assert_non_null(h);
	h->server = aligned_alloc(_Alignof(struct server), sizeof *h->server);
	assert_non_null(h->server);
	memset(h->server, 0, sizeof *h->server);
	h->server->tcp.spare = -1;
	h->kernel.open = HOST_LISTENERS;
	return h;
}

static void free_host(struct host *h)
{
	free(h->server);
	free(h);
}

static void no_descriptor_is_open_that_the_server_has_forgotten(void **state)
{
	struct host *h = idle_host();

	(void)state;
	rules_check_host(rules, h);
	assert_null(rules->broken);
	h->kernel.open++;
	rules_check_host(rules, h);
	expect_broken("descriptors");
	free_host(h);
}

static void the_cache_is_not_larger_than_it_may_be(void **state)
{
	struct host *h = idle_host();

	(void)state;
	h->server->forwarding.cache.cells.used = h->server->forwarding.cache.cells.count;
	rules_check_host(rules, h);
	assert_null(rules->broken);
	h->server->forwarding.cache.cells.used++;
	rules_check_host(rules, h);
	expect_broken("cache");
	free_host(h);
}

static void a_query_costs_a_limited_number_of_datagrams(void **state)
{
	struct host *h = idle_host();

	(void)state;
	h->counters.queries_udp = 1;
	h->counters.queries_tcp = 1;
	h->asked = 2 * 2 * FORWARD_PACKETS;
	rules_check_host(rules, h);
	assert_null(rules->broken);
	h->asked++;
	rules_check_host(rules, h);
	expect_broken("more datagrams");
	free_host(h);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(a_reply_to_a_query_that_came_is_in_order),
		CASE(a_query_that_came_twice_may_be_answered_twice),
		CASE(a_query_is_not_answered_twice),
		CASE(nobody_is_answered_who_has_not_asked),
		CASE(a_query_by_udp_is_not_answered_by_tcp),
		CASE(a_reply_has_the_id_of_its_query),
		CASE(a_reply_has_the_question_of_its_query_with_its_letters),
		CASE(a_server_sends_responses_only),
		CASE(a_reply_has_the_opcode_of_its_query),
		CASE(a_reply_has_rd_if_and_only_if_its_query_had),
		CASE(by_udp_a_reply_has_512_octets_at_most),
		CASE(with_opt_a_reply_has_as_many_octets_as_it_allows),
		CASE(whatever_opt_allows_by_udp_there_is_a_limit_of_our_own),
		CASE(by_tcp_a_reply_may_be_large),
		CASE(a_reply_can_be_read_to_its_end),
		CASE(a_reply_has_nothing_behind_its_last_record),
		CASE(what_an_attacker_made_up_is_not_told),
		CASE(answers_come_from_the_version_that_was_read_last),
		CASE(a_stranger_may_hear_of_our_zones),
		CASE(a_stranger_is_not_offered_recursion),
		CASE(a_stranger_hears_nothing_that_is_not_ours),
		CASE(no_descriptor_is_open_that_the_server_has_forgotten),
		CASE(the_cache_is_not_larger_than_it_may_be),
		CASE(a_query_costs_a_limited_number_of_datagrams),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
