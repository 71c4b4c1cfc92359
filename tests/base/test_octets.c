/*
 * Cursors: the only bounds checks of the program, and a failure that sticks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/octets.h"
#include "support/guard.h"

static void numbers_are_big_endian(void **state)
{
	size_t n;
	struct reader r =
		reader_init(guard_hex("01 0203 04050607 ff ffff ffffffff 80000000", &n), 18);

	(void)state;
	assert_int_equal(n, 18);
	assert_int_equal(get_u8(&r), 1);
	assert_int_equal(get_u16(&r), 0x0203);
	assert_true(get_u32(&r) == 0x04050607);
	assert_int_equal(get_u8(&r), 0xff);
	assert_int_equal(get_u16(&r), 0xffff);
	assert_true(get_u32(&r) == 0xffffffff);
	assert_true(get_u32(&r) == 0x80000000);
	assert_false(r.bad);
	assert_int_equal(reader_left(&r), 0);
	guard_release();
}

/* Each read where there is room for less: 0, nothing moved, bad, and bad for ever. */
static void a_read_that_does_not_fit_sticks(void **state)
{
	static const size_t widths[] = { 1, 2, 4 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (size_t left = 0; left < widths[i]; left++) {
			struct reader r = reader_init(guard_copy("\xff\xff\xff\xff", left), left);
			uint32_t got = widths[i] == 1   ? get_u8(&r)
				       : widths[i] == 2 ? get_u16(&r)
							: get_u32(&r);
			assert_int_equal(got, 0);
			assert_true(r.bad);
			assert_ptr_equal(r.pos, r.base);
			assert_int_equal(get_u8(&r), 0); /* though an octet may be there */
			assert_null(reader_take(&r, 0));
			assert_true(r.bad);
		}
	}
	guard_release();
}

static void taking_moves_as_far_as_there_is_something(void **state)
{
	struct reader r = reader_init(guard_copy("abc", 3), 3);

	(void)state;
	assert_ptr_equal(reader_take(&r, 0), r.base);
	assert_memory_equal(reader_take(&r, 2), "ab", 2);
	assert_int_equal(reader_left(&r), 1);
	assert_non_null(reader_take(&r, 1));
	assert_non_null(reader_take(&r, 0)); /* nothing is there, and nothing is wanted */
	assert_false(r.bad);
	assert_null(reader_take(&r, SIZE_MAX)); /* pos + n would wrap */
	assert_true(r.bad);
	guard_release();
}

static void a_reader_of_a_part_ends_with_it(void **state)
{
	struct reader r = reader_init(guard_copy("abcdef", 6), 6);

	(void)state;
	reader_take(&r, 1);
	struct reader sub = reader_sub(&r, 3);
	assert_ptr_equal(sub.base, r.base); /* compression counts from the message */
	assert_int_equal(reader_left(&sub), 3);
	assert_int_equal(reader_left(&r), 2);
	assert_int_equal(get_u8(&sub), 'b');
	assert_int_equal(get_u32(&sub), 0);
	assert_true(sub.bad);
	assert_false(r.bad);
	struct reader beyond = reader_sub(&r, 3);
	assert_true(beyond.bad && r.bad);
	assert_int_equal(reader_left(&beyond), 0);
	struct reader later = reader_sub(&r, 0);
	assert_true(later.bad);
	guard_release();
}

static void numbers_are_written_big_endian(void **state)
{
	uint8_t octets[16];
	struct writer w = writer_init(octets, 14);

	(void)state;
	memset(octets, 0xee, sizeof octets);
	put_u8(&w, 1);
	put_u16(&w, 0x0203);
	put_u32(&w, 0x04050607);
	put_octets(&w, "abc", 3);
	put_octets(&w, NULL, 0);
	put_u32(&w, 0xfffefdfc);
	assert_false(w.full);
	assert_int_equal(writer_size(&w), 14);
	assert_int_equal(writer_left(&w), 0);
	assert_memory_equal(octets, "\1\2\3\4\5\6\7abc\xff\xfe\xfd\xfc\xee\xee", 16);
}

