/*
 * privilege.c -- becoming somebody who may do less.
 */
#include "app/privilege.h"
#include "base/files.h"
#include "base/text.h"

#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PASSWD_SIZE = 65536 };

/* Digits up to the separator; false when there are none. */
static bool take_id(const char **s, char separator, uint32_t *out)
{
	const char *end = *s;
	uint64_t id;

	if (!text_take_number(&end, 10, UINT32_MAX - 1, &id) || *end != separator)
		return false;
	*out = (uint32_t)id;
	*s = end + (separator != '\0');
	return true;
}

/* name:password:UID:GID:... */
static bool line_is_user(const char *line, const char *user, struct account *out)
{
	size_t n = strlen(user);

	if (strncmp(line, user, n) != 0 || line[n] != ':')
		return false;
	const char *ids = strchr(line + n + 1, ':');
	if (!ids)
		return false;
	ids++;
	return take_id(&ids, ':', &out->uid) && take_id(&ids, ':', &out->gid);
}

/* The room is for the file. */
static bool find_by_name(const char *user, char room[PASSWD_SIZE], struct account *out)
{
	char *line = files_peek("/etc/passwd", room, PASSWD_SIZE) ? room : NULL;
	bool found = false;

	while (line && !found) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		found = line_is_user(line, user, out);
		line = end;
	}
	return found;
}

const char *privilege_find(const char *user, struct account *out)
{
	const char *ids = user;

	struct text text = text_init(out->text, sizeof out->text);
	text_put(&text, user);
	if (take_id(&ids, ':', &out->uid) && take_id(&ids, '\0', &out->gid))
		return NULL;
	char *room = malloc(PASSWD_SIZE);
	if (!room)
		return "out of memory";
	bool found = find_by_name(user, room, out);
	free(room);
	return found ? NULL : "no such user in /etc/passwd (a number works too: UID:GID)";
}

/*
 * The system calls themselves: libc's functions make all threads change their
 * user, and we have none.  With 16-bit numbers for users the first ones were
 * too short, so some architectures have two.
 */
#ifdef SYS_setresuid32
enum { SET_GROUPS = SYS_setgroups32, SET_GIDS = SYS_setresgid32, SET_UIDS = SYS_setresuid32 };
#else
enum { SET_GROUPS = SYS_setgroups, SET_GIDS = SYS_setresgid, SET_UIDS = SYS_setresuid };
#endif

static bool set_uids(uid_t real, uid_t effective, uid_t saved)
{
	return syscall(SET_UIDS, real, effective, saved) == 0;
}

const char *privilege_drop(const struct account *who)
{
	uid_t real, effective, saved;

	if (syscall(SET_GROUPS, 0, NULL) != 0)
		return "setgroups";
	if (syscall(SET_GIDS, who->gid, who->gid, who->gid) != 0)
		return "setresgid";
	if (!set_uids(who->uid, who->uid, who->uid))
		return "setresuid";
	if (getresuid(&real, &effective, &saved) != 0 || real != who->uid ||
	    effective != who->uid || saved != who->uid)
		return "the user did not change";
	if (who->uid != 0 && (set_uids(0, 0, 0) || set_uids((uid_t)-1, 0, (uid_t)-1)))
		return "the way back to root is open";
	return NULL;
}
