/*
 * config_zones.c -- the directives about zones: their files, for whom they are,
 * and names from elsewhere that belong into them.
 */
#include "app/directives.h"
#include "base/list.h"

#include <stdlib.h>

static const char out_of_memory[] = "out of memory";

/* ------ the list of zones ------ */

static struct zone_config *add_zone(struct config *c, const char *origin, const char *file)
{
	struct zone_config *zones;

	if (c->zone_count == CONFIG_MAX_ZONES ||
	    !(zones = list_grow(c->zones, c->zone_count, sizeof *zones)))
		return NULL;
	c->zones = zones;
	struct zone_config *z = &zones[c->zone_count++];
	*z = (struct zone_config){
		.origin = origin ? strdup(origin) : NULL,
		.file = file ? strdup(file) : NULL,
	};
	return (z->origin || !origin) && (z->file || !file) ? z : NULL;
}

bool config_add_zone(struct config *c, const char *argument)
{
	const char *equals = strchr(argument, '=');
	char *origin = NULL;

	if (!equals || equals == argument)
		return add_zone(c, NULL, argument) != NULL;
	if (!(origin = strdup(argument)))
		return false;
	origin[equals - argument] = '\0';
	bool added = add_zone(c, origin, equals + 1) != NULL;
	free(origin);
	return added;
}

static bool has_origin(const struct zone_config *z, struct name domain)
{
	struct name_buf origin;

	return z->origin && !name_parse_absolute(z->origin, &origin) &&
	       name_equal(name_view(&origin), domain);
}

/* The version that everybody sees, or NULL. */
static struct zone_config *find_zone(const struct config *c, struct name domain)
{
	for (size_t i = 0; i < c->zone_count; i++)
		if (c->zones[i].view == 0 && has_origin(&c->zones[i], domain))
			return &c->zones[i];
	return NULL;
}

/* What a line says of the zone's names it says of every version. */
static void forbid_pointers(struct config *c, struct name domain)
{
	for (size_t i = 0; i < c->zone_count; i++)
		c->zones[i].no_pointers = c->zones[i].no_pointers ||
					  has_origin(&c->zones[i], domain);
}

/* ------ for whom ------ */

static const char *viewer_parse(const char *word, struct viewer_config *out)
{
	const char *problem = network_parse(word, &out->network);
	const char *digits_end = word + strspn(word, "0123456789");
	/* Names of interfaces may begin with digits: 6in4-wan. */
	bool is_network = strpbrk(word, "/:") || *digits_end == '.' || *digits_end == '\0';

	out->interface = NULL;
	if (!problem)
		return NULL;
	if (is_network)
		return problem;
	if (strcmp(word, "overlay") == 0 || strcmp(word, "no-ptr") == 0)
		return "this word stands before 'for'";
	if (strlen(word) > 15) /* IFNAMSIZ, less its NUL */
		return "no interface has a name as long as this";
	if (strpbrk(word, " ,"))
		return "interfaces and networks have blanks between them";
	out->network = (struct network){ 0 };
	out->interface = strdup(word);
	return out->interface ? NULL : out_of_memory;
}

/* All words behind "for", as they stand. */
static char *join_audience(char **words, size_t n)
{
	char room[4096]; /* as a line has */
	struct text text = text_init(room, sizeof room);

	text_put(&text, "for");
	for (size_t i = 0; i < n; i++)
		text_format(&text, " %s", words[i]);
	return text.full ? NULL : strdup(room);
}

/* The same words are the same view. */
static uint8_t find_view(const struct config *c, const char *audience)
{
	for (size_t i = 0; i < c->zone_count; i++)
		if (c->zones[i].audience && strcmp(c->zones[i].audience, audience) == 0)
			return c->zones[i].view;
	return 0;
}

static const char *add_viewer(struct config *c, const char *word)
{
	struct viewer_config *viewers;

	if (c->viewer_count == VIEWERS_MAX)
		return "too many interfaces and networks";
	viewers = list_grow(c->viewers, c->viewer_count, sizeof *viewers);
	if (!viewers)
		return out_of_memory;
	c->viewers = viewers;
	const char *problem = viewer_parse(word, &viewers[c->viewer_count]);
	viewers[c->viewer_count].view = c->view_count;
	c->viewer_count += !problem;
	return problem;
}

/* The words behind "for": they say whose view the zone is in. */
static const char *take_audience(struct config *c, char **words, size_t n, size_t *at,
				 struct zone_config *z)
{
	const char *problem = NULL;
	char *audience = join_audience(words, n);

	if (!audience)
		return out_of_memory;
	z->view = find_view(c, audience);
	z->audience = audience;
	if (z->view)
		return NULL;
	if (c->view_count == VIEWS_MAX)
		return "more than 32 different groups of clients";
	z->view = ++c->view_count;
	for (size_t i = 0; i < n && !problem; i++, ++*at)
		problem = add_viewer(c, words[i]);
	*at -= problem != NULL;
	return problem;
}

/* ------ zone ORIGIN FILE [overlay] [no-ptr] [for INTERFACE|NETWORK...] ------ */

