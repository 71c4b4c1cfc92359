/*
 * The seam to time.
 *
 * The source is taken in whole, so that the kernel can be an old one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static int missing = -1; /* a clock that the kernel does not have */

static int seam_clock_gettime(clockid_t clock, struct timespec *t)
{
	return clock == missing ? -1 : clock_gettime(clock, t);
}

#define clock_gettime seam_clock_gettime
#include "../../src/base/clock.c"
#undef clock_gettime

struct fake {
	uint64_t now_ms;
	int64_t wall_s;
};

static uint64_t fake_now_ms(void *self)
{
	return ((struct fake *)self)->now_ms++;
}

static int64_t fake_wall_s(void *self)
{
	return ((struct fake *)self)->wall_s;
}

static void a_test_can_be_the_clock(void **state)
{
	struct fake fake = { 41, -1 };
	struct clock c = { fake_now_ms, fake_wall_s, &fake };

	(void)state;
	assert_true(clock_now_ms(&c) == 41);
	assert_true(clock_now_ms(&c) == 42);
	assert_true(clock_wall_s(&c) == -1); /* before 1970, as a router may believe */
	fake.wall_s = 4294967296;            /* after 2106: 32 bits are not enough */
	assert_true(clock_wall_s(&c) == 4294967296);
}

static void the_systems_clock_does_not_go_back(void **state)
{
	struct clock c = clock_system();
	uint64_t last = clock_now_ms(&c);

	(void)state;
	for (int i = 0; i < 10000; i++) {
		uint64_t now = clock_now_ms(&c);
		assert_true(now >= last);
		last = now;
	}
}

static void now_is_in_milliseconds(void **state)
{
	struct clock c = clock_system();
	struct timespec t;

	(void)state;
	uint64_t before = clock_now_ms(&c);
	assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &t), 0);
	uint64_t between = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
	uint64_t after = clock_now_ms(&c);
	assert_true(before <= between && between <= after);
}

/* Linux 2.6.39 brought CLOCK_BOOTTIME. */
static void an_old_kernel_has_another_clock_that_goes_on(void **state)
{
	struct clock c = clock_system();
	struct timespec t;

	(void)state;
	missing = CLOCK_BOOTTIME;
	uint64_t now = clock_now_ms(&c);
	missing = -1;
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	uint64_t after = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
	assert_true(now <= after && after - now < 10000);
}

static void the_wall_clock_is_the_systems(void **state)
{
	struct clock c = clock_system();
	struct timespec before, after;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &before);
	int64_t wall = clock_wall_s(&c);
	clock_gettime(CLOCK_REALTIME, &after);
	assert_true(before.tv_sec <= wall && wall <= after.tv_sec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_test_can_be_the_clock),
		cmocka_unit_test(the_systems_clock_does_not_go_back),
		cmocka_unit_test(now_is_in_milliseconds),
		cmocka_unit_test(an_old_kernel_has_another_clock_that_goes_on),
		cmocka_unit_test(the_wall_clock_is_the_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
