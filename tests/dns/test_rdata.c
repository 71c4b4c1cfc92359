/*
 * test_rdata.c -- RDATA as a whole: what holds for every type.
 *
 * What each type reads and prints is in tests/types/ (test_types.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "dns/rdata.h"
#include "support/guard.h"
#include "support/words.h"

enum { PRINTED_SIZE = 5 * RDATA_MAX_SIZE, MUTATIONS = 400 };

static const uint8_t origin_octets[] = { 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0 };
static const struct name origin = { origin_octets, sizeof origin_octets };

static uint8_t wire[RDATA_MAX_SIZE + 1000];
static char printed[PRINTED_SIZE];

/* Reads a text into wire[]; the reason when it is refused. */
static const char *read_text(const struct rrtype *type, const char *text, size_t *size)
{
	struct writer out = writer_init(wire, sizeof wire);
	struct words in;

	assert_true(words_of(text, &in));
	if (!rdata_parse(type, &in, origin, &out)) {
		assert_int_equal(writer_size(&out), 0);
		assert_non_null(in.problem);
		return in.problem;
	}
	*size = writer_size(&out);
	return NULL;
}

static void print_wire(const struct rrtype *type, const uint8_t *octets, size_t size)
{
	struct text out = text_init(printed, sizeof printed);

	rdata_print(type, octets, size, &out);
	assert_false(out.full);
}

/* Deterministic, so that a failure comes again. */
static uint32_t next_random(void)
{
	static uint64_t state = 35;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33);
}

/* What is valid is printed as what is read as the same octets; nothing else is touched. */
static void check_octets(const struct rrtype *type, const uint8_t *octets, size_t size)
{
	const uint8_t *guarded = guard_copy(octets, size);
	size_t again;

	print_wire(type, guarded, size);
	if (!rdata_is_valid(type, guarded, size)) {
		assert_memory_equal(printed, "\\# ", 3);
		return;
	}
	const char *problem = read_text(type, printed, &again);
	if (problem)
		fail_msg("%s %s: %s", type->text, printed, problem);
	if (again != size || memcmp(wire, octets, size) != 0)
		fail_msg("%s %s: is read as other octets", type->text, printed);
}

/* One to three octets changed, and the end cut off or random octets put there. */
static size_t mutate(uint8_t *octets, size_t size, size_t room)
{
	size_t wanted = next_random() % 3 == 0 ? next_random() % (size + 8) : size;

	if (wanted > room)
		wanted = room;
	for (; size < wanted; size++)
		octets[size] = (uint8_t)next_random();
	for (uint32_t n = next_random() % 3; wanted > 0 && n-- > 0;)
		octets[next_random() % wanted] = (uint8_t)next_random();
	return wanted;
}

static const char *example_of(const struct rrtype *type)
{
	static const char begin[] = "as in: ";
	const char *hint = rrtype_hint(type);

	assert_memory_equal(hint, begin, strlen(begin));
	hint += strlen(begin);
	assert_memory_equal(hint, type->text, strlen(type->text));
	return hint + strlen(type->text) + 1;
}

static void the_hint_of_every_type_is_a_good_example(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= UINT16_MAX; code++) {
		const struct rrtype *type = rrtype_find((uint16_t)code);
		size_t size;

		if (!type->text[0])
			continue;
		const char *problem = read_text(type, example_of(type), &size);
		if (problem)
			fail_msg("%s %s: %s", type->text, example_of(type), problem);
		guard_release();
	}
}

static void whatever_is_valid_survives_text_rfc_3597_6(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= UINT16_MAX; code++) {
		const struct rrtype *type = rrtype_find((uint16_t)code);
		uint8_t example[256], octets[300];
		size_t size;

		if (!type->text[0])
			continue;
		assert_null(read_text(type, example_of(type), &size));
		assert_true(size <= sizeof example);
		memcpy(example, wire, size);
		for (unsigned i = 0; i < MUTATIONS; i++) {
			memcpy(octets, example, size);
			check_octets(type, octets, mutate(octets, size, sizeof octets));
			guard_release();
		}
	}
}

static void random_octets_never_do_harm(void **state)
{
	(void)state;
	for (uint32_t code = 0; code < 300; code++) {
		for (unsigned i = 0; i < MUTATIONS / 4; i++) {
			uint8_t octets[64];
			size_t size = next_random() % sizeof octets;

			for (size_t k = 0; k < size; k++)
				octets[k] = (uint8_t)(next_random() % 5 ? next_random() % 4
									: next_random());
			check_octets(rrtype_find((uint16_t)code), octets, size);
			guard_release();
		}
	}
}

