/*
 * random.c -- the kernel's generator.
 */
#include "base/random.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { GET_NONBLOCK = 1 };

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

static bool system_fill(void *self, uint8_t *out, size_t n)
{
	(void)self;
#ifdef SYS_getrandom
	if (n <= 256 && syscall(SYS_getrandom, out, n, GET_NONBLOCK) == (long)n)
		return true;
#endif
	return fill_from_device(out, n);
}

struct random random_system(void)
{
	return (struct random){ .fill = system_fill };
}
