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

#include "serve/ahead.h"
#include "support/guard.h"
#include "support/world.h"

enum { NAMES = 12000, LINE = 80, ROOM = 1232 };

static struct world w;
static struct kept kept;

/* Delegations, many enough for a large image. */
static int load(void **state)
{
	char *text = malloc(NAMES * LINE);
	size_t at = (size_t)sprintf(text, "$TTL 5\n@ SOA ns root 1 2 3 4 5\n@ NS ns\n");

	(void)state;
	for (unsigned i = 0; i < NAMES; i++)
		at += (size_t)sprintf(text + at, "n%u NS ns1.n%u\nns1.n%u AAAA 2001:db8::%x\n", i,
				      i, i, i % 65536);
	world_init(&w);
	world_zone(&w, "example.", text);
	world_zone(&w, "small.", "@ 5 SOA ns root 1 2 3 4 5\n@ 5 NS ns\nns 5 A 192.0.2.1\n");
	free(text);
	w.responder.kept = &kept;
	assert_true(w.catalog.largest >= AHEAD_IMAGE);
	return 0;
}

static int unload(void **state)
{
	(void)state;
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
	struct prepared prepared[AHEAD_MAX];

	for (size_t i = 0; i < count; i++)
		respond_prepare(&w.responder, &requests[i], &prepared[i]);
	look_ahead(&w.responder, requests, prepared, count);
}

static void answers_are_the_same_whoever_looked_ahead(void **state)
{
	static uint8_t octets[AHEAD_MAX][WORLD_QUERY];
	struct request requests[AHEAD_MAX];
	size_t count = 0;

	(void)state;
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
		look(requests, count);
		assert_int_equal(respond(&w.responder, &requests[i], after, ROOM, &what),
				 OUTCOME_REPLY);
		assert_int_equal(what.size, size);
		assert_memory_equal(before, after, size);
	}
	guard_release();
}

/* Cut anywhere, with every octet wrong, and with nothing but pointers and long labels. */
static void any_octets_may_be_looked_at(void **state)
{
	uint8_t octets[WORLD_QUERY];
	enum via via;
	size_t whole = world_query("www.n7.example. A", octets, &via);

	(void)state;
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

static void no_zone_and_no_memory_are_needed(void **state)
{
	struct catalog none;
	struct responder server = w.responder;
	uint8_t octets[WORLD_QUERY];
	enum via via;
	size_t size = world_query("n1.example. A", octets, &via);
	struct request req = request_of(octets, size, via);
	struct prepared prepared;

	(void)state;
	look(&req, 0);
	assert_true(catalog_init(&none, NULL, 0, &world_key));
	server.zones = &none;
	respond_prepare(&server, &req, &prepared);
	look_ahead(&server, &req, &prepared, 1);
	server.kept = NULL;
	respond_prepare(&server, &req, &prepared);
	look_ahead(&server, &req, &prepared, 1);
	catalog_free(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_the_same_whoever_looked_ahead),
		cmocka_unit_test(any_octets_may_be_looked_at),
		cmocka_unit_test(no_zone_and_no_memory_are_needed),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
