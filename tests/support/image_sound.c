#include "support/image_sound.h"

#include <stdlib.h>

#include "support/property.h"
#include "dns/field.h"
#include "dns/rrtype.h"

/* What is known while the nodes are walked as they stand. */
struct walk {
	const struct image *z;
	const struct siphash_key *key;
	uint8_t *starts; /* a bit for each place where a node or a name can start */
	uint32_t names_end;
	uint32_t nodes;
	bool has_soa, has_ns;
	const char *problem;
};

static bool fail(struct walk *w, const char *problem)
{
	if (!w->problem)
		w->problem = problem;
	return false;
}

static bool is_start(const struct walk *w, uint32_t offset)
{
	return offset < w->z->header->size && offset % IMAGE_ALIGN == 0 &&
	       w->starts[offset / IMAGE_ALIGN / 8] >> (offset / IMAGE_ALIGN % 8) & 1;
}

static void note_start(struct walk *w, uint32_t offset)
{
	w->starts[offset / IMAGE_ALIGN / 8] |= (uint8_t)(1 << (offset / IMAGE_ALIGN % 8));
}

/* ------ names ------ */

static uint32_t aligned(uint32_t n)
{
	return (n + IMAGE_ALIGN - 1) / IMAGE_ALIGN * IMAGE_ALIGN;
}

/* Names stand one behind the other; where the first ones begin is the builder's. */
static bool check_name(struct walk *w, uint32_t offset)
{
	const struct image_header *h = w->z->header;
	size_t fixed = offsetof(struct stored_name, octets);

	if (offset % IMAGE_ALIGN != 0 || offset >= w->names_end - h->names ||
	    w->names_end - h->names - offset < fixed)
		return fail(w, "a name outside of the names");
	const struct stored_name *n = image_at(w->z, h->names + offset);
	struct reader r = reader_init(n->octets, w->names_end - h->names - offset - fixed);
	struct reader whole = reader_sub(&r, n->size);
	struct name name;
	if (r.bad || !get_name_view(&whole, &name) || reader_left(&whole) != 0)
		return fail(w, "a name that is none");
	return n->node == 0 || is_start(w, n->node) || fail(w, "a name that leads to no node");
}

/* ------ RRsets ------ */

/* RDATA of its type; names are looked at when all nodes are known. */
static bool check_item(struct walk *w, const struct rrtype *type, struct slice item,
		       bool with_names)
{
	struct reader r = reader_init(item.octets, item.size);

	for (const uint8_t *f = type->fields; *f != FIELD_END; f++) {
		if (!field_is_name(*f)) {
			field_skip(*f, &r);
			continue;
		}
		const uint8_t *ref = reader_take(&r, NAME_REF_SIZE);
		uint32_t offset;
		if (!ref)
			break;
		memcpy(&offset, ref, sizeof offset);
		if (with_names && !check_name(w, offset))
			return false;
	}
	return (!r.bad && reader_left(&r) == 0) || fail(w, "RDATA that does not fit its type");
}

static bool check_items(struct walk *w, const struct rrset *set, bool with_names)
{
	const struct rrtype *type = rrtype_find(set->type);
	struct reader r = reader_init(set->items, (size_t)set->units * IMAGE_ALIGN - sizeof *set);
	uint16_t size = set->shape & RRSET_ITEM_SIZE;

	for (unsigned i = 0; i < set->count; i++) {
		uint16_t item_size = size;
		const uint8_t *own = size ? NULL : reader_take(&r, sizeof item_size);
		if (own)
			memcpy(&item_size, own, sizeof item_size);
		const uint8_t *item = reader_take(&r, item_size);
		if (r.bad)
			return fail(w, "an item beyond its RRset");
		if (!check_item(w, type, (struct slice){ item, item_size }, with_names))
			return false;
	}
	return set->count > 0 || fail(w, "an RRset without records");
}

/* The RRset at *offset of a section that ends at `end`; moves past it. */
static const struct rrset *take_rrset(struct walk *w, uint32_t *offset, uint32_t end)
{
	const struct rrset *set = image_at(w->z, *offset);

	if (end - *offset < sizeof *set || (size_t)set->units * IMAGE_ALIGN < sizeof *set ||
	    (size_t)set->units * IMAGE_ALIGN > end - *offset) {
		fail(w, "an RRset beyond the nodes");
		return NULL;
	}
	*offset += (uint32_t)set->units * IMAGE_ALIGN;
	return set;
}

/* ------ nodes ------ */

/* A node's parent is one of those before it, which are sound; so going up comes to an end. */
static bool check_parent(struct walk *w, uint32_t offset, const struct node *n)
{
	size_t size = image_origin(w->z).size;

	if (w->nodes == 0)
		return (n->parent == 0 && n->label[0] == 0) || fail(w, "an apex with a parent");
	if (n->parent >= offset || !is_start(w, n->parent) || n->label[0] == 0)
		return fail(w, "a node with no parent");
	for (; n->parent != 0; n = image_at(w->z, n->parent))
		size += 1u + n->label[0];
	return size <= NAME_MAX_SIZE || fail(w, "a node with too long a name");
}

