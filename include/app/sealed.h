/*
 * sealed.h -- memory that one process writes once and others only read.
 *
 * A memfd with seals: after sealed_finish() nobody, the writer included, can
 * change or shrink it.  Kernels before 3.17 get a temporary file without a
 * name, which nobody else can open.
 */
#ifndef APP_SEALED_H
#define APP_SEALED_H

#include "base/octets.h"

struct sealed {
	int fd;          /* -1: there is none */
	uint8_t *octets; /* writable until sealed_finish() */
	size_t room;
};

/*
 * Zeroed room for at most this many octets, which is there: it can be written to.  The name is
 * for whoever looks at /proc.  False: errno, and fd is -1.
 */
MUST_USE bool sealed_open(struct sealed *s, const char *name, size_t room);

/*
 * Puts octets at any place, also behind the room: a page that is written like this
 * costs half of what it costs to be met in memory.  For struct seal_output, whose `self` is
 * a struct sealed.  False: errno.
 */
MUST_USE bool sealed_put(void *self, const uint8_t *octets, size_t n, size_t offset);

/*
 * Cuts to size, shuts the writer's view and seals.  The descriptor stays open:
 * the caller's.  False when that fails, or when nothing came of it (size 0):
 * then everything is given back, and fd is -1.
 */
MUST_USE bool sealed_finish(struct sealed *s, size_t size);

/* A reader's view of a sealed file, or NULL with errno.  munmap() ends it. */
const void *sealed_map(int fd, size_t size);

/*
 * Puts what is large into huge pages, if the kernel has them (Linux 6.1): readers then need
 * fewer steps to find what an address means.  It takes a tenth of a second for 50 MB, and
 * everybody can read meanwhile.  The descriptor stays the caller's.
 */
void sealed_make_huge(int fd, size_t size);

void sealed_unmap(const void *octets, size_t size);

#endif
