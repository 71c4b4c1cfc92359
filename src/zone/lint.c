/*
 * lint.c -- what a zone may be, but hardly should: names, targets, delegations.
 */
#include "base/ip.h"
#include "dns/field.h"
#include "zone/linting.h"

enum { NAMES_SHOWN = 4 };

const char *lint_name(struct name name)
{
	static char rooms[NAMES_SHOWN][NAME_MAX_TEXT];
	static unsigned turn;
	struct text out = text_init(rooms[turn % NAMES_SHOWN], NAME_MAX_TEXT);

	turn++;
	name_print(name, &out);
	return text_str(&out);
}

/* ------ places ------ */

static bool is_type_word(const struct word *w)
{
	uint16_t type;

	return !w->quoted && rrtype_parse(w->at, w->size, &type);
}

bool lint_read_entry(struct lint *l, const struct source *source, const uint8_t *at)
{
	struct diag d = { 0 };

	lexer_start(&l->lx, source);
	l->lx.pos = at;
	return lexer_next(&l->lx, &d) && d.errors == 0;
}

size_t lint_type_word(const struct lint *l, size_t first)
{
	while (first < l->lx.count && !is_type_word(&l->lx.words[first]))
		first++;
	return first;
}

struct spot lint_spot(struct lint *l, const struct builder_record *r, int word)
{
	struct spot spot = { .width = 1 };

	spot.source = sources_find(l->sources, r->place, &spot.at);
	if (!spot.at || !lint_read_entry(l, spot.source, spot.at))
		return spot;
	bool has_owner = spot.at == spot.source->text || spot.at[-1] == '\n';
	size_t i = word == LINT_OWNER ? 0 : lint_type_word(l, has_owner) + 1 + (size_t)word;
	if (i < l->lx.count) {
		spot.at = l->lx.words[i].at;
		spot.width = l->lx.words[i].size;
	}
	return spot;
}

/* A place costs a look at the text: only for what is shown. */
static struct spot spot_of(struct lint *l, enum severity severity, const struct builder_record *r,
			   int word)
{
	return diag_tells(l->d, severity) ? lint_spot(l, r, word) : (struct spot){ 0 };
}

void lint_warn(struct lint *l, const char *id, const struct builder_record *r, int word,
	       const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vreport(l->d, (struct kind){ SEVERITY_WARNING, id },
		     spot_of(l, SEVERITY_WARNING, r, word), hint, format, args);
	va_end(args);
}

void lint_note(struct lint *l, const char *id, const struct builder_record *r, int word,
	       const char *hint, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	diag_vreport(l->d, (struct kind){ SEVERITY_NOTE, id }, spot_of(l, SEVERITY_NOTE, r, word),
		     hint, format, args);
	va_end(args);
}

/* ------ names ------ */

/* The zone's name, and behind it the zone's name: what a forgotten dot makes. */
static void double_origin(struct lint *l)
{
	const struct name_buf *origin = &l->b->origin;
	size_t size = origin->size - 1u + origin->size;

	l->doubled.size = 0;
	if (origin->size == 1 || size > NAME_MAX_SIZE)
		return;
	memcpy(l->doubled.octets, origin->octets, origin->size - 1u);
	memcpy(l->doubled.octets + origin->size - 1, origin->octets, origin->size);
	l->doubled.size = (uint8_t)size;
}

static const char twice[] = "the zone's name stands twice in";

bool lint_lacks_dot(const struct lint *l, struct name name)
{
	return l->doubled.size > 0 && name_is_within(name, name_view(&l->doubled));
}

static void report_dot(struct lint *l, const struct builder_record *r, int word, struct name name,
		       const char *why)
{
	char hint[DIAG_MESSAGE_SIZE];
	struct text out = text_init(hint, sizeof hint);
	struct name_buf meant;

	if (!name_replace_suffix(name, name_view(&l->b->origin), name_root, &meant))
		return;
	text_format(&out, "with a dot at its end: %s", lint_name(name_view(&meant)));
	lint_warn(l, "missing-dot", r, word, text_str(&out),
		  "%s '%s': a dot is missing at the end of what is written", why, lint_name(name));
	if (why != twice)
		return; /* a guess */
	if (word == LINT_OWNER)
		lint_fix_owner(l, name_view(&meant));
	else
		lint_fix_target(l, r, word, name, name_view(&meant));
}

static bool is_host(const struct builder_record *r)
{
	return r->type == TYPE_A || r->type == TYPE_AAAA;
}

/* RFC 952, RFC 1123 §2.1: hosts have letters, digits and '-'. */
static bool has_underscore(struct name name)
{
	return octets_contain(name.octets, name.size, '_');
}

