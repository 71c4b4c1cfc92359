/*
 * sealed.c -- memory that one process writes once and others only read.
 */
#include "app/sealed.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Spelled out for libcs that are older than the kernel. */
enum {
	MEMFD_CLOEXEC = 1,
	MEMFD_ALLOW_SEALING = 2,
	ADD_SEALS = 1033,
	SEAL_ALL = 1 | 2 | 4 | 8, /* seal, shrink, grow, write */
	COLLAPSE = 25,            /* MADV_COLLAPSE, Linux 6.1 */
};

/* Names of temporary files that others may have taken. */
enum { TEMPORARY_TRIES = 100 };

/* Of the common processors; where others are, nothing is lost. */
enum { HUGE_PAGE = 2 << 20 };

/* A file that is new, and gone from its folder before anybody is told of it. */
static int open_temporary_in(const char *folder)
{
	for (unsigned i = 0; i < TEMPORARY_TRIES; i++) {
		char path[64];
		struct text t = text_init(path, sizeof path);

		text_format(&t, "%s/ten35.%d.%u", folder, (int)getpid(), i);
		int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0)
			unlink(path);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static int open_temporary(void)
{
	static const char folders[][9] = { "/dev/shm", "/tmp", "/var/tmp" };
	int fd = -1;

	for (size_t i = 0; fd < 0 && i < sizeof folders / sizeof folders[0]; i++)
		fd = open_temporary_in(folders[i]);
	return fd;
}

static int open_memory(const char *name)
{
	int fd = -1;

	(void)name;
#ifdef SYS_memfd_create
	fd = (int)syscall(SYS_memfd_create, name, MEMFD_CLOEXEC | MEMFD_ALLOW_SEALING);
#endif
	return fd >= 0 ? fd : open_temporary();
}

bool sealed_put(void *self, const uint8_t *octets, size_t n, size_t offset)
{
	const struct sealed *s = self;

	while (n > 0) {
		ssize_t done = pwrite(s->fd, octets, n, (off_t)offset);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		octets += done;
		offset += (size_t)done;
		n -= (size_t)done;
	}
	return true;
}

/*
 * What could not be had when it is touched would be our end (SIGBUS).  Where nobody can promise it
 * (Linux before 3.5, some file systems), it is written once, and who has no room can say so.
 */
static bool make_room(struct sealed *s)
{
	uint8_t zeros[4096] = { 0 };

	if (fallocate(s->fd, 0, 0, (off_t)s->room) == 0)
		return true;
	if (errno == ENOSPC || errno == EDQUOT)
		return false;
	for (size_t at = 0; at < s->room; at += sizeof zeros) {
		size_t left = s->room - at;

		if (!sealed_put(s, zeros, left < sizeof zeros ? left : sizeof zeros, at))
			return false;
	}
	return true;
}

bool sealed_open(struct sealed *s, const char *name, size_t room)
{
	*s = (struct sealed){ .fd = open_memory(name), .room = room };
	if (s->fd < 0)
		return false;
	if (make_room(s)) {
		void *at = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
		if (at != MAP_FAILED) {
			s->octets = at;
			return true;
		}
	}
	close(s->fd);
	s->fd = -1;
	return false;
}

bool sealed_finish(struct sealed *s, size_t size)
{
	munmap(s->octets, s->room);
	s->octets = NULL;
	if (size == 0 || ftruncate(s->fd, (off_t)size) != 0) {
		close(s->fd);
		s->fd = -1;
		return false;
	}
	/* An old kernel, or a temporary file: nothing to seal, nobody to seal it from. */
	(void)fcntl(s->fd, ADD_SEALS, SEAL_ALL);
	return true;
}

/* A free address where so much can lie in huge pages, or NULL: no more than a hint. */
static void *huge_place(size_t size)
{
	if (size < HUGE_PAGE)
		return NULL;
	uint8_t *room = mmap(NULL, size + HUGE_PAGE, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return NULL;
	munmap(room, size + HUGE_PAGE);
	return room + (HUGE_PAGE - (uintptr_t)room % HUGE_PAGE) % HUGE_PAGE;
}

static void *map(int fd, size_t size)
{
	void *at = mmap(huge_place(size), size, PROT_READ, MAP_SHARED, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

const void *sealed_map(int fd, size_t size)
{
	return map(fd, size);
}

void sealed_make_huge(int fd, size_t size)
{
	void *at = size < HUGE_PAGE ? NULL : map(fd, size);

	if (!at)
		return;
	(void)madvise(at, size / HUGE_PAGE * HUGE_PAGE, COLLAPSE);
	munmap(at, size);
}

void sealed_unmap(const void *octets, size_t size)
{
	void *at;

	memcpy(&at, &octets, sizeof at);
	munmap(at, size);
}
