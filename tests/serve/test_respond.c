/*
 * One request in, one outcome out: OPT, sizes, reasons, options, and what
 * becomes of queries with octets that were changed or cut off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/world.h"

#define X63     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X53     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LONGEST X63 "." X63 "." X63 "." X53 ".example." /* 255 octets */

static struct world w;

static int open_world(void **state)
{
	static char text[20000];
	char *p = text;

	(void)state;
	p += sprintf(p, "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.1\nsub NS ns.sub\n"
			"ns.sub A 192.0.2.2\na CNAME ns\nd DNAME example.\n*.w TXT w\n");
	for (int i = 0; i < 60; i++)
		p += sprintf(p, "big TXT \"%0100d\"\n", i);
	world_init(&w);
	world_zone(&w, "example.", text);
	w.responder.style = STYLE_MINIMAL;
	return 0;
}

static int close_world(void **state)
{
	(void)state;
	world_free(&w);
	return 0;
}

#define NS_A "an ns.example. 60 A 192.0.2.1\n"

static void opt_nsid_cookies_and_reasons(void **state)
{
	static const struct {
		const char *name, *question, *expect;
	} cases[] = {
		{ "no OPT without OPT (RFC 6891 section 7)", "ns.example. A", "NOERROR aa\n" NS_A },
		{ "OPT for OPT", "ns.example. A edns", "NOERROR aa\n" NS_A "opt 1232\n" },
		{ "our size is ours, whatever theirs is (RFC 6891 section 6.2.3)",
		  "ns.example. A edns=4096", "NOERROR aa\n" NS_A "opt 1232\n" },
		{ "DO is copied (RFC 3225 section 3)", "ns.example. A edns do",
		  "NOERROR aa\n" NS_A "opt 1232 do\n" },
		{ "by TCP too", "ns.example. A edns do tcp", "NOERROR aa\n" NS_A "opt 1232 do\n" },
		{ "BADVERS has no question and no answer (RFC 6891 section 6.1.3)",
		  "ns.example. A version=1", "BADVERS\nopt 1232\n" },
		{ "BADVERS before REFUSED", "www.elsewhere. A version=3", "BADVERS\nopt 1232\n" },
		{ "a reason for REFUSED (RFC 8914 section 4.21)", "www.elsewhere. A edns",
		  "REFUSED\nopt 1232 ede=20:\"no zone here has this name, and no upstream "
		  "server is known\"\n" },
		{ "none without OPT", "www.elsewhere. A", "REFUSED\n" },
		{ "a reason for other classes (RFC 8914 section 4.22)", "ns.example. A HS edns",
		  "REFUSED\nopt 1232 ede=21:\"zones are in class IN\"\n" },
		{ "a reason for transfers (RFC 8914 section 4.19)", "example. AXFR tcp edns",
		  "REFUSED\nopt 1232 ede=18:\"no zone transfers\"\n" },
		{ "a reason for UPDATE", "example. SOA opcode=5 edns",
		  "REFUSED\nopt 1232 ede=18\n" },
		{ "no reason for an answer", "no.example. A edns",
		  "NXDOMAIN aa\nns example. 60 SOA ns.example. h.example. 1 2 3 4 60\nopt 1232\n" },
		{ "a client subnet is not sent back (RFC 7871 section 7.2.1)",
		  "ns.example. A option=8:00011800c00002", "NOERROR aa\n" NS_A "opt 1232\n" },
		{ "keepalive is not sent back (RFC 7828 section 3.2.2)",
		  "ns.example. A tcp option=11:", "NOERROR aa\n" NS_A "opt 1232\n" },
		{ "a client cookie gets a server cookie (RFC 7873 section 5.2.3)",
		  "ns.example. A cookie=2464c4abcf10c957",
		  "NOERROR aa\n" NS_A
		  "opt 1232 cookie=2464c4abcf10c957010000005cf79f117674e3b6243a4b47\n" },
		{ "so does an old or strange server cookie (RFC 7873 section 5.2.4)",
		  "ns.example. A cookie=2464c4abcf10c9570102030405060708",
		  "NOERROR aa\n" NS_A
		  "opt 1232 cookie=2464c4abcf10c957010000005cf79f117674e3b6243a4b47\n" },
		{ "a cookie with an error too", "x. A cookie=2464c4abcf10c957",
		  "REFUSED\nopt 1232 cookie=2464c4abcf10c957010000005cf79f117674e3b6243a4b47"
		  " ede=20:\"no zone here has this name, and no upstream server is known\"\n" },
		{ "NSID, when there is a name", "ns.example. A nsid",
		  "NOERROR aa\n" NS_A "opt 1232 nsid=\"here\"\n" },
	};

	(void)state;
	w.responder.identity.server = "here";
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *got = world_ask(&w, cases[i].question);
		if (strcmp(got, cases[i].expect) != 0)
			fail_msg("%s\nexpected %s\ngot      %s", cases[i].name, cases[i].expect,
				 got);
	}
	w.responder.identity.server = NULL;
}

