/*
 * examples.h -- an example of each record type that has a row, as text and as octets.
 *
 * Made of the table itself (dns/rrtype_rows.h), so a new row is in the
 * dictionaries and in the hands of the mutator from its first day.
 */
#ifndef FUZZ_EXAMPLES_H
#define FUZZ_EXAMPLES_H

#include "dns/rrtype.h"

enum {
	EXAMPLES_MAX = 128,
	EXAMPLE_SIZE = 128, /* octets of RDATA; the longest is an RRSIG's or a HIP's */
};

struct example {
	uint16_t type;
	uint16_t size;
	const char *text; /* "MX 10 mail.example.com." */
	uint8_t rdata[EXAMPLE_SIZE];
};

/* All of them, by number of type; they stay. */
const struct example *examples(size_t *count);

#endif
