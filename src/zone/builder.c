/*
 * builder.c -- a zone under construction.
 */
#include "zone/builder.h"
#include "base/assert.h"
#include "dns/field.h"

/* Enough for any zone in the root's or a large TLD's size; a guard against endless input. */
const struct builder_limits builder_limits_default = {
	.records = 50u * 1000 * 1000,
	.octets = (size_t)3 << 30,
};

/* Names that are being looked for side by side. */
enum { NAMES_AHEAD = 4 };

static uint32_t new_node(struct builder *b, uint32_t parent, uint64_t hash, const uint8_t *label)
{
	size_t size = offsetof(struct builder_node, label) + 1 + label[0];
	uint32_t offset = pool_add(&b->nodes, size);

	if (offset == 0 || !table_add(&b->node_table, hash, offset))
		return 0;
	struct builder_node *n = builder_node_at(b, offset);
	/* One by one: a whole structure is written by what takes long to get going. */
	n->hash = hash;
	n->parent = parent;
	n->first = n->last = 0;
	n->flags = 0;
	n->has_child = false;
	octets_copy(n->label, label, (size_t)label[0] + 1);
	if (parent != 0)
		builder_node_at(b, parent)->has_child = true;
	b->node_count++;
	return offset;
}

bool builder_init(struct builder *b, struct name origin, const struct siphash_key *key,
		  const struct builder_limits *limits)
{
	struct probe p;

	*b = (struct builder){ .key = *key, .limits = *limits, .names_base = UINT32_MAX };
	name_copy(&b->origin, origin);
	probe_init(&p, key, origin);
	b->origin_labels = p.labels;
	b->origin_hash = probe_hash(&p, p.labels);
	b->nodes = pool_init(limits->octets, _Alignof(struct builder_node));
	b->records = pool_init(limits->octets, _Alignof(struct builder_record));
	b->names = pool_init(limits->octets, _Alignof(struct stored_name));
	b->apex = new_node(b, 0, b->origin_hash, name_root.octets);
	if (b->apex != 0)
		return true;
	builder_free(b);
	b->nodes.failed = true;
	return false;
}

void builder_free(struct builder *b)
{
	pool_free(&b->nodes);
	pool_free(&b->records);
	pool_free(&b->names);
	table_free(&b->node_table);
	table_free(&b->name_table);
}

/* Is this the node of the probe's ancestor with so many labels? */
static bool is_node_of(const struct builder *b, uint32_t node, const struct probe *p,
		       unsigned depth)
{
	for (; depth > b->origin_labels && node != b->apex; depth--) {
		const struct builder_node *n = builder_node_at(b, node);
		const uint8_t *label = probe_label(p, depth);

		if (n->label[0] != label[0] ||
		    !octets_equal_folded(n->label + 1, label + 1, label[0]))
			return false;
		node = n->parent;
	}
	return depth == b->origin_labels && node == b->apex;
}

static uint32_t find_ancestor(const struct builder *b, struct probe *p, unsigned depth)
{
	if (depth == b->origin_labels)
		return b->apex;
	struct table_walk walk = table_walk(probe_hash(p, depth));
	uint32_t node;
	while ((node = table_find(&b->node_table, &walk)) != 0)
		if (is_node_of(b, node, p, depth))
			return node;
	return 0;
}

/* The lowest ancestor that is there, from the name itself up to the apex. */
static uint32_t find_closest(const struct builder *b, struct probe *p, unsigned *depth)
{
	uint32_t node;

	for (*depth = p->labels; (node = find_ancestor(b, p, *depth)) == 0;)
		--*depth;
	return node;
}

/* Needs a probe within the origin; the hashes of the origin are known already. */
static void skip_origin(const struct builder *b, struct probe *p)
{
	p->hash[b->origin_labels] = b->origin_hash;
	p->hashed = (uint8_t)b->origin_labels;
}

void builder_node_begin(const struct builder *b, struct name name, struct probe *p)
{
	probe_init(p, &b->key, name);
	skip_origin(b, p);
	table_prefetch(&b->node_table, probe_hash(p, p->labels));
}

uint32_t builder_node_end(struct builder *b, struct probe *p)
{
	unsigned depth;
	uint32_t node = find_closest(b, p, &depth);

	while (depth < p->labels && node != 0) {
		depth++;
		node = new_node(b, node, probe_hash(p, depth), probe_ancestor(p, depth).octets);
	}
	return node;
}

uint32_t builder_node(struct builder *b, struct name name)
{
	struct probe p;

	builder_node_begin(b, name, &p);
	return builder_node_end(b, &p);
}

uint32_t builder_closest(const struct builder *b, struct name name, unsigned *missing)
{
	struct probe p;
	unsigned depth;

	builder_node_begin(b, name, &p);
	uint32_t node = find_closest(b, &p, &depth);
	*missing = p.labels - depth;
	return node;
}

uint32_t builder_find(const struct builder *b, struct name name)
{
	struct probe p;

	if (!name_is_within(name, name_view(&b->origin)))
		return 0;
	builder_node_begin(b, name, &p);
	return find_ancestor(b, &p, p.labels);
}

