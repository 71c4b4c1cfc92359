/*
 * The real file system: what $INCLUDE may reach, and files that change.
 *
 * The source is taken in whole, with three system calls replaced, so that a
 * file can change in the moment it is read and nobody has to wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"

static ssize_t seam_read(int fd, void *to, size_t n);
static int seam_poll(struct pollfd *fds, nfds_t n, int wait_ms);

#define read(fd, to, n)       seam_read(fd, to, n)
#define poll(fds, n, wait_ms) seam_poll(fds, n, wait_ms)
#include "../../src/base/files.c"
#undef read
#undef poll

static unsigned waits, reads;
static void (*before_read)(void);

static ssize_t seam_read(int fd, void *to, size_t n)
{
	reads++;
	if (before_read)
		before_read();
	if (errno == EINTR)
		return -1;
	return read(fd, to, n);
}

static int seam_poll(struct pollfd *fds, nfds_t n, int wait_ms)
{
	assert_null(fds);
	assert_int_equal(n, 0);
	assert_int_equal(wait_ms, 100);
	waits++;
	return 0;
}

static int make_folder(void **state)
{
	(void)state;
	folder_make();
	folder_write("plain", "some text");
	folder_write("empty", "");
	folder_write("..double", "dots in front");
	mkdir(folder_path("zones"), 0700);
	folder_write("zones/a", "inside");
	folder_write("secret", "never to be seen");
	mkdir(folder_path("zones/deep"), 0700);
	folder_write("zones/deep/b", "deeper");
	if (symlink("../secret", folder_path("zones/link")) ||
	    symlink("deep", folder_path("zones/linkdir")) ||
	    symlink("a", folder_path("zones/inner")) || symlink("plain", folder_path("outer")) ||
	    symlink("zones", folder_path("linkfolder")) || mkfifo(folder_path("zones/fifo"), 0600))
		return -1;
	return 0;
}

static int remove_folder(void **state)
{
	static const char *const files[] = { "plain",       "empty",      "..double",
					     "zones/a",     "secret",     "zones/deep/b",
					     "zones/deep",  "zones/link", "zones/linkdir",
					     "zones/inner", "zones/fifo", "zones",
					     "outer",       "linkfolder", "changing" };
	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		remove(folder_path(files[i]));
	return rmdir(test_folder);
}

#define OUTSIDE "it leads out of the zone's directory"

static void paths_from_zone_files_stay_below_their_folder(void **state)
{
	static const struct {
		const char *name, *path, *text, *problem;
	} cases[] = {
		{ "a file in the folder", "a", "inside", NULL },
		{ "a file in a folder below", "deep/b", "deeper", NULL },
		{ "with steps that lead nowhere", "./deep//./b", "deeper", NULL },
		{ "row 94: an absolute path", "/etc/passwd", NULL, OUTSIDE },
		{ "row 94: up", "../secret", NULL, OUTSIDE },
		{ "row 94: down and up", "deep/../a", NULL, OUTSIDE },
		{ "row 94: up at the end", "deep/..", NULL, OUTSIDE },
		{ "row 94: a link to a file outside", "link", NULL, OUTSIDE },
		{ "a link to a file inside is a link", "inner", NULL, OUTSIDE },
		{ "a link on the way", "linkdir/b", NULL, "" },
		{ "no path at all", "", NULL, OUTSIDE },
		{ "row 94: a FIFO returns at once", "fifo", NULL, "it is not a regular file" },
		{ "row 94: a directory", "deep", NULL, "it is not a regular file" },
		{ "a directory with a slash behind", "deep/", NULL, "it is not a regular file" },
		{ "a file with a slash behind", "a/", NULL,
		  "a part of the path is not a directory" },
		{ "a file on the way", "a/b", NULL, "a part of the path is not a directory" },
		{ "nothing", "nothing", NULL, "no such file" },
		{ "nothing on the way", "nothing/b", NULL, "no such file" },
	};
	struct files files = files_system();
	struct file_text text;

	(void)state;
	waits = 0;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *problem =
			files.read(files.self, folder_path("zones"), cases[i].path, 100, &text);
		if (cases[i].text) {
			if (problem)
				fail_msg("%s: %s", cases[i].name, problem);
			assert_int_equal(text.size, strlen(cases[i].text));
			assert_memory_equal(text.octets, cases[i].text, text.size);
			files.release(files.self, &text);
			assert_null(text.octets);
			continue;
		}
		if (!problem || strncmp(problem, cases[i].problem, strlen(cases[i].problem)) != 0)
			fail_msg("%s: %s", cases[i].name, problem);
		assert_null(strstr(problem, "never to be seen"));
	}
	assert_int_equal(waits, 0); /* only for a file that changes */
	const char *problem = files.read(files.self, folder_path("gone"), "a", 100, &text);
	assert_string_equal(problem, "no such file");
	assert_null(files.read(files.self, test_folder, "..double", 100, &text));
	files.release(files.self, &text);
}

