#include "heap.h"

#include <assert.h>
#include <stdlib.h>

bool
heap_init(struct heap *h, uint32_t capacity)
{
	struct heap_item *items = calloc((size_t)capacity + 1, sizeof *items);
	uint32_t *place = calloc((size_t)capacity + 1, sizeof *place);

	if (items == NULL || place == NULL) {
		free(items);
		free(place);
		return false;
	}
	for (uint32_t slot = 0; slot < capacity; slot++)
		place[slot] = HEAP_OUT;
	*h = (struct heap){ .items = items, .place = place,
		.capacity = capacity };
	return true;
}

void
heap_fini(struct heap *h)
{
	free(h->items);
	free(h->place);
	*h = (struct heap){ 0 };
}

static bool
is_before(const struct heap_item *a, const struct heap_item *b)
{
	return a->at != b->at ? a->at < b->at : a->slot < b->slot;
}

static void
place_item(struct heap *h, uint32_t i, struct heap_item item)
{
	h->items[i] = item;
	h->place[item.slot] = i;
}

/* Finds the place of item, starting from a gap at i. */
static void
sift_up(struct heap *h, uint32_t i, struct heap_item item)
{
	while (i > 0) {
		uint32_t parent = (i - 1) / 2;

		if (!is_before(&item, &h->items[parent]))
			break;
		place_item(h, i, h->items[parent]);
		i = parent;
	}
	place_item(h, i, item);
}

static void
sift_down(struct heap *h, uint32_t i, struct heap_item item)
{
	for (;;) {
		uint64_t child = 2 * (uint64_t)i + 1;

		if (child + 1 < h->count &&
		    is_before(&h->items[child + 1], &h->items[child]))
			child++;
		if (child >= h->count || !is_before(&h->items[child], &item))
			break;
		place_item(h, i, h->items[child]);
		i = (uint32_t)child;
	}
	place_item(h, i, item);
}

/* Puts item into the gap at i, whichever way it has to go. */
static void
sift(struct heap *h, uint32_t i, struct heap_item item)
{
	if (i > 0 && is_before(&item, &h->items[(i - 1) / 2]))
		sift_up(h, i, item);
	else
		sift_down(h, i, item);
}

static void
take_out(struct heap *h, uint32_t slot)
{
	uint32_t i = h->place[slot];
	struct heap_item last = h->items[--h->count];

	h->place[slot] = HEAP_OUT;
	if (last.slot != slot)
		sift(h, i, last);
}

void
heap_set(struct heap *h, uint32_t slot, usec_t at)
{
	assert(slot < h->capacity);
	if (h->place[slot] == HEAP_OUT) {
		if (at == USEC_NEVER)
			return;
		assert(h->count < h->capacity);
		h->count++;
		sift_up(h, h->count - 1, (struct heap_item){ at, slot });
		return;
	}
	if (at == USEC_NEVER)
		take_out(h, slot);
	else
		sift(h, h->place[slot], (struct heap_item){ at, slot });
}

usec_t
heap_next(const struct heap *h)
{
	return h->count > 0 ? h->items[0].at : USEC_NEVER;
}

bool
heap_pop(struct heap *h, usec_t now, uint32_t *slot)
{
	if (h->count == 0 || h->items[0].at > now)
		return false;
	*slot = h->items[0].slot;
	take_out(h, *slot);
	return true;
}
