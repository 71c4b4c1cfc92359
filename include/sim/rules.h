/*
 * rules.h -- what is true of a server whatever happens to it.
 *
 *	a reply answers a query that came, with its id, opcode and question, once
 *	no reply is larger than its client can take (RFC 1035 §4.2.1, RFC 6891 §6.2.5)
 *	a query costs upstream servers FORWARD_PACKETS datagrams at most, and as many
 *	more where it has an answer made fresh
 *	as many descriptors are open as the server knows of
 *	the cache is no larger than it may be
 *	strangers hear of our zones, and of nothing else
 *	nothing that an attacker made up is told to anybody
 *	every answer comes from the version of a zone that was read last
 *
 * Each packet that comes to a server and each that leaves it is looked at; the
 * first that breaks a rule is kept as a sentence.
 */
#ifndef SIM_RULES_H
#define SIM_RULES_H

#include "sim/host.h"

enum { RULES_BUCKETS = 4096, RULES_DEPTH = 8 };

/* A query that came to a server and has no reply yet. */
struct rules_query {
	struct address client, server;
	uint16_t id;
	uint16_t flags;
	uint16_t most;     /* octets of a reply; by TCP 65535 */
	uint64_t question; /* its octets, hashed; 0: none that can be read */
	uint8_t waits;     /* so often it came and was not answered */
	bool tcp;
};

struct rules {
	const char *broken; /* the first rule that was, or NULL */
	uint64_t queries, replies;
	/*
	 * Not 0: zones are written so that what they have within 10.0.0.0/8 has this
	 * in the second octet.
	 */
	uint8_t version;
	/* The rest is of no concern to others. */
	struct rules_bucket {
		uint8_t next;
		bool lost; /* too many waited, or nobody can say which was answered */
		struct rules_query at[RULES_DEPTH];
	} buckets[RULES_BUCKETS]; /* by client and id */
};

/*
 * The address that attackers put into whatever they send: it must never be heard
 * from a server (TEST-NET-3, RFC 5737).
 */
extern const uint8_t rules_poison[4];

/* Something came to a server, or left it for a client. */
void rules_heard(struct rules *r, const struct address *client, const struct address *server,
		 bool tcp, struct slice message);
void rules_said(struct rules *r, const struct address *client, const struct address *server,
		bool tcp, struct slice message);

/* What was said went to somebody who may ask for our zones only. */
void rules_told_stranger(struct rules *r, struct slice message);

/* Between two turns: what a server holds. */
void rules_check_host(struct rules *r, const struct host *h);

#endif
