/*
 * The cache against a model of it: whatever is done, in whatever order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/cache_model.h"

enum { OPERATIONS = 200000, DAY_S = 86400 };

static void what_comes_out_is_what_was_put_in_last_and_not_over(void **state)
{
	static const struct cache_model_setup runs[] = {
		{ CACHE_MIN_SIZE, DAY_S, 1000, false },
		{ CACHE_MIN_SIZE + 4000, 0, (1ull << 32) - 600000, false },
		{ CACHE_MIN_SIZE + 24, 60, 1ull << 40, false },
		{ 16 << 20, CACHE_MAX_STALE_S, (1ull << 33) - 1000, true },
		{ (16 << 20) + 8, 0, 1, true },
	};
	static struct cache_model m;

	(void)state;
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		const struct choices choices = { .random = { i + 1 } };

		cache_model_open(&m, &runs[i], &choices);
		for (unsigned k = 0; k < OPERATIONS; k++)
			cache_model_step(&m);
		/* The short times went round. */
		assert_true(m.now_ms > runs[i].start_ms + (1ull << 32));
		assert_true(m.fresh > OPERATIONS / 20 && m.failed > 100);
		assert_true(runs[i].stale_s == 0 || m.stale > 100);
		uint64_t evicted = m.cache.counters.evicted;
		assert_true(runs[i].has_room ? evicted == 0 : evicted > 500);
		cache_model_close(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_out_is_what_was_put_in_last_and_not_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
