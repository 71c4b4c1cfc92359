/*
 * check.c -- ten35 check: reads zone files as the server would, and says what is wrong.
 */
#include "tool/tool.h"

#include <stdio.h>
#include <stdlib.h>

static bool check_one(char *argument)
{
	struct diag d = { .report = tool_report };
	struct zonefile zf;
	size_t size;

	tool_open(&zf, argument, &d);
	uint8_t *image = zonefile_image(&zf, &size);
	if (d.errors > DIAG_LIMIT)
		fprintf(stderr, "... and %u more\n", d.errors - DIAG_LIMIT);
	if (image) {
		const struct image_header *h = (const void *)image;
		printf("%s: good: %u records, serial %u\n", zf.path, h->record_count, h->serial);
	} else {
		printf("%s: %u error%s\n", zf.path, d.errors, d.errors == 1 ? "" : "s");
	}
	free(image);
	zonefile_free(&zf);
	return image != NULL;
}

int tool_check(int argc, char **argv)
{
	bool good = argc > 0;

	if (argc == 0)
		fputs("usage: ten35 check [ORIGIN=]ZONEFILE...\n", stderr);
	for (int i = 0; i < argc; i++)
		good = check_one(argv[i]) && good;
	return good ? 0 : 1;
}
