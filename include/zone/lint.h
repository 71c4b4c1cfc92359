/*
 * lint.h -- what a zone may be, but hardly should: warnings and notes.
 *
 * Looked for in a zone that check.h found good.  Each finding has an id, under
 * which ten35-zone(5) explains it.  Words and columns are looked for in the text
 * only when something is found.
 *
 *	names        missing-dot, host-name, star-in-name, wildcard-delegation
 *	targets      target-missing, target-alias, target-no-address, target-address
 *	delegations  glue-missing, glue-needless, below-cut
 *	sets         ttl-differs, duplicate
 *	data         minimum-long, soa-mail, serial-date, private-address, tlsa-digest,
 *	             txt-spf, txt-dmarc, txt-dkim
 *	file         no-ttl
 */
#ifndef ZONE_LINT_H
#define ZONE_LINT_H

#include "base/diag.h"
#include "zone/builder.h"
#include "zone/check.h"
#include "zone/fix.h"

/* What is known of a zone and does not stand in its records. */
struct lint_facts {
	int64_t now_s;       /* the time, in seconds since 1970; 0: not known */
	int64_t modified_s;  /* when the newest of its zone files was changed; 0: not known */
	bool ttls_inherited; /* from a record above: there no stated TTL can go or change */
	uint32_t untimed;    /* 1 + place of the first record whose TTL was guessed; 0: none */
};

/*
 * Needs a complete zone that zone_check() has seen, without errors.  What
 * files of names add to it is not looked at.
 * Where fixes are wanted (not NULL), edits for what can be mended are added.
 */
void zone_lint(const struct builder *b, const struct sources *sources,
	       const struct lint_facts *facts, struct diag *d, struct fixes *fixes);

#endif
