/*
 * files.c -- the seam to the file system, and the real one.
 *
 * A path from inside a zone file ($INCLUDE) is not trusted: it is walked
 * component by component below the folder, and no component may be a link or
 * "..", so it cannot lead anywhere else, whatever is renamed meanwhile.
 */
#include "base/files.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	COMPONENT_MAX = 255,
	READ_TRIES = 4,
	READ_AGAIN_MS = 100,
	PIECES_MIN = 4, /* a file of fewer is read as a whole */
};

const char file_no_memory[] = "out of memory";
const char file_no_descriptor[] = "too many open files";
const char file_no_answer[] = "the process that may read it is gone: a restart brings it back";
const char file_late[] = "the process that may read it does not answer now";
const char file_changes[] = "the file changed while it was read";

bool file_id_equal(const struct file_id *a, const struct file_id *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed_s == b->changed_s && a->changed_ns == b->changed_ns &&
	       a->modified_s == b->modified_s && a->modified_ns == b->modified_ns;
}

void file_id_fill(const struct stat *st, struct file_id *id)
{
	*id = (struct file_id){
		.device = st->st_dev,
		.inode = st->st_ino,
		.size = (uint64_t)st->st_size,
		.changed_s = st->st_ctim.tv_sec,
		.changed_ns = (uint32_t)st->st_ctim.tv_nsec,
		.modified_s = st->st_mtim.tv_sec,
		.modified_ns = (uint32_t)st->st_mtim.tv_nsec,
	};
}

/* Opens one step below a folder; the folder's descriptor is given back. */
static int open_step(int folder, const char *step, size_t size, int flags)
{
	char name[COMPONENT_MAX + 1];
	int fd = -1;

	if (size > COMPONENT_MAX || (size == 2 && memcmp(step, "..", 2) == 0)) {
		errno = EXDEV;
	} else {
		memcpy(name, step, size);
		name[size] = '\0';
		fd = openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC);
	}
	int reason = errno;
	close(folder);
	errno = reason;
	return fd;
}

/* Walks path below folder.  -1 with errno; ELOOP for a link, EXDEV for a way out. */
static int open_below(const char *folder, const char *path)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (path[0] == '/' || path[0] == '\0') {
		if (fd >= 0)
			close(fd);
		errno = EXDEV;
		return -1;
	}
	while (fd >= 0) {
		size_t size = strcspn(path, "/");
		bool last = path[size] == '\0';

		if (size > 0)
			fd = open_step(fd, path, size,
				       last ? O_RDONLY | O_NONBLOCK : O_RDONLY | O_DIRECTORY);
		if (last)
			return fd;
		path += size + 1;
	}
	return -1;
}

static const char *reason(int error)
{
	switch (error) {
	case ENOENT:
		return "no such file";
	case EACCES:
	case EPERM:
		return "no permission to read it";
	case EXDEV:
	case ELOOP:
		return "it leads out of the zone's directory (no '..', no '/' in front, no links)";
	case ENOTDIR:
		return "a part of the path is not a directory";
	case ENXIO:
		return "it is not a regular file";
	case ENOMEM:
		return file_no_memory;
	case EMFILE:
	case ENFILE:
		return file_no_descriptor;
	default:
		return "it cannot be read";
	}
}

/* A file that we may not read: whose it is, and who we are. */
static const char *explain_denied(const char *path)
{
	static char sentence[160]; /* one at a time: it is reported before the next is read */
	struct stat st;

	if (stat(path, &st) < 0)
		return "no permission to look into its folder";
	struct text text = text_init(sentence, sizeof sentence);
	text_format(&text,
		    "no permission: it belongs to uid %u with mode %04o, and this is uid %u "
		    "(chmod it, or choose a user with -u)",
		    (unsigned)st.st_uid, (unsigned)(st.st_mode & 07777), (unsigned)geteuid());
	return sentence;
}

