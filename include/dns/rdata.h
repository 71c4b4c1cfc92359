/*
 * rdata.h -- RDATA as a whole: walks a type's row of fields.
 *
 * Names in text are printed absolute; names that are read relative get the
 * origin.  Every type, known or not, is also read in the generic form
 * `\# LENGTH HEX` (RFC 3597 §5), and the octets given so are then checked
 * against the row of the type, so that a record that is served is a record
 * that others can read.
 */
#ifndef DNS_RDATA_H
#define DNS_RDATA_H

#include "base/text.h"
#include "base/word.h"
#include "dns/name.h"
#include "dns/rrtype.h"

enum {
	RDATA_MAX_SIZE = 65535,
	/*
	 * Room that rdata_print() never exceeds.  Most octets become four characters
	 * at most (\DDD); a bitmap of all 65536 types, each by its name, needs more.
	 */
	RDATA_MAX_TEXT = 10 * 65536 + 4096,
};

/*
 * Reads the words that are left as RDATA of this type and writes its wire
 * form, without compression.  All words must be used up.  False with
 * in->problem and in->problem_at set, and *out as it was; it must not be full.
 */
MUST_USE bool rdata_parse(const struct rrtype *type, struct words *in, struct name origin,
			  struct writer *out);

/*
 * Prints RDATA given in uncompressed wire form.  What does not fit its row is
 * printed in the generic form, so that nothing is ever left out.
 */
void rdata_print(const struct rrtype *type, const uint8_t *rdata, size_t size, struct text *out);

/*
 * Reads the RDATA of a record in a message and writes it without compression;
 * needs a reader over just that RDATA.  Names are read compressed wherever
 * somebody might write them so (RFC 3597 §4).  A, AAAA, DNAME and the types
 * of RFC 1035 that hold names must fit their rows; of other types, what stands
 * behind the last name is copied as it is: it is not ours to judge what goes
 * through.
 * False, with in bad or out full, when it cannot be done.
 */
MUST_USE bool get_rdata(const struct rrtype *type, struct reader *in, struct writer *out);

/* True when the octets are well-formed uncompressed RDATA of this type. */
MUST_USE bool rdata_is_valid(const struct rrtype *type, const uint8_t *rdata, size_t size);

#endif
