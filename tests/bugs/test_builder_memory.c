/*
 * test_builder_memory.c -- memory that a zone under construction once lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/failing_memory.h"
#include "zone/builder.h"

/*
 * Found by fuzzing the whole server: a zone with errors, for which another was begun that
 * says just that, at the moment when memory ended.  The first of its two blocks stayed.
 */
static void a_zone_that_could_not_begin_holds_nothing(void **state)
{
	static const struct siphash_key key = { 1, 2 };
	size_t k = 0;
	bool begun;

	(void)state;
	do {
		struct builder b;
		size_t before = memory_blocks();

		memory_fails_at(k++);
		begun = builder_init(&b, name_root, &key, &builder_limits_default);
		memory_recovers();
		assert_int_equal(builder_failed(&b), !begun);
		assert_true(begun || memory_blocks() == before);
		builder_free(&b); /* whoever does it all the same does no harm */
		assert_int_equal(memory_blocks(), before);
	} while (!begun);
	assert_true(k > 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_that_could_not_begin_holds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