size_t takes_zone_words(char **words, size_t n)
{
	size_t i = 0;

	while (i < n && (strcmp(words[i], "overlay") == 0 || strcmp(words[i], "no-ptr") == 0))
		i++;
	if (i < n && strcmp(words[i], "for") == 0)
		i += i + 1 < n ? 2 : 1;
	return i;
}

const char *apply_zone(struct config *c, char **words, size_t n, size_t *at)
{
	struct zone_config *z = add_zone(c, words[0], words[1]);

	if (!z)
		return "too many zones, or out of memory";
	for (size_t i = 2; i < n; i++) {
		*at = i;
		if (strcmp(words[i], "overlay") == 0) {
			z->is_overlay = true;
		} else if (strcmp(words[i], "no-ptr") == 0) {
			z->no_pointers = true;
		} else if (strcmp(words[i], "for") == 0 && i + 1 < n) {
			++*at;
			return take_audience(c, words + i + 1, n - i - 1, at, z);
		} else {
			return "behind the file stand 'overlay', 'no-ptr', 'for INTERFACE' or "
			       "'for NETWORK'";
		}
	}
	return NULL;
}

/* ------ hosts, leases, peers: FILE... in DOMAIN [no-ptr] ------ */

size_t takes_names_words(char **words, size_t n)
{
	return n > 0 && strcmp(words[0], "no-ptr") == 0;
}

static const char *add_names(struct config *c, enum names_format format, const char *path,
			     struct name domain)
{
	struct names_config *names;

	if (c->names_count == CONFIG_MAX_NAMES)
		return "too many files of names";
	names = list_grow(c->names, c->names_count, sizeof *names);
	if (!names)
		return out_of_memory;
	c->names = names;
	names += c->names_count;
	*names = (struct names_config){ .format = format, .path = strdup(path) };
	name_copy(&names->domain, domain);
	c->names_count += names->path != NULL;
	return names->path ? NULL : out_of_memory;
}

static const char *apply_names(struct config *c, enum names_format format, char **words, size_t n,
			       size_t *at)
{
	bool no_pointers = strcmp(words[n - 1], "no-ptr") == 0;
	size_t files = n - no_pointers - 2;
	struct name_buf domain;
	const char *problem = NULL;

	if (n - no_pointers < 3 || strcmp(words[files], "in") != 0) {
		*at = n - 1;
		return "at the end stands 'in DOMAIN', and 'no-ptr' or nothing";
	}
	*at = files + 1;
	if ((problem = name_parse_absolute(words[files + 1], &domain)) != NULL)
		return problem;
	for (size_t i = 0; i < files && !problem; i++) {
		*at = i;
		problem = add_names(c, format, words[i], name_view(&domain));
		if (!problem)
			c->names[c->names_count - 1].no_pointers = no_pointers;
	}
	return problem;
}

const char *apply_hosts(struct config *c, char **words, size_t n, size_t *at)
{
	return apply_names(c, NAMES_HOSTS, words, n, at);
}

const char *apply_leases(struct config *c, char **words, size_t n, size_t *at)
{
	return apply_names(c, NAMES_LEASES, words, n, at);
}

const char *apply_peers(struct config *c, char **words, size_t n, size_t *at)
{
	return apply_names(c, NAMES_PEERS, words, n, at);
}

/* ------ when all is read ------ */

bool config_complete_zones(struct config *c)
{
	for (size_t i = 0; i < c->names_count; i++) {
		struct name domain = name_view(&c->names[i].domain);
		char text[NAME_MAX_TEXT];
		struct text out = text_init(text, sizeof text);

		name_print(domain, &out);
		if (!find_zone(c, domain) && !add_zone(c, text, NULL))
			return false;
		if (c->names[i].no_pointers)
			forbid_pointers(c, domain);
	}
	return true;
}

void config_fill_zonefile(const struct config *c, size_t zone, struct zonefile *zf,
			  struct names_file names[CONFIG_MAX_NAMES])
{
	const struct zone_config *z = &c->zones[zone];
	const struct zone_config *below = NULL;
	struct name_buf origin;

	zf->path = z->file;
	zf->origin = z->origin;
	zf->names = names;
	zf->wants_pointers = !z->no_pointers;
	if (!z->origin || name_parse_absolute(z->origin, &origin))
		return;
	if (z->view)
		below = find_zone(c, name_view(&origin));
	if (below) {
		zf->upper = z->file;
		zf->path = below->file;
	}
	for (size_t i = 0; i < c->names_count; i++)
		if (name_equal(name_view(&c->names[i].domain), name_view(&origin)))
			names[zf->name_count++] =
				(struct names_file){ c->names[i].format, c->names[i].path };
}

void config_free_zones(struct config *c)
{
	for (size_t i = 0; i < c->zone_count; i++) {
		free(c->zones[i].origin);
		free(c->zones[i].file);
		free(c->zones[i].audience);
	}
	free(c->zones);
	for (size_t i = 0; i < c->viewer_count; i++)
		free(c->viewers[i].interface);
	free(c->viewers);
	for (size_t i = 0; i < c->names_count; i++)
		free(c->names[i].path);
	free(c->names);
}
