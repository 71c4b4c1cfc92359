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
 *
 * What is written goes through a window, a few pages that stay in the processor's caches
 * and are put where the image lies whenever they are full: to write there directly would
 * be to meet each page of a large image for the first time, which costs more than all that
 * is done here for what stands in it.
 */
#include "zone/seal.h"
#include "base/assert.h"
#include "base/prefetch.h"
#include "dns/field.h"
#include "zone/pointers.h"
#include "zone/rrsets.h"

#include <stdlib.h>

/* Nodes from one whose slot is fetched to the one that is written: enough for memory to answer. */
enum { FETCH_AHEAD = 8 };

enum { WORD_MAX_STORED = RRSET_MAX_SIZE + RRSET_MAX_COUNT * 8 /* a root name grows by 3 */ };

_Static_assert(WORD_MAX_STORED / IMAGE_ALIGN < UINT16_MAX, "an RRset's size fits its field");

enum {
	WINDOW = 65536, /* octets from which on it is put away */
	/* What is written before anybody looks at that: at most a node and its first RRset. */
	PIECE_MAX = sizeof(struct node) + LABEL_MAX_SIZE + sizeof(struct rrset) + WORD_MAX_STORED +
		    3 * IMAGE_ALIGN,
};

struct seal {
	struct builder *b;
	const struct sources *sources;
	const struct seal_output *out;
	struct image_header *header;
	struct slot *slots;
	uint8_t *window;      /* room for PIECE_MAX behind it */
	size_t filled;        /* octets in it */
	uint32_t put_away;    /* octets of the image in front of them */
	uint32_t ahead;       /* the node whose slot is being fetched; 0: none is left */
	struct rrsets rrsets; /* of one node */
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

size_t seal_front(const struct builder *b)
{
	return aligned(sizeof(struct image_header)) +
	       (size_t)slots_for(b->node_count) * sizeof(struct slot);
}

size_t seal_room(const struct builder *b)
{
	size_t rrset = sizeof(struct rrset) + IMAGE_ALIGN + sizeof(uint16_t);

	return seal_front(b) + b->nodes.used + b->records.used + b->names.used +
	       (size_t)b->record_count * rrset + (size_t)b->node_count * IMAGE_ALIGN +
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

/* ------ the window ------ */

/* Where in the image comes what is written next. */
static uint32_t seal_offset(const struct seal *s)
{
	return s->put_away + (uint32_t)s->filled;
}

/* What was written ends here: it is rounded up by zeros. */
static void window_take(struct seal *s, uint8_t *end)
{
	memset(end, 0, IMAGE_ALIGN);
	s->filled = aligned((size_t)(end - s->window));
}

static bool window_empty(struct seal *s)
{
	bool is_put = s->out->put(s->out->self, s->window, s->filled, s->put_away);

	s->put_away += (uint32_t)s->filled;
	s->filled = 0;
	return is_put;
}

/* What stands in the window will not be changed any more. */
static bool window_settle(struct seal *s)
{
	return s->filled < WINDOW || window_empty(s);
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
static const struct rrset *write_rrset(struct seal *s)
{
	size_t from = s->filled;
	struct rrset *set = (void *)(s->window + from);
	const struct builder_record *first = rrsets_record(&s->rrsets, 0);
	uint16_t item_size = common_size(&s->rrsets);
	uint8_t *to = set->items;

	for (size_t i = 0; i < s->rrsets.count; i++) {
		const struct builder_record *r = rrsets_record(&s->rrsets, i);
		if (item_size == 0) {
			memcpy(to, &r->size, sizeof r->size);
			to += sizeof r->size;
		}
		octets_copy(to, r->stored, r->size);
		to += r->size;
	}
	window_take(s, to);
	set->type = first->type;
	set->count = (uint16_t)s->rrsets.count;
	set->units = (uint16_t)((s->filled - from) / IMAGE_ALIGN);
	set->shape = (uint16_t)(item_size | (has_names(first->type) ? RRSET_NAMES : 0));
	set->ttl = first->ttl;
	s->records += set->count;
	return set;
}

/* What answers need of the apex without looking. */
static void know_apex(const struct seal *s, const struct rrset *set)
{
	struct image_header *h = s->header;
	uint32_t offset = s->put_away + (uint32_t)((const uint8_t *)set - s->window);

	if (set->type == TYPE_NS)
		h->ns = offset;
	if (set->type != TYPE_SOA)
		return;
	/* Stored form: two names, then SERIAL REFRESH RETRY EXPIRE MINIMUM. */
	struct reader r = reader_init(set->items + 2 * NAME_REF_SIZE, 20);
	h->soa = offset;
	h->serial = get_u32(&r);
	reader_take(&r, 12);
	uint32_t minimum = get_u32(&r);
	h->negative_ttl = minimum < set->ttl ? minimum : set->ttl;
}

static bool write_node(struct seal *s, struct builder_node *n)
{
	struct node *to = (void *)(s->window + s->filled);

	if (!rrsets_start(&s->rrsets, s->b, n))
		return false;
	n->sealed = seal_offset(s);
	to->parent = n->parent ? builder_node_at(s->b, n->parent)->sealed : 0;
	to->rrsets = rrsets_count(&s->rrsets);
	to->flags = n->flags;
	octets_copy(to->label, n->label, (size_t)n->label[0] + 1);
	window_take(s, to->label + 1 + n->label[0]);
	while (rrsets_next(&s->rrsets)) {
		const struct rrset *set = write_rrset(s);

		if (n->parent == 0)
			know_apex(s, set);
		if (!window_settle(s))
			return false;
	}
	return window_settle(s); /* one without records */
}

/* ------ the whole image ------ */

static void add_slot(struct seal *s, const struct builder_node *n)
{
	uint32_t i = slot_first(n->hash, s->header->slot_count);

	while (s->slots[i].node != 0)
		i = i + 1 == s->header->slot_count ? 0 : i + 1;
	s->slots[i] = (struct slot){ slot_tag(n->hash), n->sealed };
}

/* What is written lies one behind the other, but for the slots of the table. */
static void fetch_ahead(struct seal *s)
{
	if (s->ahead != 0)
		s->ahead = builder_next(s->b, s->ahead);
	if (s->ahead != 0)
		prefetch(&s->slots[slot_first(builder_node_at(s->b, s->ahead)->hash,
					      s->header->slot_count)]);
}

static bool write_nodes(struct seal *s)
{
	s->header->apex = s->put_away;
	s->ahead = s->b->apex;
	for (unsigned i = 0; i < FETCH_AHEAD; i++)
		fetch_ahead(s);
	for (uint32_t offset = s->b->apex; offset != 0; offset = builder_next(s->b, offset)) {
		struct builder_node *n = builder_node_at(s->b, offset);

		if (!write_node(s, n))
			return false;
		add_slot(s, n);
		fetch_ahead(s);
	}
	s->header->nodes_end = seal_offset(s);
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

_Static_assert(_Alignof(struct stored_name) == IMAGE_ALIGN, "names stand as in the pool");

/* As they stand in the pool, but each with its node as that is called in the image. */
static bool write_names(struct seal *s)
{
	s->header->names = seal_offset(s);
	/* As in the pool nothing lies at offset 0, which stands for no name. */
	memset(s->window + s->filled, 0, s->b->names.align);
	s->filled += s->b->names.align;
	for (uint32_t ref = 0; (ref = builder_next_name(s->b, ref)) != 0;) {
		const struct stored_name *n = pool_at(&s->b->names, ref);
		size_t size = offsetof(struct stored_name, octets) + n->size;
		uint32_t node = find_answering(s->b, n);
		struct stored_name *to = (void *)(s->window + s->filled);
		octets_copy((uint8_t *)to, (const uint8_t *)n, size);
		to->node = node ? builder_node_at(s->b, node)->sealed : 0;
		window_take(s, (uint8_t *)to + size);
		if (!window_settle(s))
			return false;
	}
	return true;
}

/* Rows for automatic PTR records, for whoever wants them. */
static bool write_pointers(struct seal *s)
{
	struct image_header *h = s->header;
	size_t expected = pointers_expected(s->b);

	h->pointers = seal_offset(s);
	if (expected == 0)
		return true;
	struct pointer *rows = malloc(expected * sizeof *rows);
	bool is_good = rows && pointers_gather(s->b, s->sources, rows, &h->pointer_count);
	size_t size = h->pointer_count * sizeof *rows;
	is_good = is_good && window_empty(s) &&
		  s->out->put(s->out->self, (const uint8_t *)rows, size, s->put_away);
	s->put_away += (uint32_t)size;
	free(rows);
	return is_good;
}

static void write_header(const struct seal *s)
{
	struct image_header *h = s->header;

	memcpy(h->magic, image_magic, sizeof h->magic);
	h->slots = (uint32_t)aligned(sizeof *h);
	h->slot_count = slots_for(s->b->node_count);
	h->key = s->b->key;
	h->origin = s->b->origin;
	h->origin_labels = (uint8_t)s->b->origin_labels;
	h->node_count = s->b->node_count;
}

/* The table comes first: its size is known, and it is filled while nodes are written. */
static bool begin(struct seal *s)
{
	s->header = (void *)s->out->front;
	s->put_away = (uint32_t)seal_front(s->b);
	write_header(s);
	s->slots = (void *)(s->out->front + s->header->slots);
	s->window = malloc(WINDOW + PIECE_MAX);
	return s->window != NULL;
}

static bool put_in_memory(void *self, const uint8_t *octets, size_t n, size_t offset)
{
	uint8_t *memory = self;

	memcpy(memory + offset, octets, n);
	return true;
}

struct seal_output seal_in_memory(uint8_t *memory)
{
	return (struct seal_output){ memory, memory, put_in_memory };
}

size_t seal_zone(struct builder *b, const struct sources *sources, const struct seal_output *out)
{
	struct seal s = { .b = b, .sources = sources, .out = out };

	assert(b->name_table.size == 0); /* complete: names know their nodes */
	bool is_good = begin(&s) && write_nodes(&s) && write_names(&s) && write_pointers(&s) &&
		       window_empty(&s);
	s.header->record_count = s.records;
	s.header->size = s.put_away;
	rrsets_free(&s.rrsets);
	free(s.window);
	return is_good ? s.put_away : 0;
}
