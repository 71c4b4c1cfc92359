/*
 * pointers.c -- PTR records that nobody wrote: rows of addresses, and a search
 * in them.
 */
#include "zone/pointers.h"
#include "base/ip.h"
#include "base/sort.h"
#include "zone/reverse.h"

#include <stdlib.h>

enum {
	VIEW_BITS = 6,      /* of a number up to VIEWS_MAX */
	MARK_WITHIN = 4096, /* octets from the begin of a record to the end of "; ptr" */
};

struct pointers_header {
	uint8_t magic[8];
	uint32_t size; /* octets in all */
	uint32_t count;
	struct pointer_row {
		uint8_t address[16];
		uint32_t ttl;
		uint32_t name; /* offset of its length octet */
		uint32_t view; /* whose it is: 0 everybody's */
	} rows[];
};

static const uint8_t pointers_magic[8] = { 't', 'e', 'n', '3', '5', 'p', 't', 1 };

/* ------ addresses ------ */

/* Four octets become sixteen.  False for an AAAA record that looks like one of these. */
static bool widen(const uint8_t *octets, size_t size, uint8_t out[16])
{
	if (size == 16) {
		memcpy(out, octets, 16);
		return !ip6_is_mapped(out);
	}
	memcpy(out, ip4_mapped, sizeof ip4_mapped);
	memcpy(out + sizeof ip4_mapped, octets, IP4_SIZE);
	return true;
}

/* What most comparisons need; IPv4 addresses all have the same one. */
static uint64_t first_half(const uint8_t address[16])
{
	struct reader r = reader_init(address, 8);
	uint64_t high = get_u32(&r);

	return high << 32 | get_u32(&r);
}

/* ------ rows of one zone ------ */

struct candidate {
	uint8_t address[16];
	uint32_t node;  /* in the image */
	uint32_t order; /* its place, behind all that are marked */
};

struct gathering {
	const struct builder *b;
	const struct sources *sources;
	struct candidate *at;
	size_t count;
};

size_t pointers_expected(const struct builder *b)
{
	return b->wants_pointers && b->address_count <= POINTERS_PER_ZONE ? b->address_count : 0;
}

/*
 * "; ptr" at the end of the line on which the record begins.  $GENERATE has many
 * records on one line: where it goes on for very long, nobody looks for the end.
 */
static bool is_marked(const struct sources *sources, uint32_t place)
{
	const uint8_t *at;
	const struct source *source = sources_find(sources, place, &at);

	if (!at)
		return false;
	size_t left = source->size - (size_t)(at - source->text);
	const uint8_t *end = at + (left < MARK_WITHIN ? left : MARK_WITHIN);

	while (at < end && *at != ';' && *at != '\n')
		at += *at == '\\' ? 2 : 1;
	while (at < end && (*at == ';' || *at == ' ' || *at == '\t'))
		at++;
	return end - at >= 3 && memcmp(at, "ptr", 3) == 0 && (end - at == 3 || at[3] <= ' ');
}

/* Marks are for zone files: names from elsewhere replace nothing that is there. */
static uint32_t place_in_order(const struct gathering *g, uint32_t place)
{
	return place < g->b->names_base && is_marked(g->sources, place) ? 0 : place + 1;
}

/* A wildcard is nobody's name, and what is delegated is somebody else's. */
static bool has_pointers(const struct builder *b, const struct builder_node *n)
{
	if (n->label[0] == 1 && n->label[1] == '*')
		return false;
	for (; n->parent; n = builder_node_at(b, n->parent))
		if (n->flags & NODE_CUT)
			return false;
	return true;
}

static void gather_node(struct gathering *g, uint32_t node)
{
	const struct builder_node *n = builder_node_at(g->b, node);
	const struct builder_record *r = builder_first(g->b, node);

	for (; r; r = builder_after(g->b, r)) {
		struct candidate *c = &g->at[g->count];

		if ((r->type != TYPE_A && r->type != TYPE_AAAA) ||
		    !widen(r->stored, r->size, c->address) || !has_pointers(g->b, n))
			continue;
		c->node = n->sealed;
		c->order = place_in_order(g, r->place);
		g->count++;
	}
}

