/*
 * message.h -- the frame of a DNS message (RFC 1035 §4).
 *
 *	+------------+  12 octets: id, flags, four counts
 *	|   header   |
 *	+------------+  name, type, class: what is asked
 *	|  question  |
 *	+------------+  records that answer
 *	|   answer   |
 *	+------------+  records that point to an authority, or prove a "no"
 *	| authority  |
 *	+------------+  records that save the next question; OPT and TSIG too
 *	| additional |
 *	+------------+
 *
 * Reading is done with a reader and get_header, get_question, get_record;
 * writing with a `struct message`, which is a writer that counts records, knows
 * the names written so far, and can go back to a mark, so that an RRset goes
 * in whole or not at all (RFC 2181 §5).
 */
#ifndef DNS_MESSAGE_H
#define DNS_MESSAGE_H

#include "dns/compress.h"
#include "dns/name.h"

enum {
	HEADER_SIZE = 12,
	MESSAGE_MAX_SIZE = 65535, /* by TCP, RFC 1035 §4.2.2 */
	MESSAGE_UDP_SIZE = 512,   /* by UDP without EDNS, RFC 1035 §4.2.1 */
	RECORD_FIXED_SIZE = 10,   /* type, class, TTL, RDLENGTH */
};

enum header_flag {
	FLAG_QR = 0x8000, /* this is a response */
	FLAG_AA = 0x0400, /* authoritative answer */
	FLAG_TC = 0x0200, /* truncated */
	FLAG_RD = 0x0100, /* recursion desired */
	FLAG_RA = 0x0080, /* recursion available */
	FLAG_AD = 0x0020, /* authentic data, RFC 4035 §3.2.3 */
	FLAG_CD = 0x0010, /* checking disabled, RFC 4035 §3.1.6 */
	OPCODE_SHIFT = 11,
	OPCODE_MASK = 0x7800,
	RCODE_MASK = 0x000f,
};

enum opcode {
	OPCODE_QUERY = 0,
	OPCODE_NOTIFY = 4, /* RFC 1996 */
	OPCODE_UPDATE = 5, /* RFC 2136 */
};

enum rcode {
	RCODE_NOERROR = 0,
	RCODE_FORMERR = 1,
	RCODE_SERVFAIL = 2,
	RCODE_NXDOMAIN = 3,
	RCODE_NOTIMP = 4,
	RCODE_REFUSED = 5,
	RCODE_YXDOMAIN = 6,
	RCODE_NOTAUTH = 9,
	RCODE_BADVERS = 16, /* twelve bits: the upper eight go into OPT, RFC 6891 §6.1.3 */
};

enum section { SECTION_QUESTION, SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL };

struct header {
	uint16_t id;
	uint16_t flags;
	uint16_t count[4]; /* by enum section */
};

struct question {
	struct name name; /* lives as long as the message it was read from */
	uint16_t type;
	uint16_t class;
};

struct record {
	struct name_buf owner;
	uint16_t type;
	uint16_t class;
	uint32_t ttl;
	struct reader rdata; /* exactly RDLENGTH octets */
};

/* The mnemonic of a response code ("NXDOMAIN"), or NULL (RFC 6895 §2.3). */
const char *rcode_text(unsigned rcode);

/* Each reads one part and moves past it; false, r bad and no use of the part when it is not whole. */
bool get_header(struct reader *r, struct header *h);
bool get_question(struct reader *r, struct question *q); /* RFC 1035 §4.1.2 */
bool get_record(struct reader *r, struct record *rr);    /* RFC 1035 §4.1.3 */

/* A message being written. */
struct message {
	struct writer w;
	struct compressor names;
	uint16_t count[4]; /* by enum section */
};

/* A place to go back to: before records that have not been counted. */
struct message_mark {
	uint8_t *pos;
	uint8_t names;
};

/* Starts a message in octets[0..size), the header's room left free; needs size >= HEADER_SIZE. */
void message_init(struct message *m, uint8_t *octets, size_t size);

static inline struct message_mark message_mark(const struct message *m)
{
	return (struct message_mark){ m->w.pos, m->names.count };
}

/* Forgets what was written after the mark; m->w is no longer full. */
void message_rewind(struct message *m, struct message_mark mark);

/* Writes the question as it was asked, octet for octet (RFC 4343, and 0x20 clients need it). */
void put_question(struct message *m, const struct question *q);

/*
 * Writes owner, type, class and TTL of a record, leaves room for RDLENGTH and
 * returns its place (NULL when full).  end_record() fills it in and counts the
 * record, unless the message is full.
 */
uint8_t *begin_record(struct message *m, struct name owner, uint16_t type, uint16_t class,
		      uint32_t ttl);
void end_record(struct message *m, uint8_t *rdlength, enum section section);

/* Writes the header into its room: the last step. */
void message_finish(struct message *m, uint16_t id, uint16_t flags);

static inline size_t message_size(const struct message *m)
{
	return writer_size(&m->w);
}

#endif
