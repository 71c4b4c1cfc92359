/*
 * lexer.c -- a zone file as entries of words.
 *
 * The text ends with a newline that is not part of it, so no loop needs to look for the
 * end: every one of them stops at a newline.  Where words may end is worked out as bits of
 * one number, for a line at a time where that is quick: a loop for each word would end where
 * nobody can guess.
 */
#include "zone/lexer.h"

#include <stdlib.h>

enum octet_class {
	PLAIN,  /* part of a word */
	ESCAPE, /* the same, with the octets behind it */
	BLANK,
	NEWLINE,
	RETURN,    /* a blank, but only before a newline */
	SPECIAL,   /* ; ( ) " */
	FORBIDDEN, /* NUL: no text has it */
};

/* clang-format off */
static const uint8_t class_of[256] = {
	[0] = FORBIDDEN, ['\t'] = BLANK, [' '] = BLANK, ['\n'] = NEWLINE, ['\r'] = RETURN,
	[';'] = SPECIAL, ['('] = SPECIAL, [')'] = SPECIAL, ['"'] = SPECIAL, ['\\'] = ESCAPE,
};
/* clang-format on */

/* Octets that are looked at together. */
enum { WINDOW = BITS_ARE_QUICK ? 64 : 16 };

/* The state of one entry. */
struct entry {
	unsigned depth;            /* open parentheses: a counter, not recursion */
	const uint8_t *open;       /* the outermost of them */
	const uint8_t *problem_at; /* first thing wrong, or NULL */
	const char *problem;
};

/* What was looked at last. */
struct window {
	const uint8_t *at;
	const uint8_t *end; /* nothing is known yet of what follows */
	uint64_t ends;      /* a bit for each octet that may end a word */
};

void lexer_start(struct lexer *lx, const struct source *source)
{
	lx->source = source;
	lx->pos = source->text;
	lx->end = source->text + source->size;
	lx->has_more = false;
}

void lexer_free(struct lexer *lx)
{
	free(lx->words);
	*lx = (struct lexer){ 0 };
}

static void fail(struct entry *e, const uint8_t *at, const char *problem)
{
	if (!e->problem) {
		e->problem_at = at;
		e->problem = problem;
	}
}

static bool at_end(const struct lexer *lx)
{
	return lx->pos >= lx->end;
}

static bool grow(struct lexer *lx, struct entry *e)
{
	size_t room = lx->room ? lx->room * 2 : 64;
	struct word *words = NULL;

	if (room > LEXER_MAX_WORDS)
		room = LEXER_MAX_WORDS;
	if (lx->count == LEXER_MAX_WORDS) {
		fail(e, lx->pos, "more words in one entry than any record can have");
		return false;
	}
	words = realloc(lx->words, room * sizeof *words);
	if (!words) {
		lx->failed = true;
		fail(e, lx->pos, "out of memory");
		return false;
	}
	lx->words = words;
	lx->room = room;
	return true;
}

static void add_word(struct lexer *lx, struct entry *e, const uint8_t *at, bool quoted)
{
	if (lx->count == lx->room && !grow(lx, e))
		return;
	lx->words[lx->count++] = (struct word){ at, (uint32_t)(lx->pos - at), quoted };
}

/* For octets that are passed over without a look at each. */
static void refuse_nul(struct entry *e, const uint8_t *from, const uint8_t *to)
{
	const uint8_t *nul = memchr(from, '\0', (size_t)(to - from));

	if (nul)
		fail(e, nul, "NUL octet in text");
}

/* Passes a backslash and what it escapes; a line cannot end in one. */
static void pass_escape(struct lexer *lx, struct entry *e)
{
	if (lx->pos[1] == '\n' || lx->pos[1] == '\r') {
		fail(e, lx->pos, "bad \\DDD escape: a backslash ends the line");
		lx->pos++;
		return;
	}
	refuse_nul(e, lx->pos + 1, lx->pos + 2);
	lx->pos += 2;
}

/* Octet after octet, because what would end the word may be escaped. */
static void escaped_word(struct lexer *lx, struct entry *e)
{
	const uint8_t *at = lx->pos;

	while (class_of[*lx->pos] <= ESCAPE) {
		if (*lx->pos == '\\')
			pass_escape(lx, e);
		else
			lx->pos++;
	}
	add_word(lx, e, at, false);
}

/* The last octets of a text are looked at one by one, and the newline behind it not at all. */
static inline void open_window(const struct lexer *lx, struct window *w, const uint8_t *p)
{
	size_t left = (size_t)(lx->end - p);

	w->at = p;
	w->end = p + (left < WINDOW ? left + 1 : WINDOW);
	w->ends = left < WINDOW ? (uint64_t)1 << left : 0;
	for (size_t i = 0; left >= WINDOW && i < WINDOW; i += 16)
		w->ends |= (uint64_t)(bits_below(p + i, ')' + 1) | bits_equal(p + i, ';')) << i;
	for (size_t i = 0; left < WINDOW && i < left; i++)
		w->ends |= (uint64_t)(class_of[p[i]] > ESCAPE) << i;
}

