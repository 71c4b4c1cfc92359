/*
 * edns.h -- EDNS(0): the OPT pseudo-record (RFC 6891).
 *
 *	owner   root             CLASS   largest UDP payload
 *	TYPE    41               TTL     extended RCODE | VERSION | DO | Z
 *	RDATA   options: code (16), length (16), octets ...
 *
 * Read from a query, written into a reply.  Options that are not listed here
 * are passed over when read and never written: they are hop by hop.
 */
#ifndef DNS_EDNS_H
#define DNS_EDNS_H

#include "dns/message.h"

enum edns_option {
	OPTION_NSID = 3,          /* RFC 5001 */
	OPTION_CLIENT_SUBNET = 8, /* RFC 7871: ignored, never sent on */
	OPTION_COOKIE = 10,       /* RFC 7873 */
	OPTION_EDE = 15,          /* RFC 8914 */
};

/* Reasons given with an RCODE (RFC 8914 §5.2); EDE_NONE stands for no reason. */
enum ede {
	EDE_NONE = -1,
	EDE_OTHER = 0,
	EDE_STALE_ANSWER = 3,
	EDE_NOT_READY = 14,
	EDE_BLOCKED = 15,
	EDE_PROHIBITED = 18,
	EDE_STALE_NXDOMAIN = 19,
	EDE_NOT_AUTHORITATIVE = 20,
	EDE_NOT_SUPPORTED = 21,
	EDE_NO_REACHABLE_AUTHORITY = 22,
	EDE_NETWORK_ERROR = 23,
	EDE_INVALID_DATA = 24,
};

enum {
	EDNS_DO = 0x8000,        /* of the TTL field: DNSSEC OK, RFC 3225 §3 */
	EDNS_UDP_SIZE = 1232,    /* what we send and announce at most: never fragmented, RFC 9715 */
	EDNS_MAX_OPTIONS = 64,   /* more in one query is an attack */
	EDNS_FIXED_SIZE = 11,    /* OPT without options */
	COOKIE_CLIENT_SIZE = 8,  /* RFC 7873 §4 */
	COOKIE_SERVER_SIZE = 16, /* RFC 9018 §4 */
	EDE_TEXT_MAX = 80,       /* octets of extra text that we ever send */
};

/* What an OPT said: a query's, or that of an upstream server's response. */
struct edns {
	bool present;
	bool dnssec_ok; /* DO, RFC 3225 */
	bool nsid;      /* the client asks who we are */
	uint8_t version;
	uint8_t rcode_high;  /* of a response: the upper eight bits of twelve */
	int32_t ede;         /* of a response: the reason given, or EDE_NONE */
	uint16_t udp_size;   /* as sent; edns_limit() interprets it */
	struct slice cookie; /* octets NULL: none; else 8 or 16..40 octets of the query */
};

/*
 * Reads an OPT record that get_record() has found.  False when it breaks the
 * format: owner not the root, options beyond their length, more than
 * EDNS_MAX_OPTIONS; out->present is then false.  False with out->present when
 * OPT is well formed and only a cookie is not (RFC 7873 §5.2.2): the reply then
 * has an OPT of its own.  The first option of a code counts.
 */
MUST_USE bool edns_parse(const struct record *rr, struct edns *out);

/* The most octets that may be sent to this client by UDP (RFC 6891 §6.2.5). */
size_t edns_limit(const struct edns *e);

/* What a reply's OPT says. */
struct edns_reply {
	unsigned rcode;        /* all twelve bits */
	bool dnssec_ok;        /* copied from the query, RFC 3225 §3 */
	enum ede ede;          /* or EDE_NONE */
	const char *ede_text;  /* at most EDE_TEXT_MAX octets, or NULL */
	struct slice nsid;     /* octets NULL: no such option */
	const uint8_t *cookie; /* client and server cookie, 24 octets, or NULL */
};

/* How many octets put_edns() will write: reserved before the sections are filled. */
size_t edns_reply_size(const struct edns_reply *e);

/* Writes the OPT record into the additional section. */
void put_edns(struct message *m, const struct edns_reply *e);

#endif
