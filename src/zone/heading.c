/*
 * heading.c -- what stands between the owner of a record and its RDATA.
 */
#include "zone/heading.h"
#include "dns/ttl.h"

/* ------ from its words ------ */

bool heading_take_ttl(struct words *w, const struct word *word, uint32_t *ttl)
{
	const char *problem = NULL;

	if (!ttl_parse(word->at, word->size, ttl, &problem))
		return words_fail_at(w, word, problem);
	if (*ttl > TTL_MAX)
		return words_fail_at(w, word, "TTL larger than 2147483647:");
	return true;
}

/* What nearly every class is, found without a search. */
static bool is_in(const struct word *word)
{
	return word->size == 2 && (word->at[0] | 0x20) == 'i' && (word->at[1] | 0x20) == 'n';
}

/* True when the word was a class; only IN makes a zone here. */
static bool take_class(struct words *w, const struct word *word, bool *seen)
{
	uint16_t class = CLASS_IN;

	if (*seen || !(is_in(word) || rrclass_parse(word->at, word->size, &class)))
		return false;
	*seen = true;
	if (class != CLASS_IN)
		words_fail_at(w, word, "zones are served in class IN only, not");
	return true;
}

static bool take_type(struct words *w, const struct word *word, struct heading *h)
{
	if (!rrtype_parse(word->at, word->size, &h->type))
		return words_fail_at(w, word, "unknown record type");
	h->row = rrtype_find(h->type);
	if (h->row->flags & RRTYPE_META || h->type == 0)
		return words_fail_at(w, word, "no zone has records of type");
	return true;
}

/* [TTL] [class] in either order, each at most once, then the type. */
static bool parse_heading(struct words *w, struct heading *h)
{
	bool class_seen = false;

	h->ttl_stated = false;
	for (;;) {
		const struct word *word = words_take(w, "missing record type");

		if (!word)
			return false;
		if (word->quoted)
			return words_fail_at(w, word,
					     "TTL, class and type do not stand in quotes:");
		if (!h->ttl_stated && word->at[0] >= '0' && word->at[0] <= '9') {
			h->ttl_stated = true;
			if (!heading_take_ttl(w, word, &h->ttl))
				return false;
		} else if (!take_class(w, word, &class_seen)) {
			return take_type(w, word, h);
		} else if (w->problem) {
			return false;
		}
	}
}

/* ------ read before ------ */

/* Octets of so many words, with what stands between them. */
static size_t text_size(const struct word *first, uint32_t words)
{
	const struct word *last = first + words - 1;

	return (size_t)(last->at + last->size - first->at);
}

/* The same octets make the same words. */
static bool is_seen(const struct seen_heading *s, const struct words *w)
{
	return s->words > 0 && s->words <= words_left(w) &&
	       text_size(w->next, s->words) == s->size &&
	       octets_equal(w->next->at, s->text, s->size);
}

/* Mostly it is the same one again.  NULL when there is none. */
static const struct seen_heading *recall(struct headings *seen, const struct words *w)
{
	for (size_t i = 0; i < HEADINGS_SEEN; i++, seen->last++) {
		const struct seen_heading *s = &seen->at[seen->last % HEADINGS_SEEN];

		if (is_seen(s, w))
			return s;
	}
	return NULL;
}

/* In the place behind the one that was read last. */
static void remember(struct headings *seen, const struct word *first, uint32_t words,
		     const struct heading *h)
{
	size_t size = text_size(first, words);

	if (size > HEADING_MAX_SEEN)
		return;
	struct seen_heading *s = &seen->at[++seen->last % HEADINGS_SEEN];
	s->size = (uint32_t)size;
	s->words = words;
	s->heading = *h;
	memcpy(s->text, first->at, size);
}

bool heading_take(struct headings *seen, struct words *w, struct heading *h)
{
	const struct word *first = w->next;

	/* What is in quotes is wrong, and its octets would not show them. */
	if (words_left(w) == 0 || first->quoted)
		seen = NULL;
	const struct seen_heading *known = seen ? recall(seen, w) : NULL;
	if (known) {
		w->next += known->words;
		*h = known->heading;
		return true;
	}
	if (!parse_heading(w, h))
		return false;
	if (seen)
		remember(seen, first, (uint32_t)(w->next - first), h);
	return true;
}
