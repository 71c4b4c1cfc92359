/*
 * mapped.h -- what a server answers from: zones, and the names of addresses, in
 * blocks of memory that are mapped and that nobody changes (app/sealed.h).
 *
 * What comes is swapped for what was there, as a whole, and unmapped at its end;
 * what is no good is logged, and what was there stays.
 */
#ifndef APP_MAPPED_H
#define APP_MAPPED_H

#include "app/config.h"
#include "zone/catalog.h"
#include "zone/pointers.h"

struct mapped {
	const struct config *config;
	struct image *zones;      /* by index in the configuration */
	struct catalog catalog;   /* of them */
	struct pointers pointers; /* header NULL: no names of addresses */
	size_t pointers_size;
};

/*
 * Nothing is there yet.  `config` is borrowed, `key` is that of all images.  False when
 * memory ended; mapped_free() is for then, too.
 */
MUST_USE bool mapped_init(struct mapped *m, const struct config *config,
			  const struct siphash_key *key);

/*
 * Takes a block of `size` octets, which is its own from now on, as the image of a
 * zone of the configuration; NULL: it could not be mapped.  True when it brings
 * names that were not ours before.
 */
MUST_USE bool mapped_take_zone(struct mapped *m, size_t zone, const void *block, size_t size);

/* Takes the block of names of addresses; size 0: there are none any more. */
void mapped_take_pointers(struct mapped *m, const void *block, size_t size);

/* Unmaps everything. */
void mapped_free(struct mapped *m);

#endif
