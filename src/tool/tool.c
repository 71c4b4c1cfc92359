/*
 * tool.c -- what the subcommands have in common.
 */
#include "tool/tool.h"
#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>
#include <unistd.h>

/* One file is read at a time. */
static struct progress progress;

int tool_usage(int argc, char **argv, const char *usage, int status)
{
	bool wanted = argc > 0 && (strcmp(argv[0], "-h") == 0 || strcmp(argv[0], "--help") == 0);

	if (argc > 0 && argv[0][0] == '-' && !wanted) {
		output_put(&output_error, "ten35: not understood here: ");
		output_put(&output_error, argv[0]);
		output_put(&output_error, "\n");
	}
	output_put(wanted ? &output_standard : &output_error, usage);
	return wanted ? 0 : status;
}

enum finding_form tool_form(void)
{
	return output_is_coloured(&output_error) ? FORM_COLOURED : FORM_PLAIN;
}

void tool_report(void *self, const struct finding *f)
{
	const enum finding_form *form = self;
	char room[DIAG_JSON_SIZE];
	struct text text = text_init(room, sizeof room);

	finding_print(f, form ? *form : FORM_PLAIN, &text);
	progress_erase(&progress);
	output_put(form && *form == FORM_JSON ? &output_standard : &output_error, room);
}

const char *tool_origin(char *argument, char **file)
{
	char *equals = strchr(argument, '=');

	*file = argument;
	if (!equals || equals == argument)
		return NULL;
	*equals = '\0';
	*file = equals + 1;
	return argument;
}

void tool_open(struct zonefile *zf, const char *origin, const char *file, struct diag *d)
{
	/* Nobody chooses names to collide in a tool that reads one file: a fixed key will do. */
	static const struct siphash_key key = { 0, 0 };
	static struct files files;
	struct clock clock = clock_system();

	files = files_system();
	progress = (struct progress){ .clock = clock, .draw = log_draw };
	*zf = (struct zonefile){
		.files = &files,
		.path = file,
		.origin = origin,
		.key = &key,
		.limits = builder_limits_default,
		.diag = d,
		.now_s = clock_wall_s(&clock),
		.progress = &progress,
	};
}

uint8_t *tool_read(struct zonefile *zf, char *argument, struct diag *d, struct image *z)
{
	char *file;
	const char *origin = tool_origin(argument, &file);
	size_t size;

	tool_open(zf, origin, file, d);
	uint8_t *octets = zonefile_image(zf, &size);
	if (octets && !image_open(z, octets, size)) {
		free(octets);
		return NULL;
	}
	if (octets)
		builder_free(&zf->builder); /* all that is asked is in the image */
	return octets;
}
