/*
 * test_heap.c -- memory of any size: it is as large as asked for, keeps what stands in it, comes
 * back to whoever wants as much, and says so when it ends or is given back twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/heap.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Sizes below, at and above each power of two, and beyond the largest small block. */
enum { SIZES = 90 };

static size_t size_at(size_t i)
{
	return ((size_t)1 << i / 5) + i % 5 - 2 + (i < 10) * 2;
}

static void fill(uint8_t *block, size_t n, size_t mark)
{
	memset(block, (int)(mark % 251 + 1), n);
}

static bool is_filled(const uint8_t *block, size_t n, size_t mark)
{
	for (size_t i = 0; i < n; i++)
		if (block[i] != mark % 251 + 1)
			return false;
	return true;
}

static void blocks_of_all_sizes_are_apart_and_aligned(void **state)
{
	uint8_t *blocks[SIZES];

	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		blocks[i] = heap_malloc(size_at(i));
		assert_non_null(blocks[i]);
		assert_int_equal((uintptr_t)blocks[i] % HEAP_ALIGN, 0);
		fill(blocks[i], size_at(i), i);
	}
	for (size_t i = 0; i < SIZES; i++) {
		assert_true(is_filled(blocks[i], size_at(i), i));
		heap_free(blocks[i]);
	}
}

static void what_was_given_back_is_given_out_again(void **state)
{
	void *first = heap_malloc(100), *other_size = heap_malloc(1000);

	(void)state;
	heap_free(first);
	heap_free(other_size);
	assert_ptr_equal(heap_malloc(90), first);
	assert_ptr_equal(heap_malloc(900), other_size);
	heap_free(first);
	heap_free(other_size);
	heap_free(NULL);
}

static void a_small_block_takes_no_more_than_the_next_power_of_two(void **state)
{
	void *of_64 = heap_malloc(40);

	(void)state;
	heap_free(of_64);
	void *of_32 = heap_malloc(32 - HEAP_ALIGN);
	assert_ptr_not_equal(of_32, of_64);
	assert_ptr_equal(heap_malloc(64 - HEAP_ALIGN), of_64);
	heap_free(of_32);
	heap_free(of_64);
}

static void a_small_block_stays_as_long_as_it_has_room_and_is_given_back_when_not(void **state)
{
	void *block = heap_malloc(40);

	(void)state;
	assert_ptr_equal(heap_realloc(block, 64 - HEAP_ALIGN), block);
	assert_ptr_equal(heap_realloc(block, 1), block);
	void *moved = heap_realloc(block, 65 - HEAP_ALIGN);
	assert_ptr_not_equal(moved, block);
	assert_ptr_equal(heap_malloc(40), block);
	heap_free(block);
	heap_free(moved);
}

/* Whoever cleans up behind a failure wants to tell of that one. */
static void errno_stays_even_where_nothing_can_be_unmapped(void **state)
{
	static _Alignas(65536) uint8_t page[4096];
	const size_t more_than_there_is = SIZE_MAX;

	(void)state;
	memcpy(page, &more_than_there_is, sizeof more_than_there_is);
	errno = ERANGE;
	heap_free(page + HEAP_ALIGN);
	assert_int_equal(errno, ERANGE);
}

static void items_are_zero_wherever_their_memory_was_before(void **state)
{
	static const size_t sizes[] = { 1, 40, HEAP_SMALL / 2, HEAP_SMALL, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		uint8_t *used = heap_malloc(sizes[i]);

		fill(used, sizes[i], 7);
		heap_free(used);
		uint8_t *items = heap_calloc(sizes[i], 1);
		assert_non_null(items);
		for (size_t k = 0; k < sizes[i]; k++)
			assert_int_equal(items[k], 0);
		heap_free(items);
	}
	heap_free(heap_calloc(0, 8));
	heap_free(heap_calloc(8, 0));
}

