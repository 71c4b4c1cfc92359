/*
 * lint_fix.c -- what may be mended without asking: edits for findings.
 *
 * Only where the meaning is certain.  An entry is touched when it is known where
 * it begins and ends; none that $GENERATE makes, none of a file that is read for
 * something else as well, and nothing that other records depend on.
 */
#include "base/line.h"
#include "zone/fix.h"
#include "zone/linting.h"

enum {
	LINES_ABOVE = 1000, /* blank ones and comments that are looked at above an entry */
};

/* ------ entries ------ */

/* An entry of the text: its words are in the lexer. */
struct entry {
	const struct source *source;
	const uint8_t *start, *end; /* whole lines, the last newline included */
	size_t type;                /* the word that is the type */
};

/* An entry begins where its line does, unless a parenthesis stands alone on a line above. */
static bool begins_with_line(const struct source *s, const uint8_t *start)
{
	for (unsigned i = 0; i < LINES_ABOVE && start > s->text; i++) {
		const uint8_t *p, *end = start - 1;

		for (start = end; start > s->text && start[-1] != '\n';)
			start--;
		for (p = start; p < end && octet_is_blank(*p);)
			p++;
		if (p < end && *p != ';')
			return *p != '(' && (*p != ')' || !memchr(p, '(', (size_t)(end - p)));
	}
	return start == s->text;
}

/* Finds the entry of a record, if it may be changed. */
static bool find_entry(struct lint *l, const struct builder_record *r, struct entry *e)
{
	const uint8_t *at;

	if (!l->fixes)
		return false;
	e->source = sources_find(l->sources, r->place, &at);
	if (!at || !l->fixes->may_change(l->fixes->self, e->source))
		return false;
	for (e->start = at; e->start > e->source->text && e->start[-1] != '\n';)
		e->start--;
	if (!begins_with_line(e->source, e->start) || !lint_read_entry(l, e->source, e->start) ||
	    l->lx.words[0].at != at)
		return false;
	const uint8_t *limit = e->source->text + e->source->size;
	e->end = l->lx.pos < limit ? l->lx.pos : limit;
	e->type = lint_type_word(l, !l->lx.blank_owner);
	return e->type < l->lx.count;
}

/* The n-th word of the data. */
static const struct word *data_word(const struct lint *l, const struct entry *e, int n)
{
	size_t i = e->type + 1 + (size_t)n;

	return i < l->lx.count ? &l->lx.words[i] : NULL;
}

static void add_edit(struct lint *l, const struct entry *e, const uint8_t *at, size_t size,
		     const char *with)
{
	fixes_add(l->fixes, e->source->base + (uint32_t)(at - e->source->text), size, with);
}

/* So many records at a name that they are not all compared: then none is changed. */
static bool has_many(const struct lint *l, uint32_t node)
{
	unsigned n = 0;

	for (const struct builder_record *r = builder_first(l->b, node); r && n <= LINT_FEW;
	     r = builder_after(l->b, r))
		n++;
	return n > LINT_FEW;
}

/* ------ missing-dot ------ */

/* Is a word, taken as it stands, this name?  One label alone may be meant as it is. */
static bool is_written(const struct word *w, struct name name)
{
	struct name_buf named;

	return w && memchr(w->at, '.', w->size) && !name_parse(w->at, w->size, name_root, &named) &&
	       name_equal(name_view(&named), name);
}

/* Have two nodes records of one type with different TTLs? */
static bool differ_in_ttl(const struct lint *l, uint32_t node, uint32_t other)
{
	for (const struct builder_record *r = builder_first(l->b, node); r;
	     r = builder_after(l->b, r))
		for (const struct builder_record *o = builder_first(l->b, other); o;
		     o = builder_after(l->b, o))
			if (o->type == r->type && o->ttl != r->ttl)
				return true;
	return false;
}

