#include "block.h"

#include <stdlib.h>
#include <string.h>

bool
blocks_init(struct blocks *b, uint32_t max)
{
	memset(b, 0, sizeof *b);
	b->pool = calloc(max, sizeof *b->pool);
	b->max = max;
	b->free = NOBODY;
	return b->pool != NULL;
}

void
blocks_fini(struct blocks *b)
{
	free(b->pool);
	memset(b, 0, sizeof *b);
}

/* The link to the entry of a key, or the one that ends the list. */
static uint32_t *
find(const struct blocks *b, uint32_t *link,
    const uint8_t key[static KEY_LEN], uint32_t *count)
{
	uint8_t id[KEY_ID_LEN];

	wire_key_id(key, id);
	for (*count = 0; *link != NOBODY; link = &b->pool[*link].next) {
		if (memcmp(b->pool[*link].key_id, id, sizeof id) == 0)
			break;
		++*count;
	}
	return link;
}

bool
block_add(struct blocks *b, struct registry *r, uint32_t account,
    const uint8_t key[static KEY_LEN])
{
	uint32_t count, slot = b->free;
	uint32_t *link = find(b, &r->accounts[account].blocks, key, &count);

	if (*link != NOBODY)
		return true;
	if (count >= BLOCKS_PER_ACCOUNT)
		return false;
	if (slot != NOBODY)
		b->free = b->pool[slot].next;
	else if (b->end < b->max)
		slot = b->end++;
	else
		return false;
	wire_key_id(key, b->pool[slot].key_id);
	b->pool[slot].next = NOBODY;
	*link = slot;
	return true;
}

static void
drop(struct blocks *b, uint32_t *link)
{
	uint32_t slot = *link;

	*link = b->pool[slot].next;
	b->pool[slot].next = b->free;
	b->free = slot;
}

void
block_remove(struct blocks *b, struct registry *r, uint32_t account,
    const uint8_t key[static KEY_LEN])
{
	uint32_t count;
	uint32_t *link = find(b, &r->accounts[account].blocks, key, &count);

	if (*link != NOBODY)
		drop(b, link);
}

void
block_clear(struct blocks *b, struct registry *r, uint32_t account)
{
	while (r->accounts[account].blocks != NOBODY)
		drop(b, &r->accounts[account].blocks);
}

bool
block_has(const struct blocks *b, const struct registry *r, uint32_t account,
    const uint8_t key[static KEY_LEN])
{
	uint32_t head = r->accounts[account].blocks, count;

	return head != NOBODY && *find(b, &head, key, &count) != NOBODY;
}
