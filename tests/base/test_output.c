/*
 * test_output.c -- what goes to standard descriptors, and when.
 *
 * The source is taken in whole, so that signals can come while it writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned signals; /* so many come before something is written */

static ssize_t seam_write(int fd, const void *at, size_t n)
{
	if (signals > 0) {
		signals--;
		errno = EINTR;
		return -1;
	}
	return write(fd, at, n);
}

#define write seam_write
#include "../../src/base/output.c"
#undef write

static int ends[2];

/* Both go into one pipe, as into a terminal. */
static int open_pipe(void **state)
{
	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	output_standard.fd = output_error.fd = ends[1];
	output_standard.failed = output_error.failed = false;
	return 0;
}

static int close_pipe(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void expect_read(const char *text)
{
	char got[64] = "";
	ssize_t n = read(ends[0], got, sizeof got - 1);

	assert_int_equal(n > 0 ? (size_t)n : 0, strlen(text));
	assert_string_equal(got, text);
}

static void what_is_collected_goes_when_it_is_told_to(void **state)
{
	(void)state;
	output_put(&output_standard, "one ");
	output_put_octets(&output_standard, "two\nthree", 4);
	expect_read("");
	assert_true(output_flush(&output_standard));
	expect_read("one two\n");
	assert_true(output_flush(&output_standard));
	expect_read("");
}

static void an_error_goes_at_once_and_behind_what_was_collected(void **state)
{
	(void)state;
	output_put(&output_standard, "line\n");
	output_put(&output_error, "error\n");
	expect_read("line\nerror\n");
}

/* Any number of octets, in pieces of any size, comes out as it went in. */
static void much_of_it_goes_as_it_comes(void **state)
{
	static uint8_t in[3 * OUTPUT_COLLECTED + 5], out[sizeof in];
	static const size_t sizes[] = {
		1, 100, OUTPUT_COLLECTED - 101, 1, OUTPUT_COLLECTED, OUTPUT_COLLECTED + 1
	};
	size_t used = 0;
	ssize_t n, got = 0;

	(void)state;
	for (size_t i = 0; i < sizeof in; i++)
		in[i] = (uint8_t)(i * 7 + i / 251);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		output_put_octets(&output_standard, in + used, sizes[i]);
		used += sizes[i];
	}
	assert_true(output_flush(&output_standard));
	while ((n = read(ends[0], out + got, sizeof out - (size_t)got)) > 0)
		got += n;
	assert_int_equal(got, used);
	assert_memory_equal(out, in, used);
}

static void what_cannot_be_written_is_told_and_not_tried_again(void **state)
{
	(void)state;
	output_standard.fd = open("/dev/full", O_WRONLY);
	output_put(&output_standard, "lost");
	assert_false(output_flush(&output_standard));
	output_put(&output_standard, "more");
	assert_false(output_flush(&output_standard));
	close(output_standard.fd);
}

static void a_signal_does_not_end_writing(void **state)
{
	(void)state;
	signals = 2;
	output_put(&output_standard, "all of it");
	assert_true(output_flush(&output_standard));
	expect_read("all of it");
	assert_int_equal(signals, 0);
}

/* no-color.org: whatever NO_COLOR is, unless it is empty. */
static void only_terminals_are_coloured(void **state)
{
	(void)state;
	unsetenv("NO_COLOR");
	assert_false(output_is_coloured(&output_standard));
	output_standard.fd = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(output_standard.fd >= 0);
	assert_true(output_is_coloured(&output_standard));
	setenv("NO_COLOR", "", 1);
	assert_true(output_is_coloured(&output_standard));
	setenv("NO_COLOR", "1", 1);
	assert_false(output_is_coloured(&output_standard));
	unsetenv("NO_COLOR");
	close(output_standard.fd);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, open_pipe, close_pipe)
	const struct CMUnitTest tests[] = {
		CASE(what_is_collected_goes_when_it_is_told_to),
		CASE(an_error_goes_at_once_and_behind_what_was_collected),
		CASE(much_of_it_goes_as_it_comes),
		CASE(what_cannot_be_written_is_told_and_not_tried_again),
		CASE(a_signal_does_not_end_writing),
		CASE(only_terminals_are_coloured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
