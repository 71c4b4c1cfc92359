/*
 * test_types.c -- runs tests/types/: one file a type, one test a file.
 *
 * A line is a text and what becomes of it, with the origin example.:
 *
 *	; a comment
 *	10 mail => 000A046D61696C076578616D706C6500 => 10 mail.example.
 *	65536 mail => ! number larger than 65535
 *
 * The second part is the wire form, or the reason after a "!"; the third is
 * what the wire form is printed as, when that is not the text itself.  Around
 * every line the same properties are tested: what is printed is read again as
 * the same octets, the generic form is read as the same octets, no prefix of
 * text or wire form is read beyond its end, and no output is written beyond
 * its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "dns/rdata.h"
#include "support/guard.h"
#include "support/words.h"

enum {
	LINE_SIZE = 40000,
	PRINTED_SIZE = 4 * RDATA_MAX_SIZE,
	MAX_FILES = 200,
	/* Lines longer than this are not cut at every octet: it would take too long. */
	MAX_CUTS = 600,
};

static const char folder[] = TEN35_SOURCE "/tests/types";
static const char too_long[] = "record data longer than 65535 octets";

struct line {
	const char *file;
	unsigned number;
	const struct rrtype *type;
	const char *text, *wire, *printed;
};

static const uint8_t origin_octets[] = { 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 0 };
static const struct name origin = { origin_octets, sizeof origin_octets };

static uint8_t wire[RDATA_MAX_SIZE];
static char printed[PRINTED_SIZE];

#define FAIL(line, ...)                                               \
	do {                                                          \
		print_error("%s:%u: ", (line)->file, (line)->number); \
		print_error(__VA_ARGS__);                             \
		print_error("\n");                                    \
		fail();                                               \
	} while (0)

/* Reads a text into wire[]; the reason when it is refused. */
static const char *read_text(const struct line *l, const char *text, size_t *size)
{
	struct writer out = writer_init(wire, sizeof wire);
	struct words in;

	if (!words_of(text, &in))
		return "open quote";
	if (rdata_parse(l->type, &in, origin, &out)) {
		*size = writer_size(&out);
		return NULL;
	}
	if (writer_size(&out) != 0 || out.full)
		FAIL(l, "the writer moved though the text was refused");
	if (!in.problem)
		FAIL(l, "refused without a reason");
	if (in.problem_at.at < in.tail - strlen(text) || in.problem_at.at > in.tail)
		FAIL(l, "the place of the problem is outside of the text");
	return in.problem;
}

static void print_wire(const struct line *l, const uint8_t *octets, size_t size)
{
	struct text out = text_init(printed, sizeof printed);

	rdata_print(l->type, octets, size, &out);
	if (out.full)
		FAIL(l, "printed text is too long for the test");
}

static void expect_text(const struct line *l, const char *text, const uint8_t *octets, size_t size)
{
	size_t found;
	const char *problem = read_text(l, text, &found);

	if (problem)
		FAIL(l, "'%s' is refused: %s", text, problem);
	if (found != size || memcmp(wire, octets, size) != 0) {
		print_wire(l, wire, found);
		FAIL(l, "'%s' is read as '%s'", text, printed);
	}
}

/* ------ properties ------ */

static void generic_form_is_the_same(const struct line *l, const uint8_t *octets, size_t size)
{
	static char generic[LINE_SIZE];
	struct text text = text_init(generic, sizeof generic);

	text_format(&text, "\\# %zu ", size);
	text_put_hex(&text, octets, size);
	expect_text(l, generic, octets, size);
}

static void no_octet_is_read_beyond_the_end(const struct line *l, const uint8_t *octets,
					    size_t size)
{
	for (size_t n = 0; n < size && n < MAX_CUTS; n++) {
		const uint8_t *cut = guard_copy(octets, n);

		if (rdata_is_valid(l->type, cut, n)) {
			size_t again;

			print_wire(l, cut, n);
			if (read_text(l, printed, &again) != NULL || again != n ||
			    memcmp(wire, cut, n) != 0)
				FAIL(l, "'%s' is not read as what it was printed from", printed);
		} else {
			print_wire(l, cut, n);
		}
		guard_release();
	}
}

static void no_character_is_read_beyond_the_end(const struct line *l)
{
	size_t size = strlen(l->text);

	for (size_t n = 0; n < size && n < MAX_CUTS; n++) {
		static char cut[LINE_SIZE];
		size_t found;

		memcpy(cut, l->text, n);
		cut[n] = '\0';
		if (!read_text(l, cut, &found) && !rdata_is_valid(l->type, wire, found))
			FAIL(l, "'%s' is read as octets that are not valid", cut);
		guard_release();
	}
}

