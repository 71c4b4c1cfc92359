/*
 * Replies that were given before: what is found again, and what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/guard.h"
#include "support/world.h"

static struct replies r;

static int forget(void **state)
{
	(void)state;
	memset(&r, 0, sizeof r);
	return 0;
}

/* The query with this number, and a reply that tells it from all others. */
static uint8_t query[REPLIES_QUERY_MAX], reply[REPLIES_REPLY_MAX];

static struct reply_key key_of(unsigned number, size_t size)
{
	memset(query, 0, sizeof query);
	memcpy(query + 2, &number, sizeof number);
	return (struct reply_key){ .query = { query, size } };
}

static struct slice reply_of(unsigned number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		reply[i] = (uint8_t)(number + i * (number % 7 + 1));
	return (struct slice){ reply, size };
}

/* True when it is found; what is found is right. */
static bool find(struct reply_key key, unsigned number, size_t size)
{
	uint8_t *out = malloc(size);
	struct kept_reply kept;
	bool found = replies_find(&r, &key, out, size, &kept);

	if (found) {
		struct slice right = reply_of(number, size);
		assert_int_equal(kept.size, size);
		assert_int_equal(kept.rcode, number % 16);
		assert_int_equal(kept.name_size, number % 200);
		assert_memory_equal(out, key.query.octets, 2);
		assert_memory_equal(out + 2, right.octets + 2, size - 2);
	}
	free(out);
	return found;
}

static void give(struct reply_key key, unsigned number, size_t size)
{
	struct kept_reply kept;
	uint8_t out[REPLIES_REPLY_MAX];

	if (!replies_find(&r, &key, out, sizeof out, &kept))
		replies_keep(&r, &key, reply_of(number, size), number % 16, number % 200);
}

static void a_reply_is_kept_when_its_query_comes_for_the_second_time(void **state)
{
	(void)state;
	assert_false(find(key_of(7, 30), 7, 100));
	give(key_of(7, 30), 7, 100);
	assert_false(find(key_of(7, 30), 7, 100));
	give(key_of(7, 30), 7, 100);
	assert_true(find(key_of(7, 30), 7, 100));
	assert_false(find(key_of(8, 30), 8, 100));
}

static void the_id_is_that_of_the_query_and_every_other_octet_counts(void **state)
{
	(void)state;
	for (size_t size = REPLIES_QUERY_MIN; size <= REPLIES_QUERY_MAX; size += 29) {
		forget(NULL);
		give(key_of(9, size), 9, 60);
		give(key_of(9, size), 9, 60);
		struct reply_key key = key_of(9, size);
		query[0] = 0xab;
		query[1] = 0xcd;
		assert_true(find(key, 9, 60));
		for (size_t at = 2; at < size; at++) {
			query[at] ^= 0x20;
			assert_false(find(key, 9, 60));
			query[at] ^= 0x20;
		}
		assert_false(find(key_of(9, size - 1), 9, 60));
	}
}

static void what_else_a_reply_depends_on_counts_too(void **state)
{
	struct reply_key key = key_of(1, 40);

	(void)state;
	give(key, 1, 50);
	give(key, 1, 50);
	for (int bit = 0; bit < 64; bit++) {
		key.client = UINT64_C(1) << bit;
		assert_false(find(key, 1, 50));
	}
	key.client = 0;
	assert_true(find(key, 1, 50));
}

/* The slot of what was kept is made to look like that of another key. */
static void forge(const struct reply_key *key)
{
	for (size_t row = 0; row < REPLIES_ROWS; row++)
		for (size_t i = 0; i < REPLIES_WAYS; i++)
			if (r.slots[row][i].hash != 0) {
				const struct reply_slot slot = { key->hash, r.slots[row][i].at };

				memset(r.slots, 0, sizeof r.slots);
				r.slots[key->hash % REPLIES_ROWS][0] = slot;
				return;
			}
	fail();
}

/* A hash is no proof: a key that somebody has made equal finds nothing. */
static void a_key_with_the_same_hash_finds_nothing(void **state)
{
	static const struct {
		unsigned number;
		size_t size;
		uint64_t client;
		bool is_found;
	} others[] = { { 1, 40, 0, true },
		       { 2, 40, 0, false },
		       { 1, 39, 0, false },
		       { 1, 41, 0, false },
		       { 1, 40, 1, false } };

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct reply_key other = key_of(others[i].number, others[i].size);
		struct kept_reply kept;
		uint8_t out[100];

		forget(NULL);
		give(key_of(1, 40), 1, 50);
		give(key_of(1, 40), 1, 50);
		key_of(others[i].number, others[i].size);
		other.client = others[i].client;
		(void)!replies_find(&r, &other, out, sizeof out, &kept);
		forge(&other);
		assert_true(replies_find(&r, &other, out, sizeof out, &kept) == others[i].is_found);
	}
}

