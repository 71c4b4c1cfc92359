/*
 * check.c -- ten35 check: reads zone files and configurations as the server
 * would, and says what is wrong.
 */
#include "app/check.h"
#include "app/config.h"
#include "tool/tool.h"

#include <stdio.h>
#include <stdlib.h>

/* ------ zones ------ */

static bool check_zone(const char *origin, const char *file)
{
	struct diag d = { .report = tool_report };
	struct zonefile zf;
	size_t size;

	tool_open(&zf, origin, file, &d);
	uint8_t *image = zonefile_image(&zf, &size);
	if (d.errors > DIAG_LIMIT)
		fprintf(stderr, "... and %u more\n", d.errors - DIAG_LIMIT);
	if (image) {
		const struct image_header *h = (const void *)image;
		printf("%s: good: %u records, serial %u\n", file, h->record_count, h->serial);
	} else {
		printf("%s: %u error%s\n", file, d.errors, d.errors == 1 ? "" : "s");
	}
	free(image);
	zonefile_free(&zf);
	return image != NULL;
}

/* ------ configurations ------ */

static bool check_zones(const struct config *c)
{
	bool good = true;

	for (size_t i = 0; i < c->zone_count; i++)
		good = check_zone(c->zones[i].origin, c->zones[i].file) && good;
	return good;
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static bool check_config(const char *path)
{
	struct files files = files_system();
	struct diag d = { .report = tool_report };
	struct config c;

	config_init(&c);
	bool good = config_read_file(&c, path, &files, &d);
	if (d.errors > DIAG_LIMIT)
		fprintf(stderr, "... and %u more\n", d.errors - DIAG_LIMIT);
	if (good)
		printf("%s: good: %zu zone%s, %zu forwarded domain%s\n", path, c.zone_count,
		       plural(c.zone_count), c.forward_count, plural(c.forward_count));
	else if (d.errors > 0)
		printf("%s: %u error%s\n", path, d.errors, plural(d.errors));
	good = check_zones(&c) && good;
	config_free(&c);
	return good;
}

/* ------ arguments ------ */

static bool ends_in(const char *text, const char *end)
{
	size_t size = strlen(text), n = strlen(end);

	return size > n && strcmp(text + size - n, end) == 0;
}

int check_run(int argc, char **argv)
{
	bool good = argc > 0;
	int i = 0;

	while (i < argc && (strcmp(argv[i], "-c") != 0 || i + 1 < argc)) {
		bool is_config = strcmp(argv[i], "-c") == 0;
		char *argument = argv[i += is_config], *file;

		if (is_config || ends_in(argument, ".conf")) {
			good = check_config(argument) && good;
		} else {
			const char *origin = tool_origin(argument, &file);
			good = check_zone(origin, file) && good;
		}
		i++;
	}
	if (argc == 0 || i < argc)
		fputs("usage: ten35 check [ORIGIN=]ZONEFILE... | -c FILE\n", stderr);
	return good && i == argc ? 0 : 1;
}
