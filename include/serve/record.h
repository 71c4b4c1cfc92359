/*
 * record.h -- writes records into a message: RRsets of a sealed zone, and
 * single records that came from elsewhere.
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

/* A record of no zone of ours.  RDATA is in wire form, its names in full. */
struct foreign_record {
	struct name owner;
	uint16_t type;
	uint32_t ttl;
	struct slice rdata;
};

/*
 * Writes it and tells where in the message its RDATA begins; m->w.full when it
 * does not fit.  Its octets are borrowed by the message.
 */
size_t put_foreign(struct message *m, const struct foreign_record *r, enum section section);

#endif
