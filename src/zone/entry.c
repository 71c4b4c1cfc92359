/*
 * entry.c -- entries of a zone file into records (RFC 1035 §5.1).
 *
 * An entry is a directive ("$" in front) or a record:
 *
 *	[owner] [TTL] [class] type RDATA      TTL and class in either order
 *
 * An error ends the entry, never the file: the next line is read as if nothing
 * had happened, so that one run shows what there is to mend.
 *
 * A record is taken from its words, and stored once the next one was taken: the
 * places in the zone's tables that it needs are fetched meanwhile.
 */
#include "dns/rdata.h"
#include "dns/ttl.h"
#include "zone/reading.h"

enum {
	WORD_SHOWN = 32, /* octets of a word in a message: enough to find it, no more */
	TELL_EVERY =
		16384, /* records: some milliseconds of work, on a router a tenth of a second */
};

/* ------ errors ------ */

static struct spot spot_of(struct reading *r, const struct word *at)
{
	const struct source *source = reading_level(r)->source;

	return r->generated ? (struct spot){ source, r->generated, 1 }
			    : (struct spot){ source, at->at, at->size };
}

void reading_error(struct reading *r, const struct word *at, const char *hint, const char *problem)
{
	char shown[WORD_SHOWN * 4 + 8];
	struct text text = text_init(shown, sizeof shown);

	text_put_escaped(&text, at->at, at->size, WORD_SHOWN);
	diag_report(r->zf->diag, SYNTAX_ERROR, spot_of(r, at), hint,
		    at->size ? "%s '%s'" : "%s%.0s", problem, shown);
}

static void report_words(struct reading *r, const struct words *w)
{
	if (w->problem)
		reading_error(r, &w->problem_at, w->hint, w->problem);
}

/* ------ names ------ */

/* A dot at the end makes a name absolute, unless an odd number of backslashes escapes it. */
static bool is_relative(const struct word *w)
{
	uint32_t before = w->size - 1;

	if (w->size == 0 || w->at[w->size - 1] != '.')
		return true;
	while (before > 0 && w->at[before - 1] == '\\')
		before--;
	return (w->size - 1 - before) % 2 == 1;
}

bool reading_name(struct reading *r, const struct word *w, struct name_buf *out)
{
	const struct level *l = reading_level(r);
	struct name origin = l->origin_known ? name_view(&l->origin) : name_root;
	const char *problem = name_parse(w->at, w->size, origin, out);

	if (w->quoted)
		problem = "a name does not stand in quotes:";
	if (!problem && !l->origin_known && is_relative(w))
		problem = "relative name, but the zone's origin is not known";
	if (!problem)
		return true;
	reading_error(r, w,
		      l->origin_known ? NULL
				      : "begin the file with $ORIGIN, or name the "
					"zone on the command line: ORIGIN=FILE",
		      problem);
	return false;
}

/* Out of the zone: passed over with a warning (docs/zone-format.md). */
static void warn_outside(struct reading *r, const struct word *at, struct name owner)
{
	char shown[NAME_MAX_TEXT], hint[DIAG_MESSAGE_SIZE];
	struct text text = text_init(shown, sizeof shown), zone = text_init(hint, sizeof hint);

	name_print(owner, &text);
	text_put(&zone, "names of this zone end in ");
	name_print(name_view(&r->zf->builder.origin), &zone);
	diag_report(r->zf->diag, (struct kind){ SEVERITY_WARNING, "out-of-zone" }, spot_of(r, at),
		    hint, "record of '%s' ignored (out of zone)", shown);
}

/* Has the place of a new owner fetched, if there is a zone. */
static void find_owner(struct reading *r, struct owner *o)
{
	const struct builder *b = &r->zf->builder;

	o->is_inside = r->zf->has_builder &&
		       name_is_within(name_view(&o->name), name_view(&b->origin));
	if (o->is_inside)
		builder_node_begin(b, name_view(&o->name), &o->probe);
}

