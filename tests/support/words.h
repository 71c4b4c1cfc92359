/*
 * words.h -- a small lexer for tests of what takes words.
 *
 * Splits one line at blanks; quotes hold blanks together, a backslash keeps
 * the next character from meaning anything, parentheses count as blanks, and a
 * semicolon starts a comment.  The lexer of the program is above the floor of
 * these tests; this one knows as much of it as RDATA needs.
 */
#ifndef SUPPORT_WORDS_H
#define SUPPORT_WORDS_H

#include "base/word.h"

enum { WORDS_MAX = 70000 };

/* Words of text[0..size), which must outlive them; false when a quote is never closed. */
bool words_split(const uint8_t *text, size_t size, struct words *out);

/* The same for a C string, copied to end at a guard page. */
bool words_of(const char *text, struct words *out);

#endif
