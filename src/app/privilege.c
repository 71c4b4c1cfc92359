/*
 * privilege.c -- becoming somebody who may do less.
 */
#include "app/privilege.h"
#include "base/text.h"

#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Digits up to the separator; false when there are none. */
static bool take_id(const char **s, char separator, uint32_t *out)
{
	char *end;
	unsigned long v = strtoul(*s, &end, 10);

	if (**s < '0' || **s > '9' || *end != separator || v > UINT32_MAX - 1)
		return false;
	*out = (uint32_t)v;
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

static bool find_by_name(const char *user, struct account *out)
{
	FILE *f = fopen("/etc/passwd", "re");
	char line[1024];
	bool found = false;

	while (f && !found && fgets(line, sizeof line, f))
		found = line_is_user(line, user, out);
	if (f)
		fclose(f);
	return found;
}

const char *privilege_find(const char *user, struct account *out)
{
	const char *ids = user;

	struct text text = text_init(out->text, sizeof out->text);
	text_put(&text, user);
	if (take_id(&ids, ':', &out->uid) && take_id(&ids, '\0', &out->gid))
		return NULL;
	if (find_by_name(user, out))
		return NULL;
	return "no such user in /etc/passwd (a number works too: UID:GID)";
}

const char *privilege_drop(const struct account *who)
{
	uid_t real, effective, saved;

	if (setgroups(0, NULL) != 0)
		return "setgroups";
	if (setresgid(who->gid, who->gid, who->gid) != 0)
		return "setresgid";
	if (setresuid(who->uid, who->uid, who->uid) != 0)
		return "setresuid";
	if (getresuid(&real, &effective, &saved) != 0 || real != who->uid ||
	    effective != who->uid || saved != who->uid)
		return "the user did not change";
	if (who->uid != 0 && (setuid(0) == 0 || seteuid(0) == 0))
		return "the way back to root is open";
	return NULL;
}
