/*
 * identity.h -- questions about the server itself, in class CHAOS.
 *
 * version.bind. and version.server., hostname.bind. and id.server. (RFC 4892),
 * each a TXT record.  Silent unless configured: what runs here is nobody's
 * business by default.
 */
#ifndef SERVE_IDENTITY_H
#define SERVE_IDENTITY_H

#include "dns/message.h"

enum { IDENTITY_MAX = 255 /* octets: one character-string */ };

struct identity {
	const char *version; /* or NULL: refused */
	const char *server;  /* name of this server, also sent as NSID (RFC 5001); or NULL */
};

/* Writes the TXT record that answers q; false when there is none: REFUSED. */
MUST_USE bool put_identity(struct message *m, const struct identity *id, const struct question *q);

#endif
