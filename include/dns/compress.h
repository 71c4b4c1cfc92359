/*
 * compress.h -- name compression for one message (RFC 1035 §4.1.4).
 *
 * Each name that is written leaves its suffixes behind: "www.example.com."
 * at offset 40 can later serve as www.example.com., example.com. (44) or
 * com. (52).  Suffixes hang in buckets by their size and the last letter of their first
 * label, in which ns1 and ns2 differ, so that a name is compared with few others; a
 * bucket is searched COMPRESS_SEARCH entries deep, the table holds COMPRESS_ENTRIES, and
 * a name beyond that goes out in full: correct, and bounded work.
 *
 * The table borrows the octets of the names; they must stay as they are until
 * the message is finished.
 */
#ifndef DNS_COMPRESS_H
#define DNS_COMPRESS_H

#include "dns/name.h"

enum {
	COMPRESS_ENTRIES = 96,     /* about thirty names of three labels */
	COMPRESS_BUCKETS = 64,     /* few enough to be cleared for each message */
	COMPRESS_SEARCH = 16,      /* comparisons for one suffix at most */
	COMPRESS_OFFSETS = 0x4000, /* a pointer has 14 bits */
	COMPRESS_QUESTION = 12,    /* where the question's name stands: behind the header */
};

struct compressor {
	struct name question; /* stands at offset 12; octets NULL when there is none */
	uint8_t count;        /* entries in use */
	bool ready; /* buckets are cleared and know the question: not before a name needs them */
	uint8_t bucket[COMPRESS_BUCKETS]; /* the newest entry + 1, or 0 */
	struct {
		const uint8_t *octets; /* the whole suffix, uncompressed */
		uint16_t offset;       /* where it stands in the message */
		uint8_t size;
		uint8_t bucket;
		uint8_t next; /* older entry of the same bucket + 1, or 0 */
	} entries[COMPRESS_ENTRIES];
};

/* Empties the table.  Cheap: a message without compressible names never fills it. */
static inline void compressor_init(struct compressor *c)
{
	c->question = (struct name){ NULL, 0 };
	c->count = 0;
	c->ready = false;
}

/* Forgets all but the first `count` entries: the way back of a writer's rewind. */
void compressor_rewind(struct compressor *c, uint8_t count);

/* Writes n with the longest suffix that is known replaced by a pointer. */
void put_name_compressed(struct writer *w, struct compressor *c, struct name n);

#endif
