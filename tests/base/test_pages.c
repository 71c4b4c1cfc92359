/*
 * test_pages.c -- pages asked for together: what stands in them stays.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/pages.h"

enum { SIZE = 8 * PAGES_STEP, POPULATE_WRITE = 23 };

static uint8_t *untouched(void)
{
	uint8_t *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(at != MAP_FAILED);
	madvise(at, SIZE, MADV_NOHUGEPAGE); /* may not be known */
	return at;
}

/* Pages of the room that are there. */
static size_t resident(uint8_t *at)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), count = 0;
	unsigned char there[SIZE / 4096];

	assert_int_equal(mincore(at, SIZE, there), 0);
	for (size_t i = 0; i < SIZE / page; i++)
		count += there[i] & 1;
	return count * page;
}

static void what_stands_there_stays(void **state)
{
	uint8_t *at = untouched();

	(void)state;
	for (size_t i = 0; i < SIZE; i += 1000)
		at[i] = (uint8_t)(i / 1000);
	for (size_t from = 0; from < 5000; from += 777)
		pages_meet(at + from, SIZE - from - 3);
	for (size_t i = 0; i < SIZE; i++)
		assert_int_equal(at[i], i % 1000 ? 0 : (uint8_t)(i / 1000));
	munmap(at, SIZE);
}

static void whole_steps_are_asked_for_and_nothing_beside_them(void **state)
{
	uint8_t *at = untouched();

	(void)state;
	if (madvise(at, 1, POPULATE_WRITE) != 0 && errno == EINVAL)
		skip(); /* before Linux 5.14 */
	munmap(at, SIZE);
	at = untouched();
	size_t to_step = -(uintptr_t)at % PAGES_STEP;
	pages_meet(at + to_step + 1, 2 * PAGES_STEP - 2); /* holds no whole one */
	assert_int_equal(resident(at), 0);
	pages_meet(at + to_step + 1, 4 * PAGES_STEP); /* holds three */
	assert_int_equal(resident(at), 3 * PAGES_STEP);
	pages_meet(at, 0);
	assert_int_equal(resident(at), 3 * PAGES_STEP);
	munmap(at, SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_there_stays),
		cmocka_unit_test(whole_steps_are_asked_for_and_nothing_beside_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