static void a_step_has_255_octets_at_most(void **state)
{
	struct files files = files_system();
	struct file_text text;
	char path[400];

	(void)state;
	for (int n = 255; n <= 300; n += 45) {
		memset(path, 'n', (size_t)n);
		path[n] = '\0';
		assert_string_equal(files.read(files.self, test_folder, path, 100, &text),
				    n == 255 ? "no such file" : reason(EXDEV));
	}
}

static void paths_of_the_user_may_be_anywhere(void **state)
{
	struct files files = files_system();
	struct file_text text;

	(void)state;
	assert_null(files.read(files.self, NULL, folder_path("outer"), 100, &text)); /* a link */
	assert_int_equal(text.size, 9);
	assert_memory_equal(text.octets, "some text\n", 10); /* one line's end more, not counted */
	files.release(files.self, &text);
	assert_null(files.read(files.self, NULL, folder_path("zones/../plain"), 100, &text));
	files.release(files.self, &text);
	assert_null(files.read(files.self, folder_path("linkfolder"), "a", 100, &text));
	files.release(files.self, &text);
	assert_null(files.read(files.self, NULL, folder_path("empty"), 100, &text));
	assert_int_equal(text.size, 0);
	assert_int_equal(text.octets[0], '\n');
	files.release(files.self, &text);
	assert_string_equal(files.read(files.self, NULL, "/dev/zero", 100, &text),
			    "it is not a regular file");
	assert_string_equal(files.read(files.self, NULL, test_folder, 100, &text),
			    "it is not a regular file");
	assert_string_equal(files.read(files.self, NULL, folder_path("zones/fifo"), 100, &text),
			    "it is not a regular file");
	assert_string_equal(files.read(files.self, NULL, folder_path("gone"), 100, &text),
			    "no such file");
}

static void what_is_no_file_is_not_even_opened(void **state)
{
	struct files files = files_system();
	struct file_text text;
	struct inotify_event event;
	int watch = inotify_init1(IN_NONBLOCK);

	(void)state;
	assert_true(inotify_add_watch(watch, folder_path("zones/fifo"), IN_OPEN) >= 0);
	assert_string_equal(files.read(files.self, NULL, folder_path("zones/fifo"), 100, &text),
			    "it is not a regular file");
	assert_int_equal(read(watch, &event, sizeof event), -1);
	close(watch);
}

static void the_limit_is_in_octets(void **state)
{
	struct files files = files_system();
	struct file_text text;

	(void)state;
	assert_null(files.read(files.self, NULL, folder_path("plain"), 9, &text));
	files.release(files.self, &text);
	assert_string_equal(files.read(files.self, NULL, folder_path("plain"), 8, &text),
			    "the file is larger than the limit");
	reads = 0;
	assert_non_null(files.read(files.self, NULL, folder_path("plain"), 0, &text));
	assert_int_equal(reads, 0); /* not a single octet */
}

/* ------ files that change ------ */

enum { FOR_EVER = 20 };
static unsigned changes, change_until;

static void grow(void)
{
	if (changes++ < change_until)
		assert_int_equal(truncate(folder_path("changing"), 120 + changes), 0);
	errno = 0;
}

static void shrink(void)
{
	if (changes++ < change_until)
		assert_int_equal(truncate(folder_path("changing"), 80 - changes), 0);
	errno = 0;
}

/* The same size, another time: row 103. */
static void touch(void)
{
	struct timespec times[2] = { { 1000 + changes, 0 }, { 2000 + changes, 0 } };

	if (changes++ < change_until)
		utimensat(AT_FDCWD, folder_path("changing"), times, 0);
	errno = 0;
}

static void a_file_that_changes_is_read_again_and_then_given_up(void **state)
{
	static void (*const ways[])(void) = { grow, shrink, touch };
	struct files files = files_system();
	struct file_text text;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (change_until = 0; change_until <= FOR_EVER; change_until++) {
			char before[101] = { 0 };
			folder_write("changing", memset(before, 'x', 100));
			changes = waits = reads = 0;
			before_read = ways[i];
			const char *problem =
				files.read(files.self, NULL, folder_path("changing"), 200, &text);
			before_read = NULL;
			assert_true(waits <= 3);
			if (problem) {
				assert_string_equal(problem, "the file changed while it was read");
				assert_int_equal(waits, 3);
				assert_true(change_until >= 4); /* four reads, each with a change */
			} else {
				struct file_id id;
				assert_true(
					files.identify(files.self, folder_path("changing"), &id));
				assert_true(file_id_equal(&id, &text.id));
				assert_int_equal(text.size, id.size);
				files.release(files.self, &text);
			}
			if (change_until == 0 || change_until == 1)
				assert_int_equal(waits, change_until);
			if (change_until == FOR_EVER)
				assert_non_null(problem);
		}
	}
}

