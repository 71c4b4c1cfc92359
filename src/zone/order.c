/*
 * order.c -- the nodes of an image in canonical order.
 *
 * Nodes become a tree whose siblings are sorted by their labels; the walk "first child,
 * else next sibling, else the next sibling of one above" then meets all of them in
 * canonical order.  The sort looks at the first eight octets of a label as one number;
 * only labels that agree in these are compared octet by octet.
 */
#include "zone/order.h"
#include "base/sort.h"

#include <stdlib.h>

/* A node, in the order of the image; the others are numbers of such, 0: none. */
struct link {
	uint32_t node; /* its offset */
	uint32_t child;
	uint32_t sibling;
};

struct tree {
	const struct image *z;
	struct link *links;
	struct sort_room room;
};

static const uint8_t *label_of(const struct tree *t, uint32_t link)
{
	const struct node *n = image_at(t->z, t->links[link].node);

	return n->label;
}

/* Which of the first `count` it is: their offsets grow. */
static uint32_t find_link(const struct tree *t, uint32_t count, uint32_t node)
{
	uint32_t first = 0;

	while (count > 1) {
		uint32_t half = count / 2;

		first += t->links[first + half].node <= node ? half : 0;
		count -= half;
	}
	return first;
}

/* Parents stand before their children. */
static void link_nodes(struct tree *t)
{
	uint32_t count = 0;

	for (const struct node *n = image_apex(t->z); n; n = node_next(t->z, n)) {
		struct link *own = &t->links[count];

		*own = (struct link){ .node = image_offset(t->z, n) };
		if (count > 0) {
			struct link *parent = &t->links[find_link(t, count, n->parent)];
			own->sibling = parent->child;
			parent->child = count;
		}
		count++;
	}
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
	return label_compare(label_of(context, a), label_of(context, b));
}

static bool sort_children(struct tree *t, struct link *parent)
{
	size_t count = 0;

	for (uint32_t c = parent->child; c != 0; c = t->links[c].sibling)
		count++;
	if (!sort_room_make(&t->room, count))
		return false;
	struct sort_item *items = t->room.items;
	size_t i = 0;
	for (uint32_t c = parent->child; c != 0; c = t->links[c].sibling)
		items[i++] = (struct sort_item){ label_key(label_of(t, c)), c };
	sort_items(items, t->room.scratch, count, compare_labels, t);
	/* From the last to the first, each in front of those that are linked already. */
	for (parent->child = 0; i > 0; parent->child = items[i].value)
		t->links[items[--i].value].sibling = parent->child;
	return true;
}

static void list_nodes(const struct tree *t, struct order *o)
{
	uint32_t above[NAME_MAX_LABELS], at = 0;
	unsigned depth = 0;

	for (uint32_t i = 0; i < o->count; i++) {
		o->nodes[i] = t->links[at].node;
		if (t->links[at].child != 0) {
			above[depth++] = at;
			at = t->links[at].child;
			continue;
		}
		while (t->links[at].sibling == 0 && depth > 0)
			at = above[--depth];
		at = t->links[at].sibling;
	}
}

bool order_make(struct order *o, const struct image *z)
{
	uint32_t count = z->header->node_count;
	struct tree t = { .z = z, .links = calloc(count, sizeof *t.links) };
	bool is_sorted = t.links != NULL;

	*o = (struct order){ .z = z, .nodes = calloc(count, sizeof *o->nodes), .count = count };
	if (is_sorted && o->nodes) {
		link_nodes(&t);
		for (uint32_t i = 0; is_sorted && i < count; i++)
			is_sorted = sort_children(&t, &t.links[i]);
		if (is_sorted)
			list_nodes(&t, o);
	}
	is_sorted = is_sorted && o->nodes;
	sort_room_free(&t.room);
	free(t.links);
	return is_sorted;
}

void order_free(struct order *o)
{
	free(o->nodes);
	*o = (struct order){ .nodes = NULL };
}
