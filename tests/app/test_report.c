/*
 * test_report.c -- what the log says of a zone that was read again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "app/report.h"
#include "log_reading.h"
#include "support/zone_text.h"

/* All that is said of two versions of a zone, read from their texts. */
static const char *said(const char *was, const char *is, const char *audience, bool serial_is_made)
{
	struct zone_text *a = zone_text(was), *b = zone_text(is);

	assert_true(a->octets && b->octets);
	log_begin();
	report_changes(&a->z, &b->z,
		       &(struct report_style){ audience, LEVEL_NOTICE, serial_is_made });
	const char *lines = log_end();
	zone_text_free(a);
	zone_text_free(b);
	return lines;
}

#define SOA(serial) "@ 60 SOA ns root " #serial " 2 3 4 5\n"

static void each_change_is_a_line(void **state)
{
	(void)state;
	expect_text("a record that is new", said(SOA(1), SOA(2) "nas 60 A 10.0.0.7\n", NULL, false),
		    "zone example.: ~ @ SOA serial 1 -> 2\nzone example.: + nas A 10.0.0.7\n");
	expect_text("a record that is gone",
		    said(SOA(1) "old 60 A 10.0.0.6\n", SOA(2), NULL, false),
		    "zone example.: ~ @ SOA serial 1 -> 2\nzone example.: - old A 10.0.0.6\n");
	expect_text("another address",
		    said(SOA(1) "x 60 A 10.0.0.6\n", SOA(1) "x 60 A 10.0.0.7\n", NULL, true),
		    "zone example.: - x A 10.0.0.6\nzone example.: + x A 10.0.0.7\n");
	expect_text("another TTL",
		    said(SOA(1) "www 60 A 10.0.0.6\n", SOA(2) "www 300 A 10.0.0.6\n", NULL, false),
		    "zone example.: ~ @ SOA serial 1 -> 2\nzone example.: ~ www A TTL 60 -> 300\n");
	expect_text("whose version it is",
		    said(SOA(1), SOA(1) "x 60 TXT y\n", "for wg0 10.8.0.0/16", true),
		    "zone example. for wg0 10.8.0.0/16: + x TXT \"y\"\n");
}

static void the_same_content_is_not_worth_a_line(void **state)
{
	(void)state;
	expect_text("the same",
		    said(SOA(1) "a 60 A 10.0.0.1\nb 60 A 10.0.0.2\n",
			 "; moved\n" SOA(1) "B 60 A 10.0.0.2\na 60 A 10.0.0.1\n", NULL, false),
		    "");
}

/* A zone with so many hosts. */
static const char *hosts(unsigned count, unsigned ttl)
{
	static char rooms[2][4096];
	static unsigned next;
	struct text text = text_init(rooms[next++ % 2], sizeof rooms[0]);

	text_put(&text, SOA(1));
	for (unsigned i = 0; i < count; i++)
		text_format(&text, "h%u %u A 10.0.0.%u\n", i, ttl, i);
	return text_str(&text);
}

static unsigned count_lines(const char *text)
{
	unsigned n = 0;

	while ((text = strchr(text, '\n')) != NULL)
		n++, text++;
	return n;
}

static void twenty_changes_are_told_and_more_are_counted(void **state)
{
	(void)state;
	const char *lines = said(SOA(1), hosts(20, 60), NULL, true);
	assert_int_equal(count_lines(lines), 20);
	assert_non_null(strstr(lines, "zone example.: + h0 A 10.0.0.0\n"));
	assert_non_null(strstr(lines, "zone example.: + h9 A 10.0.0.9\n")); /* the last */
	expect_text("21", said(SOA(1), hosts(21, 60), NULL, true),
		    "zone example.: 21 records added, 0 removed, 0 TTLs changed\n");
	expect_text("gone", said(hosts(30, 60), SOA(1), "for wg0", true),
		    "zone example. for wg0: 0 records added, 30 removed, 0 TTLs changed\n");
	expect_text("TTLs", said(hosts(25, 60), hosts(26, 61), NULL, true),
		    "zone example.: 1 records added, 0 removed, 25 TTLs changed\n");
}

static void a_long_record_is_cut_and_not_the_log(void **state)
{
	char text[2048];
	struct text out = text_init(text, sizeof text);

	(void)state;
	text_put(&out, SOA(1) "x 60 TXT");
	for (unsigned i = 0; i < 60; i++)
		text_put(&out, " 0123456789012345678");
	text_put(&out, "\n");
	const char *lines = said(SOA(1), text, NULL, true);
	assert_int_equal(count_lines(lines), 1);
	assert_in_range(strlen(lines), 300, 500);
}

/* RFC 1982 section 3.2: newer is what is less than half of the circle ahead. */
static void a_serial_that_did_not_increase_is_told_once(void **state)
{
	static const struct {
		uint32_t was, is;
		const char *line; /* behind "serial N did not increase" */
	} cases[] = {
		{ 7, 8, NULL },
		{ 7, 7, ": secondaries" },
		{ 8, 7, ", it was larger before: secondaries" },
		{ 0, 0x7fffffff, NULL },
		{ 0, 0x80000000,
		  ", it was larger before: secondaries" }, /* not defined: warned of */
		{ 0, 0x80000001, ", it was larger before: secondaries" },
		{ 0x80000000, 0, ", it was larger before: secondaries" },
		{ 0x80000001, 0, NULL },
		{ 4294967295, 0, NULL }, /* round the circle */
		{ 4294967295, 1, NULL },
		{ 4294967295, 0x7ffffffe, NULL },
		{ 4294967295, 0x7fffffff, ", it was larger before: secondaries" },
		{ 0, 4294967295, ", it was larger before: secondaries" },
		{ 0, 0, ": secondaries" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char was[100], is[100], expected[200];

		snprintf(was, sizeof was, "@ 60 SOA ns root %u 2 3 4 5\n", cases[i].was);
		snprintf(is, sizeof is, "@ 60 SOA ns root %u 2 3 4 5\nx 60 A 10.0.0.1\n",
			 cases[i].is);
		const char *lines = said(was, is, NULL, false);
		snprintf(expected, sizeof expected, "zone example.: serial %u did not increase%s",
			 cases[i].is, cases[i].line ? cases[i].line : "");
		const char *found = strstr(lines, "did not increase");
		if (!cases[i].line != !found || (found && !strstr(lines, expected)))
			fail_msg("%u, then %u: %s", cases[i].was, cases[i].is, lines);
		assert_true(!found || !strstr(found + 1, "did not increase"));
	}
}

static void of_a_serial_that_nobody_writes_nothing_is_said(void **state)
{
	(void)state;
	expect_text("the same", said(SOA(1), SOA(1) "x 60 A 10.0.0.1\n", NULL, true),
		    "zone example.: + x A 10.0.0.1\n");
	expect_text("lower", said(SOA(9), SOA(1), NULL, true),
		    "zone example.: ~ @ SOA serial 9 -> 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_a_line),
		cmocka_unit_test(the_same_content_is_not_worth_a_line),
		cmocka_unit_test(twenty_changes_are_told_and_more_are_counted),
		cmocka_unit_test(a_long_record_is_cut_and_not_the_log),
		cmocka_unit_test(a_serial_that_did_not_increase_is_told_once),
		cmocka_unit_test(of_a_serial_that_nobody_writes_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
