/*
 * TSIG, as far as a server without keys has to know it (RFC 8945).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/tsig.h"
#include "support/guard.h"

static bool parse_octets(const uint8_t *octets, size_t n, struct tsig *out)
{
	struct reader r = reader_init(guard_copy(octets, n), n);
	struct record rr;

	assert_true(get_record(&r, &rr));
	return tsig_parse(&rr, out);
}

/* TSIG of key k. with this algorithm, a MAC of so many octets, and what differs. */
struct parts {
	const char *algorithm;
	unsigned mac, class, ttl, error, other;
	int extra;       /* octets more or fewer in the RDATA than its lengths say */
	bool compressed; /* a pointer in the place of the algorithm's name */
};

static size_t make(const struct parts *p, uint8_t *out)
{
	struct name_buf algorithm;
	struct writer w = writer_init(out, 1000);

	assert_null(name_parse_absolute(p->algorithm, &algorithm));
	put_octets(&w, "\1k\0", 3);
	put_u16(&w, 250);
	put_u16(&w, (uint16_t)p->class);
	put_u32(&w, p->ttl);
	uint8_t *rdlength = writer_room(&w, 2);
	if (p->compressed)
		put_u16(&w, 0xc00c);
	else
		put_name(&w, name_view(&algorithm));
	put_octets(&w, "\0\0\x5c\xf7\x9f\x11", 6);
	put_u16(&w, 300);
	put_u16(&w, (uint16_t)p->mac);
	for (unsigned i = 0; i < p->mac; i++)
		put_u8(&w, 0xaa);
	put_u16(&w, 0xbeef);
	put_u16(&w, (uint16_t)p->error);
	put_u16(&w, (uint16_t)p->other);
	for (unsigned i = 0; i < p->other; i++)
		put_u8(&w, 0xbb);
	if (p->extra > 0)
		put_octets(&w, "xxxx", (size_t)p->extra);
	else
		w.pos += p->extra;
	store_u16(rdlength, (uint16_t)(w.pos - rdlength - 2));
	return writer_size(&w);
}

static void tsig_is_read_or_broken(void **state)
{
	static const struct {
		const char *name;
		struct parts parts;
		bool good;
	} cases[] = {
		{ "as it should be", { "hmac-sha256", 32, 255, 0, 0, 0, 0, false }, true },
		{ "algorithms in any case of letters",
		  { "HMAC-SHA256", 15, 255, 0, 0, 0, 0, false },
		  false },
		{ "class ANY only (4.2)", { "hmac-sha256", 32, 1, 0, 0, 0, 0, false }, false },
		{ "TTL 0 only (4.2)", { "hmac-sha256", 32, 255, 1, 0, 0, 0, false }, false },
		{ "a request has no error (4.2)",
		  { "hmac-sha256", 32, 255, 0, 18, 6, 0, false },
		  false },
		{ "other data mean nothing in a request (4.2)",
		  { "hmac-sha256", 32, 255, 0, 0, 6, 0, false },
		  true },
		{ "an octet more than the lengths say",
		  { "hmac-sha256", 32, 255, 0, 0, 0, 1, false },
		  false },
		{ "an octet fewer", { "hmac-sha256", 32, 255, 0, 0, 0, -1, false }, false },
		{ "a compressed algorithm", { "hmac-sha256", 32, 255, 0, 0, 0, 0, true }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t octets[1000];
		struct tsig t;
		size_t n = make(&cases[i].parts, octets);

		if (parse_octets(octets, n, &t) != cases[i].good)
			fail_msg("%s", cases[i].name);
		guard_release();
	}
}

/* RFC 8945 section 5.2.2.1 for each algorithm of section 6. */
static void a_mac_is_neither_too_short_nor_too_long(void **state)
{
	static const struct {
		const char *algorithm;
		unsigned least, most;
	} cases[] = {
		{ "hmac-md5.sig-alg.reg.int", 10, 16 },
		{ "hmac-sha1", 10, 20 },
		{ "hmac-sha224", 14, 28 },
		{ "hmac-sha256", 16, 32 },
		{ "hmac-sha384", 24, 48 },
		{ "hmac-sha512", 32, 64 },
		{ "HMAC-sha512", 32, 64 },
		{ "gss-tsig", 0, 70 },
		{ "hmac-sha256.", 16, 32 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		for (unsigned mac = 0; mac <= 70; mac++) {
			uint8_t octets[1000];
			struct tsig t;
			struct parts p = { cases[i].algorithm, mac, 255, 0, 0, 0, 0, false };
			size_t n = make(&p, octets);
			bool good = mac >= cases[i].least && mac <= cases[i].most;

			if (parse_octets(octets, n, &t) != good)
				fail_msg("%s with %u octets", cases[i].algorithm, mac);
		}
		guard_release();
	}
}

/* RDATA cut off at every octet is broken, whatever its RDLENGTH. */
static void no_prefix_of_tsig_is_one(void **state)
{
	struct parts p = { "hmac-sha256", 32, 255, 0, 0, 0, 0, false };
	uint8_t octets[1000];
	struct tsig t;
	size_t whole = make(&p, octets);

	(void)state;
	for (size_t n = 13; n < whole; n++) {
		store_u16(octets + 11, (uint16_t)(n - 13));
		if (parse_octets(octets, n, &t))
			fail_msg("%zu octets", n);
		guard_release();
	}
}

static void what_was_read_is_there(void **state)
{
	struct parts p = { "hmac-sha256", 32, 255, 0, 0, 0, 0, false };
	uint8_t octets[1000];
	struct tsig t;

	(void)state;
	size_t n = make(&p, octets);
	assert_true(parse_octets(octets, n, &t));
	assert_true(t.present);
	assert_int_equal(t.key.size, 3);
	assert_memory_equal(t.key.octets, "\1k", 3);
	assert_int_equal(t.algorithm.size, 13);
	assert_memory_equal(t.time_signed, "\0\0\x5c\xf7\x9f\x11", 6);
	assert_int_equal(t.fudge, 300);
	assert_int_equal(t.original_id, 0xbeef);
	guard_release();
}

/* RFC 8945 sections 5.2.1 and 5.3.2: unsigned, with what the request said. */
static void an_error_is_written_to_the_octet(void **state)
{
	struct parts p = { "hmac-sha256", 32, 255, 0, 0, 6, 0, false };
	uint8_t query[1000], *reply;
	struct tsig t;
	struct message m;
	size_t n, expected;
	const uint8_t *expect = guard_hex("016b00 00fa 00ff 00000000 001d"
					  "0b686d61632d73686132353600 00005cf79f11 012c 0000 beef"
					  "0011 0000",
					  &expected);

	(void)state;
	n = make(&p, query);
	assert_true(parse_octets(query, n, &t));
	assert_int_equal(tsig_error_size(&t), expected);
	reply = malloc(HEADER_SIZE + expected);
	message_init(&m, reply, HEADER_SIZE + expected);
	put_tsig_error(&m, &t, TSIG_BADKEY);
	assert_false(m.w.full);
	assert_int_equal(message_size(&m), HEADER_SIZE + expected);
	assert_memory_equal(reply + HEADER_SIZE, expect, expected);
	assert_int_equal(m.count[SECTION_ADDITIONAL], 1);
	free(reply);
	guard_release();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tsig_is_read_or_broken),
		cmocka_unit_test(a_mac_is_neither_too_short_nor_too_long),
		cmocka_unit_test(no_prefix_of_tsig_is_one),
		cmocka_unit_test(what_was_read_is_there),
		cmocka_unit_test(an_error_is_written_to_the_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
