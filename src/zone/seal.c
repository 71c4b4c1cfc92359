/*
 * seal.c -- writes a finished zone as an image.
 *
 * One walk writes node after node: the records of a node are sorted by type into
 * RRsets, copies of the same record fall together (RFC 2181 §5), and an RRset gets
 * one TTL (§5.2), that of its first record.  The hash table, which stands in front,
 * is filled on the way; the names follow, each with the node it leads to.
 *
 * The walk is in the order in which the file names them, in which they lie in memory as
 * well: in canonical order each would be a wait, and nobody who answers asks for it.
 */
#include "zone/seal.h"
#include "base/assert.h"
#include "base/prefetch.h"
#include "dns/field.h"
#include "zone/pointers.h"
#include "zone/rrsets.h"

/* Nodes from one whose slot is fetched to the one that is written: enough for memory to answer. */
enum { FETCH_AHEAD = 8 };

enum { WORD_MAX_STORED = RRSET_MAX_SIZE + RRSET_MAX_COUNT * 8 /* a root name grows by 3 */ };

_Static_assert(WORD_MAX_STORED / IMAGE_ALIGN < UINT16_MAX, "an RRset's size fits its field");

struct seal {
	struct builder *b;
	const struct sources *sources;
	uint8_t *out;
	uint32_t used;
	struct rrsets rrsets; /* of one node */
	uint32_t ahead;       /* the node whose slot is being fetched; 0: none is left */
	uint32_t records;
};

static size_t aligned(size_t n)
{
	return (n + IMAGE_ALIGN - 1) & ~(size_t)(IMAGE_ALIGN - 1);
}

/* A fifth more slots than two thirds full would need keeps clusters short. */
static uint32_t slots_for(uint32_t nodes)
{
	return nodes + nodes / 2 + 8;
}

size_t seal_room(const struct builder *b)
{
	size_t rrset = sizeof(struct rrset) + IMAGE_ALIGN + sizeof(uint16_t);

	return sizeof(struct image_header) + b->nodes.used + b->records.used + b->names.used +
	       (size_t)b->record_count * rrset + (size_t)b->node_count * IMAGE_ALIGN +
	       (size_t)slots_for(b->node_count) * sizeof(struct slot) +
	       pointers_expected(b) * sizeof(struct pointer) + 64;
}

bool seal_fits(const struct builder *b, const struct sources *sources, struct diag *d)
{
	if (seal_room(b) <= UINT32_MAX)
		return true;
	diag_report(d, (struct kind){ SEVERITY_ERROR, "too-large" },
		    (struct spot){ &sources->at[0], NULL, 0 }, NULL, "zone larger than 4 GiB");
	return false;
}

static void *seal_at(const struct seal *s, uint32_t offset)
{
	return s->out + offset;
}

/* ------ the records of one node ------ */

/* The size that all items share, or 0. */
static uint16_t common_size(const struct rrsets *s)
{
	uint16_t size = rrsets_record(s, 0)->size;

	for (size_t i = 1; i < s->count; i++)
		if (rrsets_record(s, i)->size != size)
			return 0;
	return size <= RRSET_ITEM_SIZE ? size : 0;
}

static bool has_names(uint16_t type)
{
	for (const uint8_t *f = rrtype_find(type)->fields; *f != FIELD_END; f++)
		if (field_is_name(*f))
			return true;
	return false;
}

/* Writes the current RRset. */
static void write_rrset(struct seal *s)
{
	struct rrset *set = seal_at(s, s->used);
	const struct builder_record *first = rrsets_record(&s->rrsets, 0);
	uint16_t item_size = common_size(&s->rrsets);
	uint8_t *to = set->items;

	*set = (struct rrset){
		.type = first->type,
		.count = (uint16_t)s->rrsets.count,
		.shape = (uint16_t)(item_size | (has_names(first->type) ? RRSET_NAMES : 0)),
		.ttl = first->ttl,
	};
	for (size_t i = 0; i < s->rrsets.count; i++) {
		const struct builder_record *r = rrsets_record(&s->rrsets, i);
		if (item_size == 0) {
			memcpy(to, &r->size, sizeof r->size);
			to += sizeof r->size;
		}
		octets_copy(to, r->stored, r->size);
		to += r->size;
	}
	size_t size = aligned((size_t)(to - (uint8_t *)set));
	set->units = (uint16_t)(size / IMAGE_ALIGN);
	s->used += (uint32_t)size;
	s->records += set->count;
}

static bool write_node(struct seal *s, uint32_t offset)
{
	struct builder_node *n = builder_node_at(s->b, offset);
	struct node *to = seal_at(s, s->used);

	if (!rrsets_start(&s->rrsets, s->b, n))
		return false;
	n->sealed = s->used;
	to->parent = n->parent ? builder_node_at(s->b, n->parent)->sealed : 0;
	to->flags = n->flags;
	octets_copy(to->label, n->label, (size_t)n->label[0] + 1);
	s->used += (uint32_t)aligned(offsetof(struct node, label) + 1 + n->label[0]);
	for (; rrsets_next(&s->rrsets); to->rrsets++)
		write_rrset(s);
	return true;
}

/* ------ the whole image ------ */

/* The table comes first: its size is known, and it is filled while nodes are written. */
static void place_slots(struct seal *s, struct image_header *h)
{
	h->slots = s->used;
	h->slot_count = slots_for(s->b->node_count);
	s->used += h->slot_count * (uint32_t)sizeof(struct slot);
}

static void add_slot(struct seal *s, const struct image_header *h, const struct builder_node *n)
{
	struct slot *slots = seal_at(s, h->slots);
	uint32_t i = slot_first(n->hash, h->slot_count);

	while (slots[i].node != 0)
		i = i + 1 == h->slot_count ? 0 : i + 1;
	slots[i] = (struct slot){ slot_tag(n->hash), n->sealed };
}

