/*
 * test_sealed.c -- memory that one process writes and others only read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/sealed.h"

enum { HUGE_PAGE = 2 << 20, COLLAPSE = 25 };

static uint8_t octet_at(size_t i)
{
	return (uint8_t)(i * 7 + i / 4096);
}

/* A sealed file of so many octets, each of which says where it is. */
static struct sealed filled(size_t size)
{
	struct sealed s;

	assert_true(sealed_open(&s, "test", size + 100));
	for (size_t i = 0; i < size; i++)
		s.octets[i] = octet_at(i);
	assert_true(sealed_finish(&s, size));
	return s;
}

static void check(const uint8_t *octets, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (octets[i] != octet_at(i))
			fail_msg("octet %zu of %zu", i, size);
}

static void what_was_written_is_read_and_stays(void **state)
{
	struct sealed s = filled(10000);
	const uint8_t *at = sealed_map(s.fd, 10000);

	(void)state;
	assert_non_null(at);
	check(at, 10000);
	assert_int_equal(write(s.fd, "x", 1), -1);
	assert_int_equal(ftruncate(s.fd, 5000), -1);
	assert_true(mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, s.fd, 0) == MAP_FAILED);
	sealed_unmap(at, 10000);
	close(s.fd);
}

static void what_is_put_behind_the_room_is_read_with_it(void **state)
{
	enum { ROOM = 5000, SIZE = 300000, PIECE = 65536 };
	struct sealed s;
	uint8_t *octets = malloc(SIZE);

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		octets[i] = octet_at(i);
	assert_true(sealed_open(&s, "test", ROOM));
	for (size_t i = ROOM; i < SIZE; i += PIECE)
		assert_true(sealed_put(&s, octets + i, SIZE - i < PIECE ? SIZE - i : PIECE, i));
	memcpy(s.octets, octets, ROOM); /* the front is written last */
	assert_true(sealed_finish(&s, SIZE));
	const uint8_t *at = sealed_map(s.fd, SIZE);
	assert_non_null(at);
	check(at, SIZE);
	assert_false(sealed_put(&s, octets, 1, 0));
	sealed_unmap(at, SIZE);
	close(s.fd);
	free(octets);
}

/* As where a temporary file stands on a disk that is full. */
static void what_does_not_fit_is_said_to_the_caller(void **state)
{
	static const uint8_t octets[8192];
	struct rlimit was, few = { .rlim_cur = 6000 };
	struct sealed s;

	(void)state;
	assert_true(sealed_open(&s, "test", 1000));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	few.rlim_max = was.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &few), 0);
	assert_true(sealed_put(&s, octets, 5000, 1000));
	assert_false(sealed_put(&s, octets, 5000, 5000)); /* of which some fit */
	assert_int_equal(errno, EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_false(sealed_finish(&s, 0));
}

/* Who reads already, and who comes after, sees the same; sizes below and between pages. */
static void huge_pages_change_nothing_of_what_is_read(void **state)
{
	static const size_t sizes[] = { 1, HUGE_PAGE - 1, HUGE_PAGE, HUGE_PAGE + 1,
					3 * HUGE_PAGE + 4097 };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct sealed s = filled(sizes[i]);
		const uint8_t *before = sealed_map(s.fd, sizes[i]);

		assert_non_null(before);
		check(before, sizes[i] / 2);
		sealed_make_huge(s.fd, sizes[i]);
		check(before, sizes[i]);
		const uint8_t *after = sealed_map(s.fd, sizes[i]);
		assert_non_null(after);
		check(after, sizes[i]);
		sealed_unmap(before, sizes[i]);
		sealed_unmap(after, sizes[i]);
		close(s.fd);
	}
}

/* KiB of the mapping at this address that the kernel shows through huge pages. */
static unsigned huge_kib(const void *at)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	bool is_found = false;
	unsigned kib = 0;
	char line[512], begin[32];

	assert_non_null(f);
	snprintf(begin, sizeof begin, "%lx-", (unsigned long)(uintptr_t)at);
	while (fgets(line, sizeof line, f)) {
		is_found = is_found || strncmp(line, begin, strlen(begin)) == 0;
		if (is_found && sscanf(line, "ShmemPmdMapped: %u kB", &kib) == 1)
			break;
	}
	fclose(f);
	return kib;
}

/* The same without our code: a page at a fitting address. */
static bool kernel_has_huge_pages(void)
{
	struct sealed s = filled(HUGE_PAGE);
	uint8_t *room = mmap(NULL, 2 * HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *place = room + (HUGE_PAGE - (uintptr_t)room % HUGE_PAGE) % HUGE_PAGE;
	void *at = mmap(place, HUGE_PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, s.fd, 0);
	bool has = at != MAP_FAILED && madvise(at, HUGE_PAGE, COLLAPSE) == 0;

	munmap(room, 2 * HUGE_PAGE);
	close(s.fd);
	return has;
}

static void what_is_large_is_read_through_huge_pages(void **state)
{
	const size_t size = 3 * HUGE_PAGE + 4097;

	(void)state;
	if (!kernel_has_huge_pages())
		skip();
	struct sealed s = filled(size);
	sealed_make_huge(s.fd, size);
	const uint8_t *at = sealed_map(s.fd, size);
	assert_non_null(at);
	check(at, size);
	assert_int_equal(huge_kib(at), 3 * HUGE_PAGE / 1024);
	sealed_unmap(at, size);
	close(s.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_and_stays),
		cmocka_unit_test(what_is_put_behind_the_room_is_read_with_it),
		cmocka_unit_test(what_does_not_fit_is_said_to_the_caller),
		cmocka_unit_test(huge_pages_change_nothing_of_what_is_read),
		cmocka_unit_test(what_is_large_is_read_through_huge_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