static void a_write_that_does_not_fit_sticks_until_a_rewind(void **state)
{
	uint8_t octets[8];

	(void)state;
	for (size_t room = 0; room < 4; room++) {
		memset(octets, 0xee, sizeof octets);
		struct writer w = writer_init(octets, room);
		put_u32(&w, 0);
		assert_true(w.full);
		assert_int_equal(writer_size(&w), 0);
		put_u8(&w, 0); /* there may be room, but a message with a hole is none */
		put_octets(&w, "", 0);
		assert_int_equal(writer_size(&w), 0);
		assert_null(writer_room(&w, 0));
		assert_int_equal(octets[0], 0xee);
		writer_rewind(&w, octets);
		assert_false(w.full);
		if (room > 1) {
			put_u16(&w, 0x0102);
			assert_int_equal(writer_size(&w), 2);
		}
	}
	struct writer w = writer_init(octets, 8);
	assert_null(writer_room(&w, SIZE_MAX));
	assert_true(w.full);
}

static void a_rewind_goes_back_to_where_it_was(void **state)
{
	uint8_t octets[8];
	struct writer w = writer_init(octets, sizeof octets);

	(void)state;
	put_u16(&w, 1);
	uint8_t *mark = w.pos;
	put_u32(&w, 2);
	writer_rewind(&w, mark);
	assert_int_equal(writer_size(&w), 2);
	put_u8(&w, 9);
	assert_memory_equal(octets, "\0\1\11", 3);
}

/* RFC 4343 section 3: A to Z and nothing else. */
static void only_ascii_letters_are_folded(void **state)
{
	(void)state;
	for (int i = 0; i < 256; i++)
		assert_int_equal(octet_folded[i], i >= 'A' && i <= 'Z' ? i + 32 : i);
}

static void octets_are_equal_but_for_case(void **state)
{
	uint8_t a[40], b[40];

	(void)state;
	/* Every octet value at every place of runs of every length: what compares eight at once too. */
	for (size_t n = 1; n <= sizeof a; n++) {
		for (size_t at = 0; at < n; at++) {
			for (int v = 0; v < 256; v++) {
				memset(a, 'x', sizeof a);
				memset(b, 'X', sizeof b);
				a[at] = (uint8_t)v;
				b[at] = (uint8_t)(v ^ 0x20);
				bool letter = (v >= 'A' && v <= 'Z') || (v >= 'a' && v <= 'z');
				if (octets_equal_folded(a, b, n) != letter)
					fail_msg("%d at %zu of %zu", v, at, n);
			}
		}
	}
	a[0] = 1, b[0] = 2;
	assert_true(octets_equal_folded(a, b, 0));
}

static void octets_are_equal_only_in_every_bit(void **state)
{
	uint8_t a[72], b[72];

	(void)state;
	memset(a, 'x', sizeof a);
	for (size_t n = 0; n <= sizeof a; n++) {
		memcpy(b, a, sizeof b);
		b[n < sizeof b ? n : 0] ^= n < sizeof b; /* beyond the end it may differ */
		assert_true(octets_equal(a, b, n));
		for (size_t at = 0; at < n; at++)
			for (unsigned bit = 0; bit < 8; bit++) {
				memcpy(b, a, sizeof b);
				b[at] ^= (uint8_t)(1 << bit);
				if (octets_equal(a, b, n))
					fail_msg("bit %u at %zu of %zu", bit, at, n);
			}
	}
}

static void nothing_is_compared_beyond_the_end(void **state)
{
	uint8_t octets[72];

	(void)state;
	memset(octets, 'a', sizeof octets);
	for (size_t n = 0; n <= sizeof octets; n++) {
		const uint8_t *a = guard_copy(octets, n), *b = guard_copy(octets, n);
		assert_true(octets_equal_folded(a, b, n));
		assert_true(octets_equal(a, b, n));
		guard_release();
	}
}