/* An output of every smaller size stays as it was, and the reason says so. */
static void no_octet_is_written_beyond_the_end(const struct line *l, size_t size)
{
	for (size_t n = 0; n < size && n < MAX_CUTS; n++) {
		uint8_t room[MAX_CUTS + 1] = { 0 };
		struct writer out = writer_init(room, n);
		struct words in;

		room[n] = 0xa5;
		assert_true(words_of(l->text, &in));
		if (rdata_parse(l->type, &in, origin, &out) || out.pos != room || out.full ||
		    room[n] != 0xa5)
			FAIL(l, "%zu octets were room enough for %zu", n, size);
		if (strcmp(in.problem, too_long) != 0)
			FAIL(l, "a small output gives: %s", in.problem);
		guard_release();
	}
}

/* ------ lines ------ */

static void check_accepted(const struct line *l)
{
	size_t size;
	const uint8_t *octets = guard_hex(l->wire, &size);
	uint8_t *kept = test_malloc(size + 1);

	memcpy(kept, octets, size);
	expect_text(l, l->text, octets, size);
	if (!rdata_is_valid(l->type, octets, size))
		FAIL(l, "the wire form is not valid");
	print_wire(l, octets, size);
	if (strcmp(printed, l->printed) != 0)
		FAIL(l, "printed as '%s'", printed);
	expect_text(l, l->printed, octets, size);
	generic_form_is_the_same(l, octets, size);
	guard_release();
	no_octet_is_read_beyond_the_end(l, kept, size);
	no_character_is_read_beyond_the_end(l);
	no_octet_is_written_beyond_the_end(l, size);
	test_free(kept);
}

static void check_refused(const struct line *l)
{
	size_t size;
	const char *problem = read_text(l, l->text, &size);

	if (!problem)
		FAIL(l, "'%s' is not refused", l->text);
	if (strcmp(problem, l->wire + 2) != 0)
		FAIL(l, "'%s' is refused for: %s", l->text, problem);
	no_character_is_read_beyond_the_end(l);
}

/* Takes the text up to the next "=>", without blanks at its ends; NULL when there is none. */
static char *take_part(char **rest)
{
	char *part = *rest;

	if (!part)
		return NULL;
	char *arrow = strstr(part, "=>");
	*rest = arrow ? arrow + 2 : NULL;
	if (arrow)
		*arrow = '\0';
	part += strspn(part, " ");
	size_t size = strlen(part);
	while (size > 0 && part[size - 1] == ' ' && (size < 2 || part[size - 2] != '\\'))
		part[--size] = '\0';
	return part;
}

static void check_line(struct line *l, char *rest)
{
	l->text = take_part(&rest);
	l->wire = take_part(&rest);
	l->printed = take_part(&rest);
	if (!l->wire)
		FAIL(l, "no => in line");
	if (!l->printed)
		l->printed = l->text;
	if (l->wire[0] == '!')
		check_refused(l);
	else
		check_accepted(l);
	guard_release();
}

static void lines_are_read_and_printed(void **state)
{
	static char text[LINE_SIZE], path[512];
	struct line l = { .file = *state };
	uint16_t code;

	snprintf(path, sizeof path, "%s/%s", folder, l.file);
	assert_true(rrtype_parse((const uint8_t *)l.file, strcspn(l.file, "."), &code));
	l.type = rrtype_find(code);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(text, sizeof text, file)) {
		l.number++;
		assert_true(strlen(text) < sizeof text - 1);
		text[strcspn(text, "\n")] = '\0';
		if (text[0] != '\0' && text[0] != ';')
			check_line(&l, text);
	}
	fclose(file);
}

/* ------ files ------ */

static struct CMUnitTest tests[MAX_FILES];
static size_t count;

static void every_type_has_a_file(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= UINT16_MAX; code++) {
		const struct rrtype *type = rrtype_find((uint16_t)code);
		bool found = !type->text[0] || (type->flags & RRTYPE_META);

		for (size_t i = 1; i < count && !found; i++) {
			size_t size = strcspn(tests[i].name, ".");

			found = size == strlen(type->text) &&
				octets_equal_folded((const uint8_t *)tests[i].name,
						    (const uint8_t *)type->text, size);
		}
		if (!found)
			fail_msg("no file in tests/types for %s", type->text);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

static void add_file(const char *name)
{
	char *copy = strdup(name);

	if (!copy || count == MAX_FILES)
		abort();
	tests[count++] = (struct CMUnitTest){ .name = copy,
					      .test_func = lines_are_read_and_printed,
					      .initial_state = copy };
}

int main(void)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);

	if (!dir)
		return 1;
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_type_has_a_file);
	while ((entry = readdir(dir)) != NULL)
		if (strstr(entry->d_name, ".txt"))
			add_file(entry->d_name);
	closedir(dir);
	qsort(tests + 1, count - 1, sizeof tests[0], by_name);
	int failures = _cmocka_run_group_tests("types", tests, count, NULL, NULL);
	while (count > 1)
		free(tests[--count].initial_state);
	return failures;
}
