/*
 * names.h -- names with addresses, out of files that are no zones.
 *
 * A network keeps its names in many places: in a hosts file, in what a DHCP
 * server remembers, in the comments of a WireGuard configuration.  Each format
 * has a reader; all of them say the same: this name has this address.
 *
 *	10.0.0.3  nas  files            NAMES_HOSTS   nas.home.arpa. and files.home.arpa.
 *	1767225600 02:00:00:00:00:05 10.0.0.5 laptop *    NAMES_LEASES  laptop.home.arpa.
 *	# phone
 *	[Peer]
 *	AllowedIPs = 10.8.0.2/32        NAMES_PEERS   phone.home.arpa.
 *
 * These files are not only ours: what is of no use here (names of other
 * domains, addresses of no host, leases that are over) is passed over in
 * silence.  What somebody meant and got wrong is a warning [names], and the
 * rest of the file is read all the same.  ten35-names(5) has the rules.
 *
 * Nothing is kept and nothing is allocated; the work is linear in the text.
 */
#ifndef ZONE_NAMES_H
#define ZONE_NAMES_H

#include "base/diag.h"
#include "dns/name.h"

enum names_format {
	NAMES_HOSTS,  /* hosts(5) */
	NAMES_LEASES, /* leases of dnsmasq, or the state or hosts files of odhcpd */
	NAMES_PEERS,  /* a WireGuard configuration: wg-quick(8) */
};

enum {
	/* Names of a file change when somebody edits it, who will not wait longer than this. */
	NAMES_TTL_S = 300,
	/* Leases change by themselves; an address may have another name tomorrow. */
	NAMES_LEASE_TTL_S = 60,
	/* Of a file: long lists have a tenth of it, and who may write one shall not use all memory. */
	NAMES_MAX_OCTETS = 64 << 20,
	/* Names or addresses in one line; nobody means more, and a line is one turn's work. */
	NAMES_LINE_MAX = 64,
	/* Addresses of one family for a name; thousands of them would fit into no message. */
	NAMES_ADDRESSES_MAX = 64,
	/* A clock before 2020-01-01 was never set: routers have no battery. */
	NAMES_CLOCK_IS_SET_S = 1577836800,
};

/* One name with one address. */
struct named_address {
	struct name owner;    /* absolute, within the domain */
	struct slice address; /* 4 octets, or 16 */
	uint32_t ttl;
	const uint8_t *at; /* where the name stands in the text */
	bool is_alias;     /* a further name of the address: not the one for its PTR record */
	bool is_claimed;   /* somebody chose it for himself, as clients of DHCP do */
};

struct names_reading {
	/* Set by the caller. */
	const struct source *source; /* with a '\n' beyond its size (see lexer.h) */
	struct name domain;          /* of all names that are given */
	int64_t now_s;               /* wall clock, for leases */
	struct diag *diag;
	void (*add)(void *self, const struct named_address *n); /* borrows n for the call */
	void *self;
	/* Filled in. */
	int64_t expires_s; /* when the same text will first read otherwise because a lease is over;
			      0: never, or the clock was not set */
};

/*
 * Are there keys in it?  In each NAMES_PEERS, and where somebody names a WireGuard
 * configuration as another format by mistake.
 */
bool names_are_secret(enum names_format format, struct slice text);

/*
 * Reads the text and calls add for each name with each of its addresses, in
 * their order.  The same name may come with several addresses, an address with
 * several names, and both together more than once: to merge them is the
 * caller's.  Findings about a text with keys show no line and quote nothing; the
 * source need not say that it is secret.
 */
void names_read(struct names_reading *r, enum names_format format);

#endif
