/*
 * access.c -- who is served beyond our zones.
 */
#include "serve/access.h"
#include "base/ip.h"

enum { PREFIX4_SIZE = 3, PREFIX6_SIZE = 7 };

bool network_has(const struct network *n, struct slice address, uint32_t interface)
{
	return n->size == address.size &&
	       (!n->interface || !interface || n->interface == interface) &&
	       ip_prefix_equal(n->octets, address.octets, n->bits);
}

bool access_allows(const struct access *a, struct slice address, uint32_t interface)
{
	if (a->everybody || ip_is_loopback(address))
		return true;
	for (size_t i = 0; i < a->count; i++)
		if (network_has(&a->networks[i], address, interface))
			return true;
	return false;
}

/* Networks that fall into one slot share it: it only makes us a little quieter. */
bool refusal_may_be_told(struct refusals *r, struct slice address, uint64_t now_ms)
{
	size_t size = address.size == 4 ? PREFIX4_SIZE : PREFIX6_SIZE;
	uint64_t hash = siphash13(&r->key, address.octets, size);
	struct refusal_slot *slot = &r->slots[hash % REFUSAL_SLOTS];
	uint32_t second = (uint32_t)(now_ms / 1000);

	if (slot->second != second)
		*slot = (struct refusal_slot){ .second = second };
	slot->count++;
	return slot->count <= REFUSALS_PER_S || slot->count % 2 == 0;
}
