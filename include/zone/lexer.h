/*
 * lexer.h -- a zone file as entries of words (RFC 1035 §5.1).
 *
 * An entry is a line, or several where parentheses join them.  The lexer knows
 * blanks, comments, quotes, backslashes and parentheses, and nothing of what
 * the words mean.  Words are views on the text; only a word in which octets
 * were escaped still holds its backslashes.
 *
 *	www 300 IN TXT ( "a b" ; first
 *	                 c\;d )          ->  www  300  IN  TXT  "a b"  c\;d
 */
#ifndef ZONE_LEXER_H
#define ZONE_LEXER_H

#include "base/diag.h"
#include "base/word.h"

enum {
	/* RDATA of 65535 octets in strings of one octet each needs 32768 words. */
	LEXER_MAX_WORDS = 66000,
};

struct lexer {
	const struct source *source;
	const uint8_t *pos; /* next octet */
	const uint8_t *end; /* of the source: a '\n' stands there, beyond its size */
	bool has_more;      /* the text goes on; the end is one of a line, or where we are */
	struct word *words; /* of the current entry; owned */
	size_t count;
	size_t room;
	bool blank_owner; /* the entry began with a blank: its owner is the last one */
	bool failed;      /* memory ended; sticks */
};

/*
 * Starts at the beginning of a source; the word buffer is kept from earlier use.  Who has not
 * all of the text sets `end` and `has_more`.
 */
void lexer_start(struct lexer *lx, const struct source *source);

/*
 * Reads the next entry that has words.  False at the end of the text, in front of
 * an entry that is not whole where there is more, and when there are so many errors
 * (DIAG_HOPELESS) that the rest is of no interest.  A broken entry (quotes or
 * parentheses left open, forbidden octets) is reported and passed over.
 */
bool lexer_next(struct lexer *lx, struct diag *d);

void lexer_free(struct lexer *lx);

#endif
