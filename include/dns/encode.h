/*
 * encode.h -- base16, base32hex and base64 (RFC 4648 §8, §7 and §4).
 *
 * The decoders are fed a word at a time, because zone files break long values
 * over several words; what is left between words is kept in the state.
 */
#ifndef DNS_ENCODE_H
#define DNS_ENCODE_H

#include "base/octets.h"
#include "base/text.h"

struct decoder {
	uint32_t bits;   /* read but not yet written, right-aligned */
	uint8_t count;   /* how many bits those are */
	uint8_t symbols; /* symbols in the current group */
	uint8_t padding; /* '=' signs seen; nothing else may follow */
};

/* Each decodes some characters; false at one that is not in the alphabet. */
MUST_USE bool decode_hex(struct decoder *d, const uint8_t *text, size_t size, struct writer *out);
MUST_USE bool decode_base32hex(struct decoder *d, const uint8_t *text, size_t size,
			       struct writer *out);
MUST_USE bool decode_base64(struct decoder *d, const uint8_t *text, size_t size,
			    struct writer *out);

/* True when the text may end here: no half octet, padding right, unused bits zero. */
MUST_USE bool decode_hex_done(const struct decoder *d);
MUST_USE bool decode_base32hex_done(const struct decoder *d); /* unpadded, as NSEC3 writes it */
MUST_USE bool decode_base64_done(const struct decoder *d);

void encode_base32hex(struct text *out, const uint8_t *octets, size_t n); /* no padding */
void encode_base64(struct text *out, const uint8_t *octets, size_t n);    /* with padding */

#endif
