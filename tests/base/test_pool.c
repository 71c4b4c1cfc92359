/*
 * Pools: offsets that stay good, a limit, a failure that sticks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/pool.h"

static void pieces_are_aligned_and_apart(void **state)
{
	static const size_t aligns[] = { 1, 2, 4, 8, 16 };

	(void)state;
	for (size_t a = 0; a < sizeof aligns / sizeof aligns[0]; a++) {
		struct pool p = pool_init(1 << 20, aligns[a]);
		uint32_t at[300];

		for (uint32_t i = 0; i < 300; i++) {
			size_t n = i % 37 + 1;
			at[i] = pool_add(&p, n);
			assert_int_not_equal(at[i], 0); /* 0 means none */
			assert_int_equal(at[i] % aligns[a], 0);
			uint8_t *piece = pool_at(&p, at[i]);
			memset(piece, (int)(i % 251 + 1), n);
		}
		/* The memory has moved meanwhile; what stands at an offset has not changed. */
		for (uint32_t i = 0; i < 300; i++) {
			const uint8_t *piece = pool_at(&p, at[i]);
			for (size_t k = 0; k < i % 37 + 1; k++)
				assert_int_equal(piece[k], i % 251 + 1);
		}
		assert_false(p.failed);
		pool_free(&p);
		assert_null(p.at);
	}
}

static void what_is_cut_off_a_piece_belongs_to_the_next(void **state)
{
	struct pool p = pool_init(1 << 20, 4);
	uint32_t first = pool_add(&p, 100);

	(void)state;
	memset(pool_at(&p, first), 0xff, 100);
	pool_cut(&p, first, 9);
	uint32_t second = pool_add(&p, 100);
	assert_int_equal(second, first + 12);
	pool_cut(&p, second, 0);
	assert_int_equal(pool_add(&p, 1), second);
	pool_free(&p);
}

/* Of a large one a part is opened up at a time. */
static void a_large_pool_keeps_all_and_opens_no_more_than_it_reserved(void **state)
{
	enum { PIECES = 120000 };
	struct pool p = pool_init((size_t)64 << 20, 8);
	uint32_t *at = malloc(PIECES * sizeof *at);
	bool is_partial = false;

	(void)state;
	for (uint32_t i = 0; i < PIECES; i++) {
		size_t n = i % 5000 == 7 ? 300000 : i % 90 + 4;
		at[i] = pool_add(&p, n);
		assert_int_not_equal(at[i], 0);
		uint8_t *piece = pool_at(&p, at[i]);
		memcpy(piece, &i, sizeof i);
		piece[n - 1] = (uint8_t)(n > sizeof i ? i : piece[n - 1]);
		assert_true(p.used <= p.room && p.room <= p.reserved);
		is_partial = is_partial || p.room < p.reserved;
	}
	assert_true(is_partial);
	for (uint32_t i = 0; i < PIECES; i++)
		assert_memory_equal(pool_at(&p, at[i]), &i, sizeof i);
	free(at);
	pool_free(&p);
}

static void the_limit_holds_to_the_octet(void **state)
{
	static const size_t limits[] = { 100, 4096, 5000, 10000, (3 << 20) + 17 };

	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		struct pool p = pool_init(limits[i], 1);
		size_t added = 0;

		while (pool_add(&p, 1))
			added++;
		assert_int_equal(added, limits[i] - 1); /* offset 0 is never given out */
		assert_true(p.used <= limits[i]);
		assert_true(p.failed);
		pool_free(&p);
	}
	struct pool p = pool_init(1000, 4);
	assert_int_not_equal(pool_add(&p, 996), 0);
	assert_int_equal(pool_add(&p, 1), 0);
	pool_free(&p);
}

static void a_failure_sticks(void **state)
{
	static const size_t sizes[] = { 1001, 1 << 30, SIZE_MAX, SIZE_MAX - 3, SIZE_MAX - 2000 };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct pool p = pool_init(1000, 8);

		assert_int_not_equal(pool_add(&p, 10), 0);
		if (pool_add(&p, sizes[i]) != 0 || !p.failed)
			fail_msg("%zu octets", sizes[i]);
		assert_int_equal(pool_add(&p, 1), 0); /* though there would be room */
		pool_free(&p);
	}
}

static void a_pool_is_below_4_gib(void **state)
{
	struct pool p = pool_init(SIZE_MAX, 4);

	(void)state;
	assert_true(p.limit <= UINT32_MAX);
	pool_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_aligned_and_apart),
		cmocka_unit_test(what_is_cut_off_a_piece_belongs_to_the_next),
		cmocka_unit_test(a_large_pool_keeps_all_and_opens_no_more_than_it_reserved),
		cmocka_unit_test(the_limit_holds_to_the_octet),
		cmocka_unit_test(a_failure_sticks),
		cmocka_unit_test(a_pool_is_below_4_gib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
