/*
 * calls.h -- the calls of net/sockets.h, as a kernel in memory does them.
 *
 * Between the two files of the kernel: sim/kernel.c has descriptors and what arrives
 * for them, sim/calls.c is what a server sees of it.
 */
#ifndef SIM_CALLS_H
#define SIM_CALLS_H

#include "sim/kernel.h"

/* All of them, for this kernel. */
struct sockets kernel_calls(struct kernel *k);

/* A new descriptor's number; -1 with errno. */
int kernel_open(struct kernel *k, enum kernel_kind kind);

/* NULL with errno when there is no such descriptor. */
struct kernel_descriptor *kernel_find(struct kernel *k, int fd);

void kernel_close(struct kernel *k, struct kernel_descriptor *d);

#endif
