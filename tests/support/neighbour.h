/*
 * neighbour.h -- a query for a name below that of another: what is kept of its reply
 * may serve the other as well.
 */
#ifndef TESTS_NEIGHBOUR_H
#define TESTS_NEIGHBOUR_H

#include "dns/message.h"

enum { NEIGHBOUR_ROOM = 16 /* octets more than the query has */ };

/* Writes the query with a label before its name; its size, 0 when it has no name or no room. */
static inline size_t neighbour_of(struct slice query, const char *label, uint8_t *to)
{
	size_t size = strlen(label) + 1;
	struct reader r = reader_init(query.octets, query.size);
	struct question q;
	struct header h;

	if (!get_header(&r, &h) || h.count[SECTION_QUESTION] != 1 || !get_question(&r, &q) ||
	    q.name.size + size > NAME_MAX_SIZE)
		return 0;
	memcpy(to, query.octets, HEADER_SIZE);
	to[HEADER_SIZE] = (uint8_t)(size - 1);
	memcpy(to + HEADER_SIZE + 1, label, size - 1);
	memcpy(to + HEADER_SIZE + size, query.octets + HEADER_SIZE, query.size - HEADER_SIZE);
	return query.size + size;
}

#endif
