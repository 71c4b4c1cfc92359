/*
 * test_builder.c -- a zone under construction: nodes, records, limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "support/guard.h"
#include "support/zone_text.h"
#include "zone/builder.h"

static const struct siphash_key key = { 1, 2 };
static const uint8_t address[4] = { 192, 0, 2, 1 };

static struct name_buf named(const char *text)
{
	struct name_buf n;

	assert_null(name_parse_absolute(text, &n));
	return n;
}

static void begin(struct builder *b, const char *origin)
{
	struct name_buf n = named(origin);

	assert_true(builder_init(b, name_view(&n), &key, &builder_limits_default));
}

static uint32_t node(struct builder *b, const char *text)
{
	struct name_buf n = named(text);

	return builder_node(b, name_view(&n));
}

static uint32_t find(struct builder *b, const char *text)
{
	struct name_buf n = named(text);

	return builder_find(b, name_view(&n));
}

static const char *add(struct builder *b, uint32_t at, uint16_t type, const uint8_t *rdata,
		       size_t size)
{
	return builder_add(b, at, type, 5, (struct slice){ rdata, size }, 7);
}

static void a_new_builder_has_its_apex(void **state)
{
	struct builder b;
	struct name_buf name;

	(void)state;
	begin(&b, "example.");
	assert_int_not_equal(b.apex, 0);
	assert_int_equal(b.node_count, 1);
	assert_int_equal(b.origin_labels, 1);
	assert_int_equal(node(&b, "EXAMPLE."), b.apex);
	builder_name(&b, b.apex, &name);
	assert_true(name_equal(name_view(&name), name_view(&b.origin)));
	builder_free(&b);
}

static void a_node_is_made_once_with_all_its_ancestors(void **state)
{
	struct builder b;
	struct name_buf name, expected = named("a.b.c.Example.");

	(void)state;
	begin(&b, "Example.");
	uint32_t a = node(&b, "a.b.c.example.");
	assert_int_equal(b.node_count, 4);
	assert_int_equal(node(&b, "A.B.C.EXAMPLE."), a);
	assert_int_equal(b.node_count, 4);
	assert_int_equal(builder_node_at(&b, a)->parent, find(&b, "b.c.example."));
	assert_int_not_equal(find(&b, "c.example."), 0);
	builder_name(&b, a, &name);
	assert_int_equal(name.size, expected.size);
	assert_memory_equal(name.octets, expected.octets, expected.size); /* case as first met */
	builder_free(&b);
}

static void what_is_not_there_is_not_found(void **state)
{
	struct builder b;

	(void)state;
	begin(&b, "example.");
	node(&b, "a.example.");
	assert_int_equal(find(&b, "b.example."), 0);
	assert_int_equal(find(&b, "a.a.example."), 0);
	assert_int_equal(find(&b, "a.test."), 0);
	assert_int_equal(find(&b, "."), 0);
	assert_int_equal(b.node_count, 2);
	builder_free(&b);
}

static void the_root_can_be_an_origin(void **state)
{
	struct builder b;
	struct name_buf name;

	(void)state;
	begin(&b, ".");
	uint32_t a = node(&b, "a.b.");
	assert_int_equal(b.node_count, 3);
	assert_int_equal(find(&b, "."), b.apex);
	builder_name(&b, a, &name);
	assert_int_equal(name.size, 5);
	builder_free(&b);
}

static void equal_labels_below_other_parents_stay_apart(void **state)
{
	struct builder b;

	(void)state;
	begin(&b, "example.");
	uint32_t one = node(&b, "x.a.example."), other = node(&b, "x.b.example.");
	assert_int_not_equal(one, other);
	assert_int_equal(find(&b, "x.b.example."), other);
	builder_free(&b);
}

static void builder_next_meets_every_node_in_the_order_made(void **state)
{
	struct builder b;
	uint32_t made[100], count = 0;
	char text[64];

	(void)state;
	begin(&b, "example.");
	for (unsigned i = 0; i < 100; i++) {
		snprintf(text, sizeof text, "%.*s%u.example.", (int)(i % 7), "abcdefg", 100 - i);
		made[i] = node(&b, text);
	}
	for (uint32_t n = builder_next(&b, b.apex); n != 0; n = builder_next(&b, n))
		assert_int_equal(n, made[count++]);
	assert_int_equal(count, 100);
	builder_free(&b);
}

