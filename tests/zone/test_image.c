/*
 * test_image.c -- reading a sealed zone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "support/guard.h"
#include "support/zone_text.h"
#include "zone/image.h"
#include "zone/lookup.h"

static const char body[] = "@ 5 NS ns\nns 5 A 192.0.2.1\nns 6 AAAA 2001:db8::1\n"
			   "*.w 5 TXT wild\na.b.c 5 A 192.0.2.2\nt 5 TXT a\nt 5 TXT bcd\n"
			   "n 5 NULL \\# 0\nn 5 TYPE65280 \\# 2 0102\n";

static struct probe probe_of(const struct image *z, const char *name)
{
	static struct name_buf n;
	struct probe p;

	assert_null(name_parse_absolute(name, &n));
	probe_init(&p, &z->header->key, name_view(&n));
	return p;
}

/* The node of a name, found label by label, or NULL. */
static const struct node *walk_to(const struct image *z, const char *name)
{
	struct probe p = probe_of(z, name);
	const struct node *n = image_apex(z);

	for (unsigned depth = z->header->origin_labels + 1u; depth <= p.labels && n; depth++)
		n = image_child(z, n, &p, depth);
	return n;
}

static void the_header_tells_of_the_zone(void **state)
{
	struct zone_text *t = zone_text_body(body);
	const struct image_header *h = t->z.header;

	(void)state;
	assert_int_equal(h->size, t->size);
	assert_int_equal(h->record_count, 10);
	assert_int_equal(h->node_count, 9); /* example. ns w *.w c b.c a.b.c t n */
	assert_int_equal(h->serial, 1);
	assert_int_equal(h->negative_ttl, 5);
	assert_int_equal(h->origin_labels, 1);
	assert_int_equal(((const struct rrset *)image_at(&t->z, h->soa))->type, TYPE_SOA);
	assert_int_equal(((const struct rrset *)image_at(&t->z, h->ns))->type, TYPE_NS);
	assert_memory_equal(image_origin(&t->z).octets, "\7example", 9);
	zone_text_free(t);
}

static void the_negative_ttl_is_the_smaller_one(void **state)
{
	static const struct {
		const char *rule, *text;
		uint32_t ttl;
	} rows[] = {
		{ "RFC 2308 §5: MINIMUM", "@ 3600 SOA ns root 1 2 3 4 60\n", 60 },
		{ "RFC 2308 §5: the SOA's own TTL", "@ 60 SOA ns root 1 2 3 4 3600\n", 60 },
		{ "either may be 0", "@ 60 SOA ns root 1 2 3 4 0\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct zone_text *t = zone_text(rows[i].text);

		if (t->z.header->negative_ttl != rows[i].ttl)
			fail_msg("%s", rows[i].rule);
		assert_int_equal(t->z.header->ns, 0);
		zone_text_free(t);
	}
}

static void every_name_is_found_and_no_other(void **state)
{
	static const struct {
		const char *name;
		bool there;
	} rows[] = {
		{ "example.", true },      { "ns.example.", true },
		{ "NS.Example.", true },   { "w.example.", true },
		{ "*.w.example.", true },  { "c.example.", true },
		{ "b.c.example.", true },  { "a.b.c.example.", true },
		{ "x.example.", false },   { "a.ns.example.", false },
		{ "b.example.", false },   { "n.s.example.", false },
		{ "x.w.example.", false }, { "ns\\000.example.", false },
	};
	struct zone_text *t = zone_text_body(body);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if ((walk_to(&t->z, rows[i].name) != NULL) != rows[i].there)
			fail_msg("%s", rows[i].name);
	zone_text_free(t);
}

/* What is fetched ahead is what will be found. */
static void a_guess_is_the_node_that_is_found(void **state)
{
	static const char *const names[] = { "ns.example.", "NS.example.", "c.example.",
					     "a.b.c.example.", "x.example." };
	struct zone_text *t = zone_text_body(body);

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct probe p = probe_of(&t->z, names[i]);

		assert_ptr_equal(image_guess(&t->z, probe_hash(&p, p.labels)),
				 walk_to(&t->z, names[i]));
	}
	zone_text_free(t);
}

