/*
 * The seam to randomness.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"

static bool counting(void *self, uint8_t *out, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (*(uint8_t *)self)++;
	return n < 5;
}

static void a_test_can_be_chance(void **state)
{
	uint8_t next = 7, out[5];
	struct random r = { counting, counting, &next };

	(void)state;
	assert_true(random_fill(&r, out, 4));
	assert_memory_equal(out, "\7\10\11\12", 4);
	assert_false(random_fill(&r, out, 5));
	assert_true(random_fill_secret(&r, out, 2));
	assert_memory_equal(out, "\20\21", 2);
}

/* The call gives 256 octets at once, the device any number; neither writes beyond. */
static void the_kernel_fills_every_octet_and_none_behind(void **state)
{
	static const size_t sizes[] = { 0, 1, 16, 255, 256, 257, 1000, 5000 };
	struct random r = random_system();

	(void)state;
	for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
		size_t n = sizes[s];
		uint8_t *out = calloc(1, n + 1);
		bool *touched = calloc(n + 1, sizeof *touched);

		/* An octet stays 0 in all of 64 turns with a chance of 2^-512. */
		for (int turn = 0; turn < 64; turn++) {
			memset(out, 0, n + 1);
			assert_true(random_fill(&r, out, n));
			for (size_t i = 0; i <= n; i++)
				touched[i] |= out[i] != 0;
		}
		for (size_t i = 0; i < n; i++)
			assert_true(touched[i]);
		assert_false(touched[n]);
		free(out);
		free(touched);
	}
}

/* By now the kernel of whatever runs this has gathered enough. */
static void a_kernel_that_is_up_has_secrets(void **state)
{
	struct random r = random_system();
	uint8_t a[32], b[32];

	(void)state;
	assert_true(random_fill_secret(&r, a, sizeof a));
	assert_true(random_fill_secret(&r, b, sizeof b));
	assert_memory_not_equal(a, b, sizeof a);
}

static void no_two_fills_are_alike(void **state)
{
	struct random r = random_system();
	uint8_t a[16], b[16];

	(void)state;
	assert_true(random_fill(&r, a, sizeof a));
	assert_true(random_fill(&r, b, sizeof b));
	assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_test_can_be_chance),
		cmocka_unit_test(the_kernel_fills_every_octet_and_none_behind),
		cmocka_unit_test(a_kernel_that_is_up_has_secrets),
		cmocka_unit_test(no_two_fills_are_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
