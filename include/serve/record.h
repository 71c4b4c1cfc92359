/*
 * record.h -- writes RRsets of a sealed zone into a message.
 */
#ifndef SERVE_RECORD_H
#define SERVE_RECORD_H

#include "dns/message.h"
#include "dns/rrtype.h"
#include "zone/image.h"

/* The owner of an RRset in a message. */
struct owner {
	struct name name;
	uint16_t offset; /* where the name stands already, or 0 */
};

/*
 * Writes all records of an RRset with this TTL.  An RRset goes in whole or not
 * at all (RFC 2181 §5): false when it does not fit, the message then is as it
 * was.  owner->offset is filled in.
 */
MUST_USE bool put_rrset(struct message *m, const struct image *z, struct owner *owner,
			const struct rrset *set, uint32_t ttl, enum section section);

#endif
