/*
 * test_guards.c -- faults that other DNS servers had, where nothing else here
 * would notice that what keeps us from them is gone (tests/guards).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"
#include "dns/name.h"
#include "dns/rrtype.h"
#include "support/guard.h"
#include "support/mind.h"

/*
 * NAME:WRECK (RFC 9267 §2), A1-1.  With its second octet missing a pointer would
 * lead to the round offset below: to a name that is there.
 */
static void half_a_pointer_is_no_name_wherever_it_would_lead(void **state)
{
	enum { TARGET = 0x100 };
	uint8_t octets[TARGET + 4] = { 0 };
	struct name_buf out;

	(void)state;
	octets[TARGET] = 1;
	octets[TARGET + 1] = 'a';
	octets[TARGET + 3] = 0xc0 | TARGET >> 8;
	const uint8_t *copy = guard_copy(octets, sizeof octets);
	struct reader r = reader_init(copy, sizeof octets);
	reader_take(&r, TARGET + 3);
	assert_false(get_name(&r, &out));
	assert_true(r.bad);
	guard_release();
}

/*
 * Unbound CVE-2026-42944, A1-4.  Who writes the answer first and counts OPT later
 * finds no room for it, or writes it beyond the end.
 */
static void however_full_a_reply_is_opt_is_in_it(void **state)
{
	char text[1000];
	struct world w;

	(void)state;
	for (int n = 200; n <= 255; n++) {
		/* 12 header, 15 question, 12 before RDATA, 202 and n + 1 RDATA, 11 OPT. */
		sprintf(text, "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nx TXT %0201d %0*d\n", 0, n,
			0);
		world_init(&w);
		w.responder.style = STYLE_MINIMAL;
		world_zone(&w, "example.", text);
		assert_non_null(strstr(world_ask(&w, "x.example. TXT edns=512"), "opt 1232"));
		assert_int_equal(w.what.truncated, 12 + 15 + 12 + 202 + n + 1 + 11 + 6 > 512);
		world_free(&w);
	}
}

/* The same: a long question, a long NSID and a cookie leave nothing of 512 octets. */
static void no_answer_is_written_where_opt_leaves_no_room(void **state)
{
	static char server[241];
	char question[400], text[400];
	struct world w;

	(void)state;
	memset(server, 's', sizeof server - 1);
	sprintf(question, "%063d.%063d.%063d.%053d.example. TXT edns=512 nsid", 0, 0, 0, 0);
	world_init(&w);
	sprintf(text, "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\n* TXT %0250d\n", 0);
	world_zone(&w, "example.", text);
	w.responder.identity.server = server;
	const char *reply = world_ask(&w, question);
	assert_true(w.what.size <= 512);
	assert_non_null(strstr(reply, "opt 1232"));
	assert_true(w.what.truncated);
	world_free(&w);
}

/* ------ tables that are full ------ */

static struct mind mind;

static enum forward_outcome ask_from(unsigned client, const char *name, uint16_t *waiter)
{
	const uint8_t address[4] = { 10, 0, (uint8_t)(client >> 8), (uint8_t)client };
	const struct forward_client from = { { address, 4 }, 1024 };
	struct wanted wanted = { .type = TYPE_A, .route = 0 };
	struct query q = { .header = { .id = 1 } };

	assert_null(name_parse_absolute(name, &wanted.name));
	q.question = (struct question){ name_view(&wanted.name), TYPE_A, CLASS_IN };
	enum forward_outcome outcome =
		forward_wait(&mind.forward, &q, &wanted, &from, mind.now_ms, waiter);
	for (struct forward_action a; forward_next(&mind.forward, &a);)
		continue;
	return outcome;
}

static void start_forwarding(void)
{
	mind_init(&mind, CACHE_MIN_SIZE, 0);
	assert_int_equal(mind_route(&mind, ".", 1), 0);
}

/* CVE-2026-42534 and others, A1-8: clients that are many have one question each. */
static void with_all_places_taken_a_question_finds_no_room(void **state)
{
	uint16_t waiter;
	char name[32];

	(void)state;
	start_forwarding();
	for (unsigned i = 0; i < FORWARD_ASKS + 10; i++) {
		sprintf(name, "n%u.example.com.", i);
		assert_int_equal(ask_from(i, name, &waiter),
				 i < FORWARD_ASKS ? FORWARD_WAITS : FORWARD_NO_ROOM);
	}
	assert_int_equal(mind.forward.asks_used, FORWARD_ASKS);
	mind_free(&mind);
}

static void with_all_places_taken_a_client_finds_no_room(void **state)
{
	uint16_t waiter;

	(void)state;
	start_forwarding();
	for (unsigned i = 0; i < FORWARD_WAITERS + 10; i++)
		assert_int_equal(ask_from(i, "www.example.com.", &waiter),
				 i < FORWARD_WAITERS ? FORWARD_WAITS : FORWARD_NO_ROOM);
	mind_free(&mind);
}

