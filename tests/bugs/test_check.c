/*
 * test_check.c -- what a zone once had too much of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/zone_text.h"

/* A zone with signatures of so many types at one name (RFC 3597 §5: their RDATA as it is). */
static struct zone_text *with_signatures(unsigned count)
{
	char *body = malloc(count * 80ul + 1), *to = body;

	for (unsigned type = 0; type < count; type++)
		to += sprintf(to, "a 5 RRSIG \\# 20 %04x0800000000010000000200000003000400ff\n",
			      type);
	struct zone_text *t = zone_text_body(body);
	free(body);
	return t;
}

/*
 * Each type that is signed has an RRset of signatures (RFC 4034 §3), and a name counts its
 * RRsets in 16 bits.  With 65,536 it had none, and what followed was read as another name.
 */
static void a_name_has_no_more_rrsets_than_can_be_counted(void **state)
{
	struct zone_text *t = with_signatures(65535);

	(void)state;
	expect_text("as many as there are numbers", text_str(&t->found), "");
	assert_int_equal(t->z.header->record_count, 65535 + 1);
	zone_text_free(t);
	t = with_signatures(65536);
	expect_text("one more", text_str(&t->found),
		    "zone:65537:1: error: more than 65535 kinds of records at 'a.example.'\n");
	assert_null(t->octets);
	zone_text_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_has_no_more_rrsets_than_can_be_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
