/*
 * naming.h -- what the readers of names (names_*.c) share: a text being read.
 */
#ifndef ZONE_NAMING_H
#define ZONE_NAMING_H

#include "base/ip.h"
#include "base/line.h"
#include "zone/names.h"

struct naming {
	struct names_reading *r;
	struct source source; /* a copy: that it is secret is for the format to say */
	struct slice text;
	uint32_t ttl;    /* of what is given */
	bool is_quiet;   /* no owner can mend what is wrong here: no warnings */
	bool is_claimed; /* clients chose these names: some are not for them */
};

struct host_address {
	uint8_t octets[IP6_SIZE];
	unsigned size; /* IP4_SIZE or IP6_SIZE */
	unsigned bits; /* of a prefix; all of them where none is told */
};

/* Warns about a part of the text; the message quotes nothing of it. */
void naming_warn(struct naming *n, struct slice what, const char *hint, const char *message);

/* Reads ADDRESS or ADDRESS/BITS.  False when it is none. */
MUST_USE bool naming_address(struct slice text, struct host_address *out);

/*
 * True when a name may lead to this address: it is that of a host, and means
 * the same everywhere in the network.  Not so: loopback, unspecified, multicast,
 * broadcast, and link-local addresses of IPv6, which need an interface too.
 */
bool naming_is_host(const struct host_address *a);

/*
 * The name that a word stands for: below the domain when it has no dot, else
 * as it is.  False when it is not within the domain, or when it is no legal
 * name, which is warned of.
 */
MUST_USE bool naming_owner(struct naming *n, struct slice word, struct name_buf *out);

/* True for the octets of legal labels: letters, digits, '-' and '_'. */
bool naming_is_legal(uint8_t octet);

/* Gives one name with one address to whoever wants it, unless no client may have it. */
void naming_give(struct naming *n, const struct name_buf *owner, const struct host_address *a,
		 const uint8_t *at, bool is_alias);

/* A line of hosts(5); leases and peers may hold such lines, too. */
void names_hosts_line(struct naming *n, struct slice line);

void names_hosts(struct naming *n);
void names_leases(struct naming *n);
void names_peers(struct naming *n);

#endif
