/*
 * diag.c -- what is wrong with a text, and where.
 */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>

enum { LINE_COLUMNS = 80 };

uint32_t source_line(const struct source *source, const uint8_t *at)
{
	uint32_t line = 1;

	for (const uint8_t *p = source->text; p < at; p++)
		line += *p == '\n';
	return line;
}

static bool is_inside(const struct source *source, const uint8_t *at)
{
	return at && source->text && at >= source->text && at <= source->text + source->size;
}

/* Fills in line, column and the text of the line. */
static void locate(struct finding *f, const struct source *source, const uint8_t *at)
{
	const uint8_t *start = at, *end = at, *limit = source->text + source->size;

	while (start > source->text && start[-1] != '\n')
		start--;
	while (end < limit && *end != '\n' && *end != '\r')
		end++;
	f->line = source_line(source, at);
	f->column = (uint32_t)(at - start) + 1;
	f->text = (struct slice){ start, (size_t)(end - start) };
}

void diag_report(struct diag *d, enum severity severity, const struct source *source,
		 const uint8_t *at, size_t width, const char *hint, const char *format, ...)
{
	char message[DIAG_MESSAGE_SIZE];
	struct finding f = { .severity = severity, .file = source->file, .hint = hint };
	va_list args;

	if (severity == SEVERITY_WARNING)
		d->warnings++;
	else
		d->errors++;
	if ((severity == SEVERITY_WARNING ? d->warnings : d->errors) > DIAG_LIMIT)
		return;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	f.message = message;
	f.width = width ? (uint32_t)width : 1;
	if (is_inside(source, at))
		locate(&f, source, at);
	d->report(d->self, &f);
}

/* One octet of the line, always one column wide. */
static void put_column(struct text *out, uint8_t octet)
{
	text_put_char(out, octet == '\t'                   ? '\t'
			   : octet >= 0x20 && octet < 0x7f ? (char)octet
							   : '?');
}

/* The line and the caret; a far column shows the part of the line around it. */
static void print_line(const struct finding *f, struct text *out)
{
	size_t first = f->column > LINE_COLUMNS - 20 ? f->column - (LINE_COLUMNS / 2) : 0;
	size_t last = f->text.size - first > LINE_COLUMNS ? first + LINE_COLUMNS : f->text.size;

	text_format(out, "%5u | ", f->line);
	for (size_t i = first; i < last; i++)
		put_column(out, f->text.octets[i]);
	text_put(out, "\n      | ");
	for (size_t i = first; i + 1 < f->column; i++)
		text_put_char(out, f->text.octets[i] == '\t' ? '\t' : ' ');
	text_put_char(out, '^');
	for (size_t i = f->column; i < last && i + 1 < f->column + f->width; i++)
		text_put_char(out, '~');
	text_put_char(out, '\n');
}

void finding_print(const struct finding *f, struct text *out)
{
	text_put(out, f->file);
	if (f->line)
		text_format(out, ":%u:%u", f->line, f->column);
	text_format(out, ": %s: %s\n", f->severity == SEVERITY_ERROR ? "error" : "warning",
		    f->message);
	if (f->line)
		print_line(f, out);
	if (f->hint)
		text_format(out, "      = %s\n", f->hint);
}
