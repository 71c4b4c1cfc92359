/*
 * test_files_replace.c -- a file gets other octets, all of them or none.
 *
 * The source is taken in whole, with some system calls replaced, so that each of
 * them can fail, and the file can change while the other one is written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"

static int fails_with[8]; /* errno of each call; 0: it works */
static void (*before_rename)(void);

enum { WRITE, FSYNC, RENAME, CHOWN, CHMOD, OPEN, FRESH, FOLDER };

static bool fails(int which)
{
	errno = fails_with[which];
	return errno != 0;
}

static ssize_t seam_write(int fd, const void *p, size_t n)
{
	static unsigned turn;

	if (fails(WRITE))
		return -1;
	if (turn++ % 3 == 0) {
		errno = EINTR;
		return -1;
	}
	return write(fd, p, n > 5 ? 5 : n);
}

static int seam_fsync(int fd)
{
	if (before_rename)
		before_rename();
	return fails(FSYNC) ? -1 : fsync(fd);
}

static int seam_renameat(int from, const char *a, int to, const char *b)
{
	return fails(RENAME) ? -1 : renameat(from, a, to, b);
}

static bool only_owner; /* cannot be kept: the group can */

static int change_owner(int fd, uid_t u, gid_t g)
{
	if (only_owner && u != (uid_t)-1)
		return -1;
	return fails(CHOWN) ? -1 : fchown(fd, u, g);
}

#ifdef SYS_fchown32
enum { OWNERS_CALL = SYS_fchown32 };
#else
enum { OWNERS_CALL = SYS_fchown };
#endif

static long seam_syscall(long number, int fd, unsigned mode_or_user, ...)
{
	va_list more;

	if (number == SYS_fchmod)
		return fails(CHMOD) ? -1 : fchmod(fd, mode_or_user);
	assert_int_equal(number, OWNERS_CALL);
	va_start(more, mode_or_user);
	gid_t group = va_arg(more, gid_t);
	va_end(more);
	return change_owner(fd, mode_or_user, group);
}

static int seam_openat(int folder, const char *path, int flags, mode_t mode)
{
	return fails(flags & O_CREAT ? FRESH : OPEN) ? -1 : openat(folder, path, flags, mode);
}

static int seam_open(const char *path, int flags)
{
	return flags & O_DIRECTORY && fails(FOLDER) ? -1 : open(path, flags);
}

#define write    seam_write
#define fsync    seam_fsync
#define renameat seam_renameat
#define syscall  seam_syscall
#define openat   seam_openat
#define open     seam_open
#include "../../src/base/files_replace.c"
#undef write
#undef fsync
#undef renameat
#undef syscall
#undef openat
#undef open

static const char *content(const char *name)
{
	static char text[256];
	FILE *f = fopen(folder_path(name), "r");

	assert_non_null(f);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	return text;
}

