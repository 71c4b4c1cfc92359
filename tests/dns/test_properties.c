/*
 * Names, RDATA and messages: what is read can be written and read again, whatever it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <unistd.h>

#include "dns/rrtype.h"
#include "support/properties.h"
#include "support/variations.h"

/* Inputs whose meaning is plain, and what lies around them. */
#define TRY(octets, property, variations) \
	vary_input(octets, sizeof octets - 1, property, variations)

static void a_name_is_the_same_after_text_and_wire(void **state)
{
	(void)state;
	TRY("\0\3www\7example\3com\0", property_name, 500);
	TRY("\\000\\255\\.a.\\@.*", property_name, 500);
	vary_corpus("name", property_name, 500);
}

static void a_message_is_the_same_after_it_was_written_again(void **state)
{
	(void)state;
	TRY("\0\1\200\0\0\1\0\1\0\0\0\0\1a\0\0\1\0\1\300\14\0\1\0\1\0\0\0\74\0\4\1\2\3\4",
	    property_message, 500);
	vary_corpus("message", property_message, 300);
}

static void rdata_of_every_type_is_the_same_after_text_and_wire(void **state)
{
	(void)state;
	TRY("\0\17\0\12\4mail\0", property_rdata, 500);
	TRY("\0\1"
	    "192.0.2.1",
	    property_rdata, 500);
	vary_corpus("rdata", property_rdata, 20);
}

static void every_type_that_a_zone_may_hold_has_an_input(void **state)
{
	(void)state;
	for (unsigned code = 1; code < 65536; code++) {
		const struct rrtype *type = rrtype_find((uint16_t)code);
		char path[4096], name[RRTYPE_TEXT + 1] = "";

		if (!type->text[0] || type->flags & RRTYPE_META)
			continue;
		for (size_t i = 0; i < RRTYPE_TEXT && type->text[i]; i++)
			name[i] = (char)tolower((unsigned char)type->text[i]);
		snprintf(path, sizeof path, TEN35_SOURCE "/fuzz/corpus/rdata/%s-wire", name);
		if (access(path, R_OK) != 0)
			fail_msg("%s is not there", path);
	}
}

static void two_decoders_that_know_nothing_of_each_other_agree(void **state)
{
	(void)state;
	vary_corpus("differential", property_differential, 150);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_the_same_after_text_and_wire),
		cmocka_unit_test(a_message_is_the_same_after_it_was_written_again),
		cmocka_unit_test(rdata_of_every_type_is_the_same_after_text_and_wire),
		cmocka_unit_test(every_type_that_a_zone_may_hold_has_an_input),
		cmocka_unit_test(two_decoders_that_know_nothing_of_each_other_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
