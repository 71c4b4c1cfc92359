/*
 * fnv.h -- FNV-1a (Fowler, Noll, Vo; RFC 9923): a hash that is the same everywhere.
 *
 * For what nobody attacks: traces, and answers that follow from a name.
 */
#ifndef SIM_FNV_H
#define SIM_FNV_H

#include "base/octets.h"

#define FNV_BEGIN 0xcbf29ce484222325

static inline uint64_t fnv(uint64_t hash, const void *octets, size_t n)
{
	const uint8_t *p = octets;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ p[i]) * 0x100000001b3;
	return hash;
}

#endif
