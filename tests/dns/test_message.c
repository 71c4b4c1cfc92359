/*
 * The frame of a message: header, question, records, marks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/message.h"
#include "support/guard.h"

static struct reader reader_of(const char *hex)
{
	size_t n;
	const uint8_t *octets = guard_hex(hex, &n);

	return reader_init(octets, n);
}

/* RFC 1035 section 4.1.1 and 4.1.2, RFC 6895 section 2: where each bit stands. */
static void a_header_is_six_numbers(void **state)
{
	struct reader r = reader_of("1234 8583 0001 0002 0003 ffff");
	struct header h;

	(void)state;
	assert_true(get_header(&r, &h));
	assert_int_equal(h.id, 0x1234);
	assert_int_equal(h.flags, 0x8583);
	assert_int_equal(h.count[SECTION_QUESTION], 1);
	assert_int_equal(h.count[SECTION_ANSWER], 2);
	assert_int_equal(h.count[SECTION_AUTHORITY], 3);
	assert_int_equal(h.count[SECTION_ADDITIONAL], 65535);
	assert_int_equal(reader_left(&r), 0);
	for (size_t n = 0; n < HEADER_SIZE; n++) {
		r = reader_init(guard_copy("123456789012", n), n);
		assert_false(get_header(&r, &h));
	}
	guard_release();
}

static void flags_stand_where_the_rfcs_put_them(void **state)
{
	static const struct {
		const char *name;
		unsigned is, shall;
	} bits[] = {
		{ "QR, bit 0", FLAG_QR, 1 << 15 },      { "AA, bit 5", FLAG_AA, 1 << 10 },
		{ "TC, bit 6", FLAG_TC, 1 << 9 },       { "RD, bit 7", FLAG_RD, 1 << 8 },
		{ "RA, bit 8", FLAG_RA, 1 << 7 },       { "AD, bit 10", FLAG_AD, 1 << 5 },
		{ "CD, bit 11", FLAG_CD, 1 << 4 },      { "RCODE", RCODE_MASK, 15 },
		{ "OPCODE", OPCODE_MASK, 15 << 11 },    { "QUERY", OPCODE_QUERY, 0 },
		{ "NOTIFY", OPCODE_NOTIFY, 4 },         { "UPDATE", OPCODE_UPDATE, 5 },
		{ "opcode's place", OPCODE_SHIFT, 11 }, { "BADVERS", RCODE_BADVERS, 16 },
		{ "FORMERR", RCODE_FORMERR, 1 },        { "SERVFAIL", RCODE_SERVFAIL, 2 },
		{ "NXDOMAIN", RCODE_NXDOMAIN, 3 },      { "NOTIMP", RCODE_NOTIMP, 4 },
		{ "REFUSED", RCODE_REFUSED, 5 },        { "YXDOMAIN", RCODE_YXDOMAIN, 6 },
		{ "NOTAUTH", RCODE_NOTAUTH, 9 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
		if (bits[i].is != bits[i].shall)
			fail_msg("%s", bits[i].name);
}

/* RFC 6895 section 2.3. */
static void response_codes_have_their_names(void **state)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
					     "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
					     "NXRRSET", "NOTAUTH", "NOTZONE",  "DSOTYPENI" };

	(void)state;
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_string_equal(rcode_text(i), names[i]);
	for (unsigned i = 12; i < 16; i++)
		assert_null(rcode_text(i));
	assert_string_equal(rcode_text(16), "BADVERS");
	assert_null(rcode_text(17));
	assert_null(rcode_text(4095));
}

