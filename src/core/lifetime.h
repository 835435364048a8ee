/* How long our NAT keeps a mapping through which nothing passes: measured, for
 * heartbeats that are as rare as they may be (RFC 5780 section 4.6; nat.md 6.1
 * no. 11). Several fresh sockets make a mapping each, use it twice as a
 * heartbeat would, and are then idle, each for another time. At the end of its
 * time the server, asked over the session, sends one packet to the mapping
 * (ECHO, for which it gave a ticket to that very address): it comes in, or the
 * mapping is gone.
 *
 *   IDLE -> OPENING -> USING -> WAITING -> IDLE
 *
 * In the background, once in each network and at most once a day; networks that
 * we come back to are remembered. What a lost packet makes too short is put
 * right by a longer time that was survived, and else costs a few heartbeats. A
 * server that gives no tickets is not asked for anything. */
#ifndef LIFETIME_H
#define LIFETIME_H

#include "self.h"
#include "uplink.h"

enum {
	LIFETIME_TIMES = 6,
	LIFETIME_TRIES = 3,    /* of every question */
	LIFETIME_DEAD_MAX = 2, /* in a row: the rest is dead as well */
	LIFETIME_NETWORKS = 4, /* that are remembered */
};

/* NATs forget after round times: each is tried a bit earlier. */
#define LIFETIME_SLACK_US (2 * USEC_S)
#define LIFETIME_WAIT_US (600 * USEC_MS)
#define LIFETIME_USE_US (3 * USEC_S)    /* from the first use to the second */
#define LIFETIME_AGAIN_US (24 * 3600 * USEC_S)
#define LIFETIME_PAUSE_US (600 * USEC_S) /* from one beginning to the next */

enum lifetime_state {
	LIFETIME_IDLE,
	LIFETIME_OPENING,
	LIFETIME_USING,
	LIFETIME_WAITING,
};

struct lifetime {
	enum lifetime_state state;
	unsigned tries;
	uint64_t token;          /* of the first ticket; LIFETIME_TIMES later
	                            of the first second use, then of an echo */
	usec_t begin_at;         /* not earlier; USEC_NEVER: not wanted */
	usec_t began_at;         /* last; 0: never */
	usec_t next_at;
	struct addr network;     /* our address there */
	struct lifetime_probe {
		int extra;       /* or -1 */
		struct addr at;  /* the mapping; unset: not known yet */
		uint64_t ticket;
		usec_t used_at;  /* last */
		usec_t due_at;
		unsigned tries;  /* echoes asked for */
		bool is_used;    /* twice, and both were answered */
		bool is_told;    /* the server has sent an echo */
		bool is_alive, is_dead; /* neither: not decided, or given up */
	} probes[LIFETIME_TIMES];
	struct lifetime_memory {
		struct addr network; /* unset: none */
		usec_t at;
		usec_t alive_us, dead_us;
	} past[LIFETIME_NETWORKS];
};

void lifetime_init(struct lifetime *f);

/* We are registered, or our address is another one: applies what is known of
 * this network, or wants a measurement, which begins by lifetime_begin. */
void lifetime_want(struct lifetime *f, struct self *self,
    const struct uplink *up, usec_t now);
void lifetime_begin(struct lifetime *f, struct self *self, usec_t now);

/* Our interfaces changed: a measurement under way is worth nothing. */
void lifetime_doubt(struct lifetime *f, struct self *self, usec_t now);

/* A fresh socket is there, or will not be. */
void lifetime_opened(struct lifetime *f, const struct self *self, usec_t now);

/* Whether an extra socket is one of these. */
bool lifetime_has(const struct lifetime *f, int extra);

/* An OBSERVED came. True if it was ours. */
bool lifetime_observed(struct lifetime *f, struct self *self, usec_t now,
    const struct news *news);

/* OP_ECHO was answered, or not. */
void lifetime_echoed(struct lifetime *f, struct self *self, usec_t now,
    const struct news *news);

/* Returns true when self->keep has changed. */
bool lifetime_expire(struct lifetime *f, struct self *self,
    struct uplink *up, usec_t now);

#endif
