/*
 * What is said of files when the system refuses, call by call; no descriptor and no
 * memory is left behind.
 *
 * The source is taken in whole, with its system calls replaced.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/folder.h"

enum call {
	NO_CALL,
	OPEN,
	READ,
	FSTAT,
	FSTAT_AGAIN,
	STAT,
	MALLOC,
	READLINK,
	MMAP,
	MMAP_AGAIN,
	MREMAP,
	LSEEK,
	FCNTL
};

static struct {
	enum call call;
	int error;
	unsigned fstats, mmaps;
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

static ssize_t seam_readlinkat(int folder, const char *path, char *to, size_t size)
{
	return fails(READLINK) ? -1 : readlinkat(folder, path, to, size);
}

static void *seam_mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	return fails(failing.mmaps++ ? MMAP_AGAIN : MMAP)
		       ? MAP_FAILED
		       : mmap(at, size, protection, flags, fd, offset);
}

/* How many mappings there are from `at` on. */
static unsigned mappings(const uint8_t *at, size_t size)
{
	unsigned long from, to, begin = (unsigned long)at, end = begin + size;
	unsigned n = 0;
	char line[512];
	FILE *f = fopen("/proc/self/maps", "r");

	assert_non_null(f);
	while (fgets(line, sizeof line, f))
		n += sscanf(line, "%lx-%lx", &from, &to) == 2 && from < end && to > begin;
	fclose(f);
	return n;
}

/*
 * Kernels before 6.17 move what is one mapping, and nothing else; where they do not, what
 * was at the new place is gone all the same.
 */
static void *seam_mremap(void *at, size_t old_size, size_t size, int flags, void *to)
{
	if (!fails(MREMAP) && mappings(at, old_size) == 1)
		return mremap(at, old_size, size, flags, to);
	munmap(to, size);
	return MAP_FAILED;
}

static off_t seam_lseek(int fd, off_t offset, int whence)
{
	return fails(LSEEK) ? -1 : lseek(fd, offset, whence);
}

static int seam_fcntl(int fd, int command, int argument)
{
	return fails(FCNTL) ? -1 : fcntl(fd, command, argument);
}

static int seam_stat(const char *path, struct stat *st)
{
	return fails(STAT) ? -1 : stat(path, st);
}

#define open            seam_open
#define read(fd, to, n) seam_read(fd, to, n)
#define fstat           seam_fstat
#define malloc          seam_malloc
#define readlinkat      seam_readlinkat
#define mmap            seam_mmap
#define mremap          seam_mremap
#define lseek           seam_lseek
#define fcntl           seam_fcntl
#define stat(path, st)  seam_stat(path, st)
#include "../../src/base/files.c"
#undef open
#undef read
#undef fstat
#undef malloc
#undef readlinkat
#undef mmap
#undef mremap
#undef lseek
#undef fcntl
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
	remove(folder_path("large"));
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

/* ------ in pieces ------ */

enum { PIECE = 1 << 16, PIECES = 6, LARGE = PIECE * PIECES };

static uint8_t large[LARGE];

static void write_large(void)
{
	for (size_t i = 0; i < LARGE; i++)
		large[i] = (uint8_t)(i >> 8 ^ i * 7);
	FILE *f = fopen(folder_path("large"), "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(large, 1, LARGE, f), LARGE);
	fclose(f);
}

static void begin_failing(enum call call, int error)
{
	failing.call = call;
	failing.error = error;
	failing.fstats = failing.mmaps = 0;
}

static const char *read_large(struct file_text *text)
{
	struct files files = files_system();

	return files.read_pieces(files.self, NULL, folder_path("large"), LARGE, PIECE, text);
}

static void release_large(struct file_text *text)
{
	struct files files = files_system();

	files.release(files.self, text);
}

static void a_first_piece_that_fails_leaves_nothing_behind(void **state)
{
	static const struct {
		enum call call;
		int error;
		const char *problem;
	} cases[] = {
		{ MMAP, ENOMEM, file_no_memory },          { FCNTL, EMFILE, file_no_descriptor },
		{ LSEEK, EIO, "it cannot be read" },       { READ, EIO, "it cannot be read" },
		{ FSTAT_AGAIN, EIO, "it cannot be read" },
	};

	(void)state;
	write_large();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct file_text text;
		int before = open("/dev/null", O_RDONLY);

		close(before);
		begin_failing(cases[i].call, cases[i].error);
		assert_string_equal(read_large(&text), cases[i].problem);
		failing.call = NO_CALL;
		int after = open("/dev/null", O_RDONLY);
		close(after);
		assert_int_equal(before, after);
	}
}

