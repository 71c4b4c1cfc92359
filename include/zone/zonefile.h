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
#include "zone/builder.h"
#include "zone/check.h"

enum {
	ZONEFILE_INCLUDE_DEPTH = 8,
	ZONEFILE_MAX_FILES = 1024,     /* texts of one zone, $INCLUDE by $INCLUDE */
	ZONEFILE_MAX_GENERATE = 65536, /* steps of one $GENERATE */
	ZONEFILE_MAX_WIDTH = 255,      /* digits of one number in $GENERATE */
};

/* All places together must fit into 32 bits. */
#define ZONEFILE_MAX_OCTETS ((size_t)2 << 30)

/* A zone file and the files that it includes, as they were read. */
struct zonefile_input {
	char *path; /* as opened */
	struct file_id id;
};

struct zonefile {
	/* Set by the caller. */
	const struct files *files;
	const char *path;
	const char *origin; /* as given by the user, or NULL: the owner of the SOA */
	const struct siphash_key *key;
	struct builder_limits limits;
	struct diag *diag;
	bool wants_lint; /* also warnings of zone/lint.h */

	/* Made by zonefile_read(); freed by zonefile_free(). */
	struct builder builder;
	struct sources sources;
	struct zonefile_input *inputs; /* sources.count of them */
	struct zonefile_input missing; /* an included file that could not be read, if path is set */
	struct file_text *texts;
	bool has_builder;
};

/*
 * Reads, orders and checks a zone.  True when it is good: zf->builder is then
 * ready for seal_zone().  False when there were errors; they are in the diag.
 * zonefile_free() is needed in both cases.
 */
MUST_USE bool zonefile_read(struct zonefile *zf);
void zonefile_free(struct zonefile *zf);

/* One word more: the whole way to an image in memory that the caller frees.  NULL: failed. */
uint8_t *zonefile_image(struct zonefile *zf, size_t *size);

#endif
