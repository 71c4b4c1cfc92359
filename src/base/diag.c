/*
 * diag.c -- what is wrong with a text, and where.
 */
#include "base/diag.h"
#include "base/files.h"

enum { LINE_COLUMNS = 80 };

bool source_is_there(const struct source *source)
{
	return !source->pieces || !file_text_recall(source->pieces);
}

static uint32_t newlines(const uint8_t *from, const uint8_t *to)
{
	uint32_t count = 0;

	for (const uint8_t *p = from; p < to; p++)
		count += *p == '\n';
	return count;
}

uint32_t diag_line(struct diag *d, const struct source *source, const uint8_t *at)
{
	if (d->counted_in != source->text) {
		d->counted_in = source->text;
		d->counted_at = source->text;
		d->counted_line = 1;
	}
	if (at >= d->counted_at)
		d->counted_line += newlines(d->counted_at, at);
	else
		d->counted_line -= newlines(at, d->counted_at);
	d->counted_at = at;
	return d->counted_line;
}

static bool is_inside(const struct source *source, const uint8_t *at)
{
	return at && source->text && at >= source->text && at <= source->text + source->size;
}

/* Fills in line, column and the text of the line, unless that is secret. */
static void locate(struct diag *d, struct finding *f, const struct source *source,
		   const uint8_t *at)
{
	const uint8_t *start = at, *end = at, *limit = source->text + source->size;

	while (start > source->text && start[-1] != '\n')
		start--;
	while (end < limit && *end != '\n' && *end != '\r')
		end++;
	f->place = source->base + (uint32_t)(at - source->text);
	f->line = diag_line(d, source, at);
	f->column = (uint32_t)(at - start) + 1;
	if (!source->is_secret)
		f->text = (struct slice){ start, (size_t)(end - start) };
}

bool diag_tells(const struct diag *d, enum severity severity)
{
	unsigned limit = d->limit ? d->limit : DIAG_LIMIT;
	unsigned count = severity == SEVERITY_ERROR     ? d->errors
			 : severity == SEVERITY_WARNING ? d->warnings
							: d->notes;

	return count < limit && d->report && !(severity == SEVERITY_NOTE && d->has_no_notes);
}

/* Counts it; true when it is one of those that are told. */
static bool is_told(struct diag *d, enum severity severity)
{
	bool tells = diag_tells(d, severity);

	if (severity == SEVERITY_ERROR)
		d->errors++;
	else if (severity == SEVERITY_WARNING)
		d->warnings++;
	else
		d->notes++;
	return tells;
}

void diag_vreport(struct diag *d, struct kind kind, struct spot spot, const char *hint,
		  const char *format, va_list args)
{
	char message[DIAG_MESSAGE_SIZE];
	struct text text = text_init(message, sizeof message);

	if (!is_told(d, kind.severity))
		return;
	struct finding f = {
		.severity = kind.severity,
		.id = kind.id,
		.file = spot.source->file,
		.place = spot.source->base,
		.message = message,
		.hint = hint,
		.width = spot.width ? (uint32_t)spot.width : 1,
	};
	text_vformat(&text, format, args);
	if (is_inside(spot.source, spot.at) && source_is_there(spot.source))
		locate(d, &f, spot.source, spot.at);
	d->report(d->self, &f);
}

void diag_report(struct diag *d, struct kind kind, struct spot spot, const char *hint,
		 const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vreport(d, kind, spot, hint, format, args);
	va_end(args);
}

/* ------ for people ------ */

/* What each severity is called, and its colour. */
static const struct {
	char name[8], colour[8];
} severities[] = {
	[SEVERITY_ERROR] = { "error", "\033[1;31m" },
	[SEVERITY_WARNING] = { "warning", "\033[1;35m" },
	[SEVERITY_NOTE] = { "note", "\033[1;36m" },
};

static const char bold[] = "\033[1m", plain[] = "\033[0m";

/* One octet of the line, always one column wide. */
static void put_column(struct text *out, uint8_t octet)
{
	text_put_char(out, octet == '\t'                   ? '\t'
			   : octet >= 0x20 && octet < 0x7f ? (char)octet
							   : '?');
}

/* The line and the caret; a far column shows the part of the line around it. */
static void print_line(const struct finding *f, const char *colour, struct text *out)
{
	size_t first = f->column > LINE_COLUMNS - 20 ? f->column - (LINE_COLUMNS / 2) : 0;
	size_t last = f->text.size - first > LINE_COLUMNS ? first + LINE_COLUMNS : f->text.size;

	text_format(out, "%5u | ", f->line);
	for (size_t i = first; i < last; i++)
		put_column(out, f->text.octets[i]);
	text_put(out, "\n      | ");
	for (size_t i = first; i + 1 < f->column; i++)
		text_put_char(out, f->text.octets[i] == '\t' ? '\t' : ' ');
	text_format(out, "%s^", colour);
	for (size_t i = f->column; i < last && i + 1 < f->column + f->width; i++)
		text_put_char(out, '~');
	text_format(out, "%s\n", *colour ? plain : "");
}

/*
 * A file's name, which somebody else may have chosen: control characters, those
 * of UTF-8 as well, play tricks on terminals and begin lines in logs.
 */
static void put_file(struct text *out, const char *file)
{
	bool is_high = false; /* behind 0xc2: U+0080 to U+009F begin so */

	for (; *file; file++) {
		uint8_t octet = (uint8_t)*file;
		bool is_control = octet < 0x20 || octet == 0x7f || (is_high && octet < 0xa0);

		text_put_char(out, is_control ? '?' : *file);
		is_high = octet == 0xc2;
	}
}

static void print_for_people(const struct finding *f, bool coloured, struct text *out)
{
	const char *colour = coloured ? severities[f->severity].colour : "";

	text_put(out, coloured ? bold : "");
	put_file(out, f->file);
	if (f->line)
		text_format(out, ":%u:%u", f->line, f->column);
	text_format(out, ": %s%s: %s%s", colour, severities[f->severity].name,
		    coloured ? plain : "", f->message);
	text_format(out, " [%s]\n", f->id);
	if (f->text.octets)
		print_line(f, colour, out);
	if (f->hint)
		text_format(out, "      = %s\n", f->hint);
}

/* ------ for programs ------ */

static void put_member(struct text *out, const char *name, const char *value)
{
	text_format(out, ",\"%s\":", name);
	text_put_json(out, value);
}

static void print_json(const struct finding *f, struct text *out)
{
	text_put(out, "{\"file\":");
	text_put_json(out, f->file);
	if (f->line)
		text_format(out, ",\"line\":%u,\"column\":%u,\"width\":%u", f->line, f->column,
			    f->width);
	put_member(out, "severity", severities[f->severity].name);
	put_member(out, "id", f->id);
	put_member(out, "message", f->message);
	if (f->hint)
		put_member(out, "hint", f->hint);
	text_put(out, "}\n");
}

void finding_print(const struct finding *f, enum finding_form form, struct text *out)
{
	if (form == FORM_JSON)
		print_json(f, out);
	else
		print_for_people(f, form == FORM_COLOURED, out);
}
