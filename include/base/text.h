/*
 * text.h -- a bounded piece of text under construction.
 *
 * Everything that people read (log lines, zone text, messages about errors)
 * is put together here.  A text never overflows: what does not fit is left
 * out and `full` is set.  The octets always end with a NUL, so text_str() may
 * be given to any function that wants a C string.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/octets.h"

#include <stdarg.h>

struct text {
	char *at;
	size_t size; /* of the buffer, the final NUL included */
	size_t used; /* characters written, without the NUL */
	bool full;   /* something was left out */
};

/* An empty text in buffer[0..size); needs size >= 1.  Keeps the buffer. */
struct text text_init(char *buffer, size_t size);

/* The text as a C string; lives as long as the buffer. */
const char *text_str(const struct text *t);

/* Appends; each leaves out what does not fit and sets full. */
void text_put(struct text *t, const char *s);
void text_put_octets(struct text *t, const void *s, size_t n);
void text_put_char(struct text *t, char c);
void text_put_u32(struct text *t, uint32_t v);
void text_put_u64(struct text *t, uint64_t v);
void text_put_hex(struct text *t, const uint8_t *octets, size_t n); /* upper case, RFC 4648 §8 */

/*
 * Appends like printf with a small alphabet: %s, %c, %d, %u, %x, %X, %o and %%,
 * `l` and `z` for longer ones, width, '-', '0', and the precision of %s.  A
 * negative number is not padded with zeros.  No more is needed, and the
 * libc's printf is ten times as large.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void text_format(struct text *t, const char *format, ...);

/* The same for arguments that another function was given; they stay good for it. */
void text_vformat(struct text *t, const char *format, va_list args);

/*
 * Takes the digits at the front of a C string off it: a number to this base, 10
 * or 16, of at most `most`.  False when there is none or it is larger; then
 * *s stays.
 */
bool text_take_number(const char **s, unsigned base, uint64_t most, uint64_t *out);

/*
 * Appends octets that came from outside so that no terminal and no log reader
 * is fooled: printable ASCII as it is, everything else as \DDD (RFC 1035
 * §5.1), at most `limit` octets of it, then "...".
 */
void text_put_escaped(struct text *t, const void *octets, size_t n, size_t limit);

/*
 * Appends a string of JSON (RFC 8259 §7), quotes included, ASCII whatever is in
 * it: octets above 126 are taken for ISO 8859-1, for zone files know no
 * character set.
 */
void text_put_json(struct text *t, const char *s);

#endif
