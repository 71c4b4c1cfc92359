/*
 * check.c -- ten35 check: reads zone files and configurations as the server
 * would, and says what is wrong; with --fix it mends what is certain first.
 */
#include "app/check.h"
#include "app/config.h"
#include "tool/findings.h"
#include "tool/fixing.h"
#include "tool/tool.h"

#include <stdlib.h>

enum {
	LINE_SIZE = 8192,
	FINDINGS = 1000, /* that are shown of each kind: nobody reads more at once */
};

/* What is asked for, and what was found until now. */
struct check {
	struct findings found;  /* in the file that is being read */
	struct config *configs; /* of the arguments; a zone file is one that names nothing else */
	size_t count;
	struct fixing fixing;
	bool is_fixing;
	bool warnings_count; /* as errors do */
	bool failed;
};

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void put_count(struct text *out, unsigned n, const char *what)
{
	if (n > 0)
		text_format(out, ", %u %s%s", n, what, plural(n));
}

static void print_left_out(const struct diag *d)
{
	const unsigned counts[] = { d->errors, d->warnings, d->notes };
	char room[64];

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
		static const char *const names[] = { "error", "warning", "note" };
		struct text out = text_init(room, sizeof room);

		if (counts[i] <= FINDINGS)
			continue;
		text_format(&out, "... and %u more %ss\n", counts[i] - FINDINGS, names[i]);
		output_put(&output_error, room);
	}
}

/* "FILE: good: ..., 2 warnings" or "FILE: 3 errors, ...". */
static void print_result(struct check *c, const char *file, const struct diag *d, const char *good)
{
	char room[LINE_SIZE];
	struct text out = text_init(room, sizeof room);
	size_t repeated = c->found.repeated;

	findings_print(&c->found);
	if (c->found.form == FORM_JSON)
		return;
	print_left_out(d);
	if (good)
		text_format(&out, "%s: good: %s", file, good);
	else
		text_format(&out, "%s: %u error%s", file, d->errors, plural(d->errors));
	put_count(&out, d->warnings, "warning");
	put_count(&out, d->notes, "note");
	if (repeated > 0)
		text_format(&out, " (%zu told above)", repeated);
	text_put_char(&out, '\n');
	output_put(&output_standard, room);
}

static void judge(struct check *c, const struct diag *d, bool good)
{
	c->failed = c->failed || !good || (c->warnings_count && d->warnings > 0);
}

/* ------ zones ------ */

/* A zone by itself: not a file on top of another one, nor names from elsewhere. */
static bool is_fixable(const struct zone_config *z)
{
	return z->file && z->view == 0;
}

static void check_zone(struct check *c, const struct config *config, size_t i)
{
	static struct names_file names[CONFIG_MAX_NAMES];
	const struct zone_config *z = &config->zones[i];
	struct diag d = { .report = findings_keep, .self = &c->found, .limit = FINDINGS };
	struct zonefile zf;
	char good[64];
	struct text text = text_init(good, sizeof good);
	size_t size;

	if (c->is_fixing && is_fixable(z) && !fixing_mend(&c->fixing, z->origin, z->file))
		c->failed = true;
	tool_open(&zf, NULL, NULL, &d);
	config_fill_zonefile(config, i, &zf, names);
	zf.wants_lint = true;
	uint8_t *image = zonefile_image(&zf, &size);
	if (image) {
		const struct image_header *h = (const void *)image;
		text_format(&text, "%u record%s, serial %u", h->record_count,
			    plural(h->record_count), h->serial);
	}
	print_result(c, zone_title(z), &d, image ? good : NULL);
	judge(c, &d, image != NULL);
	free(image);
	zonefile_free(&zf);
}

/* ------ configurations ------ */

static void check_config(struct check *c, struct config *config, const char *path)
{
	struct files files = files_system();
	struct diag d = { .report = findings_keep, .self = &c->found, .limit = FINDINGS };
	char good[96];
	struct text text = text_init(good, sizeof good);

	config->wants_check = true;
	bool is_good = config_read_file(config, path, &files, &d) && config_complete_zones(config);
	text_format(&text, "%zu zone%s, %zu forwarded domain%s", config->zone_count,
		    plural(config->zone_count), config->forward_count,
		    plural(config->forward_count));
	if (is_good || d.errors > 0) /* else it could not be read, and the log said so */
		print_result(c, path, &d, is_good ? good : NULL);
	judge(c, &d, is_good);
}

/* ------ arguments ------ */

static bool ends_in(const char *text, const char *end)
{
	size_t size = strlen(text), n = strlen(end);

	return size > n && strcmp(text + size - n, end) == 0;
}

static const char usage[] =
	"usage: ten35 check [--fix] [--json] [-W] [ORIGIN=]ZONEFILE|FILE.conf|-c FILE ...\n"
	"  --fix   mends in the zone files what is certain, and shows it\n"
	"  --json  findings as lines of JSON, on standard output\n"
	"  -W      warnings count: exit 1 for them, too\n";

static bool take_option(struct check *c, const char *argument)
{
	if (strcmp(argument, "--json") == 0)
		c->found.form = FORM_JSON;
	else if (strcmp(argument, "--fix") == 0)
		c->is_fixing = true;
	else if (strcmp(argument, "-W") == 0)
		c->warnings_count = true;
	else
		return false;
	return true;
}

/* Reads the configurations; a zone file is taken for one that names nothing else. */
static bool take_arguments(struct check *c, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		struct config *config = &c->configs[c->count++];
		bool is_config = strcmp(argv[i], "-c") == 0;

		config_init(config);
		if ((is_config && i + 1 == argc) || (!is_config && argv[i][0] == '-')) {
			c->failed = tool_usage(is_config ? 0 : argc - i, argv + i, usage, 1) != 0;
			return false;
		}
		if (is_config || ends_in(argv[i], ".conf"))
			check_config(c, config, argv[i += is_config]);
		else if (!config_add_zone(config, argv[i]))
			c->failed = true;
	}
	return true;
}

/* ------ all of it ------ */

static void each_zone(struct check *c,
		      void (*visit)(struct check *c, const struct config *config, size_t zone))
{
	for (size_t i = 0; i < c->count; i++)
		for (size_t k = 0; k < c->configs[i].zone_count; k++)
			visit(c, &c->configs[i], k);
}

static void see_zone(struct check *c, const struct config *config, size_t i)
{
	const struct zone_config *z = &config->zones[i];

	if (z->file)
		fixing_see(&c->fixing, z->origin, z->file);
}

static void check_zones(struct check *c)
{
	c->fixing.out = c->found.form == FORM_JSON ? &output_error : &output_standard;
	c->fixing.coloured = output_is_coloured(c->fixing.out);
	if (c->is_fixing)
		each_zone(c, see_zone);
	each_zone(c, check_zone);
	fixing_free(&c->fixing);
}

int check_run(int argc, char **argv)
{
	struct check c = { .found.form = tool_form() };
	int i = 0;

	while (i < argc && take_option(&c, argv[i]))
		i++;
	if (i == argc)
		return tool_usage(0, argv, usage, 1);
	c.configs = calloc((size_t)(argc - i), sizeof *c.configs);
	if (!c.configs)
		c.failed = true;
	else if (take_arguments(&c, argc - i, argv + i))
		check_zones(&c);
	for (size_t k = 0; k < c.count; k++)
		config_free(&c.configs[k]);
	free(c.configs);
	return c.failed || !output_flush(&output_standard) ? 1 : 0;
}
