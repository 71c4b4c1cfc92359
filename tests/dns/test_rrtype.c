/*
 * test_rrtype.c -- the table of record types.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "dns/field.h"
#include "dns/rrtype.h"
#include "support/guard.h"

static bool read_type(const char *text, uint16_t *code)
{
	size_t size = strlen(text);

	return rrtype_parse(guard_copy(text, size), size, code);
}

static const char *type_text(uint16_t code)
{
	static char buffer[32];
	struct text text = text_init(buffer, sizeof buffer);

	rrtype_print(code, &text);
	return buffer;
}

static void every_type_is_read_as_it_is_printed(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= UINT16_MAX; code++) {
		uint16_t found = (uint16_t)~code;

		if (!read_type(type_text((uint16_t)code), &found) || found != code)
			fail_msg("%s is read as %u", type_text((uint16_t)code), found);
		guard_release();
	}
}

static void every_type_has_its_number_too_rfc_3597_5(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= UINT16_MAX; code++) {
		char text[16];
		uint16_t found;

		snprintf(text, sizeof text, code % 2 ? "TYPE%u" : "type%u", code);
		assert_true(read_type(text, &found));
		assert_int_equal(found, code);
		guard_release();
	}
}

static void every_row_ends_and_names_known_kinds(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= UINT16_MAX; code++) {
		const struct rrtype *type = rrtype_find((uint16_t)code);
		size_t n = 0, names = 0;

		assert_non_null(type);
		assert_true(!type->text[0] || type->code == code);
		assert_true(!type->text[0] == !rrtype_hint(type));
		assert_non_null(memchr(type->text, '\0', sizeof type->text));
		while (n < RRTYPE_FIELDS && type->fields[n] != FIELD_END) {
			assert_true(type->fields[n] < FIELD_KINDS);
			names += field_is_name(type->fields[n++]);
		}
		assert_true(n > 0 && n < RRTYPE_FIELDS);
		assert_true(names <= RRTYPE_MAX_NAMES);
	}
}

static void mnemonics_have_no_case_rfc_1035_2_3_3(void **state)
{
	uint16_t code;

	(void)state;
	assert_true(read_type("mx", &code) && code == TYPE_MX);
	assert_true(read_type("Nsec3Param", &code) && code == 51);
	assert_true(read_type("nsap-ptr", &code) && code == 23);
	assert_true(read_type("dlv", &code) && code == TYPE_DLV);
}

static void other_texts_name_no_type(void **state)
{
	static const char *const texts[] = {
		"",       "TYPE",   "TYPE65536", "TYPE99999", "TYPE000001", "TYPE-1",      "TYPE1x",
		"TYPE 1", "MXX",    "M",         "IN",        "3600",       "NSEC3PARAMS", "AA",
		"TXT.",   "CLASS1", "*",         "A\001",
	};
	uint16_t code;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (read_type(texts[i], &code))
			fail_msg("'%s' is read as %u", texts[i], code);
}

static unsigned count_names(uint16_t code, uint8_t kind)
{
	const struct rrtype *type = rrtype_find(code);
	unsigned n = 0;

	for (size_t i = 0; i < RRTYPE_FIELDS && type->fields[i] != FIELD_END; i++)
		n += type->fields[i] == kind;
	return n;
}

/* Every octet in the place of every octet of every mnemonic, and one octet more. */
static void no_other_octet_stands_for_one_of_a_mnemonic(void **state)
{
	(void)state;
	for (uint32_t code = 1; code < 300; code++) {
		const char *text = type_text((uint16_t)code);
		uint8_t other[32];
		size_t size = strlen(text);
		uint16_t found;

		if (strncmp(text, "TYPE", 4) == 0)
			continue;
		for (size_t i = 0; i < size * 256; i++) {
			memcpy(other, text, size + 1);
			other[i / 256] = (uint8_t)i;
			if (rrtype_parse(other, size, &found) && found == code &&
			    !octets_equal_folded((const uint8_t *)text, other, size))
				fail_msg("octet %zu of %s may be %zu", i / 256, text, i % 256);
		}
		memcpy(other, text, size + 1);
		assert_false(rrtype_parse(other, size + 1, &found) && found == code);
	}
}

