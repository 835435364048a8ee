/* How far our NATs reach, without any privilege: questions to the server (with
 * this protocol's OBSERVE) whose time to live ends at the first router, at the
 * second and so on, each of which may say so by ICMP (RFC 792, RFC 1812 section
 * 5.3.1). Our NATs are among those with addresses that are not public: packets
 * that are to open them and go no further get one hop more.
 *
 * Every question goes out from a fresh socket of its own, by which the answer
 * is known, and which leaves the mapping of the registration alone. They are
 * asked together, twice if need be, once in each network. Routers may be
 * silent, and anybody can forge what they say: a wrong depth costs a probe at
 * most. */
#ifndef DEPTH_H
#define DEPTH_H

#include "self.h"
#include "uplink.h"

enum { DEPTH_TRIES = 2 };

#define DEPTH_WAIT_US (400 * USEC_MS)
/* After a change of interfaces their routes may still be on the way. */
#define DEPTH_SETTLE_US USEC_S

struct depth {
	bool is_on;
	unsigned tries;
	int extras[HOPS_MAX];    /* where an answer is missing, or -1 */
	struct addr hops[HOPS_MAX]; /* who answered; unset: nobody */
	bool is_server[HOPS_MAX];/* the question got there */
	uint64_t token;          /* of the first question, then + 1 */
	struct addr asked_at;    /* our address when it was asked last */
	usec_t begin_at;         /* not earlier; USEC_NEVER: not wanted */
	usec_t next_at;
};

void depth_init(struct depth *d);

/* Another network, or perhaps another one. */
void depth_forget(struct depth *d, struct self *self);

/* We are registered, or our address is another one: it is to be asked if it was
 * not asked here yet, from that time on, which begins by depth_begin. */
void depth_want(struct depth *d, struct self *self, const struct uplink *up,
    usec_t at);
void depth_begin(struct depth *d, struct self *self, usec_t now);

/* A fresh socket is there, or will not be. */
void depth_opened(struct depth *d, const struct self *self, usec_t now);

/* Whether an extra socket is one of these. */
bool depth_has(const struct depth *d, int extra);

/* An OBSERVED came with token; a router says that a question of ours from that
 * extra ended at it. True if it was ours. */
bool depth_observed(struct depth *d, struct self *self, uint64_t token);
bool depth_expired(struct depth *d, struct self *self, int extra,
    const struct addr *router);

void depth_expire(struct depth *d, struct self *self, struct uplink *up,
    usec_t now);

#endif