static void every_type_takes_the_generic_form_rfc_3597_5(void **state)
{
	static const uint8_t address[] = { 10, 0, 0, 1 };
	size_t size;

	(void)state;
	assert_null(read_text(rrtype_find(TYPE_A), "\\# 4 0A000001", &size));
	assert_int_equal(size, 4);
	assert_memory_equal(wire, address, 4);
	assert_null(read_text(rrtype_find(731), "\\# 6 abcdef ( 01 23 45 )", &size));
	assert_int_equal(size, 6);
	assert_null(read_text(rrtype_find(62347), "\\# 0", &size));
	assert_int_equal(size, 0);
}

static void a_quoted_mark_is_a_string_rfc_3597_5(void **state)
{
	size_t size;

	(void)state;
	assert_null(read_text(rrtype_find(TYPE_TXT), "\"\\#\" 0", &size));
	assert_int_equal(size, 4);
	assert_memory_equal(wire, "\001#\0010", 4);
}

static void unknown_types_are_printed_in_the_generic_form_rfc_3597_5(void **state)
{
	(void)state;
	print_wire(rrtype_find(731), (const uint8_t *)"\xab\xcd\xef", 3);
	assert_string_equal(printed, "\\# 3 ABCDEF");
	print_wire(rrtype_find(731), (const uint8_t *)"", 0);
	assert_string_equal(printed, "\\# 0");
}

static void broken_octets_are_printed_in_the_generic_form(void **state)
{
	(void)state;
	print_wire(rrtype_find(TYPE_A), (const uint8_t *)"\1\2\3", 3);
	assert_string_equal(printed, "\\# 3 010203");
	print_wire(rrtype_find(TYPE_MX), (const uint8_t *)"\0\1\300\14", 4); /* a pointer */
	assert_string_equal(printed, "\\# 4 0001C00C");
}

static void print_appends_and_does_not_overflow(void **state)
{
	char buffer[20];

	(void)state;
	for (size_t size = 1; size < sizeof buffer; size++) {
		struct text out = text_init(buffer, size);

		buffer[size] = 0x35;
		text_put(&out, "A ");
		rdata_print(rrtype_find(TYPE_A), (const uint8_t *)"\300\0\2\1", 4, &out);
		assert_int_equal(buffer[size], 0x35);
		assert_int_equal(out.full, size < sizeof "A 192.0.2.1");
		assert_memory_equal(buffer, "A 192.0.2.1", size - 1 < 11 ? size - 1 : 11);
	}
}

/* A TXT record of so many strings of `each` octets. */
static char *strings(size_t count, size_t each)
{
	char *text = test_malloc(count * (each + 1) + 1), *at = text;

	for (size_t i = 0; i < count; i++) {
		memset(at, 'x', each);
		at += each;
		*at++ = ' ';
	}
	*at = '\0';
	return text;
}

static void data_ends_at_65535_octets_rfc_1035_4_1_3(void **state)
{
	size_t size;
	char *text = strings(RDATA_MAX_SIZE / 3 * 3 / 5, 4); /* 13107 strings, 65535 octets */

	(void)state;
	assert_null(read_text(rrtype_find(TYPE_TXT), text, &size));
	assert_int_equal(size, RDATA_MAX_SIZE);
	assert_true(rdata_is_valid(rrtype_find(TYPE_TXT), wire, size));
	assert_false(rdata_is_valid(rrtype_find(TYPE_TXT), wire, size + 1));
	test_free(text);
	text = strings(RDATA_MAX_SIZE / 2 + 1, 1);
	assert_string_equal(read_text(rrtype_find(TYPE_TXT), text, &size),
			    "record data longer than 65535 octets");
	test_free(text);
}

