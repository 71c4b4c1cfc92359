/*
 * response.h -- what an upstream server's response is worth.
 *
 * First it must be the response to what was asked (response_match), then it is
 * taken apart (response_take): what answers the question is kept and put into
 * order, everything else is left behind.
 *
 *	answer       the records of the name that was asked for; or its alias, the
 *	             records of the alias's target, and so on, at most
 *	             RESPONSE_MAX_LINKS times.  The aliases come first, in order.
 *	             A target that somebody else is asked for (another route, a
 *	             zone of ours) ends it: what this server says of it is not
 *	             heard.
 *	authority    of a "no": the SOA of a zone that the name is in.  For those
 *	             who asked for signatures, what proves it.
 *	additional   nothing
 */
#ifndef SERVE_RESPONSE_H
#define SERVE_RESPONSE_H

#include "serve/cache.h"
#include "serve/listing.h"
#include "serve/routes.h"

enum {
	RESPONSE_MAX_LINKS = 8, /* aliases of one response */
	RESPONSE_MAX_RRSET =
		100,            /* records of an RRset; a larger one is not kept, only passed on */
	RESPONSE_NO_SOA_S = 60, /* a "no" without SOA is kept so long.  RFC 2308 §5 would not keep
	                             it at all, but small forwarders never send one. */
	RESPONSE_BLOCKED_S = 60,
	RESPONSE_LOOP_S = 60, /* an alias that leads in a circle */
};

/* What a server was asked, for somebody. */
struct response_question {
	struct name name; /* in the letters in which it is to be kept */
	uint16_t type;
	uint8_t flags; /* enum cache_flag */
	uint16_t route;
	bool private_ok; /* may lead to private addresses */
};

enum match {
	MATCH_NOT,
	MATCH_CASE, /* all is right but the case of the name */
	MATCH_BARE, /* an error code without the question that was asked */
	MATCH_YES,
};

/*
 * Compares a message with what was asked: QR, OPCODE, ID, one question, its
 * name octet for octet, type and class (RFC 5452 §9.1).
 */
enum match response_match(const struct question *sent, uint16_t id, struct slice message);

enum verdict_on_response {
	RESPONSE_ANSWER,    /* an answer, or a "no": taken.answer */
	RESPONSE_TRUNCATED, /* TC: ask again by TCP */
	RESPONSE_NO_EDNS,   /* it did not understand OPT: ask again without */
	RESPONSE_FAILED,    /* SERVFAIL, REFUSED and the like, or no answer at all: ask another */
	RESPONSE_MALFORMED,
};

struct response_taken {
	unsigned rcode; /* all twelve bits, as sent */
	int32_t ede;    /* or EDE_NONE */
	bool blocked;   /* it held a private address: the answer is empty */
	struct cache_answer answer;
};

/* What taking a response apart needs; one, used again and again. */
struct response_room {
	const struct routes *routes;
	const struct catalog *zones;
	bool trust_ad; /* RFC 4035 §4.9.3: the path to the upstream is secure */
	/* The rest is of no concern to others. */
	struct listing list;
	uint8_t octets[MESSAGE_MAX_SIZE];
	uint8_t rdata[2 * MESSAGE_MAX_SIZE];
};

/*
 * Takes a response apart that has matched.  out->answer.octets lie in the room
 * until its next use.
 */
enum verdict_on_response response_take(struct response_room *room,
				       const struct response_question *q, struct slice message,
				       struct response_taken *out);

#endif
