/*
 * config_check.c -- what a configuration means where it will be used: the same
 * zone twice, users that are not there, files that the user could not read.
 *
 * For `ten35 check` only: the server finds out by itself.
 */
#include "app/directives.h"
#include "app/privilege.h"
#include "base/sort.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, MAY_READ = 4, MAY_SEARCH = 1 };

struct check {
	const struct config *c;
	const struct source *source;
	struct diag *d;
};

static struct spot spot_of(const struct check *k, uint32_t at, const char *word)
{
	return (struct spot){ k->source, k->source->text + at, strlen(word) };
}

/* ------ zones ------ */

static bool parse_origin(const struct config *c, size_t i, struct name_buf *out)
{
	return !name_parse_absolute(c->zones[i].origin, out);
}

/* In the order of names, then of clients; what is 0 here may not stand in two lines. */
static int compare_zones(const void *context, uint32_t a, uint32_t b)
{
	const struct config *c = context;
	struct name_buf x, y;
	int order = 0;

	if (parse_origin(c, a, &x) && parse_origin(c, b, &y))
		order = name_compare(name_view(&x), name_view(&y));
	return order ? order : c->zones[a].view - c->zones[b].view;
}

static void report_twice(const struct check *k, const struct zone_config *first,
			 const struct zone_config *second)
{
	uint32_t line = diag_line(k->d, k->source, k->source->text + first->origin_at);

	diag_report(k->d, (struct kind){ SEVERITY_ERROR, "zone-twice" },
		    spot_of(k, second->origin_at, second->origin),
		    "a zone has one file, which may $INCLUDE others",
		    "this zone is named on line %u already", line);
}

static void check_origins(const struct check *k)
{
	const struct config *c = k->c;
	struct sort_room s = { 0 };
	struct name_buf name;
	size_t n = 0;

	if (!sort_room_make(&s, c->zone_count))
		return;
	for (size_t i = 0; i < c->zone_count; i++)
		if (parse_origin(c, i, &name)) /* if not, whoever reads the zone says so */
			s.items[n++] = (struct sort_item){ 0, (uint32_t)i };
	if (n > 0)
		sort_items(s.items, s.scratch, n, compare_zones, c);
	for (size_t i = 1; i < n; i++)
		if (compare_zones(c, s.items[i - 1].value, s.items[i].value) == 0)
			report_twice(k, &c->zones[s.items[i - 1].value],
				     &c->zones[s.items[i].value]);
	sort_room_free(&s);
}

/* ------ files ------ */

/* What the mode says to a user without groups but his own. */
static bool may(const struct account *who, const struct stat *st, unsigned what)
{
	unsigned shift = st->st_uid == who->uid ? 6 : st->st_gid == who->gid ? 3 : 0;

	return who->uid == 0 || (st->st_mode >> shift & what);
}

/*
 * Looks for what keeps the user from reading a file: a folder on its way, or itself.
 * False when there is nothing, or no file.
 */
static bool find_obstacle(const struct account *who, const char *path, char found[PATH_SIZE],
			  struct stat *st)
{
	size_t size = strlen(path);

	if (size >= PATH_SIZE)
		return false;
	for (size_t i = 0; i <= size; i++) {
		if (i > 0 && i < size && path[i] != '/')
			continue;
		memcpy(found, i > 0 ? path : *path == '/' ? "/" : ".", i > 0 ? i : 1);
		found[i > 0 ? i : 1] = '\0';
		if (stat(found, st) < 0)
			return false;
		if (!may(who, st, i < size ? MAY_SEARCH : MAY_READ))
			return true;
	}
	return false;
}

static void check_file(const struct check *k, const struct zone_config *z,
		       const struct account *who)
{
	char found[PATH_SIZE], shown[512];
	struct text text = text_init(shown, sizeof shown);
	char real[PATH_SIZE];
	bool has_real = *z->file == '/' && files_real_path(z->file, real, sizeof real);
	struct stat st;

	if (find_obstacle(who, z->file, found, &st) ||
	    (has_real && find_obstacle(who, real, found, &st))) {
		text_put_escaped(&text, found, strlen(found), 100);
		diag_report(k->d, (struct kind){ SEVERITY_WARNING, "user-cannot-read" },
			    spot_of(k, z->file_at, z->file),
			    "the server becomes that user first, and then reads zones (user)",
			    "user '%s' cannot read it: '%s' has uid %u, gid %u and mode %04o",
			    who->text, shown, (unsigned)st.st_uid, (unsigned)st.st_gid,
			    (unsigned)(st.st_mode & 07777));
	}
}

void config_check(const struct config *c, const struct source *s, struct diag *d)
{
	const struct check k = { c, s, d };
	struct account who;
	const char *problem = privilege_find(c->user ? c->user : "nobody", &who);

	check_origins(&k);
	if (problem && c->user)
		diag_report(d, (struct kind){ SEVERITY_ERROR, "no-user" },
			    spot_of(&k, c->user_at, c->user), NULL, "%s", problem);
	for (size_t i = 0; !problem && geteuid() == 0 && i < c->zone_count; i++)
		check_file(&k, &c->zones[i], &who);
}
