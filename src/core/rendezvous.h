/* Introductions: who asks whom, from the request until a minute later. All
 * live equally long, so they lie in a ring in the order of their age. One that
 * has an end is kept that long too: it answers repeated calls, and counts in
 * the limits. */
#ifndef RENDEZVOUS_H
#define RENDEZVOUS_H

#include "map.h"
#include "registry.h"
#include "usec.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	INTRO_LIFE_S = 62,        /* 60 for people, 2 for the network */
	INTRO_QUEUE_MAX = 32,     /* pending at a target */
	INTRO_ASKED_MAX = 32,     /* of a requester, with those that ended */
	/* Security.md S8: within a minute, but for the sender's 30 s. */
	INTRO_PAIR_MAX = 3,
	INTRO_STRANGERS_MAX = 10, /* shown to one target */
	INTRO_SENDER_MAX = 3,     /* to strangers, of one sender */
	INTRO_SENDER_S = 30,
};

enum intro_state { INTRO_PENDING, INTRO_ALLOWED, INTRO_ENDED };

struct intro {
	uint8_t nonce[NONCE_LEN];
	uint32_t from, to;           /* accounts; NOBODY: has left */
	uint32_t next_from, next_to; /* in their lists */
	usec_t at;
	uint8_t state;               /* enum intro_state */
	bool is_stranger;            /* the target had not named it */
	char asker[NAME_SIZE];       /* the requester's name as it asked */
	char asked[NAME_SIZE];       /* the target's, as asked for */
	uint8_t msg1[INTRO_MSG1_LEN];
};

struct rendezvous {
	struct intro *ring;
	uint32_t max;
	uint32_t oldest, count;
	struct map by_nonce;
};

bool rendezvous_init(struct rendezvous *v, uint32_t max,
    const uint8_t key[static MAP_KEY_LEN]);
void rendezvous_fini(struct rendezvous *v);

/* The introduction with a nonce, or NOBODY. */
uint32_t intro_find(const struct rendezvous *v,
    const uint8_t nonce[static NONCE_LEN]);

/* 0 if from may ask to now. E_LIMIT: from asks too often; E_FULL: to is
 * asked too often. */
int intro_check(const struct rendezvous *v, const struct registry *r,
    usec_t now, uint32_t from, uint32_t to, bool is_stranger);

/* A pending introduction whose nonce is new; NOBODY if there is no room. The
 * caller fills in asked and msg1. */
uint32_t intro_new(struct rendezvous *v, struct registry *r, usec_t now,
    const uint8_t nonce[static NONCE_LEN], uint32_t from, uint32_t to,
    bool is_stranger);

/* Takes the account, who is leaving, out of one introduction that it is part
 * of; NOBODY when there is none left. *other is the other account, or NOBODY,
 * *was_pending what the state was; it is ended. */
uint32_t intro_leave(struct rendezvous *v, struct registry *r,
    uint32_t account, uint32_t *other, bool *was_asker, bool *was_pending);

/* Forgets those that are too old. */
void rendezvous_expire(struct rendezvous *v, struct registry *r, usec_t now);
usec_t rendezvous_deadline(const struct rendezvous *v);

#endif
