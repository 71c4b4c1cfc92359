/*
 * test_rdata_walk.c -- RDATA piece by piece, in wire form and as stored.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/guard.h"
#include "support/zone_text.h"
#include "zone/rdata_walk.h"

/* The pieces as text: octets in hex, <names> that may not be compressed, {names} that may. */
static void print_pieces(struct rdata_walk *walk, struct text *out)
{
	while (rdata_walk_next(walk)) {
		if (walk->is_name) {
			text_put_char(out, walk->compress ? '{' : '<');
			name_print(walk->name, out);
			text_put_char(out, walk->compress ? '}' : '>');
		} else {
			text_put_hex(out, walk->octets, walk->size);
			text_put_char(out, ' ');
		}
	}
}

static const struct {
	const char *rule;
	uint16_t type;
	const char *text; /* RDATA in a zone file */
	const char *wire; /* the same in hex */
	const char *pieces;
} rows[] = {
	{ "fields without names are one piece", 1, "192.0.2.1", "c0000201", "C0000201 " },
	{ "strings, too", 16, "a bc", "0161 026263", "0161026263 " },
	{ "a name alone, of RFC 1035: may be compressed", 2, "ns", "026e73 076578616d706c65 00",
	  "{ns.example.}" },
	{ "octets, then a name", 15, "10 .", "000a 00", "000A {.}" },
	{ "two names, then octets", 6, "a. b. 1 2 3 4 5",
	  "016100 016200 00000001 00000002 00000003 00000004 00000005",
	  "{a.}{b.}0000000100000002000000030000000400000005 " },
	{ "RFC 3597 §4: names of later types are not compressed", 33, "1 2 3 a.",
	  "0001 0002 0003 016100", "000100020003 <a.>" },
	{ "RP of RFC 1183 is one of these", 17, "a. b.", "016100 016200", "<a.><b.>" },
	{ "DNAME is one of these", 39, "a.", "016100", "<a.>" },
	{ "octets, a name, octets", 46, "A 13 1 5 20260201000000 20260101000000 1 a. AAAA",
	  "0001 0d 01 00000005 697e9780 6955b900 0001 016100 000000",
	  "00010D0100000005697E97806955B9000001 <a.>000000 " },
	{ "nothing behind the name", 64, "0 a.", "0000 016100", "0000 <a.>" },
	{ "parameters behind the name", 65, "1 . port=53", "0001 00 0003 0002 0035",
	  "0001 <.>000300020035 " },
	{ "names inside of a field are octets", 55, "1 AB AAAA a.", "01 01 0003 ab 000000 016100",
	  "01010003AB000000016100 " },
	{ "a type that nobody knows is octets", 65280, "\\# 3 016100", "016100", "016100 " },
	{ "no octets, no piece", 65280, "\\# 0", "", "" },
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static void wire_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		char got[512];
		struct text out = text_init(got, sizeof got);
		size_t size;
		const uint8_t *wire = guard_hex(rows[i].wire, &size);
		struct rdata_walk walk = rdata_walk_wire(rrtype_find(rows[i].type), wire, size);

		print_pieces(&walk, &out);
		expect_text(rows[i].rule, got, rows[i].pieces);
		guard_release();
	}
}

static void stored_form(void **state)
{
	char body[256];

	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		char got[512];
		struct text out = text_init(got, sizeof got), line = text_init(body, sizeof body);

		if (rows[i].type == TYPE_SOA) /* a zone has one already */
			continue;
		text_format(&line, "x 5 TYPE%u %s\n", rows[i].type, rows[i].text);
		struct zone_text *t = zone_text_body(body);
		expect_text(rows[i].rule, text_str(&t->found), "");
		const struct node *x = node_next(&t->z, image_apex(&t->z));
		const struct rrset *set = node_rrsets(x);
		struct item_walk items = item_walk(set);
		assert_true(item_next(&items));
		struct rdata_walk walk = rdata_walk_stored(&t->z, rrtype_find(set->type),
							   items.item.octets, items.item.size);
		print_pieces(&walk, &out);
		expect_text(rows[i].rule, got, rows[i].pieces);
		assert_int_equal((set->shape & RRSET_NAMES) != 0, strpbrk(got, "{<") != NULL);
		zone_text_free(t);
	}
}

/* A stored name knows its node when it is one of the zone. */
static void a_stored_name_is_told_with_its_place(void **state)
{
	struct zone_text *t = zone_text_body("@ 5 NS in\n@ 5 NS out.test.\nin 5 A 192.0.2.1\n");
	const struct rrset *ns = node_find(image_apex(&t->z), TYPE_NS);
	struct item_walk items = item_walk(ns);

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		assert_true(item_next(&items));
		struct rdata_walk walk = rdata_walk_stored(&t->z, rrtype_find(TYPE_NS),
							   items.item.octets, items.item.size);
		assert_true(rdata_walk_next(&walk));
		assert_non_null(walk.stored);
		assert_int_equal(walk.stored->node != 0, i == 0);
		assert_false(rdata_walk_next(&walk));
	}
	assert_false(item_next(&items));
	zone_text_free(t);
}

/* RDATA that its row does not fit ends the walk: it never reads beyond. */
static void broken_wire_form_ends_the_walk(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		size_t size;
		const uint8_t *wire = guard_hex(rows[i].wire, &size);

		for (size_t n = 0; n < size; n++) {
			struct rdata_walk walk =
				rdata_walk_wire(rrtype_find(rows[i].type), guard_copy(wire, n), n);
			unsigned pieces = 0;

			while (rdata_walk_next(&walk))
				pieces++;
			assert_true(pieces <= RRTYPE_FIELDS);
		}
		guard_release();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wire_form),
		cmocka_unit_test(stored_form),
		cmocka_unit_test(a_stored_name_is_told_with_its_place),
		cmocka_unit_test(broken_wire_form_ends_the_walk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
