/*
 * finding_place.h -- a finding stands in the text that it is about, and can be printed.
 */
#ifndef SUPPORT_FINDING_PLACE_H
#define SUPPORT_FINDING_PLACE_H

#include "base/diag.h"

/* The line of this number, from 1, without its '\n'; octets NULL: there are not so many. */
static inline struct slice text_line(struct slice text, uint32_t line)
{
	const uint8_t *at = text.octets, *end = text.octets + text.size;

	while (at && --line > 0) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return (struct slice){ NULL, 0 };
	const uint8_t *stop = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
	return (struct slice){ at, (size_t)((stop ? stop : end) - at) };
}

/* True for a finding about the whole text, or about a place on (or right behind) one of its lines. */
static inline bool finding_is_in(const struct finding *f, struct slice text)
{
	if (f->line == 0)
		return f->column == 0;
	struct slice line = text_line(text, f->line);
	return line.octets && f->column >= 1 && f->column <= line.size + 1 && f->width >= 1;
}

/* True when it can be printed in each form, in the room that is promised to be enough. */
static inline bool finding_fits(const struct finding *f)
{
	static const size_t sizes[] = { DIAG_FINDING_SIZE, DIAG_FINDING_SIZE, DIAG_JSON_SIZE };
	static char room[DIAG_JSON_SIZE];
	bool fits = true;

	for (enum finding_form form = FORM_PLAIN; form <= FORM_JSON; form++) {
		struct text text = text_init(room, sizes[form]);

		finding_print(f, form, &text);
		fits = fits && !text.full && text.used > 0 && room[text.used - 1] == '\n';
	}
	return fits;
}

#endif
