/*
 * test_encode.c -- base16, base32hex and base64.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "dns/encode.h"
#include "support/guard.h"

typedef bool decode_fn(struct decoder *d, const uint8_t *text, size_t size, struct writer *out);
typedef bool done_fn(const struct decoder *d);

struct coding {
	decode_fn *decode;
	done_fn *done;
};

static const struct coding hex = { decode_hex, decode_hex_done };
static const struct coding base32hex = { decode_base32hex, decode_base32hex_done };
static const struct coding base64 = { decode_base64, decode_base64_done };

static uint8_t octets[100];

/* Decodes words that are divided by blanks; how many octets, or -1. */
static int decode(const struct coding *c, const char *words)
{
	struct writer out = writer_init(octets, sizeof octets);
	struct decoder d = { 0 };

	while (*words) {
		size_t size = strcspn(words, " ");

		if (!c->decode(&d, guard_copy(words, size), size, &out))
			return -1;
		words += size + (words[size] == ' ');
	}
	guard_release();
	return c->done(&d) ? (int)writer_size(&out) : -1;
}

static void expect(const struct coding *c, const char *words, const char *expected)
{
	int size = decode(c, words);

	if (size != (int)strlen(expected))
		fail_msg("'%s' gives %d octets", words, size);
	assert_memory_equal(octets, expected, strlen(expected));
}

static void expect_refused(const struct coding *c, const char *words)
{
	if (decode(c, words) >= 0)
		fail_msg("'%s' is accepted", words);
}

static void test_vectors_of_rfc_4648_10(void **state)
{
	static const struct {
		const char *plain, *base64, *base32hex, *hex;
	} vectors[] = {
		{ "", "", "", "" },
		{ "f", "Zg==", "CO", "66" },
		{ "fo", "Zm8=", "CPNG", "666F" },
		{ "foo", "Zm9v", "CPNMU", "666F6F" },
		{ "foob", "Zm9vYg==", "CPNMUOG", "666F6F62" },
		{ "fooba", "Zm9vYmE=", "CPNMUOJ1", "666F6F6261" },
		{ "foobar", "Zm9vYmFy", "CPNMUOJ1E8", "666F6F626172" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		const uint8_t *plain = (const uint8_t *)vectors[i].plain;
		size_t size = strlen(vectors[i].plain);
		char buffer[64];
		struct text text = text_init(buffer, sizeof buffer);

		expect(&base64, vectors[i].base64, vectors[i].plain);
		expect(&base32hex, vectors[i].base32hex, vectors[i].plain);
		expect(&hex, vectors[i].hex, vectors[i].plain);
		encode_base64(&text, guard_copy(plain, size), size);
		assert_string_equal(text_str(&text), vectors[i].base64);
		text = text_init(buffer, sizeof buffer);
		encode_base32hex(&text, guard_copy(plain, size), size);
		assert_string_equal(text_str(&text), vectors[i].base32hex);
	}
}

static void hex_and_base32hex_have_no_case_rfc_4648_7(void **state)
{
	(void)state;
	expect(&hex, "6a6B", "jk");
	expect(&base32hex, "cpnmuoj1e8", "foobar");
	expect(&base64, "zg==", "\xce");
}

static void values_are_broken_anywhere_rfc_4034_2_2(void **state)
{
	(void)state;
	expect(&hex, "6 66 F6 F", "foo");
	expect(&base64, "Z m9 v", "foo");
	expect(&base64, "Zm9vY g==", "foob");
	expect(&base32hex, "C PNM U", "foo");
}

static void half_octets_are_refused(void **state)
{
	(void)state;
	expect_refused(&hex, "6");
	expect_refused(&hex, "666");
	expect_refused(&base32hex, "0");
	expect_refused(&base32hex, "000");
	expect_refused(&base32hex, "000000");
	expect_refused(&base64, "A");
	expect_refused(&base64, "AA");
	expect_refused(&base64, "AAA");
}

static void bits_left_over_are_zero_rfc_4648_3_5(void **state)
{
	(void)state;
	assert_int_equal(decode(&base64, "AA=="), 1);
	expect_refused(&base64, "AB==");
	expect_refused(&base64, "AAB=");
	expect_refused(&base32hex, "01");
}

static void padding_ends_a_group_and_the_value_rfc_4648_3_2(void **state)
{
	(void)state;
	expect_refused(&base64, "=");
	expect_refused(&base64, "A===");
	expect_refused(&base64, "====");
	expect_refused(&base64, "AA=");
	expect_refused(&base64, "AAA==");
	expect_refused(&base64, "AA===");
	expect_refused(&base64, "AAAA=");
	expect_refused(&base64, "AA==AA==");
	expect_refused(&base64, "AA== AAAA");
	expect_refused(&base64, "AA ==");
	expect_refused(&base64, "AA= =");
	expect_refused(&base32hex, "00======");
}

static void other_characters_are_refused_rfc_4648_3_3(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		const char text[] = { (char)c, '0', '0', '0', '\0' };
		bool is_digit = c >= '0' && c <= '9';
		unsigned lower = octet_folded[c];
		bool is_letter = lower >= 'a' && lower <= 'z';

		if (c == ' ')
			continue;
		if (!is_digit && (lower < 'a' || lower > 'f'))
			expect_refused(&hex, text);
		else
			assert_int_equal(decode(&hex, text), 2);
		if (!is_digit && (lower < 'a' || lower > 'v'))
			expect_refused(&base32hex, text);
		else
			assert_true(decode(&base32hex, text) == 2);
		if (!is_digit && !is_letter && c != '+' && c != '/')
			expect_refused(&base64, text);
		else
			assert_int_equal(decode(&base64, text), 3);
	}
}

static void a_full_output_sticks(void **state)
{
	struct writer out = writer_init(octets, 2);
	struct decoder d = { 0 };

	(void)state;
	assert_true(decode_hex(&d, (const uint8_t *)"010203", 6, &out));
	assert_true(out.full);
	assert_int_equal(writer_size(&out), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_of_rfc_4648_10),
		cmocka_unit_test(hex_and_base32hex_have_no_case_rfc_4648_7),
		cmocka_unit_test(values_are_broken_anywhere_rfc_4034_2_2),
		cmocka_unit_test(half_octets_are_refused),
		cmocka_unit_test(bits_left_over_are_zero_rfc_4648_3_5),
		cmocka_unit_test(padding_ends_a_group_and_the_value_rfc_4648_3_2),
		cmocka_unit_test(other_characters_are_refused_rfc_4648_3_3),
		cmocka_unit_test(a_full_output_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