/* Nothing that is there already contradicts the records of a node at the name that they mean. */
static bool has_place(const struct lint *l, uint32_t node, struct name meant)
{
	uint32_t to;
	enum found found = lint_seek(l, meant, &to);
	unsigned from = builder_node_at(l->b, node)->flags;

	if (found != THERE)
		return found != ELSEWHERE;
	return !((from | builder_node_at(l->b, to)->flags) & NODE_CNAME) && !(from & NODE_DNAME) &&
	       (!(from & NODE_CUT) || to == l->b->apex) && !has_many(l, to) &&
	       !differ_in_ttl(l, node, to);
}

/* Looks at, or edits, each word that names the owner of a node; false when one is in doubt. */
static bool walk_owner_words(struct lint *l, uint32_t node, struct name meant, bool edit)
{
	struct entry e;
	bool named = false;

	for (const struct builder_record *r = builder_first(l->b, node); r;
	     r = builder_after(l->b, r)) {
		if (!find_entry(l, r, &e))
			return false;
		if (l->lx.blank_owner)
			continue;
		const struct word *w = &l->lx.words[0];
		if (!is_written(w, meant))
			return false;
		if (edit)
			add_edit(l, &e, w->at + w->size, 0, ".");
		named = true;
	}
	return named;
}

static bool is_owner_certain(struct lint *l, uint32_t node, struct name meant)
{
	return !has_many(l, node) && has_place(l, node, meant) &&
	       walk_owner_words(l, node, meant, false);
}

/* All records of a name go together, or none. */
void lint_fix_owner(struct lint *l, struct name meant)
{
	if (l->fixes && !lint_lacks_dot(l, meant) && is_owner_certain(l, l->node, meant))
		(void)walk_owner_words(l, l->node, meant, true);
}

/* A name that stands twice and yet is there, by whatever way, may be meant. */
static bool is_nobody(struct lint *l, struct name name, struct name meant)
{
	uint32_t node = builder_find(l->b, name);

	return !node || !builder_first(l->b, node) || is_owner_certain(l, node, meant);
}

void lint_fix_target(struct lint *l, const struct builder_record *r, int word, struct name name,
		     struct name meant)
{
	const struct word *w;
	struct entry e;

	if (!l->fixes || lint_lacks_dot(l, meant) || !is_nobody(l, name, meant) ||
	    !find_entry(l, r, &e))
		return;
	w = data_word(l, &e, word);
	if (is_written(w, meant))
		add_edit(l, &e, w->at + w->size, 0, ".");
}

/* ------ ttl-differs, duplicate ------ */

/* The entry of a record that an earlier one has said: both stand in one text, each by itself. */
static bool find_later_entry(struct lint *l, const struct builder_record *first,
			     const struct builder_record *r, struct entry *e)
{
	struct entry earlier;

	return l->fixes && !l->facts->ttls_inherited && !has_many(l, l->node) &&
	       find_entry(l, first, &earlier) && find_entry(l, r, e) && earlier.source == e->source;
}

void lint_fix_ttl(struct lint *l, const struct builder_record *first,
		  const struct builder_record *r)
{
	char digits[FIX_WITH + 1];
	struct text out = text_init(digits, sizeof digits);
	struct entry e;

	if (!find_later_entry(l, first, r, &e))
		return;
	text_put_u32(&out, first->ttl);
	for (size_t i = !l->lx.blank_owner; i < e.type; i++) {
		const struct word *w = &l->lx.words[i];

		if (w->at[0] >= '0' && w->at[0] <= '9')
			add_edit(l, &e, w->at, w->size, digits);
	}
}

/* What somebody wrote beside a record does not go with it. */
static bool has_comment(const struct lint *l, const struct entry *e)
{
	const uint8_t *at = e->start;

	for (size_t i = 0; i < l->lx.count; i++) {
		const struct word *w = &l->lx.words[i];

		if (memchr(at, ';', (size_t)(w->at - at)))
			return true;
		at = w->at + w->size;
	}
	return memchr(at, ';', (size_t)(e->end - at));
}

