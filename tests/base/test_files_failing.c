/*
 * What is said of files when the system refuses, call by call; no descriptor and no
 * memory is left behind.
 *
 * The source is taken in whole, with its system calls replaced.
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
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"

enum call { NO_CALL, OPEN, READ, FSTAT, FSTAT_AGAIN, STAT, MALLOC, READLINK };

static struct {
	enum call call;
	int error;
	unsigned fstats;
} failing;

static bool fails(enum call call)
{
	if (failing.call != call)
		return false;
	errno = failing.error;
	return true;
}

static int seam_open(const char *path, int flags)
{
	return fails(OPEN) ? -1 : open(path, flags);
}

static ssize_t seam_read(int fd, void *to, size_t n)
{
	return fails(READ) ? -1 : read(fd, to, n);
}

static int seam_fstat(int fd, struct stat *st)
{
	return fails(failing.fstats++ ? FSTAT_AGAIN : FSTAT) ? -1 : fstat(fd, st);
}

static void *seam_malloc(size_t size)
{
	return fails(MALLOC) ? NULL : malloc(size);
}

static ssize_t seam_readlink(const char *path, char *to, size_t size)
{
	return fails(READLINK) ? -1 : readlink(path, to, size);
}

static int seam_stat(const char *path, struct stat *st)
{
	return fails(STAT) ? -1 : stat(path, st);
}

#define open            seam_open
#define read(fd, to, n) seam_read(fd, to, n)
#define fstat           seam_fstat
#define malloc          seam_malloc
#define readlink        seam_readlink
#define stat(path, st)  seam_stat(path, st)
#include "../../src/base/files.c"
#undef open
#undef read
#undef fstat
#undef malloc
#undef readlink
#undef stat

static int make_folder(void **state)
{
	(void)state;
	folder_make();
	folder_write("file", "octets");
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	remove(folder_path("file"));
	return rmdir(test_folder);
}

static const char *problem_when(enum call call, int error)
{
	struct files files = files_system();
	struct file_text text;
	int before = open("/dev/null", O_RDONLY);

	close(before);
	failing.call = call;
	failing.error = error;
	failing.fstats = 0;
	const char *problem = files.read(files.self, NULL, folder_path("file"), 100, &text);
	failing.call = NO_CALL;
	int after = open("/dev/null", O_RDONLY);
	close(after);
	assert_int_equal(before, after);
	if (!problem)
		files.release(files.self, &text);
	return problem;
}

static void what_the_system_refuses_is_said_in_words(void **state)
{
	static const struct {
		enum call call;
		int error;
		const char *problem;
	} cases[] = {
		{ NO_CALL, 0, NULL },
		{ OPEN, ENOENT, "no such file" },
		{ OPEN, EPERM, "no permission to read it" },
		{ OPEN, ENOMEM, file_no_memory },
		{ OPEN, EMFILE, file_no_descriptor },
		{ OPEN, ENFILE, file_no_descriptor },
		{ OPEN, EIO, "it cannot be read" },
		{ READ, EIO, "it cannot be read" },
		{ FSTAT, EIO, "it cannot be read" },
		{ FSTAT_AGAIN, EIO, "it cannot be read" },
		{ STAT, ENOENT, "no such file" },
		{ MALLOC, ENOMEM, file_no_memory },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *problem = problem_when(cases[i].call, cases[i].error);
		if (problem != cases[i].problem &&
		    (!problem || strcmp(problem, cases[i].problem) != 0))
			fail_msg("case %zu: %s", i, problem);
	}
}

/* Root may read everything, so that a kernel refuses is played. */
static void a_file_that_may_not_be_read_is_described(void **state)
{
	(void)state;
	chmod(folder_path("file"), 0640);
	const char *problem = problem_when(OPEN, EACCES);
	assert_non_null(strstr(problem, "with mode 0640, and this is uid "));
	assert_string_equal(problem_when(STAT, EACCES), "no permission to look into its folder");
}

static void below_a_folder_less_is_said_of_it(void **state)
{
	struct files files = files_system();
	struct file_text text;

	(void)state;
	failing.call = OPEN;
	failing.error = EACCES;
	assert_string_equal(files.read(files.self, test_folder, "file", 100, &text),
			    "no permission to read it");
	assert_string_equal(files.read(files.self, test_folder, "/file", 100, &text),
			    "it leads out of the zone's directory (no '..', no '/' in front, no "
			    "links)");
	failing.call = NO_CALL;
}

static void a_file_that_is_gone_is_no_file_with_an_identity(void **state)
{
	struct files files = files_system();
	struct file_id id;

	(void)state;
	assert_true(files.identify(files.self, folder_path("file"), &id));
	failing.call = STAT;
	failing.error = ENOENT;
	assert_false(files.identify(files.self, folder_path("file"), &id));
	failing.call = NO_CALL;
}

/* Without /proc, as in a bare chroot. */
static void without_proc_there_is_no_real_path(void **state)
{
	char real[256];

	(void)state;
	assert_true(files_real_path(folder_path("file"), real, sizeof real));
	failing.call = READLINK;
	failing.error = ENOENT;
	assert_false(files_real_path(folder_path("file"), real, sizeof real));
	failing.call = NO_CALL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_system_refuses_is_said_in_words),
		cmocka_unit_test(a_file_that_may_not_be_read_is_described),
		cmocka_unit_test(below_a_folder_less_is_said_of_it),
		cmocka_unit_test(a_file_that_is_gone_is_no_file_with_an_identity),
		cmocka_unit_test(without_proc_there_is_no_real_path),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
