/*
 * Chains of cells: what is written comes back, and no cell is in two chains.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "serve/cells.h"
#include "support/random_names.h"

enum {
	COUNT = 600,                        /* cells of the block in these tests */
	FIRST = CELL_SIZE - CELL_HEAD_SIZE, /* octets that the first cell holds */
	MORE = CELL_SIZE - 4,               /* and each further one */
	GUARD = 64,
	CHAINS = 200,
};

static struct cells c;
static uint8_t *room;

/* With octets around the block that must stay as they are. */
static int open_cells(void **state)
{
	(void)state;
	room = malloc(COUNT * CELL_SIZE + 2 * GUARD);
	assert_non_null(room);
	memset(room, 0xa5, COUNT * CELL_SIZE + 2 * GUARD);
	cells_init(&c, room + GUARD, COUNT);
	return 0;
}

static int close_cells(void **state)
{
	const uint8_t *behind = room + GUARD + COUNT * CELL_SIZE;

	(void)state;
	for (int i = 0; i < GUARD; i++)
		assert_true(room[i] == 0xa5 && behind[i] == 0xa5);
	free(room);
	return 0;
}

static uint8_t octet_of(uint32_t seed, size_t i)
{
	return (uint8_t)(seed * 37 + i + i / 256);
}

static void fill(uint32_t first, uint32_t seed, size_t n)
{
	struct cells_cursor where = cells_start(&c, first);

	memset((uint8_t *)cells_head(&c, first) + 4, (int)(seed & 255), CELL_HEAD_SIZE - 4);
	for (size_t i = 0; i < n; i++)
		cells_write(&where, &(uint8_t){ octet_of(seed, i) }, 1);
}

static void check(uint32_t first, uint32_t seed, size_t n)
{
	static uint8_t octets[COUNT * CELL_SIZE];
	const uint8_t *head = cells_head(&c, first);
	struct cells_cursor where = cells_start(&c, first);

	for (size_t i = 4; i < CELL_HEAD_SIZE; i++)
		assert_int_equal(head[i], seed & 255);
	cells_read(&where, octets, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(octets[i], octet_of(seed, i));
}

static void cells_are_counted_to_the_octet(void **state)
{
	static const struct {
		size_t octets;
		uint32_t cells;
	} cases[] = { { 0, 1 },
		      { 1, 1 },
		      { FIRST, 1 },
		      { FIRST + 1, 2 },
		      { FIRST + MORE, 2 },
		      { FIRST + MORE + 1, 3 },
		      { FIRST + 100 * MORE, 101 },
		      { FIRST + 100 * MORE + 1, 102 },
		      { 255 + UINT16_MAX, 532 } };
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(cells_needed(cases[i].octets), cases[i].cells);
		uint32_t first = cells_take(&c, cases[i].octets);
		assert_int_equal(c.used, cases[i].cells);
		assert_int_equal(cells_left(&c), COUNT - cases[i].cells);
		cells_give(&c, first);
		assert_int_equal(c.used, 0);
	}
}

static void every_size_comes_back_also_from_a_used_block(void **state)
{
	(void)state;
	for (size_t n = 0; n < 20 * MORE; n++) {
		uint32_t first = cells_take(&c, n), other = cells_take(&c, n / 3);

		fill(first, 1, n);
		fill(other, 2, n / 3);
		check(first, 1, n);
		check(other, 2, n / 3);
		cells_give(&c, n % 2 ? first : other);
		check(n % 2 ? other : first, n % 2 ? 2 : 1, n % 2 ? n / 3 : n);
		cells_give(&c, n % 2 ? other : first);
	}
}

static void a_head_is_zeroed_but_for_its_link(void **state)
{
	static const uint8_t zeros[CELL_HEAD_SIZE] = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++) {
		uint32_t first = cells_take(&c, 1000);

		assert_memory_equal((uint8_t *)cells_head(&c, first) + 4, zeros + 4,
				    CELL_HEAD_SIZE - 4);
		fill(first, 255, 1000);
		cells_give(&c, first);
	}
}

/* Pieces of any length, written, skipped, read and compared, meet the edges of cells everywhere. */
static void a_cursor_may_stop_anywhere(void **state)
{
	struct random_source r = { 11 };
	static uint8_t octets[2000], back[2000];

	(void)state;
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)random_below(&r, 256);
	for (int round = 0; round < 2000; round++) {
		uint32_t first = cells_take(&c, sizeof octets);
		struct cells_cursor in = cells_start(&c, first), out = in, same = in;
		size_t n, skip = random_below(&r, sizeof octets + 1);

		for (size_t at = 0; at < sizeof octets; at += n) {
			n = 1 + random_below(&r, (uint32_t)(sizeof octets - at));
			cells_write(&in, octets + at, n);
		}
		cells_skip(&out, skip);
		for (size_t at = skip; at < sizeof octets; at += n) {
			n = 1 + random_below(&r, (uint32_t)(sizeof octets - at));
			cells_read(&out, back + at, n);
		}
		assert_memory_equal(back + skip, octets + skip, sizeof octets - skip);
		cells_skip(&same, skip);
		assert_true(cells_equal_folded(&same, octets + skip, sizeof octets - skip));
		cells_give(&c, first);
	}
}