static void a_question_is_name_type_and_class(void **state)
{
	static const struct {
		const char *name, *hex;
		bool good;
	} cases[] = {
		{ "whole", "0161 00 0001 0003", true },
		{ "the root", "00 0002 0001", true },
		{ "a pointer could only lead forward or into the header", "c000 0001 0001", false },
		{ "no name", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct reader r = reader_of(cases[i].hex);
		struct question q;
		size_t whole = reader_left(&r);

		if (get_question(&r, &q) != cases[i].good)
			fail_msg("%s", cases[i].name);
		for (size_t n = 0; cases[i].good && n < whole; n++) {
			r = reader_init(guard_copy(reader_of(cases[i].hex).base, n), n);
			if (get_question(&r, &q))
				fail_msg("%s, %zu octets of it", cases[i].name, n);
		}
		guard_release();
	}
	struct reader r = reader_of("0161 00 0001 0003 ff");
	struct question q;
	assert_true(get_question(&r, &q));
	assert_int_equal(q.type, 1);
	assert_int_equal(q.class, 3);
	assert_int_equal(q.name.size, 3);
	assert_ptr_equal(q.name.octets, r.base);
	assert_int_equal(reader_left(&r), 1);
	guard_release();
}

#define HEADER "000000000000000000000000"

static void a_record_is_owner_fixed_part_and_rdata(void **state)
{
	struct reader r = reader_of(HEADER "016100 c00c 0010 0001 fffffffe 0003 aabbcc dd");
	struct record rr;

	(void)state;
	reader_take(&r, 15);
	assert_true(get_record(&r, &rr));
	assert_int_equal(rr.owner.size, 3);
	assert_memory_equal(rr.owner.octets, "\1a", 3);
	assert_int_equal(rr.type, 16);
	assert_int_equal(rr.class, 1);
	assert_int_equal(rr.ttl, 0xfffffffe);
	assert_int_equal(reader_left(&rr.rdata), 3);
	assert_int_equal(get_u8(&rr.rdata), 0xaa);
	assert_ptr_equal(rr.rdata.base, r.base); /* pointers in RDATA count from the message */
	assert_int_equal(reader_left(&r), 1);
	guard_release();
}

/* All sixteen bits of RDLENGTH. */
static void a_record_may_have_65535_octets(void **state)
{
	size_t size = HEADER_SIZE + 1 + RECORD_FIXED_SIZE + 65535;
	uint8_t *octets = calloc(1, size);
	struct record rr;

	(void)state;
	memset(octets + HEADER_SIZE + 9, 0xff, 2);
	struct reader r = reader_init(octets, size);
	reader_take(&r, HEADER_SIZE);
	assert_true(get_record(&r, &rr));
	assert_int_equal(reader_left(&rr.rdata), 65535);
	assert_int_equal(reader_left(&r), 0);
	r = reader_init(octets, size - 1);
	reader_take(&r, HEADER_SIZE);
	assert_false(get_record(&r, &rr));
	free(octets);
}

static void no_prefix_of_a_record_is_one(void **state)
{
	struct record rr;
	struct reader whole = reader_of(HEADER "016100 c00c 0010 0001 00000000 0003 aabbcc");
	size_t size = reader_left(&whole);

	(void)state;
	for (size_t n = 15; n <= size; n++) {
		struct reader r = reader_init(guard_copy(whole.base, n), n);
		reader_take(&r, 15);
		if (get_record(&r, &rr) != (n == size))
			fail_msg("%zu octets", n);
		assert_int_equal(r.bad, n != size);
	}
	guard_release();
}

/* ------ writing ------ */

static const uint8_t a_b[] = "\1a\1b", b[] = "\1b", x_a_b[] = "\1x\1a\1b";

static void put_a(struct message *m, struct name owner, enum section section)
{
	uint8_t *rdlength = begin_record(m, owner, 1, 1, 0x01020304);

	put_u32(&m->w, 0xc0000201);
	end_record(m, rdlength, section);
}

static void a_message_is_written_to_the_octet(void **state)
{
	uint8_t octets[100];
	struct message m;
	struct question q = { { a_b, 5 }, 255, 3 };
	size_t n;
	const uint8_t *expect = guard_hex("beef 8401 0001 0001 0000 0002"
					  "0161 0162 00 00ff 0003"
					  "c00c 0001 0001 01020304 0004 c0000201"
					  "0178 c00c 0001 0001 01020304 0004 c0000201"
					  "c00e 0001 0001 01020304 0004 c0000201",
					  &n);

	(void)state;
	memset(octets, 0xee, sizeof octets);
	message_init(&m, octets, sizeof octets);
	assert_int_equal(message_size(&m), HEADER_SIZE);
	put_question(&m, &q);
	put_a(&m, (struct name){ a_b, 5 }, SECTION_ANSWER);
	put_a(&m, (struct name){ x_a_b, 7 }, SECTION_ADDITIONAL);
	put_a(&m, (struct name){ b, 3 }, SECTION_ADDITIONAL);
	message_finish(&m, 0xbeef, FLAG_QR | FLAG_AA | RCODE_FORMERR);
	assert_int_equal(message_size(&m), n);
	assert_memory_equal(octets, expect, n);
	assert_int_equal(octets[n], 0xee);
	guard_release();
}

/* In every room that is too small the message stays what it was, and is full. */
static void what_does_not_fit_is_not_counted(void **state)
{
	struct question q = { { a_b, 5 }, 1, 1 };

	(void)state;
	for (size_t room = 21; room < 21 + 16; room++) {
		struct message m;
		uint8_t *octets = malloc(room);

		message_init(&m, octets, room);
		put_question(&m, &q);
		assert_false(m.w.full);
		struct message_mark mark = message_mark(&m);
		put_a(&m, (struct name){ a_b, 5 }, SECTION_ANSWER);
		assert_true(m.w.full);
		assert_int_equal(m.count[SECTION_ANSWER], 0);
		message_rewind(&m, mark);
		assert_false(m.w.full);
		assert_int_equal(message_size(&m), 21);
		message_finish(&m, 1, 0);
		assert_memory_equal(octets, "\0\1\0\0\0\1\0\0\0\0\0\0\1a\1b\0\0\1\0\1", 21);
		free(octets);
	}
}

/* A rewind forgets the names written behind the mark: nothing points to where they were. */
static void a_rewind_forgets_names(void **state)
{
	static const uint8_t c_d[] = "\1c\1d";
	uint8_t octets[200];
	struct message m;
	struct question q = { { a_b, 5 }, 1, 1 };

	(void)state;
	for (int before = 0; before < 2; before++) {
		message_init(&m, octets, sizeof octets);
		put_question(&m, &q);
		if (before)
			put_a(&m, (struct name){ x_a_b, 7 }, SECTION_ANSWER);
		struct message_mark mark = message_mark(&m);
		size_t size = message_size(&m);
		begin_record(&m, (struct name){ c_d, 5 }, 1, 1, 0);
		message_rewind(&m, mark);
		assert_int_equal(message_size(&m), size);
		put_a(&m, (struct name){ b, 3 }, SECTION_ANSWER);
		assert_memory_equal(octets + size, "\300\16",
				    2); /* the question's is known still */
		put_a(&m, (struct name){ c_d, 5 }, SECTION_ANSWER);
		assert_memory_equal(octets + size + 16, "\1c\1d", 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_six_numbers),
		cmocka_unit_test(flags_stand_where_the_rfcs_put_them),
		cmocka_unit_test(response_codes_have_their_names),
		cmocka_unit_test(a_question_is_name_type_and_class),
		cmocka_unit_test(a_record_is_owner_fixed_part_and_rdata),
		cmocka_unit_test(a_record_may_have_65535_octets),
		cmocka_unit_test(no_prefix_of_a_record_is_one),
		cmocka_unit_test(a_message_is_written_to_the_octet),
		cmocka_unit_test(what_does_not_fit_is_not_counted),
		cmocka_unit_test(a_rewind_forgets_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
