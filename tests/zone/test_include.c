/*
 * test_include.c -- $INCLUDE (RFC 1035 §5.1): levels, cycles, and where it may lead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/folder.h"
#include "support/zone_text.h"

/* A zone with some files beside it. */
struct row {
	const char *rule;
	const char *zone;
	const char *a, *b; /* texts of the files "a" and "b", or NULL */
	const char *records;
	const char *findings;
};

static void check(const struct row *row)
{
	char zone[2048];
	int size = snprintf(zone, sizeof zone, "%s%s", ZONE_TEXT_SOA, row->zone);
	struct zone_text *t = zone_text_new(zone, (size_t)size);

	if (row->a)
		memory_files_add(&t->memory, "a", row->a, strlen(row->a));
	if (row->b)
		memory_files_add(&t->memory, "b", row->b, strlen(row->b));
	zone_text_read(t, "example");
	expect_text(row->rule, text_str(&t->found), row->findings);
	expect_text(row->rule, zone_text_print(t), row->records);
	zone_text_free(t);
}

#define CHECK_ROWS(rows)                                              \
	for (size_t i = 0; i < sizeof(rows) / sizeof((rows)[0]); i++) \
	check(&(rows)[i])

static void what_a_level_keeps(void **state)
{
	static const struct row rows[] = {
		{ "records of the file are records of the zone", "$INCLUDE a\n",
		  "x 5 A 192.0.2.1\n", NULL, "x.example. 5 A 192.0.2.1\n", "" },
		{ "the including file goes on behind it",
		  "w 5 A 192.0.2.1\n$INCLUDE a\ny 5 A 192.0.2.3\n", "x 5 A 192.0.2.2\n", NULL,
		  "w.example. 5 A 192.0.2.1\nx.example. 5 A 192.0.2.2\ny.example. 5 A 192.0.2.3\n",
		  "" },
		{ "without an origin the file has that of the including one",
		  "$ORIGIN sub\n$INCLUDE a\n", "x 5 CNAME y\n", NULL,
		  "x.sub.example. 5 CNAME y.sub.example.\n", "" },
		{ "the origin can be given", "$INCLUDE a sub\n", "x 5 CNAME y\n", NULL,
		  "x.sub.example. 5 CNAME y.sub.example.\n", "" },
		{ "an origin given is relative to the one of the including file",
		  "$ORIGIN s\n$INCLUDE a t\n", "x 5 A 192.0.2.1\n", NULL,
		  "x.t.s.example. 5 A 192.0.2.1\n", "" },
		{ "the origin of the including file comes back, RFC 1035 §5.1",
		  "$INCLUDE a sub\nx 5 A 192.0.2.1\n", "$ORIGIN deeper\nx 5 A 192.0.2.2\n", NULL,
		  "x.deeper.sub.example. 5 A 192.0.2.2\nx.example. 5 A 192.0.2.1\n", "" },
		{ "so does its last owner", "x 5 A 192.0.2.1\n$INCLUDE a\n 5 A 192.0.2.2\n",
		  "y 5 A 192.0.2.3\n", NULL,
		  "x.example. 5 A 192.0.2.1\nx.example. 5 A 192.0.2.2\ny.example. 5 A 192.0.2.3\n",
		  "" },
		{ "a blank owner at the start of the file is that of the including one",
		  "x 5 A 192.0.2.1\n$INCLUDE a sub\n", " 5 A 192.0.2.2\n", NULL,
		  "x.example. 5 A 192.0.2.1\nx.example. 5 A 192.0.2.2\n", "" },
		{ "the same text as owner is another name below another origin",
		  "x 5 A 192.0.2.1\n$INCLUDE a sub\nx 5 A 192.0.2.3\n", "x 5 A 192.0.2.2\n", NULL,
		  "x.sub.example. 5 A 192.0.2.2\nx.example. 5 A 192.0.2.1\nx.example. 5 A 192.0.2.3\n",
		  "" },
		{ "$TTL goes on to count, as in BIND", "$INCLUDE a\nx A 192.0.2.1\n", "$TTL 9\n",
		  NULL, "x.example. 9 A 192.0.2.1\n", "" },
		{ "an empty file is nothing", "$INCLUDE a\nx 5 A 192.0.2.1\n", "", NULL,
		  "x.example. 5 A 192.0.2.1\n", "" },
		{ "a file without a newline at its end", "$INCLUDE a\nx 5 A 192.0.2.1\n",
		  "w 5 A 192.0.2.1", NULL, "w.example. 5 A 192.0.2.1\nx.example. 5 A 192.0.2.1\n",
		  "" },
		{ "a comment behind the file name is one", "$INCLUDE a ; sub\n$INCLUDE b;x\n",
		  "x 5 A 192.0.2.1\n", "y 5 A 192.0.2.1\n",
		  "x.example. 5 A 192.0.2.1\ny.example. 5 A 192.0.2.1\n", "" },
		{ "the file name may stand in quotes", "$INCLUDE \"a\" sub\n", "x 5 A 192.0.2.1\n",
		  NULL, "x.sub.example. 5 A 192.0.2.1\n", "" },
		{ "a file may be included again, one after the other",
		  "$INCLUDE a s\n$INCLUDE a t\n", "x 5 A 192.0.2.1\n", NULL,
		  "x.s.example. 5 A 192.0.2.1\nx.t.example. 5 A 192.0.2.1\n", "" },
		{ "files include files", "$INCLUDE a\nz 5 A 192.0.2.1\n",
		  "$INCLUDE b sub\ny 5 A 192.0.2.1\n", "x 5 A 192.0.2.1\n",
		  "x.sub.example. 5 A 192.0.2.1\ny.example. 5 A 192.0.2.1\nz.example. 5 A 192.0.2.1\n",
		  "" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void what_is_wrong_with_an_include(void **state)
{
	static const struct row rows[] = {
		{ "no file name", "$INCLUDE\n", NULL, NULL, "(no zone)",
		  "zone:2:9: error: missing file name after $INCLUDE\n" },
		{ "a file name of nothing", "$INCLUDE \"\"\n", NULL, NULL, "(no zone)",
		  "zone:2:11: error: missing file name after $INCLUDE\n" },
		{ "words behind file and origin", "$INCLUDE a b c\n", "", "", "(no zone)",
		  "zone:2:14: error: unexpected text after $INCLUDE 'c'\n" },
		{ "an origin that is no name", "$INCLUDE a b..c\n", "", "", "(no zone)",
		  "zone:2:12: error: empty label in name 'b..c'\n" },
		{ "no such file", "$INCLUDE c\n", NULL, NULL, "(no zone)",
		  "zone:2:10: error: cannot include: no such file\n" },
		{ "row 95: a file that includes itself", "$INCLUDE zone\n", NULL, NULL, "(no zone)",
		  "zone:2:10: error: $INCLUDE cycle: zone -> zone\n" },
		{ "row 95: two files that include each other", "$INCLUDE a\n",
		  "x 5 A 192.0.2.1\n$INCLUDE b\n", "$INCLUDE a\n", "(no zone)",
		  "b:1:10: error: $INCLUDE cycle: zone -> a -> b -> a\n" },
		{ "row 100: a byte order mark in an included file", "$INCLUDE a\n",
		  "\xef\xbb\xbfx 5 A 192.0.2.1\n", NULL, "(no zone)",
		  "a:1:1: error: file starts with a UTF-8 byte order mark\n" },
		{ "errors of the file stand in the file", "$INCLUDE a\nx 5 A y\n", "\nx 5 A z\n",
		  NULL, "(no zone)",
		  "a:2:7: error: invalid IPv4 address 'z'\nzone:3:7: error: invalid IPv4 address 'y'\n" },
		{ "an open parenthesis ends with its file", "$INCLUDE a\nx 5 A y\n", "( x", NULL,
		  "(no zone)",
		  "a:1:1: error: '(' is never closed\nzone:3:7: error: invalid IPv4 address 'y'\n" },
		{ "a control character in a file name", "$INCLUDE \"a\x1b[2J\"\n", NULL, NULL,
		  "(no zone)", "zone:2:11: error: control character in file name 'a\\027[2J'\n" },
		{ "what check finds stands in the included file as well", "$INCLUDE a\n",
		  "x 5 CNAME y\n\nx 5 A 192.0.2.1\n", NULL, "(no zone)",
		  "a:3:1: error: CNAME and other data at 'x.example.' (CNAME on line 1, A on line 3)\n" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

/* Two names of one file are one file: security.md A6-1, "cycle detected by (dev,ino)". */
static void a_cycle_is_seen_through_links(void **state)
{
	static const char zone[] = ZONE_TEXT_SOA "$INCLUDE a\n", a[] = "$INCLUDE link\n";
	struct zone_text *t = zone_text_new(zone, strlen(zone));

	(void)state;
	memory_files_add(&t->memory, "a", a, strlen(a));
	memory_files_add(&t->memory, "link", a, strlen(a))->inode = t->memory.at[1].inode;
	zone_text_read(t, "example");
	expect_text("a link to an open file", text_str(&t->found),
		    "a:1:10: error: $INCLUDE cycle: zone -> a -> link\n");
	zone_text_free(t);
}

/* security.md row 95: depth 8 is good, depth 9 is not. */
static void files_are_nested_eight_deep(void **state)
{
	static const char deeper[8][16] = { "$INCLUDE 2\n", "$INCLUDE 3\n", "$INCLUDE 4\n",
					    "$INCLUDE 5\n", "$INCLUDE 6\n", "$INCLUDE 7\n",
					    "$INCLUDE 8\n", "$INCLUDE 9\n" };
	static const char names[9][2] = { "1", "2", "3", "4", "5", "6", "7", "8", "9" };
	static const char zone[] = ZONE_TEXT_SOA "$INCLUDE 1\n", last[] = "x 5 A 192.0.2.1\n";

	(void)state;
	for (unsigned depth = 8; depth <= 9; depth++) {
		struct zone_text *t = zone_text_new(zone, strlen(zone));

		for (unsigned i = 1; i <= depth; i++) {
			const char *text = i == depth ? last : deeper[i - 1];
			memory_files_add(&t->memory, names[i - 1], text, strlen(text));
		}
		zone_text_read(t, "example");
		expect_text("depth", text_str(&t->found),
			    depth == 8 ? "" : "8:1:10: error: $INCLUDE nested deeper than 8 '9'\n");
		expect_text("depth", zone_text_print(t),
			    depth == 8 ? "x.example. 5 A 192.0.2.1\n" : "(no zone)");
		zone_text_free(t);
	}
}

static void files_of_a_zone_are_limited(void **state)
{
	static char zone[ZONEFILE_MAX_FILES * 16];
	size_t used = (size_t)snprintf(zone, sizeof zone, "%s", ZONE_TEXT_SOA);

	(void)state;
	for (unsigned i = 0; i < ZONEFILE_MAX_FILES; i++)
		used += (size_t)snprintf(zone + used, sizeof zone - used, "$INCLUDE a\n");
	struct zone_text *t = zone_text_new(zone, used);
	memory_files_add(&t->memory, "a", "", 0);
	zone_text_read(t, "example");
	expect_text("1024 files, the zone itself one of them", text_str(&t->found),
		    "zone:1025:10: error: cannot include: too many files in one zone\n");
	assert_int_equal(t->memory.reads, ZONEFILE_MAX_FILES);
	zone_text_free(t);
}

/* The folder of the zone file is where files are looked for, at every level. */
static void files_are_looked_for_beside_the_zone(void **state)
{
	static const struct {
		const char *rule, *zone, *file, *folder;
	} rows[] = {
		{ "beside a zone in a folder", "zones/x/zone", "zones/x/a", "zones/x" },
		{ "beside a zone in the current one", "here", "a", "." },
		{ "beside a zone in the root", "/zone", "//a", "/" },
	};
	static const char text[] = ZONE_TEXT_SOA "$INCLUDE a\n";

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct zone_text *t = zone_text_new("", 0);

		t->zf.path = rows[i].zone;
		memory_files_add(&t->memory, rows[i].zone, text, strlen(text));
		memory_files_add(&t->memory, rows[i].file, "x 5 A 192.0.2.1\n", 16);
		zone_text_read(t, "example");
		expect_text(rows[i].rule, text_str(&t->found), "");
		expect_text(rows[i].rule, t->memory.folder, rows[i].folder);
		zone_text_free(t);
	}
}

static void all_files_are_remembered_with_their_identity(void **state)
{
	static const char zone[] = ZONE_TEXT_SOA "$INCLUDE a\n$INCLUDE b\n";
	struct zone_text *t = zone_text_new(zone, strlen(zone));

	(void)state;
	memory_files_add(&t->memory, "a", "x 5 A 192.0.2.1\n", 16);
	memory_files_add(&t->memory, "b", "y 5 A 192.0.2.1\n", 16);
	zone_text_read(t, "example");
	assert_int_equal(t->zf.sources.count, 3);
	assert_string_equal(t->zf.inputs[0].path, "zone");
	assert_string_equal(t->zf.inputs[1].path, "a");
	assert_string_equal(t->zf.inputs[2].path, "b");
	assert_int_equal(t->zf.inputs[2].id.inode, 3);
	assert_int_equal(t->zf.inputs[1].id.size, 16);
	zone_text_free(t);
}

/* What is not there yet can be watched for (the loader does). */
static void a_file_that_is_missing_is_remembered(void **state)
{
	static const char zone[] = ZONE_TEXT_SOA "$INCLUDE a\n$INCLUDE b\n";
	struct zone_text *t = zone_text_new(zone, strlen(zone));

	(void)state;
	zone_text_read(t, "example");
	assert_int_equal(t->zf.sources.count, 1);
	assert_int_equal(t->zf.input_count, 3);
	assert_string_equal(t->zf.inputs[1].path, "a");
	assert_string_equal(t->zf.inputs[2].path, "b");
	assert_int_equal(t->zf.inputs[2].id.inode, 0);
	zone_text_free(t);
}

/* ------ the real file system: security.md row 94 ------ */

static int make_files(void **state)
{
	(void)state;
	folder_make();
	assert_int_equal(mkdir(folder_path("zones"), 0700), 0);
	assert_int_equal(mkdir(folder_path("zones/sub"), 0700), 0);
	folder_write("secret", "topsecret 5 A oneword\n");
	folder_write("zones/sub/good", "x 5 A 192.0.2.1\n");
	assert_int_equal(symlink("../secret", folder_path("zones/link")), 0);
	assert_int_equal(symlink("sub/good", folder_path("zones/inside")), 0);
	assert_int_equal(symlink("..", folder_path("zones/up")), 0);
	assert_int_equal(mkfifo(folder_path("zones/fifo"), 0600), 0);
	return 0;
}

static int remove_files(void **state)
{
	static const char *const files[] = { "secret",       "zones/sub/good", "zones/link",
					     "zones/inside", "zones/up",       "zones/fifo",
					     "zones/zone" };
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		unlink(folder_path(files[i]));
	rmdir(folder_path("zones/sub"));
	rmdir(folder_path("zones"));
	return rmdir(test_folder);
}

static void an_include_does_not_leave_the_folder(void **state)
{
#define OUTSIDE "it leads out of the zone's directory (no '..', no '/' in front, no links)"
	static const struct {
		const char *rule, *file, *problem;
	} rows[] = {
		{ "a file in a folder below is read", "sub/good", NULL },
		{ "slashes may be doubled, '.' is here", "./sub//good", NULL },
		{ "row 94: '..'", "../secret", OUTSIDE },
		{ "row 94: '..' further on, even when it would come back", "sub/../sub/good",
		  OUTSIDE },
		{ "row 94: an absolute path", "/etc/passwd", OUTSIDE },
		{ "row 94: a link that leads out", "link", OUTSIDE },
		{ "a link that stays inside is one, too", "inside", OUTSIDE },
		{ "row 94: a FIFO, at once", "fifo", "it is not a regular file" },
		{ "row 94: a directory", "sub", "it is not a regular file" },
		{ "row 94: a device", "/dev/zero", OUTSIDE },
		{ "a file is no directory", "sub/good/x", "a part of the path is not a directory" },
		{ "nothing there", "missing", "no such file" },
	};
	static const char zone[] = "$INCLUDE ";

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct zone_text *t = zone_text_new("", 0);
		char text[256], path[256], expected[512] = "";

		snprintf(text, sizeof text, "%s%s%s\n", ZONE_TEXT_SOA, zone, rows[i].file);
		folder_write("zones/zone", text);
		snprintf(path, sizeof path, "%s", folder_path("zones/zone"));
		if (rows[i].problem)
			snprintf(expected, sizeof expected, "%s:2:%u: error: cannot include: %s\n",
				 path, rows[i].file[0] == '"' ? 11 : 10, rows[i].problem);
		t->files = files_system();
		t->zf.path = path;
		zone_text_read(t, "example");
		expect_text(rows[i].rule, text_str(&t->found), expected);
		assert_null(strstr(t->findings, "secret 5"));
		zone_text_free(t);
	}
}

static void a_folder_that_is_a_link_leads_nowhere(void **state)
{
	struct files files = files_system();
	struct file_text out;
	char zones[256];

	(void)state;
	snprintf(zones, sizeof zones, "%s", folder_path("zones"));
	const char *problem = files.read(files.self, zones, "up/secret", 1000, &out);
	assert_non_null(problem);
	/* ENOTDIR or ELOOP: systems differ in what O_NOFOLLOW with O_DIRECTORY says. */
	assert_true(strstr(problem, "not a directory") || strstr(problem, "leads out"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_level_keeps),
		cmocka_unit_test(what_is_wrong_with_an_include),
		cmocka_unit_test(a_cycle_is_seen_through_links),
		cmocka_unit_test(files_are_nested_eight_deep),
		cmocka_unit_test(files_of_a_zone_are_limited),
		cmocka_unit_test(files_are_looked_for_beside_the_zone),
		cmocka_unit_test(all_files_are_remembered_with_their_identity),
		cmocka_unit_test(a_file_that_is_missing_is_remembered),
		cmocka_unit_test(an_include_does_not_leave_the_folder),
		cmocka_unit_test(a_folder_that_is_a_link_leads_nowhere),
	};
	return cmocka_run_group_tests(tests, make_files, remove_files);
}
