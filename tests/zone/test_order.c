/*
 * test_order.c -- nodes in canonical order (RFC 4034 §6.1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/random_names.h"
#include "support/zone_text.h"
#include "zone/order.h"
#include "zone/seal.h"

static const struct siphash_key key = { 3, 4 };

static struct builder begin(const char *origin)
{
	static const uint8_t soa[22] = { 0 };
	struct builder b;
	struct name_buf n;

	assert_null(name_parse_absolute(origin, &n));
	assert_true(builder_init(&b, name_view(&n), &key, &builder_limits_default));
	assert_null(builder_add(&b, b.apex, TYPE_SOA, 5, (struct slice){ soa, sizeof soa }, 0));
	return b;
}

static void add(struct builder *b, const char *name)
{
	struct name_buf n;

	assert_null(name_parse((const uint8_t *)name, strlen(name), name_root, &n));
	assert_int_not_equal(builder_node(b, name_view(&n)), 0);
}

/* A sealed zone and its nodes in order. */
struct ordered {
	uint8_t *octets;
	struct image z;
	struct order order;
};

/* All nodes of the builder, which is freed. */
static struct ordered order(struct builder *b)
{
	struct ordered o;

	builder_complete(b);
	o.octets = calloc(1, seal_room(b));
	assert_non_null(o.octets);
	struct seal_output out = seal_in_memory(o.octets);
	size_t size = seal_zone(b, &(struct sources){ 0 }, &out);
	assert_true(size > 0 && image_open(&o.z, o.octets, size));
	assert_true(order_make(&o.order, &o.z));
	assert_int_equal(o.order.count, b->node_count);
	assert_null(order_node(&o.order, o.order.count));
	builder_free(b);
	return o;
}

static void end(struct ordered *o)
{
	order_free(&o->order);
	assert_null(o->order.nodes);
	free(o->octets);
}

/* The names in that order, a blank between them. */
static void print_order(const struct ordered *o, char *room, size_t size)
{
	struct text out = text_init(room, size);

	for (uint32_t i = 0; i < o->order.count; i++) {
		struct name_buf name;

		node_name(&o->z, order_node(&o->order, i), &name);
		name_print(name_view(&name), &out);
		text_put_char(&out, ' ');
	}
}

/* The list in RFC 4034 §6.1, put in from the end. */
static void the_example_of_the_rfc(void **state)
{
	static const char *const names[] = { "\\200.z.example.",    "*.z.example.",
					     "\\001.z.example.",    "z.example.",
					     "zABC.a.EXAMPLE.",     "Z.a.example.",
					     "yljkjljk.a.example.", "a.example." };
	struct builder b = begin("example.");
	char got[512];

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		add(&b, names[i]);
	struct ordered o = order(&b);
	print_order(&o, got, sizeof got);
	assert_string_equal(got, "example. a.example. yljkjljk.a.example. Z.a.example. "
				 "zABC.a.example. z.example. \\001.z.example. *.z.example. "
				 "\\200.z.example. ");
	end(&o);
}

static void labels_compare_octet_by_octet(void **state)
{
	static const struct {
		const char *rule, *names[4], *order;
	} rows[] = {
		{ "a label that is a prefix of another comes first",
		  { "ab", "a", "abc" },
		  ". a. ab. abc. " },
		{ "equal in the first eight octets",
		  { "abcdefghz", "abcdefgha", "abcdefgh" },
		  ". abcdefgh. abcdefgha. abcdefghz. " },
		{ "a zero octet is an octet and not the end",
		  { "a\\000", "a", "a\\000\\000" },
		  ". a. a\\000. a\\000\\000. " },
		{ "zeros beyond the eighth",
		  { "abcdefg\\000", "abcdefg", "abcdefg\\000\\000" },
		  ". abcdefg. abcdefg\\000. abcdefg\\000\\000. " },
		{ "upper case is sorted as lower case", { "B", "a", "C" }, ". a. B. C. " },
		{ "'[' stands behind 'Z' but before 'a'", { "z", "[", "A" }, ". [. A. z. " },
		{ "octets above 127 come last", { "\\255", "z", "\\128" }, ". z. \\128. \\255. " },
		{ "a parent before its children before its sibling",
		  { "b", "x.a", "a", "y.x.a" },
		  ". a. x.a. y.x.a. b. " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct builder b = begin(".");
		char got[512];

		for (size_t j = 0; j < 4 && rows[i].names[j]; j++)
			add(&b, rows[i].names[j]);
		struct ordered o = order(&b);
		print_order(&o, got, sizeof got);
		expect_text(rows[i].rule, got, rows[i].order);
		end(&o);
	}
}

static void random_names_are_sorted_as_name_compare_has_it(void **state)
{
	struct random_source random = { 0x1234567 };

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		struct builder b = begin(round % 2 ? "example." : ".");
		struct name_buf name, before;

		for (unsigned i = 0; i < 1000; i++) {
			random_name(&random, name_view(&b.origin), 5, &name);
			assert_int_not_equal(builder_node(&b, name_view(&name)), 0);
		}
		struct ordered o = order(&b);
		for (uint32_t i = 0; i < o.order.count; i++) {
			node_name(&o.z, order_node(&o.order, i), &name);
			if (i > 0)
				assert_true(name_compare(name_view(&before), name_view(&name)) < 0);
			before = name;
		}
		end(&o);
	}
}

/* A long chain and a wide fan: no recursion, no square of anything. */
static void shapes_at_the_limits(void **state)
{
	struct builder b = begin(".");
	uint8_t octets[NAME_MAX_SIZE];
	char label[16];

	(void)state;
	for (unsigned i = 0; i < NAME_MAX_LABELS; i++)
		memcpy(octets + 2 * i, "\1a", 2);
	octets[254] = 0;
	assert_int_not_equal(builder_node(&b, (struct name){ octets, NAME_MAX_SIZE }), 0);
	for (unsigned i = 0; i < 50000; i++) {
		snprintf(label, sizeof label, "w%u.", i * 7919 % 50000);
		add(&b, label);
	}
	struct ordered o = order(&b);
	assert_int_equal(o.order.count, 1 + NAME_MAX_LABELS + 50000);
	assert_memory_equal(order_node(&o.order, o.order.count - 1)->label, "\5w9999", 6);
	end(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_rfc),
		cmocka_unit_test(labels_compare_octet_by_octet),
		cmocka_unit_test(random_names_are_sorted_as_name_compare_has_it),
		cmocka_unit_test(shapes_at_the_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
