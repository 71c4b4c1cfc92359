/*
 * files.h -- the seam to the file system.
 *
 * Everything that is read from files comes through these few functions, so
 * that tests and the simulator can play a disk that fails, a file that changes
 * while it is read, or a directory that was swapped.
 */
#ifndef BASE_FILES_H
#define BASE_FILES_H

#include "base/octets.h"

/* What makes a file the same file with the same content: compared, never ordered. */
struct file_id {
	uint64_t device, inode, size;
	int64_t changed_s, modified_s;
	uint32_t changed_ns, modified_ns;
};

/* A file's octets in memory, with one '\n' behind them that is not counted. */
struct file_text {
	uint8_t *octets;
	size_t size;
	struct file_id id;
	/*
	 * One that is read in pieces: octets[from .. ready) are there.  Their addresses are those
	 * that they would have if all were; ready 0: all are.
	 */
	size_t from, ready;
	size_t piece; /* octets */
	int file;     /* open until the text is released */
	bool is_lost; /* the file was written to, or cannot be read: nothing can be called back */
};

enum { FILE_LIST_MAX = 128, FILE_NAME_MAX = 256 };

/* The files of a folder, in the order of their octets. */
struct file_list {
	size_t count;
	bool is_cut; /* there are more */
	char names[FILE_LIST_MAX][FILE_NAME_MAX];
};

struct files {
	/*
	 * Reads a whole regular file of at most `limit` octets.  With a folder
	 * the path must lead to a file below it, without "..", without symbolic
	 * links, without a leading "/"; otherwise links are followed.  NULL and
	 * *out filled in (the caller gives it back with `release`), or a
	 * sentence that says why not.
	 */
	const char *(*read)(void *self, const char *folder, const char *path, size_t limit,
			    struct file_text *out);
	/*
	 * The same for a file that is read from its beginning to its end: of a large one there are
	 * two pieces in memory at a time, unless more is kept.  NULL: as `read`.
	 */
	const char *(*read_pieces)(void *self, const char *folder, const char *path, size_t limit,
				   size_t piece, struct file_text *out);
	void (*release)(void *self, struct file_text *text);
	/* Looks at a path, links followed.  False when there is nothing to see. */
	bool (*identify)(void *self, const char *path, struct file_id *out);
	/*
	 * Lists a folder, without files whose names begin with '.' or end with
	 * '~'.  False when the path is no folder that can be read.
	 */
	bool (*list)(void *self, const char *path, struct file_list *out);
	void *self;
};

/* Reasons that may be gone in a moment: they say nothing of the file.  To be compared as pointers. */
extern const char file_no_memory[], file_no_descriptor[], file_changes[], file_no_answer[],
	file_late[];

bool file_id_equal(const struct file_id *a, const struct file_id *b);

/* The same file, whatever it has in it now? */
static inline bool file_id_is_same(const struct file_id *a, const struct file_id *b)
{
	return a->device == b->device && a->inode == b->inode;
}

/*
 * Has the next piece in memory; what lies before `keep` may not be there any more.  It is as
 * much as what is kept, at least, so that nobody who needs ever more of it goes through it more
 * than twice.  NULL, or a sentence that says why not: above all that the file was written to
 * meanwhile (file_changes).
 */
MUST_USE const char *file_text_more(struct file_text *text, const uint8_t *keep);

/* Has all octets in memory, each at its address.  NULL, or a sentence that says why not. */
MUST_USE const char *file_text_recall(struct file_text *text);

/*
 * Opens a regular file to be read, links followed; -1 with errno.  Anything else
 * is not even opened: a device may act on that, as a watchdog does.
 */
MUST_USE int files_open(const char *path);

/*
 * Reads a whole regular file that is open already, as `read` does; for the real
 * file system's release().
 */
const char *files_read_open(int fd, size_t limit, struct file_text *out);

/*
 * What there is to read, at most room - 1 octets, with a NUL behind it: for files
 * of the kernel, which have no size, and small ones that need no care.  The
 * number of octets, 0 when there is nothing.
 */
size_t files_peek(const char *path, char *out, size_t room);

/* Where a path really leads, links followed.  False with errno, or when /proc is not there. */
bool files_real_path(const char *path, char *out, size_t room);

/* The real file system. */
struct files files_system(void);

/*
 * Replaces the octets of a file of the real file system: there is the old file
 * or the new one at any time, and the old one when this fails.  Links are
 * followed; mode and owner are kept.  NULL, or a sentence that says why not:
 * above all when the file is not the one that was read any more.
 */
MUST_USE const char *files_replace(const char *path, const struct file_id *was,
				   struct slice octets);

/* What makes a file the same: for those who looked at it by themselves. */
struct stat;
void file_id_fill(const struct stat *st, struct file_id *id);

#endif
