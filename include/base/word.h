/*
 * word.h -- the words of a text file: what a lexer hands to a parser.
 *
 * A word is a view on the text it was found in, escapes and all; where it
 * stands (line and column) is worked out from the address only when somebody
 * has to be told (base/diag.h).  A parser takes words one after the other and
 * stops at the first that it cannot accept; the reason and the place stay in
 * the cursor, ready to become `file:line:col: error: ...`.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

#include "base/octets.h"

struct word {
	const uint8_t *at; /* lives as long as the text */
	uint32_t size;
	bool quoted; /* stood in "..."; the quotes are not part of the word */
};

struct words {
	const struct word *next;
	const struct word *end;
	const uint8_t *tail; /* just behind the last word: where a missing one should stand */

	const char *problem;    /* why the parser stopped; NULL while all is well */
	struct word problem_at; /* the word that was not accepted; size 0: one is missing */
	const char *hint;       /* what would be right, or NULL */
};

static inline size_t words_left(const struct words *w)
{
	return (size_t)(w->end - w->next);
}

/* Stops at this word for this reason (a constant string); the first reason stays.  False. */
static inline bool words_fail_at(struct words *w, const struct word *at, const char *problem)
{
	if (!w->problem) {
		w->problem = problem;
		w->problem_at = *at;
	}
	return false;
}

/* As words_fail_at, for a word that is not there. */
static inline bool words_fail_missing(struct words *w, const char *problem)
{
	struct word nothing = { .at = w->tail };

	return words_fail_at(w, &nothing, problem);
}

/* The next word, or NULL (and the reason "missing ...") when there is none. */
static inline const struct word *words_take(struct words *w, const char *missing)
{
	if (w->next == w->end) {
		words_fail_missing(w, missing);
		return NULL;
	}
	return w->next++;
}

/* True when the word is this text, the case of letters aside; never for a quoted word. */
static inline bool word_is(const struct word *w, const char *text)
{
	size_t n = strlen(text);

	return !w->quoted && w->size == n && octets_equal_folded(w->at, (const uint8_t *)text, n);
}

#endif
