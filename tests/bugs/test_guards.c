/*
 * test_guards.c -- faults that other DNS servers had, where nothing else here
 * would notice that what keeps us from them is gone (tests/guards).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "dns/name.h"
#include "support/guard.h"
#include "support/world.h"

/*
 * NAME:WRECK (RFC 9267 §2), A1-1.  With its second octet missing a pointer would
 * lead to the round offset below: to a name that is there.
 */
static void half_a_pointer_is_no_name_wherever_it_would_lead(void **state)
{
	enum { TARGET = 0x100 };
	uint8_t octets[TARGET + 4] = { 0 };
	struct name_buf out;

	(void)state;
	octets[TARGET] = 1;
	octets[TARGET + 1] = 'a';
	octets[TARGET + 3] = 0xc0 | TARGET >> 8;
	const uint8_t *copy = guard_copy(octets, sizeof octets);
	struct reader r = reader_init(copy, sizeof octets);
	reader_take(&r, TARGET + 3);
	assert_false(get_name(&r, &out));
	assert_true(r.bad);
	guard_release();
}

/*
 * Unbound CVE-2026-42944, A1-4.  Who writes the answer first and counts OPT later
 * finds no room for it, or writes it beyond the end.
 */
static void however_full_a_reply_is_opt_is_in_it(void **state)
{
	char text[1000];
	struct world w;

	(void)state;
	for (int n = 200; n <= 255; n++) {
		/* 12 header, 15 question, 12 before RDATA, 202 and n + 1 RDATA, 11 OPT. */
		sprintf(text, "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nx TXT %0201d %0*d\n", 0, n,
			0);
		world_init(&w);
		w.responder.style = STYLE_MINIMAL;
		world_zone(&w, "example.", text);
		assert_non_null(strstr(world_ask(&w, "x.example. TXT edns=512"), "opt 1232"));
		assert_int_equal(w.what.truncated, 12 + 15 + 12 + 202 + n + 1 + 11 + 6 > 512);
		world_free(&w);
	}
}

/* The same: a long question, a long NSID and a cookie leave nothing of 512 octets. */
static void no_answer_is_written_where_opt_leaves_no_room(void **state)
{
	static char server[241];
	char question[400], text[400];
	struct world w;

	(void)state;
	memset(server, 's', sizeof server - 1);
	sprintf(question, "%063d.%063d.%063d.%053d.example. TXT edns=512 nsid", 0, 0, 0, 0);
	world_init(&w);
	sprintf(text, "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\n* TXT %0250d\n", 0);
	world_zone(&w, "example.", text);
	w.responder.identity.server = server;
	const char *reply = world_ask(&w, question);
	assert_true(w.what.size <= 512);
	assert_non_null(strstr(reply, "opt 1232"));
	assert_true(w.what.truncated);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_a_pointer_is_no_name_wherever_it_would_lead),
		cmocka_unit_test(no_answer_is_written_where_opt_leaves_no_room),
		cmocka_unit_test(however_full_a_reply_is_opt_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
