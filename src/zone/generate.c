/*
 * generate.c -- $GENERATE: one line, many records (BIND's directive).
 *
 *	$GENERATE 1-9/2  host-${0,3,d}  A  10.0.0.$
 *
 * In every word of the template
 *
 *	$                       becomes the number of the step
 *	${OFFSET[,WIDTH[,BASE]]}  number plus offset, padded with zeros, in base
 *	                        d, o, x, X, or n and N: hex digits backwards with
 *	                        dots between, as ip6.arpa wants them
 *	\$ and $$               become a dollar sign
 *
 * Steps are counted before the first is made, so a line costs what it gives.
 */
#include "zone/reading.h"

#include <stdlib.h>

enum {
	MAX_WORDS = 64,        /* of one template */
	TEXT_SIZE = 16 * 1024, /* of one generated record */
	MAX_NUMBER = 2147483647,
};

struct range {
	uint32_t start, stop, step;
};

/* A number in decimal; moves *p.  False when there is none, or it is too large. */
static bool take_number(const uint8_t **p, const uint8_t *end, uint32_t *value)
{
	const uint8_t *start = *p;
	uint64_t v = 0;

	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++) {
		v = v * 10 + (uint64_t)(**p - '0');
		if (v > MAX_NUMBER)
			return false;
	}
	*value = (uint32_t)v;
	return *p > start;
}

static bool take_octet(const uint8_t **p, const uint8_t *end, uint8_t octet)
{
	if (*p == end || **p != octet)
		return false;
	(*p)++;
	return true;
}

/* START-STOP[/STEP] */
static bool parse_range(struct words *w, const struct word *word, struct range *range)
{
	const uint8_t *p = word->at, *end = word->at + word->size;

	range->step = 1;
	if (word->quoted || !take_number(&p, end, &range->start) || !take_octet(&p, end, '-') ||
	    !take_number(&p, end, &range->stop) ||
	    (take_octet(&p, end, '/') && !take_number(&p, end, &range->step)) || p != end ||
	    range->step == 0 || range->start > range->stop)
		return words_fail_at(w, word,
				     "invalid range (START-STOP or START-STOP/STEP, at "
				     "most 2147483647)");
	if ((range->stop - range->start) / range->step >= ZONEFILE_MAX_GENERATE)
		return words_fail_at(w, word, "$GENERATE of more steps than 65536:");
	return true;
}

/* ------ one number ------ */

struct modifier {
	int64_t offset;
	uint32_t width;
	uint8_t base;
};

/* What stands between the braces of ${...}; p is behind the opening one. */
static bool parse_modifier(const uint8_t **p, const uint8_t *end, struct modifier *m)
{
	bool negative = take_octet(p, end, '-');
	uint32_t offset;

	*m = (struct modifier){ .base = 'd' };
	if (!take_number(p, end, &offset))
		return false;
	m->offset = negative ? -(int64_t)offset : (int64_t)offset;
	if (take_octet(p, end, ',')) {
		if (!take_number(p, end, &m->width) || m->width > ZONEFILE_MAX_WIDTH)
			return false;
		if (take_octet(p, end, ',')) {
			if (*p == end || **p == '\0' || !strchr("doxXnN", **p))
				return false;
			m->base = *(*p)++;
		}
	}
	return take_octet(p, end, '}');
}

static void put_number(struct text *out, uint64_t value, const struct modifier *m)
{
	unsigned radix = m->base == 'd' ? 10 : m->base == 'o' ? 8 : 16;
	const char *symbols = m->base == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	char digits[ZONEFILE_MAX_WIDTH + 24];
	size_t n = sizeof digits;

	do
		digits[--n] = symbols[value % radix];
	while ((value /= radix) != 0);
	while (sizeof digits - n < m->width)
		digits[--n] = '0';
	text_put_octets(out, digits + n, sizeof digits - n);
}

