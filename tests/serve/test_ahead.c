/*
 * test_ahead.c -- memory that is fetched before it is needed: any octets may come, and the
 * answers are those that they would have been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prefetch.h"

/* What is fetched is written down here instead. */
static const void *fetched[1000];
static size_t fetched_count;

static void note(const void *address)
{
	assert_true(fetched_count < sizeof fetched / sizeof fetched[0]);
	fetched[fetched_count++] = address;
}

#include "serve/cache.h"

/* The same for a place in the cache of what others have said, and for what it leads to. */
static struct {
	const struct cache *cache;
	uint64_t hash;
	uint16_t type;
} wanted_place, wanted_entry;

static void note_place(const struct cache *c, uint64_t hash, uint16_t type)
{
	wanted_place.cache = c;
	wanted_place.hash = hash;
	wanted_place.type = type;
}

static void note_entry(const struct cache *c, uint64_t hash, uint16_t type)
{
	assert_ptr_equal(wanted_place.cache, c);
	wanted_entry.cache = c;
	wanted_entry.hash = hash;
	wanted_entry.type = type;
}

#undef prefetch
#define prefetch(address) note(address)
#define cache_fetch       note_place
#define cache_fetch_entry note_entry
#include "../../src/serve/ahead.c"
#include "../../src/serve/kept.c"
#undef cache_fetch
#undef cache_fetch_entry

#include "support/guard.h"
#include "support/world.h"

enum { NAMES = 12000, LINE_ROOM = 80, ROOM = 1232, WIDE = 7 };

static struct world w;
static struct kept kept;
static struct prepared prepared[AHEAD_MAX];

/* Of zones that are small each: z0.test., z1.test. ... */
enum { MANY = AHEAD_ZONES + 6 };
static struct image many_zones[MANY];
static struct catalog many;

static void load_many(void)
{
	const struct image *small = &w.zones[1];

	for (unsigned i = 0; i < MANY; i++) {
		/* An image begins with a page, and so with a line of the caches. */
		struct image_header *h = aligned_alloc(64, (small->header->size + 63) / 64 * 64);
		char origin[16];

		assert_non_null(h);
		memcpy(h, small->base, small->header->size);
		snprintf(origin, sizeof origin, "z%u.test.", i);
		assert_null(name_parse_absolute(origin, &h->origin));
		h->origin_labels = 2;
		many_zones[i] = (struct image){ .base = (const void *)h, .header = h };
	}
	assert_true(catalog_init(&many, many_zones, MANY, &world_key));
}

static void unload_many(void)
{
	for (unsigned i = 0; i < MANY; i++)
		free((void *)(uintptr_t)many_zones[i].base);
	catalog_free(&many);
}

/* Delegations, many enough for a large image. */
static int load(void **state)
{
	char *text = malloc((NAMES + WIDE + 3) * LINE_ROOM);
	size_t at = (size_t)sprintf(text, "$TTL 5\n@ SOA ns root 1 2 3 4 5\n@ NS ns\n"
					  "alias CNAME other\nother CNAME ns.small.\n"
					  "gone DNAME small.\n*.wild CNAME alias\n");

	(void)state;
	for (unsigned i = 0; i < NAMES; i++)
		at += (size_t)sprintf(text + at, "n%u NS ns1.n%u\nns1.n%u AAAA 2001:db8::%x\n", i,
				      i, i, i % 65536);
	for (unsigned i = 0; i < WIDE; i++)
		at += (size_t)sprintf(text + at, "wide NS ns%u.elsewhere.\n", i);
	world_init(&w);
	world_zone(&w, "example.", text);
	world_zone(&w, "small.", "@ 5 SOA ns root 1 2 3 4 5\n@ 5 NS ns\nns 5 A 192.0.2.1\n");
	free(text);
	w.responder.kept = &kept;
	assert_true(w.catalog.largest >= AHEAD_IMAGE);
	load_many();
	return 0;
}

static int unload(void **state)
{
	(void)state;
	unload_many();
	world_free(&w);
	return 0;
}

static const char *const questions[AHEAD_MAX] = {
	"n1.example. NS",    "www.n11999.example. A edns=1232",
	"example. SOA",      "n12000.example. A",
	"a.b.example. MX",   ". NS",
	"ns.small. A",       "small. A",
	"x.small. TXT",      "elsewhere. A",
	"N77.EXAMPLE. AAAA", "ns1.n4.example. AAAA",
	"alias.example. A",  "x.y.gone.example. AAAA",
	"a.wild.example. A", "n3.example. DS",
	"z3.test. SOA",      "ns.Z4.test. A",
	"a.b.z5.test. MX",   "z6666.test. A",
};

