/*
 * field.h -- the kinds of fields that RDATA is made of.
 *
 * About fifty kinds cover all types.  Each kind is three functions: one parses
 * words of a zone file into wire octets, one prints, which is the way back, and
 * one skips: it moves a reader past the field and checks it on the way; of most
 * numbers and addresses the size says as much.  Which they are: dns/field_rows.h.
 * Odd formats (LOC, APL, SvcParams, type bitmaps) are one kind each.
 */
#ifndef DNS_FIELD_H
#define DNS_FIELD_H

#include "base/text.h"
#include "base/word.h"
#include "dns/name.h"

enum field {
	FIELD_END,  /* no further field */
	FIELD_NAME, /* a domain name that may be compressed: RFC 1035's types only (RFC 3597 §4) */
	FIELD_NAME_PLAIN, /* a domain name that is never compressed */

	/* Numbers. */
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64, /* in text also as two halves with a dot between them (IPN) */
	FIELD_TTL, /* 32 bits, in text also with units (1h30m) */

	/* Addresses. */
	FIELD_IP4,
	FIELD_IP6,
	FIELD_LOCATOR, /* 64 bits in four groups of hex digits, RFC 6742 */
	FIELD_EUI48,   /* RFC 7043 §3.2 */
	FIELD_EUI64,   /* RFC 7043 §4.2 */
	FIELD_NSAP,    /* RFC 1706 §7 */
	FIELD_ATMA,    /* ATM addresses: af-dans-0152 */
	FIELD_APL,     /* address prefixes up to the end, RFC 3123 */
	FIELD_A6,      /* the whole RDATA of A6, RFC 2874 §3.1 */
	FIELD_WKS,     /* protocol and bitmap of ports, RFC 1035 §3.4.2 */

	/* Text and octets. */
	FIELD_STRING,          /* one <character-string> */
	FIELD_STRING_OPTIONAL, /* one <character-string> or nothing (ISDN) */
	FIELD_STRINGS,         /* one or more, up to the end of the RDATA */
	FIELD_DECIMAL,         /* a <character-string> that is a number, without quotes (GPOS) */
	FIELD_TEXT,   /* octets up to the end of the RDATA, one string in text (CAA, URI) */
	FIELD_TAG,    /* letters and digits, RFC 8659 §4.1 */
	FIELD_HEX,    /* one octet or more up to the end */
	FIELD_BASE64, /* one octet or more up to the end */
	FIELD_BASE64_OPTIONAL, /* any number of octets up to the end (SINK) */
	FIELD_BASE64_OR_DASH,  /* the same, "-" for none (DOA) */
	FIELD_OPAQUE,          /* octets up to the end, in text only as \# (RFC 3597) */

	/* DNSSEC and digests. */
	FIELD_TYPE,        /* 16 bits, a type's mnemonic in text */
	FIELD_ALGORITHM,   /* 8 bits, in text also a mnemonic, RFC 4034 appendix A.1 */
	FIELD_CERT_TYPE,   /* 16 bits, in text also a mnemonic, RFC 4398 §2.1 */
	FIELD_SCHEME,      /* 8 bits, in text also a mnemonic, RFC 9859 */
	FIELD_TIME,        /* 32 bits, YYYYMMDDHHmmSS in text, RFC 4034 §3.2 */
	FIELD_TYPES,       /* bitmap of types up to the end, RFC 4034 §4.1.2 */
	FIELD_TYPES_OLD,   /* bitmap of the types below 128, RFC 2535 §5.2 */
	FIELD_DIGEST,      /* digest type and digest up to the end, RFC 4034 §5.1 */
	FIELD_FINGERPRINT, /* the same for SSHFP, RFC 4255 §3.1 */
	FIELD_ZONE_DIGEST, /* the same for ZONEMD, RFC 8976 §2.2 */
	FIELD_SALT,        /* length and octets, hex or "-" in text, RFC 5155 §3.3 */
	FIELD_HASH,        /* length and octets, base32hex in text, RFC 5155 §3.3 */
	FIELD_KEY,         /* the whole RDATA of KEY, which may have no key, RFC 2535 §3 */

	/* Formats of one type. */
	FIELD_LOC,        /* RFC 1876 */
	FIELD_IPSECKEY,   /* RFC 4025 */
	FIELD_AMTRELAY,   /* RFC 8777 §4.2 */
	FIELD_HIP,        /* RFC 8005 §5 */
	FIELD_SVC_PARAMS, /* RFC 9460 §2 */
	FIELD_KINDS
};

static inline bool field_is_name(uint8_t kind)
{
	return kind == FIELD_NAME || kind == FIELD_NAME_PLAIN;
}

/*
 * All of these need a kind from a row of the type table, and stop at the first failure, which
 * sticks in words or reader.
 */

/* Takes the words of a field and writes wire octets; false with in->problem or out->full set. */
bool field_parse(uint8_t kind, struct words *in, struct name origin, struct writer *out);

/*
 * Reads a field and prints it.  What is well formed but cannot be said in the kind's text
 * form sets in->bad as well: the record is then printed as \#.
 */
void field_print(uint8_t kind, struct reader *in, struct text *out);

/* Moves past a field; in->bad when it is not well formed. */
void field_skip(uint8_t kind, struct reader *in);

#endif