static void letters_are_compared_without_case_and_all_else_exactly(void **state)
{
	enum { SIZE = 400 };
	uint8_t octets[SIZE], other[SIZE];
	uint32_t first = cells_take(&c, SIZE);
	struct cells_cursor where = cells_start(&c, first);

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		octets[i] = (uint8_t)i;
	cells_write(&where, octets, SIZE);
	for (size_t i = 0; i < SIZE; i++) {
		bool letter = (octets[i] | 0x20) >= 'a' && (octets[i] | 0x20) <= 'z';

		memcpy(other, octets, SIZE);
		other[i] ^= 0x20;
		where = cells_start(&c, first);
		assert_int_equal(cells_equal_folded(&where, other, SIZE), letter);
		/* Whatever the result, the cursor has moved past it. */
		assert_true(where.at == (SIZE - FIRST) % MORE + 4);
	}
}

/* The last octet may be alone in its cell. */
static void the_last_octet_counts_wherever_it_lies(void **state)
{
	uint8_t octets[FIRST + 1 + MORE], n = FIRST + 1;

	(void)state;
	memset(octets, 'a', sizeof octets);
	for (size_t size = n; size <= sizeof octets; size += MORE) {
		uint32_t first = cells_take(&c, size);
		struct cells_cursor where = cells_start(&c, first);

		cells_write(&where, octets, size);
		octets[size - 1] = 'b';
		where = cells_start(&c, first);
		assert_false(cells_equal_folded(&where, octets, size));
		octets[size - 1] = 'A';
		where = cells_start(&c, first);
		assert_true(cells_equal_folded(&where, octets, size));
	}
}

/* ------ many chains ------ */

static struct chain {
	uint32_t first, seed;
	size_t size;
} chains[CHAINS];

static void give(struct chain *chain)
{
	if (chain->first)
		cells_give(&c, chain->first);
	chain->first = 0;
}

static void take(struct chain *chain, uint32_t seed, size_t size)
{
	if (cells_needed(size) > cells_left(&c))
		return;
	*chain = (struct chain){ cells_take(&c, size), seed, size };
	fill(chain->first, seed, size);
}

/* Each cell is in one chain at most, in as many as are said to be used altogether. */
static void check_chains(void)
{
	bool seen[COUNT + 1] = { false };
	uint32_t used = 0;

	for (size_t i = 0; i < CHAINS; i++)
		for (uint32_t cell = chains[i].first; cell;) {
			assert_in_range(cell, 1, COUNT);
			assert_false(seen[cell]);
			seen[cell] = true;
			used++;
			memcpy(&cell, cells_head(&c, cell), sizeof cell);
		}
	assert_int_equal(used, c.used);
}

static void no_cell_is_in_two_chains_and_all_come_back(void **state)
{
	struct random_source r = { 17 };
	unsigned full = 0;

	(void)state;
	for (uint32_t i = 0; i < 200000; i++) {
		struct chain *chain = &chains[random_below(&r, CHAINS)];

		if (chain->first)
			check(chain->first, chain->seed, chain->size);
		give(chain);
		take(chain, i, random_below(&r, random_below(&r, 3) ? 300 : 3000));
		full += cells_left(&c) < 10;
		if (i % 1000 == 0)
			check_chains();
	}
	assert_true(full > 1000);
	for (size_t i = 0; i < CHAINS; i++)
		give(&chains[i]);
	assert_int_equal(c.used, 0);
	/* In one piece again, though it was in a hundred. */
	take(&chains[0], 1, FIRST + (COUNT - 1) * MORE);
	assert_int_equal(cells_left(&c), 0);
	check_chains();
	check(chains[0].first, 1, chains[0].size);
}

/* A block that is not full is not resident either. */
static void cells_are_handed_out_in_order_the_first_time(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= 100; i++)
		assert_int_equal(cells_take(&c, 10), i);
	for (uint32_t i = 1; i <= 100; i++)
		cells_give(&c, i);
	for (uint32_t i = 0; i < 100; i++)
		assert_in_range(cells_take(&c, 10), 1, 100);
	for (const uint8_t *p = cells_head(&c, 101); p < room + GUARD + COUNT * CELL_SIZE; p++)
		assert_int_equal(*p, 0xa5);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, open_cells, close_cells)
	const struct CMUnitTest tests[] = {
		CASE(cells_are_counted_to_the_octet),
		CASE(every_size_comes_back_also_from_a_used_block),
		CASE(a_head_is_zeroed_but_for_its_link),
		CASE(a_cursor_may_stop_anywhere),
		CASE(letters_are_compared_without_case_and_all_else_exactly),
		CASE(the_last_octet_counts_wherever_it_lies),
		CASE(no_cell_is_in_two_chains_and_all_come_back),
		CASE(cells_are_handed_out_in_order_the_first_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
