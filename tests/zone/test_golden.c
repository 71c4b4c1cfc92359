/*
 * test_golden.c -- the zone files in tests/zones, through the tools that people use.
 *
 * good/NN-topic.zone is printed by `ten35 print` as in good/NN-topic.out, and
 * what was printed is read again as the same zone.  bad/NN-topic.zone says on
 * its first line what has to be found first:
 *
 *	; expect LINE:COLUMN MESSAGE
 *
 * A line "; origin NAME" among the first three gives the origin.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/zone_text.h"
#include "tool/tool.h"

enum { ARGUMENT_SIZE = 4096 };

static const char good[] = TEN35_SOURCE "/tests/zones/good/*.zone";
static const char bad[] = TEN35_SOURCE "/tests/zones/bad/*.zone";

/* A whole file as a C string that the caller frees; NULL when there is none. */
static char *read_whole(FILE *f)
{
	char *text = NULL;
	size_t room = 0, used = 0;

	if (!f)
		return NULL;
	do {
		room += 65536;
		text = realloc(text, room + 1);
		used += fread(text + used, 1, room - used, f);
	} while (used == room);
	text[used] = '\0';
	fclose(f);
	return text;
}

/* Runs the tool with standard output into a file; its text, or NULL when it failed. */
static char *print(const char *argument)
{
	char copy[ARGUMENT_SIZE];
	char *argv[] = { copy, NULL };
	FILE *f = tmpfile();
	int saved = dup(STDOUT_FILENO);

	snprintf(copy, sizeof copy, "%s", argument);
	assert_true(f && saved >= 0);
	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	int status = tool_print(1, argv);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(f);
	char *text = read_whole(f);
	if (status == 0)
		return text;
	free(text);
	return NULL;
}

/* "[NAME=]PATH" from the head comment; the comment's line as a C string. */
static void argument_of(const char *path, char argument[ARGUMENT_SIZE], char expect[ARGUMENT_SIZE])
{
	static const char origin_mark[] = "; origin ", expect_mark[] = "; expect ";
	char *text = read_whole(fopen(path, "r")), *rest = text;

	snprintf(argument, ARGUMENT_SIZE, "%s", path);
	expect[0] = '\0';
	for (unsigned i = 0; i < 3 && rest; i++) {
		char *line = strsep(&rest, "\n");

		if (i == 0 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
			line += 3;
		if (strncmp(line, origin_mark, strlen(origin_mark)) == 0)
			snprintf(argument, ARGUMENT_SIZE, "%s=%s", line + strlen(origin_mark),
				 path);
		if (i == 0 && strncmp(line, expect_mark, strlen(expect_mark)) == 0)
			snprintf(expect, ARGUMENT_SIZE, "%s", line + strlen(expect_mark));
	}
	free(text);
}

/* ------ good ------ */

static void check_good(const char *path)
{
	char argument[ARGUMENT_SIZE], nothing[ARGUMENT_SIZE], out[ARGUMENT_SIZE];
	char again_path[] = TEN35_BUILD "/golden-XXXXXX";

	argument_of(path, argument, nothing);
	snprintf(out, sizeof out, "%.*s.out", (int)(strlen(path) - strlen(".zone")), path);
	char *expected = read_whole(fopen(out, "r")), *printed = print(argument);
	if (!expected || !printed)
		fail_msg("%s: %s", path, printed ? "the .out file is missing" : "refused");
	expect_text(path, printed, expected);

	/* What was printed says the same: without $ORIGIN, without $TTL, without relative names. */
	int fd = mkstemp(again_path);
	FILE *f = fdopen(fd, "w");
	assert_non_null(f);
	fputs(printed, f);
	fclose(f);
	char *again = print(again_path);
	unlink(again_path);
	assert_non_null(again);
	expect_text("what was printed is read as the same zone", again, expected);
	free(again);
	free(printed);
	free(expected);
}

static void good_zones_are_printed_as_they_are_meant(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob(good, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_good(found.gl_pathv[i]);
	assert_true(found.gl_pathc >= 15);
	globfree(&found);
}

/* ------ bad ------ */

struct first {
	char text[DIAG_MESSAGE_SIZE + 64];
	bool set;
};

static void keep_first(void *self, const struct finding *f)
{
	struct first *first = self;

	if (!first->set && f->severity == SEVERITY_ERROR)
		snprintf(first->text, sizeof first->text, "%u:%u %s", f->line, f->column,
			 f->message);
	first->set = true;
}

/* Paths in a message are as long as the folder is deep: they are cut to file names. */
static void cut_folders(char *text)
{
	const char *folder = TEN35_SOURCE "/tests/zones/bad/";
	char *at;

	while ((at = strstr(text, folder)) != NULL)
		memmove(at, at + strlen(folder), strlen(at + strlen(folder)) + 1);
}

static void check_bad(const char *path)
{
	char argument[ARGUMENT_SIZE], expect[ARGUMENT_SIZE];
	struct first first = { .set = false };
	struct diag d = { .report = keep_first, .self = &first };
	struct zonefile zf;
	size_t size;

	argument_of(path, argument, expect);
	if (expect[0] == '\0')
		fail_msg("%s: the first line is not \"; expect LINE:COLUMN MESSAGE\"", path);
	char *file;
	const char *origin = tool_origin(argument, &file);
	tool_open(&zf, origin, file, &d);
	uint8_t *image = zonefile_image(&zf, &size);
	cut_folders(first.text);
	expect_text(path, first.text, expect);
	assert_null(image);
	zonefile_free(&zf);
}

static void bad_zones_are_refused_for_the_reason_they_tell(void **state)
{
	glob_t found;

	(void)state;
	assert_int_equal(glob(bad, 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_bad(found.gl_pathv[i]);
	print_message("%zu bad zones\n", found.gl_pathc);
	assert_true(found.gl_pathc >= 100);
	globfree(&found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_zones_are_printed_as_they_are_meant),
		cmocka_unit_test(bad_zones_are_refused_for_the_reason_they_tell),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