/* RFC 4343 §3: the 26 letters, each wherever it stands in runs of each size, and nothing behind. */
static void each_octet_is_folded_wherever_it_stands(void **state)
{
	uint8_t octets[40], folded[sizeof octets + 1];

	(void)state;
	for (size_t n = 0; n <= sizeof octets; n++)
		for (unsigned first = 0; first < 256; first += 7) {
			for (size_t i = 0; i < n; i++)
				octets[i] = (uint8_t)(first + 3 * i);
			memset(folded, 0xee, sizeof folded);
			octets_fold(folded, guard_copy(octets, n), n);
			for (size_t i = 0; i < n; i++) {
				bool is_upper = octets[i] >= 'A' && octets[i] <= 'Z';

				assert_int_equal(folded[i], octets[i] + (is_upper ? 0x20 : 0));
			}
			assert_int_equal(folded[n], 0xee);
			guard_release();
		}
}

/* RFC 4343 §3: the 26 letters and no other octet. */
static void a_capital_is_noticed_wherever_it_stands(void **state)
{
	uint8_t octets[72];

	(void)state;
	for (size_t n = 0; n <= sizeof octets; n++) {
		memset(octets, 'a', n);
		assert_true(octets_are_folded(guard_copy(octets, n), n));
		guard_release();
		for (size_t i = 0; i < n; i++) {
			for (unsigned octet = 0; octet < 256; octet++) {
				bool is_upper = octet >= 'A' && octet <= 'Z';

				octets[i] = (uint8_t)octet;
				if (octets_are_folded(octets, n) == is_upper)
					fail_msg("octet %u at %zu of %zu", octet, i, n);
			}
			octets[i] = 'a';
		}
	}
}

static void copies_of_any_size_are_whole_and_end_where_they_should(void **state)
{
	uint8_t octets[200], copy[sizeof octets + 1];

	(void)state;
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)(i + 1);
	for (size_t n = 0; n <= sizeof octets; n++) {
		memset(copy, 0xee, sizeof copy);
		octets_copy(copy, guard_copy(octets, n), n);
		assert_memory_equal(copy, octets, n);
		assert_int_equal(copy[n], 0xee);
		guard_release();
	}
	octets_copy(copy, NULL, 0);
}