/* What lookups take for granted where a flag is set. */
static bool check_flags(struct walk *w, const struct node *n)
{
	static const struct {
		uint8_t flag;
		uint16_t type;
	} needs[] = { { NODE_CUT, TYPE_NS },
		      { NODE_DNAME, TYPE_DNAME },
		      { NODE_CNAME, TYPE_CNAME } };
	struct name_buf name;
	struct probe p;

	for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
		if (n->flags & needs[i].flag && !node_find(n, needs[i].type))
			return fail(w, "a flag that is not true");
	if (!(n->flags & NODE_WILDCARD))
		return true;
	node_name(w->z, n, &name);
	probe_init(&p, w->key, name_view(&name));
	return image_wildcard(w->z, n, probe_hash(&p, p.labels)) ||
	       fail(w, "a wildcard that is not found");
}

static bool check_node(struct walk *w, uint32_t *offset, bool again)
{
	const struct image_header *h = w->z->header;
	const struct node *n = image_at(w->z, *offset);
	uint32_t start = *offset, fixed = offsetof(struct node, label) + 1;

	if (h->nodes_end - start < fixed || n->label[0] > LABEL_MAX_SIZE ||
	    h->nodes_end - start < aligned(fixed + n->label[0]))
		return fail(w, "a node beyond the nodes");
	if (!again && !check_parent(w, start, n))
		return false;
	note_start(w, start);
	*offset += aligned(fixed + n->label[0]);
	for (unsigned i = 0; i < n->rrsets; i++) {
		uint32_t at = *offset;
		const struct rrset *set = take_rrset(w, offset, h->nodes_end);
		if (!set || !check_items(w, set, again))
			return false;
		w->has_soa |= start == h->apex && at == h->soa && set->type == TYPE_SOA;
		w->has_ns |= start == h->apex && at == h->ns && set->type == TYPE_NS;
	}
	return !again || check_flags(w, n);
}

/* Twice: names and flags can only be looked at when it is known where nodes start. */
static bool check_nodes(struct walk *w, bool again)
{
	const struct image_header *h = w->z->header;

	w->nodes = 0;
	for (uint32_t offset = h->apex; offset < h->nodes_end; w->nodes++)
		if (!check_node(w, &offset, again))
			return false;
	return w->nodes == h->node_count || fail(w, "a count of nodes that is wrong");
}

/* ------ the rest ------ */

static bool check_slots(struct walk *w)
{
	const struct image_header *h = w->z->header;
	const struct slot *slots = image_at(w->z, h->slots);
	uint32_t taken = 0;

	for (uint32_t i = 0; i < h->slot_count; i++) {
		if (slots[i].node != 0 && !is_start(w, slots[i].node))
			return fail(w, "a slot that leads to no node");
		taken += slots[i].node != 0;
	}
	return taken < h->slot_count || fail(w, "no free slot");
}

static bool check_pointers(struct walk *w)
{
	const struct image_header *h = w->z->header;
	const struct pointer *pointers = image_at(w->z, h->pointers);

	for (uint32_t i = 0; i < h->pointer_count; i++)
		if (!is_start(w, pointers[i].node))
			return fail(w, "a pointer that leads to no node");
	return true;
}

static bool check_header(struct walk *w)
{
	const struct image_header *h = w->z->header;
	struct reader r = reader_init(h->origin.octets, h->origin.size);
	struct name origin;

	if (!get_name_view(&r, &origin) || reader_left(&r) != 0 ||
	    name_labels(origin) != h->origin_labels)
		return fail(w, "an origin that is no name");
	if (h->key.k0 != w->key->k0 || h->key.k1 != w->key->k1)
		return fail(w, "another key");
	w->names_end = h->pointer_count > 0 ? h->pointers : h->size;
	return (h->nodes_end >= h->apex && w->names_end >= h->names && w->names_end <= h->size) ||
	       fail(w, "sections that end before they begin");
}

static void check(struct walk *w)
{
	if (check_header(w) && check_nodes(w, false) && check_slots(w) && check_nodes(w, true) &&
	    check_pointers(w)) {
		const struct image_header *h = w->z->header;
		if ((h->soa && !w->has_soa) || (h->ns && !w->has_ns))
			fail(w, "an SOA or NS that is not the apex's");
	}
}

const char *image_unsound(const struct image *z, const struct siphash_key *key)
{
	struct walk w = { .z = z,
			  .key = key,
			  .starts = calloc(z->header->size / IMAGE_ALIGN / 8 + 1, 1) };

	PROPERTY(w.starts);
	check(&w);
	free(w.starts);
	return w.problem;
}
