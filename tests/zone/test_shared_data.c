/*
 * test_shared_data.c -- zone files on which NSD, Knot and BIND have given a verdict, if they are there.
 *
 * The files are not part of the project: they are looked for beside the
 * checkout and the test is skipped without them.  Columns of the tables are
 * file, origin, accept or refuse, a digest that is compared elsewhere, and the
 * number of records.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "support/zone_text.h"

#define DATA TEN35_SOURCE "/../shared/data/"

enum { LINE_MAX_SIZE = 4096, SKIPPED = 77 };

/* Reads a zone; the number of its records, 0 when it is refused. */
static uint32_t records_of(const char *path, const char *origin, char *findings, size_t size)
{
	struct zone_text *t = zone_text_new("", 0);
	uint32_t count = 0;

	t->files = files_system();
	t->zf.path = path;
	zone_text_read(t, origin);
	if (t->octets)
		count = t->z.header->record_count;
	snprintf(findings, size, "%s", text_str(&t->found));
	zone_text_free(t);
	return count;
}

/* True when the row is as we do it; prints how it differs. */
static bool check_row(const char *folder, const char *file, const char *origin, bool accept,
		      unsigned count)
{
	char path[LINE_MAX_SIZE], findings[LINE_MAX_SIZE];

	snprintf(path, sizeof path, DATA "%s/%s", folder, file);
	uint32_t records = records_of(path, origin, findings, sizeof findings);
	if ((records > 0) != accept) {
		print_error("%s, but we %s it:\n%s\n", file, accept ? "refuse" : "accept",
			    findings);
		return false;
	}
	if (records != count) {
		print_error("%s: %u records, not %u:\n%s\n", file, records, count, findings);
		return false;
	}
	return true;
}

static void check_table(const char *table, const char *folder, unsigned least)
{
	FILE *file = fopen(table, "r");
	char line[LINE_MAX_SIZE];
	unsigned rows = 0, wrong = 0, left_out = 0;

	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		char *at = line, *name = strsep(&at, "\t"), *origin = strsep(&at, "\t");
		char *verdict = strsep(&at, "\t\n"), *digest = strsep(&at, "\t");
		char *count = digest ? strsep(&at, "\n") : NULL;

		if (strncmp(name, "#!", 2) == 0) { /* the three do not agree */
			left_out++;
			continue;
		}
		rows++;
		wrong += !check_row(folder, name, origin, strcmp(verdict, "accept") == 0,
				    count ? (unsigned)strtoul(count, NULL, 10) : 0);
	}
	fclose(file);
	print_message("%u rows, %u without a common verdict, %u disagreements\n", rows, left_out,
		      wrong);
	assert_int_equal(wrong, 0);
	assert_true(rows >= least);
}

static void zones_written_to_be_odd_are_judged_as_by_others(void **state)
{
	(void)state;
	check_table(DATA "checkzone.tsv", "checkzone", 120);
}

static void zones_of_real_domains_are_judged_as_by_others(void **state)
{
	(void)state;
	check_table(DATA "real-zones.tsv", "real-zones", 140);
}

/* With the root's name given from outside, and without: both files name it in their SOA. */
static void the_root_zones_load(void **state)
{
	static const struct {
		const char *path;
		unsigned records;
	} rows[] = {
		{ DATA "root-2020-signed.zone", 21591 },
		{ DATA "root-2026-stripped.zone", 22094 },
	};
	char findings[LINE_MAX_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		assert_int_equal(records_of(rows[i].path, ".", findings, sizeof findings),
				 rows[i].records);
		expect_text(rows[i].path, findings, "");
		assert_int_equal(records_of(rows[i].path, NULL, findings, sizeof findings),
				 rows[i].records);
		expect_text(rows[i].path, findings, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_written_to_be_odd_are_judged_as_by_others),
		cmocka_unit_test(zones_of_real_domains_are_judged_as_by_others),
		cmocka_unit_test(the_root_zones_load),
	};
	FILE *file = fopen(DATA "checkzone.tsv", "r");

	if (!file)
		return SKIPPED;
	fclose(file);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