static void lint_owner(struct lint *l, const struct builder_record *r)
{
	const struct builder_node *n = builder_node_at(l->b, l->node);
	bool star = octets_contain(n->label + 1, n->label[0], '*');

	if (lint_lacks_dot(l, name_view(&l->owner)))
		report_dot(l, r, LINT_OWNER, name_view(&l->owner), twice);
	if (is_host(r) && has_underscore(name_view(&l->owner)))
		lint_warn(l, "host-name", r, LINT_OWNER,
			  "letters, digits and '-' are allowed (RFC 1123 section 2.1)",
			  "'%s' has an address, and '_', which the name of a host does not have",
			  lint_name(name_view(&l->owner)));
	if (star && n->label[0] > 1)
		lint_warn(l, "star-in-name", r, LINT_OWNER,
			  "a wildcard is a label '*' by itself (RFC 4592 section 2.1.1)",
			  "'%s' is an ordinary name: the '*' in it stands for nothing",
			  lint_name(name_view(&l->owner)));
	if (star && n->label[0] == 1 && n->has_child)
		lint_warn(
			l, "star-in-name", r, LINT_OWNER,
			"only the first label of a name can be a wildcard (RFC 4592 section 2.1.1)",
			"there are names below '%s', in which '*' stands for nothing",
			lint_name(name_view(&l->owner)));
	if (star && n->label[0] == 1 && (r->type == TYPE_NS || r->type == TYPE_DNAME))
		lint_warn(l, "wildcard-delegation", r, LINT_OWNER,
			  "what that means is not defined (RFC 4592 section 4.2 and 4.4)",
			  "a wildcard is no place for delegations and DNAMEs");
}

/* ------ targets ------ */

/* What it means for a name that this node is there, the name's own or the closest above it. */
static enum found judge(const struct lint *l, uint32_t node, enum found found)
{
	if (found == MISSING && builder_node_at(l->b, node)->flags & NODE_WILDCARD)
		found = MADE_BY_WILDCARD;
	if (found == MISSING && builder_node_at(l->b, node)->flags & NODE_DNAME)
		found = ELSEWHERE;
	for (uint32_t at = node; at; at = builder_node_at(l->b, at)->parent)
		if (builder_node_at(l->b, at)->flags & NODE_CUT)
			return ELSEWHERE;
	return found;
}

enum found lint_seek(const struct lint *l, struct name name, uint32_t *node)
{
	unsigned missing;

	if (!name_is_within(name, name_view(&l->b->origin)))
		return ELSEWHERE;
	*node = builder_closest(l->b, name, &missing);
	return judge(l, *node, missing ? MISSING : THERE);
}

/* The same for a name in RDATA, which knows its node. */
static enum found seek_target(const struct lint *l, const struct stored_name *target,
			      uint32_t *node)
{
	if (target->node == 0)
		return lint_seek(l, stored_name_view(target), node);
	*node = target->node;
	return judge(l, *node, THERE);
}

static bool has_address(const struct lint *l, uint32_t node)
{
	for (const struct builder_record *r = builder_first(l->b, node); r;
	     r = builder_after(l->b, r))
		if (is_host(r))
			return true;
	return false;
}

/* The types whose target has to be a host (RFC 2181 §10.3, RFC 2782), and where it stands. */
static int host_word(uint16_t type)
{
	switch (type) {
	case TYPE_NS:
		return 0;
	case TYPE_MX:
		return 1;
	case TYPE_SRV:
		return 3;
	default:
		return -1;
	}
}

static void report_missing(struct lint *l, const struct builder_record *r, int word,
			   struct name target)
{
	lint_warn(l, "target-missing", r, word,
		  "names without a dot at their end are names of this zone",
		  "there is no '%s' in this zone", lint_name(target));
}

static void lint_host(struct lint *l, const struct builder_record *r, int word,
		      const struct stored_name *stored)
{
	struct name target = stored_name_view(stored);
	uint32_t node;
	enum found found = seek_target(l, stored, &node);

	if (found == MISSING)
		report_missing(l, r, word, target);
	else if (found == THERE && builder_node_at(l->b, node)->flags & NODE_CNAME)
		lint_warn(l, "target-alias", r, word,
			  "name the host itself (RFC 2181 section 10.3)", "'%s' is an alias",
			  lint_name(target));
	else if (found == THERE && !has_address(l, node))
		lint_warn(l, "target-no-address", r, word, "it needs an A or AAAA record",
			  "'%s' has no address", lint_name(target));
	if (has_underscore(target))
		lint_warn(l, "host-name", r, word,
			  "letters, digits and '-' are allowed (RFC 1123 section 2.1)",
			  "'%s' has '_', which the name of a host does not have",
			  lint_name(target));
}