/* Is the owner that an entry names also that of the next one, in this file or an included one? */
static bool is_owner_used(struct lint *l, const struct entry *e)
{
	const uint8_t *at = e->end;

	while (lint_read_entry(l, e->source, at)) {
		if (l->lx.blank_owner || word_is(&l->lx.words[0], "$INCLUDE"))
			return true;
		if (l->lx.words[0].quoted || l->lx.words[0].at[0] != '$')
			return false;
		at = l->lx.pos;
	}
	return false;
}

void lint_fix_duplicate(struct lint *l, const struct builder_record *first,
			const struct builder_record *r)
{
	struct entry e;

	if (find_later_entry(l, first, r, &e) && !has_comment(l, &e) &&
	    (l->lx.blank_owner || !is_owner_used(l, &e)))
		add_edit(l, &e, e.start, (size_t)(e.end - e.start), "");
}

/* ------ soa-mail ------ */

/*
 * Is a mail address complete, with a dot at its end?  One that ends in the zone's
 * name, the dot forgotten, becomes so; to what others are relative nobody knows.
 */
static bool complete_mail(struct lint *l, const struct entry *e, const struct word *w,
			  const uint8_t *domain, struct name mail)
{
	const uint8_t *end = w->at + w->size;
	struct name_buf name;

	if (!name_parse(w->at, w->size, name_root, &name) && name_equal(name_view(&name), mail))
		return true;
	if (name_parse(domain, (size_t)(end - domain), name_root, &name) ||
	    !name_is_within(name_view(&name), name_view(&l->b->origin)))
		return false;
	add_edit(l, e, end, 0, ".");
	return true;
}

/* first.last@example.com. is the name first\.last.example.com. (RFC 1035 §8) */
void lint_fix_mail(struct lint *l, const struct builder_record *r, struct name mail)
{
	const struct word *w;
	struct entry e;

	if (!find_entry(l, r, &e) || !(w = data_word(l, &e, 1)))
		return;
	const uint8_t *end = w->at + w->size, *sign = memchr(w->at, '@', w->size);
	if (!sign || sign == w->at || sign - w->at > LABEL_MAX_SIZE || sign[-1] == '.' ||
	    sign[-1] == '\\' || sign + 1 == end || sign[1] == '.' ||
	    memchr(sign + 1, '@', (size_t)(end - sign - 1)) ||
	    !complete_mail(l, &e, w, sign + 1, mail))
		return;
	for (const uint8_t *p = w->at; p < sign; p++) {
		if (*p == '\\')
			p++;
		else if (*p == '.')
			add_edit(l, &e, p, 0, "\\");
	}
	add_edit(l, &e, sign, 1, ".");
}

/* ------ txt-spf ------ */

/* Does another text of the node begin as an SPF record? */
static bool is_second(const struct lint *l, const struct builder_record *r)
{
	for (const struct builder_record *other = builder_first(l->b, l->node); other;
	     other = builder_after(l->b, other))
		if (other != r && other->type == TYPE_TXT && other->size > 6 &&
		    memcmp(other->stored + 1, "v=spf1", 6) == 0)
			return true;
	return false;
}

/*
 * v=spf1 mx -all, words without quotes that only blanks part: as it is, it is no SPF
 * record at all, and there is one way to read it.  Strings in quotes are left
 * alone: one may end in the middle of a term, because it has 255 octets at most.
 */
void lint_fix_spf(struct lint *l, const struct builder_record *r)
{
	const struct word *w, *last;
	struct entry e;

	if (!find_entry(l, r, &e) || !(w = data_word(l, &e, 0)) || is_second(l, r))
		return;
	last = &l->lx.words[l->lx.count - 1];
	if (w->size != strlen("v=spf1") || last->at + last->size - w->at > UINT8_MAX)
		return;
	for (const struct word *x = w; x <= last; x++) {
		if (memchr(x->at, '\\', x->size))
			return;
		for (const uint8_t *p = x->at + x->size; x < last && p < x[1].at; p++)
			if (*p != ' ') /* a quote, say */
				return;
	}
	add_edit(l, &e, w->at, 0, "\"");
	add_edit(l, &e, last->at + last->size, 0, "\"");
}
