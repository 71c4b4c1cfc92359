/*
 * privilege.h -- becoming somebody who may do less.
 */
#ifndef APP_PRIVILEGE_H
#define APP_PRIVILEGE_H

#include "base/octets.h"

struct account {
	uint32_t uid, gid;
	char text[64]; /* as it was given */
};

/*
 * Finds a user: a name from /etc/passwd, which is read by hand because
 * getpwnam() of a static libc needs its shared parts, or "UID:GID" in numbers.
 * NULL, or a sentence that says why not.
 */
const char *privilege_find(const char *user, struct account *out);

/*
 * Gives up groups, group and user for good, and proves it: the way back must
 * be shut.  NULL, or what failed; the process must then not go on.
 */
MUST_USE const char *privilege_drop(const struct account *who);

#endif