static void a_node_tells_its_name(void **state)
{
	static const char *const names[] = { "example.", "ns.example.", "*.w.example.",
					     "a.b.c.example." };
	struct zone_text *t = zone_text_body(body);

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct name_buf got, expected;

		assert_null(name_parse_absolute(names[i], &expected));
		node_name(&t->z, walk_to(&t->z, names[i]), &got);
		assert_int_equal(got.size, expected.size);
		assert_memory_equal(got.octets, expected.octets, got.size);
	}
	zone_text_free(t);
}

static void the_wildcard_of_a_node(void **state)
{
	struct zone_text *t = zone_text_body(body);
	struct probe p = probe_of(&t->z, "w.example.");
	const struct node *w = walk_to(&t->z, "w.example.");

	(void)state;
	assert_true(w->flags & NODE_WILDCARD);
	assert_ptr_equal(image_wildcard(&t->z, w, probe_hash(&p, 2)),
			 walk_to(&t->z, "*.w.example."));
	zone_text_free(t);
}

static void rrsets_of_a_node_are_found_by_type(void **state)
{
	struct zone_text *t = zone_text_body(body);
	const struct node *ns = walk_to(&t->z, "ns.example.");

	(void)state;
	assert_int_equal(ns->rrsets, 2);
	assert_int_equal(node_find(ns, TYPE_A)->ttl, 5);
	assert_int_equal(node_find(ns, TYPE_AAAA)->ttl, 6);
	assert_null(node_find(ns, TYPE_MX));
	assert_ptr_equal(node_find(ns, TYPE_A), node_rrsets(ns)); /* by type, from the smallest */
	assert_ptr_equal(node_find(ns, TYPE_AAAA), rrset_next(node_rrsets(ns)));
	assert_null(node_find(walk_to(&t->z, "c.example."), TYPE_A)); /* an empty non-terminal */
	assert_int_equal(walk_to(&t->z, "c.example.")->rrsets, 0);
	zone_text_free(t);
}

static void items_are_walked(void **state)
{
	struct zone_text *t = zone_text_body(body);
	struct item_walk items = item_walk(node_find(walk_to(&t->z, "t.example."), TYPE_TXT));

	(void)state;
	assert_true(item_next(&items)); /* of several sizes */
	assert_int_equal(items.item.size, 2);
	assert_memory_equal(items.item.octets, "\1a", 2);
	assert_true(item_next(&items));
	assert_memory_equal(items.item.octets, "\3bcd", 4);
	assert_false(item_next(&items));
	assert_false(item_next(&items));
	items = item_walk(node_find(walk_to(&t->z, "ns.example."), TYPE_A)); /* of one */
	assert_true(item_next(&items));
	assert_int_equal(items.item.size, 4);
	assert_false(item_next(&items));
	items = item_walk(node_find(walk_to(&t->z, "n.example."), 10)); /* without octets */
	assert_true(item_next(&items));
	assert_int_equal(items.item.size, 0);
	assert_false(item_next(&items));
	assert_int_equal(node_find(walk_to(&t->z, "n.example."), 65280)->count, 1);
	zone_text_free(t);
}

/* In the order of the file, where a name with names above it brings those that are new. */
static void nodes_follow_each_other_as_the_file_names_them(void **state)
{
	static const char *const names[] = { "example.",       "ns.example.", "w.example.",
					     "*.w.example.",   "c.example.",  "b.c.example.",
					     "a.b.c.example.", "t.example.",  "n.example." };
	struct zone_text *t = zone_text_body(body);
	const struct node *n = image_apex(&t->z);

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++, n = node_next(&t->z, n)) {
		struct name_buf name;
		char shown[NAME_MAX_TEXT];
		struct text out = text_init(shown, sizeof shown);

		assert_non_null(n);
		node_name(&t->z, n, &name);
		name_print(name_view(&name), &out);
		assert_string_equal(shown, names[i]);
	}
	assert_null(n);
	zone_text_free(t);
}

