/*
 * random.c -- the kernel's generator.
 */
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { GET_NONBLOCK = 1, GET_MOST = 256 /* octets that one call gives for sure */ };

static bool fill_from_device(uint8_t *out, size_t n)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	size_t got = 0;

	while (fd >= 0 && got < n) {
		ssize_t more = read(fd, out + got, n - got);
		if (more <= 0 && errno != EINTR)
			break;
		if (more > 0)
			got += (size_t)more;
	}
	if (fd >= 0)
		close(fd);
	return got == n;
}

/* The call: true when it filled everything; false with errno. */
static bool fill_from_call(uint8_t *out, size_t n)
{
#ifdef SYS_getrandom
	return n <= GET_MOST && syscall(SYS_getrandom, out, n, GET_NONBLOCK) == (long)n;
#else
	(void)out, (void)n;
	errno = ENOSYS;
	return false;
#endif
}

static bool system_fill(void *self, uint8_t *out, size_t n)
{
	(void)self;
	return fill_from_call(out, n) || fill_from_device(out, n);
}

/* On kernels without the call: /dev/random can be read once enough was gathered. */
static bool device_is_seeded(void)
{
	struct pollfd fd = { .fd = open("/dev/random", O_RDONLY | O_CLOEXEC | O_NONBLOCK),
			     .events = POLLIN };
	bool seeded = fd.fd >= 0 && poll(&fd, 1, 0) == 1 && fd.revents & POLLIN;

	if (fd.fd >= 0)
		close(fd.fd);
	return seeded;
}

static bool system_fill_secret(void *self, uint8_t *out, size_t n)
{
	(void)self;
	errno = 0;
	if (fill_from_call(out, n))
		return true;
	return errno == ENOSYS && device_is_seeded() && fill_from_device(out, n);
}

struct random random_system(void)
{
	return (struct random){ .fill = system_fill, .fill_secret = system_fill_secret };
}