/* CVE-2026-42534, A1-8, and A4-1: what renewed the age of a question kept it for ever. */
static void who_asks_on_has_no_more_time_and_packets_than_before(void **state)
{
	struct wanted wanted = { .type = TYPE_A, .route = 0 };
	struct forward *f = &mind.forward;
	uint16_t waiter;

	(void)state;
	start_forwarding();
	assert_int_equal(ask_from(1, "a.example.com.", &waiter), FORWARD_WAITS);
	uint16_t ask = f->waiters[waiter].ask;
	uint64_t end_ms = f->asks[ask].end_ms;
	f->asks[ask].first_waiter = FORWARD_NO_INDEX;
	f->waiters[waiter].ask = FORWARD_NO_INDEX;
	f->waiters[waiter].spent = 4;
	assert_null(name_parse_absolute("b.example.com.", &wanted.name));
	assert_true(forward_wait_on(f, waiter, &wanted, mind.now_ms + 3000));
	assert_int_equal(f->asks[f->waiters[waiter].ask].end_ms, end_ms);
	assert_int_equal(f->asks[f->waiters[waiter].ask].budget, FORWARD_PACKETS - 4);
	mind_free(&mind);
}

/* ------ what is to be guessed ------ */

/* DNSpooq CVE-2020-25684 and older ones, A3-1: whoever sees one ID knows nothing of the next. */
static void ids_are_not_counted(void **state)
{
	enum { ASKS = 200 };
	static uint16_t ids[ASKS];
	static uint8_t steps[65536];
	unsigned same = 0;
	uint16_t waiter;
	char name[32];

	(void)state;
	memset(steps, 0, sizeof steps);
	start_forwarding();
	for (unsigned i = 0; i < ASKS; i++) {
		sprintf(name, "n%u.example.com.", i);
		assert_int_equal(ask_from(i, name, &waiter), FORWARD_WAITS);
		ids[i] = mind.forward.asks[mind.forward.waiters[waiter].ask].lines[0].id;
		if (i > 0)
			same += steps[(uint16_t)(ids[i] - ids[i - 1])]++ > 0;
	}
	assert_true(same < 5);
	mind_free(&mind);
}

/* BIND CVE-2021-25220, A4-2: what is in another class is another's. */
static void records_of_other_classes_are_not_listed(void **state)
{
	static const struct siphash_key key;
	struct listing *l = calloc(1, sizeof *l);

	(void)state;
	assert_non_null(l);
	for (uint8_t class = 1; class <= 4; class ++) {
		const uint8_t octets[] = { 0, 1, 0x80,  0, 0, 0, 0,  1, 0, 0,   0,  0,   0, 0,
					   1, 0, class, 0, 0, 0, 60, 0, 4, 198, 51, 100, 1 };

		assert_true(listing_make(l, (struct slice){ octets, sizeof octets }, &key));
		assert_int_equal(l->count, class == CLASS_IN);
	}
	free(l);
}

/* uClibc CVE-2021-43523 and others, A5-3: what is too long is refused before it is written. */
static void a_name_in_text_is_not_written_beyond_its_room(void **state)
{
	struct {
		struct name_buf name;
		uint8_t behind[1024];
	} room;
	char text[1000];

	(void)state;
	memset(&room, 0x35, sizeof room);
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i % 10 == 9 ? '.' : 'x';
	assert_non_null(name_parse((const uint8_t *)text, sizeof text, name_root, &room.name));
	for (size_t i = 0; i < sizeof room.behind; i++)
		assert_int_equal(room.behind[i], 0x35);
}

/* systemd CVE-2017-15908, A4-1: pseudo-types in a response are no data of anybody. */
static void pseudo_types_are_not_listed(void **state)
{
	static const uint8_t types[] = { TYPE_OPT, TYPE_TKEY, TYPE_TSIG, TYPE_ANY };
	static const struct siphash_key key;
	struct listing *l = calloc(1, sizeof *l);

	(void)state;
	assert_non_null(l);
	for (size_t i = 0; i < sizeof types; i++) {
		/* One answer: the root, the type, class IN, a TTL and no data. */
		const uint8_t octets[] = { 0, 1, 0x80,     0, 0, 0, 0, 1, 0,  0, 0, 0,
					   0, 0, types[i], 0, 1, 0, 0, 0, 60, 0, 0 };

		assert_true(listing_make(l, (struct slice){ octets, sizeof octets }, &key));
		assert_int_equal(l->count, 0);
	}
	free(l);
}

/* ------ files ------ */

