/*
 * zonefile.h -- reads zone files (RFC 1035 §5, with what grew on it).
 *
 * $ORIGIN, $TTL (RFC 2308 §4), $INCLUDE and $GENERATE, "@", blank owners,
 * parentheses, TTL and class in either order, relative names, \# for every
 * type (RFC 3597).  docs/zone-format.md decides every ambiguity.
 *
 * All errors of a file are reported in one run; a file with errors makes no
 * zone at all.
 */
#ifndef ZONE_ZONEFILE_H
#define ZONE_ZONEFILE_H

#include "base/diag.h"
#include "base/files.h"
#include "base/progress.h"
#include "zone/builder.h"
#include "zone/check.h"
#include "zone/lint.h"
#include "zone/names.h"

enum {
	ZONEFILE_INCLUDE_DEPTH = 8,
	ZONEFILE_MAX_FILES = 1024,     /* texts of one zone, $INCLUDE by $INCLUDE */
	ZONEFILE_MAX_GENERATE = 65536, /* steps of one $GENERATE */
	ZONEFILE_MAX_WIDTH = 255,      /* digits of one number in $GENERATE */
	ZONEFILE_PIECE = 1 << 20,      /* octets: few system calls, and still in the caches */
};

/* All places together must fit into 32 bits. */
#define ZONEFILE_MAX_OCTETS ((size_t)2 << 30)

/*
 * A zone is read in layers, one or more files each.  What an earlier layer says
 * of a name goes before what a later one says of it:
 *
 *	upper    a zone file for some clients      all that it has of a name replaces the
 *	                                           rest; at the apex type by type
 *	path     the zone file
 *	names    files of names with addresses     add addresses to names that have none of
 *	         (zone/names.h), in their order    the same family, and no alias
 *
 * At least one of `path` and `names` is there.  Without `path` the zone gets an
 * SOA of its own making, as those of RFC 6303 §3 are.
 */
struct names_file {
	enum names_format format;
	const char *path; /* of a file, or of a folder: all files in it */
};

/* One of the files, as it was read. */
struct zonefile_input {
	char *path;         /* as opened; NULL: no file */
	const char *within; /* included: by a file in this one's folder, that it is relative to */
	struct file_id id;  /* all zero: it could not be read */
};

struct zonefile {
	/* Set by the caller. */
	const struct files *files;
	const char *path;               /* the zone file, or NULL */
	const char *upper;              /* or NULL; needs an origin */
	const struct names_file *names; /* needs an origin */
	size_t name_count;
	int64_t now_s;      /* wall clock, for leases among the names and for lint; 0: not known */
	const char *origin; /* as given by the user, or NULL: the owner of the SOA */
	const struct siphash_key *key;
	struct builder_limits limits;
	size_t piece; /* octets; 0: ZONEFILE_PIECE, SIZE_MAX: all files are read as a whole */
	struct diag *diag;
	bool wants_lint;           /* zonefile_read() is also zonefile_lint() */
	struct fixes *fixes;       /* edits for what that finds, or NULL */
	bool wants_pointers;       /* also rows for automatic PTR records (zone/pointers.h) */
	struct progress *progress; /* told how far it is, or NULL; zonefile_read() erases nothing */

	/* Made by zonefile_read(); freed by zonefile_free(). */
	struct builder builder;
	struct sources sources;
	struct zonefile_input *inputs; /* one for each of the sources; then those without a text */
	size_t input_count;
	struct file_text *texts;
	bool has_builder;
	int64_t expires_s; /* when the names will first read otherwise; 0: never */
	bool is_changing;  /* it is no zone because a file was written to: worth another try */
	struct lint_facts facts;
};

/* What messages about the zone as a whole call it. */
static inline const char *zonefile_title(const struct zonefile *zf)
{
	return zf->path ? zf->path : zf->origin;
}

/* Prints the path by which a file of the zone can be opened. */
void zonefile_input_path(const struct zonefile_input *input, struct text *out);

/*
 * Reads and checks a zone.  True when it is good: zf->builder is then
 * ready for seal_zone().  False when there were errors; they are in the diag.
 * zonefile_free() is needed in both cases.
 */
MUST_USE bool zonefile_read(struct zonefile *zf);

/*
 * Looks for what is allowed and hardly meant (zone/lint.h) in a zone that was read and is
 * good; it may have been sealed meanwhile.
 */
void zonefile_lint(struct zonefile *zf);

void zonefile_free(struct zonefile *zf);

/* One word more: the whole way to an image in memory that the caller frees.  NULL: failed. */
uint8_t *zonefile_image(struct zonefile *zf, size_t *size);

#endif
