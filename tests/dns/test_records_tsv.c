/*
 * test_records_tsv.c -- texts on which NSD, Knot and BIND agree, if they are there.
 *
 * The file is not part of the project: it is looked for beside the checkout
 * and the test is skipped without it.  Its columns are type, text, accept or
 * refuse, and the wire form with <origin> where a relative name ended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "dns/field.h"
#include "dns/rdata.h"
#include "support/guard.h"
#include "support/words.h"

enum { LINE_MAX_SIZE = 4096, SKIPPED = 77 };

static const char path[] = TEN35_SOURCE "/../shared/data/records.tsv";
static const char origin_hex[] = "076578616d706c6500"; /* example. */

/* Rows where we do otherwise, and why. */
static const struct exception {
	const char *type, *text;
	const char *reason;
} exceptions[] = {
	{ "RRSIG", "A 0 0 0 0 0 0 a% AA== ; Bad domain char",
	  "a good name (RFC 2181 §11); BIND finds more labels in it than the field before says" },
};

static const char *exception_find(const char *type, const char *text)
{
	for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
		if (strcmp(exceptions[i].type, type) == 0 && strcmp(exceptions[i].text, text) == 0)
			return exceptions[i].reason;
	return NULL;
}

/* The third column's octets; <origin> is replaced. */
static const uint8_t *expected_wire(const char *wire, size_t *size)
{
	char hex[2 * LINE_MAX_SIZE] = "";
	const char *mark;

	while ((mark = strstr(wire, "<origin>")) != NULL) {
		strncat(hex, wire, (size_t)(mark - wire));
		strcat(hex, origin_hex);
		wire = mark + strlen("<origin>");
	}
	strcat(hex, wire);
	return guard_hex(hex, size);
}

/* Reads a text; NULL with *problem when it is refused. */
static const uint8_t *read_text(const char *type, const char *text, size_t *size,
				const char **problem)
{
	static uint8_t wire[RDATA_MAX_SIZE];
	struct writer out = writer_init(wire, sizeof wire);
	struct words in;
	uint16_t code;
	size_t n;
	struct name origin = { guard_hex(origin_hex, &n), 9 };

	*problem = "unknown type";
	if (!rrtype_parse((const uint8_t *)type, strlen(type), &code))
		return NULL;
	*problem = "open quote";
	if (!words_of(text, &in))
		return NULL;
	if (!rdata_parse(rrtype_find(code), &in, origin, &out)) {
		*problem = in.problem;
		return NULL;
	}
	*size = writer_size(&out);
	return wire;
}

/* True when the row is as we do it; prints how it differs. */
static bool check_row(const char *type, const char *text, bool accept, const char *hex)
{
	const char *problem;
	size_t size, expected_size;
	const uint8_t *wire = read_text(type, text, &size, &problem);

	if (!accept) {
		if (wire)
			print_error("accepted: %s %s\n", type, text);
		return !wire;
	}
	if (!wire) {
		print_error("refused: %s %s: %s\n", type, text, problem);
		return false;
	}
	const uint8_t *expected = expected_wire(hex, &expected_size);
	/* The file has names in lower case: we keep theirs (RFC 4343 §4.1). */
	if (size == expected_size && octets_equal_folded(wire, expected, size))
		return true;
	print_error("other wire form: %s %s\n", type, text);
	return false;
}

static void records_are_read_as_others_read_them(void **state)
{
	FILE *file = fopen(path, "r");
	char line[LINE_MAX_SIZE];
	unsigned rows = 0, wrong = 0, excepted = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		char *at = line, *type = strsep(&at, "\t"), *text = strsep(&at, "\t");
		char *verdict = strsep(&at, "\t"), *hex = strsep(&at, "\n");

		rows++;
		assert_non_null(hex);
		if (exception_find(type, text)) {
			excepted++;
			continue;
		}
		if (!check_row(type, text, strcmp(verdict, "accept") == 0, hex))
			wrong++;
		guard_release();
	}
	fclose(file);
	print_message("%u rows, %u exceptions, %u disagreements\n", rows, excepted, wrong);
	assert_int_equal(wrong, 0);
	assert_true(rows > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_as_others_read_them),
	};
	FILE *file = fopen(path, "r");

	if (!file)
		return SKIPPED;
	fclose(file);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