static bool take_owner(struct reading *r, struct words *w, bool blank, struct owner *o)
{
	struct level *l = reading_level(r);

	o->is_new = false;
	if (blank && !l->owner_known)
		return words_fail_at(w, w->next,
				     "no owner name yet: a line that begins with a blank "
				     "belongs to the name above it, at");
	if (blank)
		return true;
	/* One by one, as they were written a moment ago: all at once would have to wait for them. */
	o->word.at = w->next->at;
	o->word.size = w->next->size;
	o->word.quoted = w->next->quoted;
	w->next++;
	if (o->word.quoted)
		return words_fail_at(w, &o->word, "an owner name does not stand in quotes");
	if (!r->generated && r->zf->has_builder && l->owner_known &&
	    r->owner_text.size == o->word.size &&
	    octets_equal_folded(r->owner_text.octets, o->word.at, o->word.size))
		return true;
	o->is_new = true;
	if (!reading_name(r, &o->word, &o->name))
		return false;
	find_owner(r, o);
	return true;
}

/* There is a zone, or it begins here: whoever has an owner has a zone, and with it an origin. */
static bool have_zone(struct reading *r, struct owner *o, uint16_t type)
{
	if (r->zf->has_builder)
		return true;
	if (type != TYPE_SOA) {
		reading_error(r, &o->word, "or name the zone on the command line: ORIGIN=FILE",
			      "the first record of a zone is its SOA record, not one of");
		return false;
	}
	if (!reading_start_zone(r, name_view(&o->name))) {
		reading_error(r, &o->word, NULL, "out of memory at");
		return false;
	}
	find_owner(r, o);
	return true;
}

/* The lines below may belong to it, or name it again. */
static void know_owner(struct reading *r, const struct owner *o)
{
	reading_level(r)->owner_known = true;
	r->owner_text = r->generated ? (struct slice){ 0 }
				     : (struct slice){ o->word.at, o->word.size };
	if (!o->is_inside)
		warn_outside(r, &o->word, name_view(&o->name));
}

/* ------ TTL ------ */

/* RFC 2308 §4: $TTL; before it RFC 1035 §5.1: the last stated one; else the SOA's MINIMUM. */
static bool settle_ttl(struct reading *r, struct words *w, struct heading *h, struct slice rdata)
{
	h->ttl_guessed = !h->ttl_stated && !r->default_ttl_known;
	if (h->ttl_stated) {
		r->last_ttl = h->ttl;
		r->last_ttl_known = true;
	} else if (r->default_ttl_known) {
		h->ttl = r->default_ttl;
	} else if (h->type == TYPE_SOA) {
		struct reader minimum = reader_init(rdata.octets + rdata.size - 4, 4);
		h->ttl = r->default_ttl = get_u32(&minimum) & TTL_MAX;
		r->default_ttl_known = true;
	} else if (r->last_ttl_known) {
		h->ttl = r->last_ttl;
		r->ttls_inherited = true;
	} else {
		w->hint = "begin the file with $TTL 1h";
		return words_fail_missing(w,
					  "no TTL: neither here nor in $TTL nor in a record above");
	}
	return true;
}

/* ------ records ------ */

static uint32_t place_of(const struct reading *r, const struct word *first)
{
	const struct source *s = r->stack[r->depth].source;
	const uint8_t *at = r->generated ? r->generated : first->at;

	return s->base + (uint32_t)(at - s->text);
}

/* Generated words stand without blanks: the same octets may be other words. */
static bool take_heading(struct reading *r, struct words *w, struct heading *h)
{
	return heading_take(r->generated ? NULL : &r->headings, w, h);
}

static bool take_rdata(struct reading *r, struct words *w, struct pending *p)
{
	struct writer out = writer_init(p->octets, sizeof p->octets);

	if (!rdata_parse(p->heading.row, w, name_view(&reading_level(r)->origin), &out))
		return false;
	builder_add_begin(&r->zf->builder, p->heading.type,
			  (struct slice){ p->octets, writer_size(&out) }, &p->rdata);
	return true;
}

/* False when there is nothing that could be stored: no owner, or no RDATA to come. */
static bool take_record(struct reading *r, struct words *w, bool blank_owner, struct pending *p)
{
	const struct word *first = w->next;

	if (!take_owner(r, w, blank_owner, &p->owner) || !take_heading(r, w, &p->heading) ||
	    !have_zone(r, &p->owner, p->heading.type))
		return false;
	p->at = first->at;
	p->place = place_of(r, first);
	/* An owner is one for the lines below, too, even when its own RDATA is bad. */
	bool is_good = take_rdata(r, w, p);
	if (p->owner.is_new)
		know_owner(r, &p->owner);
	p->is_good = is_good && settle_ttl(r, w, &p->heading, p->rdata.octets);
	return true;
}

