/*
 * line.h -- a text as lines, and a line as words between blanks.
 *
 * For the simple files that other programs write: resolv.conf, hosts, leases.
 * Everything is a view on the text.  Blanks are space, tab and carriage return,
 * so lines may end in CR LF; no other octet means anything here.
 */
#ifndef BASE_LINE_H
#define BASE_LINE_H

#include "base/octets.h"

static inline bool octet_is_blank(uint8_t octet)
{
	return octet == ' ' || octet == '\t' || octet == '\r';
}

/* Takes the first line off the rest of a text, without its end.  False when nothing is left. */
bool line_take(struct slice *rest, struct slice *line);

/* Takes the first word off a line; size 0 when there is none. */
struct slice line_word(struct slice *line);

/* Takes what stands before the first `mark` off a line, and the mark; all of it without one. */
struct slice line_part(struct slice *line, uint8_t mark);

/* Without the blanks at both ends. */
struct slice line_trim(struct slice s);

/* True when it is this text, the case of letters aside. */
bool slice_is(struct slice s, const char *text);

/* Without its first n octets; needs that many. */
static inline struct slice slice_from(struct slice s, size_t n)
{
	return (struct slice){ s.octets + n, s.size - n };
}

#endif