/* What is written, if that had no dot at its end; needs a name within the zone. */
static struct name without_origin(const struct lint *l, struct name name, struct name_buf *out)
{
	return name_replace_suffix(name, name_view(&l->b->origin), name_root, out) ? name_view(out)
										   : name;
}

/* Does a name of two labels or more end as the names of the world do: mail.other.com? */
static bool ends_like_absolute(struct name name)
{
	static const char ends[] = "\4arpa\3biz\3com\3dev\3edu\3gov\4home\4info\3int\10internal"
				   "\3lan\5local\3mil\3net\3org";

	if (name_labels(name) < 2)
		return false;
	while (!name_is_root(name_parent(name)))
		name = name_parent(name);
	const uint8_t *label = name.octets;
	if (label[0] == 2) /* a country */
		return label[1] > '9' && label[2] > '9';
	for (const char *end = ends; *end; end += *end + 1)
		if (*end == label[0] &&
		    octets_equal_folded((const uint8_t *)end + 1, label + 1, label[0]))
			return true;
	return false;
}

/* 192.0.2.1 and 2001:db8::1 are names, too, but hardly meant to be. */
static bool is_address(struct name name)
{
	const char *text;
	uint8_t address[IP6_SIZE];

	if (name_is_root(name) || (!octets_contain(name.octets, name.size, ':') &&
				   (name.octets[1] < '0' || name.octets[1] > '9')))
		return false; /* most names, at no cost */
	text = lint_name(name);
	return ip_parse((const uint8_t *)text, strlen(text) - 1, address) > 0;
}

/* What cannot be seen any more counts as if it had one. */
static bool has_dot(struct spot word)
{
	return !word.at || word.at[word.width - 1] == '.';
}

static void lint_target(struct lint *l, const struct builder_record *r, int word,
			const struct stored_name *stored)
{
	struct name target = stored_name_view(stored);
	struct name_buf room;
	bool is_inside = name_is_within(target, name_view(&l->b->origin));
	struct name written = is_inside ? without_origin(l, target, &room) : target;
	uint32_t node;

	if (is_inside && lint_lacks_dot(l, target))
		report_dot(l, r, word, target, twice);
	else if (is_address(written) && seek_target(l, stored, &node) != THERE)
		lint_warn(l, "target-address", r, word,
			  r->type == TYPE_CNAME ? "an address belongs into an A or AAAA record"
						: "name the host, which has the address",
			  "an address in the place of a name: it is read as '%s'",
			  lint_name(target));
	else if (is_inside && ends_like_absolute(written) &&
		 seek_target(l, stored, &node) == MISSING && !has_dot(lint_spot(l, r, word)))
		report_dot(l, r, word, target, "this zone has no");
	else if (word == host_word(r->type) && !name_is_root(target))
		lint_host(l, r, word, stored);
	else if (r->type == TYPE_CNAME && seek_target(l, stored, &node) == MISSING)
		report_missing(l, r, word, target);
}

/* Each name in the data.  A field is a word, up to the first that may be several. */
static void lint_names(struct lint *l, const struct builder_record *r)
{
	struct reader left = reader_init(r->stored, r->size);
	int word = 0;

	for (const uint8_t *f = rrtype_find(r->type)->fields; *f != FIELD_END; f++, word++) {
		if (field_is_name(*f))
			lint_target(l, r, word, builder_take_stored(l->b, &left));
		else
			field_skip(*f, &left);
	}
}

/* ------ delegations ------ */

/* Is the node a name server of the cut? */
static bool is_server_of(const struct lint *l, uint32_t cut, struct name name)
{
	for (const struct builder_record *r = builder_first(l->b, cut); r;
	     r = builder_after(l->b, r)) {
		struct reader left = reader_init(r->stored, r->size);

		if (r->type == TYPE_NS && name_equal(builder_take_name(l->b, &left), name))
			return true;
	}
	return false;
}

/* RFC 9471: a name server below the cut is found by the addresses that the parent gives. */
static void lint_glue(struct lint *l, const struct builder_record *r)
{
	struct reader left = reader_init(r->stored, r->size);
	const struct stored_name *stored = builder_take_stored(l->b, &left);
	struct name server = stored_name_view(stored);

	if (!name_is_within(server, name_view(&l->owner)))
		return;
	if (!stored->node || !has_address(l, stored->node))
		lint_warn(l, "glue-missing", r, 0,
			  "nobody finds it without an address from here (RFC 9471 section 2.1)",
			  "'%s' lies in the delegated zone, and has no address in this one",
			  lint_name(server));
}

