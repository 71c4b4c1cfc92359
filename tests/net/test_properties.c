/*
 * TCP: whatever peers do, and in whatever order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/properties.h"
#include "support/variations.h"

static void messages_come_whole_and_no_seat_is_lost(void **state)
{
	(void)state;
	vary_corpus("tcp_stream", property_tcp_stream, 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_whole_and_no_seat_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