/* Finds or makes the node of a new owner; the level remembers it. */
static bool settle_owner(struct reading *r, struct owner *o)
{
	struct level *l = reading_level(r);

	if (!o->is_new)
		return true;
	l->owner = o->is_inside ? builder_node_end(&r->zf->builder, &o->probe) : 0;
	if (l->owner != 0 || !o->is_inside)
		return true;
	reading_error(r, &o->word, NULL, "out of memory at");
	return false;
}

/* At the owner that the level has now. */
static void add_record(struct reading *r, struct pending *p)
{
	struct word here = { .at = p->at }; /* the entry as a whole: no word is at fault */
	uint32_t owner = reading_level(r)->owner;

	if (owner == 0)
		return; /* out of the zone: warned about already */
	if (r->layer && layer_covers(r, owner, p->heading.type))
		return;
	const char *problem =
		builder_add_end(&r->zf->builder, owner, p->heading.ttl, &p->rdata, p->place);
	if (problem)
		reading_error(r, &here, NULL, problem);
	else if (p->heading.ttl_guessed && r->untimed == 0)
		r->untimed = p->place + 1;
}

void reading_settle(struct reading *r)
{
	struct pending *p = r->waiting;

	r->waiting = NULL;
	if (p && settle_owner(r, &p->owner) && p->is_good)
		add_record(r, p);
}

void reading_record(struct reading *r, struct words *w, bool blank_owner)
{
	struct pending *p = r->taken;

	if (take_record(r, w, blank_owner, p)) {
		reading_settle(r); /* the one before */
		r->waiting = p;
		r->taken = p == r->pending ? r->pending + 1 : r->pending;
	}
	if (r->generated)
		reading_settle(r);
	report_words(r, w);
	if (++r->records % TELL_EVERY == 0 && r->zf->progress)
		reading_tell_progress(r);
}

/* ------ directives ------ */

static void origin_directive(struct reading *r, struct words *w)
{
	const struct word *word = words_take(w, "missing domain name after $ORIGIN");
	struct name_buf name;

	if (!word || (words_left(w) && !words_fail_at(w, w->next, "unexpected text after $ORIGIN")))
		return;
	if (!reading_name(r, word, &name))
		return;
	reading_level(r)->origin = name;
	reading_level(r)->origin_known = true;
	r->owner_text = (struct slice){ 0 };
}

static void ttl_directive(struct reading *r, struct words *w)
{
	const struct word *word = words_take(w, "missing time after $TTL");
	uint32_t ttl;

	if (!word || (words_left(w) && !words_fail_at(w, w->next, "unexpected text after $TTL")))
		return;
	if ((word->quoted && !words_fail_at(w, word, "a time does not stand in quotes:")) ||
	    !heading_take_ttl(w, word, &ttl))
		return;
	r->default_ttl = ttl;
	r->default_ttl_known = r->has_ttl_directive = true;
}

static const struct {
	char text[10];
	void (*run)(struct reading *r, struct words *w);
} directives[] = {
	{ "$ORIGIN", origin_directive },
	{ "$TTL", ttl_directive },
	{ "$INCLUDE", include_directive },
	{ "$GENERATE", generate_directive },
};

static void directive(struct reading *r, struct words *w)
{
	const struct word *word = w->next++;

	reading_settle(r);
	if (r->zf->has_builder && builder_failed(&r->zf->builder))
		return; /* memory ended: nothing is read any more */
	for (size_t i = 0; i < sizeof directives / sizeof directives[0]; i++) {
		if (word_is(word, directives[i].text)) {
			directives[i].run(r, w);
			report_words(r, w);
			return;
		}
	}
	reading_error(r, word, "there are $ORIGIN, $TTL, $INCLUDE and $GENERATE",
		      "unknown directive");
}

void reading_entry(struct reading *r)
{
	const struct word *last = &r->lx.words[r->lx.count - 1];
	struct words w;

	/* One by one: a whole structure is written by what takes long to get going. */
	w.next = r->lx.words;
	w.end = r->lx.words + r->lx.count;
	w.tail = last->at + last->size;
	w.problem = w.hint = NULL;
	if (!r->lx.blank_owner && !w.next->quoted && w.next->at[0] == '$')
		directive(r, &w);
	else
		reading_record(r, &w, r->lx.blank_owner);
}
