/*
 * tsig.h -- the TSIG pseudo-record (RFC 8945), as far as a server without
 * keys has to know it: every key is unknown to it, and it says so.
 */
#ifndef DNS_TSIG_H
#define DNS_TSIG_H

#include "dns/message.h"

enum { TSIG_BADKEY = 17 /* RFC 8945 §3 */ };

struct tsig {
	bool present;
	struct name_buf key;
	struct name algorithm; /* a view on the message */
	uint8_t time_signed[6];
	uint16_t fudge;
	uint16_t original_id;
};

/*
 * Reads a TSIG record that get_record() has found.  False when it breaks the
 * format: class not ANY, TTL not 0, a compressed algorithm name, lengths that
 * do not add up, an error code (only responses have one), or a MAC that is too
 * short or too long for its algorithm (RFC 8945 §5.2.2.1).
 */
MUST_USE bool tsig_parse(const struct record *rr, struct tsig *out);

/* Octets that put_tsig_error() writes. */
size_t tsig_error_size(const struct tsig *t);

/* Writes an unsigned TSIG with this error into the additional section (RFC 8945 §5.3.2). */
void put_tsig_error(struct message *m, const struct tsig *t, uint16_t error);

#endif
