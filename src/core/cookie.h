/* Proof of address without state: the server answers a stranger with a keyed
 * hash of where he came from and his nonce, and believes his address when he
 * brings it back. */
#ifndef COOKIE_H
#define COOKIE_H

#include "addr.h"
#include "rng.h"
#include "usec.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	COOKIE_SECRET_LEN = 32,
	COOKIE_SLOT_S = 120, /* a cookie lives one to two slots */
};

/* The secrets of this slot of time and of the one before. */
struct cookie {
	uint8_t secrets[2][COOKIE_SECRET_LEN]; /* of even and of odd slots */
	uint64_t slot;
};

void cookie_init(struct cookie *c, struct rng *rng, usec_t now);
void cookie_fini(struct cookie *c);

/* The cookie of an address and a nonce. Both calls draw a fresh secret when a
 * slot has ended; a time before the last one counts as that one. */
void cookie_make(struct cookie *c, struct rng *rng, usec_t now,
    const struct addr *from, const uint8_t nonce[static NONCE_LEN],
    uint8_t out[static COOKIE_LEN]);

/* True if cookie_make gave it to that address for that nonce in this slot or
 * the one before. Takes the same time for every wrong cookie. */
bool cookie_check(struct cookie *c, struct rng *rng, usec_t now,
    const struct addr *from, const uint8_t nonce[static NONCE_LEN],
    const uint8_t cookie[static COOKIE_LEN]);

#endif
