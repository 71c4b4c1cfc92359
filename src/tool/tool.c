/*
 * tool.c -- the subcommands.
 */
#include "tool/tool.h"

#include <stdio.h>

static const struct tool tools[] = {
	{ "check", tool_check },
	{ "print", tool_print },
};

const struct tool *tool_find(const char *name)
{
	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
		if (strcmp(tools[i].name, name) == 0)
			return &tools[i];
	return NULL;
}

void tool_report(void *self, const struct finding *f)
{
	char room[DIAG_FINDING_SIZE];
	struct text text = text_init(room, sizeof room);

	(void)self;
	finding_print(f, &text);
	fputs(room, stderr);
}

void tool_open(struct zonefile *zf, char *argument, struct diag *d)
{
	/* Nobody chooses names to collide in a tool that reads one file: a fixed key will do. */
	static const struct siphash_key key = { 0, 0 };
	static struct files files;
	char *equals = strchr(argument, '=');

	files = files_system();
	*zf = (struct zonefile){
		.files = &files,
		.path = argument,
		.key = &key,
		.limits = builder_limits_default,
		.diag = d,
	};
	if (equals && equals != argument) {
		*equals = '\0';
		zf->origin = argument;
		zf->path = equals + 1;
	}
}