/* Unbound and NSD CVE-2020-28935, A7-1: a link that waits where a file is to be written. */
static void no_link_is_followed_by_what_is_written(void **state)
{
	char folder[] = "/tmp/ten35-guards-XXXXXX", path[64], link[64], victim[64];
	const struct slice octets = { (const uint8_t *)"new", 3 };
	struct files files = files_system();
	struct file_text text;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/zone", folder);
	snprintf(victim, sizeof victim, "%s/victim", folder);
	snprintf(link, sizeof link, "%s/.ten35-%ld-0", folder, (long)getpid());
	close(open(path, O_CREAT | O_WRONLY, 0600));
	close(open(victim, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(symlink(victim, link), 0);
	assert_null(files.read(files.self, NULL, path, 100, &text));
	assert_null(files_replace(path, &text.id, octets));
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode) && st.st_size == 3);
	files.release(files.self, &text);
	unlink(path);
	unlink(victim);
	unlink(link);
	rmdir(folder);
}

/* ------ hashes ------ */

/* MaraDNS CVE-2012-0024, DNSpooq CVE-2020-25685, A1-10 */
static void what_is_hashed_without_the_secret_is_another_number(void **state)
{
	struct listing *l = calloc(1, sizeof *l);
	uint64_t hashes[2];
	uint32_t listed[2];
	uint16_t waiter;

	(void)state;
	assert_non_null(l);
	for (unsigned i = 0; i < 2; i++) {
		start_forwarding();
		mind.forward.key.k1 = i;
		l->key = (struct siphash_key){ 1, i };
		assert_int_equal(ask_from(1, "www.example.com.", &waiter), FORWARD_WAITS);
		hashes[i] = mind.forward.asks[mind.forward.waiters[waiter].ask].hash;
		listed[i] = listing_hash(l, name_view(&mind.forward.asks[0].wanted.name));
		mind_free(&mind);
	}
	assert_true(hashes[0] != hashes[1]);
	assert_true(listed[0] != listed[1]);
	free(l);
}

static struct cache cache;
static _Alignas(8) uint8_t block[CACHE_MIN_SIZE];

static struct cache_key key_of(unsigned n, uint16_t type, struct name_buf *name)
{
	char text[32];

	sprintf(text, "n%u.", n);
	assert_null(name_parse_absolute(text, name));
	return (struct cache_key){ (uint64_t)n << 40, name_view(name), type, 0 };
}

static void types_of_one_name_do_not_lie_in_one_bucket(void **state)
{
	const struct cache_answer answer = { .octets = block, .ttl_s = 60 };
	struct name_buf name;
	unsigned used = 0;

	(void)state;
	memset(block, 0, sizeof block);
	cache_init(&cache, block, sizeof block, 0, 0);
	for (uint16_t type = 1; type <= 64; type++) {
		struct cache_key key = key_of(1, type, &name);
		cache_put(&cache, &key, &answer, 0);
	}
	for (uint32_t i = 0; i <= cache.bucket_mask; i++)
		used += cache.buckets[i] != 0;
	assert_true(used > 48);
}

/* BIND's cleaning of 2026, A1-9: whoever makes room looks at a few entries, not at all of them. */
static void room_is_made_though_all_entries_are_used(void **state)
{
	const struct cache_answer answer = { .octets = block, .ttl_s = 60 };
	struct cache_found found;
	struct name_buf name;
	unsigned n = 0;

	(void)state;
	memset(block, 0, sizeof block);
	cache_init(&cache, block, sizeof block, 0, 0);
	for (; cache.counters.evicted == 0; n++) {
		struct cache_key key = key_of(n, 1, &name);
		cache_put(&cache, &key, &answer, 0);
		(void)cache_find(&cache, &key, 0, 0, false, &found);
	}
	struct cache_key oldest = key_of(0, 1, &name);
	assert_true(n > 100);
	assert_int_equal(cache_find(&cache, &oldest, 0, 0, false, &found), CACHE_FRESH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_a_pointer_is_no_name_wherever_it_would_lead),
		cmocka_unit_test(no_answer_is_written_where_opt_leaves_no_room),
		cmocka_unit_test(with_all_places_taken_a_question_finds_no_room),
		cmocka_unit_test(with_all_places_taken_a_client_finds_no_room),
		cmocka_unit_test(who_asks_on_has_no_more_time_and_packets_than_before),
		cmocka_unit_test(ids_are_not_counted),
		cmocka_unit_test(records_of_other_classes_are_not_listed),
		cmocka_unit_test(a_name_in_text_is_not_written_beyond_its_room),
		cmocka_unit_test(pseudo_types_are_not_listed),
		cmocka_unit_test(no_link_is_followed_by_what_is_written),
		cmocka_unit_test(what_is_hashed_without_the_secret_is_another_number),
		cmocka_unit_test(types_of_one_name_do_not_lie_in_one_bucket),
		cmocka_unit_test(room_is_made_though_all_entries_are_used),
		cmocka_unit_test(however_full_a_reply_is_opt_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
