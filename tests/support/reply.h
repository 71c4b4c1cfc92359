/*
 * reply.h -- what is true of every reply: it is a message that can be read to its end.
 */
#ifndef SUPPORT_REPLY_H
#define SUPPORT_REPLY_H

#include "dns/message.h"

/* Looks at a record of a reply. */
typedef void reply_visit(void *self, enum section section, const struct record *rr);

/*
 * Reads a reply to this query, which has a header, and shows each record of it;
 * visit may be NULL.
 */
struct header reply_read(struct slice reply, struct slice query, reply_visit *visit, void *self);

#endif