/* Reads up to size octets; -1 with errno.  Fewer than size: the file shrank. */
static ssize_t read_all(int fd, uint8_t *to, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, to + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

int files_open(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = ENXIO;
		return -1;
	}
	return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

/* Nobody has written to the file; it may have got another name, or none. */
static bool is_unwritten(const struct file_id *was, const struct file_id *is)
{
	return was->size == is->size && was->modified_s == is->modified_s &&
	       was->modified_ns == is->modified_ns;
}

/* Reads octets of the file to their place in the text; the file may not change meanwhile. */
static const char *read_part(int fd, const struct file_text *text, size_t from, size_t to)
{
	struct stat st;
	struct file_id id;

	if (lseek(fd, (off_t)from, SEEK_SET) < 0)
		return reason(errno);
	ssize_t got = read_all(fd, text->octets + from, to - from);
	if (got < 0 || fstat(fd, &st) < 0)
		return reason(errno);
	file_id_fill(&st, &id);
	return (size_t)got == to - from && is_unwritten(&text->id, &id) ? NULL : file_changes;
}

/* What there is to know of an open file before it is read. */
static const char *look_at(int fd, size_t limit, struct file_text *out)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return reason(errno);
	if (!S_ISREG(st.st_mode))
		return reason(ENXIO);
	if ((uint64_t)st.st_size > limit)
		return "the file is larger than the limit";
	*out = (struct file_text){ .size = (size_t)st.st_size };
	file_id_fill(&st, &out->id);
	return NULL;
}

static const char *read_whole(int fd, struct file_text *out)
{
	if (!(out->octets = malloc(out->size + 1)))
		return reason(ENOMEM);
	const char *problem = read_part(fd, out, 0, out->size);
	if (problem) {
		explicit_bzero(out->octets, out->size); /* there may be keys in it */
		free(out->octets);
		*out = (struct file_text){ 0 };
		return problem;
	}
	out->octets[out->size] = '\n';
	return NULL;
}

const char *files_read_open(int fd, size_t limit, struct file_text *out)
{
	const char *problem = look_at(fd, limit, out);

	return problem ? problem : read_whole(fd, out);
}

/* ------ in pieces ------ */

static size_t in_pages(size_t n)
{
	size_t page = (size_t)getpagesize();

	return (n + page - 1) / page * page;
}

/* Fresh memory, at an address that is ours already or, for NULL, anywhere. */
static uint8_t *map_room(uint8_t *at, size_t size, int protection)
{
	uint8_t *room = mmap(at, size, protection,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (at ? MAP_FIXED : 0), -1,
			     0);

	return room == MAP_FAILED ? NULL : room;
}

static void end_pieces(struct file_text *text)
{
	size_t gone = text->is_lost ? text->from : 0;

	munmap(text->octets + gone, in_pages(text->size + 1) - gone);
	close(text->file);
}

static const char *begin_pieces(int fd, size_t piece, struct file_text *out)
{
	out->piece = in_pages(piece);
	out->octets = map_room(NULL, in_pages(out->size + 1), PROT_READ | PROT_WRITE);
	if (!out->octets)
		return reason(ENOMEM);
	out->file = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	const char *problem = out->file < 0 ? reason(errno) : file_text_more(out, out->octets);
	if (problem) {
		end_pieces(out);
		*out = (struct file_text){ 0 };
	}
	return problem;
}

/*
 * Memory that was met before is cheap, and memory that was not costs more than the reading: the
 * pages of the first piece that is there become those of the next one.  A piece moves as a
 * whole: kernels before 6.17 move nothing that they have in two parts.
 */
static bool move_piece(struct file_text *text, size_t to)
{
	size_t left = in_pages(text->size + 1 - to);
	size_t size = left < text->piece ? left : text->piece;

	/* What lay there is gone even when nothing is moved. */
	if (mremap(text->octets + text->from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED,
		   text->octets + to) == MAP_FAILED)
		return map_room(text->octets + to, size, PROT_READ | PROT_WRITE) != NULL;
	/* The addresses stay ours, or nothing may come back to them. */
	if (!map_room(text->octets + text->from, size, PROT_NONE))
		text->is_lost = true;
	text->from += size;
	return true;
}

const char *file_text_more(struct file_text *text, const uint8_t *keep)
{
	size_t kept = (size_t)(keep - text->octets);
	size_t n = text->piece;

	if (text->ready == text->size) /* called back meanwhile */
		return text->is_lost ? file_changes : NULL;
	while (n < text->ready - kept)
		n += text->piece;
	if (n > text->size - text->ready)
		n = text->size - text->ready;
	for (size_t at = 0; at < n && text->from + text->piece <= kept; at += text->piece)
		if (!move_piece(text, text->ready + at))
			return reason(ENOMEM);
	const char *problem = read_part(text->file, text, text->ready, text->ready + n);
	text->ready += n;
	if (text->ready == text->size)
		text->octets[text->size] = '\n';
	return problem;
}

