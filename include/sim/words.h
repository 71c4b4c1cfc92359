/*
 * words.h -- what scripts and messages made of words have in common.
 */
#ifndef SIM_WORDS_H
#define SIM_WORDS_H

#include "base/word.h"

static inline bool word_begins(const struct word *w, const char *text)
{
	size_t n = strlen(text);

	return w->size >= n && memcmp(w->at, text, n) == 0;
}

/* What stands behind the first n octets of a word; needs that many. */
static inline struct word word_from(const struct word *w, size_t n)
{
	return (struct word){ w->at + n, w->size - (uint32_t)n, false };
}

/* Writes the octets that hexadecimal digits stand for; false where they are none, or half an octet. */
static inline bool word_hex(const struct word *w, struct writer *out)
{
	static const char digits[] = "0123456789abcdef";

	for (uint32_t i = 0; i + 1 < w->size; i += 2) {
		const char *high = memchr(digits, octet_folded[w->at[i]], 16);
		const char *low = memchr(digits, octet_folded[w->at[i + 1]], 16);

		if (!high || !low)
			return false;
		put_u8(out, (uint8_t)((high - digits) << 4 | (low - digits)));
	}
	return w->size % 2 == 0;
}

#endif
