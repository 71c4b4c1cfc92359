/*
 * probe.c -- a name made ready to be searched for.
 */
#include "zone/probe.h"

void probe_init(struct probe *p, const struct siphash_key *key, struct name name)
{
	unsigned labels = 0;
	uint8_t at = 0;

	p->name = name;
	p->key = key;
	/* Length octets are below 'A', so folding the whole run leaves them alone. */
	octets_fold(p->folded, name.octets, name.size);
	for (; p->folded[at] != 0; at = (uint8_t)(at + p->folded[at] + 1))
		p->start[labels++] = at;
	p->start[labels] = at;
	p->labels = (uint8_t)labels;
	p->hash[0] = 0;
	p->hashed = 0;
}

uint64_t probe_child_hash(const struct siphash_key *key, uint64_t parent, const uint8_t *label)
{
	struct siphash_key mixed = { key->k0 ^ parent, key->k1 };

	return siphash13(&mixed, label + 1, label[0]);
}

uint64_t probe_hash(struct probe *p, unsigned depth)
{
	while (p->hashed < depth) {
		unsigned next = p->hashed + 1u;

		p->hash[next] = probe_child_hash(p->key, p->hash[p->hashed], probe_label(p, next));
		p->hashed = (uint8_t)next;
	}
	return p->hash[depth];
}

void probe_know(struct probe *p, unsigned depth, const uint64_t *hash)
{
	if (p->hashed >= depth)
		return;
	for (unsigned i = 1; i <= depth; i++)
		p->hash[i] = hash[i];
	p->hashed = (uint8_t)depth;
}
