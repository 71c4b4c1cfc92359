/*
 * Questions about the server itself: class CHAOS (RFC 4892), and row 21 of
 * the list of bad queries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "serve/identity.h"
#include "support/world.h"

static struct world w;

static int open_world(void **state)
{
	(void)state;
	world_init(&w);
	world_zone(&w, "example.", "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.1\n");
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_free(&w);
	return 0;
}

static void the_server_tells_what_it_was_told_to_tell(void **state)
{
	static const struct {
		const char *name, *version, *server, *question, *expect;
	} cases[] = {
		{ "nothing is told by default", NULL, NULL, "version.bind. TXT CH", "REFUSED\n" },
		{ "nor who we are", NULL, NULL, "id.server. TXT CH", "REFUSED\n" },
		{ "version.bind.", "ten35 1", NULL, "version.bind. TXT CH",
		  "NOERROR aa\nan version.bind. 0 CH TXT \"ten35 1\"\n" },
		{ "version.server.", "ten35 1", NULL, "version.server. TXT CH",
		  "NOERROR aa\nan version.server. 0 CH TXT \"ten35 1\"\n" },
		{ "id.server.", NULL, "router", "id.server. TXT CH",
		  "NOERROR aa\nan id.server. 0 CH TXT \"router\"\n" },
		{ "hostname.bind.", NULL, "router", "hostname.bind. TXT CH",
		  "NOERROR aa\nan hostname.bind. 0 CH TXT \"router\"\n" },
		{ "the version is not the name", "ten35 1", NULL, "id.server. TXT CH",
		  "REFUSED\n" },
		{ "the name is not the version", NULL, "router", "version.bind. TXT CH",
		  "REFUSED\n" },
		{ "in any case of letters, as asked", "v", NULL, "VeRsIoN.bInD. TXT CH",
		  "NOERROR aa\nan VeRsIoN.bInD. 0 CH TXT \"v\"\n" },
		{ "ANY is TXT", "v", NULL, "version.bind. ANY CH",
		  "NOERROR aa\nan version.bind. 0 CH TXT \"v\"\n" },
		{ "no other type", "v", "r", "version.bind. A CH", "REFUSED\n" },
		{ "no other name", "v", "r", "authors.bind. TXT CH", "REFUSED\n" },
		{ "no name above", "v", "r", "bind. TXT CH", "REFUSED\n" },
		{ "no name below", "v", "r", "x.version.bind. TXT CH", "REFUSED\n" },
		{ "not in class IN", "v", "r", "version.bind. TXT", "REFUSED\n" },
		{ "zones are not in class CH", "v", "r", "ns.example. A CH", "REFUSED\n" },
		{ "with EDNS, a reason", NULL, NULL, "version.bind. TXT CH edns",
		  "REFUSED\nopt 1232 ede=18\n" },
		{ "NSID is the same name (RFC 5001)", NULL, "router", "ns.example. A nsid",
		  "NOERROR aa\nan ns.example. 60 A 192.0.2.1\nopt 1232 nsid=\"router\"\n" },
		{ "no NSID where no name is told", "v", NULL, "ns.example. A nsid",
		  "NOERROR aa\nan ns.example. 60 A 192.0.2.1\nopt 1232\n" },
		{ "no NSID unless asked", "v", "router", "ns.example. A edns",
		  "NOERROR aa\nan ns.example. 60 A 192.0.2.1\nopt 1232\n" },
	};

	(void)state;
	w.responder.style = STYLE_MINIMAL;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		w.responder.identity = (struct identity){ cases[i].version, cases[i].server };
		const char *got = world_ask(&w, cases[i].question);
		if (strcmp(got, cases[i].expect) != 0)
			fail_msg("%s\nexpected %s\ngot      %s", cases[i].name, cases[i].expect,
				 got);
	}
}

static char long_text[400];

/* RFC 1035 section 3.3: a character-string has at most 255 octets. */
static void a_text_is_cut_to_255_octets(void **state)
{
	char expect[400];

	(void)state;
	memset(long_text, 'x', 300);
	long_text[300] = '\0';
	w.responder.identity = (struct identity){ .version = long_text };
	snprintf(expect, sizeof expect, "NOERROR aa\nan version.bind. 0 CH TXT \"%.255s\"\n",
		 long_text);
	assert_string_equal(world_ask(&w, "version.bind. TXT CH"), expect);
}

/* A text and an NSID of 255 octets each are too much for 512: TC, and TCP has both. */
static void a_text_that_does_not_fit_is_tc(void **state)
{
	(void)state;
	memset(long_text, 'y', 255);
	long_text[255] = '\0';
	w.responder.identity = (struct identity){ long_text, long_text };
	const char *got = world_ask(&w, "version.bind. TXT CH edns=512 nsid");
	assert_true(strncmp(got, "NOERROR aa tc\nopt 1232 nsid=", 28) == 0);
	got = world_ask(&w, "version.bind. TXT CH edns=512 nsid tcp");
	assert_true(strncmp(got, "NOERROR aa\nan version.bind. 0 CH TXT", 36) == 0);
}

/* The function alone: it says by its result whether there is such a record. */
static void put_identity_writes_one_answer_or_nothing(void **state)
{
	static const uint8_t name[] = "\2id\6server";
	uint8_t octets[512];
	struct message m;
	struct identity id = { .server = "me" };
	struct question q = { { name, sizeof name }, 16, 3 };

	(void)state;
	message_init(&m, octets, sizeof octets);
	put_question(&m, &q);
	size_t before = message_size(&m);
	assert_true(put_identity(&m, &id, &q));
	assert_int_equal(m.count[SECTION_ANSWER], 1);
	assert_int_equal(message_size(&m) - before, 2 + 10 + 3);
	q.type = 1;
	before = message_size(&m);
	assert_false(put_identity(&m, &id, &q));
	assert_int_equal(message_size(&m), before);
	assert_int_equal(m.count[SECTION_ANSWER], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_server_tells_what_it_was_told_to_tell),
		cmocka_unit_test(a_text_is_cut_to_255_octets),
		cmocka_unit_test(a_text_that_does_not_fit_is_tc),
		cmocka_unit_test(put_identity_writes_one_answer_or_nothing),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