/* Friends and strangers, by UDP and by TCP, ask for the same names at the same time. */
static void each_kind_of_client_has_replies_of_its_own(void **state)
{
	struct reply_key key = key_of(1, 40);

	(void)state;
	for (int times = 0; times < 2; times++)
		for (key.client = 0; key.client < 20; key.client++)
			give(key, (unsigned)key.client, 50);
	for (key.client = 0; key.client < 20; key.client++)
		assert_true(find(key, (unsigned)key.client, 50));
}

static void what_is_too_short_or_too_long_is_passed_over(void **state)
{
	static const struct {
		size_t query, reply;
		bool is_kept;
	} cases[] = {
		{ REPLIES_QUERY_MIN, 12, true },
		{ REPLIES_QUERY_MIN - 1, 12, false },
		{ REPLIES_QUERY_MAX, REPLIES_REPLY_MAX, true },
		{ REPLIES_QUERY_MAX + 1, 12, false },
		{ 30, REPLIES_REPLY_MAX + 1, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t *octets = calloc(1, cases[i].query), *out = calloc(1, cases[i].reply);
		struct reply_key key = { .query = { octets, cases[i].query } };
		struct kept_reply kept;

		for (int times = 0; times < 2; times++) {
			assert_false(replies_find(&r, &key, out, cases[i].reply, &kept));
			replies_keep(&r, &key, (struct slice){ out, cases[i].reply }, 0, 0);
		}
		assert_true(replies_find(&r, &key, out, cases[i].reply, &kept) == cases[i].is_kept);
		assert_false(replies_find(&r, &key, out, cases[i].reply - 1, &kept));
		free(octets);
		free(out);
	}
}

static void when_all_is_forgotten_nothing_is_found_until_it_is_kept_anew(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		give(key_of(i, 30), i, 100);
		give(key_of(i, 30), i, 100);
	}
	replies_clear(&r);
	for (unsigned i = 0; i < 100; i++) {
		assert_false(find(key_of(i, 30), i, 100));
		give(key_of(i, 30), i + 1, 90); /* another answer, known to be wanted */
		assert_true(find(key_of(i, 30), i + 1, 90));
	}
}

static void queries_that_come_once_drive_out_none_that_come_often(void **state)
{
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < 500; i++) {
		give(key_of(i, 30), i, 100);
		give(key_of(i, 30), i, 100);
	}
	for (unsigned i = 1000; i < 200000; i++)
		give(key_of(i, 30), i, 100);
	for (unsigned i = 0; i < 500; i++)
		found += find(key_of(i, 30), i, 100);
	assert_int_equal(found, 500);
}

/* However much is kept: what is found is right, and the newest is found. */
static void the_oldest_are_written_over_and_nothing_is_mixed_up(void **state)
{
	unsigned found = 0, count = 30000;

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		size_t size = 20 + i * 37 % (REPLIES_REPLY_MAX - 20);
		size_t query_size = 20 + i % 100;

		give(key_of(i, query_size), i, size);
		give(key_of(i, query_size), i, size);
		assert_true(find(key_of(i, query_size), i, size));
		if (i % 1000 == 0)
			for (unsigned j = 0; j <= i; j++)
				found += find(key_of(j, 20 + j % 100), j,
					      20 + j * 37 % (REPLIES_REPLY_MAX - 20));
	}
	assert_true(found > 20 * 1000);
}

/* ------ what respond() keeps ------ */

static struct world w;

static int open_world(void **state)
{
	forget(state);
	world_init(&w);
	world_zone(&w, "example.",
		   "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.1\na CNAME ns\n"
		   "sub NS ns.sub\nns.sub A 192.0.2.2\nbig TXT \"0123456789\"\n");
	w.responder.replies = &r;
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_free(&w);
	return 0;
}

static bool is_kept(const char *question)
{
	forget(NULL);
	for (int i = 0; i < 3; i++)
		world_ask(&w, question);
	return r.written > 0;
}

