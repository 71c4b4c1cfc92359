/*
 * output.h -- text for whoever called a program, on its standard descriptors.
 *
 * What the libc's stdio would do, in a tenth of the octets.  Standard output is
 * collected until there is much of it, standard error goes out at once; before
 * it does, what was collected goes, so that both are in order where they are one.
 */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include "base/octets.h"

enum { OUTPUT_COLLECTED = 8192 };

struct output {
	int fd;
	bool failed;  /* something could not be written; sticks */
	char *octets; /* room for OUTPUT_COLLECTED, or NULL: nothing is collected */
	size_t used;
};

extern struct output output_standard, output_error;

void output_put(struct output *o, const char *text);
void output_put_octets(struct output *o, const void *octets, size_t n);

/* Writes what was collected.  False when anything could not be written, now or before. */
bool output_flush(struct output *o);

/* A terminal that may be told colours: NO_COLOR is not set. */
bool output_is_coloured(const struct output *o);

#endif
