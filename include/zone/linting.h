/*
 * linting.h -- what lint.c, lint_data.c and lint_fix.c share: a zone being looked at.
 */
#ifndef ZONE_LINTING_H
#define ZONE_LINTING_H

#include "dns/rrtype.h"
#include "zone/lexer.h"
#include "zone/lint.h"

enum {
	LINT_OWNER = -1, /* instead of the number of a word of the data */
	LINT_FEW = 64,   /* records of a node that are compared with each other */
};

struct lint {
	const struct builder *b;
	const struct sources *sources;
	const struct lint_facts *facts;
	struct diag *d;
	struct fixes *fixes;     /* or NULL: nothing is to be mended */
	struct lexer lx;         /* for entries in which something was found */
	struct name_buf doubled; /* the zone's name twice; size 0: too long to be a name */
	bool is_private;         /* a zone that nobody outside looks into */
	uint32_t node;           /* being looked at */
	struct name_buf owner;   /* its name */
	uint32_t cut;            /* the delegation that it is at or below, 0: none */
	bool no_ttl_told;
};

/* Where the n-th word of a record's data stands, or its owner; the entry, if nobody can say. */
struct spot lint_spot(struct lint *l, const struct builder_record *r, int word);

/*
 * Reports something about the n-th word of a record's data, or about its owner;
 * the format takes what text_format() takes.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 6, 7)))
#endif
void lint_warn(struct lint *l, const char *id, const struct builder_record *r, int word,
	       const char *hint, const char *format, ...);
#if defined(__GNUC__)
__attribute__((format(printf, 6, 7)))
#endif
void lint_note(struct lint *l, const char *id, const struct builder_record *r, int word,
	       const char *hint, const char *format, ...);

/*
 * The words of an entry again, or of what $GENERATE makes entries of.  False
 * when it began with a parenthesis, in front of its first word.
 */
bool lint_read_entry(struct lint *l, const struct source *source, const uint8_t *at);

/* Which of these words is the type, the first or a later one; behind the last: none. */
size_t lint_type_word(const struct lint *l, size_t first);

/* Does the zone's name stand twice in it? */
bool lint_lacks_dot(const struct lint *l, struct name name);

/* Looks for a name as a server would: what does a question for it find? */
enum found { THERE, ELSEWHERE, MADE_BY_WILDCARD, MISSING };
enum found lint_seek(const struct lint *l, struct name name, uint32_t *node);

/* Is this a domain that nobody but a network's own members looks into? */
bool lint_is_private(struct name origin);

/* Everything that can be said of one record by itself. */
void lint_data(struct lint *l, const struct builder_record *r);

/* ------ lint_fix.c: edits for what was found, where the meaning is certain ------ */

/* The node's owner without its last origin is meant. */
void lint_fix_owner(struct lint *l, struct name meant);
/* So is a name in the data, the n-th word. */
void lint_fix_target(struct lint *l, const struct builder_record *r, int word, struct name name,
		     struct name meant);
/* Record r has another TTL than the first of its set, or is a copy of an earlier record. */
void lint_fix_ttl(struct lint *l, const struct builder_record *first,
		  const struct builder_record *r);
void lint_fix_duplicate(struct lint *l, const struct builder_record *first,
			const struct builder_record *r);
/* An SOA's mail address has a '@'; an SPF record's strings are joined to nonsense. */
void lint_fix_mail(struct lint *l, const struct builder_record *r, struct name mail);
void lint_fix_spf(struct lint *l, const struct builder_record *r);

/* The text of a name, for a message: lives until the fourth call after this one. */
const char *lint_name(struct name name);

#endif
