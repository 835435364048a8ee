/* What a fuzz target defines. It may change nothing that outlives the call,
 * and aborts where something does not hold. */
#ifndef FUZZ_H
#define FUZZ_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* How many changes of each file of the corpus replay.c tries; one that is slow
 * has its own. */
extern int fuzz_changes;

/* Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
