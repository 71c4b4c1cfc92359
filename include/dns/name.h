/*
 * name.h -- domain names (RFC 1034 §3.1, RFC 1035 §2.3.4 and §3.1).
 *
 * A name is a row of labels, each a length octet (1 to 63) and that many
 * octets, ended by the root's length octet 0; 255 octets at most in all.
 * `struct name` is a view on such octets, uncompressed and already checked;
 * it is passed by value, and its parent is the same octets further on.
 *
 *	03 'w' 'w' 'w' 02 'd' 'e' 00       www.de.    size 8, two labels
 *	               ^ its parent: de.   size 4
 *
 * Case is kept when copied and ignored when compared (RFC 4343).
 */
#ifndef DNS_NAME_H
#define DNS_NAME_H

#include "base/octets.h"
#include "base/text.h"

enum {
	NAME_MAX_SIZE = 255,     /* octets on the wire, RFC 1035 §2.3.4 */
	NAME_MAX_LABELS = 127,   /* of one octet each, the root not counted */
	LABEL_MAX_SIZE = 63,     /* octets, without the length octet */
	NAME_MAX_POINTERS = 126, /* more cannot be needed: each but the last run has a label */
	NAME_MAX_TEXT = 1004 + 1 /* every octet as \DDD, dots, and the final NUL */
};

/*
 * Passed by value; as wide as a register, because one octet that was just stored
 * makes the processor wait when it is loaded with its neighbours.
 */
struct name {
	const uint8_t *octets;
	size_t size; /* the final root octet included; 1 for the root */
};

struct name_buf {
	uint8_t size; /* in front: it and a short name lie in one line of the caches */
	uint8_t octets[NAME_MAX_SIZE];
};

extern const struct name name_root;

static inline struct name name_view(const struct name_buf *b)
{
	return (struct name){ b->octets, b->size };
}

static inline bool name_is_root(struct name n)
{
	return n.size == 1;
}

/* The name without its first label; needs a name that is not the root. */
static inline struct name name_parent(struct name n)
{
	uint8_t first = (uint8_t)(n.octets[0] + 1);

	return (struct name){ n.octets + first, n.size - first };
}

/* How many labels, the root not counted. */
unsigned name_labels(struct name n);

bool name_equal(struct name a, struct name b);

/* True when n is the ancestor itself or below it. */
bool name_is_within(struct name n, struct name ancestor);

/*
 * Canonical order (RFC 4034 §6.1): label by label from the root, folded, as
 * unsigned octets.  Negative, zero or positive as in memcmp.
 */
int name_compare(struct name a, struct name b);

/* The same of two labels, each with its length octet first: a prefix comes first. */
int label_compare(const uint8_t *a, const uint8_t *b);

void name_copy(struct name_buf *to, struct name from);

/*
 * The target of a DNAME (RFC 6672 §2.2): n with its suffix `owner` replaced
 * by `target`.  Needs name_is_within(n, owner).  False when the result would
 * be longer than 255 octets: the answer is then YXDOMAIN.
 */
MUST_USE bool name_replace_suffix(struct name n, struct name owner, struct name target,
				  struct name_buf *out);

/*
 * Reads a name as people write it (RFC 1035 §5.1): \X and \DDD, a final dot
 * for an absolute name, "@" alone for the origin.  A relative name gets the
 * origin behind it.  NULL when well, else the reason as a constant string;
 * *out is then undefined.
 */
MUST_USE const char *name_parse(const uint8_t *text, size_t size, struct name origin,
				struct name_buf *out);

/*
 * The same for a C string that must be absolute or is taken as if it were:
 * "example.com" and "example.com." are one name.  For options, not for zones.
 */
MUST_USE const char *name_parse_absolute(const char *text, struct name_buf *out);

/*
 * Appends the name as text, absolute, so that name_parse gives back the same
 * octets: the characters ". \ " ( ) ; @ $" are escaped by a backslash and
 * whatever is not printable ASCII by \DDD.
 */
void name_print(struct name n, struct text *out);

/*
 * Reads a possibly compressed name from a message and moves past it (RFC 1035
 * §4.1.4).  Each pointer must lead to before the start of the labels that it
 * ends, so offsets fall and the walk is finite; NAME_MAX_POINTERS and
 * NAME_MAX_SIZE bound it again.  Labels that stand in line may not pass r's
 * end.  On failure r is bad and *out is undefined.
 */
bool get_name(struct reader *r, struct name_buf *out);

/*
 * Reads an uncompressed name in place: *out is a view on the reader's octets.
 * A pointer is a failure.  For questions, for OPT, and for stored RDATA.
 */
bool get_name_view(struct reader *r, struct name *out);

/* As get_name_view, with a copy. */
bool get_name_plain(struct reader *r, struct name_buf *out);

/*
 * Moves past a name without following a pointer that it ends in: where that stands, or
 * NULL.  When the name is not whole r is bad.  For messages that we wrote ourselves.
 */
const uint8_t *name_skip(struct reader *r);

/* Writes all labels, without compression. */
void put_name(struct writer *w, struct name n);

#endif