static struct request request_of(const uint8_t *octets, size_t size, enum via via)
{
	static const uint8_t peer[4] = { 192, 0, 2, 9 };

	return (struct request){ .octets = octets,
				 .size = size,
				 .via = via,
				 .peer = { peer, sizeof peer },
				 .now_s = 1,
				 .now_ms = 1 };
}

/* As a server does it. */
static void look(const struct request *requests, size_t count)
{
	fetched_count = 0;
	for (size_t i = 0; i < count; i++)
		respond_prepare(&w.responder, &requests[i], &prepared[i]);
	look_ahead(&w.responder, requests, prepared, count);
}

/* Worked out with what was handed on, and not given again. */
static void expect_the_same_answers(void)
{
	static uint8_t octets[AHEAD_MAX][WORLD_QUERY];
	struct request requests[AHEAD_MAX];
	size_t count = 0;

	for (; questions[count]; count++) {
		enum via via;
		size_t size = world_query(questions[count], octets[count], &via);

		requests[count] = request_of(guard_copy(octets[count], size), size, via);
	}
	for (size_t i = 0; i < count; i++) {
		uint8_t before[ROOM], after[ROOM];
		struct response what;

		assert_int_equal(respond(&w.responder, &requests[i], before, ROOM, &what),
				 OUTCOME_REPLY);
		size_t size = what.size;
		kept_clear(&kept);
		look(requests, count);
		assert_ptr_equal(prepared[i].probe.name.octets, requests[i].octets + HEADER_SIZE);
		assert_int_equal(respond_prepared(&w.responder, &requests[i], &prepared[i], after,
						  ROOM, &what),
				 OUTCOME_REPLY);
		assert_int_equal(what.size, size);
		assert_memory_equal(before, after, size);
	}
	guard_release();
}

static void answers_are_the_same_whoever_looked_ahead(void **state)
{
	const struct catalog *before = w.responder.zones;

	(void)state;
	expect_the_same_answers();
	w.responder.zones = &many;
	expect_the_same_answers();
	w.responder.zones = before;
}

/* The octets are the caller's room. */
static struct request request_for(const char *question, uint8_t octets[WORLD_QUERY])
{
	enum via via;
	size_t size = world_query(question, octets, &via);

	return request_of(octets, size, via);
}

static uint64_t hash_of_name(const char *text, unsigned depth)
{
	struct name_buf name;
	struct probe p;

	assert_null(name_parse_absolute(text, &name));
	probe_init(&p, &world_key, name_view(&name));
	return probe_hash(&p, depth);
}

static bool is_fetched(const void *address)
{
	for (size_t i = 0; i < fetched_count; i++)
		if ((uintptr_t)fetched[i] / 64 == (uintptr_t)address / 64)
			return true;
	return false;
}

/* Where a name's node is in the large zone. */
static const struct node *node_of(const char *name, uint64_t *hash)
{
	const struct image *z = &w.zones[0];
	struct name_buf n;
	struct probe p;

	assert_null(name_parse_absolute(name, &n));
	probe_init(&p, &z->header->key, name_view(&n));
	*hash = probe_hash(&p, p.labels);
	return image_child(z, image_apex(z), &p, p.labels);
}

static void what_a_large_zone_has_for_a_name_is_fetched(void **state)
{
	static uint8_t octets[2][WORLD_QUERY];
	struct request requests[2];
	uint64_t hash;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		enum via via;
		size_t size =
			world_query(i ? "www.n7.example. A" : "n9000.example. NS", octets[i], &via);

		requests[i] = request_of(octets[i], size, via);
	}
	look(requests, 2);
	for (size_t i = 0; i < 2; i++) {
		const struct node *n = node_of(i ? "n7.example." : "n9000.example.", &hash);

		assert_true(is_fetched(image_slot(&w.zones[0], hash)));
		assert_true(is_fetched(n));
	}
	assert_false(is_fetched(node_of("n5000.example.", &hash)));
}

static void of_a_delegation_the_names_of_its_first_servers_are_fetched(void **state)
{
	uint8_t octets[WORLD_QUERY];
	struct request req = request_for("www.wide.example. A", octets);
	uint64_t hash;
	unsigned count = 0;

	(void)state;
	look(&req, 1);
	const struct rrset *ns = node_find(node_of("wide.example.", &hash), TYPE_NS);
	for (struct item_walk i = item_walk(ns); item_next(&i); count++)
		assert_int_equal(is_fetched(image_name(&w.zones[0], i.item.octets)),
				 count < SERVERS);
	assert_int_equal(count, WIDE);
}