static void records_of_a_name_stay_in_order(void **state)
{
	struct builder b;
	uint8_t rdata[4] = { 10, 0, 0, 0 };

	(void)state;
	begin(&b, "example.");
	uint32_t a = node(&b, "a.example.");
	for (uint8_t i = 0; i < 5; i++) {
		rdata[3] = i;
		assert_null(builder_add(&b, a, TYPE_A, 100u + i, (struct slice){ rdata, 4 },
					1000u + i));
	}
	uint32_t r = builder_node_at(&b, a)->first;
	for (uint8_t i = 0; i < 5; i++) {
		const struct builder_record *record = builder_record_at(&b, r);
		assert_int_equal(record->stored[3], i);
		assert_int_equal(record->ttl, 100 + i);
		assert_int_equal(record->place, 1000 + i);
		assert_int_equal(record->type, TYPE_A);
		assert_int_equal(record->size, 4);
		r = record->next;
	}
	assert_int_equal(r, 0);
	assert_int_equal(b.record_count, 5);
	builder_free(&b);
}

static void a_name_in_record_data_is_kept_once(void **state)
{
	struct builder b;
	const char *rows[] = { "ns.example.", "ns.example.", "NS.example.", "ns.example." };
	uint32_t refs[4];

	(void)state;
	begin(&b, "example.");
	for (unsigned i = 0; i < 4; i++) {
		struct name_buf n = named(rows[i]);
		assert_null(add(&b, b.apex, TYPE_NS, guard_copy(n.octets, n.size), n.size));
		const struct builder_record *r =
			builder_record_at(&b, builder_node_at(&b, b.apex)->last);
		assert_int_equal(r->size, NAME_REF_SIZE);
		memcpy(&refs[i], r->stored, sizeof refs[i]);
	}
	assert_int_equal(refs[0], refs[1]);
	assert_int_equal(refs[0], refs[3]);
	assert_int_not_equal(refs[0], refs[2]); /* case is kept, RFC 4343 §4.1 */
	const struct stored_name *n = pool_at(&b.names, refs[2]);
	assert_int_equal(n->size, 12);
	assert_memory_equal(n->octets, "\2NS\7example", 12);
	builder_free(&b);
	guard_release();
}

/* How far from where its hash says a name stands in the table, on average. */
static double average_way(const struct table *t)
{
	size_t way = 0;

	for (size_t i = 0; i < t->size; i++)
		if (t->slots[i].value != 0)
			way += (i - t->slots[i].hash) & (t->size - 1);
	return (double)way / (double)t->used;
}

/* Names that differ in a number only; how far they stand from where they would best. */
static double way_of(const struct siphash_key *secret, const char *front, int digits,
		     const char *behind)
{
	const struct name_buf origin = named("example.");
	struct builder b;

	assert_true(builder_init(&b, name_view(&origin), secret, &builder_limits_default));
	for (unsigned i = 0; i < 5000; i++) {
		char text[64];

		snprintf(text, sizeof text, "%s%0*u%s", front, digits, i, behind);
		struct name_buf name = named(text);
		assert_null(add(&b, b.apex, TYPE_NS, name.octets, name.size));
	}
	assert_int_equal(b.name_table.used, 5000);
	double way = average_way(&b.name_table);
	builder_free(&b);
	return way;
}

/* Where two thirds of a table are taken it is one; who looks alike must not stand in a row. */
static void names_in_record_data_spread_over_their_table_whatever_they_look_like(void **state)
{
	static const struct siphash_key secrets[] = { { 0, 0 }, { 1, 2 }, { ~0ull, ~0ull } };

	(void)state;
	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
		assert_true(way_of(&secrets[i], "", 1, ".") < 2);
		assert_true(way_of(&secrets[i], "n", 1, ".example.") < 2);
		assert_true(way_of(&secrets[i], "a-name-that-is-long-", 1, ".x.") < 2);
		assert_true(way_of(&secrets[i], "", 5, ".the.same.servers.example.net.") < 2);
		assert_true(way_of(&secrets[i], "", 5, "-16-octets.") < 2);
	}
}

static void an_unknown_type_keeps_its_number(void **state)
{
	struct builder b;

	(void)state;
	begin(&b, "example.");
	assert_null(add(&b, b.apex, 65280, address, 4));
	assert_null(add(&b, b.apex, 65281, address, 0));
	const struct builder_record *r = builder_record_at(&b, builder_node_at(&b, b.apex)->first);
	assert_int_equal(r->type, 65280);
	assert_int_equal(builder_record_at(&b, r->next)->type, 65281);
	assert_int_equal(builder_record_at(&b, r->next)->size, 0);
	builder_free(&b);
}

