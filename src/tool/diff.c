/*
 * diff.c -- ten35 diff: what one version of a zone has that another has not.
 */
#include "zone/diff.h"
#include "tool/tool.h"

#include <stdlib.h>

enum {
	SAME,
	DIFFERENT,
	TROUBLE, /* as diff(1) has it */
};

enum { LINE_SIZE = RDATA_MAX_TEXT + 2 * NAME_MAX_TEXT };

struct version {
	struct zonefile zf;
	struct image z;
	uint8_t *octets;
};

static void close_version(struct version *v)
{
	free(v->octets);
	zonefile_free(&v->zf);
}

struct printer {
	bool coloured;
	char line[LINE_SIZE];
};

static void print(void *self, const struct difference *d)
{
	static const char colours[][6] = {
		[CHANGE_ADDED] = "\033[32m",
		[CHANGE_REMOVED] = "\033[31m",
		[CHANGE_TTL] = "\033[33m",
		[CHANGE_SERIAL] = "\033[33m",
	};
	struct printer *p = self;
	struct text line = text_init(p->line, sizeof p->line);

	text_put(&line, p->coloured ? colours[d->change] : "");
	difference_print(d, &line);
	text_put(&line, p->coloured ? "\033[0m" : "");
	output_put(&output_standard, p->line);
	output_put(&output_standard, "\n");
}

static int compare(char **arguments, struct printer *p, struct zone_diff *d)
{
	enum finding_form form = tool_form();
	struct diag diag = { .report = tool_report, .self = &form };
	struct version was, is;
	int status = TROUBLE;

	d->report = print;
	d->self = p;
	/* Both are read in any case, so that one run tells what is wrong with either. */
	was.octets = tool_read(&was.zf, arguments[0], &diag, &was.z);
	is.octets = tool_read(&is.zf, arguments[1], &diag, &is.z);
	if (was.octets && is.octets) {
		if (zone_diff(d, &was.z, &is.z))
			status = zone_diff_is_empty(d) ? SAME : DIFFERENT;
		else
			output_put(&output_error, "out of memory\n");
	}
	close_version(&was);
	close_version(&is);
	return output_flush(&output_standard) ? status : TROUBLE;
}

int tool_diff(int argc, char **argv)
{
	struct printer *p = calloc(1, sizeof *p);
	struct zone_diff *d = calloc(1, sizeof *d);
	int status = TROUBLE;

	if (argc != 2 || argv[0][0] == '-')
		status = tool_usage(argc, argv, "usage: ten35 diff [ORIGIN=]OLD [ORIGIN=]NEW\n",
				    TROUBLE);
	else if (!p || !d)
		output_put(&output_error, "out of memory\n");
	else {
		p->coloured = output_is_coloured(&output_standard);
		status = compare(argv, p, d);
	}
	free(p);
	free(d);
	return status;
}
