/*
 * svc_keys.h -- the service parameters of SVCB and HTTPS records (RFC 9460 §14.3.2).
 *
 * One row for each key: how its value is read from text, checked on the wire
 * and printed.  A key without a row is opaque octets.  For
 * src/dns/field_svcb.c only, which puts parameters together.
 */
#ifndef DNS_SVC_KEYS_H
#define DNS_SVC_KEYS_H

#include "dns/field_kinds.h"

enum { SVC_MANDATORY = 0, SVC_DOHPATH = 7 };

struct svc_key {
	char name[21];
	/* May a value be missing ("alpn" alone)?  Keys without parse must not have one. */
	bool value_optional;
	/* Writes the value of w; the reason when it is not well formed. */
	const char *(*parse)(const struct word *w, struct writer *out);
	bool (*check)(struct slice value);
	void (*print)(struct slice value, struct text *out);
};

/* The row of a key, or NULL. */
const struct svc_key *svc_key_find(uint16_t key);

/* "alpn" or "key1"; *by_number tells which.  False when the text is no key. */
bool svc_key_parse(const uint8_t *text, size_t size, uint16_t *key, bool *by_number);

void svc_key_print(uint16_t key, struct text *out);

#endif