static void a_text_is_found_wherever_it_stands(void **state)
{
	static const struct {
		const char *octets, *text;
		bool found;
	} cases[] = {
		{ "abc", "abc", true },     { "abc", "a", true },     { "abc", "c", true },
		{ "abc", "bc", true },      { "abc", "abcd", false }, { "abc", "B", false },
		{ "", "a", false },         { "", "", true },         { "aaab", "aab", true },
		{ "ababac", "abac", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n = strlen(cases[i].octets);
		struct slice octets = { guard_copy(cases[i].octets, n), n };

		if (octets_have(octets, cases[i].text) != cases[i].found)
			fail_msg("'%s' in '%s'", cases[i].text, cases[i].octets);
		guard_release();
	}
}

/* The first mark is right wherever it stands, and there is none where nothing is. */
static void octets_are_marked_eight_at_a_time(void **state)
{
	uint8_t octets[8];

	(void)state;
	for (unsigned octet = 0; octet < 256; octet++)
		for (unsigned at = 0; at < 8; at++)
			for (unsigned other = 0; other < 256; other++) {
				memset(octets, (int)other, sizeof octets);
				octets[at] = (uint8_t)octet;
				uint64_t equal = mark_equal(load_le64(octets), (uint8_t)octet);
				assert_int_equal(first_bit(equal) / 8, other == octet ? 0 : at);
				uint64_t below = mark_below(load_le64(octets), 0x2a);
				assert_true((below != 0) == (octet < 0x2a || other < 0x2a));
				if (below)
					assert_int_equal(first_bit(below) / 8,
							 other < 0x2a && at > 0 ? 0
							 : octet < 0x2a         ? at
										: at == 0);
				if (octet != other)
					assert_true(mark_equal(load_le64(octets),
							       (uint8_t)~octet) == 0 ||
						    other == (uint8_t)~octet);
			}
}

/* By whatever instructions: the same bits, one for each octet and for no other. */
static void octets_are_found_sixteen_at_a_time(void **state)
{
	uint8_t octets[16];

	(void)state;
	for (unsigned octet = 0; octet < 256; octet++)
		for (unsigned at = 0; at < 16; at++)
			for (unsigned other = 0; other < 256; other++) {
				unsigned here = 1u << at, elsewhere = 0xffff & ~here;

				memset(octets, (int)other, sizeof octets);
				octets[at] = (uint8_t)octet;
				const uint8_t *p = octets;
				unsigned equal = here | (other == octet ? elsewhere : 0);
				unsigned below = (octet < 0x2a ? here : 0) |
						 (other < 0x2a ? elsewhere : 0);
				assert_int_equal(bits_equal(p, (uint8_t)octet), equal);
				assert_int_equal(bits_equal_plain(p, (uint8_t)octet), equal);
				assert_int_equal(bits_below(p, 0x2a), below);
				assert_int_equal(bits_below_plain(p, 0x2a), below);
			}
	for (unsigned limit = 1; limit <= 128; limit++)
		for (unsigned octet = 0; octet < 256; octet++) {
			memset(octets, (int)octet, sizeof octets);
			unsigned all = octet < limit ? 0xffff : 0;
			assert_int_equal(bits_below(octets, (uint8_t)limit), all);
			assert_int_equal(bits_below_plain(octets, (uint8_t)limit), all);
		}
}

static void little_endian_numbers_have_zeros_for_what_is_not_there(void **state)
{
	static const uint8_t octets[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	uint64_t expected = 0;

	(void)state;
	for (size_t n = 0; n <= 10; n++) {
		assert_true(load_le(guard_copy(octets, n), n) == expected);
		guard_release();
		if (n < 8)
			expected |= (uint64_t)octets[n] << 8 * n;
	}
}

static void an_octet_is_found_wherever_it_stands(void **state)
{
	(void)state;
	for (size_t n = 0; n < 40; n++)
		for (size_t at = 0; at <= n; at++) {
			uint8_t octets[40];

			memset(octets, '.', sizeof octets);
			octets[at] = '_';
			assert_true(octets_contain(guard_copy(octets, n), n, '_') == (at < n));
			guard_release();
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(a_read_that_does_not_fit_sticks),
		cmocka_unit_test(taking_moves_as_far_as_there_is_something),
		cmocka_unit_test(a_reader_of_a_part_ends_with_it),
		cmocka_unit_test(numbers_are_written_big_endian),
		cmocka_unit_test(a_write_that_does_not_fit_sticks_until_a_rewind),
		cmocka_unit_test(a_rewind_goes_back_to_where_it_was),
		cmocka_unit_test(only_ascii_letters_are_folded),
		cmocka_unit_test(octets_are_equal_but_for_case),
		cmocka_unit_test(octets_are_equal_only_in_every_bit),
		cmocka_unit_test(nothing_is_compared_beyond_the_end),
		cmocka_unit_test(a_text_is_found_wherever_it_stands),
		cmocka_unit_test(octets_are_marked_eight_at_a_time),
		cmocka_unit_test(octets_are_found_sixteen_at_a_time),
		cmocka_unit_test(little_endian_numbers_have_zeros_for_what_is_not_there),
		cmocka_unit_test(an_octet_is_found_wherever_it_stands),
		cmocka_unit_test(each_octet_is_folded_wherever_it_stands),
		cmocka_unit_test(a_capital_is_noticed_wherever_it_stands),
		cmocka_unit_test(copies_of_any_size_are_whole_and_end_where_they_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
