/*
 * query.h -- a request taken apart, and everything that can be decided
 * without looking at a zone.
 *
 * The rules in the order they are asked, each with its outcome:
 *
 *	shorter than a header, or a response (QR)        drop: RFC 1035 §4.1.1,
 *	                                                 and two servers never
 *	                                                 answer each other
 *	OPCODE not QUERY, NOTIFY, UPDATE                 NOTIMP, header only
 *	QDCOUNT not 1                                    FORMERR, header only (RFC 9619)
 *	QDCOUNT 0 and a cookie, QUERY                    NOERROR, header only (RFC 7873 §5.4)
 *	anything that does not parse, trailing octets    FORMERR, header only
 *	OPT twice, elsewhere, broken                     FORMERR (RFC 6891 §6.1.1)
 *	TSIG not last, twice, elsewhere, broken          FORMERR (RFC 8945 §5.1)
 *	TSIG with a key we do not have                   NOTAUTH, BADKEY (§5.2.1)
 *	EDNS version above 0                             BADVERS (RFC 6891 §6.1.3)
 *	NOTIFY, UPDATE                                   REFUSED; FORMERR when the
 *	                                                 class is not IN, CH or HS
 *	QTYPE that is no question                        FORMERR, NOTIMP
 *	AXFR by UDP                                      FORMERR; by TCP REFUSED
 *	class not IN (or CH, serve/identity.h)           REFUSED
 */
#ifndef SERVE_QUERY_H
#define SERVE_QUERY_H

#include "dns/edns.h"
#include "dns/tsig.h"

enum via { VIA_UDP, VIA_TCP };

enum verdict {
	VERDICT_DROP,   /* no reply */
	VERDICT_HEADER, /* a reply of header (and OPT) alone, with query.rcode */
	VERDICT_REPLY,  /* a reply with the question, and query.rcode */
	VERDICT_ANSWER, /* look for an answer */
};

struct query {
	struct header header;
	struct question question; /* views on the request */
	struct edns edns;
	struct tsig tsig;
	unsigned rcode; /* of VERDICT_HEADER and VERDICT_REPLY */
	enum ede ede;
	const char *ede_text;
};

/* Takes a request apart.  The query borrows the octets. */
enum verdict query_parse(struct query *q, const uint8_t *octets, size_t size, enum via via);

/* The most that query_pack() writes: header, the longest question, OPT, NSID and a cookie. */
enum { QUERY_PACKED_MAX = HEADER_SIZE + NAME_MAX_SIZE + 4 + EDNS_FIXED_SIZE + 4 + 4 + 40 };

/*
 * Writes the query again, without what means nothing to us, so that it can be
 * kept until its answer is there: query_parse() of it gives the same query.
 * Needs a query that is to be answered; returns the size.
 */
size_t query_pack(const struct query *q, uint8_t out[QUERY_PACKED_MAX]);

#endif