/* RFC 6891 section 6.2.5, and rows 34 and 35 of the list of bad queries. */
static void a_reply_by_udp_is_as_large_as_the_client_and_we_allow(void **state)
{
	static const struct {
		const char *name, *question;
		size_t limit;
	} cases[] = {
		{ "no OPT: 512 (RFC 1035 section 4.2.1)", "big.example. TXT", 512 },
		{ "size 0 is 512", "big.example. TXT edns=0", 512 },
		{ "size 1 is 512", "big.example. TXT edns=1", 512 },
		{ "size 511 is 512", "big.example. TXT edns=511", 512 },
		{ "size 512", "big.example. TXT edns=512", 512 },
		{ "size 1000", "big.example. TXT edns=1000", 1000 },
		{ "size 1232", "big.example. TXT edns=1232", 1232 },
		{ "size 1233 is 1232", "big.example. TXT edns=1233", 1232 },
		{ "size 65535 is 1232", "big.example. TXT edns=65535", 1232 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *got = world_ask(&w, cases[i].question);
		if (strncmp(got, "NOERROR aa tc\n", 14) != 0 || w.what.size > cases[i].limit)
			fail_msg("%s: %zu octets\n%s", cases[i].name, w.what.size, got);
	}
	world_ask(&w, "big.example. TXT tcp edns=512");
	assert_false(w.what.truncated);
	assert_int_equal(w.reply->record_count, 60);
	assert_true(w.what.size > 6000);
}

/* The exact boundary, between the smallest size that holds the answer and one less. */
static void the_limit_is_met_to_the_octet(void **state)
{
	struct world small;
	char text[1000];

	(void)state;
	for (unsigned n = 1; n <= 255; n++) {
		/* 12 header, 15 question, 12 before RDATA, 202 and n + 1 RDATA. */
		sprintf(text, "$TTL 60\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nx TXT %0201d %0*u\n", 0,
			(int)n, 0);
		world_init(&small);
		small.responder.style = STYLE_MINIMAL;
		world_zone(&small, "example.", text);
		world_ask(&small, "x.example. TXT");
		size_t need = 12 + 15 + 12 + 202 + n + 1;
		assert_int_equal(small.what.truncated, need > 512);
		assert_int_equal(small.what.size, need > 512 ? 27 : need);
		world_free(&small);
	}
}

/* The caller's room is a limit as well, by UDP and by TCP. */
static void a_reply_stays_within_the_room_it_is_given(void **state)
{
	uint8_t query[WORLD_QUERY];
	enum via via;
	size_t n = world_query("big.example. TXT edns=1232", query, &via);

	(void)state;
	for (size_t room = 512; room <= 1232; room += 90) {
		for (via = VIA_UDP; via <= VIA_TCP; via++) {
			uint8_t *out = malloc(room);
			struct response what;
			struct request req = {
				.octets = query, .size = n, .via = via, .peer = { query, 4 }
			};
			assert_int_equal(respond(&w.responder, &req, out, room, &what),
					 OUTCOME_REPLY);
			assert_true(what.size <= room && what.truncated);
			assert_null(print_reply(out, what.size)->problem);
			free(out);
		}
	}
}

static void while_zones_are_loading_nothing_is_refused(void **state)
{
	(void)state;
	w.responder.loading = true;
	assert_string_equal(world_ask(&w, "www.elsewhere. A"), "SERVFAIL\n");
	assert_string_equal(world_ask(&w, "www.elsewhere. A edns"),
			    "SERVFAIL\nopt 1232 ede=14:\"zones are being loaded\"\n");
	assert_string_equal(world_ask(&w, "ns.example. A"), "NOERROR aa\n" NS_A);
	assert_string_equal(world_ask(&w, "x. A opcode=1"), "NOTIMP\n");
	w.responder.loading = false;
	assert_string_equal(world_ask(&w, "www.elsewhere. A"), "REFUSED\n");
}

static void no_zones_at_all_are_an_answer(void **state)
{
	struct world empty;

	(void)state;
	world_init(&empty);
	assert_string_equal(world_ask(&empty, "www.example. A"), "REFUSED\n");
	assert_string_equal(world_ask(&empty, ". NS rd"), "REFUSED rd\n");
	assert_int_equal(empty.what.size, empty.query_size); /* row 16: never larger */
	world_free(&empty);
}

/* The longest of everything that can be in a reply without an answer, in 512 octets. */
static void the_longest_question_leaves_room_for_opt(void **state)
{
	static char name[256];

	(void)state;
	memset(name, 'n', 255);
	w.responder.identity.server = name;
	for (int size = 512; size <= 1232; size += 8) {
		static const char *const ends[] = { "A", "TYPE65280 HS", "A CH", "A opcode=4" };
		for (int i = 0; i < 4; i++) {
			char question[600];
			snprintf(question, sizeof question,
				 LONGEST " %s edns=%d nsid cookie=2464c4abcf10c957", ends[i], size);
			world_ask(&w, question);
			assert_true(w.reply->opt);
			assert_non_null(strstr(w.reply->text, "cookie="));
			if (size >= 760)
				assert_non_null(strstr(w.reply->text, "nsid="));
		}
	}
	w.responder.identity.server = NULL;
}

/* Appends a TSIG to a query: key and algorithm as given, no MAC. */
static size_t add_tsig(uint8_t *query, size_t n, const char *key, const char *algorithm)
{
	uint8_t octets[256];
	size_t size = print_name_octets(key, query + n);

	n += size;
	memcpy(query + n, "\0\372\0\377\0\0\0\0", 8);
	size = print_name_octets(algorithm, octets);
	query[n + 8] = (uint8_t)((size + 16) >> 8);
	query[n + 9] = (uint8_t)(size + 16);
	memcpy(query + n + 10, octets, size);
	n += 10 + size;
	memcpy(query + n, "\0\0\0\0\0\1\1\54\0\0\x12\x34\0\0\0\0", 16);
	query[11]++;
	return n + 16;
}

static void a_tsig_of_long_names_fits_or_is_left_out_with_tc(void **state)
{
	uint8_t query[WORLD_QUERY];
	enum via via;

	(void)state;
	size_t n = world_query(LONGEST " A cookie=2464c4abcf10c957", query, &via);
	n = add_tsig(query, n, X63 "." X63 "." X63 ".key.", X63 "." X63 "." X63 ".alg.");
	const char *got = world_send(&w, query, n, VIA_TCP);
	assert_true(strncmp(got, "NOTAUTH\n", 8) == 0);
	assert_true(w.reply->tsig);
	query[12 + 255 + 4 + 3] = 512 >> 8; /* the size in OPT */
	query[12 + 255 + 4 + 4] = 0;
	got = world_send(&w, query, n, VIA_UDP);
	assert_true(strncmp(got, "NOTAUTH tc\n", 11) == 0);
	assert_false(w.reply->tsig);
	n = world_query("x.example. A", query, &via);
	n = add_tsig(query, n, X63 "." X63 "." X63 ".key.", X63 "." X63 "." X63 ".alg.");
	world_send(&w, query, n, VIA_UDP);
	assert_true(w.reply->tsig);
}

/* ------ any octets ------ */

static const char *const seeds[] = {
	"ns.example. A",
	"a.example. A edns=1232 do",
	"x.d.example. TXT cookie=2464c4abcf10c957 nsid",
	"x.sub.example. A rd option=8:00011800c00002",
	"q.w.example. TXT edns=512",
	"version.bind. TXT CH",
	"example. SOA opcode=4",
	". NS",
	"no.where.example. TYPE65280 edns",
	"big.example. ANY edns=65535",
};

/* Queries to change: with TSIG and with a compressed record too. */
static size_t seed(size_t i, uint8_t *query)
{
	enum via via;
	size_t n = world_query(seeds[i / 2], query, &via);

	return i % 2 ? add_tsig(query, n, "key.", "hmac-sha256.") : n;
}

static unsigned sent, replied;

static void send_changed(const uint8_t *query, size_t n)
{
	for (enum via via = VIA_UDP; via <= VIA_TCP; via++) {
		sent++;
		replied += strcmp(world_send(&w, query, n, via), "DROP") != 0;
	}
}

/* world_send() holds every reply to what is true of all replies. */
static void a_query_with_any_octet_changed_gets_a_proper_reply_or_none(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x3f, 0x40, 0xc0, 0xff };
	uint8_t query[WORLD_QUERY];

	(void)state;
	for (size_t i = 0; i < 2 * sizeof seeds / sizeof seeds[0]; i++) {
		size_t n = seed(i, query);
		for (size_t at = 0; at < n; at++) {
			uint8_t before = query[at];
			for (size_t v = 0; v < sizeof values; v++) {
				query[at] = values[v];
				send_changed(query, n);
			}
			query[at] = before;
		}
	}
	assert_true(replied > sent / 2);
	print_message("%u queries, %u replies\n", sent, replied);
}

