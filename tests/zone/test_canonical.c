/*
 * test_canonical.c -- RRsets in canonical form and order (RFC 4034 §6.2, §6.3).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/zone_text.h"
#include "zone/canonical.h"

static struct canonical canonical;

/* The RDATA of all records of `a.example.` in order: hex, a blank behind each. */
static const char *in_order(const char *body)
{
	static char hex[64 * 1024];
	struct text out = text_init(hex, sizeof hex);
	struct zone_text *t = zone_text_body(body);

	assert_non_null(t->octets);
	const struct node *n = node_next(&t->z, image_apex(&t->z));
	const struct rrset *set = node_rrsets(n);
	for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set)) {
		canonical_sort(&canonical, &t->z, set);
		for (unsigned k = 0; k < set->count; k++) {
			struct slice rdata = canonical_at(&canonical, k)->rdata;
			text_put_hex(&out, rdata.octets, rdata.size);
			text_put_char(&out, ' ');
		}
	}
	assert_false(out.full);
	zone_text_free(t);
	return hex;
}

static void records_are_sorted_by_their_octets(void **state)
{
	static const struct {
		const char *rule, *body, *order;
	} cases[] = {
		{ "whatever the order of the file", "a 1 A 1.2.3.5\na 1 A 1.2.3.4\n",
		  "01020304 01020305 " },
		{ "octets have no sign", "a 1 A 200.0.0.0\na 1 A 100.0.0.0\n",
		  "64000000 C8000000 " },
		{ "what ends first comes first",
		  "a 1 TYPE65280 \\# 2 0100\na 1 TYPE65280 \\# 1 01\n", "01 0100 " },
		{ "also beyond the first eight octets",
		  "a 1 TYPE65280 \\# 9 000000000000000002\na 1 TYPE65280 \\# 10 "
		  "00000000000000000100\na 1 TYPE65280 \\# 9 000000000000000001\n",
		  "000000000000000001 00000000000000000100 000000000000000002 " },
		{ "nothing comes before a zero", "a 1 TYPE65280 \\# 1 00\na 1 TYPE65280 \\# 0\n",
		  " 00 " },
		{ "by small letters, where these count", "a 1 NS B.\na 1 NS a.\n",
		  "016100 016200 " },
		{ "one type after the other", "a 1 AAAA ::\na 1 TXT x\na 1 A 1.2.3.4\n",
		  "01020304 0178 00000000000000000000000000000000 " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_text(cases[i].rule, in_order(cases[i].body), cases[i].order);
}

static void names_of_the_listed_types_are_in_lower_case(void **state)
{
	static const struct {
		const char *rule, *body, *order;
	} cases[] = {
		{ "NS", "a 1 NS A.", "016100 " },
		{ "MX", "a 1 MX 1 A.", "0001016100 " },
		{ "MINFO has two", "a 1 MINFO A. B.", "016100016200 " },
		{ "RP", "a 1 RP A. B.", "016100016200 " },
		{ "AFSDB", "a 1 AFSDB 1 A.", "0001016100 " },
		{ "RT", "a 1 RT 1 A.", "0001016100 " },
		{ "PX", "a 1 PX 1 A. B.", "0001016100016200 " },
		{ "SRV", "a 1 SRV 1 2 3 A.", "000100020003016100 " },
		{ "NAPTR, but not its strings", "a 1 NAPTR 1 2 S T U A.",
		  "00010002015301540155016100 " },
		{ "KX", "a 1 KX 1 A.", "0001016100 " },
		{ "DNAME", "a 1 DNAME A.", "016100 " },
		{ "RRSIG (RFC 6840 section 5.1)",
		  "a 1 RRSIG A 13 1 5 20260201000000 20260101000000 1 A. AAAA",
		  "00010D0100000005697E97806955B9000001016100000000 " },
		{ "not NSEC (RFC 6840 section 5.1)", "a 1 NSEC A. A", "014100000140 " },
		{ "not types of later days", "a 1 SVCB 1 A.", "0001014100 " },
		{ "not NSAP-PTR", "a 1 NSAP-PTR A.", "014100 " },
		{ "no text", "a 1 TXT A", "0141 " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		expect_text(cases[i].rule, in_order(cases[i].body), cases[i].order);
}

/* As many records as an image takes in one RRset. */
static void the_largest_rrset_has_room(void **state)
{
	static char body[1 << 18];
	struct text out = text_init(body, sizeof body);
	unsigned count = 4600; /* 14 octets each */

	(void)state;
	for (unsigned i = count; i-- > 0;)
		text_format(&out, "a 1 TYPE65280 \\# 1 %02X\na 1 TYPE65281 \\# 2 %04X\n", i % 256,
			    i);
	assert_false(out.full);
	const char *order = in_order(body);
	assert_int_equal(strlen(order), 256 * 3 + count * 5);
	for (unsigned i = 1; i < count; i++)
		assert_true(memcmp(order + 256 * 3 + i * 5 - 5, order + 256 * 3 + i * 5, 4) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_sorted_by_their_octets),
		cmocka_unit_test(names_of_the_listed_types_are_in_lower_case),
		cmocka_unit_test(the_largest_rrset_has_room),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
