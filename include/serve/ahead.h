/*
 * ahead.h -- the memory that a batch of queries will need, fetched before it is needed.
 *
 * A zone of a million names does not fit into the caches of a processor: an answer waits for
 * its slot in the table, then for its node, each time as long as some three hundred
 * instructions take.  The queries of a batch do not depend on each other, so these
 * waits can lie side by side:
 *
 *	one by one     slot....node....answer slot....node....answer
 *	looked ahead   slot....    node....    answer answer
 *	                slot....    node....
 *
 * Replies that are kept (serve/kept.h), and what others have said (serve/cache.h), are
 * fetched in the same way.  Whatever is fetched, the answers are the same: of all that is
 * worked out here only the name that was made ready is used again.
 */
#ifndef SERVE_AHEAD_H
#define SERVE_AHEAD_H

#include "serve/respond.h"

enum {
	AHEAD_MAX = 32,           /* queries looked at together */
	AHEAD_IMAGE = 128 * 1024, /* octets; smaller images stay in the caches by themselves ... */
	AHEAD_ZONES = 64,         /* ... unless there are so many */
};

/*
 * Fetches what requests[0..count) will need, count at most AHEAD_MAX, between
 * respond_prepare() and respond_prepared(); the names that it has made ready are handed on.
 */
void look_ahead(const struct responder *self, const struct request *requests,
		struct prepared *prepared, size_t count);

#endif