static void only_what_lasts_is_kept(void **state)
{
	static const struct {
		const char *question;
		bool is_kept;
	} cases[] = {
		{ "ns.example. A", true },
		{ "ns.example. A rd", true },
		{ "a.example. A edns do", true },
		{ "no.example. A", true },
		{ "ns.example. AAAA", true },
		{ "x.sub.example. A", true },
		{ "ns.example. A tcp", true },
		{ "ns.example. A nsid", true },
		/* Each client has a cookie of its own, and it grows old (RFC 9018 section 4). */
		{ "ns.example. A cookie=2464c4abcf10c957", false },
		/* Refusals are counted. */
		{ "www.elsewhere. A", false },
		{ "example. AXFR tcp", false },
		{ "version.bind. TXT CH", false },
		{ "ns.example. A opcode=4", false },
		{ "ns.example. A version=1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (is_kept(cases[i].question) != cases[i].is_kept)
			fail_msg("%s: %s", cases[i].question, cases[i].is_kept ? "lost" : "kept");
}

static void while_zones_are_loading_nobody_keeps_a_servfail(void **state)
{
	(void)state;
	w.responder.loading = true;
	assert_false(is_kept("www.elsewhere. A"));
	w.responder.loading = false;
}

/* Of a query that was answered before the log is told the question. */
static void the_question_is_told_with_a_reply_that_was_kept(void **state)
{
	uint8_t octets[WORLD_QUERY], out[RESPOND_UDP_SIZE];
	enum via via;
	size_t size = world_query("NS.example. A", octets, &via);
	struct request req = { .octets = octets, .size = size, .peer = { octets, 4 } };
	struct response what;

	(void)state;
	for (int i = 0; i < 3; i++) {
		memset(&what, 0xee, sizeof what);
		assert_int_equal(respond(&w.responder, &req, out, sizeof out, &what),
				 OUTCOME_REPLY);
		assert_int_equal(what.query.question.name.size, 12);
		assert_memory_equal(what.query.question.name.octets, "\2NS\7example", 12);
		assert_int_equal(what.query.question.type, 1);
		assert_int_equal(what.query.question.class, 1);
		assert_int_equal(what.verdict, VERDICT_ANSWER);
		assert_int_equal(what.rcode, RCODE_NOERROR);
		assert_false(what.truncated || what.refresh || !what.is_local);
	}
}

/* A view sees its own zone, a friend may know more: both ask with the same octets. */
static void no_client_gets_what_is_for_another(void **state)
{
	uint8_t octets[WORLD_QUERY], first[RESPOND_UDP_SIZE], second[RESPOND_UDP_SIZE];
	const uint8_t here[4] = { 192, 0, 2, 1 }, there[4] = { 198, 51, 100, 1 };
	const struct network network = { { 192, 0, 2, 0 }, 4, 24, 0 };
	struct views views = { 1, { { network, 1 } } };
	enum via via;
	size_t size = world_query("ns.example. A", octets, &via);
	struct request req = { .octets = octets, .size = size, .peer = { here, 4 } };
	struct response what;

	(void)state;
	w.responder.views = &views;
	w.zones[0].view = 1; /* the zone is for those here */
	catalog_free(&w.catalog);
	assert_true(catalog_init(&w.catalog, w.zones, w.count, &world_key));
	for (int i = 0; i < 3; i++) {
		req.peer.octets = here;
		assert_int_equal(respond(&w.responder, &req, first, sizeof first, &what),
				 OUTCOME_REPLY);
		assert_int_equal(what.rcode, RCODE_NOERROR);
		req.peer.octets = there;
		assert_int_equal(respond(&w.responder, &req, second, sizeof second, &what),
				 OUTCOME_REPLY);
		assert_int_equal(what.rcode, RCODE_REFUSED);
	}
	w.responder.views = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_reply_is_kept_when_its_query_comes_for_the_second_time,
				       forget),
		cmocka_unit_test_setup(the_id_is_that_of_the_query_and_every_other_octet_counts,
				       forget),
		cmocka_unit_test_setup(what_else_a_reply_depends_on_counts_too, forget),
		cmocka_unit_test_setup(a_key_with_the_same_hash_finds_nothing, forget),
		cmocka_unit_test_setup(each_kind_of_client_has_replies_of_its_own, forget),
		cmocka_unit_test_setup(what_is_too_short_or_too_long_is_passed_over, forget),
		cmocka_unit_test_setup(when_all_is_forgotten_nothing_is_found_until_it_is_kept_anew,
				       forget),
		cmocka_unit_test_setup(queries_that_come_once_drive_out_none_that_come_often,
				       forget),
		cmocka_unit_test_setup(the_oldest_are_written_over_and_nothing_is_mixed_up, forget),
		cmocka_unit_test_setup_teardown(only_what_lasts_is_kept, open_world, close_world),
		cmocka_unit_test_setup_teardown(while_zones_are_loading_nobody_keeps_a_servfail,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(the_question_is_told_with_a_reply_that_was_kept,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(no_client_gets_what_is_for_another, open_world,
						close_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
