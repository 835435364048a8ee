#include "relay.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_TRIES = 16 };

/* A number of a pair: two accounts, in memory order. */
struct accounts {
	uint32_t low, high;
};

static struct accounts
in_order(uint32_t a, uint32_t b)
{
	return a < b ? (struct accounts){ a, b } : (struct accounts){ b, a };
}

static bool
accounts_eq(const void *owner, uint32_t slot, const void *key, size_t len)
{
	const struct relay *l = owner;
	const struct accounts *k = key;

	(void)len;
	return l->pairs[slot].account[0] == k->low &&
	    l->pairs[slot].account[1] == k->high;
}

bool
relay_init(struct relay *l, uint32_t max,
    const uint8_t key[static MAP_KEY_LEN])
{
	memset(l, 0, sizeof *l);
	l->pairs = calloc(max, sizeof *l->pairs);
	if (l->pairs == NULL ||
	    !map_init(&l->by_accounts, max, key, accounts_eq, l)) {
		relay_fini(l);
		return false;
	}
	l->max = max;
	l->free = NOBODY;
	return true;
}

void
relay_fini(struct relay *l)
{
	free(l->pairs);
	map_fini(&l->by_accounts);
	memset(l, 0, sizeof *l);
}

int
relay_side(const struct relay *l, uint32_t pair, uint32_t account)
{
	const struct pair *p = &l->pairs[pair];

	assert(p->account[0] == account || p->account[1] == account);
	return p->account[1] == account;
}

/* Takes the pair out of the list of the side that named. */
static void
unlink_side(struct relay *l, struct registry *r, uint32_t pair, int side)
{
	struct pair *p = &l->pairs[pair];
	const uint32_t account = p->account[side];
	uint32_t *link = &r->accounts[account].pairs;

	while (*link != pair) {
		assert(*link != NOBODY);
		link = &l->pairs[*link].next[relay_side(l, *link, account)];
	}
	*link = p->next[side];
	p->named &= (uint8_t)~(1u << side);
}

static void
free_pair(struct relay *l, struct registry *r, uint32_t pair)
{
	struct pair *p = &l->pairs[pair];
	const struct accounts key = { p->account[0], p->account[1] };

	for (int side = 0; side < 2; side++)
		if (p->named & 1u << side)
			unlink_side(l, r, pair, side);
	map_remove(&l->by_accounts, &key, sizeof key, pair);
	memset(p, 0, sizeof *p);
	p->next[0] = l->free;
	l->free = pair;
	l->count--;
}

/* An account number may have passed to somebody else since. */
static bool
is_stale(const struct pair *p, const struct registry *r)
{
	return p->generation[0] != r->accounts[p->account[0]].generation ||
	    p->generation[1] != r->accounts[p->account[1]].generation;
}

uint32_t
relay_find(struct relay *l, struct registry *r, uint32_t a, uint32_t b)
{
	const struct accounts key = in_order(a, b);
	uint32_t pair = map_find(&l->by_accounts, &key, sizeof key);

	if (pair != NOBODY && is_stale(&l->pairs[pair], r)) {
		free_pair(l, r, pair);
		return NOBODY;
	}
	return pair;
}

static uint32_t
count_named(const struct relay *l, const struct registry *r, uint32_t account)
{
	uint32_t pair = r->accounts[account].pairs;
	uint32_t n = 0;

	for (; pair != NOBODY; n++)
		pair = l->pairs[pair].next[relay_side(l, pair, account)];
	return n;
}

/* True if every side that named has named more than so many. */
static bool
is_of_many(const struct relay *l, const struct registry *r, uint32_t pair,
    uint32_t than)
{
	const struct pair *p = &l->pairs[pair];

	for (int side = 0; side < 2; side++)
		if (p->named & 1u << side &&
		    count_named(l, r, p->account[side]) <= than)
			return false;
	return true;
}

/* All places are taken: one of those who have named at least two more. */
static void
make_room(struct relay *l, struct registry *r, uint32_t account)
{
	const uint32_t count = count_named(l, r, account);

	for (int n = 0; n < ROOM_TRIES; n++) {
		const uint32_t pair = l->hand++ % l->max;

		if (is_of_many(l, r, pair, count + 1)) {
			free_pair(l, r, pair);
			return;
		}
	}
}