/* Hex digits from the last to the first, dots between; width counts both. */
static void put_nibbles(struct text *out, uint64_t value, const struct modifier *m)
{
	const char *symbols = m->base == 'N' ? "0123456789ABCDEF" : "0123456789abcdef";
	uint32_t width = m->width;

	do {
		text_put_char(out, symbols[value & 15]);
		value >>= 4;
		width -= width > 0;
		if (width > 0 || value != 0) {
			text_put_char(out, '.');
			width -= width > 0;
		}
	} while (value != 0 || width > 0);
}

/* The dollar sign at p - 1 and what belongs to it. */
static bool expand_dollar(const uint8_t **p, const uint8_t *end, uint32_t step, struct text *out)
{
	struct modifier m = { .base = 'd' };

	if (take_octet(p, end, '$')) {
		text_put(out, "$");
		return true;
	}
	if (take_octet(p, end, '{') && !parse_modifier(p, end, &m))
		return false;
	int64_t value = (int64_t)step + m.offset;
	if (value < 0 || value > MAX_NUMBER) /* BIND counts in an int */
		return false;
	if (m.base == 'n' || m.base == 'N')
		put_nibbles(out, (uint64_t)value, &m);
	else
		put_number(out, (uint64_t)value, &m);
	return true;
}

static bool expand_word(const struct word *word, uint32_t step, struct text *out)
{
	const uint8_t *p = word->at, *end = word->at + word->size;

	while (p < end) {
		uint8_t octet = *p++;

		if (octet == '$') {
			if (!expand_dollar(&p, end, step, out))
				return false;
		} else if (octet == '\\' && p < end) {
			text_put_char(out, '\\'); /* whoever reads the record undoes it */
			text_put_char(out, (char)*p++);
		} else {
			text_put_char(out, (char)octet);
		}
	}
	return true;
}

/* ------ all steps ------ */

/* The template with this step's number filled in, as words in `buffer`. */
static bool expand(struct words *w, uint32_t step, char *buffer, struct word *words)
{
	struct text out = text_init(buffer, TEXT_SIZE);
	size_t i = 0;

	for (const struct word *word = w->next; word < w->end; word++, i++) {
		size_t start = out.used;

		if (!expand_word(word, step, &out)) {
			w->hint = "as in: $ ${OFFSET} ${OFFSET,WIDTH} ${OFFSET,WIDTH,BASE}, "
				  "width at most 255, base one of d o x X n N";
			return words_fail_at(w, word, "invalid use of $ in $GENERATE");
		}
		if (out.full)
			return words_fail_at(w, word, "$GENERATE of a record too long, from");
		words[i] = *word;
		words[i].at = (const uint8_t *)buffer + start;
		words[i].size = (uint32_t)(out.used - start);
	}
	return true;
}

static void run_steps(struct reading *r, struct words *w, const struct range *range)
{
	struct word words[MAX_WORDS];
	char *buffer = malloc(TEXT_SIZE);
	unsigned errors = r->zf->diag->errors;
	size_t count = words_left(w);
	uint64_t step = range->start;

	const struct level before =
		*reading_level(r); /* the next blank owner is not a generated one */
	r->generated = w->next->at;
	if (!buffer)
		words_fail_at(w, w->next, "out of memory at");
	/* The first step that fails tells enough: the others would say the same. */
	for (; buffer && step <= range->stop && r->zf->diag->errors == errors;
	     step += range->step) {
		if (!expand(w, (uint32_t)step, buffer, words))
			break;
		struct words record = { .next = words, .end = words + count };
		record.tail = words[count - 1].at + words[count - 1].size;
		reading_record(r, &record, false);
	}
	r->generated = NULL;
	reading_level(r)->owner = before.owner;
	reading_level(r)->owner_known = before.owner_known;
	free(buffer);
}

void generate_directive(struct reading *r, struct words *w)
{
	const struct word *word = words_take(w, "missing range after $GENERATE");
	struct range range;

	if (!word || !parse_range(w, word, &range))
		return;
	if (words_left(w) < 3) {
		words_fail_missing(w, "$GENERATE needs an owner, a type and record data");
		return;
	}
	if (words_left(w) > MAX_WORDS) {
		words_fail_at(w, w->next + MAX_WORDS, "$GENERATE with more than 64 words, from");
		return;
	}
	run_steps(r, w, &range);
}