/* All references are offsets: a copy at any aligned address answers alike. */
static void an_image_answers_at_any_address(void **state)
{
	struct zone_text *t = zone_text_body(body);
	uint8_t *room = malloc(t->size + 64);
	char first[4096];

	(void)state;
	strcpy(first, zone_text_print(t));
	for (size_t shift = 0; shift <= 32; shift += 8) {
		uint8_t *copy = room + shift;

		memcpy(copy, t->octets, t->size);
		assert_true(image_open(&t->z, copy, t->size));
		expect_text("the same zone", zone_text_print(t), first);
		assert_non_null(walk_to(&t->z, "a.b.c.example."));
	}
	/* With the original gone, nothing may lead back into it. */
	memset(t->octets, 0xff, t->size);
	expect_text("nor does it lean on the original", zone_text_print(t), first);
	free(room);
	zone_text_free(t);
}

static void what_is_no_image_is_refused(void **state)
{
	static const struct {
		const char *rule;
		size_t at; /* a field of the header */
		uint32_t value;
	} rows[] = {
#define FIELD(name) offsetof(struct image_header, name)
		{ "another magic", FIELD(magic), 0 },
		{ "another version of the layout", FIELD(magic) + 4, 0x7f6e7a35 },
		{ "a size that is not its own", FIELD(size), 100 },
		{ "a size too large", FIELD(size), UINT32_MAX },
		{ "an apex in the header", FIELD(apex), 8 },
		{ "an apex outside", FIELD(apex), UINT32_MAX - 3 },
		{ "an apex that is not aligned", FIELD(apex), sizeof(struct image_header) + 13 },
		{ "nodes that end outside", FIELD(nodes_end), UINT32_MAX },
		{ "names outside", FIELD(names), UINT32_MAX - 3 },
		{ "slots outside", FIELD(slots), UINT32_MAX - 3 },
		{ "slots in the header", FIELD(slots), 0 },
		{ "too many slots", FIELD(slot_count), UINT32_MAX },
		{ "no free slot: a search would never end", FIELD(slot_count), 9 },
		{ "an SOA in the header", FIELD(soa), 4 },
		{ "an SOA outside", FIELD(soa), UINT32_MAX - 3 },
	};
	struct zone_text *t = zone_text_body(body);
	uint64_t *copy = malloc(t->size);
	struct image z;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		memcpy(copy, t->octets, t->size);
		memcpy((uint8_t *)copy + rows[i].at, &rows[i].value, sizeof rows[i].value);
		if (image_open(&z, copy, t->size))
			fail_msg("%s", rows[i].rule);
	}
	memcpy(copy, t->octets, t->size);
	assert_true(image_open(&z, copy, t->size));
	for (size_t size = 0; size < t->size; size += size < 1000 ? 1 : 97)
		if (image_open(&z, guard_copy(t->octets, size & ~(size_t)7), size & ~(size_t)7))
			fail_msg("cut off at %zu", size);
	guard_release();
	free(copy);
	zone_text_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_tells_of_the_zone),
		cmocka_unit_test(the_negative_ttl_is_the_smaller_one),
		cmocka_unit_test(every_name_is_found_and_no_other),
		cmocka_unit_test(a_guess_is_the_node_that_is_found),
		cmocka_unit_test(a_node_tells_its_name),
		cmocka_unit_test(the_wildcard_of_a_node),
		cmocka_unit_test(rrsets_of_a_node_are_found_by_type),
		cmocka_unit_test(items_are_walked),
		cmocka_unit_test(nodes_follow_each_other_as_the_file_names_them),
		cmocka_unit_test(an_image_answers_at_any_address),
		cmocka_unit_test(what_is_no_image_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