static uint32_t
take_free(struct relay *l)
{
	const uint32_t pair = l->free;

	if (pair != NOBODY) {
		l->free = l->pairs[pair].next[0];
		return pair;
	}
	return l->end < l->max ? l->end++ : NOBODY;
}

/* One that a names. */
static uint32_t
new_pair(struct relay *l, struct registry *r, uint32_t a, uint32_t b)
{
	const struct accounts key = in_order(a, b);
	uint32_t pair;
	struct pair *p;

	if (l->count == l->max)
		make_room(l, r, a);
	pair = take_free(l);
	if (pair == NOBODY)
		return NOBODY;
	p = &l->pairs[pair];
	memset(p, 0, sizeof *p);
	p->account[0] = key.low;
	p->account[1] = key.high;
	for (int side = 0; side < 2; side++) {
		p->generation[side] = r->accounts[p->account[side]].generation;
		p->next[side] = NOBODY;
	}
	map_add(&l->by_accounts, &key, sizeof key, pair);
	l->count++;
	return pair;
}

uint32_t
relay_name(struct relay *l, struct registry *r, uint32_t a, uint32_t b)
{
	uint32_t pair;
	int side;

	assert(a != b);
	pair = relay_find(l, r, a, b);
	if (pair != NOBODY &&
	    l->pairs[pair].named & 1u << relay_side(l, pair, a))
		return pair;
	if (count_named(l, r, a) >= RELAY_PAIRS_PER_ACCOUNT)
		return NOBODY;
	if (pair == NOBODY)
		pair = new_pair(l, r, a, b);
	if (pair == NOBODY)
		return NOBODY;
	side = relay_side(l, pair, a);
	l->pairs[pair].named |= (uint8_t)(1u << side);
	l->pairs[pair].next[side] = r->accounts[a].pairs;
	r->accounts[a].pairs = pair;
	return pair;
}

bool
relay_has_named(struct relay *l, struct registry *r, uint32_t a, uint32_t b)
{
	const uint32_t pair = relay_find(l, r, a, b);

	return pair != NOBODY &&
	    (l->pairs[pair].named & 1u << relay_side(l, pair, a)) != 0;
}

void
relay_unname(struct relay *l, struct registry *r, uint32_t a, uint32_t b)
{
	uint32_t pair = relay_find(l, r, a, b);
	int side;

	if (pair == NOBODY)
		return;
	l->pairs[pair].is_open = false;
	side = relay_side(l, pair, a);
	if (l->pairs[pair].named & 1u << side)
		unlink_side(l, r, pair, side);
	if (l->pairs[pair].named == 0)
		free_pair(l, r, pair);
}

void
relay_unname_all(struct relay *l, struct registry *r, uint32_t a)
{
	uint32_t pair;

	while ((pair = r->accounts[a].pairs) != NOBODY) {
		unlink_side(l, r, pair, relay_side(l, pair, a));
		l->pairs[pair].is_open = false;
		if (l->pairs[pair].named == 0)
			free_pair(l, r, pair);
	}
}

bool
relay_is_agreed(const struct relay *l, uint32_t pair)
{
	return l->pairs[pair].named == 3;
}

void
relay_open(struct relay *l, struct rng *rng, usec_t now, uint32_t pair)
{
	struct pair *p = &l->pairs[pair];

	assert(relay_is_agreed(l, pair));
	p->used = now;
	if (p->is_open)
		return;
	p->is_open = true;
	for (int side = 0; side < 2; side++)
		do
			p->secret[side] = rng_u32(rng);
		while (p->secret[side] == 0);
}

uint64_t
relay_route(const struct relay *l, uint32_t pair, int side)
{
	const struct pair *p = &l->pairs[pair];

	if (!p->is_open)
		return 0;
	return (uint64_t)p->secret[side] << 32 | (uint64_t)pair << 1 |
	    (uint64_t)side;
}

uint32_t
relay_lookup(struct relay *l, const struct registry *r, usec_t now,
    uint64_t route, int *side)
{
	const uint32_t pair = (uint32_t)route >> 1;
	struct pair *p;

	*side = (int)(route & 1);
	if (pair >= l->end)
		return NOBODY;
	p = &l->pairs[pair];
	if (!p->is_open || p->secret[*side] != route >> 32 || is_stale(p, r))
		return NOBODY;
	if (now > p->used + RELAY_IDLE_S * USEC_S) {
		p->is_open = false;
		return NOBODY;
	}
	return pair;
}
