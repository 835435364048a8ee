#include "rendezvous.h"
#include "err.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool
nonce_eq(const void *owner, uint32_t slot, const void *key, size_t len)
{
	const struct rendezvous *v = owner;

	return memcmp(v->ring[slot].nonce, key, len) == 0;
}

bool
rendezvous_init(struct rendezvous *v, uint32_t max,
    const uint8_t key[static MAP_KEY_LEN])
{
	memset(v, 0, sizeof *v);
	v->ring = calloc(max, sizeof *v->ring);
	if (v->ring == NULL ||
	    !map_init(&v->by_nonce, max, key, nonce_eq, v)) {
		rendezvous_fini(v);
		return false;
	}
	v->max = max;
	return true;
}

void
rendezvous_fini(struct rendezvous *v)
{
	free(v->ring);
	map_fini(&v->by_nonce);
	memset(v, 0, sizeof *v);
}

uint32_t
intro_find(const struct rendezvous *v, const uint8_t nonce[static NONCE_LEN])
{
	return map_find(&v->by_nonce, nonce, NONCE_LEN);
}

static bool
is_within(usec_t now, const struct intro *i, int seconds)
{
	return now < i->at + (usec_t)seconds * USEC_S;
}

/* What the sender has asked lately. */
static int
check_sender(const struct rendezvous *v, const struct account *from, usec_t now,
    bool is_stranger)
{
	/* When half of the ring is taken the rest is for those who have none of
	 * it. */
	const int most = v->count < v->max / 2 ? INTRO_ASKED_MAX : 1;
	int asked = 0, strangers = 0;

	for (uint32_t at = from->asks; at != NOBODY;
	    at = v->ring[at].next_from) {
		const struct intro *i = &v->ring[at];

		asked++;
		strangers += i->is_stranger && is_within(now, i,
		    INTRO_SENDER_S);
	}
	if (asked >= most ||
	    (is_stranger && strangers >= INTRO_SENDER_MAX))
		return E_LIMIT;
	return 0;
}

int
intro_check(const struct rendezvous *v, const struct registry *r, usec_t now,
    uint32_t from, uint32_t to, bool is_stranger)
{
	int pending = 0, strangers = 0, same = 0;

	if (check_sender(v, &r->accounts[from], now, is_stranger) != 0)
		return E_LIMIT;
	for (uint32_t at = r->accounts[to].asked; at != NOBODY;
	    at = v->ring[at].next_to) {
		const struct intro *i = &v->ring[at];

		pending += i->state == INTRO_PENDING;
		strangers += i->is_stranger && is_within(now, i, 60);
		same += i->from == from && is_within(now, i, 60);
	}
	if (same >= INTRO_PAIR_MAX)
		return E_LIMIT;
	if (pending >= INTRO_QUEUE_MAX ||
	    (is_stranger && strangers >= INTRO_STRANGERS_MAX))
		return E_FULL;
	return 0;
}

uint32_t
intro_new(struct rendezvous *v, struct registry *r, usec_t now,
    const uint8_t nonce[static NONCE_LEN], uint32_t from, uint32_t to,
    bool is_stranger)
{
	const uint32_t slot = (uint32_t)
	    (((uint64_t)v->oldest + v->count) % v->max);
	struct intro *i = &v->ring[slot];

	assert(from != to);
	if (v->count == v->max || !map_add(&v->by_nonce, nonce, NONCE_LEN,
	    slot))
		return NOBODY;
	memset(i, 0, sizeof *i);
	memcpy(i->nonce, nonce, NONCE_LEN);
	i->from = from;
	i->to = to;
	i->at = now;
	i->is_stranger = is_stranger;
	memcpy(i->asker, r->accounts[from].name, NAME_SIZE);
	i->next_from = r->accounts[from].asks;
	r->accounts[from].asks = slot;
	i->next_to = r->accounts[to].asked;
	r->accounts[to].asked = slot;
	v->count++;
	return slot;
}

static void
unlink_from(struct rendezvous *v, struct registry *r, uint32_t slot)
{
	struct intro *i = &v->ring[slot];
	uint32_t *link;

	if (i->from == NOBODY)
		return;
	link = &r->accounts[i->from].asks;
	while (*link != slot) {
		assert(*link != NOBODY);
		link = &v->ring[*link].next_from;
	}
	*link = i->next_from;
	i->from = NOBODY;
}

static void
unlink_to(struct rendezvous *v, struct registry *r, uint32_t slot)
{
	struct intro *i = &v->ring[slot];
	uint32_t *link;

	if (i->to == NOBODY)
		return;
	link = &r->accounts[i->to].asked;
	while (*link != slot) {
		assert(*link != NOBODY);
		link = &v->ring[*link].next_to;
	}
	*link = i->next_to;
	i->to = NOBODY;
}

uint32_t
intro_leave(struct rendezvous *v, struct registry *r, uint32_t account,
    uint32_t *other, bool *was_asker, bool *was_pending)
{
	const struct account *p = &r->accounts[account];
	uint32_t slot = p->asks != NOBODY ? p->asks : p->asked;
	struct intro *i;

	if (slot == NOBODY)
		return NOBODY;
	i = &v->ring[slot];
	*was_asker = i->from == account;
	*other = *was_asker ? i->to : i->from;
	*was_pending = i->state == INTRO_PENDING;
	i->state = INTRO_ENDED;
	if (*was_asker)
		unlink_from(v, r, slot);
	else
		unlink_to(v, r, slot);
	return slot;
}

usec_t
rendezvous_deadline(const struct rendezvous *v)
{
	if (v->count == 0)
		return USEC_NEVER;
	return v->ring[v->oldest].at + INTRO_LIFE_S * USEC_S;
}

void
rendezvous_expire(struct rendezvous *v, struct registry *r, usec_t now)
{
	while (rendezvous_deadline(v) <= now) {
		struct intro *i = &v->ring[v->oldest];

		unlink_from(v, r, v->oldest);
		unlink_to(v, r, v->oldest);
		map_remove(&v->by_nonce, i->nonce, NONCE_LEN, v->oldest);
		v->oldest = (v->oldest + 1) % v->max;
		v->count--;
	}
}
