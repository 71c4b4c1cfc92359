#include "support/properties.h"

#include "app/options.h"
#include "app/resolv_conf.h"
#include "support/finding_place.h"
#include "support/memory_files.h"
#include "support/parts.h"

#include <fcntl.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 32, SERVERS_MAX = FORWARD_PER_ROUTE };

static void check_finding(void *self, const struct finding *f)
{
	const struct memory_file *file = self;
	char room[DIAG_FINDING_SIZE];
	struct text text = text_init(room, sizeof room);

	PROPERTY(strcmp(f->file, file->path) == 0 && f->severity == SEVERITY_ERROR);
	PROPERTY(finding_is_in(f, (struct slice){ (const uint8_t *)file->text, file->size }));
	finding_print(f, FORM_PLAIN, &text);
	PROPERTY(!text.full);
}

static void check_forward(const struct forward_config *f)
{
	PROPERTY(f->domain.size >= 1 && f->upstream_count <= FORWARD_PER_ROUTE);
	for (size_t i = 0; i < f->upstream_count; i++)
		PROPERTY(f->upstreams[i].file || f->upstreams[i].address.family != ADDRESS_NONE);
}

static void check_zone(const struct config *c, size_t zone)
{
	static struct names_file names[CONFIG_MAX_NAMES];
	const struct zone_config *z = &c->zones[zone];
	struct zonefile zf = { .path = NULL };

	PROPERTY(zone_title(z) && z->view <= c->view_count);
	PROPERTY((z->audience != NULL) == (z->view > 0));
	config_fill_zonefile(c, zone, &zf, names);
	PROPERTY(zf.path || zf.name_count > 0);
	PROPERTY(zf.name_count <= c->names_count);
}

/* Whatever was read, also with errors: no table is fuller than it may be. */
static void check_tables(const struct config *c)
{
	PROPERTY(c->zone_count <= CONFIG_MAX_ZONES && c->viewer_count <= VIEWERS_MAX);
	PROPERTY(c->view_count <= VIEWS_MAX && c->names_count <= CONFIG_MAX_NAMES);
	PROPERTY(c->listen_count <= CONFIG_MAX_LISTENS);
	PROPERTY(c->forward_count <= CONFIG_MAX_FORWARDS);
	PROPERTY(c->allowed_count <= CONFIG_MAX_NETWORKS);
	PROPERTY(c->private_ok_count <= CONFIG_MAX_PRIVATE_OK);
}

/* What was accepted means something. */
static void check_accepted(const struct config *c)
{
	PROPERTY(c->servers >= 1 && c->servers <= CONFIG_MAX_SERVERS);
	PROPERTY(c->cache_size >= CACHE_MIN_SIZE && c->stale_s <= CACHE_MAX_STALE_S);
	for (size_t i = 0; i < c->zone_count; i++)
		check_zone(c, i);
	for (size_t i = 0; i < c->viewer_count; i++)
		PROPERTY(c->viewers[i].view >= 1 && c->viewers[i].view <= c->view_count);
	for (size_t i = 0; i < c->forward_count; i++)
		check_forward(&c->forwards[i]);
	for (size_t i = 0; i < c->listen_count; i++)
		PROPERTY(c->listens[i]);
}

/* A file alone: it is good or it has findings, and when it is read again it is the same one. */
static void check_file(struct memory_files *memory, const struct files *files)
{
	static struct config c, again;
	struct diag d = { .report = check_finding, .self = &memory->at[0] },
		    silent = { .errors = 0 };

	config_init(&c);
	config_init(&again);
	bool good = config_read_file(&c, "conf", files, &d);
	PROPERTY(good == (d.errors == 0) && c.has_file);
	check_tables(&c);
	PROPERTY(config_read_file(&again, "conf", files, &silent) == good);
	PROPERTY(again.fingerprint == c.fingerprint && silent.errors == d.errors);
	PROPERTY(!good || config_complete(&c));
	if (good)
		check_accepted(&c);
	check_tables(&c);
	config_free(&c);
	config_free(&again);
}

/*
 * What is wrong with options goes to the log, which is stderr: thousands of lines a
 * second.  A sanitizer that speaks in between is heard by its log_path.
 */
static enum options_action read_silently(struct config *c, int argc, char **argv,
					 const struct files *files, struct diag *d)
{
	static int nowhere = -1, loud = -1;

	if (nowhere < 0) {
		nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
		loud = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
	}
	PROPERTY(nowhere >= 0 && loud >= 0);
	dup2(nowhere, STDERR_FILENO);
	enum options_action action = options_read(c, argc, argv, files, d);
	dup2(loud, STDERR_FILENO);
	return action;
}

/* The command line: one argument a line, "conf" is a file that -c can name. */
static void check_options(struct slice lines, const struct files *files)
{
	static struct config c;
	static char program[] = "ten35";
	struct diag d = { .report = NULL };
	char *argv[ARGUMENTS_MAX + 1] = { program }, *text = malloc(lines.size + 1), *at = text;
	int argc = 1;

	PROPERTY(text);
	memcpy(text, lines.octets, lines.size);
	text[lines.size] = '\0';
	for (char *end; at && argc < ARGUMENTS_MAX; at = end) {
		end = strchr(at, '\n');
		if (end)
			*end++ = '\0';
		argv[argc++] = at;
	}
	if (read_silently(&c, argc, argv, files, &d) == OPTIONS_SERVE) {
		PROPERTY(d.errors == 0);
		check_accepted(&c);
	}
	check_tables(&c);
	config_free(&c);
	free(text);
}

static void check_servers(struct slice text)
{
	struct address servers[SERVERS_MAX];
	size_t n = resolv_conf_parse(text, servers, SERVERS_MAX);

	PROPERTY(n <= SERVERS_MAX);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			PROPERTY(!address_equal(&servers[i], &servers[j]));
}

void property_config(const uint8_t *octets, size_t size)
{
	struct slice rest = { octets, size };
	struct slice conf = part_next(&rest);
	struct memory_files memory = { .count = 0 };
	struct files files = memory_files(&memory);

	memory_files_add(&memory, "conf", (const char *)conf.octets, conf.size);
	check_file(&memory, &files);
	check_options(part_next(&rest), &files);
	check_servers(conf);
	PROPERTY(memory.open == 0);
}
