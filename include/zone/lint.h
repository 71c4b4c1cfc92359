/*
 * lint.h -- what a zone may be, but hardly should: warnings and notes.
 *
 * Looked for in a zone that check.h found good.  Each finding has an id, under
 * which ten35-zone(5) explains it.  Words and columns are looked for in the text
 * only when something is found.
 *
 *	names        missing-dot, host-name, star-in-name, wildcard-delegation
 *	targets      target-missing, target-alias, target-no-address
 *	delegations  glue-missing, glue-needless, below-cut
 *	sets         ttl-differs, duplicate
 *	data         minimum-long, soa-mail, private-address, txt-spf, txt-dmarc, txt-dkim
 */
#ifndef ZONE_LINT_H
#define ZONE_LINT_H

#include "base/diag.h"
#include "zone/builder.h"
#include "zone/check.h"

/* Needs a zone that zone_order() and zone_check() have seen, without errors. */
void zone_lint(const struct builder *b, const struct sources *sources, struct diag *d);

#endif
