/*
 * compress.c -- name compression for one message.
 */
#include "dns/compress.h"

/* The same for both cases of a letter.  Not for the root. */
static uint8_t bucket_of(struct name n)
{
	return (n.size + 8u * (n.octets[n.octets[0]] & 0x1f)) % COMPRESS_BUCKETS;
}

/* Of the same size, and not the root.  Most that differ do so in their first letter. */
static inline bool is_same(const uint8_t *a, const uint8_t *b, size_t size)
{
	if (a == b) /* names of an image that are the same stand at the same place */
		return true;
	return ((a[1] ^ b[1]) & ~0x20) == 0 && octets_equal_folded(a, b, size);
}

/* The offset of a suffix, or 0. */
static uint16_t find_suffix(const struct compressor *c, struct name n)
{
	unsigned i = c->bucket[bucket_of(n)];

	for (unsigned tries = 0; i != 0 && tries < COMPRESS_SEARCH; tries++) {
		if (c->entries[i - 1].size == n.size &&
		    is_same(c->entries[i - 1].octets, n.octets, n.size))
			return c->entries[i - 1].offset;
		i = c->entries[i - 1].next;
	}
	return 0;
}

static void add_suffix(struct compressor *c, struct name n, size_t offset)
{
	if (c->count == COMPRESS_ENTRIES || offset >= COMPRESS_OFFSETS)
		return;
	uint8_t bucket = bucket_of(n);
	c->entries[c->count].octets = n.octets;
	c->entries[c->count].offset = (uint16_t)offset;
	c->entries[c->count].size = (uint8_t)n.size;
	c->entries[c->count].bucket = bucket;
	c->entries[c->count].next = c->bucket[bucket];
	c->bucket[bucket] = ++c->count;
}

/* Adds the suffixes of n that are longer than `known` octets. */
static void add_suffixes(struct compressor *c, struct name n, size_t known, size_t offset)
{
	for (; n.size > known; n = name_parent(n)) {
		add_suffix(c, n, offset);
		offset += (size_t)n.octets[0] + 1;
	}
}

static void make_ready(struct compressor *c)
{
	memset(c->bucket, 0, sizeof c->bucket);
	c->ready = true;
	if (c->question.octets)
		add_suffixes(c, c->question, name_root.size, COMPRESS_QUESTION);
}

void compressor_rewind(struct compressor *c, uint8_t count)
{
	while (c->count > count) {
		c->count--;
		c->bucket[c->entries[c->count].bucket] = c->entries[c->count].next;
	}
	/* The question came in with the first name: it comes in again. */
	if (count == 0)
		c->ready = false;
}

void put_name_compressed(struct writer *w, struct compressor *c, struct name n)
{
	struct name suffix = n;
	uint16_t pointer = 0;
	size_t offset = writer_size(w);

	if (name_is_root(n)) { /* as that of each OPT */
		put_octets(w, n.octets, n.size);
		return;
	}
	if (!c->ready)
		make_ready(c);
	for (; !name_is_root(suffix); suffix = name_parent(suffix))
		if ((pointer = find_suffix(c, suffix)) != 0)
			break;
	if (pointer == 0) {
		put_octets(w, n.octets, n.size);
	} else {
		put_octets(w, n.octets, n.size - suffix.size);
		put_u16(w, (uint16_t)(0xc000 | pointer));
	}
	if (!w->full)
		add_suffixes(c, n, suffix.size, offset);
}
