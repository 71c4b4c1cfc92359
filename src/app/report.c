/*
 * report.c -- what is different in a zone that was read again, for the log.
 */
#include "app/report.h"
#include "zone/diff.h"

enum {
	LINE_SIZE = 400,      /* octets of a change that are shown */
	AUDIENCE_SHOWN = 100, /* of the clients whose version it is */
};

struct report {
	char lines[REPORT_LINES][LINE_SIZE];
	size_t count; /* of all changes */
};

static void keep(void *self, const struct difference *d)
{
	struct report *r = self;

	if (r->count < REPORT_LINES) {
		struct text line = text_init(r->lines[r->count], LINE_SIZE);

		difference_print(d, &line);
	}
	r->count++;
}

/* RFC 1982 §3.2: of two serials the one that is less than half of the circle ahead is newer. */
static bool did_grow(uint32_t was, uint32_t is)
{
	return is != was && is - was < 0x80000000;
}

static void log_counts(enum log_level level, const char *zone, const struct zone_diff *d)
{
	log_write(level, "zone %s: %u records added, %u removed, %u TTLs changed", zone,
		  d->count[CHANGE_ADDED], d->count[CHANGE_REMOVED], d->count[CHANGE_TTL]);
}

static void log_lines(enum log_level level, const char *zone, const struct report *r)
{
	for (size_t i = 0; i < r->count; i++)
		log_write(level, "zone %s: %s", zone, r->lines[i]);
}

void report_changes(const struct image *was, const struct image *is,
		    const struct report_style *style)
{
	static struct report report;
	static struct zone_diff d;
	uint32_t old = was->header->serial, now = is->header->serial;
	char zone[NAME_MAX_TEXT + AUDIENCE_SHOWN];
	struct text text = text_init(zone, sizeof zone);

	report.count = 0;
	d = (struct zone_diff){ .report = keep, .self = &report };
	name_print(image_origin(is), &text);
	if (style->audience)
		text_format(&text, " %s", style->audience);
	if (!zone_diff(&d, was, is))
		log_write(LEVEL_WARNING, "zone %s: out of memory: its changes are not told", zone);
	else if (report.count > REPORT_LINES)
		log_counts(style->level, zone, &d);
	else
		log_lines(style->level, zone, &report);
	if (report.count > 0 && !style->serial_is_made && !did_grow(old, now))
		log_write(LEVEL_WARNING,
			  "zone %s: serial %u did not increase%s: secondaries notice nothing "
			  "(RFC 1982)",
			  zone, now, now == old ? "" : ", it was larger before");
}