static unsigned interruptions;

static void interrupt(void)
{
	errno = interruptions++ < 3 ? EINTR : 0;
}

static void a_signal_does_not_end_reading(void **state)
{
	struct files files = files_system();
	struct file_text text;

	(void)state;
	before_read = interrupt;
	assert_null(files.read(files.self, NULL, folder_path("plain"), 100, &text));
	before_read = NULL;
	assert_int_equal(text.size, 9);
	assert_true(interruptions > 3);
	files.release(files.self, &text);
}

static void a_file_is_known_by_what_stat_says(void **state)
{
	struct files files = files_system();
	struct file_id a, b, same;

	(void)state;
	assert_false(files.identify(files.self, folder_path("gone"), &a));
	assert_true(files.identify(files.self, folder_path("plain"), &a));
	assert_true(files.identify(files.self, folder_path("plain"), &b));
	assert_true(file_id_equal(&a, &b));
	assert_int_equal(a.size, 9);
	assert_true(
		files.identify(files.self, folder_path("outer"), &same)); /* links are followed */
	assert_true(file_id_equal(&a, &same));
	assert_true(files.identify(files.self, folder_path("secret"), &b));
	assert_false(file_id_equal(&a, &b));
	/* Each part alone makes a difference. */
	b = a, b.device++;
	assert_false(file_id_equal(&a, &b));
	b = a, b.inode++;
	assert_false(file_id_equal(&a, &b));
	b = a, b.size++;
	assert_false(file_id_equal(&a, &b));
	b = a, b.changed_s++;
	assert_false(file_id_equal(&a, &b));
	b = a, b.changed_ns++;
	assert_false(file_id_equal(&a, &b));
	b = a, b.modified_s++;
	assert_false(file_id_equal(&a, &b));
	b = a, b.modified_ns++;
	assert_false(file_id_equal(&a, &b));
}

/* ------ folders ------ */

