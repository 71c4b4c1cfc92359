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

static const struct siphash_key key = { 3, 4 };

static struct builder begin(const char *origin)
{
	struct builder b;
	struct name_buf n;

	assert_null(name_parse_absolute(origin, &n));
	assert_true(builder_init(&b, name_view(&n), &key, &builder_limits_default));
	return b;
}

static void add(struct builder *b, const char *name)
{
	struct name_buf n;

	assert_null(name_parse((const uint8_t *)name, strlen(name), name_root, &n));
	assert_int_not_equal(builder_node(b, name_view(&n)), 0);
}

/* Whatever the room holds before, it is zero in the end. */
static void order(struct builder *b)
{
	size_t size = order_room(b);
	uint8_t *room = malloc(size);

	assert_non_null(room);
	assert_true(size <= b->nodes.used);
	memset(room, 0xa5, size);
	zone_order(b, room);
	for (size_t i = 0; i < size; i++)
		assert_int_equal(room[i], 0);
	free(room);
}

/* The names in the order of the walk, a blank between them. */
static void print_order(const struct builder *b, char *room, size_t size)
{
	struct text out = text_init(room, size);

	for (uint32_t n = b->apex; n != 0; n = order_next(b, n)) {
		struct name_buf name;

		builder_name(b, n, &name);
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
	order(&b);
	print_order(&b, got, sizeof got);
	assert_string_equal(got, "example. a.example. yljkjljk.a.example. Z.a.example. "
				 "zABC.a.example. z.example. \\001.z.example. *.z.example. "
				 "\\200.z.example. ");
	builder_free(&b);
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
		order(&b);
		print_order(&b, got, sizeof got);
		expect_text(rows[i].rule, got, rows[i].order);
		builder_free(&b);
	}
}

static void random_names_are_sorted_as_name_compare_has_it(void **state)
{
	struct random_source random = { 0x1234567 };

	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		struct builder b = begin(round % 2 ? "example." : ".");
		struct name_buf name, before;
		uint32_t count = 0;

		for (unsigned i = 0; i < 1000; i++) {
			random_name(&random, name_view(&b.origin), 5, &name);
			assert_int_not_equal(builder_node(&b, name_view(&name)), 0);
		}
		order(&b);
		for (uint32_t n = b.apex; n != 0; n = order_next(&b, n), count++) {
			builder_name(&b, n, &name);
			if (count > 0)
				assert_true(name_compare(name_view(&before), name_view(&name)) < 0);
			before = name;
		}
		assert_int_equal(count, b.node_count);
		builder_free(&b);
	}
}

/* A long chain and a wide fan: no recursion, no square of anything. */
static void shapes_at_the_limits(void **state)
{
	struct builder b = begin(".");
	uint8_t octets[NAME_MAX_SIZE];
	uint32_t count = 0;
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
	order(&b);
	for (uint32_t n = b.apex; n != 0; n = order_next(&b, n))
		count++;
	assert_int_equal(count, 1 + NAME_MAX_LABELS + 50000);
	builder_free(&b);
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
