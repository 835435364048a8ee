#include "table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 16 };

void
table_init(struct table *t)
{
	memset(t, 0, sizeof *t);
	t->free = t->held = -1;
}

void
table_fini(struct table *t)
{
	free(t->named.slots);
	free(t->accepted.slots);
	table_init(t);
}

static struct table_slot *
slot_at(const struct table_part *part, int i)
{
	return i >= 0 && i < part->size ? &part->slots[i] : NULL;
}

struct table_slot *
table_get(const struct table *t, int number)
{
	if (number >= ACT_ACCEPTED)
		return slot_at(&t->accepted, number - ACT_ACCEPTED);
	return slot_at(&t->named, number);
}

/* Room for slot i. */
static bool
grow(struct table_part *part, int i)
{
	int size = part->size > 0 ? part->size : FIRST_SIZE;
	struct table_slot *slots;

	while (size <= i)
		size *= 2;
	slots = realloc(part->slots, (size_t)size * sizeof *slots);
	if (slots == NULL)
		return false;
	memset(slots + part->size, 0,
	    (size_t)(size - part->size) * sizeof *slots);
	part->slots = slots;
	part->size = size;
	return true;
}

struct table_slot *
table_make(struct table *t, int number)
{
	if (number < 0 || number >= ACT_ACCEPTED)
		return NULL;
	if (number >= t->named.size && !grow(&t->named, number))
		return NULL;
	return &t->named.slots[number];
}

int
table_accept(struct table *t)
{
	int i = t->free;

	if (i < 0) {
		const int size = t->accepted.size;

		if (!grow(&t->accepted, size))
			return -1;
		for (i = t->accepted.size - 1; i >= size; i--) {
			t->accepted.slots[i].next = t->free;
			t->free = i;
		}
		i = t->free;
	}
	t->free = t->accepted.slots[i].next;
	return ACT_ACCEPTED + i;
}

void
table_release(struct table *t, int number)
{
	struct table_slot *slot = table_get(t, number);

	assert(slot != NULL);
	slot->kind = TABLE_FREE;
	slot->sock = NULL;
	if (number < ACT_ACCEPTED)
		return;
	slot->next = t->held;
	t->held = number - ACT_ACCEPTED;
}

void
table_recycle(struct table *t)
{
	while (t->held >= 0) {
		struct table_slot *slot = &t->accepted.slots[t->held];
		const int next = slot->next;

		slot->next = t->free;
		t->free = t->held;
		t->held = next;
	}
}