static unsigned entries(void)
{
	DIR *d = opendir(test_folder);
	unsigned n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static struct file_id id_of(const char *name)
{
	struct stat st;
	struct file_id id;

	assert_int_equal(stat(folder_path(name), &st), 0);
	file_id_fill(&st, &id);
	return id;
}

static const char *replaced(const char *name, const struct file_id *was)
{
	static const char text[] = "a text that is new";

	return files_replace(folder_path(name), was, (struct slice){ (const uint8_t *)text, 18 });
}

static int begin(void **state)
{
	(void)state;
	memset(fails_with, 0, sizeof fails_with);
	before_rename = NULL;
	only_owner = false;
	folder_make();
	folder_write("file", "old");
	return chmod(folder_path("file"), 0640);
}

static int end(void **state)
{
	static const char *const files[] = { "file", "link", "deep/link", "deep", "other" };

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		remove(folder_path(files[i]));
	return rmdir(test_folder);
}

static void the_octets_are_others_and_the_rest_is_as_it_was(void **state)
{
	struct file_id was = id_of("file");
	struct stat before, after;

	(void)state;
	assert_int_equal(geteuid() == 0 ? chown(folder_path("file"), 12, 34) : 0, 0);
	chmod(folder_path("file"), 0640);
	stat(folder_path("file"), &before);
	was = id_of("file");
	assert_null(replaced("file", &was));
	assert_string_equal(content("file"), "a text that is new");
	stat(folder_path("file"), &after);
	assert_int_equal(after.st_mode, before.st_mode);
	assert_int_equal(after.st_uid, before.st_uid);
	assert_int_equal(after.st_gid, before.st_gid);
	assert_int_equal(entries(), 1);
}

static void the_new_file_is_no_program_that_runs_as_its_owner(void **state)
{
	struct file_id was;
	struct stat after;

	(void)state;
	chmod(folder_path("file"), 06751);
	was = id_of("file");
	assert_null(replaced("file", &was));
	stat(folder_path("file"), &after);
	assert_int_equal(after.st_mode & 07777, 0751);
}

static void links_stay_and_lead_to_the_new_file(void **state)
{
	struct file_id was = id_of("file");
	struct stat st;

	(void)state;
	assert_int_equal(mkdir(folder_path("deep"), 0700), 0);
	assert_int_equal(symlink("../file", folder_path("deep/link")), 0);
	assert_int_equal(symlink("deep/link", folder_path("link")), 0);
	assert_null(replaced("link", &was));
	assert_string_equal(content("file"), "a text that is new");
	assert_int_equal(lstat(folder_path("link"), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(entries(), 3);
}

static void a_file_with_two_names_is_not_torn_in_two(void **state)
{
	(void)state;
	assert_int_equal(link(folder_path("file"), folder_path("other")), 0);
	struct file_id was = id_of("file");
	assert_string_equal(replaced("file", &was), "it has several names (hard links)");
	assert_string_equal(content("file"), "old");
}

/* Only root can give files away; who shares the group may still write there. */
static void somebody_elses_file_keeps_its_group_at_least(void **state)
{
	struct file_id was = id_of("file");
	struct stat before, after;

	(void)state;
	stat(folder_path("file"), &before);
	only_owner = true;
	assert_null(replaced("file", &was));
	stat(folder_path("file"), &after);
	assert_int_equal(after.st_gid, before.st_gid);
	assert_int_equal(after.st_mode, before.st_mode);
}

/* Process numbers come again, and so do the names that are made of them. */
static void names_left_over_from_a_crash_are_passed_over(void **state)
{
	struct file_id was = id_of("file");
	char name[48];

	(void)state;
	snprintf(name, sizeof name, ".ten35-%ld-0", (long)getpid());
	folder_write(name, "half");
	assert_null(replaced("file", &was));
	assert_string_equal(content("file"), "a text that is new");
	assert_string_equal(content(name), "half");
	remove(folder_path(name));
}

static void remove_it(void)
{
	remove(folder_path("file"));
	before_rename = NULL;
}

static void a_file_that_is_removed_meanwhile_does_not_come_back(void **state)
{
	struct file_id was = id_of("file");

	(void)state;
	before_rename = remove_it;
	assert_string_equal(replaced("file", &was), "it is gone");
	assert_int_equal(entries(), 0);
}

static void touch(void)
{
	folder_write("file", "newer");
	before_rename = NULL;
}

static void a_file_that_changed_meanwhile_is_left_alone(void **state)
{
	struct file_id was = id_of("file");

	(void)state;
	before_rename = touch; /* the other one is written already */
	assert_string_equal(replaced("file", &was), "it changed meanwhile");
	assert_string_equal(content("file"), "newer");
	assert_int_equal(entries(), 1);
	assert_string_equal(replaced("file", &was), "it changed meanwhile");
	was = id_of("file");
	remove(folder_path("file"));
	assert_string_equal(replaced("file", &was), "it is gone");
	assert_int_equal(entries(), 0);
}

static void whatever_fails_the_old_file_is_there(void **state)
{
	static const struct {
		int call, error;
		const char *problem;
	} cases[] = {
		{ WRITE, ENOSPC, "there is no room for it" },
		{ WRITE, EIO, "it cannot be written" },
		{ FSYNC, EDQUOT, "there is no room for it" },
		{ FSYNC, EIO, "it cannot be written" },
		{ RENAME, EROFS, "the file system is read-only" },
		{ CHOWN, EPERM, "owner and mode cannot be kept" },
		{ CHMOD, EPERM, "owner and mode cannot be kept" },
		{ OPEN, EACCES, "no permission to write it, or into its folder" },
		{ OPEN, EPERM, "no permission to write it, or into its folder" },
		{ FRESH, EACCES, "no permission to write it, or into its folder" },
		{ FRESH, EEXIST, "it cannot be written" },
		{ FOLDER, EACCES, "no permission to write it, or into its folder" },
	};
	struct file_id was = id_of("file");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		fails_with[cases[i].call] = cases[i].error;
		assert_string_equal(replaced("file", &was), cases[i].problem);
		assert_string_equal(content("file"), "old");
		assert_int_equal(entries(), 1);
		fails_with[cases[i].call] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_octets_are_others_and_the_rest_is_as_it_was,
						begin, end),
		cmocka_unit_test_setup_teardown(the_new_file_is_no_program_that_runs_as_its_owner,
						begin, end),
		cmocka_unit_test_setup_teardown(links_stay_and_lead_to_the_new_file, begin, end),
		cmocka_unit_test_setup_teardown(a_file_with_two_names_is_not_torn_in_two, begin,
						end),
		cmocka_unit_test_setup_teardown(a_file_that_changed_meanwhile_is_left_alone, begin,
						end),
		cmocka_unit_test_setup_teardown(somebody_elses_file_keeps_its_group_at_least, begin,
						end),
		cmocka_unit_test_setup_teardown(names_left_over_from_a_crash_are_passed_over, begin,
						end),
		cmocka_unit_test_setup_teardown(a_file_that_is_removed_meanwhile_does_not_come_back,
						begin, end),
		cmocka_unit_test_setup_teardown(whatever_fails_the_old_file_is_there, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