/* What is written lies one behind the other, but for the slots of the table. */
static void fetch_ahead(struct seal *s, const struct image_header *h)
{
	const struct slot *slots = seal_at(s, h->slots);

	if (s->ahead != 0)
		s->ahead = builder_next(s->b, s->ahead);
	if (s->ahead != 0)
		prefetch(&slots[slot_first(builder_node_at(s->b, s->ahead)->hash, h->slot_count)]);
}

static bool write_nodes(struct seal *s, struct image_header *h)
{
	h->apex = s->used;
	s->ahead = s->b->apex;
	for (unsigned i = 0; i < FETCH_AHEAD; i++)
		fetch_ahead(s, h);
	for (uint32_t n = s->b->apex; n != 0; n = builder_next(s->b, n)) {
		if (!write_node(s, n))
			return false;
		add_slot(s, h, builder_node_at(s->b, n));
		fetch_ahead(s, h);
	}
	h->nodes_end = s->used;
	return true;
}

/* RFC 4592 §2.2: the child "*" of the closest encloser, where no cut or DNAME is in between. */
static uint32_t find_wildcard(const struct builder *b, struct name name)
{
	struct name_buf wildcard = { .octets = { 1, '*' } };
	unsigned missing;
	uint32_t encloser = builder_closest(b, name, &missing);

	for (; missing > 0; missing--)
		name = name_parent(name);
	for (uint32_t n = encloser; n != 0; n = builder_node_at(b, n)->parent)
		if (builder_node_at(b, n)->flags & (NODE_CUT | NODE_DNAME))
			return 0;
	if (!(builder_node_at(b, encloser)->flags & NODE_WILDCARD) || name.size + 2 > NAME_MAX_SIZE)
		return 0;
	octets_copy(wildcard.octets + 2, name.octets, name.size);
	wildcard.size = (uint8_t)(name.size + 2);
	return builder_find(b, name_view(&wildcard));
}

/* Where a name gets its addresses from: its own node, or a wildcard; 0: from nowhere in the zone. */
static uint32_t find_answering(const struct builder *b, const struct stored_name *n)
{
	struct name name = stored_name_view(n);

	if (n->node == 0 && name_is_within(name, name_view(&b->origin)))
		return find_wildcard(b, name);
	return n->node;
}

static void write_names(struct seal *s, struct image_header *h)
{
	h->names = s->used;
	memcpy(seal_at(s, s->used), s->b->names.at, s->b->names.used); /* an SOA has two */
	s->used += (uint32_t)aligned(s->b->names.used);
	for (uint32_t ref = 0; (ref = builder_next_name(s->b, ref)) != 0;) {
		struct stored_name *n = seal_at(s, h->names + ref);
		uint32_t node = find_answering(s->b, n);
		n->node = node ? builder_node_at(s->b, node)->sealed : 0;
	}
}

/* Rows for automatic PTR records, for whoever wants them. */
static bool write_pointers(struct seal *s, struct image_header *h)
{
	h->pointers = s->used;
	bool made = pointers_gather(s->b, s->sources, seal_at(s, s->used), &h->pointer_count);
	s->used += h->pointer_count * (uint32_t)sizeof(struct pointer);
	return made;
}

/* What answers need of the apex without looking. */
static void write_apex_facts(struct seal *s, struct image_header *h)
{
	const struct node *apex = seal_at(s, h->apex);
	const struct rrset *soa = node_find(apex, TYPE_SOA);
	const struct rrset *ns = node_find(apex, TYPE_NS);
	/* Stored form: two names, then SERIAL REFRESH RETRY EXPIRE MINIMUM. */
	struct reader r = reader_init(soa->items + 2 * NAME_REF_SIZE, 20);

	h->soa = (uint32_t)((const uint8_t *)soa - s->out);
	h->ns = ns ? (uint32_t)((const uint8_t *)ns - s->out) : 0;
	h->serial = get_u32(&r);
	reader_take(&r, 12);
	uint32_t minimum = get_u32(&r);
	h->negative_ttl = minimum < soa->ttl ? minimum : soa->ttl;
}

static void write_header(const struct seal *s, struct image_header *h)
{
	memcpy(h->magic, image_magic, sizeof h->magic);
	h->key = s->b->key;
	h->origin = s->b->origin;
	h->origin_labels = (uint8_t)s->b->origin_labels;
	h->node_count = s->b->node_count;
	h->record_count = s->records;
	h->size = s->used;
}

size_t seal_zone(struct builder *b, const struct sources *sources, uint8_t *out)
{
	struct seal s = { .b = b, .sources = sources, .out = out };
	struct image_header *h = seal_at(&s, 0);

	assert(b->name_table.size == 0); /* complete: names know their nodes */
	s.used = (uint32_t)aligned(sizeof *h);
	place_slots(&s, h);
	bool ok = write_nodes(&s, h);
	if (ok) {
		write_names(&s, h);
		write_apex_facts(&s, h);
		ok = write_pointers(&s, h);
		write_header(&s, h);
	}
	rrsets_free(&s.rrsets);
	return ok ? s.used : 0;
}

size_t seal_broken(struct builder *b, uint8_t *out)
{
	struct seal s = { .b = b, .out = out };
	struct image_header *h = seal_at(&s, 0);

	s.used = (uint32_t)aligned(sizeof *h);
	place_slots(&s, h);
	bool ok = write_nodes(&s, h);
	h->names = s.used;
	write_header(&s, h);
	rrsets_free(&s.rrsets);
	return ok ? s.used : 0;
}