/* Then there is as much memory as the text is long, and the text is right. */
static void where_pages_do_not_move_the_text_is_read_all_the_same(void **state)
{
	struct file_text text;

	(void)state;
	write_large();
	begin_failing(MREMAP, ENOMEM);
	assert_null(read_large(&text));
	while (text.ready < text.size)
		assert_null(file_text_more(&text, text.octets + text.ready));
	failing.call = NO_CALL;
	assert_int_equal(text.from, 0);
	assert_memory_equal(text.octets, large, LARGE);
	release_large(&text);
}

static void a_piece_that_moves_is_one_mapping(void **state)
{
	struct file_text text;
	size_t left[] = { 0, 1, PIECE / 2, PIECE, 2 * PIECE };

	(void)state;
	write_large();
	for (size_t i = 0; i < sizeof left / sizeof left[0]; i++) {
		assert_null(read_large(&text));
		while (text.ready < text.size) {
			size_t kept = text.ready > left[i] ? text.ready - left[i] : 0;

			assert_null(file_text_more(&text, text.octets + kept));
			assert_true(text.from + PIECE > kept);
			assert_memory_equal(text.octets + text.from, large + text.from,
					    text.ready - text.from);
		}
		release_large(&text);
	}
}

static void where_addresses_are_lost_nothing_is_called_back(void **state)
{
	struct file_text text;

	(void)state;
	write_large();
	assert_null(read_large(&text));
	assert_null(file_text_more(&text, text.octets + text.ready));
	begin_failing(MMAP, ENOMEM);
	assert_null(file_text_more(&text, text.octets + text.ready));
	failing.call = NO_CALL;
	assert_true(text.from > 0);
	assert_memory_equal(text.octets + text.from, large + text.from, text.ready - text.from);
	assert_ptr_equal(file_text_recall(&text), file_changes);
	release_large(&text);
}

static void what_cannot_be_called_back_is_said_once_and_for_all(void **state)
{
	struct file_text text;

	(void)state;
	write_large();
	for (int i = 0; i < 2; i++) {
		assert_null(read_large(&text));
		while (text.from == 0)
			assert_null(file_text_more(&text, text.octets + text.ready));
		begin_failing(i ? MMAP : READ, i ? ENOMEM : EIO);
		assert_string_equal(file_text_recall(&text),
				    i ? file_no_memory : "it cannot be read");
		failing.call = NO_CALL;
		assert_ptr_equal(file_text_recall(&text), file_changes);
		if (text.ready == text.size)
			assert_ptr_equal(file_text_more(&text, text.octets), file_changes);
		release_large(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_system_refuses_is_said_in_words),
		cmocka_unit_test(a_file_that_may_not_be_read_is_described),
		cmocka_unit_test(below_a_folder_less_is_said_of_it),
		cmocka_unit_test(a_file_that_is_gone_is_no_file_with_an_identity),
		cmocka_unit_test(without_proc_there_is_no_real_path),
		cmocka_unit_test(a_first_piece_that_fails_leaves_nothing_behind),
		cmocka_unit_test(where_pages_do_not_move_the_text_is_read_all_the_same),
		cmocka_unit_test(a_piece_that_moves_is_one_mapping),
		cmocka_unit_test(where_addresses_are_lost_nothing_is_called_back),
		cmocka_unit_test(what_cannot_be_called_back_is_said_once_and_for_all),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