static void only_rfc_1035s_types_are_compressed_rfc_3597_4(void **state)
{
	(void)state;
	for (uint32_t code = 17; code <= UINT16_MAX; code++)
		assert_int_equal(count_names((uint16_t)code, FIELD_NAME), 0);
	for (uint16_t code = 0; code <= 16; code++)
		assert_int_equal(count_names(code, FIELD_NAME_PLAIN), 0);
	assert_int_equal(count_names(TYPE_SOA, FIELD_NAME), 2);
	assert_int_equal(count_names(TYPE_MX, FIELD_NAME), 1);
	assert_int_equal(count_names(TYPE_SRV, FIELD_NAME_PLAIN), 1);   /* RFC 2782 */
	assert_int_equal(count_names(TYPE_DNAME, FIELD_NAME_PLAIN), 1); /* RFC 6672 §2.5 */
}

static bool has_flag(uint16_t code, uint8_t flag)
{
	return (rrtype_find(code)->flags & flag) != 0;
}

static void questions_are_no_records_rfc_6895_3_1(void **state)
{
	(void)state;
	assert_true(has_flag(TYPE_OPT, RRTYPE_META));
	for (uint16_t code = TYPE_TKEY; code <= TYPE_ANY; code++)
		assert_true(has_flag(code, RRTYPE_META));
	assert_true(has_flag(128, RRTYPE_META)); /* NXNAME, RFC 9824 §3.4 */
	assert_false(has_flag(TYPE_A, RRTYPE_META));
	assert_false(has_flag(256, RRTYPE_META));
	assert_false(has_flag(65280, RRTYPE_META));
}

static void some_types_stand_beside_a_cname_rfc_4035_2_5(void **state)
{
	static const uint16_t beside[] = { 24, TYPE_KEY, TYPE_NXT, TYPE_RRSIG, TYPE_NSEC };

	(void)state;
	for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++)
		assert_true(has_flag(beside[i], RRTYPE_BESIDE_CNAME));
	assert_false(has_flag(TYPE_A, RRTYPE_BESIDE_CNAME));
	assert_false(has_flag(TYPE_DNSKEY, RRTYPE_BESIDE_CNAME));
}

static void some_types_come_once_only(void **state)
{
	(void)state;
	assert_true(has_flag(TYPE_SOA, RRTYPE_SINGLE));   /* RFC 1035 §5.2 */
	assert_true(has_flag(TYPE_CNAME, RRTYPE_SINGLE)); /* RFC 2181 §10.1 */
	assert_true(has_flag(TYPE_DNAME, RRTYPE_SINGLE)); /* RFC 6672 §2.4 */
	assert_false(has_flag(TYPE_NS, RRTYPE_SINGLE));
}

static bool read_class(const char *text, uint16_t *code)
{
	size_t size = strlen(text);

	return rrclass_parse(guard_copy(text, size), size, code);
}

static void classes_have_names_and_numbers_rfc_3597_5(void **state)
{
	uint16_t code;
	char buffer[32];
	struct text text = text_init(buffer, sizeof buffer);

	(void)state;
	assert_true(read_class("IN", &code) && code == CLASS_IN);
	assert_true(read_class("ch", &code) && code == CLASS_CH);
	assert_true(read_class("Hs", &code) && code == CLASS_HS);
	assert_true(read_class("ANY", &code) && code == CLASS_ANY);
	assert_true(read_class("CLASS32", &code) && code == 32);
	assert_true(read_class("class65535", &code) && code == 65535);
	assert_false(read_class("CLASS65536", &code));
	assert_false(read_class("CLASS", &code));
	assert_false(read_class("INN", &code));
	assert_false(read_class("", &code));
	rrclass_print(CLASS_IN, &text);
	rrclass_print(32, &text);
	assert_string_equal(buffer, "INCLASS32");
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
		TEST(every_type_is_read_as_it_is_printed),
		TEST(every_type_has_its_number_too_rfc_3597_5),
		TEST(every_row_ends_and_names_known_kinds),
		TEST(mnemonics_have_no_case_rfc_1035_2_3_3),
		TEST(other_texts_name_no_type),
		TEST(no_other_octet_stands_for_one_of_a_mnemonic),
		TEST(only_rfc_1035s_types_are_compressed_rfc_3597_4),
		TEST(questions_are_no_records_rfc_6895_3_1),
		TEST(some_types_stand_beside_a_cname_rfc_4035_2_5),
		TEST(some_types_come_once_only),
		TEST(classes_have_names_and_numbers_rfc_3597_5),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
