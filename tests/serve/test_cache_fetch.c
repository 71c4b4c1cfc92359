/*
 * test_cache_fetch.c -- what is fetched for a question is where its answer will be looked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/prefetch.h"

/* What is fetched is written down here instead. */
static const uint32_t *fetched;

static void note(const void *address)
{
	fetched = address;
}

#undef prefetch
#define prefetch(address) note(address)
#define find              cache_find_entry /* guarded_cache.h has a word like that */
#include "../../src/serve/cache.c"
#undef find
#include "serve/elsewhere.h"

#include "guarded_cache.h"

static uint32_t fetch(const struct cache_key *key)
{
	fetched = NULL;
	cache_fetch(&c, key->hash, key->type, key->flags);
	assert_non_null(fetched);
	assert_true(fetched >= c.buckets && fetched <= c.buckets + c.bucket_mask);
	return *fetched;
}

static void what_is_fetched_leads_to_the_answer(void **state)
{
	static const uint8_t flags[] = { 0, CACHE_DNSSEC_OK, CACHE_CHECKING_DISABLED };

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	for (unsigned i = 0; i < 3; i++) {
		const struct cache_key key = key_of("www.example.", TYPE_AAAA, flags[i]);

		assert_int_equal(fetch(&key), 0);
		put_with("www.example.", TYPE_AAAA, flags[i], 60, "an answer");
		assert_int_equal(fetch(&key), cache_find_entry(&c, &key));
		assert_int_not_equal(fetch(&key), 0);
	}
}

/* By whoever answers: of the whole name, the type and the flags that will be looked for first. */
static void a_question_is_looked_for_where_it_was_fetched(void **state)
{
	static struct elsewhere e;
	const struct cache_key key = key_of("www.example.", TYPE_AAAA, CACHE_DNSSEC_OK);
	struct probe p;

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	put_with("www.example.", TYPE_AAAA, CACHE_DNSSEC_OK, 60, "an answer");
	e.cache = &c;
	e.flags = CACHE_DNSSEC_OK;
	probe_init(&p, &world_key, key.name);
	fetched = NULL;
	elsewhere_fetch(&e, &p, TYPE_AAAA);
	assert_non_null(fetched);
	assert_int_not_equal(*fetched, 0);
	assert_int_equal(*fetched, cache_find_entry(&c, &key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_fetched_leads_to_the_answer, close_cache),
		cmocka_unit_test_teardown(a_question_is_looked_for_where_it_was_fetched,
					  close_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
