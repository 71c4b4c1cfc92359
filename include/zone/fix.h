/*
 * fix.h -- changes of a zone file's text: octets in, octets out.
 *
 * An edit says which octets are to go and what comes in their place.  All
 * octets outside of edits stay what they are.  Lint rules whose meaning is
 * certain (ten35-zone(5) tells which) collect edits; who applies them writes
 * files, this does not.
 *
 *	laptop CNAME nas.home.arpa       an edit of no octets, with "."
 *	                          ^
 */
#ifndef ZONE_FIX_H
#define ZONE_FIX_H

#include "base/diag.h"

enum { FIX_WITH = 10 /* octets that an edit brings: the digits of a TTL */ };

struct edit {
	uint32_t place; /* in the sources, as in records: base + offset */
	uint32_t size;  /* octets that go */
	char with[FIX_WITH + 1];
};

struct fixes {
	/* Set by the caller: may this text be changed? */
	bool (*may_change)(void *self, const struct source *source);
	void *self;
	/* Freed by fixes_free(). */
	struct edit *at;
	size_t count;
	bool failed; /* memory ended; sticks */
};

/* Adds an edit; `with` has at most FIX_WITH octets. */
void fixes_add(struct fixes *f, uint32_t place, size_t size, const char *with);

/*
 * Puts all edits in the order of places.  What is touched twice is changed once:
 * of edits that overlap or begin at one place the first, and there the largest,
 * stays.  Nothing comes right behind what goes.  False when memory ended.
 */
MUST_USE bool fixes_settle(struct fixes *f);

void fixes_free(struct fixes *f);

/* The edits of one source, *count of them, or NULL.  Needs settled ones. */
const struct edit *fixes_of(const struct fixes *f, const struct source *s, size_t *count);

/* Whole lines of a source that change, and their edits. */
struct hunk {
	struct source was; /* a part of the source, places and all */
	const struct edit *edits;
	size_t count;
};

/* The lines around the first edits of several, *count > 0 of them; moves past those. */
struct hunk fix_next(const struct source *s, const struct edit **edits, size_t *count);

/* Room that a text needs at most when so many edits have been applied. */
static inline size_t fix_room(size_t size, size_t count)
{
	return size + count * FIX_WITH;
}

/* Writes a text with its edits, which are settled and lie within. */
void fix_apply(const struct source *s, const struct edit *edits, size_t count, struct writer *out);

#endif
