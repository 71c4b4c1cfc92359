/*
 * mapped.h -- what a server answers from: zones, and the names of addresses, in
 * memory that the loader has sealed (app/sealed.h).
 *
 * What comes is swapped for what was there, as a whole; what cannot be mapped is
 * logged, and what was there stays.
 */
#ifndef APP_MAPPED_H
#define APP_MAPPED_H

#include "app/config.h"
#include "zone/catalog.h"
#include "zone/pointers.h"

struct mapped {
	const struct config *config;
	const struct siphash_key *key; /* that all images are made with */
	struct image *zones;           /* by index in the configuration */
	struct catalog catalog;        /* of them */
	bool lost;                     /* no memory was left for the catalog: it is empty */
	struct pointers pointers;      /* header NULL: no names of addresses */
	size_t pointers_size;
};

/* Nothing is there yet.  Both are borrowed.  False when memory ended. */
MUST_USE bool mapped_init(struct mapped *m, const struct config *config,
			  const struct siphash_key *key);

/*
 * Takes a file of `size` octets as the image of a zone of the configuration.  The
 * file stays the caller's.  True when it brings names that were not ours before.
 */
MUST_USE bool mapped_take_zone(struct mapped *m, size_t zone, int file, size_t size);

/* Takes a file as the block of names of addresses; -1: there are none any more. */
void mapped_take_pointers(struct mapped *m, int file, size_t size);

#endif
