/*
 * What was worked out before: what is found again, and what is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/guard.h"
#include "support/world.h"

static struct kept k;

static int forget(void **state)
{
	(void)state;
	memset(&k, 0, sizeof k);
	return 0;
}

/* The key with this number, and a value that tells it from all others. */
static uint8_t key_octets[KEPT_KEY_MAX], value[KEPT_VALUE_MAX];

static struct kept_key key_of(unsigned number, size_t size)
{
	memset(key_octets, 0, sizeof key_octets);
	memcpy(key_octets + 2, &number, sizeof number);
	return (struct kept_key){ .octets = { key_octets, size } };
}

static struct slice value_of(unsigned number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		value[i] = (uint8_t)(number + i * (number % 7 + 1));
	return (struct slice){ value, size };
}

/* True when it is found; what is found is right. */
static bool find(struct kept_key key, unsigned number, size_t size)
{
	kept_expect(&k, &key);
	struct slice found = kept_find(&k, &key);

	if (!found.octets)
		return false;
	assert_int_equal(found.size, size);
	assert_memory_equal(found.octets, value_of(number, size).octets, size);
	return true;
}

/* Some octets of the value are a head. */
static void give(struct kept_key key, unsigned number, size_t size)
{
	struct slice v = value_of(number, size);
	size_t head = number % 13 < size ? number % 13 : size;

	kept_expect(&k, &key);
	if (!kept_find(&k, &key).octets && kept_wants(&k, &key, size))
		kept_put(&k, &key, (struct slice){ v.octets, head },
			 (struct slice){ v.octets + head, size - head });
}

static void a_value_is_kept_when_its_key_comes_for_the_second_time(void **state)
{
	(void)state;
	assert_false(find(key_of(7, 30), 7, 100));
	give(key_of(7, 30), 7, 100);
	assert_false(find(key_of(7, 30), 7, 100));
	give(key_of(7, 30), 7, 100);
	assert_true(find(key_of(7, 30), 7, 100));
	assert_false(find(key_of(8, 30), 8, 100));
}

static void every_octet_of_a_key_counts(void **state)
{
	(void)state;
	for (size_t size = KEPT_KEY_MIN; size <= KEPT_KEY_MAX; size += 30) {
		forget(NULL);
		give(key_of(9, size), 9, 60);
		give(key_of(9, size), 9, 60);
		struct kept_key key = key_of(9, size);
		assert_true(find(key, 9, 60));
		for (size_t at = 0; at < size; at++) {
			key_octets[at] ^= 0x20;
			assert_false(find(key, 9, 60));
			key_octets[at] ^= 0x20;
		}
		assert_false(find(key_of(9, size - 1), 9, 60));
	}
}

static void what_else_a_value_depends_on_counts_too(void **state)
{
	struct kept_key key = key_of(1, 40);

	(void)state;
	give(key, 1, 50);
	give(key, 1, 50);
	for (int bit = 0; bit < 64; bit++) {
		key.beside = UINT64_C(1) << bit;
		assert_false(find(key, 1, 50));
	}
	key.beside = 0;
	assert_true(find(key, 1, 50));
}

/* The slot of what was kept is made to look like that of another key. */
static void forge(const struct kept_key *key)
{
	for (size_t row = 0; row < KEPT_ROWS; row++)
		for (size_t i = 0; i < KEPT_WAYS; i++)
			if (k.slots[row][i].hash != 0) {
				const struct kept_slot slot = { key->hash, k.slots[row][i].at };

				memset(k.slots, 0, sizeof k.slots);
				k.slots[key->hash % KEPT_ROWS][0] = slot;
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
		uint64_t beside;
		bool is_found;
	} others[] = { { 1, 40, 0, true },
		       { 2, 40, 0, false },
		       { 1, 39, 0, false },
		       { 1, 41, 0, false },
		       { 1, 40, 1, false } };

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct kept_key other = key_of(others[i].number, others[i].size);

		forget(NULL);
		give(key_of(1, 40), 1, 50);
		give(key_of(1, 40), 1, 50);
		key_of(others[i].number, others[i].size);
		other.beside = others[i].beside;
		kept_expect(&k, &other);
		forge(&other);
		assert_int_equal(kept_find(&k, &other).size, others[i].is_found ? 50 : 0);
	}
}

/* Friends and strangers, by UDP and by TCP, ask for the same names at the same time. */
static void each_kind_of_client_has_values_of_its_own(void **state)
{
	struct kept_key key = key_of(1, 40);

	(void)state;
	for (int times = 0; times < 2; times++)
		for (key.beside = 0; key.beside < 20; key.beside++)
			give(key, (unsigned)key.beside, 50);
	for (key.beside = 0; key.beside < 20; key.beside++)
		assert_true(find(key, (unsigned)key.beside, 50));
}

