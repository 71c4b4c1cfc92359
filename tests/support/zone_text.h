/*
 * zone_text.h -- a zone from a text in the test: read, checked, sealed, printed.
 *
 * What was found is kept as the first lines of the findings, one a line:
 *
 *	zone:2:5: error: unknown record type 'X'
 */
#ifndef SUPPORT_ZONE_TEXT_H
#define SUPPORT_ZONE_TEXT_H

#include "support/memory_files.h"
#include "zone/seal.h"
#include "zone/zonefile.h"

struct zone_text {
	struct memory_files memory;
	struct files files;
	struct diag diag;
	struct zonefile zf;
	uint8_t *octets; /* the image, NULL: the zone was refused */
	size_t size;
	struct image z;
	struct finding last; /* its texts are gone; place, width and severity are there */
	char last_hint[256];
	char findings[32 * 1024];
	struct text found;
	char printed[256 * 1024];
};

/* The line that zone_text_body() puts in front; it has the origin example. and a TTL. */
#define ZONE_TEXT_SOA "@ 3600 SOA ns root 1 2 3 4 5\n"

/* A new one with the file "zone" in it (borrowed); more can be added to t->memory. */
struct zone_text *zone_text_new(const char *text, size_t size);
void zone_text_free(struct zone_text *t);

/* Reads "zone" with this origin (NULL: none given); the result is in t. */
void zone_text_read(struct zone_text *t, const char *origin);

/* The same in one go, for a C string with origin example. */
struct zone_text *zone_text(const char *text);

/* Text with ZONE_TEXT_SOA as its line 1. */
struct zone_text *zone_text_body(const char *body);

/* All records but the SOA, one a line: OWNER TTL TYPE RDATA; lives as long as t. */
const char *zone_text_print(struct zone_text *t);

/* Compares, and says which rule was broken. */
void expect_text(const char *rule, const char *got, const char *expected);

/* A body under ZONE_TEXT_SOA must make these records, without a finding. */
void expect_records(const char *rule, const char *body, const char *records);

/* A body under ZONE_TEXT_SOA must make these findings. */
void expect_findings(const char *rule, const char *body, const char *findings);

#endif
