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
static const uint32_t *fetched, *fetched_before;

static void note(const void *address)
{
	fetched_before = fetched;
	fetched = address;
}

#undef prefetch
#define prefetch(address) note(address)
#define find              cache_find_entry /* guarded_cache.h has a word like that */
#include "../../src/serve/cache.c"
#undef find

#include "guarded_cache.h"

static uint32_t fetch(const struct cache_key *key)
{
	fetched = NULL;
	cache_fetch(&c, key->hash, key->type);
	assert_non_null(fetched);
	assert_true(fetched >= c.buckets && fetched <= c.buckets + c.bucket_mask);
	return *fetched;
}

/* Whoever fetches knows no flags yet. */
static void what_is_fetched_leads_to_the_answer(void **state)
{
	static const uint8_t flags[] = { 0, CACHE_DNSSEC_OK, CACHE_CHECKING_DISABLED };

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	for (unsigned i = 0; i < 3; i++) {
		const struct cache_key key = key_of("www.example.", TYPE_AAAA, flags[i]);

		assert_int_equal(cache_find_entry(&c, &key), 0);
		put_with("www.example.", TYPE_AAAA, flags[i], 60, "an answer");
		assert_int_not_equal(fetch(&key), 0);
		assert_int_equal(fetch(&key), cache_find_entry(&c, &key));
	}
}

/* Its head, then the line of the caches that its octets begin in. */
static void then_the_answer_itself_is_fetched(void **state)
{
	const struct cache_key key = key_of("www.example.", TYPE_AAAA, 0);

	(void)state;
	open_cache(CACHE_MIN_SIZE, 0, 1000);
	fetched = NULL;
	cache_fetch_entry(&c, key.hash, key.type);
	assert_null(fetched);
	put_with("www.example.", TYPE_AAAA, 0, 60, "an answer");
	cache_fetch_entry(&c, key.hash, key.type);
	const uint8_t *entry = (const void *)cache_entry_at(&c, cache_find_entry(&c, &key));
	assert_ptr_equal(fetched_before, entry);
	assert_ptr_equal(fetched, entry + CELL_HEAD_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_fetched_leads_to_the_answer, close_cache),
		cmocka_unit_test_teardown(then_the_answer_itself_is_fetched, close_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