/* The one copy of a name that RDATA mentions, case and all; 0 when memory ended. */
static uint32_t intern(struct builder *b, struct name name, uint64_t hash)
{
	struct table_walk walk = table_walk(hash);
	uint32_t offset;

	while ((offset = table_find(&b->name_table, &walk)) != 0) {
		const struct stored_name *n = pool_at(&b->names, offset);
		if (n->size == name.size && octets_equal(n->octets, name.octets, name.size))
			return offset;
	}
	offset = pool_add(&b->names, offsetof(struct stored_name, octets) + name.size);
	if (offset == 0 || !table_add(&b->name_table, hash, offset))
		return 0;
	struct stored_name *n = pool_at(&b->names, offset);
	n->node = 0;
	n->size = (uint8_t)name.size;
	octets_copy(n->octets, name.octets, name.size);
	b->has_capitals = b->has_capitals || !octets_are_folded(name.octets, name.size);
	return offset;
}

/* What stands before, between and behind names, mostly nothing; returns where to go on. */
static uint8_t *store_between(uint8_t *to, const uint8_t *from, const uint8_t *end)
{
	size_t n = (size_t)(end - from);

	if (n > 0)
		octets_copy(to, from, n);
	return to + n;
}

/* Turns wire RDATA into its stored form, for which there is room; NULL when memory ended. */
static uint8_t *store_rdata(struct builder *b, const struct builder_rdata *rdata, uint8_t *to)
{
	const uint8_t *from = rdata->octets.octets;

	for (unsigned i = 0; i < rdata->name_count; i++) {
		struct name name = rdata->names[i];
		uint32_t ref = intern(b, name, rdata->hashes[i]);

		if (ref == 0)
			return NULL;
		to = store_between(to, from, name.octets);
		memcpy(to, &ref, sizeof ref);
		to += sizeof ref;
		from = name.octets + name.size;
	}
	return store_between(to, from, rdata->octets.octets + rdata->octets.size);
}

/* What a record of this type makes of its node. */
static uint8_t flag_of(uint16_t type, bool is_apex)
{
	switch (type) {
	case TYPE_NS:
		return is_apex ? 0 : NODE_CUT;
	case TYPE_DNAME:
		return NODE_DNAME;
	case TYPE_CNAME:
		return NODE_CNAME;
	default:
		return 0;
	}
}

/* A name of valid RDATA: the last field is all that is left. */
static bool take_name(struct reader *r, bool is_last, struct name *out)
{
	if (!is_last)
		return get_name_view(r, out);
	*out = (struct name){ r->pos, reader_left(r) };
	return true;
}

/*
 * The hash of a name that RDATA mentions.  Its table finds names of a zone file again while
 * that is read, and nobody else can look into it: so there a secret factor, and a product
 * whose halves are laid over each other, are enough, and a fourth of the work of SipHash.
 */
