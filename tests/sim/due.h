/* What is going to happen: a heap of (time, sequence number, what), so that
 * equal times happen in the order in which they were planned. */
#ifndef DUE_H
#define DUE_H

#include "usec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world;
struct due;

typedef void due_fn(struct world *w, void *what);

struct due {
	usec_t at;
	uint64_t seq;
	due_fn *fn;
	void *what; /* freed after fn, or without it at the end */
};

struct dues {
	struct due *heap;
	size_t count, capacity;
	uint64_t seq;
};

void dues_fini(struct dues *d);

/* Calls fn with what (from malloc, or NULL) at that time. */
void dues_add(struct dues *d, usec_t at, due_fn *fn, void *what);

/* The time of the next one; USEC_NEVER if none. */
usec_t dues_next(const struct dues *d);

/* Takes the next one out; there must be one. */
struct due dues_take(struct dues *d);

/* Calls see for everything planned with fn; what see says true to becomes a
 * due that does nothing. */
void dues_cancel(struct dues *d, due_fn *fn,
    bool (*see)(const void *what, const void *ctx), const void *ctx);

#endif