static void every_prefix_of_a_query_gets_a_proper_reply_or_none(void **state)
{
	uint8_t query[WORLD_QUERY];

	(void)state;
	for (size_t i = 0; i < 2 * sizeof seeds / sizeof seeds[0]; i++) {
		size_t whole = seed(i, query);
		for (size_t n = 0; n < whole; n++) {
			const char *got = world_send(&w, query, n, VIA_UDP);
			if (n < 12)
				assert_string_equal(got, "DROP");
			else
				assert_true(strncmp(got, "FORMERR", 7) == 0);
		}
	}
}

/* Two octets at once, wherever chance takes them; always the same ones. */
static void queries_with_several_octets_changed(void **state)
{
	uint8_t query[WORLD_QUERY];
	uint32_t random = 35;

	(void)state;
	for (unsigned turn = 0; turn < 20000; turn++) {
		size_t n = seed(turn % (2 * sizeof seeds / sizeof seeds[0]), query);
		for (unsigned i = 0; i < 2 + turn % 3; i++) {
			random = random * 1664525 + 1013904223;
			query[2 + (random >> 16) % (n - 2)] = (uint8_t)(random >> 8);
		}
		send_changed(query, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opt_nsid_cookies_and_reasons),
		cmocka_unit_test(a_reply_by_udp_is_as_large_as_the_client_and_we_allow),
		cmocka_unit_test(the_limit_is_met_to_the_octet),
		cmocka_unit_test(a_reply_stays_within_the_room_it_is_given),
		cmocka_unit_test(while_zones_are_loading_nothing_is_refused),
		cmocka_unit_test(no_zones_at_all_are_an_answer),
		cmocka_unit_test(the_longest_question_leaves_room_for_opt),
		cmocka_unit_test(a_tsig_of_long_names_fits_or_is_left_out_with_tc),
		cmocka_unit_test(a_query_with_any_octet_changed_gets_a_proper_reply_or_none),
		cmocka_unit_test(every_prefix_of_a_query_gets_a_proper_reply_or_none),
		cmocka_unit_test(queries_with_several_octets_changed),
	};

	return cmocka_run_group_tests(tests, open_world, close_world);
}