static void a_block_keeps_what_stands_in_it_when_it_grows_and_shrinks(void **state)
{
	(void)state;
	for (size_t i = 10; i < SIZES; i++)
		for (size_t k = 10; k < SIZES; k += 3) {
			size_t old = size_at(i), n = size_at(k);
			uint8_t *block = heap_realloc(NULL, old);

			fill(block, old, i);
			block = heap_realloc(block, n);
			assert_non_null(block);
			assert_true(is_filled(block, old < n ? old : n, i));
			fill(block, n, k); /* all of it is there */
			assert_true(is_filled(block, n, k));
			heap_free(block);
		}
}

static void a_large_block_is_unmapped_when_it_is_given_back(void **state)
{
	uint8_t *block = heap_malloc(HEAP_SMALL + 1);

	(void)state;
	block = heap_realloc(block, 1 << 22);
	fill(block, 1 << 22, 3);
	block = heap_realloc(block, HEAP_SMALL + 1);
	assert_true(is_filled(block, HEAP_SMALL + 1, 3));
	void *page = (void *)((uintptr_t)block & ~(uintptr_t)(getpagesize() - 1));
	heap_free(block);
	unsigned char resident;
	assert_int_equal(mincore(page, 1, &resident), -1);
	assert_int_equal(errno, ENOMEM);
}

/* Whatever is asked for and given back in whatever order, nobody's octets become another's. */
static void a_thousand_blocks_live_and_die_by_chance(void **state)
{
	enum { BLOCKS = 1000, TURNS = 100000 };
	static uint8_t *blocks[BLOCKS];
	static size_t sizes[BLOCKS];
	uint64_t chance = 1;

	(void)state;
	for (size_t turn = 0; turn < TURNS; turn++) {
		chance = chance * 6364136223846793005 + 1442695040888963407;
		size_t i = (chance >> 33) % BLOCKS, n = (size_t)1 << ((chance >> 44) % 17);

		n += (chance >> 50) % n;
		if (blocks[i] && !is_filled(blocks[i], sizes[i], i))
			fail_msg("block %zu of %zu octets has others in turn %zu", i, sizes[i],
				 turn);
		if (chance >> 62 == 0) {
			heap_free(blocks[i]);
			blocks[i] = heap_malloc(n);
		} else {
			blocks[i] = heap_realloc(blocks[i], n);
		}
		sizes[i] = n;
		fill(blocks[i], n, i);
	}
	for (size_t i = 0; i < BLOCKS; i++) {
		assert_true(!blocks[i] || is_filled(blocks[i], sizes[i], i));
		heap_free(blocks[i]);
	}
}

static void more_than_can_be_is_no_memory(void **state)
{
	static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 20 };
	uint8_t *small = heap_malloc(10), *large = heap_malloc(HEAP_SMALL * 2);

	(void)state;
	fill(small, 10, 1);
	fill(large, HEAP_SMALL * 2, 2);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		errno = 0;
		assert_null(heap_malloc(sizes[i]));
		assert_int_equal(errno, ENOMEM);
		errno = 0;
		assert_null(heap_realloc(small, sizes[i]));
		assert_int_equal(errno, ENOMEM);
		errno = 0;
		assert_null(heap_realloc(large, sizes[i]));
		assert_int_equal(errno, ENOMEM);
	}
	errno = 0;
	assert_null(heap_calloc(SIZE_MAX / 8 + 2, 8)); /* would be 8 octets when it wraps */
	assert_int_equal(errno, ENOMEM);
	assert_true(is_filled(small, 10, 1) && is_filled(large, HEAP_SMALL * 2, 2));
	heap_free(small);
	heap_free(large);
}