static void what_is_too_short_or_too_long_is_passed_over(void **state)
{
	static const struct {
		size_t key, head, body;
		bool is_kept;
	} cases[] = {
		{ KEPT_KEY_MIN, 0, 12, true },
		{ KEPT_KEY_MIN - 1, 0, 12, false },
		{ KEPT_KEY_MAX, 0, KEPT_VALUE_MAX, true },
		{ KEPT_KEY_MAX + 1, 0, 12, false },
		{ 30, 0, KEPT_VALUE_MAX + 1, false },
		{ 30, 24, KEPT_VALUE_MAX - 24, true },
		{ 30, 24, KEPT_VALUE_MAX - 23, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t *name = calloc(1, cases[i].key), *body = calloc(1, cases[i].body);
		uint8_t head[24] = { 0 };
		struct kept_key key = { .octets = { name, cases[i].key } };

		forget(NULL);
		for (int times = 0; times < 2; times++) {
			kept_expect(&k, &key);
			assert_null(kept_find(&k, &key).octets);
			if (kept_wants(&k, &key, cases[i].head + cases[i].body))
				kept_put(&k, &key, (struct slice){ head, cases[i].head },
					 (struct slice){ body, cases[i].body });
		}
		assert_true((kept_find(&k, &key).octets != NULL) == cases[i].is_kept);
		static const struct kept nothing;
		assert_true((memcmp(&k, &nothing, sizeof k) != 0) ==
			    cases[i].is_kept); /* no slot */
		free(name);
		free(body);
	}
}

static void when_all_is_forgotten_nothing_is_found_until_it_is_kept_anew(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		give(key_of(i, 30), i, 100);
		give(key_of(i, 30), i, 100);
	}
	kept_clear(&k);
	for (unsigned i = 0; i < 100; i++) {
		assert_false(find(key_of(i, 30), i, 100));
		give(key_of(i, 30), i + 1, 90); /* another answer, known to be wanted */
		assert_true(find(key_of(i, 30), i + 1, 90));
	}
}

static void keys_that_come_once_drive_out_none_that_come_often(void **state)
{
	unsigned found = 0;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		give(key_of(i, 30), i, 100);
		give(key_of(i, 30), i, 100);
	}
	for (unsigned i = 1000; i < 200000; i++)
		give(key_of(i, 30), i, 100);
	for (unsigned i = 0; i < 200; i++)
		found += find(key_of(i, 30), i, 100);
	assert_int_equal(found, 200);
}

static size_t some_size(unsigned i)
{
	return 20 + i * 37 % (KEPT_VALUE_MAX - 20);
}

/* However much is kept: what is found is right, and the newest is found. */
static void the_oldest_are_written_over_and_nothing_is_mixed_up(void **state)
{
	unsigned found = 0, count = 30000;

	(void)state;
	for (unsigned i = 0; i < count; i++) {
		size_t key_size = 20 + i % 100;

		give(key_of(i, key_size), i, some_size(i));
		give(key_of(i, key_size), i, some_size(i));
		assert_true(find(key_of(i, key_size), i, some_size(i)));
		if (i % 1000 == 0)
			for (unsigned j = 0; j <= i; j++)
				found += find(key_of(j, 20 + j % 100), j, some_size(j));
	}
	assert_true(found > 10 * 1000);
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
	w.responder.kept = &k;
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
	return k.written > 0;
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

/* Written where there was less room than a reply may have, it may lack what others get. */
static void what_had_too_little_room_is_not_kept(void **state)
{
	static const struct {
		const char *question;
		size_t room, least; /* octets that a reply of its kind may have */
	} rows[] = {
		{ "ns.example. A", 512, 512 },
		{ "ns.example. A edns=1232", 1231, 1232 },
		{ "ns.example. A edns=1232", 1232, 1232 },
		{ "ns.example. A tcp", 65534, 65535 },
		{ "ns.example. A tcp", 65535, 65535 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t octets[WORLD_QUERY], *out = malloc(rows[i].room);
		struct request req = { .octets = octets, .peer = { octets, 4 } };
		struct response what;

		forget(NULL);
		req.size = world_query(rows[i].question, octets, &req.via);
		for (int times = 0; times < 2; times++)
			assert_int_equal(respond(&w.responder, &req, out, rows[i].room, &what),
					 OUTCOME_REPLY);
		assert_true((k.written > 0) == (rows[i].room >= rows[i].least));
		free(out);
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
		cmocka_unit_test_setup(a_value_is_kept_when_its_key_comes_for_the_second_time,
				       forget),
		cmocka_unit_test_setup(every_octet_of_a_key_counts, forget),
		cmocka_unit_test_setup(what_else_a_value_depends_on_counts_too, forget),
		cmocka_unit_test_setup(a_key_with_the_same_hash_finds_nothing, forget),
		cmocka_unit_test_setup(each_kind_of_client_has_values_of_its_own, forget),
		cmocka_unit_test_setup(what_is_too_short_or_too_long_is_passed_over, forget),
		cmocka_unit_test_setup(when_all_is_forgotten_nothing_is_found_until_it_is_kept_anew,
				       forget),
		cmocka_unit_test_setup(keys_that_come_once_drive_out_none_that_come_often, forget),
		cmocka_unit_test_setup(the_oldest_are_written_over_and_nothing_is_mixed_up, forget),
		cmocka_unit_test_setup_teardown(only_what_lasts_is_kept, open_world, close_world),
		cmocka_unit_test_setup_teardown(while_zones_are_loading_nobody_keeps_a_servfail,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(the_question_is_told_with_a_reply_that_was_kept,
						open_world, close_world),
		cmocka_unit_test_setup_teardown(what_had_too_little_room_is_not_kept, open_world,
						close_world),
		cmocka_unit_test_setup_teardown(no_client_gets_what_is_for_another, open_world,
						close_world),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
