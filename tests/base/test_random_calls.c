/*
 * The kernel's generator where it is young, old, or not there.
 *
 * The source is taken in whole, with its system calls replaced.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
	int call_fails_with; /* errno of getrandom(); 0: it works */
	bool has_devices, is_seeded;
	unsigned interrupted;  /* this many reads end with EINTR */
	size_t device_ends_at; /* octets that the device has */
	unsigned open, asked_call, asked_device;
} kernel;

static long seam_syscall(long number, uint8_t *out, size_t n, int flags)
{
	assert_int_equal(number, SYS_getrandom);
	assert_int_equal(flags, 1); /* GRND_NONBLOCK: nobody waits for a secret */
	kernel.asked_call++;
	errno = kernel.call_fails_with;
	if (errno)
		return -1;
	memset(out, 'c', n);
	return (long)n;
}

static int seam_open(const char *path, int flags)
{
	(void)flags;
	assert_true(strcmp(path, "/dev/urandom") == 0 || strcmp(path, "/dev/random") == 0);
	if (!kernel.has_devices)
		return -1;
	kernel.open++;
	return 99;
}

static ssize_t seam_read(int fd, uint8_t *out, size_t n)
{
	assert_int_equal(fd, 99);
	kernel.asked_device++;
	if (kernel.interrupted > 0) {
		kernel.interrupted--;
		errno = EINTR;
		return -1;
	}
	errno = 0;
	n = n > 100 ? 100 : n;
	n = n > kernel.device_ends_at ? kernel.device_ends_at : n;
	kernel.device_ends_at -= n;
	memset(out, 'd', n);
	return (ssize_t)n;
}

static int seam_poll(struct pollfd *fds, nfds_t n, int wait_ms)
{
	assert_true(n == 1 && fds->fd == 99 && fds->events == POLLIN && wait_ms == 0);
	fds->revents = kernel.is_seeded ? POLLIN : 0;
	return kernel.is_seeded;
}

static int seam_close(int fd)
{
	assert_int_equal(fd, 99);
	kernel.open--;
	return 0;
}

#define syscall seam_syscall
#define open    seam_open
#define read    seam_read
#define poll    seam_poll
#define close   seam_close
#include "../../src/base/random.c"
#undef syscall
#undef open
#undef read
#undef poll
#undef close

static uint8_t out[1000];

static int begin(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof kernel);
	memset(out, 0, sizeof out);
	kernel.device_ends_at = SIZE_MAX;
	kernel.has_devices = true;
	return 0;
}

static int every_descriptor_is_closed(void **state)
{
	(void)state;
	return kernel.open != 0;
}

static void expect(size_t n, uint8_t octet)
{
	for (size_t i = 0; i < sizeof out; i++)
		assert_int_equal(out[i], i < n ? octet : 0);
}

static void the_call_is_enough_for_256_octets(void **state)
{
	struct random r = random_system();

	(void)state;
	assert_true(random_fill(&r, out, 256));
	assert_int_equal(kernel.asked_device, 0);
	expect(256, 'c');
}

static void more_octets_than_one_call_gives_come_from_the_device(void **state)
{
	struct random r = random_system();

	(void)state;
	kernel.interrupted = 3;
	assert_true(random_fill(&r, out, 257));
	assert_int_equal(kernel.asked_device, 3 + 3); /* of 100 octets at most */
	expect(257, 'd');
}

static void a_device_that_ends_has_not_filled_anything(void **state)
{
	struct random r = random_system();

	(void)state;
	kernel.device_ends_at = 299;
	assert_false(random_fill(&r, out, 300));
	kernel.device_ends_at = 300;
	assert_true(random_fill(&r, out, 300));
	kernel.has_devices = false;
	assert_false(random_fill(&r, out, 300));
}

/* A secret of a generator that has gathered nothing could be guessed. */
static void a_young_kernel_has_no_secrets_but_numbers(void **state)
{
	struct random r = random_system();

	(void)state;
	kernel.call_fails_with = EAGAIN;
	kernel.is_seeded = true; /* whatever the device says: the call knows */
	assert_false(random_fill_secret(&r, out, 32));
	assert_int_equal(kernel.asked_device, 0);
	assert_true(random_fill(&r, out, 32));
	expect(32, 'd');
}

/* Before Linux 3.17: /dev/random can be read once enough was gathered. */
static void an_old_kernel_has_secrets_when_its_device_can_be_read(void **state)
{
	struct random r = random_system();

	(void)state;
	kernel.call_fails_with = ENOSYS;
	assert_false(random_fill_secret(&r, out, 32));
	expect(0, 0);
	kernel.is_seeded = true;
	assert_true(random_fill_secret(&r, out, 32));
	expect(32, 'd');
	kernel.device_ends_at = 31;
	assert_false(random_fill_secret(&r, out, 32));
	kernel.has_devices = false;
	assert_false(random_fill_secret(&r, out, 32));
}

/* No errno of an earlier call may be taken for that of one that was not made. */
static void a_secret_that_is_too_large_is_refused(void **state)
{
	struct random r = random_system();

	(void)state;
	kernel.is_seeded = true;
	errno = ENOSYS;
	assert_false(random_fill_secret(&r, out, 257));
	assert_int_equal(kernel.asked_call + kernel.asked_device, 0);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, every_descriptor_is_closed)
	const struct CMUnitTest tests[] = {
		CASE(the_call_is_enough_for_256_octets),
		CASE(more_octets_than_one_call_gives_come_from_the_device),
		CASE(a_device_that_ends_has_not_filled_anything),
		CASE(a_young_kernel_has_no_secrets_but_numbers),
		CASE(an_old_kernel_has_secrets_when_its_device_can_be_read),
		CASE(a_secret_that_is_too_large_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