static void the_largest_record_data_fits(void **state)
{
	static uint8_t rdata[65535];
	struct builder b;

	(void)state;
	begin(&b, "example.");
	assert_null(add(&b, b.apex, 65280, rdata, sizeof rdata));
	assert_int_equal(builder_record_at(&b, builder_node_at(&b, b.apex)->last)->size, 65535);
	/* A root name grows from one octet to four: this one does not fit the stored form. */
	memset(rdata, 'x', sizeof rdata);
	rdata[0] = 0, rdata[1] = 1; /* SVCB: priority 1, target "." */
	rdata[2] = 0;
	rdata[3] = 0xff, rdata[4] = 0x00; /* key65280 */
	store_u16(rdata + 5, 65535 - 7);
	const char *problem = add(&b, b.apex, TYPE_SVCB, rdata, sizeof rdata);
	assert_string_equal(problem, "record data too large to be stored");
	assert_int_equal(b.record_count, 1);
	builder_free(&b);
}

/* security.md row 102. */
static void records_are_limited(void **state)
{
	struct builder b;
	struct name_buf origin = named("example.");
	struct builder_limits limits = { .records = 3, .octets = 1 << 20 };

	(void)state;
	assert_true(builder_init(&b, name_view(&origin), &key, &limits));
	for (unsigned i = 0; i < 3; i++)
		assert_null(add(&b, b.apex, TYPE_A, address, 4));
	assert_string_equal(add(&b, b.apex, TYPE_A, address, 4), "more records than the limit");
	assert_int_equal(b.record_count, 3);
	builder_free(&b);
}

static void the_limit_is_told_at_the_line_that_passes_it(void **state)
{
	static const char zone[] = ZONE_TEXT_SOA
		"a 5 A 192.0.2.1\nb 5 A 192.0.2.1\n\nc 5 A 192.0.2.1\n";

	(void)state;
	for (unsigned limit = 3; limit <= 4; limit++) {
		struct zone_text *t = zone_text_new(zone, strlen(zone));

		t->zf.limits.records = limit;
		zone_text_read(t, "example");
		expect_text("row 102", text_str(&t->found),
			    limit == 4 ? "" : "zone:5:1: error: more records than the limit\n");
		zone_text_free(t);
	}
}

/* Every limit of the pools ends in an error, never in a zone with something left out. */
static void octets_are_limited(void **state)
{
	static const char zone[] = ZONE_TEXT_SOA
		"$GENERATE 1-50 host-$.sub 5 MX 1$ mail-$.example.net.\n$GENERATE 1-200 @ 5 TXT t$\n";
	bool good = false;

	(void)state;
	for (size_t limit = 0; limit < 40000; limit += 200) {
		struct zone_text *t = zone_text_new(zone, strlen(zone));

		t->zf.limits.octets = limit;
		zone_text_read(t, "example");
		assert_false(good && !t->octets);
		good = t->octets != NULL;
		if (good)
			assert_int_equal(t->z.header->record_count, 251);
		else
			assert_non_null(strstr(t->findings, "out of memory"));
		zone_text_free(t);
	}
	assert_true(good);
}

/* What there was no room for is named, and the directive behind it is not run. */
static void an_owner_without_room_is_told(void **state)
{
	char zone[32768];
	size_t used = (size_t)sprintf(zone, "%s", ZONE_TEXT_SOA);
	unsigned owners = 0;

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		used += (size_t)sprintf(zone + used,
					"an-owner-with-a-name-of-some-%u 5 A 1.2.3.4\n"
					"$GENERATE 1-1 g$-%u 5 A 1.2.3.4\n",
					i, i);
	for (size_t limit = 4000; limit < 5000; limit += 8) {
		struct zone_text *t = zone_text_new(zone, used);

		t->zf.limits.octets = limit;
		zone_text_read(t, "example");
		const char *told = strstr(t->findings, ": error: out of memory at '");
		assert_non_null(told);
		if (told) {
			assert_null(strstr(strchr(told, '\''), "out of memory"));
			owners += strstr(told, "'an-owner-with-a-name") != NULL;
		}
		zone_text_free(t);
	}
	assert_in_range(owners, 20, 124);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_builder_has_its_apex),
		cmocka_unit_test(a_node_is_made_once_with_all_its_ancestors),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(the_root_can_be_an_origin),
		cmocka_unit_test(equal_labels_below_other_parents_stay_apart),
		cmocka_unit_test(builder_next_meets_every_node_in_the_order_made),
		cmocka_unit_test(records_of_a_name_stay_in_order),
		cmocka_unit_test(a_name_in_record_data_is_kept_once),
		cmocka_unit_test(
			names_in_record_data_spread_over_their_table_whatever_they_look_like),
		cmocka_unit_test(an_unknown_type_keeps_its_number),
		cmocka_unit_test(the_largest_record_data_fits),
		cmocka_unit_test(records_are_limited),
		cmocka_unit_test(the_limit_is_told_at_the_line_that_passes_it),
		cmocka_unit_test(octets_are_limited),
		cmocka_unit_test(an_owner_without_room_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