#ifdef __SIZEOF_INT128__
static inline uint64_t folded_product(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_mentioned(const struct siphash_key *key, struct name name)
{
	const uint64_t factor = key->k1 ^ 0x9e3779b97f4a7c15; /* also for keys of tests, as 0 */
	uint64_t hash = key->k0 ^ name.size;

	if (name.size < 8)
		return folded_product(hash ^ load_le(name.octets, name.size), factor);
	/* The last eight may be some that were taken before. */
	for (size_t i = 0; i < name.size - 8; i += 8)
		hash = folded_product(hash ^ load8(name.octets + i), factor);
	return folded_product(hash ^ load8(name.octets + name.size - 8), factor);
}
#else
static uint64_t hash_mentioned(const struct siphash_key *key, struct name name)
{
	return siphash13(key, name.octets, name.size);
}
#endif

void builder_add_begin(const struct builder *b, uint16_t type, struct slice rdata,
		       struct builder_rdata *out)
{
	struct reader left = reader_init(rdata.octets, rdata.size);

	out->type = type;
	out->octets = rdata;
	out->name_count = 0;
	for (const uint8_t *f = rrtype_find(type)->fields; *f != FIELD_END; f++) {
		struct name name;

		if (!field_is_name(*f)) {
			field_skip(*f, &left);
		} else if (take_name(&left, f[1] == FIELD_END, &name)) {
			uint64_t hash = hash_mentioned(&b->key, name);
			table_prefetch(&b->name_table, hash);
			assert(out->name_count < RRTYPE_MAX_NAMES);
			out->names[out->name_count] = name;
			out->hashes[out->name_count++] = hash;
		}
	}
}

const char *builder_add_end(struct builder *b, uint32_t node, uint32_t ttl,
			    const struct builder_rdata *rdata, uint32_t place)
{
	/* A name of one octet becomes a reference of four. */
	size_t room = rdata->octets.size + RRTYPE_MAX_NAMES * NAME_REF_SIZE;
	uint16_t type = rdata->type;

	if (b->record_count == b->limits.records)
		return "more records than the limit";
	uint32_t offset = pool_add(&b->records, offsetof(struct builder_record, stored) + room);
	if (node == 0 || offset == 0)
		return "out of memory";
	struct builder_record *r = builder_record_at(b, offset);
	r->next = 0;
	const uint8_t *end = store_rdata(b, rdata, r->stored);
	size_t size = end ? (size_t)(end - r->stored) : 0;
	if (!end || size > UINT16_MAX) {
		pool_cut(&b->records, offset, 0);
		return end ? "record data too large to be stored" : "out of memory";
	}
	pool_cut(&b->records, offset, offsetof(struct builder_record, stored) + size);
	r->place = place;
	r->ttl = ttl;
	r->type = type;
	r->size = (uint16_t)size;
	struct builder_node *n = builder_node_at(b, node);
	if (n->last)
		builder_record_at(b, n->last)->next = offset;
	else
		n->first = offset;
	n->last = offset;
	n->flags |= flag_of(type, n->parent == 0);
	b->record_count++;
	b->address_count += type == TYPE_A || type == TYPE_AAAA;
	return NULL;
}

const char *builder_add(struct builder *b, uint32_t node, uint16_t type, uint32_t ttl,
			struct slice rdata, uint32_t place)
{
	struct builder_rdata ready;

	builder_add_begin(b, type, rdata, &ready);
	return builder_add_end(b, node, ttl, &ready, place);
}

const struct stored_name *builder_take_stored(const struct builder *b, struct reader *stored)
{
	const uint8_t *octets = reader_take(stored, NAME_REF_SIZE);
	uint32_t ref;

	assert(octets);
	memcpy(&ref, octets, sizeof ref);
	return pool_at(&b->names, ref);
}

static bool same_field(const struct builder *b, uint8_t field, struct reader *x, struct reader *y)
{
	if (field_is_name(field))
		return name_equal(builder_take_name(b, x), builder_take_name(b, y));
	const uint8_t *start = x->pos;
	field_skip(field, x);
	size_t size = (size_t)(x->pos - start);
	const uint8_t *other = reader_take(y, size);
	return other && memcmp(start, other, size) == 0;
}

bool builder_same_record(const struct builder *b, const struct builder_record *x,
			 const struct builder_record *y)
{
	struct reader left_x = reader_init(x->stored, x->size);
	struct reader left_y = reader_init(y->stored, y->size);

	assert(x->type == y->type);
	if (x->size != y->size)
		return false;
	if (octets_equal(x->stored, y->stored, x->size))
		return true;
	/* Without a look at the names, each of which may be a wait for the memory. */
	if (!b->has_capitals)
		return false;
	for (const uint8_t *f = rrtype_find(x->type)->fields; *f != FIELD_END; f++)
		if (!same_field(b, *f, &left_x, &left_y))
			return false;
	return true;
}

uint32_t builder_next(const struct builder *b, uint32_t node)
{
	const struct builder_node *n = builder_node_at(b, node);
	size_t size = offsetof(struct builder_node, label) + 1 + n->label[0];
	size_t next = node + pool_size(&b->nodes, size);

	return next < b->nodes.used ? (uint32_t)next : 0;
}

uint32_t builder_next_name(const struct builder *b, uint32_t name)
{
	size_t next = b->names.align;

	if (name != 0) {
		const struct stored_name *n = pool_at(&b->names, name);
		next = name + pool_size(&b->names, offsetof(struct stored_name, octets) + n->size);
	}
	return next < b->names.used ? (uint32_t)next : 0;
}

/* A name that RDATA mentions and that is being looked for. */
struct search {
	struct stored_name *name; /* NULL: none */
	struct probe probe;
};

/* Begins to look for the next name within the zone; *ref: the one before, 0 at the end. */
static void begin_search(struct builder *b, uint32_t *ref, struct search *search)
{
	search->name = NULL;
	while (!search->name && (*ref = builder_next_name(b, *ref)) != 0) {
		struct stored_name *n = pool_at(&b->names, *ref);

		if (!name_is_within(stored_name_view(n), name_view(&b->origin)))
			continue;
		search->name = n;
		builder_node_begin(b, stored_name_view(n), &search->probe);
	}
}

static void end_search(const struct builder *b, struct search *search)
{
	if (search->name)
		search->name->node = find_ancestor(b, &search->probe, search->probe.labels);
}

void builder_complete(struct builder *b)
{
	struct search searches[NAMES_AHEAD] = { { .name = NULL } };
	uint32_t ref = 0;
	unsigned i = 0;

	table_free(&b->name_table);
	do {
		end_search(b, &searches[i]);
		begin_search(b, &ref, &searches[i]);
		i = (i + 1) % NAMES_AHEAD;
	} while (ref != 0);
	for (i = 0; i < NAMES_AHEAD; i++)
		end_search(b, &searches[i]);
}

void builder_name(const struct builder *b, uint32_t node, struct name_buf *out)
{
	out->size = 0;
	for (; node != b->apex; node = builder_node_at(b, node)->parent) {
		const struct builder_node *n = builder_node_at(b, node);
		octets_copy(out->octets + out->size, n->label, (size_t)n->label[0] + 1);
		out->size = (uint8_t)(out->size + n->label[0] + 1);
	}
	octets_copy(out->octets + out->size, b->origin.octets, b->origin.size);
	out->size = (uint8_t)(out->size + b->origin.size);
}
