/*
 * What is asked and answered, whatever octets come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/properties.h"
#include "support/variations.h"

static void every_reply_fits_and_can_be_read(void **state)
{
	(void)state;
	vary_corpus("respond", property_respond, 20);
}

static void replies_say_what_the_zone_holds_and_nothing_else(void **state)
{
	(void)state;
	vary_corpus("roundtrip", property_roundtrip, 25);
}

static void what_an_upstream_says_leads_nobody_to_private_addresses(void **state)
{
	(void)state;
	vary_corpus("response", property_response, 60);
}

static void a_response_is_taken_when_all_of_it_matches(void **state)
{
	(void)state;
	vary_corpus("forward", property_forward, 25);
}

static void cookies_of_ours_are_known_and_no_others(void **state)
{
	(void)state;
	vary_corpus("edns_cookie", property_edns_cookie, 800);
}

static void the_cache_does_what_its_model_does(void **state)
{
	(void)state;
	vary_corpus("cache_ops", property_cache_ops, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reply_fits_and_can_be_read),
		cmocka_unit_test(replies_say_what_the_zone_holds_and_nothing_else),
		cmocka_unit_test(what_an_upstream_says_leads_nobody_to_private_addresses),
		cmocka_unit_test(a_response_is_taken_when_all_of_it_matches),
		cmocka_unit_test(cookies_of_ours_are_known_and_no_others),
		cmocka_unit_test(the_cache_does_what_its_model_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
