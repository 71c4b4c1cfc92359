/*
 * special.h -- special-use domain names: names that never leave.
 *
 * Some names mean something only here, or nothing at all.  Whoever asks the
 * world for them gets no answer, and tells the world what is none of its
 * business.  So they are answered on the spot, as if each were a zone of ours
 * without records (RFC 6303 §3):
 *
 *	localhost                        the loopback addresses     RFC 6761 §6.3
 *	invalid test                     there is no such name      RFC 6761 §6.4, §6.2
 *	onion local alt internal         the same                   RFC 7686 §2, RFC 6762 §22.1,
 *	                                                            RFC 9476 §2
 *	home.arpa service.arpa           the same                   RFC 8375 §4, RFC 9665 §10
 *	resolver.arpa                    no data                    RFC 9462 §6.4
 *	private and local reverse zones  there is no such name      RFC 6303 §4, RFC 7793 §3
 *
 * A zone, or a route that somebody configured, goes before (serve/routes.h).
 */
#ifndef SERVE_SPECIAL_H
#define SERVE_SPECIAL_H

#include "dns/message.h"

enum special_kind {
	SPECIAL_EMPTY,     /* no name below the domain */
	SPECIAL_LOCALHOST, /* addresses for the domain and all names below */
	SPECIAL_POINTER,   /* the domain is a PTR to localhost */
	SPECIAL_NO_DATA,   /* every name, and no records */
};

/* One domain, or a row of them: `from` to `to`, labels "0", and the text. */
struct special {
	char text[30];
	uint8_t kind;      /* enum special_kind */
	bool signed_above; /* the public zone above proves that it is not signed: DS is asked there */
	uint8_t from, to; /* 0, 0: no such label */
	uint8_t zeros;    /* how many labels "0" */
};

extern const struct special specials[];
extern const size_t special_count;

/* A domain that a user wants answered here: "forward DOMAIN none". */
extern const struct special special_blocked;

/*
 * Writes the answer for q's type at a name in the domain: the RCODE.  `owner`
 * is a name that stands in the message or will stand there; both names must
 * live until the message is finished.  *fits is false when something that was
 * needed found no room.
 */
unsigned put_special(struct message *m, const struct special *s, struct name domain,
		     struct name owner, uint16_t type, bool *fits);

#endif
