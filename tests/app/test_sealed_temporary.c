/*
 * test_sealed_temporary.c -- on kernels without memory files: a temporary one in its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* What a file system says of room that is asked for; 0: nothing is amiss. */
static int no_room_errno;

static int ask_for_room(int fd, int mode, off_t offset, off_t n)
{
	errno = no_room_errno;
	return no_room_errno ? -1 : fallocate(fd, mode, offset, n);
}

/* Octets that there is room for when they are written. */
static size_t room_left = SIZE_MAX;

static ssize_t write_there(int fd, const void *octets, size_t n, off_t offset)
{
	if (room_left == 0) {
		errno = ENOSPC;
		return -1;
	}
	n = n < room_left ? n : room_left;
	room_left -= n;
	return pwrite(fd, octets, n, offset);
}

#define fallocate ask_for_room
#define pwrite    write_there
#include "../../src/app/sealed.c"
#undef fallocate
#undef pwrite

static char folder[] = "/tmp/ten35-test.XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder); /* nothing was left there */
}

static void name_of(char *path, size_t size, unsigned number)
{
	snprintf(path, size, "%s/ten35.%d.%u", folder, (int)getpid(), number);
}

static void a_temporary_file_has_no_name(void **state)
{
	int fd = open_temporary_in(folder);
	struct stat st;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_nlink, 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

/* Somebody who guesses the name gets neither our octets nor us to write to a file of his. */
static void a_name_that_is_taken_is_left_alone(void **state)
{
	char first[100], second[100], target[100];
	struct stat st;

	(void)state;
	name_of(first, sizeof first, 0);
	name_of(second, sizeof second, 1);
	snprintf(target, sizeof target, "%s/target", folder);
	close(open(first, O_CREAT | O_WRONLY, 0666));
	assert_int_equal(symlink(target, second), 0);
	int fd = open_temporary_in(folder);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "octets", 6), 6);
	assert_int_equal(stat(first, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(lstat(target, &st), -1);
	assert_int_equal(unlink(first), 0);
	assert_int_equal(unlink(second), 0);
	close(fd);
}

static void where_all_names_are_taken_or_no_folder_is_there_is_no_file(void **state)
{
	char path[100];

	(void)state;
	for (unsigned i = 0; i < TEMPORARY_TRIES; i++) {
		name_of(path, sizeof path, i);
		close(open(path, O_CREAT | O_WRONLY, 0600));
	}
	assert_int_equal(open_temporary_in(folder), -1);
	for (unsigned i = 0; i < TEMPORARY_TRIES; i++) {
		name_of(path, sizeof path, i);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(open_temporary_in("/nowhere/at/all"), -1);
}

/* Else whoever writes to its memory would be ended by SIGBUS. */
static void where_there_is_no_room_there_is_no_memory(void **state)
{
	struct sealed s;

	(void)state;
	for (int i = 0; i < 2; i++) {
		no_room_errno = i ? EDQUOT : ENOSPC;
		assert_false(sealed_open(&s, "test", 10000));
		assert_int_equal(s.fd, -1);
	}
	no_room_errno = 0;
	assert_true(sealed_open(&s, "test", 10000));
	struct stat st;
	assert_int_equal(fstat(s.fd, &st), 0);
	assert_true(st.st_blocks * 512 >= 10000); /* it is ours already */
	assert_false(sealed_finish(&s, 0));
}

/* Linux before 3.5 has no fallocate() for files in memory. */
static void where_no_room_is_promised_it_is_taken_at_once(void **state)
{
	struct sealed s;
	struct stat st;

	(void)state;
	no_room_errno = EOPNOTSUPP;
	assert_true(sealed_open(&s, "test", 10000));
	assert_int_equal(fstat(s.fd, &st), 0);
	assert_int_equal(st.st_size, 10000);
	assert_true(st.st_blocks * 512 >= 10000);
	memset(s.octets, 1, 10000);
	assert_true(sealed_finish(&s, 10000));
	close(s.fd);
	for (room_left = 0; room_left < 10000;) {
		size_t most = room_left;

		assert_false(sealed_open(&s, "test", 10000));
		assert_int_equal(s.fd, -1);
		room_left = most + 2500;
	}
	room_left = SIZE_MAX;
	no_room_errno = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_temporary_file_has_no_name),
		cmocka_unit_test(a_name_that_is_taken_is_left_alone),
		cmocka_unit_test(where_all_names_are_taken_or_no_folder_is_there_is_no_file),
		cmocka_unit_test(where_there_is_no_room_there_is_no_memory),
		cmocka_unit_test(where_no_room_is_promised_it_is_taken_at_once),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
