/*
 * print.h -- takes a message apart and prints it, one line a record.
 *
 * A second reader of DNS messages, written apart from the program's own, so
 * that a mistake in one is not hidden by the same mistake in the other.  It is
 * stricter than a resolver: pointers lead backwards, only the types of RFC 1035
 * have compressed names in their RDATA (RFC 3597 §4), the counts are right and
 * no octet is left over.
 *
 *	NOERROR aa                          response code, then flags but QR
 *	an www.example. 300 A 192.0.2.1     answer (ns, ar: the other sections)
 *	opt 1232 do ede=20:"text"           what OPT says
 *	tsig key. alg. error=17
 */
#ifndef SUPPORT_PRINT_H
#define SUPPORT_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRINT_RECORDS = 6000, PRINT_TEXT = 1 << 20, PRINT_NAME = 1100 };

struct print_record {
	char section[3]; /* an, ns, ar */
	uint16_t type;
	const char *owner; /* as text */
	const char *line;  /* as printed, without the section and without the '\n' */
	size_t end;        /* the octet behind it in the message */
};

/* A message taken apart; valid until the next print_reply(). */
struct printed {
	const char *problem; /* why it is no message; NULL when it is one */
	uint16_t id, flags;
	unsigned rcode; /* all twelve bits */
	uint16_t count[4];
	size_t question_end;
	bool opt, tsig;
	size_t opt_size; /* octets of the OPT record */
	struct print_record records[PRINT_RECORDS];
	size_t record_count; /* OPT and TSIG not counted */
	char text[PRINT_TEXT];
};

const struct printed *print_reply(const uint8_t *octets, size_t size);

/* True when a record stands in this section ("an", "ns", "ar"), its line like this. */
bool print_has(const struct printed *p, const char *section, const char *line);

/* Writes a name, absolute and with \DDD escapes, as wire octets; how many, 0 when it is none. */
size_t print_name_octets(const char *text, uint8_t out[256]);

#endif
