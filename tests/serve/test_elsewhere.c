/*
 * What the answers of the cache mean: through serve/elsewhere.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "guarded_cache.h"
#include "serve/elsewhere.h"

static struct elsewhere e;
static struct routes routes;

static enum cache_state look(const char *name, uint16_t type)
{
	static struct name_buf buf;
	static struct probe p;
	const struct catalog none = { .count = 0 };

	assert_null(name_parse_absolute(name, &buf));
	probe_init(&p, &world_key, name_view(&buf));
	const struct place place = routes_find(&routes, &none, &p, 0);
	e.now_ms = e.asked_ms = now;
	return elsewhere_find(&e, &p, type, &place, &found);
}

static void route(const char *domain)
{
	struct name_buf name;

	assert_null(name_parse_absolute(domain, &name));
	assert_int_not_equal(routes_add(&routes, name_view(&name)), ROUTE_NONE);
}

static void open_elsewhere(uint32_t stale_s)
{
	open_cache(CACHE_MIN_SIZE, stale_s, 1000);
	assert_true(routes_init(&routes, &world_key));
	route(".");
	route("corp.gone.example.");
	e = (struct elsewhere){ .routes = &routes, .cache = &c };
}

static void no_such_name_is_for_all_types_and_for_what_is_below(void **state)
{
	static const struct {
		const char *name; /* RFC 2308 §5, RFC 8020 §2 */
		enum cache_state expect;
	} cases[] = {
		{ "gone.example.", CACHE_FRESH },
		{ "GONE.example.", CACHE_FRESH },
		{ "a.gone.example.", CACHE_FRESH },
		{ "a.b.c.d.gone.example.", CACHE_FRESH },
		{ "example.", CACHE_MISS },
		{ "agone.example.", CACHE_MISS },
		{ "there.example.", CACHE_MISS },
		{ ".", CACHE_MISS },
		{ "corp.gone.example.", CACHE_MISS }, /* others know that one */
		{ "a.corp.gone.example.", CACHE_MISS },
	};
	(void)state;
	open_elsewhere(DAY_S);
	put_with("gone.example.", CACHE_ANY_TYPE, 0, 60, "no");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (uint16_t type = 1; type < 70; type += 3)
			if (look(cases[i].name, type) != cases[i].expect)
				fail_msg("%s %u", cases[i].name, type);
	e.flags = CACHE_DNSSEC_OK;
	assert_int_equal(look("gone.example.", TYPE_A), CACHE_MISS);
	e.flags = 0;
	put_with("a.gone.example.", TYPE_A, 0, 60, "yes"); /* its own answer goes before */
	assert_int_equal(look("a.gone.example.", TYPE_A), CACHE_FRESH);
	assert_octets("yes");
	now += 60000;
	e.patient = true; /* what is over says nothing of the names below */
	assert_int_equal(look("gone.example.", TYPE_A), CACHE_STALE);
	assert_int_equal(look("b.gone.example.", TYPE_A), CACHE_MISS);
	routes_free(&routes);
}

/* The TTL of the record that a client gets; UINT32_MAX when there is none. */
static uint32_t ttl_told(enum cache_state state)
{
	static uint8_t octets[512];
	struct message m;
	struct name_buf target;
	const uint8_t *p = octets + HEADER_SIZE + 13 + 4 + 6; /* behind the name aaa.example. */

	if (state != CACHE_FRESH && state != CACHE_STALE)
		return UINT32_MAX;
	message_init(&m, octets, sizeof octets);
	put_question(&m, &(struct question){ found.name, TYPE_A, CLASS_IN });
	assert_true(elsewhere_put(&e, &m, AT_QUESTION, state, &found, &target));
	assert_int_equal(m.count[SECTION_ANSWER], 1);
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void ttls_are_counted_down_and_stale_ones_are_30(void **state)
{
	static const uint8_t octets[] = "\xc0\x0c\0\1\0\1\0\0\0\x64\0\4\xc0\0\2"; /* TTL 100 */
	const struct cache_answer answer = { octets, sizeof octets, 1, .ttl_s = 100 };
	struct cache_key key;

	(void)state;
	open_elsewhere(DAY_S);
	key = key_of("aaa.example.", TYPE_A, 0);
	cache_put(&c, &key, &answer, now);
	assert_int_equal(ttl_told(look("aaa.example.", TYPE_A)), 100);
	now += 30999;
	assert_int_equal(ttl_told(look("aaa.example.", TYPE_A)), 70);
	now = 1000 + 99999;
	assert_int_equal(ttl_told(look("aaa.example.", TYPE_A)), 1);
	now += 1;
	assert_int_equal(ttl_told(look("aaa.example.", TYPE_A)), UINT32_MAX);
	e.patient = true;
	assert_int_equal(ttl_told(look("aaa.example.", TYPE_A)), CACHE_STALE_TTL_S);
	routes_free(&routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(no_such_name_is_for_all_types_and_for_what_is_below),
		CASE(ttls_are_counted_down_and_stale_ones_are_30),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
