/*
 * Configurations: whatever the text is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/properties.h"
#include "support/variations.h"

/* Inputs whose meaning is plain, and what lies around them. */
#define TRY(octets, property, variations) \
	vary_input(octets, sizeof octets - 1, property, variations)

static void what_is_accepted_is_within_its_limits(void **state)
{
	(void)state;
	TRY("zone a b\nlisten 192.0.2.1\n\34-p\n5300\na=b", property_config, 200);
	vary_corpus("config", property_config, 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_accepted_is_within_its_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
