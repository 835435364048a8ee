/* The round-trip time of a path, estimated as RFC 9002 section 5 does. */
#ifndef RTT_H
#define RTT_H

#include "usec.h"

#include <stdbool.h>

enum {
	RTT_GRANULARITY = 1000,    /* RFC 9002 section 6.1.2: 1 ms */
	RTT_MAX_ACK_DELAY = 25000, /* acks are delayed at most so long */
	RTT_INITIAL = 333000,      /* RFC 9002 section 6.2.2, without a hint */
	RTT_MAX = 3000000,         /* longer samples count as this: an end that
	                              slept says nothing about the path */
};

struct rtt {
	usec_t latest;   /* last sample, not adjusted */
	usec_t min;      /* least sample */
	usec_t smoothed;
	usec_t var;      /* mean deviation */
	bool has_sample; /* false: smoothed and var are a guess */
};

/* Starts with a guess: hint, or RTT_INITIAL if hint is 0. */
void rtt_init(struct rtt *r, usec_t hint);

/* A packet came back after sample; the peer says that it held the answer for
 * ack_delay of it (at most RTT_MAX_ACK_DELAY is believed). */
void rtt_sample(struct rtt *r, usec_t sample, usec_t ack_delay);

/* How long to wait for an ack before a probe (RFC 9002 section 6.2.1), with
 * the peer's ack delay and without back-off. */
usec_t rtt_pto(const struct rtt *r);

/* How long after a packet a later one must have been acknowledged for it to
 * count as lost: 9/8 of the round trip (RFC 9002 section 6.1.2). */
usec_t rtt_loss_delay(const struct rtt *r);

#endif
