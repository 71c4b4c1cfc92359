/*
 * OPT: read from queries, written into replies (RFC 6891).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/edns.h"
#include "support/guard.h"

#define HEADER "000000000000000000000000"

/* An OPT record whose octets end at the guard page. */
static bool parse(const char *hex, struct edns *out)
{
	size_t n;
	struct reader r = reader_init(guard_hex(hex, &n), 0);
	struct record rr;

	r = reader_init(r.base, n);
	assert_true(get_record(&r, &rr));
	return edns_parse(&rr, out);
}

#define C8 "0102030405060708"

static void opt_is_read(void **state)
{
	static const struct {
		const char *name, *hex;
		bool good, present;
		struct edns is;
		size_t cookie_size;
	} cases[] = {
		{ "the least (section 6.1.2)",
		  "00 0029 04d0 00000000 0000",
		  true,
		  true,
		  { .udp_size = 1232 },
		  0 },
		{ "the size as it was sent",
		  "00 0029 0000 00000000 0000",
		  true,
		  true,
		  { .udp_size = 0 },
		  0 },
		{ "DO (RFC 3225)",
		  "00 0029 ffff 00008000 0000",
		  true,
		  true,
		  { .udp_size = 65535, .dnssec_ok = true },
		  0 },
		{ "the version",
		  "00 0029 0200 00050000 0000",
		  true,
		  true,
		  { .udp_size = 512, .version = 5 },
		  0 },
		{ "the upper RCODE is not the version",
		  "00 0029 0200 ff000000 0000",
		  true,
		  true,
		  { .udp_size = 512 },
		  0 },
		{ "other flags are not DO (section 6.1.4)",
		  "00 0029 0200 00007fff 0000",
		  true,
		  true,
		  { .udp_size = 512 },
		  0 },
		{ "NSID (RFC 5001)",
		  "00 0029 0200 00000000 0004 0003 0000",
		  true,
		  true,
		  { .udp_size = 512, .nsid = true },
		  0 },
		{ "NSID with octets is NSID",
		  "00 0029 0200 00000000 0006 0003 0002 aabb",
		  true,
		  true,
		  { .udp_size = 512, .nsid = true },
		  0 },
		{ "a client cookie (RFC 7873 section 4)",
		  "00 0029 0200 00000000 000c 000a 0008" C8,
		  true,
		  true,
		  { .udp_size = 512 },
		  8 },
		{ "with 8 octets from a server",
		  "00 0029 0200 00000000 0014 000a 0010" C8 C8,
		  true,
		  true,
		  { .udp_size = 512 },
		  16 },
		{ "with 32",
		  "00 0029 0200 00000000 002c 000a 0028" C8 C8 C8 C8 C8,
		  true,
		  true,
		  { .udp_size = 512 },
		  40 },
		{ "a cookie of 7 octets, OPT itself being well-formed",
		  "00 0029 0200 00000000 000b 000a 0007 01020304050607",
		  false,
		  true,
		  { .udp_size = 512 },
		  0 },
		{ "of none",
		  "00 0029 0200 00000000 0004 000a 0000",
		  false,
		  true,
		  { .udp_size = 512 },
		  0 },
		{ "of 9",
		  "00 0029 0200 00000000 000d 000a 0009" C8 "09",
		  false,
		  true,
		  { .udp_size = 512 },
		  0 },
		{ "of 15",
		  "00 0029 0200 00000000 0013 000a 000f" C8 "01020304050607",
		  false,
		  true,
		  { .udp_size = 512 },
		  0 },
		{ "of 41",
		  "00 0029 0200 00000000 002d 000a 0029" C8 C8 C8 C8 C8 "09",
		  false,
		  true,
		  { .udp_size = 512 },
		  0 },
		{ "the first cookie counts (RFC 7873 section 5.2)",
		  "00 0029 0200 00000000 0020 000a 0008" C8 "000a 0010" C8 C8,
		  true,
		  true,
		  { .udp_size = 512 },
		  8 },
		{ "whatever the second looks like",
		  "00 0029 0200 00000000 0011 000a 0008" C8 "000a 0001 00",
		  true,
		  true,
		  { .udp_size = 512 },
		  8 },
		{ "unknown options are passed over (section 6.1.2)",
		  "00 0029 0200 00000000 000e fffe 0002 aabb 0003 0000 0008 0000",
		  true,
		  true,
		  { .udp_size = 512, .nsid = true },
		  0 },
		{ "an owner below the root",
		  "0161 00 0029 0200 00000000 0000",
		  false,
		  false,
		  { 0 },
		  0 },
		{ "an option beyond the end",
		  "00 0029 0200 00000000 0004 0003 0001",
		  false,
		  false,
		  { 0 },
		  0 },
		{ "half an option's head",
		  "00 0029 0200 00000000 0003 0003 00",
		  false,
		  false,
		  { 0 },
		  0 },
		{ "one octet of an option",
		  "00 0029 0200 00000000 0001 00",
		  false,
		  false,
		  { 0 },
		  0 },
		{ "one octet behind an option",
		  "00 0029 0200 00000000 0005 0003 0000 00",
		  false,
		  false,
		  { 0 },
		  0 },
		{ "a length of 65535",
		  "00 0029 0200 00000000 0004 0003 ffff",
		  false,
		  false,
		  { 0 },
		  0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct edns e;

		if (parse(cases[i].hex, &e) != cases[i].good || e.present != cases[i].present)
			fail_msg("%s", cases[i].name);
		if (cases[i].good &&
		    (e.udp_size != cases[i].is.udp_size || e.version != cases[i].is.version ||
		     e.dnssec_ok != cases[i].is.dnssec_ok || e.nsid != cases[i].is.nsid ||
		     e.cookie.size != cases[i].cookie_size))
			fail_msg("%s: read wrong", cases[i].name);
		if (cases[i].cookie_size && memcmp(e.cookie.octets, "\1\2\3\4\5\6\7\10", 8) != 0)
			fail_msg("%s: another cookie", cases[i].name);
		guard_release();
	}
}

static void options_are_counted(void **state)
{
	(void)state;
	for (unsigned count = EDNS_MAX_OPTIONS - 1; count <= EDNS_MAX_OPTIONS + 1; count++) {
		uint8_t octets[11 + 4 * 70] = { 0, 0, 41, 4, 0xd0 };
		struct edns e;
		struct record rr;

		octets[9] = (uint8_t)(count * 4 >> 8);
		octets[10] = (uint8_t)(count * 4);
		struct reader r = reader_init(guard_copy(octets, 11 + 4 * count), 11 + 4 * count);
		assert_true(get_record(&r, &rr));
		assert_int_equal(edns_parse(&rr, &e), count <= 64);
	}
	guard_release();
}

/* Section 6.2.3 and 6.2.5. */
static void the_limit_is_the_clients_within_ours(void **state)
{
	static const struct {
		bool present;
		uint16_t size;
		size_t limit;
	} cases[] = { { false, 0, 512 },    { false, 4096, 512 }, { true, 0, 512 },
		      { true, 511, 512 },   { true, 512, 512 },   { true, 513, 513 },
		      { true, 1231, 1231 }, { true, 1232, 1232 }, { true, 1233, 1232 },
		      { true, 65535, 1232 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct edns e = { .present = cases[i].present, .udp_size = cases[i].size };
		assert_int_equal(edns_limit(&e), cases[i].limit);
	}
}

#define TEXT_80 "12345678901234567890123456789012345678901234567890123456789012345678901234567890"
static const uint8_t cookie[24] = "cccccccccccccccccccccccc", nsid[] = "me";

static void a_reply_says_what_it_is_told(void **state)
{
	static const struct {
		const char *name;
		struct edns_reply reply;
		const char *hex;
	} cases[] = {
		{ "nothing", { .ede = EDE_NONE }, "00 0029 04d0 00000000 0000" },
		{ "DO", { .ede = EDE_NONE, .dnssec_ok = true }, "00 0029 04d0 00008000 0000" },
		{ "BADVERS: the upper eight bits of 16 (section 6.1.3)",
		  { .ede = EDE_NONE, .rcode = 16 },
		  "00 0029 04d0 01000000 0000" },
		{ "a code of twelve bits",
		  { .ede = EDE_NONE, .rcode = 0xabc },
		  "00 0029 04d0 ab000000 0000" },
		{ "the lower four are the header's",
		  { .ede = EDE_NONE, .rcode = 5 },
		  "00 0029 04d0 00000000 0000" },
		{ "NSID (RFC 5001 section 2.3)",
		  { .ede = EDE_NONE, .nsid = { nsid, 2 } },
		  "00 0029 04d0 00000000 0006 0003 0002 6d65" },
		{ "NSID of no octets",
		  { .ede = EDE_NONE, .nsid = { nsid, 0 } },
		  "00 0029 04d0 00000000 0004 0003 0000" },
		{ "a cookie",
		  { .ede = EDE_NONE, .cookie = cookie },
		  "00 0029 04d0 00000000 001c 000a 0018 636363636363636363636363636363636363636363636363" },
		{ "an extended error (RFC 8914 section 2)",
		  { .ede = EDE_NOT_AUTHORITATIVE },
		  "00 0029 04d0 00000000 0006 000f 0002 0014" },
		{ "error 0 is one",
		  { .ede = EDE_OTHER },
		  "00 0029 04d0 00000000 0006 000f 0002 0000" },
		{ "with text, without a NUL",
		  { .ede = EDE_PROHIBITED, .ede_text = "no" },
		  "00 0029 04d0 00000000 0008 000f 0004 0012 6e6f" },
		{ "text without a code is nothing",
		  { .ede = EDE_NONE, .ede_text = "no" },
		  "00 0029 04d0 00000000 0000" },
		{ "all of it",
		  { .ede = EDE_PROHIBITED, .ede_text = "n", .nsid = { nsid, 1 }, .cookie = cookie },
		  "00 0029 04d0 00000000 0028 0003 0001 6d"
		  "000a 0018 636363636363636363636363636363636363636363636363 000f 0003 0012 6e" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n;
		const uint8_t *expect = guard_hex(cases[i].hex, &n);
		uint8_t *octets = malloc(HEADER_SIZE + n);
		struct message m;

		assert_int_equal(edns_reply_size(&cases[i].reply), n);
		/* Exactly the room that was announced. */
		message_init(&m, octets, HEADER_SIZE + n);
		put_edns(&m, &cases[i].reply);
		if (m.w.full || message_size(&m) != HEADER_SIZE + n ||
		    memcmp(octets + HEADER_SIZE, expect, n) != 0)
			fail_msg("%s", cases[i].name);
		assert_int_equal(m.count[SECTION_ADDITIONAL], 1);
		free(octets);
		guard_release();
	}
}

static void a_long_text_is_cut(void **state)
{
	struct edns_reply e = { .ede = EDE_OTHER, .ede_text = TEXT_80 };
	struct edns_reply longer = { .ede = EDE_OTHER, .ede_text = TEXT_80 "x" };
	uint8_t octets[HEADER_SIZE + 200];
	struct message m;

	(void)state;
	assert_int_equal(edns_reply_size(&e), 11 + 4 + 2 + 80);
	assert_int_equal(edns_reply_size(&longer), 11 + 4 + 2 + 80);
	message_init(&m, octets, sizeof octets);
	put_edns(&m, &longer);
	assert_int_equal(message_size(&m), HEADER_SIZE + 11 + 4 + 2 + 80);
	assert_memory_equal(octets + HEADER_SIZE + 17, TEXT_80, 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opt_is_read),
		cmocka_unit_test(options_are_counted),
		cmocka_unit_test(the_limit_is_the_clients_within_ours),
		cmocka_unit_test(a_reply_says_what_it_is_told),
		cmocka_unit_test(a_long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
