/*
 * field_kinds.h -- the kinds of fields, seen from inside: for src/dns/field*.c only.
 *
 * A parse function takes words from `in` and puts octets to `out`.  It stops
 * with words_fail_at() and false; an output that is too small sticks in
 * out->full and is found by rdata_parse(), so it is tested here only where a
 * place to write to is kept.
 */
#ifndef DNS_FIELD_KINDS_H
#define DNS_FIELD_KINDS_H

#include "base/number.h"
#include "dns/field.h"

/* What the kinds can do; some share a function. */
#define ROW(kind, parse, print, skip)                                                       \
	bool field_parse_##parse(struct words *in, struct name origin, struct writer *out); \
	void field_print_##print(struct reader *in, struct text *out);                      \
	void field_skip_##skip(struct reader *in);
#define SIZED(kind, parse, print, size)                                                     \
	bool field_parse_##parse(struct words *in, struct name origin, struct writer *out); \
	void field_print_##print(struct reader *in, struct text *out);
#include "dns/field_rows.h"

static inline bool is_digit(uint8_t c)
{
	return (uint8_t)(c - '0') <= 9;
}

/* The octets that a reader has left, all taken. */
inline struct slice reader_rest(struct reader *r)
{
	size_t n = reader_left(r);

	return (struct slice){ reader_take(r, n), r->bad ? 0 : n };
}

/* ------ words (field.c) ------ */

/* The next word, which may not be quoted, so is not empty; NULL with in->problem set. */
const struct word *field_word(struct words *in, const char *missing);

/* The word before the next one; needs a word that was taken. */
static inline const struct word *field_last(const struct words *in)
{
	return in->next - 1;
}

/* The next word as a number of at most max. */
bool field_number(struct words *in, uint64_t max, uint64_t *value);

/*
 * The next word as a number of at most max or as a name from a list of numbers
 * and names, "1 PKIX 2 SPKI", the case of letters aside.
 */
bool field_mnemonic(struct words *in, const char *list, uint64_t max, const char *unknown,
		    uint64_t *value);

/* ------ strings (field_string.c) ------ */

/*
 * The octet at w->at[*at] with its escape undone (RFC 1035 §5.1); moves *at
 * past it.  Needs *at < w->size.  False at a bad escape.
 */
bool unescape(const struct word *w, size_t *at, uint8_t *octet);

/* Writes a word's octets, escapes undone. */
bool field_put_text(struct words *in, const struct word *w, struct writer *out);

/* Appends octets for use between quotes: unescape() gives them back. */
void print_escaped(const uint8_t *octets, size_t n, struct text *out);
void print_quoted(struct slice s, struct text *out);

/* ------ encoded octets (field_encoded.c) ------ */

/* All words that are left as hex digits or base64; one octet at least. */
bool field_put_hex(struct words *in, struct writer *out);
bool field_put_base64(struct words *in, struct writer *out);

/* One word as base64. */
bool field_put_base64_word(struct words *in, const struct word *w, struct writer *out);

/* ------ service parameters ------ */

/* True for a relative URI template with the variable "dns" (RFC 9461 §5). */
bool dohpath_is_valid(struct slice path);

#endif