static int compare_candidates(const void *context, uint32_t x, uint32_t y)
{
	const struct candidate *a = (const struct candidate *)context + x;
	const struct candidate *b = (const struct candidate *)context + y;
	int order = memcmp(a->address, b->address, sizeof a->address);

	return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* The rows in order, of each address the first. */
static uint32_t write_rows(const struct gathering *g, const struct sort_item *sorted,
			   struct pointer *out)
{
	uint32_t count = 0;

	for (size_t i = 0; i < g->count; i++) {
		const struct candidate *c = &g->at[sorted[i].value];

		if (count && memcmp(out[count - 1].address, c->address, sizeof c->address) == 0)
			continue;
		memcpy(out[count].address, c->address, sizeof c->address);
		out[count].node = c->node;
		out[count++].is_marked = c->order == 0;
	}
	return count;
}

bool pointers_gather(const struct builder *b, const struct sources *sources, struct pointer *out,
		     uint32_t *count)
{
	struct gathering g = { .b = b, .sources = sources };
	struct sort_room room = { 0 };
	size_t expected = pointers_expected(b);

	*count = 0;
	if (expected == 0)
		return true;
	g.at = malloc(expected * sizeof *g.at);
	bool made = g.at && sort_room_make(&room, expected);
	for (uint32_t n = b->apex; made && n; n = builder_next(b, n))
		gather_node(&g, n);
	for (size_t i = 0; made && i < g.count; i++)
		room.items[i] = (struct sort_item){ first_half(g.at[i].address), (uint32_t)i };
	if (made) {
		sort_items(room.items, room.scratch, g.count, compare_candidates, g.at);
		*count = write_rows(&g, room.items, out);
	}
	sort_room_free(&room);
	free(g.at);
	return made;
}

/* ------ the block of all zones ------ */

/* One row of one image. */
struct choice {
	const struct pointer *row;
	uint32_t zone;
};

static const struct pointer *rows_of(const struct image *z)
{
	return image_at(z, z->header->pointers);
}

static uint32_t row_count(const struct image *z)
{
	return z->header ? z->header->pointer_count : 0;
}

/* How many rows of the zones there is room for, in their order. */
static size_t take_zones(const struct image *zones, size_t count, size_t *rows)
{
	size_t i = 0;

	*rows = 0;
	while (i < count && *rows + row_count(&zones[i]) <= POINTERS_MAX)
		*rows += row_count(&zones[i++]);
	return i;
}

size_t pointers_room(const struct image *zones, size_t count)
{
	size_t rows;

	take_zones(zones, count, &rows);
	return rows ? sizeof(struct pointers_header) +
			       rows * (sizeof(struct pointer_row) + 1 + NAME_MAX_SIZE)
		    : 0;
}

struct choosing {
	const struct image *zones;
	const struct choice *choices;
};

/* By clients, then by address; then what is marked, and what was configured first. */
static int compare_choices(const void *context, uint32_t x, uint32_t y)
{
	const struct choosing *c = context;
	const struct choice *a = &c->choices[x], *b = &c->choices[y];
	int order = c->zones[a->zone].view - c->zones[b->zone].view;

	if (order == 0)
		order = memcmp(a->row->address, b->row->address, sizeof a->row->address);
	if (order)
		return order;
	if (a->row->is_marked != b->row->is_marked)
		return a->row->is_marked ? -1 : 1;
	return (a->zone > b->zone) - (a->zone < b->zone);
}

/* What most comparisons need: the view, which takes VIEW_BITS, and how the address begins. */
static uint64_t key_of(uint8_t view, const uint8_t address[16])
{
	return (uint64_t)view << (64 - VIEW_BITS) | first_half(address) >> VIEW_BITS;
}

static void collect(const struct image *zones, size_t count, struct choice *choices,
		    struct sort_item *items)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < row_count(&zones[i]); k++, n++) {
			choices[n] = (struct choice){ rows_of(&zones[i]) + k, i };
			items[n] =
				(struct sort_item){ key_of(zones[i].view, choices[n].row->address),
						    n };
		}
}

