#include "push.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ID_MASK = 0x3fffffff, ROOM_TRIES = 16 };

bool
pushes_init(struct pushes *p, uint32_t max, uint32_t first_id)
{
	memset(p, 0, sizeof *p);
	p->pool = calloc(max, sizeof *p->pool);
	if (p->pool == NULL || !heap_init(&p->due, max)) {
		pushes_fini(p);
		return false;
	}
	p->max = max;
	p->free = NOBODY;
	p->last_id = first_id & ID_MASK;
	return true;
}

void
pushes_fini(struct pushes *p)
{
	free(p->pool);
	heap_fini(&p->due);
	memset(p, 0, sizeof *p);
}

static uint32_t
take_free(struct pushes *p)
{
	uint32_t slot = p->free;

	if (slot != NOBODY) {
		p->free = p->pool[slot].next;
		return slot;
	}
	return p->end < p->max ? p->end++ : NOBODY;
}

/* Frees the push that link points to; the list goes on behind it. */
static void
drop(struct pushes *p, uint32_t *link)
{
	uint32_t slot = *link;
	struct parcel *push = &p->pool[slot];

	*link = push->next;
	heap_set(&p->due, slot, USEC_NEVER);
	push->next = p->free;
	p->free = slot;
}

static void
drop_slot(struct pushes *p, struct registry *r, uint32_t slot)
{
	uint32_t *link = &r->accounts[p->pool[slot].account].pushes;

	while (*link != slot) {
		assert(*link != NOBODY);
		link = &p->pool[*link].next;
	}
	drop(p, link);
}

/* The link that ends the list of an account; NULL if the list is full. */
static uint32_t *
list_end(struct pushes *p, struct registry *r, uint32_t account)
{
	uint32_t *link = &r->accounts[account].pushes;

	for (int n = 0; *link != NOBODY; n++) {
		if (n == PUSH_LIST_MAX)
			return NULL;
		link = &p->pool[*link].next;
	}
	return link;
}

static bool
has_more(const struct pushes *p, const struct registry *r, uint32_t account,
    uint32_t than)
{
	uint32_t slot = r->accounts[account].pushes;

	for (; slot != NOBODY && than > 0; than--)
		slot = p->pool[slot].next;
	return slot != NOBODY;
}

/* All places are taken: one of an account that has two more than this. Those
 * who acknowledge what they are told have none for long. */
static bool
make_room(struct pushes *p, struct registry *r, uint32_t account)
{
	uint32_t slot = r->accounts[account].pushes, count = 0;

	for (; slot != NOBODY; slot = p->pool[slot].next)
		count++;
	for (int n = 0; n < ROOM_TRIES; n++) {
		slot = p->hand++ % p->max;
		if (has_more(p, r, p->pool[slot].account, count + 1)) {
			drop_slot(p, r, slot);
			return true;
		}
	}
	return false;
}

bool
push_add(struct pushes *p, struct registry *r, usec_t now, uint32_t account,
    enum push kind, const void *body, size_t len)
{
	uint32_t *link = list_end(p, r, account);
	struct parcel *push;
	uint32_t slot;

	assert(len <= PUSH_BODY_MAX);
	if (link == NULL)
		return false;
	slot = take_free(p);
	if (slot == NOBODY && make_room(p, r, account))
		slot = take_free(p);
	if (slot == NOBODY)
		return false;
	push = &p->pool[slot];
	p->last_id = (p->last_id + 1) & ID_MASK;
	push->id = p->last_id;
	push->account = account;
	push->next = NOBODY;
	push->len = (uint16_t)len;
	push->kind = (uint8_t)kind;
	push->tries = 0;
	push->until = now + PUSH_LIFE_S * USEC_S;
	memcpy(push->body, body, len);
	*link = slot;
	heap_set(&p->due, slot, now);
	return true;
}

/* 0.3 s, doubled until 4.8 s: a round trip, with some losses in a row. */
static usec_t
patience(const struct parcel *push)
{
	int doubled = push->tries < 4 ? push->tries : 4;

	return (300 * USEC_MS) << doubled;
}

const struct parcel *
push_turn(struct pushes *p, struct registry *r, usec_t now)
{
	uint32_t slot;

	while (heap_pop(&p->due, now, &slot)) {
		struct parcel *push = &p->pool[slot];

		if (now >= push->until) {
			drop_slot(p, r, slot);
			continue;
		}
		heap_set(&p->due, slot, now + patience(push));
		if (push->tries < UINT8_MAX)
			push->tries++;
		return push;
	}
	return NULL;
}

void
push_ack(struct pushes *p, struct registry *r, uint32_t account, uint32_t id)
{
	uint32_t *link = &r->accounts[account].pushes;

	for (; *link != NOBODY; link = &p->pool[*link].next) {
		if (p->pool[*link].id == id) {
			drop(p, link);
			return;
		}
	}
}

void
push_cancel(struct pushes *p, struct registry *r, uint32_t account,
    enum push kind, const uint8_t nonce[static NONCE_LEN])
{
	uint32_t *link = &r->accounts[account].pushes;

	while (*link != NOBODY) {
		struct parcel *push = &p->pool[*link];

		if (push->kind == kind && push->len >= NONCE_LEN &&
		    memcmp(push->body, nonce, NONCE_LEN) == 0)
			drop(p, link);
		else
			link = &push->next;
	}
}

void
push_clear(struct pushes *p, struct registry *r, uint32_t account)
{
	while (r->accounts[account].pushes != NOBODY)
		drop(p, &r->accounts[account].pushes);
}

void
push_hurry(struct pushes *p, const struct registry *r, usec_t now,
    uint32_t account)
{
	uint32_t slot = r->accounts[account].pushes;

	for (; slot != NOBODY; slot = p->pool[slot].next) {
		p->pool[slot].tries = 0;
		heap_set(&p->due, slot, now);
	}
}