static void lint_below_cut(struct lint *l, const struct builder_record *r)
{
	if (!is_host(r))
		lint_warn(l, "below-cut", r, LINT_OWNER, "it belongs into that zone's file",
			  "'%s' lies in a delegated zone: nobody sees this record",
			  lint_name(name_view(&l->owner)));
	else if (!is_server_of(l, l->cut, name_view(&l->owner)))
		lint_warn(l, "glue-needless", r, LINT_OWNER, "it belongs into that zone's file",
			  "'%s' lies in a delegated zone and is none of its name servers",
			  lint_name(name_view(&l->owner)));
}

static void lint_at_cut(struct lint *l, const struct builder_record *r)
{
	if (r->type == TYPE_NS)
		lint_glue(l, r);
	else if (r->type != TYPE_DS && r->type != TYPE_NSEC && r->type != TYPE_RRSIG &&
		 !(is_host(r) && is_server_of(l, l->cut, name_view(&l->owner))))
		lint_warn(l, "below-cut", r, LINT_OWNER,
			  "beside a delegation stand DS records and nothing else",
			  "'%s' is delegated: nobody sees this record",
			  lint_name(name_view(&l->owner)));
}

/* The topmost delegation at or above a node, 0: none. */
static uint32_t cut_of(const struct lint *l, uint32_t node)
{
	uint32_t cut = 0;

	for (uint32_t at = node; at; at = builder_node_at(l->b, at)->parent)
		if (builder_node_at(l->b, at)->flags & NODE_CUT)
			cut = at;
	return cut;
}

/* ------ sets ------ */

/* Compares a record with the earlier ones of its node, of which there are few. */
static void lint_set(struct lint *l, const struct builder_record *r)
{
	const struct builder_record *first = NULL, *other = builder_first(l->b, l->node);

	for (; other != r && r->type != TYPE_RRSIG; other = builder_after(l->b, other)) {
		if (other->type != r->type)
			continue;
		first = first ? first : other;
		if (builder_same_record(l->b, other, r)) {
			lint_warn(l, "duplicate", r, LINT_OWNER,
				  "it counts once (RFC 2181 section 5): one of the two can go",
				  "this record is there already");
			lint_fix_duplicate(l, other, r);
			return;
		}
	}
	if (!first || first->ttl == r->ttl)
		return;
	lint_warn(l, "ttl-differs", r, LINT_OWNER,
		  "all records of a name and type have one TTL (RFC 2181 section 5.2)",
		  "TTL %u here, %u in a record above: that one counts for both", r->ttl,
		  first->ttl);
	lint_fix_ttl(l, first, r);
}

/* ------ the walk ------ */

/* RFC 2308 §4: without $TTL each server has its own idea of what was meant. */
static void lint_ttl(struct lint *l, const struct builder_record *r)
{
	if (r->place + 1 != l->facts->untimed || l->no_ttl_told)
		return;
	l->no_ttl_told = true;
	lint_warn(l, "no-ttl", r, LINT_OWNER, "begin the file with $TTL 1h (RFC 2308 section 4)",
		  "no $TTL in this file: records without a TTL have %u s, %s", r->ttl,
		  r->type == TYPE_SOA ? "the SOA record's last number" : "that of a record above");
}

static void lint_record(struct lint *l, const struct builder_record *r, unsigned nth)
{
	lint_ttl(l, r);
	if (l->cut && l->cut != l->node) {
		lint_below_cut(l, r);
		return;
	}
	if (l->cut)
		lint_at_cut(l, r);
	lint_names(l, r);
	lint_data(l, r);
	if (nth < LINT_FEW)
		lint_set(l, r);
}

static void lint_node(struct lint *l)
{
	const struct builder_record *r = builder_first(l->b, l->node);
	unsigned nth = 0;

	if (!r || r->place >= l->b->names_base)
		return;
	builder_name(l->b, l->node, &l->owner);
	l->cut = cut_of(l, l->node);
	lint_owner(l, r);
	for (; r && r->place < l->b->names_base; r = builder_after(l->b, r))
		lint_record(l, r, nth++);
}

void zone_lint(const struct builder *b, const struct sources *sources,
	       const struct lint_facts *facts, struct diag *d, struct fixes *fixes)
{
	struct lint l = { .b = b, .sources = sources, .facts = facts, .d = d, .fixes = fixes };

	double_origin(&l);
	l.is_private = lint_is_private(name_view(&b->origin));
	for (l.node = b->apex; l.node != 0; l.node = builder_next(b, l.node))
		lint_node(&l);
	lexer_free(&l.lx);
}
