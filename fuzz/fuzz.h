/*
 * fuzz.h -- what the targets share.
 *
 * Each fuzz_*.c is one target: octets in, a property of tests/support out.  With
 * -DTEN35_FUZZ=ON (clang) it is linked with libFuzzer; otherwise with
 * replay.c, which runs every file of fuzz/corpus/<target> as a test.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/property.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t size);

#endif