/* Noted is not kept: the second time it is written once more, names and all. */
static void of_a_referral_that_was_given_once_the_servers_are_fetched_again(void **state)
{
	uint8_t octets[WORLD_QUERY], out[ROOM];
	struct request req = request_for("www.n10.example. A", octets);
	struct response what;
	uint64_t hash;

	(void)state;
	kept_clear(&kept); /* as a server does before it begins to answer */
	const struct rrset *ns = node_find(node_of("n10.example.", &hash), TYPE_NS);
	assert_int_equal(respond(&w.responder, &req, out, ROOM, &what), OUTCOME_REPLY);
	look(&req, 1);
	assert_true(is_fetched(image_name(&w.zones[0], ns->items)));
	assert_int_equal(respond(&w.responder, &req, out, ROOM, &what), OUTCOME_REPLY);
	look(&req, 1);
	assert_false(is_fetched(image_name(&w.zones[0], ns->items)));
}

/* The first look into the catalog, the zone, its header, then as for a large one. */
static void of_many_small_zones_the_one_that_is_meant_is_fetched(void **state)
{
	const struct catalog *before = w.responder.zones;
	const struct image *z = &many_zones[42];
	uint8_t octets[WORLD_QUERY];
	struct request req = request_for("www.Z42.test. A", octets);

	(void)state;
	w.responder.zones = &many;
	look(&req, 1);
	w.responder.zones = before;
	size_t slot = hash_of_name("www.z42.test.", 2) & (many.by_origin.size - 1);
	assert_true(is_fetched(&many.by_origin.slots[slot]));
	assert_true(is_fetched(z));
	assert_true(is_fetched(z->header));
	assert_true(is_fetched(&z->header->origin));
	assert_true(is_fetched(image_slot(z, hash_of_name("www.z42.test.", 3))));
	assert_false(is_fetched(many_zones[41].header));
}

/* The second time: then it is kept. */
static void what_is_kept_is_fetched(void **state)
{
	static const char *const names[] = { "ns.small. A", "www.n8.example. A", "x.n8.example. A",
					     "y.n8.example. A" };
	static uint8_t octets[4][WORLD_QUERY];
	struct request requests[4];
	uint64_t hash;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		enum via via;
		size_t size = world_query(names[i], octets[i], &via);

		requests[i] = request_of(octets[i], size, via);
	}
	for (size_t i = 0; i < 6; i++) { /* a reply twice, a referral by two names, twice */
		uint8_t out[ROOM];
		struct response what;

		assert_int_equal(respond(&w.responder, &requests[i % 3], out, ROOM, &what),
				 OUTCOME_REPLY);
	}
	look(requests, 4);
	struct prepared p;
	respond_prepare(&w.responder, &requests[0], &p);
	assert_true(is_fetched(kept.slots[p.key.hash % KEPT_ROWS]));
	assert_true(is_fetched(kept_find(&kept, &p.key).octets));
	assert_null(prepared[0].probe.name.octets);
	struct kept_key referral;
	referral_key(&referral, node_of("n8.example.", &hash));
	kept_expect(&kept, &referral);
	struct slice value = kept_find(&kept, &referral);
	assert_non_null(value.octets);
	look(&requests[3], 1); /* nobody has asked for this one: what is kept is the referral */
	assert_true(is_fetched(kept.slots[referral.hash % KEPT_ROWS]));
	assert_true(is_fetched(value.octets));
	/* It has the names of the servers. */
	const struct rrset *ns = node_find(node_of("n8.example.", &hash), TYPE_NS);
	assert_false(is_fetched(image_name(&w.zones[0], ns->items)));
}

/* What others have said about it, of this type, if anybody is asked. */
static void for_a_name_that_no_zone_has_the_place_in_the_cache_is_fetched(void **state)
{
	static struct elsewhere e;
	static struct cache c;
	uint8_t octets[WORLD_QUERY];
	struct request req = request_for("www.Elsewhere. AAAA rd", octets);

	(void)state;
	wanted_place.cache = wanted_entry.cache = NULL;
	look(&req, 1);
	assert_null(wanted_place.cache);
	e.cache = &c;
	w.responder.elsewhere = &e;
	look(&req, 1);
	assert_ptr_equal(wanted_entry.cache, &c);
	assert_true(wanted_place.hash == hash_of_name("www.elsewhere.", 2));
	assert_int_equal(wanted_place.type, TYPE_AAAA);
	assert_true(wanted_entry.hash == wanted_place.hash && wanted_entry.type == TYPE_AAAA);
	wanted_place.cache = wanted_entry.cache = NULL;
	for (unsigned i = 0; i < 2; i++) {
		req = request_for(i ? "x.small. A rd" : "n7.example. A rd", octets);
		look(&req, 1);
		assert_null(wanted_place.cache);
		assert_null(wanted_entry.cache);
	}
	w.responder.elsewhere = NULL;
}

