/*
 * image.c -- reading a sealed zone.
 */
#include "zone/image.h"

const uint8_t image_magic[8] = { 't', 'e', 'n', '3', '5', 'z', 'n', 2 };

/* True when [start, start + count * size) lies behind the header and inside. */
static bool section_fits(const struct image_header *h, uint32_t start, uint64_t count, size_t size)
{
	return start >= sizeof *h && start % IMAGE_ALIGN == 0 && start + count * size <= h->size;
}

bool image_open(struct image *z, const void *octets, size_t size)
{
	const struct image_header *h = octets;

	*z = (struct image){ .base = octets, .header = h };
	return size >= sizeof *h && memcmp(h->magic, image_magic, sizeof image_magic) == 0 &&
	       h->size == size && h->slot_count > h->node_count && h->nodes_end <= h->size &&
	       section_fits(h, h->apex, 1, sizeof(struct node)) &&
	       section_fits(h, h->names, 0, 1) &&
	       section_fits(h, h->slots, h->slot_count, sizeof(struct slot)) &&
	       (h->pointer_count == 0 ||
		section_fits(h, h->pointers, h->pointer_count, sizeof(struct pointer))) &&
	       (h->soa == 0 || section_fits(h, h->soa, 1, sizeof(struct rrset)));
}

static bool is_label(const struct node *n, uint32_t parent, const uint8_t *label)
{
	return n->parent == parent && n->label[0] == label[0] &&
	       octets_equal_folded(n->label + 1, label + 1, label[0]);
}

static inline const struct slot *slot_after(const struct image *z, const struct slot *s)
{
	const struct slot *slots = image_at(z, z->header->slots);

	return s + 1 == slots + z->header->slot_count ? slots : s + 1;
}

/* The first slot from s on that has the tag, or is free.  A table always has free slots. */
static inline const struct slot *find_tag(const struct image *z, const struct slot *s, uint32_t tag)
{
	while (s->node != 0 && s->tag != tag)
		s = slot_after(z, s);
	return s;
}

static const struct node *find(const struct image *z, const struct node *parent, uint64_t hash,
			       const uint8_t *label)
{
	uint32_t above = image_offset(z, parent);
	const struct slot *s = find_tag(z, image_slot(z, hash), slot_tag(hash));

	for (; s->node != 0; s = find_tag(z, slot_after(z, s), slot_tag(hash))) {
		const struct node *n = image_at(z, s->node);
		if (is_label(n, above, label))
			return n;
	}
	return NULL;
}

const void *image_guess(const struct image *z, uint64_t hash)
{
	const struct slot *s = find_tag(z, image_slot(z, hash), slot_tag(hash));

	return s->node != 0 ? image_at(z, s->node) : NULL;
}

const struct node *image_child(const struct image *z, const struct node *parent, struct probe *p,
			       unsigned depth)
{
	return find(z, parent, probe_hash(p, depth), probe_label(p, depth));
}

const struct node *image_wildcard(const struct image *z, const struct node *parent, uint64_t hash)
{
	static const uint8_t star[] = { 1, '*' };

	return find(z, parent, probe_child_hash(&z->header->key, hash, star), star);
}

static size_t node_size(const struct node *n)
{
	size_t size = offsetof(struct node, label) + 1 + n->label[0];

	return (size + IMAGE_ALIGN - 1) / IMAGE_ALIGN * IMAGE_ALIGN;
}

const struct rrset *node_rrsets(const struct node *n)
{
	return (const void *)((const uint8_t *)n + node_size(n));
}

const struct rrset *node_find(const struct node *n, uint16_t type)
{
	const struct rrset *set = node_rrsets(n);

	for (unsigned i = 0; i < n->rrsets; i++, set = rrset_next(set))
		if (set->type == type)
			return set;
	return NULL;
}

const struct node *node_next(const struct image *z, const struct node *n)
{
	const struct rrset *set = node_rrsets(n);

	for (unsigned i = 0; i < n->rrsets; i++)
		set = rrset_next(set);
	return image_offset(z, set) < z->header->nodes_end ? (const void *)set : NULL;
}

void node_name(const struct image *z, const struct node *n, struct name_buf *out)
{
	size_t used = 0;

	for (; n->parent != 0; n = image_at(z, n->parent)) {
		octets_copy(out->octets + used, n->label, (size_t)n->label[0] + 1);
		used += (size_t)n->label[0] + 1;
	}
	octets_copy(out->octets + used, z->header->origin.octets, z->header->origin.size);
	out->size = (uint8_t)(used + z->header->origin.size);
}