/* What becomes of a child that does this. */
static int status_of(void (*work)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		close(STDERR_FILENO);
		signal(SIGSEGV, SIG_DFL);
		signal(SIGABRT, SIG_DFL);
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

/* A kernel without memory: no chunk is there, and no mapping. */
static void ask_without_memory(void)
{
	const struct rlimit none = { 0, 0 };
	enum { MANY = 10000 };
	static void *blocks[MANY];
	size_t n = 0;

	setrlimit(RLIMIT_AS, &none);
	while (n < MANY && (blocks[n] = heap_malloc(16000)))
		n++;
	if (n == MANY || errno != ENOMEM || heap_calloc(1, 100000) || heap_realloc(NULL, 100000))
		_exit(1);
	if (n > 0) { /* what is there goes round */
		heap_free(blocks[0]);
		if (heap_malloc(16000) != blocks[0])
			_exit(2);
	}
}

static void when_memory_ends_that_is_said_and_nothing_lost(void **state)
{
	(void)state;
	assert_int_equal(status_of(ask_without_memory), 0);
}

static void give_back_twice(void)
{
	void *volatile block = heap_malloc(50);

	heap_free(block);
	heap_free(block);
}

static void give_back_twice_large(void)
{
	void *block = heap_malloc(HEAP_SMALL);

	heap_free(block);
	heap_free(block);
}

static void give_back_what_is_no_block(void)
{
	uint8_t *block = heap_malloc(500);

	memset(block, 40, 500);
	heap_free(block + HEAP_ALIGN * 4);
}

/* Two blocks one behind the other; the size in front of the second is written over. */
static uint8_t *written_over(void)
{
	uint8_t *block = heap_malloc(48), *next = heap_malloc(48);

	while (next != block + 64) {
		block = next;
		next = heap_malloc(48);
	}
	memset(block, 1, 48 + 2);
	return next;
}

static void give_back_what_was_written_over(void)
{
	heap_free(written_over());
}

static void let_grow_what_was_written_over(void)
{
	(void)!heap_realloc(written_over(), 200);
}

static void let_grow_what_was_given_back(void)
{
	void *volatile block = heap_malloc(50);

	heap_free(block);
	(void)!heap_realloc(block, 200);
}

/* What leads to the next one that waits has become a way to any place. */
static void write_to_what_was_given_back(void)
{
	uint8_t *block = heap_malloc(50);
	uint8_t victim[64] = { 64 }, *first = victim + HEAP_ALIGN;

	heap_free(block);
	memcpy(block, &first, sizeof first);
	if (heap_malloc(50) == block)
		(void)!heap_malloc(50);
}

static void whoever_breaks_the_rules_is_ended(void **state)
{
	static void (*const works[])(void) = {
		give_back_twice,
		give_back_what_is_no_block,
		give_back_what_was_written_over,
		let_grow_what_was_written_over,
		let_grow_what_was_given_back,
		write_to_what_was_given_back,
	};

	(void)state;
	for (size_t i = 0; i < sizeof works / sizeof works[0]; i++) {
		int status = status_of(works[i]);

		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	}
	assert_true(WIFSIGNALED(status_of(give_back_twice_large))); /* by the kernel */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_of_all_sizes_are_apart_and_aligned),
		cmocka_unit_test(what_was_given_back_is_given_out_again),
		cmocka_unit_test(a_small_block_takes_no_more_than_the_next_power_of_two),
		cmocka_unit_test(
			a_small_block_stays_as_long_as_it_has_room_and_is_given_back_when_not),
		cmocka_unit_test(errno_stays_even_where_nothing_can_be_unmapped),
		cmocka_unit_test(items_are_zero_wherever_their_memory_was_before),
		cmocka_unit_test(a_block_keeps_what_stands_in_it_when_it_grows_and_shrinks),
		cmocka_unit_test(a_large_block_is_unmapped_when_it_is_given_back),
		cmocka_unit_test(a_thousand_blocks_live_and_die_by_chance),
		cmocka_unit_test(more_than_can_be_is_no_memory),
		cmocka_unit_test(when_memory_ends_that_is_said_and_nothing_lost),
		cmocka_unit_test(whoever_breaks_the_rules_is_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
