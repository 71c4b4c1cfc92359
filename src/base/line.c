/*
 * line.c -- a text as lines, and a line as words between blanks.
 */
#include "base/line.h"

struct slice line_part(struct slice *line, uint8_t mark)
{
	struct slice part = *line;
	const uint8_t *end = memchr(line->octets, mark, line->size);

	if (end)
		part.size = (size_t)(end - line->octets);
	*line = slice_from(*line, end ? part.size + 1 : part.size);
	return part;
}

bool line_take(struct slice *rest, struct slice *line)
{
	if (rest->size == 0) /* perhaps of no text at all */
		return false;
	*line = line_part(rest, '\n');
	return true;
}

struct slice line_word(struct slice *line)
{
	size_t start = 0, end;

	while (start < line->size && octet_is_blank(line->octets[start]))
		start++;
	end = start;
	while (end < line->size && !octet_is_blank(line->octets[end]))
		end++;
	struct slice word = { line->octets + start, end - start };

	*line = slice_from(*line, end);
	return word;
}

struct slice line_trim(struct slice s)
{
	while (s.size > 0 && octet_is_blank(s.octets[s.size - 1]))
		s.size--;
	while (s.size > 0 && octet_is_blank(s.octets[0]))
		s = slice_from(s, 1);
	return s;
}

bool slice_is(struct slice s, const char *text)
{
	return s.size == strlen(text) &&
	       octets_equal_folded(s.octets, (const uint8_t *)text, s.size);
}
