/*
 * variations.h -- inputs that are nearly those which somebody thought of.
 *
 * A fuzzer goes on for days; a test tries the corpus and a handful of
 * variations of each of its inputs, the same ones in every run.  Octets are
 * changed, taken out, brought in, cut off, and taken over from the input before.
 */
#ifndef SUPPORT_VARIATIONS_H
#define SUPPORT_VARIATIONS_H

#include "support/property.h"

enum { VARIATIONS_MAX = 1000 }; /* of all files of a corpus */

/*
 * Tries every file of fuzz/corpus/<target>, and so many variations of each, but no more
 * than VARIATIONS_MAX in all.  Fails without any file.
 */
void vary_corpus(const char *target, property *holds, unsigned variations);

/* The same for one input. */
void vary_input(const void *octets, size_t size, property *holds, unsigned variations);

#endif
