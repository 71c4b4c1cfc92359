/*
 * output.c -- text for whoever called a program.
 */
#include "base/output.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static char collected[OUTPUT_COLLECTED];

struct output output_standard = { .fd = STDOUT_FILENO, .octets = collected };
struct output output_error = { .fd = STDERR_FILENO };

static void write_all(struct output *o, const char *at, size_t n)
{
	while (n > 0 && !o->failed) {
		ssize_t done = write(o->fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		o->failed = done <= 0;
		at += done;
		n -= (size_t)done;
	}
}

bool output_flush(struct output *o)
{
	write_all(o, o->octets, o->used);
	o->used = 0;
	return !o->failed;
}

void output_put_octets(struct output *o, const void *octets, size_t n)
{
	if (!o->octets)
		output_flush(&output_standard);
	if (n > OUTPUT_COLLECTED - o->used)
		output_flush(o);
	if (!o->octets || n > OUTPUT_COLLECTED) {
		write_all(o, octets, n);
		return;
	}
	memcpy(o->octets + o->used, octets, n);
	o->used += n;
}

void output_put(struct output *o, const char *text)
{
	output_put_octets(o, text, strlen(text));
}

bool output_is_coloured(const struct output *o)
{
	const char *no_colour = getenv("NO_COLOR");

	return isatty(o->fd) && !(no_colour && *no_colour);
}
