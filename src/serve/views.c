/*
 * views.c -- who sees what.
 */
#include "serve/views.h"

uint32_t views_of(const struct views *v, struct slice address, uint32_t interface)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < v->count; i++) {
		const struct network *n = &v->at[i].network;

		if (network_has(n, address, interface) && (!n->interface || interface))
			found |= (uint32_t)1 << (v->at[i].view - 1);
	}
	return found;
}