/* Nor for who does not want others to be asked, and for what is no query. */
static void for_a_stranger_nothing_is_done_that_others_are_asked_for(void **state)
{
	static const char *const strange[] = { "www.elsewhere. A rd", "www.elsewhere. A",
					       "www.elsewhere. A rd opcode=4" };
	static struct elsewhere e;
	static struct access nobody;
	uint8_t octets[WORLD_QUERY];

	(void)state;
	w.responder.elsewhere = &e;
	for (unsigned i = 0; i < 5; i++) {
		struct request req = request_for(strange[i < 3 ? i : 0], octets);

		w.responder.access = i == 3 ? &nobody : NULL;
		w.responder.loading = i == 4;
		wanted_place.cache = NULL;
		e.cache = (void *)&e; /* not looked into */
		look(&req, 1);
		assert_int_equal(wanted_place.cache != NULL, i == 0);
	}
	w.responder.access = NULL;
	w.responder.loading = false;
	w.responder.elsewhere = NULL;
}

static void of_a_small_zone_nothing_is_fetched_but_what_is_kept(void **state)
{
	uint8_t octets[WORLD_QUERY];
	struct request req = request_for("ns.small. AAAA", octets);

	(void)state;
	look(&req, 1);
	assert_int_equal(fetched_count, 1); /* the row */
}

/* Cut anywhere, with every octet wrong, and with nothing but pointers and long labels. */
static void look_at_any_octets(const char *question)
{
	uint8_t octets[WORLD_QUERY];
	enum via via;
	size_t whole = world_query(question, octets, &via);

	for (size_t size = 0; size <= whole; size++) {
		struct request req = request_of(guard_copy(octets, size), size, via);
		look(&req, 1);
	}
	guard_release();
	for (size_t at = 0; at < whole; at++) {
		for (unsigned wrong = 0; wrong < 256; wrong++) {
			uint8_t right = octets[at];

			octets[at] = (uint8_t)wrong;
			struct request req = request_of(guard_copy(octets, whole), whole, via);
			look(&req, 1);
			octets[at] = right;
		}
		guard_release();
	}
	for (unsigned octet = 0; octet < 256; octet++) {
		memset(octets, (int)octet, sizeof octets);
		struct request req = request_of(guard_copy(octets, 600), 600, via);
		look(&req, 1);
		guard_release();
	}
}

static void any_octets_may_be_looked_at(void **state)
{
	const struct catalog *before = w.responder.zones;
	static struct elsewhere e;

	(void)state;
	look_at_any_octets("www.n7.example. A");
	w.responder.elsewhere = &e;
	look_at_any_octets("www.elsewhere. A rd");
	w.responder.elsewhere = NULL;
	w.responder.zones = &many;
	look_at_any_octets("www.z7.test. A");
	w.responder.zones = before;
}

static void no_zone_and_no_memory_are_needed(void **state)
{
	struct catalog none;
	struct responder server = w.responder;
	uint8_t octets[WORLD_QUERY];
	struct request req = request_for("n1.example. A", octets);

	(void)state;
	look(&req, 0);
	assert_true(catalog_init(&none, NULL, 0, &world_key));
	server.zones = &none;
	respond_prepare(&server, &req, prepared);
	look_ahead(&server, &req, prepared, 1);
	server.kept = NULL;
	respond_prepare(&server, &req, prepared);
	look_ahead(&server, &req, prepared, 1);
	catalog_free(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_the_same_whoever_looked_ahead),
		cmocka_unit_test(what_a_large_zone_has_for_a_name_is_fetched),
		cmocka_unit_test(of_a_delegation_the_names_of_its_first_servers_are_fetched),
		cmocka_unit_test(of_a_referral_that_was_given_once_the_servers_are_fetched_again),
		cmocka_unit_test(of_many_small_zones_the_one_that_is_meant_is_fetched),
		cmocka_unit_test(what_is_kept_is_fetched),
		cmocka_unit_test(for_a_name_that_no_zone_has_the_place_in_the_cache_is_fetched),
		cmocka_unit_test(for_a_stranger_nothing_is_done_that_others_are_asked_for),
		cmocka_unit_test(of_a_small_zone_nothing_is_fetched_but_what_is_kept),
		cmocka_unit_test(any_octets_may_be_looked_at),
		cmocka_unit_test(no_zone_and_no_memory_are_needed),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
