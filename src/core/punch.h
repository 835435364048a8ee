/* An attempt to open a direct UDP path: who gets a probe, when, with which TTL,
 * and when to stop (nat.md 6.4 R1, security.md P3).
 *
 * T0          to the best 8 candidates: low TTL, which opens our own NATs and
 *             dies behind the last of them (depth.h)
 * T0 + 5 ms   the same with full TTL
 * then        the other candidates likewise, one by one; each every 50 ms six
 *             times, every 200 ms up to 2 s, then every 500 ms up to 10 s; at
 *             least 20 ms between any two; at most 100 in all
 *
 * What did not work is not repeated: punch.c has the TTLs and times of later
 * attempts. */
#ifndef PUNCH_H
#define PUNCH_H

#include "cand.h"
#include "link.h"

enum {
	PUNCH_PROBES_MAX = 100,
	PUNCH_BURST = 8,
	PUNCH_LOW_TTL = 2, /* through one NAT of ours, not into the peer's */
	PUNCH_FAR_TTL = 7, /* whatever was found */
};

#define PUNCH_FULL_AFTER_US (5 * USEC_MS)
#define PUNCH_PACE_US (20 * USEC_MS)
#define PUNCH_ENDS_US (10 * USEC_S)
/* A better path (a LAN) may still answer after the first one has. */
#define PUNCH_AFTER_SUCCESS_US (300 * USEC_MS)

struct punch {
	bool is_on;
	bool is_lower;       /* our key is the lower one: for who goes first */
	usec_t began_at;
	usec_t pace_at;      /* not earlier the next probe */
	usec_t won_at;       /* first direct path proved; USEC_NEVER */
	uint32_t sent;
	uint32_t attempts;   /* so far, this one included */
	uint32_t took_ms;    /* the last attempt that ended */
	struct why_try tries[PATHS_MAX]; /* of the last attempt */
	size_t tries_count;
};

/* Begins an attempt at the given (filtered) candidates. One that is under way
 * goes on with them instead. */
void punch_start(struct punch *p, struct link *l, struct self *self,
    struct uplink *up, usec_t now, const struct cands *cands);

/* Further candidates of the attempt under way. */
void punch_add(struct punch *p, struct link *l, struct self *self,
    struct uplink *up, usec_t now, const struct cands *cands);

/* Returns true when the attempt has ended just now; whether it won shows in
 * p->won_at. */
bool punch_expire(struct punch *p, struct link *l, struct self *self,
    struct uplink *up, usec_t now);
usec_t punch_deadline(const struct punch *p, const struct link *l);

/* Brings p->tries up to date while it is under way. */
void punch_note(struct punch *p, const struct link *l, usec_t now);

/* Ends it without a result. */
void punch_stop(struct punch *p, struct link *l, usec_t now);

/* The low TTL towards an address: through our NATs, as far as they are known
 * to reach, and else a guess; which of the two it is; and that of this
 * attempt. */
bool punch_knows_ttl(const struct self *self, const struct addr *to);
uint8_t punch_ttl_of(const struct self *self, const struct addr *to);
uint8_t punch_low_ttl(const struct punch *p, const struct self *self,
    const struct addr *to);

/* Low TTL only where there can be NATs between. */
bool punch_needs_low_ttl(const struct addr *to);

#endif
