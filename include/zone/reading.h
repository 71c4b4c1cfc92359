/*
 * reading.h -- what zonefile.c, entry.c, include.c, generate.c and layers.c share:
 * a zone file being read.
 */
#ifndef ZONE_READING_H
#define ZONE_READING_H

#include "zone/heading.h"
#include "zone/lexer.h"
#include "zone/zonefile.h"

/* One file of the stack that $INCLUDE builds. */
struct level {
	const struct source *source;
	const uint8_t *pos; /* where to go on */
	struct name_buf origin;
	bool origin_known;
	uint32_t owner; /* node, 0: none yet, or out of the zone */
	bool owner_known;
};

/* An owner as it stands in an entry, before the type tells whether the zone begins here. */
struct owner {
	struct name_buf name;
	struct word word;
	struct probe probe; /* of a new one that is inside */
	bool is_new;        /* named in this entry; else it is the level's last one */
	bool is_inside;     /* the zone, where there is one */
};

/*
 * A record that was taken from the text.  To store it takes looks into large tables, each a
 * wait for the memory; so it waits until the next one is taken, while that is fetched.
 */
struct pending {
	struct owner owner;
	struct heading heading;
	struct builder_rdata rdata;
	const uint8_t *at; /* in the text, for messages */
	uint32_t place;    /* the same in the sources */
	bool is_good;      /* else there is an owner only */
	uint8_t octets[65535];
};

struct reading {
	struct zonefile *zf;
	struct lexer lx;
	struct level stack[ZONEFILE_INCLUDE_DEPTH + 1]; /* [0] is the zone file itself */
	unsigned depth;                                 /* of the level being read */
	uint32_t layer;  /* where its places begin: what lies before is of an earlier layer */
	uint32_t claims; /* places from here on are in leases; UINT32_MAX: none yet */

	uint32_t records; /* read until now, good ones or not */
	struct headings headings;

	uint32_t default_ttl; /* from $TTL, or from an SOA without one */
	bool default_ttl_known;
	uint32_t last_ttl; /* the last that a record stated */
	bool last_ttl_known;
	bool ttls_inherited;    /* a record took its TTL from there */
	bool has_ttl_directive; /* without one, lint is told of ... */
	uint32_t untimed;       /* ... 1 + place of the first record without a TTL; 0: none */

	struct slice owner_text;           /* as written: the same text again is the same node */
	uint8_t owner_room[NAME_MAX_TEXT]; /* for one of a piece that may not be there any more */
	const uint8_t *generated;          /* inside $GENERATE: where that stands; else NULL */
	struct pending pending[2];
	struct pending *taken;   /* the one that is taken from the text, ... */
	struct pending *waiting; /* ... and the one before, which waits; NULL: none */
};

static inline struct level *reading_level(struct reading *r)
{
	return &r->stack[r->depth];
}

/* ------ zonefile.c ------ */

/*
 * The zone's name is known: records can be taken, and names are relative to it
 * wherever no $ORIGIN said otherwise.  False when memory ended.
 */
MUST_USE bool reading_start_zone(struct reading *r, struct name origin);

/* Tells how much is read of the files that are known until now; needs zf->progress. */
void reading_tell_progress(struct reading *r);

/* ------ entry.c ------ */

/* Reads the entry whose words the lexer has: a directive or a record. */
void reading_entry(struct reading *r);

/* Reports an error at a word, the word itself in quotes behind the text. */
void reading_error(struct reading *r, const struct word *at, const char *hint, const char *problem);

/* Takes a record, which waits (but in $GENERATE), and stores the one before it. */
void reading_record(struct reading *r, struct words *w, bool blank_owner);

/* Stores the record that waits, if one does.  What is wrong with it is reported then. */
void reading_settle(struct reading *r);

/* Reads a name relative to the current origin; false and reported when it is none. */
MUST_USE bool reading_name(struct reading *r, const struct word *w, struct name_buf *out);

/* ------ include.c ------ */

/* Room for the texts.  False when memory ended. */
MUST_USE bool include_start(struct zonefile *zf);

/*
 * Reads a file of at most `limit` octets and makes it the newest source; in pieces for
 * who goes through it once and calls include_more().  `within` is the file that includes
 * it, or NULL.  NULL, or a sentence that says why not; then the file is an input without
 * a text.
 */
const char *include_source(struct zonefile *zf, const char *within, const char *path, size_t limit,
			   bool in_pieces);

/* Opens a zone file as level 0.  False and reported when it cannot be read. */
MUST_USE bool include_first(struct reading *r, const char *path);

/*
 * Has more of the current text in memory, where that is read in pieces, for the entry that the
 * lexer could not read.  False when there is no more, or it cannot be read, which is reported.
 */
MUST_USE bool include_more(struct reading *r);

/* $INCLUDE FILE [ORIGIN]: goes one level deeper. */
void include_directive(struct reading *r, struct words *w);

/* Goes back to the including file; false at the end of the zone file itself. */
MUST_USE bool include_return(struct reading *r);

/* ------ generate.c ------ */

/* $GENERATE RANGE LHS [TTL] [CLASS] TYPE RHS: a record for every step. */
void generate_directive(struct reading *r, struct words *w);

/* ------ layers.c ------ */

/* Has an earlier layer said all that there is to say of this type at this node? */
bool layer_covers(const struct reading *r, uint32_t node, uint16_t type);

/* Adds what the files of names have.  False when memory ended. */
MUST_USE bool layer_names(struct reading *r);

/* The SOA of a zone that has none, for lack of a file; needs all names to be read. */
MUST_USE bool layer_soa(struct reading *r);

#endif
