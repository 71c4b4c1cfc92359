/*
 * memory_files.h -- a file system that a test makes up.
 *
 * A handful of texts by path, each against a guard page when it is read, so
 * that a parser that reads one octet too far crashes.  A file can be made to
 * fail, and two paths can be one file (a link).
 */
#ifndef SUPPORT_MEMORY_FILES_H
#define SUPPORT_MEMORY_FILES_H

#include "base/files.h"

enum { MEMORY_FILES_MAX = 64 };

struct memory_file {
	const char *path;
	const char *text;
	size_t size;
	uint64_t inode;
	const char *problem; /* what reading says instead, or NULL */
	int64_t modified_s;
};

struct memory_files {
	struct memory_file at[MEMORY_FILES_MAX];
	size_t count;
	unsigned open; /* texts read and not yet released */
	unsigned reads;
	unsigned wiped;  /* texts that were all zero when they were released */
	char folder[64]; /* of the last read from inside a zone; "-" for none */
};

/* Adds a file, borrowed; its inode is its number from 1. */
struct memory_file *memory_files_add(struct memory_files *m, const char *path, const char *text,
				     size_t size);

struct files memory_files(struct memory_files *m);

#endif