/* The first octet from p on that may end a word: at the latest that newline. */
static inline const uint8_t *find_end(const struct lexer *lx, struct window *w, const uint8_t *p)
{
	for (;; p = w->end) {
		if (p >= w->end)
			open_window(lx, w, p);
		uint64_t ends = w->ends >> (p - w->at);

		if (ends != 0)
			return p + first_bit(ends);
	}
}

/*
 * Takes words and blanks, which is all that most lines have; the class of what follows: something
 * else, or a word that has to be looked at more closely.  An escape matters here only where a
 * backslash stands in front of what ends words.
 */
static inline enum octet_class plain_words(struct lexer *lx, struct window *w)
{
	const uint8_t *p = lx->pos;
	enum octet_class class = class_of[*p];
	struct word *words = lx->words;
	size_t count = lx->count;
	const size_t room = lx->room;

	for (;;) {
		while (class == BLANK)
			class = class_of[*++p];
		if (class > ESCAPE || count == room)
			break;
		const uint8_t *end = p;
		while ((class = class_of[*(end = find_end(lx, w, end))]) <= ESCAPE)
			end++;
		if (end[-1] == '\\') {
			class = ESCAPE;
			break;
		}
		words[count++] = (struct word){ p, (uint32_t)(end - p), false };
		p = end;
	}
	lx->count = count;
	lx->pos = p;
	return class;
}

static void quoted_word(struct lexer *lx, struct entry *e)
{
	const uint8_t *at = ++lx->pos;

	while (*lx->pos != '"' && *lx->pos != '\n') {
		if (*lx->pos != '\\')
			lx->pos++;
		else
			pass_escape(lx, e);
	}
	if (*lx->pos != '"') {
		fail(e, at - 1, "quoted string is not closed on its line");
		return;
	}
	refuse_nul(e, at, lx->pos);
	add_word(lx, e, at, true);
	lx->pos++;
}

static void skip_comment(struct lexer *lx, struct entry *e)
{
	const uint8_t *newline = memchr(lx->pos, '\n', (size_t)(lx->end - lx->pos) + 1);

	refuse_nul(e, lx->pos, newline);
	lx->pos = newline;
}

static void special(struct lexer *lx, struct entry *e)
{
	switch (*lx->pos) {
	case ';':
		skip_comment(lx, e);
		return;
	case '"':
		quoted_word(lx, e);
		return;
	case '(':
		if (e->depth++ == 0)
			e->open = lx->pos;
		break;
	default:
		if (e->depth == 0)
			fail(e, lx->pos, "')' without '('");
		else
			e->depth--;
		break;
	}
	lx->pos++;
}

/* A newline, or the end of the text: true when the entry ends with it. */
static bool ends_entry(struct lexer *lx, struct entry *e)
{
	lx->pos++;
	if (e->depth > 0 && at_end(lx) && !lx->has_more)
		fail(e, e->open, "'(' is never closed");
	return e->depth == 0 || at_end(lx);
}

/* What is neither word nor blank nor the end. */
static void rare_octet(struct lexer *lx, struct entry *e, enum octet_class class)
{
	if (class == SPECIAL) {
		special(lx, e);
		return;
	}
	if (class == FORBIDDEN)
		fail(e, lx->pos, "NUL octet in text");
	else if (lx->pos[1] != '\n')
		fail(e, lx->pos, "carriage return inside a line");
	lx->pos++;
}

/* Reads up to the newline that ends the entry, or the end of the text. */
static void read_entry(struct lexer *lx, struct entry *e)
{
	struct window w = { .end = lx->pos };

	for (;;) {
		enum octet_class class = plain_words(lx, &w);

		if (class <= ESCAPE)
			escaped_word(lx, e);
		else if (class != NEWLINE)
			rare_octet(lx, e, class);
		else if (ends_entry(lx, e))
			return;
	}
}

/* Its loops are short: where they lie among the lines of a processor's cache is a tenth of a load. */
#if defined(__GNUC__)
__attribute__((aligned(32)))
#endif
bool
lexer_next(struct lexer *lx, struct diag *d)
{
	struct entry e = { .depth = 0 };

	while (!at_end(lx) && d->errors <= DIAG_HOPELESS) {
		const uint8_t *start = lx->pos;

		lx->count = 0;
		lx->blank_owner = class_of[*lx->pos] == BLANK;
		read_entry(lx, &e);
		if (e.depth > 0 && lx->has_more) {
			lx->pos = start;
			return false;
		}
		if (e.problem) {
			diag_report(d, SYNTAX_ERROR, (struct spot){ lx->source, e.problem_at, 1 },
				    NULL, "%s", e.problem);
			e = (struct entry){ .depth = 0 };
			continue;
		}
		if (lx->count > 0)
			return true;
	}
	return false;
}
