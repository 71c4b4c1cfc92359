/*
 * linting.h -- what lint.c and lint_data.c share: a zone being looked at.
 */
#ifndef ZONE_LINTING_H
#define ZONE_LINTING_H

#include "dns/rrtype.h"
#include "zone/lexer.h"
#include "zone/lint.h"

enum { LINT_OWNER = -1 /* instead of the number of a word of the data */ };

struct lint {
	const struct builder *b;
	const struct sources *sources;
	const struct lint_facts *facts;
	struct diag *d;
	struct lexer lx;         /* for entries in which something was found */
	struct name_buf doubled; /* the zone's name twice; size 0: too long to be a name */
	uint32_t node;           /* being looked at */
	struct name_buf owner;   /* its name */
	uint32_t cut;            /* the delegation that it is at or below, 0: none */
	bool no_ttl_told;
};

static inline const struct builder_record *lint_next(const struct lint *l,
						     const struct builder_record *r)
{
	return r->next ? builder_record_at(l->b, r->next) : NULL;
}

static inline const struct builder_record *lint_first(const struct lint *l, uint32_t node)
{
	uint32_t first = builder_node_at(l->b, node)->first;

	return first ? builder_record_at(l->b, first) : NULL;
}

/* Where the n-th word of a record's data stands, or its owner; the entry, if that is not to be said. */
struct spot lint_spot(struct lint *l, const struct builder_record *r, int word);

/* Reports something about the n-th word of a record's data, or about its owner. */
#define LINT(l, how_bad, name, record, word, hint, ...)                                       \
	diag_report((l)->d, (struct kind){ how_bad, name }, lint_spot(l, record, word), hint, \
		    __VA_ARGS__)

/* Everything that can be said of one record by itself. */
void lint_data(struct lint *l, const struct builder_record *r);

/* The text of a name, for a message: lives until the fourth call after this one. */
const char *lint_name(struct name name);

#endif
