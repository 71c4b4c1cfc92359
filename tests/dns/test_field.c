/*
 * test_field.c -- the kinds of fields, each by itself.
 *
 * What a kind reads and prints is in tests/types/, by the types that have it;
 * here is how all kinds behave when there is nothing to read or no room.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dns/field.h"
#include "dns/rrtype.h"
#include "support/guard.h"
#include "support/words.h"

static uint8_t wire[RRTYPE_FIELDS * 256];
static char printed[4000];

/* Kinds that may be empty: no octets, and in text no word. */
static bool may_be_empty(uint8_t kind)
{
	switch (kind) {
	case FIELD_APL:
	case FIELD_STRING_OPTIONAL:
	case FIELD_BASE64_OPTIONAL:
	case FIELD_TYPES:
	case FIELD_TYPES_OLD:
	case FIELD_SVC_PARAMS:
		return true;
	default:
		return false;
	}
}

/* Kinds that have octets or none, but always a word. */
static bool may_have_no_octets(uint8_t kind)
{
	return may_be_empty(kind) || kind == FIELD_TEXT || kind == FIELD_OPAQUE ||
	       kind == FIELD_BASE64_OR_DASH;
}

static void a_missing_word_is_told(void **state)
{
	(void)state;
	for (uint8_t kind = FIELD_END + 1; kind < FIELD_KINDS; kind++) {
		struct writer out = writer_init(wire, sizeof wire);
		struct words in;

		assert_true(words_of("", &in));
		bool parsed = field_parse(kind, &in, name_root, &out);
		if (parsed != may_be_empty(kind))
			fail_msg("kind %u: %d", kind, parsed);
		if (parsed)
			continue;
		assert_non_null(in.problem);
		assert_int_equal(in.problem_at.size, 0);
		assert_ptr_equal(in.problem_at.at, in.tail);
	}
}

static void nothing_on_the_wire_is_bad(void **state)
{
	(void)state;
	for (uint8_t kind = FIELD_END + 1; kind < FIELD_KINDS; kind++) {
		struct reader in = reader_init(guard_copy("", 0), 0);

		field_skip(kind, &in);
		if (in.bad == may_have_no_octets(kind))
			fail_msg("kind %u: %d", kind, in.bad);
	}
}

static void a_bad_reader_stays_bad_and_prints_harmlessly(void **state)
{
	(void)state;
	for (uint8_t kind = FIELD_END + 1; kind < FIELD_KINDS; kind++) {
		struct reader in = reader_init(guard_copy("\1\2\3", 3), 3);
		struct text out = text_init(printed, sizeof printed);

		in.bad = true;
		field_print(kind, &in, &out);
		field_skip(kind, &in);
		assert_true(in.bad);
		assert_int_equal(reader_left(&in), 3);
	}
}

static void no_kind_writes_without_room(void **state)
{
	static const char *const words[] = { "1 1 1 1 1 1", "a.b c.d e", "1.2.3.4", "::1",
					     "00 00 00" };

	(void)state;
	for (uint8_t kind = FIELD_END + 1; kind < FIELD_KINDS; kind++) {
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
			struct writer out = writer_init(wire, 0);
			struct words in;

			wire[0] = 0x35;
			assert_true(words_of(words[i], &in));
			bool parsed = field_parse(kind, &in, name_root, &out);
			assert_int_equal(wire[0], 0x35);
			assert_true(parsed || in.problem || out.full);
		}
	}
}

/* How a kind prints octets. */
static const char *print_as(uint8_t kind, const char *octets, size_t size)
{
	struct reader in = reader_init(guard_copy(octets, size), size);
	struct text out = text_init(printed, sizeof printed);

	field_print(kind, &in, &out);
	return in.bad ? "bad" : printed;
}

static void strings_are_quoted_and_escaped_rfc_1035_5_1(void **state)
{
	(void)state;
	assert_string_equal(print_as(FIELD_STRING, "\3a\"b", 4), "\"a\\\"b\"");
	assert_string_equal(print_as(FIELD_STRING, "\3a\\b", 4), "\"a\\\\b\"");
	assert_string_equal(print_as(FIELD_STRING, "\3\0\x7f\xff", 4), "\"\\000\\127\\255\"");
	assert_string_equal(print_as(FIELD_STRING, "\3;()", 4), "\";()\"");
	assert_string_equal(print_as(FIELD_STRING, "\4;()", 4), "bad");
}

static void times_follow_the_calendar_rfc_4034_3_2(void **state)
{
	(void)state;
	assert_string_equal(print_as(FIELD_TIME, "\0\0\0\0", 4), "19700101000000");
	assert_string_equal(print_as(FIELD_TIME, "\x3e\x7d\x0c\x47", 4), "20030323012215");
	assert_string_equal(print_as(FIELD_TIME, "\x38\xbb\x3c\x00", 4), "20000229032448");
	assert_string_equal(print_as(FIELD_TIME, "\x80\0\0\0", 4), "20380119031408");
	assert_string_equal(print_as(FIELD_TIME, "\xff\xff\xff\xff", 4), "21060207062815");
}

static void every_day_is_read_as_it_is_printed_rfc_4034_3_2(void **state)
{
	(void)state;
	for (uint32_t day = 0; day < UINT32_MAX / 86400; day++) {
		struct writer out = writer_init(wire, 4);
		struct words in;
		uint8_t octets[4];

		store_u32(octets, day * 86400 + 86399);
		assert_true(words_of(print_as(FIELD_TIME, (const char *)octets, 4), &in));
		assert_true(field_parse(FIELD_TIME, &in, name_root, &out));
		assert_memory_equal(wire, octets, 4);
		guard_release();
	}
}

static void bitmaps_are_sorted_and_minimal_rfc_4034_4_1_2(void **state)
{
	static const uint8_t expected[] = { 0, 6, 0x40, 0x01, 0, 0, 0, 0x03, 4, 27, 0,   0, 0,
					    0, 0, 0,    0,    0, 0, 0, 0,    0, 0,  0,   0, 0,
					    0, 0, 0,    0,    0, 0, 0, 0,    0, 0,  0x20 };
	struct writer out = writer_init(wire, sizeof wire);
	struct words in;

	(void)state;
	assert_true(words_of("TYPE1234 nsec A MX A RRSIG", &in));
	assert_true(field_parse(FIELD_TYPES, &in, name_root, &out));
	assert_int_equal(writer_size(&out), sizeof expected);
	assert_memory_equal(wire, expected, sizeof expected);
	assert_string_equal(print_as(FIELD_TYPES, (const char *)expected, sizeof expected),
			    "A MX RRSIG NSEC TYPE1234");
}

static int release(void **state)
{
	(void)state;
	guard_release();
	return 0;
}

int main(void)
{
#define TEST(function) cmocka_unit_test_teardown(function, release)
	const struct CMUnitTest tests[] = {
		TEST(a_missing_word_is_told),
		TEST(nothing_on_the_wire_is_bad),
		TEST(a_bad_reader_stays_bad_and_prints_harmlessly),
		TEST(no_kind_writes_without_room),
		TEST(strings_are_quoted_and_escaped_rfc_1035_5_1),
		TEST(times_follow_the_calendar_rfc_4034_3_2),
		TEST(every_day_is_read_as_it_is_printed_rfc_4034_3_2),
		TEST(bitmaps_are_sorted_and_minimal_rfc_4034_4_1_2),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
