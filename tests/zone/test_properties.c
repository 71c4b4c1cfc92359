/*
 * Zone files, files of names, and mending them, and images: whatever the text is.
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

static void each_name_of_a_good_zone_is_found_whatever_files_it_includes(void **state)
{
	(void)state;
	TRY("@ 60 SOA ns h 1 2 3 4 5\n NS ns\nns 60 A 192.0.2.1\n$INCLUDE 1 sub\n\34a 60 TXT x\n",
	    property_zonefile, 300);
	vary_corpus("zonefile", property_zonefile, 12);
}

static void names_come_with_addresses_and_within_their_domain(void **state)
{
	(void)state;
	TRY("h10.0.0.3 nas files\n::1 localhost\n", property_names, 500);
	TRY("l1767225601 02:00:00:00:00:05 10.0.0.5 laptop *\n", property_names, 500);
	TRY("p# phone\n[Peer]\nAllowedIPs = 10.8.0.2/32\n", property_names, 500);
	vary_corpus("hosts_leases_peers", property_names, 60);
}

static void mending_makes_zones_of_zones_and_changes_nothing_else(void **state)
{
	(void)state;
	TRY("@ 60 SOA ns h 1 2 3 4 5\n NS ns\nns 60 A 192.0.2.1\na 60 CNAME ns.ex.org\n",
	    property_fix, 300);
	vary_corpus("fix", property_fix, 12);
}

static void a_damaged_image_is_refused_or_harmless(void **state)
{
	(void)state;
	vary_corpus("image", property_image, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_of_a_good_zone_is_found_whatever_files_it_includes),
		cmocka_unit_test(names_come_with_addresses_and_within_their_domain),
		cmocka_unit_test(mending_makes_zones_of_zones_and_changes_nothing_else),
		cmocka_unit_test(a_damaged_image_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