const char *file_text_recall(struct file_text *text)
{
	const char *problem = NULL;

	if (text->is_lost)
		return file_changes;
	if (text->ready == 0 || (text->from == 0 && text->ready == text->size))
		return NULL;
	if (text->from > 0 && !map_room(text->octets, text->from, PROT_READ | PROT_WRITE)) {
		text->is_lost = true;
		return reason(ENOMEM);
	}
	problem = read_part(text->file, text, 0, text->from);
	if (!problem)
		problem = read_part(text->file, text, text->ready, text->size);
	text->octets[text->size] = '\n';
	text->is_lost = problem != NULL;
	text->from = 0;
	text->ready = text->size;
	return problem;
}

static const char *read_once(const char *folder, const char *path, size_t limit, size_t piece,
			     struct file_text *out)
{
	int fd = folder ? open_below(folder, path) : files_open(path);

	if (fd < 0 && errno == EACCES && !folder)
		return explain_denied(path);
	if (fd < 0)
		return reason(errno);
	const char *problem = look_at(fd, limit, out);
	if (!problem)
		problem = piece && out->size / PIECES_MIN >= piece ? begin_pieces(fd, piece, out)
								   : read_whole(fd, out);
	close(fd);
	return problem;
}

size_t files_peek(const char *path, char *out, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read_all(fd, (uint8_t *)out, room - 1) : -1;

	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

bool files_real_path(const char *path, char *out, size_t room)
{
	char link[32];
	struct text text = text_init(link, sizeof link);
	int fd = open(path, O_PATH | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	text_format(&text, "/proc/self/fd/%d", fd);
	n = readlinkat(AT_FDCWD, link, out, room);
	close(fd);
	if (n <= 0 || (size_t)n >= room)
		return false;
	out[n] = '\0';
	return true;
}

/* A file that is being written is left alone for a moment. */
static const char *system_read_pieces(void *self, const char *folder, const char *path,
				      size_t limit, size_t piece, struct file_text *out)
{
	const char *problem = read_once(folder, path, limit, piece, out);

	(void)self;
	for (int tries = 1; problem == file_changes && tries < READ_TRIES; tries++) {
		poll(NULL, 0, READ_AGAIN_MS);
		problem = read_once(folder, path, limit, piece, out);
	}
	return problem;
}

static const char *system_read(void *self, const char *folder, const char *path, size_t limit,
			       struct file_text *out)
{
	return system_read_pieces(self, folder, path, limit, 0, out);
}

static void system_release(void *self, struct file_text *text)
{
	(void)self;
	if (text->ready > 0)
		end_pieces(text);
	else
		free(text->octets);
	text->octets = NULL;
}

static bool system_identify(void *self, const char *path, struct file_id *out)
{
	struct stat st;

	(void)self;
	if (stat(path, &st) < 0)
		return false;
	file_id_fill(&st, out);
	return true;
}

/* Puts a name in its place; the last one leaves when there are too many. */
static void insert_name(struct file_list *list, const char *name)
{
	size_t i = list->count;

	if (i == FILE_LIST_MAX) {
		list->is_cut = true;
		if (strcmp(name, list->names[--i]) > 0)
			return;
	} else {
		list->count++;
	}
	for (; i > 0 && strcmp(name, list->names[i - 1]) < 0; i--)
		memcpy(list->names[i], list->names[i - 1], FILE_NAME_MAX);
	memcpy(list->names[i], name, strlen(name) + 1);
}

static bool system_list(void *self, const char *path, struct file_list *out)
{
	DIR *folder = opendir(path);
	const struct dirent *entry;

	(void)self;
	if (!folder)
		return false;
	out->count = 0;
	out->is_cut = false;
	while ((entry = readdir(folder)) != NULL) {
		size_t size = strlen(entry->d_name);

		if (entry->d_name[0] != '.' && size < FILE_NAME_MAX &&
		    entry->d_name[size - 1] != '~')
			insert_name(out, entry->d_name);
	}
	closedir(folder);
	return true;
}

struct files files_system(void)
{
	return (struct files){ .read = system_read,
			       .read_pieces = system_read_pieces,
			       .release = system_release,
			       .identify = system_identify,
			       .list = system_list };
}
