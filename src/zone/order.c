/*
 * order.c -- puts the nodes of a zone into canonical order.
 *
 * The sort looks at the first eight octets of a label as one number; only
 * labels that agree in these are compared octet by octet.
 */
#include "zone/order.h"
#include "base/prefetch.h"
#include "base/sort.h"

uint32_t order_next(const struct builder *b, uint32_t node)
{
	const struct builder_node *n = builder_node_at(b, node);

	if (n->child != 0)
		return n->child;
	while (n->sibling == 0 && n->parent != 0)
		n = builder_node_at(b, n->parent);
	return n->sibling;
}

/* The first eight octets of a label, folded; shorter ones end in zeros. */
static uint64_t label_key(const uint8_t *label)
{
	uint64_t key = 0;

	for (unsigned i = 1; i <= 8; i++)
		key = key << 8 | (i <= label[0] ? octet_folded[label[i]] : 0);
	return key;
}

static int compare_labels(const void *context, uint32_t a, uint32_t b)
{
	const uint8_t *la = builder_node_at(context, a)->label;
	const uint8_t *lb = builder_node_at(context, b)->label;
	unsigned common = la[0] < lb[0] ? la[0] : lb[0];

	for (unsigned i = 1; i <= common; i++)
		if (octet_folded[la[i]] != octet_folded[lb[i]])
			return octet_folded[la[i]] - octet_folded[lb[i]];
	return la[0] - lb[0];
}

/* What the smallest node takes of the builder's memory. */
enum {
	ALIGN = _Alignof(struct builder_node),
	NODE_MIN = (offsetof(struct builder_node, label) + ALIGN) / ALIGN * ALIGN,
};

_Static_assert(2 * sizeof(struct sort_item) <= NODE_MIN, "nodes are larger than what sorts them");

size_t order_room(const struct builder *b)
{
	return (size_t)b->node_count * 2 * sizeof(struct sort_item);
}

static void sort_children(const struct builder *b, struct builder_node *parent,
			  struct sort_item *items)
{
	size_t count = 0;

	if (parent->child == 0)
		return;
	for (uint32_t c = parent->child; c != 0; c = builder_node_at(b, c)->sibling)
		items[count++] = (struct sort_item){ label_key(builder_node_at(b, c)->label), c };
	sort_items(items, items + b->node_count, count, compare_labels, b);
	parent->child = items[0].value;
	for (size_t i = 0; i < count; i++) {
		struct builder_node *n = builder_node_at(b, items[i].value);
		n->sibling = i + 1 < count ? items[i + 1].value : 0;
		n->ahead = i + ORDER_AHEAD < count ? items[i + ORDER_AHEAD].value : 0;
		prefetch(builder_node_at(b, n->ahead));
	}
}

void zone_order(struct builder *b, void *room)
{
	builder_node_at(b, b->apex)->ahead = 0;
	for (uint32_t n = b->apex; n != 0; n = builder_next(b, n))
		sort_children(b, builder_node_at(b, n), room);
	memset(room, 0, order_room(b));
}
