/*
 * check.c -- what a zone may not be, looked for when all records are in.
 */
#include "zone/check.h"
#include "zone/rrsets.h"

struct check {
	struct builder *b;
	const struct sources *sources;
	struct diag *d;
	uint32_t node;             /* being looked at */
	char owner[NAME_MAX_TEXT]; /* its name, when an error needs it */
	char type[16];             /* and a type */
	struct rrsets rrsets;      /* of a name that has much */
};

const struct source *sources_find(const struct sources *s, uint32_t place, const uint8_t **at)
{
	size_t i = s->count - 1;

	while (i > 0 && s->at[i].base > place)
		i--;
	*at = source_is_there(&s->at[i]) ? s->at[i].text + (place - s->at[i].base) : NULL;
	return &s->at[i];
}

static const char *owner_text(struct check *c)
{
	struct text out = text_init(c->owner, sizeof c->owner);
	struct name_buf name;

	builder_name(c->b, c->node, &name);
	name_print(name_view(&name), &out);
	return c->owner;
}

static const char *type_text(struct check *c, uint16_t type)
{
	struct text out = text_init(c->type, sizeof c->type);

	rrtype_print(type, &out);
	return c->type;
}

/* The line of a record, for the middle of a sentence; 0 when the sentence is not shown. */
static uint32_t record_line(const struct check *c, const struct builder_record *r)
{
	const uint8_t *at;

	if (!diag_tells(c->d, SEVERITY_ERROR))
		return 0;
	const struct source *source = sources_find(c->sources, r->place, &at);
	return at ? diag_line(c->d, source, at) : 0;
}

static struct spot spot_of(const struct check *c, const struct builder_record *r)
{
	struct spot spot = { .width = 1 };

	if (diag_tells(c->d, SEVERITY_ERROR))
		spot.source = sources_find(c->sources, r->place, &spot.at);
	return spot;
}

#if defined(__GNUC__)
__attribute__((format(printf, 5, 6)))
#endif
static void
report(struct check *c, const char *id, const struct builder_record *r, const char *hint,
       const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vreport(c->d, (struct kind){ SEVERITY_ERROR, id }, spot_of(c, r), hint, format, args);
	va_end(args);
}

/* The first record of each kind that matters at one name, and what all of them take at most. */
struct facts {
	const struct builder_record *cname, *dname, *soa, *other;
	size_t octets;
};

/* RFC 1035 §5.2, RFC 2181 §10.1, RFC 6672 §2.4: these types stand alone in their RRset. */
static void check_single(struct check *c, const struct builder_record **kept,
			 const struct builder_record *r)
{
	if (!*kept) {
		*kept = r;
		return;
	}
	if (r->type == TYPE_SOA)
		report(c, "two-soas", r, NULL,
		       "second SOA record at '%s' (the first is on line %u)", owner_text(c),
		       record_line(c, *kept));
	else if (!builder_same_record(c->b, *kept, r))
		report(c, "two-aliases", r, NULL,
		       "second %s record at '%s' (the first is on line %u)", type_text(c, r->type),
		       owner_text(c), record_line(c, *kept));
}

static void note_record(struct check *c, struct facts *f, const struct builder_record *r)
{
	f->octets += RECORD_MIN_SIZE + r->size + (size_t)RECORD_MAX_GROWTH;
	switch (r->type) {
	case TYPE_CNAME:
		check_single(c, &f->cname, r);
		break;
	case TYPE_DNAME:
		check_single(c, &f->dname, r);
		break;
	case TYPE_SOA:
		check_single(c, &f->soa, r);
		break;
	default:
		break;
	}
	if (!f->other && r->type != TYPE_CNAME &&
	    !(rrtype_find(r->type)->flags & RRTYPE_BESIDE_CNAME))
		f->other = r;
}

static void check_facts(struct check *c, const struct facts *f)
{
	const struct builder_node *n = builder_node_at(c->b, c->node);

	if (f->cname && f->other)
		report(c, "cname-and-other",
		       f->cname->place > f->other->place ? f->cname : f->other,
		       "a name that is an alias has no other records (RFC 1034 section 3.6.2)",
		       "CNAME and other data at '%s' (CNAME on line %u, %s on line %u)",
		       owner_text(c), record_line(c, f->cname), type_text(c, f->other->type),
		       record_line(c, f->other));
	if (f->soa && n->parent)
		report(c, "soa-elsewhere", f->soa, NULL,
		       "SOA record at '%s', which is not the zone's apex", owner_text(c));
	if (f->dname && n->has_child)
		report(c, "below-dname", f->dname,
		       "everything below the name is somewhere else "
		       "(RFC 6672 section 2.4)",
		       "DNAME at '%s' has names below it", owner_text(c));
}

/* How many RRsets, and of each its own octets; false when memory ended. */
static bool check_sizes(struct check *c)
{
	size_t sets = 0;

	if (!rrsets_start(&c->rrsets, c->b, builder_node_at(c->b, c->node)))
		return false;
	while (rrsets_next(&c->rrsets)) {
		const struct builder_record *r = rrsets_record(&c->rrsets, 0);
		if (++sets == NODE_MAX_RRSETS + 1u)
			report(c, "too-large", r, NULL, "more than %u kinds of records at '%s'",
			       (unsigned)NODE_MAX_RRSETS, owner_text(c));
		if (!rrsets_fits(&c->rrsets))
			report(c, "too-large", r, NULL,
			       "the %s records of this name do not fit into one message of "
			       "65535 octets",
			       type_text(c, r->type));
	}
	return true;
}

static bool check_node(struct check *c)
{
	const struct builder_node *n = builder_node_at(c->b, c->node);
	struct facts f;

	f.cname = f.dname = f.soa = f.other = NULL; /* one by one, as in new_node() */
	f.octets = 0;
	for (const struct builder_record *r = builder_first(c->b, c->node); r;
	     r = builder_after(c->b, r))
		note_record(c, &f, r);
	check_facts(c, &f);
	if (n->label[0] == 1 && n->label[1] == '*' && n->parent)
		builder_node_at(c->b, n->parent)->flags |= NODE_WILDCARD;
	return f.octets <= RRSET_MAX_SIZE || check_sizes(c);
}

static void check_apex(struct check *c)
{
	const struct builder_record *r = builder_first(c->b, c->node);

	while (r && r->type != TYPE_SOA)
		r = builder_after(c->b, r);
	if (!r)
		diag_report(c->d, (struct kind){ SEVERITY_ERROR, "no-soa" },
			    (struct spot){ &c->sources->at[0], c->sources->at[0].text, 1 },
			    "a zone begins with its start of authority: "
			    "@ SOA ns1 hostmaster ( 1 3h 1h 1w 1d )",
			    "no SOA record at zone apex '%s'", owner_text(c));
}

bool zone_check(struct builder *b, const struct sources *sources, struct diag *d)
{
	struct check c = { .b = b, .sources = sources, .d = d, .node = b->apex };

	check_apex(&c);
	while (c.node != 0 && check_node(&c))
		c.node = builder_next(b, c.node);
	rrsets_free(&c.rrsets);
	return c.node == 0;
}
