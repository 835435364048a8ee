/* Deadlines of many records: a binary heap of (time, slot) with the place of
 * every slot kept, so that a deadline moves in O(log n). */
#ifndef HEAP_H
#define HEAP_H

#include "usec.h"

#include <stdbool.h>
#include <stdint.h>

struct heap {
	struct heap_item {
		usec_t at;
		uint32_t slot;
	} *items;
	uint32_t *place; /* of a slot in items, or HEAP_OUT */
	uint32_t count;
	uint32_t capacity;
};

#define HEAP_OUT UINT32_MAX

/* For slots 0 to capacity-1. False without memory. */
bool heap_init(struct heap *h, uint32_t capacity);
void heap_fini(struct heap *h);

/* Sets, moves or (USEC_NEVER) removes the deadline of slot. Equal deadlines
 * come out in slot order. */
void heap_set(struct heap *h, uint32_t slot, usec_t at);

/* The earliest deadline, or USEC_NEVER. */
usec_t heap_next(const struct heap *h);

/* Takes the slot of the earliest deadline that is not after now; false if
 * none is due. */
bool heap_pop(struct heap *h, usec_t now, uint32_t *slot);

#endif
