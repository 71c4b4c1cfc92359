/*
 * routes_world.h -- routes and zones, and where a name is expected to be answered.
 */
#ifndef TESTS_SERVE_ROUTES_WORLD_H
#define TESTS_SERVE_ROUTES_WORLD_H

#include <stdio.h>
#include <string.h>

#include "serve/routes.h"
#include "support/world.h"

static struct world w;
static struct routes routes;

static inline int setup(void **state)
{
	(void)state;
	world_init(&w);
	assert_true(routes_init(&routes, &world_key));
	return 0;
}

static inline int teardown(void **state)
{
	(void)state;
	routes_free(&routes);
	world_free(&w);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static inline struct name name_of(const char *text)
{
	static struct name_buf names[4];
	static unsigned next;
	struct name_buf *name = &names[next++ % 4];

	assert_null(name_parse_absolute(text, name));
	return name_view(name);
}

static inline uint16_t route(const char *domain)
{
	return routes_add(&routes, name_of(domain));
}

static inline void block(const char *domain)
{
	assert_true(routes_block(&routes, name_of(domain)));
}

static inline void zone(const char *origin)
{
	world_zone(&w, origin, "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns.example.\n");
}

static inline struct place look(const char *name)
{
	struct probe p;

	probe_init(&p, &world_key, name_of(name));
	return routes_find(&routes, &w.catalog, &p, 0);
}

/* What is expected: "N" for a route, "special", "blocked", "nowhere", or "zone DEPTH". */
static inline void expect(const char *name, const char *expected)
{
	struct place place = look(name);
	char got[40] = "nowhere";

	if (place.kind == PLACE_UPSTREAM)
		snprintf(got, sizeof got, "%u", place.route);
	else if (place.kind == PLACE_SPECIAL)
		strcpy(got, place.special == &special_blocked ? "blocked" : "special");
	else if (place.kind == PLACE_ZONE)
		snprintf(got, sizeof got, "zone %u", place.depth);
	if (strcmp(got, expected) != 0)
		fail_msg("%s: %s, not %s", name, got, expected);
}

struct expected {
	const char *name, *place;
};

static inline void expect_all(const struct expected *cases, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect(cases[i].name, cases[i].place);
}

#define EXPECT_ALL(cases) expect_all(cases, sizeof cases / sizeof cases[0])

#endif