/* What NSD's writers of these lists once did not stand (CVE-2026-12244, CVE-2026-12246). */
static void long_lists_stop_at_the_end_of_the_output(void **state)
{
	static const struct {
		uint16_t type;
		const char *first, *more;
	} lists[] = {
		{ 42, "", "2:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128 " },
		{ TYPE_SVCB, "1 . alpn=", "abcdefgh," },
		{ TYPE_SVCB, "1 . ipv6hint=", "2001:db8::1," },
		{ TYPE_SVCB, "1 . key9999=", "aaaaaaaaaaaaaaaaaaaaa" },
		{ 55, "2 00 AAAA ", "a.rather.long.name.example. " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		size_t count = 8000, ignored;
		char *text = test_malloc(500000), *at = text + sprintf(text, "%s", lists[i].first);

		for (size_t k = 0; k < count; k++)
			at += sprintf(at, "%s", lists[i].more);
		while (at[-1] == ',')
			*--at = '\0';
		assert_string_equal(read_text(rrtype_find(lists[i].type), text, &ignored),
				    "record data longer than 65535 octets");
		test_free(text);
		guard_release();
	}
}

/* "1 . key<from> key<from+step> ..." */
static char *many_keys(unsigned count, unsigned from, int step)
{
	char *text = test_malloc(count * 9 + 8), *at = text + sprintf(text, "1 .");

	for (unsigned i = 0; i < count; i++, from += (unsigned)step)
		at += sprintf(at, " key%u", from);
	return text;
}

static void parameters_may_be_many_and_some_out_of_order_rfc_9460_2_1(void **state)
{
	size_t size;
	char *text = many_keys(16000, 100, 1);

	(void)state;
	assert_null(read_text(rrtype_find(TYPE_SVCB), text, &size));
	assert_int_equal(size, 3 + 16000 * 4);
	test_free(text);
	text = many_keys(257, 60000, -1);
	assert_null(read_text(rrtype_find(TYPE_SVCB), text, &size));
	assert_true(rdata_is_valid(rrtype_find(TYPE_SVCB), wire, size));
	test_free(text);
	text = many_keys(258, 60000, -1);
	assert_string_equal(read_text(rrtype_find(TYPE_SVCB), text, &size),
			    "too many parameters out of order");
	test_free(text);
}

static void the_failing_word_and_an_example_are_told(void **state)
{
	static const char text[] = "10 mail..example. more";
	struct writer out = writer_init(wire, sizeof wire);
	struct words in;

	(void)state;
	assert_true(words_of(text, &in));
	assert_false(rdata_parse(rrtype_find(TYPE_MX), &in, origin, &out));
	assert_memory_equal(in.problem_at.at, "mail..example.", in.problem_at.size);
	assert_int_equal(in.problem_at.size, strlen("mail..example."));
	assert_string_equal(in.hint, "as in: MX 10 mail.example.com.");
	assert_true(words_of("10 mail first second", &in));
	assert_false(rdata_parse(rrtype_find(TYPE_MX), &in, origin, &out));
	assert_memory_equal(in.problem_at.at, "first", 5); /* the first that is too much */
	assert_true(words_of("10", &in));
	assert_false(rdata_parse(rrtype_find(TYPE_MX), &in, origin, &out));
	assert_ptr_equal(in.problem_at.at, in.tail); /* where the name should stand */
}

static void an_output_keeps_what_it_had(void **state)
{
	uint8_t room[64] = "before";
	struct writer out = writer_init(room, sizeof room);
	struct words in;

	(void)state;
	out.pos += 6;
	assert_true(words_of("10 mail more", &in));
	assert_false(rdata_parse(rrtype_find(TYPE_MX), &in, origin, &out));
	assert_int_equal(writer_size(&out), 6);
	assert_true(words_of("10 mail", &in));
	assert_true(rdata_parse(rrtype_find(TYPE_MX), &in, origin, &out));
	assert_int_equal(writer_size(&out), 6 + 2 + 5 + sizeof origin_octets);
	assert_memory_equal(room, "before\0\12\4mail\7example", 22);
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
		TEST(the_hint_of_every_type_is_a_good_example),
		TEST(whatever_is_valid_survives_text_rfc_3597_6),
		TEST(random_octets_never_do_harm),
		TEST(every_type_takes_the_generic_form_rfc_3597_5),
		TEST(a_quoted_mark_is_a_string_rfc_3597_5),
		TEST(unknown_types_are_printed_in_the_generic_form_rfc_3597_5),
		TEST(broken_octets_are_printed_in_the_generic_form),
		TEST(print_appends_and_does_not_overflow),
		TEST(data_ends_at_65535_octets_rfc_1035_4_1_3),
		TEST(long_lists_stop_at_the_end_of_the_output),
		TEST(parameters_may_be_many_and_some_out_of_order_rfc_9460_2_1),
		TEST(the_failing_word_and_an_example_are_told),
		TEST(an_output_keeps_what_it_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
