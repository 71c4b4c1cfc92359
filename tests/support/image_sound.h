/*
 * image_sound.h -- is an image what include/zone/image.h says, down to the last offset?
 *
 * The program does not ask: images come from our own loader, in sealed memory.
 * To look at all of one would add 4 % to the load of a million records, and every
 * server would touch each page of what it now maps and mostly leaves alone.  Here
 * is all that lookups rely on without looking:
 *
 *	- every offset leads to the start of what it should lead to, inside of its section
 *	- parents come before their children, and names have at most 255 octets
 *	- RDATA fits the row of its type, and items lie inside of their RRset
 *	- a flag of a node is true: the NS, DNAME, CNAME or child "*" is there
 *	- the table of slots has a free one, and hashes are made with the server's key
 */
#ifndef SUPPORT_IMAGE_SOUND_H
#define SUPPORT_IMAGE_SOUND_H

#include "zone/image.h"

/* NULL when it is sound, else what is wrong.  Needs an image that image_open() has taken. */
const char *image_unsound(const struct image *z, const struct siphash_key *key);

#endif
