/*
 * diff.h -- what one version of a zone has that another has not.
 *
 * Both are put into canonical order and walked side by side, so the work is that
 * of sorting them and reading them once.  Names are compared without regard to case (RFC 4343), the
 * order of records and the layout of the files do not count.
 *
 *	+ nas A 10.0.0.7             added
 *	- old A 10.0.0.6             removed
 *	~ www A TTL 60 -> 300        the same records with another TTL
 *	~ @ SOA serial 7 -> 8        an SOA that is otherwise the same
 */
#ifndef ZONE_DIFF_H
#define ZONE_DIFF_H

#include "base/text.h"
#include "dns/rdata.h"
#include "zone/image.h"

enum change { CHANGE_ADDED, CHANGE_REMOVED, CHANGE_TTL, CHANGE_SERIAL, CHANGES };

struct difference {
	enum change change;
	struct name owner, origin;
	uint16_t type;
	struct slice rdata; /* ADDED, REMOVED: in wire form, names in full */
	uint32_t old, now;  /* TTL, SERIAL */
};

struct zone_diff {
	void (*report)(void *self, const struct difference *d); /* borrows d for the call */
	void *self;
	uint32_t count[CHANGES];
	/* The rest is of no concern to others. */
	const struct image *was, *is;
	uint8_t rdata[RDATA_MAX_SIZE];
};

/*
 * Reports each difference; d->report and d->self are set, all else is zero.
 * Zones of two names differ in everything.  False, and nothing is reported, when memory ended.
 */
MUST_USE bool zone_diff(struct zone_diff *d, const struct image *was, const struct image *is);

/* True when nothing was reported. */
static inline bool zone_diff_is_empty(const struct zone_diff *d)
{
	return d->count[0] + d->count[1] + d->count[2] + d->count[3] == 0;
}

/* Prints a difference as above, without a line's end; owners relative to the zone's name. */
void difference_print(const struct difference *d, struct text *out);

#endif
