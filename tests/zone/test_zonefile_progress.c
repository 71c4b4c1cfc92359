/*
 * What is told of a zone file that is being read: records, and octets of all files
 * that are known of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "support/zone_text.h"

enum { EVERY = 16384, EACH = 20 };

static uint64_t now_ms;
static char drawn[4096];
static char text[1 << 20], more[1 << 20];

/* A second goes by whenever somebody looks: everything that is told is drawn. */
static uint64_t fake_now_ms(void *self)
{
	(void)self;
	return now_ms += 1000;
}

static void draw(const char *shown)
{
	strcat(drawn, shown);
	strcat(drawn, "\n");
}

/* Appends so many records of EACH octets. */
static void put_records(struct text *out, char letter, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		text_format(out, "%c%06u 1 A 1.2.3.4\n", letter, i);
	assert_false(out->full);
}

/* Reads text[], with more[] as the file "more"; what was drawn. */
static const char *read_zone(void)
{
	struct progress p = { .clock = { .now_ms = fake_now_ms }, .draw = draw };
	struct zone_text *t = zone_text_new(text, strlen(text));

	memory_files_add(&t->memory, "more", more, strlen(more));
	drawn[0] = '\0';
	t->zf.progress = &p;
	zone_text_read(t, "example");
	assert_non_null(t->octets);
	zone_text_free(t);
	return drawn;
}

static void expect_line(struct text *out, unsigned n, size_t done, size_t all)
{
	text_format(out, "ten35: %u %%, %u records, %u a second: zone\n",
		    (unsigned)(done * 100 / all), n * EVERY, n * EVERY / n);
}

static void a_small_zone_is_told_of_once(void **state)
{
	(void)state;
	strcpy(text, ZONE_TEXT_SOA);
	assert_string_equal(read_zone(), "ten35: 1 records, now put in order: zone\n\n");
}

static void records_and_octets_are_told_every_16384_records(void **state)
{
	char expected[1024];
	struct text out = text_init(text, sizeof text), told = text_init(expected, sizeof expected);
	size_t soa = strlen(ZONE_TEXT_SOA);

	(void)state;
	text_put(&out, ZONE_TEXT_SOA);
	put_records(&out, 'a', 3 * EVERY);
	for (unsigned n = 1; n <= 3; n++)
		expect_line(&told, n, soa + (n * EVERY - 1) * EACH, out.used);
	text_format(&told, "ten35: %u records, now put in order: zone\n\n", 3 * EVERY + 1);
	assert_string_equal(read_zone(), expected);
}

/* Half is read when the other half turns up. */
static void an_included_file_counts_once_it_is_known(void **state)
{
	char expected[1024];
	struct text out = text_init(text, sizeof text), told = text_init(expected, sizeof expected);
	struct text part = text_init(more, sizeof more);
	size_t soa = strlen(ZONE_TEXT_SOA);

	(void)state;
	text_put(&out, ZONE_TEXT_SOA);
	put_records(&out, 'a', EVERY);
	text_put(&out, "$INCLUDE more\n");
	size_t before = out.used;
	put_records(&out, 'c', EVERY);
	put_records(&part, 'b', EVERY);
	size_t all = out.used + part.used;

	expect_line(&told, 1, soa + (EVERY - 1) * EACH, out.used);
	expect_line(&told, 2, before + (EVERY - 1) * EACH, all);
	expect_line(&told, 3, before + part.used + (EVERY - 1) * EACH, all);
	text_format(&told, "ten35: %u records, now put in order: zone\n\n", 3 * EVERY + 1);
	assert_string_equal(read_zone(), expected);
}

static void made_up_records_count(void **state)
{
	(void)state;
	strcpy(text, ZONE_TEXT_SOA "$GENERATE 1-40000 h$ 1 A 1.2.3.4\n; the end\n");
	assert_string_equal(read_zone(), "ten35: 86 %, 16384 records, 16384 a second: zone\n"
					 "ten35: 86 %, 32768 records, 16384 a second: zone\n"
					 "ten35: 40001 records, now put in order: zone\n\n");
}

static void an_end_without_a_newline_is_the_end(void **state)
{
	struct text out = text_init(text, sizeof text);

	(void)state;
	text_put(&out, ZONE_TEXT_SOA);
	put_records(&out, 'a', EVERY - 1);
	text[out.used - 1] = '\0';
	assert_string_equal(read_zone(), "ten35: 16384 records, now put in order: zone\n"
					 "ten35: 16384 records, now put in order: zone\n\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_zone_is_told_of_once),
		cmocka_unit_test(records_and_octets_are_told_every_16384_records),
		cmocka_unit_test(an_included_file_counts_once_it_is_known),
		cmocka_unit_test(made_up_records_count),
		cmocka_unit_test(an_end_without_a_newline_is_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
