/*
 * files_replace.c -- a file gets other octets, all of them or none.
 *
 * They are written beside it, under a name of their own, and take its place by
 * rename(2) when they are on the disk.
 */
#include "base/files.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NAMES_TRIED = 8, NAME_SIZE = 48 };

static const char *reason(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return "no permission to write it, or into its folder";
	case EROFS:
		return "the file system is read-only";
	case ENOSPC:
	case EDQUOT:
		return "there is no room for it";
	case ENOENT:
		return "it is gone";
	default:
		return "it cannot be written";
	}
}

/* NULL when it is the file that was read, and one that can be replaced. */
static const char *look(int folder, const char *name, const struct file_id *was, struct stat *st)
{
	struct file_id id;

	if (fstatat(folder, name, st, AT_SYMLINK_NOFOLLOW) < 0)
		return reason(errno);
	file_id_fill(st, &id);
	if (!file_id_equal(&id, was))
		return "it changed meanwhile";
	return st->st_nlink > 1 ? "it has several names (hard links)" : NULL;
}

/* A new file in the folder; a name that is left over from a crash is passed over. */
static int open_fresh(int folder, char name[NAME_SIZE])
{
	int fd = -1;

	for (unsigned i = 0; i < NAMES_TRIED && fd < 0; i++) {
		struct text text = text_init(name, NAME_SIZE);

		text_format(&text, ".ten35-%ld-%u", (long)getpid(), i);
		fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

static bool write_all(int fd, struct slice octets)
{
	for (size_t done = 0; done < octets.size;) {
		ssize_t n = write(fd, octets.octets + done, octets.size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

/*
 * The system calls themselves: libc's functions also serve descriptors that stand for a path alone,
 * which takes a walk through /proc.  Numbers of users have 32 bits in one of two calls.
 */
#ifdef SYS_fchown32
enum { SET_OWNER = SYS_fchown32 };
#else
enum { SET_OWNER = SYS_fchown };
#endif

/*
 * Whoever may read the old file may read the new one; a stranger's group would be
 * another.  Bits that make a program run as its owner are not kept: the owner may
 * be us from now on, and the text somebody else's.
 */
static bool take_owner(int fd, const struct stat *st)
{
	return (syscall(SET_OWNER, fd, st->st_uid, st->st_gid) == 0 ||
		syscall(SET_OWNER, fd, (uid_t)-1, st->st_gid) == 0) &&
	       syscall(SYS_fchmod, fd, st->st_mode & 0777) == 0;
}

static const char *replace(int folder, const char *name, const struct file_id *was,
			   struct slice octets)
{
	char fresh[NAME_SIZE];
	struct stat st;
	const char *problem = look(folder, name, was, &st);

	if (problem)
		return problem;
	int fd = openat(folder, name, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0);
	if (fd < 0) /* a file that is to be left alone */
		return reason(errno);
	close(fd);
	fd = open_fresh(folder, fresh);
	if (fd < 0)
		return reason(errno);
	if (!take_owner(fd, &st))
		problem = "owner and mode cannot be kept";
	else if (!write_all(fd, octets) || fsync(fd) < 0)
		problem = reason(errno);
	close(fd);
	if (!problem)
		problem = look(folder, name, was, &st);
	if (!problem && renameat(folder, fresh, folder, name) < 0)
		problem = reason(errno);
	if (problem)
		unlinkat(folder, fresh, 0);
	else
		(void)fsync(folder); /* either file is good */
	return problem;
}

const char *files_replace(const char *path, const struct file_id *was, struct slice octets)
{
	char real[PATH_MAX];

	if (!files_real_path(path, real, sizeof real))
		return reason(errno);
	char *name = strrchr(real, '/') + 1;
	/* Folder and name share a slash, which the folder "/" needs itself. */
	char *last = strdup(name);
	*name = '\0';
	int folder = last ? open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	const char *problem = folder < 0 ? reason(errno) : replace(folder, last, was, octets);
	if (folder >= 0)
		close(folder);
	free(last);
	return problem;
}
