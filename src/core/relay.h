/* Who may reach whom. A pair is two accounts of whom at least one has named
 * the other as its peer; when both have, it is agreed, and may have a route:
 * one number for each side, under which packets are passed to the other. When
 * there is no more room, those who have named many give way. */
#ifndef RELAY_H
#define RELAY_H

#include "bucket.h"
#include "map.h"
#include "registry.h"
#include "rng.h"
#include "usec.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	RELAY_PAIRS_PER_ACCOUNT = 64, /* that it has named: PEERS_MAX */
	RELAY_IDLE_S = 300,          /* then the route is closed */
};

struct pair {
	uint32_t account[2];     /* the lower number first */
	uint16_t generation[2]; /* of the accounts */
	uint32_t next[2];       /* in the lists of those that named */
	uint32_t secret[2];     /* the upper half of the route numbers */
	uint64_t resumed[2];    /* counter of the last RESUME of that side */
	struct bucket resumes[2];
	usec_t used;            /* the route */
	uint8_t named;          /* bit 0: account[0] has named the other */
	bool is_open;
};

struct relay {
	struct pair *pairs;
	uint32_t max, end, free, count;
	uint32_t hand;       /* where to look next for one that gives way */
	struct map by_accounts;
};

bool relay_init(struct relay *l, uint32_t max,
    const uint8_t key[static MAP_KEY_LEN]);
void relay_fini(struct relay *l);

/* The pair of two accounts, or NOBODY. */
uint32_t relay_find(struct relay *l, struct registry *r, uint32_t a,
    uint32_t b);

/* a names b. The pair; NOBODY if there is no room, or a has named too many. */
uint32_t relay_name(struct relay *l, struct registry *r, uint32_t a,
    uint32_t b);

bool relay_has_named(struct relay *l, struct registry *r, uint32_t a,
    uint32_t b);

/* a names b no more; the route is closed. */
void relay_unname(struct relay *l, struct registry *r, uint32_t a, uint32_t b);

/* a names nobody any more: it has left. */
void relay_unname_all(struct relay *l, struct registry *r, uint32_t a);

bool relay_is_agreed(const struct relay *l, uint32_t pair);

/* 0 or 1: on which side of the pair the account is. */
int relay_side(const struct relay *l, uint32_t pair, uint32_t account);

/* Opens the route of an agreed pair if it is not open. */
void relay_open(struct relay *l, struct rng *rng, usec_t now, uint32_t pair);

/* The route number of a side; 0 if there is no route. */
uint64_t relay_route(const struct relay *l, uint32_t pair, int side);

/* The pair and the side of the sender to which a route number belongs; NOBODY
 * if it belongs to none. */
uint32_t relay_lookup(struct relay *l, const struct registry *r, usec_t now,
    uint64_t route, int *side);

#endif