/* The row of the same address and the same clients would be the last one. */
static bool is_settled(const struct pointers_header *h, const struct pointer *row, uint32_t view)
{
	const struct pointer_row *last = h->count ? &h->rows[h->count - 1] : NULL;

	return last && last->view == view &&
	       memcmp(last->address, row->address, sizeof last->address) == 0;
}

/* The TTL of the address is that of its name. */
static uint32_t ttl_of(const struct node *n, const struct pointer *row)
{
	const struct rrset *set = node_find(n, ip6_is_mapped(row->address) ? TYPE_A : TYPE_AAAA);

	return set ? set->ttl : 0;
}

static void write_choice(struct pointers_header *h, const struct image *z,
			 const struct pointer *row, uint32_t *names)
{
	const struct node *n = image_at(z, row->node);
	uint8_t *octets = (uint8_t *)h + *names;
	struct name_buf name;

	if (is_settled(h, row, z->view))
		return;
	node_name(z, n, &name);
	octets[0] = name.size;
	memcpy(octets + 1, name.octets, name.size);
	struct pointer_row *to = &h->rows[h->count++];
	memcpy(to->address, row->address, sizeof to->address);
	to->ttl = ttl_of(n, row);
	to->name = *names;
	to->view = z->view;
	*names += 1u + name.size;
}

size_t pointers_make(const struct image *zones, size_t count, uint8_t *out)
{
	struct pointers_header *h = (void *)out;
	struct sort_room room = { 0 };
	size_t rows, taken = take_zones(zones, count, &rows);
	struct choice *choices = malloc((rows + 1) * sizeof *choices);
	struct choosing choosing = { zones, choices };
	uint32_t names = (uint32_t)(sizeof *h + rows * sizeof h->rows[0]);

	if (choices && sort_room_make(&room, rows + 1)) {
		collect(zones, taken, choices, room.items);
		sort_items(room.items, room.scratch, rows, compare_choices, &choosing);
		for (size_t i = 0; i < rows; i++) {
			const struct choice *c = &choices[room.items[i].value];

			write_choice(h, &zones[c->zone], c->row, &names);
		}
		memcpy(h->magic, pointers_magic, sizeof h->magic);
		h->size = names;
	}
	sort_room_free(&room);
	free(choices);
	return h->size;
}

/* ------ finding ------ */

bool pointers_open(struct pointers *p, const void *octets, size_t size)
{
	const struct pointers_header *h = octets;

	p->header = h;
	return size >= sizeof *h && memcmp(h->magic, pointers_magic, sizeof h->magic) == 0 &&
	       h->size == size && h->count <= (size - sizeof *h) / sizeof h->rows[0];
}

static bool is_below(const struct pointer_row *row, uint32_t view, const uint8_t address[16])
{
	return row->view < view ||
	       (row->view == view && memcmp(row->address, address, sizeof row->address) < 0);
}

/* The first row that is not below the view's address: where it stands, or would. */
static uint32_t lower_bound(const struct pointers_header *h, uint32_t view,
			    const uint8_t address[16])
{
	uint32_t low = 0, high = h->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (is_below(&h->rows[middle], view, address))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The first row of a view whose address begins so, or NULL. */
static const struct pointer_row *find_row(const struct pointers_header *h, uint32_t view,
					  const uint8_t address[16], unsigned bits)
{
	uint32_t i = lower_bound(h, view, address);
	const struct pointer_row *row = &h->rows[i];

	return i < h->count && row->view == view && ip_prefix_equal(row->address, address, bits)
		       ? row
		       : NULL;
}

enum pointer_state pointers_find(const struct pointers *p, const uint8_t address[16], unsigned bits,
				 uint32_t views, struct pointer_found *out)
{
	const struct pointers_header *h = p->header;
	const struct pointer_row *row = NULL;

	for (uint32_t view = 1; !row && view <= VIEWS_MAX; view++)
		if (view_has(view, views))
			row = find_row(h, view, address, bits);
	if (!row)
		row = find_row(h, 0, address, bits);
	if (!row)
		return POINTER_NONE;
	if (bits < REVERSE_ADDRESS_BITS)
		return POINTER_ABOVE;
	const uint8_t *name = (const uint8_t *)h + row->name;
	*out = (struct pointer_found){ { name + 1, name[0] }, row->ttl };
	return POINTER_FOUND;
}
