/*
 * rrtype.h -- the record types: one row each.
 *
 * A row names the type and the fields of its RDATA in wire order.  The fields
 * (dns/field.h) know how they are read from text, printed, and measured on the
 * wire; so a new plain type is one line in dns/rrtype_rows.h and a test
 * (docs/adding-a-type.md).  A type without a row is an opaque run of octets
 * (RFC 3597).
 */
#ifndef DNS_RRTYPE_H
#define DNS_RRTYPE_H

#include "base/octets.h"
#include "base/text.h"

/* Types that the server itself has to know by name. */
enum {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_PTR = 12,
	TYPE_MX = 15,
	TYPE_TXT = 16,
	TYPE_KEY = 25,
	TYPE_AAAA = 28,
	TYPE_NXT = 30,
	TYPE_SRV = 33,
	TYPE_DNAME = 39,
	TYPE_OPT = 41,
	TYPE_DS = 43,
	TYPE_RRSIG = 46,
	TYPE_NSEC = 47,
	TYPE_DNSKEY = 48,
	TYPE_NSEC3 = 50,
	TYPE_TLSA = 52,
	TYPE_SMIMEA = 53,
	TYPE_SVCB = 64,
	TYPE_HTTPS = 65,
	TYPE_TKEY = 249,
	TYPE_TSIG = 250,
	TYPE_IXFR = 251,
	TYPE_AXFR = 252,
	TYPE_MAILB = 253,
	TYPE_MAILA = 254,
	TYPE_ANY = 255,
	TYPE_TA = 32768, /* the first type that is not in the lower table */
	TYPE_DLV = 32769,
};

enum {
	CLASS_IN = 1,
	CLASS_CH = 3,
	CLASS_HS = 4,
	CLASS_NONE = 254,
	CLASS_ANY = 255,
};

enum rrtype_flag {
	/* A question only, or a part of the protocol: never a record of a zone. */
	RRTYPE_META = 1,
	/* Addresses of the name in the RDATA go into the additional section. */
	RRTYPE_ADDITIONAL = 2,
	/* May stand beside a CNAME (RFC 4034 §3 and §4, RFC 2181 §10.1). */
	RRTYPE_BESIDE_CNAME = 4,
	/* At most one record in the RRset: CNAME, DNAME, SOA. */
	RRTYPE_SINGLE = 8,
};

enum { RRTYPE_FIELDS = 10, RRTYPE_TEXT = 11, RRTYPE_MAX_NAMES = 2 /* of the fields */ };

struct rrtype {
	uint16_t code;
	uint16_t hint;                 /* for rrtype_hint() */
	uint8_t flags;                 /* enum rrtype_flag */
	uint8_t fields[RRTYPE_FIELDS]; /* enum field, ended by FIELD_END */
	char text[RRTYPE_TEXT];        /* mnemonic; empty in the row of unknown types */
};

/* The row of a type; types without one get the row of opaque octets.  Never NULL. */
const struct rrtype *rrtype_find(uint16_t code);

/* "as in: MX 10 mail.example.com."; NULL for the row of unknown types. */
const char *rrtype_hint(const struct rrtype *type);

/* True when its RDATA has names that may be compressed: types of RFC 1035 only (RFC 3597 §4). */
bool rrtype_may_compress(const struct rrtype *type);

/* "MX", "mx" or "TYPE15" (RFC 3597 §5).  False, and *code as it was, for what names no type. */
MUST_USE bool rrtype_parse(const uint8_t *text, size_t size, uint16_t *code);

/* Appends the mnemonic, or TYPEnnn where there is none. */
void rrtype_print(uint16_t code, struct text *out);

/* "IN", "ch" or "CLASS3" (RFC 3597 §5).  False, and *code as it was, for what names no class. */
MUST_USE bool rrclass_parse(const uint8_t *text, size_t size, uint16_t *code);

/* Appends the mnemonic, or CLASSnnn where there is none. */
void rrclass_print(uint16_t code, struct text *out);

#endif