/* Files with these names in a folder of their own; what is listed, with blanks between. */
static const char *listed(const char *const *names, size_t count, struct file_list *list)
{
	static char room[65536];
	struct files files = files_system();
	size_t used = 0;

	assert_int_equal(mkdir(folder_path("many"), 0700), 0);
	for (size_t i = 0; i < count; i++) {
		char path[400];

		snprintf(path, sizeof path, "%s/many/%s", test_folder, names[i]);
		close(open(path, O_WRONLY | O_CREAT, 0600));
	}
	memset(list, 0xff, sizeof *list);
	assert_true(files.list(files.self, folder_path("many"), list));
	for (size_t i = 0; i < list->count; i++)
		used += (size_t)snprintf(room + used, sizeof room - used, "%s ", list->names[i]);
	room[used] = '\0';
	for (size_t i = 0; i < count; i++) {
		char path[400];

		snprintf(path, sizeof path, "%s/many/%s", test_folder, names[i]);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(rmdir(folder_path("many")), 0);
	return room;
}

static void a_folder_is_listed_in_the_order_of_octets_without_leftovers(void **state)
{
	static const char *const names[] = { "b",        "a",  "B",       "a~",  "~",
					     ".hidden",  "~b", "10",      "9",   "a.b",
					     "\xc3\xa4", "aa", "..twice", "a~b", "A.~" };
	static struct file_list list;

	(void)state;
	assert_string_equal(listed(names, sizeof names / sizeof names[0], &list),
			    "10 9 B a a.b aa a~b b ~b \xc3\xa4 ");
	assert_false(list.is_cut);
	assert_string_equal(listed(NULL, 0, &list), "");
	assert_false(list.is_cut);
}

static void a_name_of_255_octets_is_listed_whole(void **state)
{
	char longest[256];
	const char *const names[] = { "x", longest };
	static struct file_list list;

	(void)state;
	memset(longest, 'n', 255);
	longest[255] = '\0';
	(void)listed(names, 2, &list);
	assert_int_equal(list.count, 2);
	assert_string_equal(list.names[0], longest);
	assert_string_equal(list.names[1], "x");
}

/* Of more than 128 the first 128 stay, in whatever order the folder gives them. */
static void the_first_128_files_are_listed(void **state)
{
	static char texts[140][8];
	const char *names[140];
	static struct file_list list;

	(void)state;
	for (unsigned i = 0; i < 140; i++)
		names[i] = texts[i];
	for (unsigned count = 127; count <= 140; count++) {
		char last[8];

		for (unsigned i = 0; i < count; i++)
			snprintf(texts[i], sizeof texts[0], "f%03u", i * 149 % count);
		(void)listed(names, count, &list);
		assert_int_equal(list.count, count < 128 ? count : 128);
		assert_int_equal(list.is_cut, count > 128);
		snprintf(last, sizeof last, "f%03u", (unsigned)list.count - 1);
		assert_string_equal(list.names[0], "f000");
		assert_string_equal(list.names[list.count - 1], last);
	}
}

static void the_order_of_the_folder_does_not_matter(void **state)
{
	static struct file_list list;

	(void)state;
	for (unsigned step = 1; step < 139; step++) {
		list.count = 0;
		for (unsigned i = 0; i < 139; i++) { /* 1: upwards; 138: downwards */
			char name[8];

			snprintf(name, sizeof name, "f%03u", i * step % 139);
			insert_name(&list, name);
		}
		for (unsigned i = 0; i < 128; i++) {
			char name[8];

			snprintf(name, sizeof name, "f%03u", i);
			assert_string_equal(list.names[i], name);
		}
	}
}

static void what_is_no_folder_is_not_listed(void **state)
{
	static struct file_list list;
	struct files files = files_system();

	(void)state;
	assert_false(files.list(files.self, folder_path("plain"), &list));
	assert_false(files.list(files.self, folder_path("nowhere"), &list));
	assert_false(files.list(files.self, "", &list));
	assert_true(
		files.list(files.self, folder_path("linkfolder"), &list)); /* links are followed */
}

/* Whatever happened, no descriptor stays open. */
static void no_descriptor_is_left_open(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_in_range(fd, 0, 63);
	close(fd);
	paths_from_zone_files_stay_below_their_folder(state);
	a_step_has_255_octets_at_most(state);
	paths_of_the_user_may_be_anywhere(state);
	a_name_of_255_octets_is_listed_whole(state);
	what_is_no_folder_is_not_listed(state);
	int again = open("/dev/null", O_RDONLY);
	assert_int_equal(again, fd);
	close(again);
}

static void files_of_the_kernel_are_read_though_they_have_no_size(void **state)
{
	char text[64], tiny[4];

	(void)state;
	assert_true(files_peek("/proc/self/comm", text, sizeof text) > 1);
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_int_equal(files_peek("/proc/self/comm", tiny, sizeof tiny), 3);
	assert_int_equal(strlen(tiny), 3);
	assert_int_equal(files_peek("/proc/self/nothing", text, sizeof text), 0);
	assert_string_equal(text, "");
}

static void the_real_path_is_behind_all_links(void **state)
{
	char where[] = "/tmp/ten35-real-XXXXXX", link[64], file[64], real[4096];

	(void)state;
	assert_non_null(mkdtemp(where));
	snprintf(file, sizeof file, "%s/file", where);
	snprintf(link, sizeof link, "%s/link", where);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(symlink("file", link), 0);
	assert_true(files_real_path(link, real, sizeof real));
	assert_string_equal(real, file);
	assert_false(files_real_path(link, real, strlen(file))); /* no room for the NUL */
	unlink(file);
	assert_false(files_real_path(link, real, sizeof real));
	unlink(link);
	rmdir(where);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_from_zone_files_stay_below_their_folder),
		cmocka_unit_test(a_step_has_255_octets_at_most),
		cmocka_unit_test(paths_of_the_user_may_be_anywhere),
		cmocka_unit_test(the_limit_is_in_octets),
		cmocka_unit_test(a_file_that_changes_is_read_again_and_then_given_up),
		cmocka_unit_test(a_signal_does_not_end_reading),
		cmocka_unit_test(a_file_is_known_by_what_stat_says),
		cmocka_unit_test(a_folder_is_listed_in_the_order_of_octets_without_leftovers),
		cmocka_unit_test(a_name_of_255_octets_is_listed_whole),
		cmocka_unit_test(the_first_128_files_are_listed),
		cmocka_unit_test(what_is_no_file_is_not_even_opened),
		cmocka_unit_test(the_order_of_the_folder_does_not_matter),
		cmocka_unit_test(what_is_no_folder_is_not_listed),
		cmocka_unit_test(files_of_the_kernel_are_read_though_they_have_no_size),
		cmocka_unit_test(the_real_path_is_behind_all_links),
		cmocka_unit_test(no_descriptor_is_left_open),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
