/* How much may be under way, and how fast: NewReno of RFC 9002 section 7 with
 * pacing. */
#ifndef CONGEST_H
#define CONGEST_H

#include "usec.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	CONGEST_PACKET = 1232,                /* max_datagram_size */
	CONGEST_INITIAL = 10 * CONGEST_PACKET,
	/* RFC 9002 section 7.2 recommends 2. With 4, a path that loses every
	 * third packet still finds out about losses by later packets instead
	 * of by timers alone. */
	CONGEST_MINIMUM = 4 * CONGEST_PACKET,
	CONGEST_MAXIMUM = 1024 * CONGEST_PACKET,
};

struct congest {
	uint32_t window;
	uint32_t threshold;  /* slow start below it */
	uint32_t in_flight;  /* bytes that are neither acknowledged nor lost */
	uint32_t acked;      /* bytes towards the next step above threshold */
	usec_t recovery_at;  /* losses of packets sent before are old news */
	usec_t paced_to;     /* when all is out at the even pace */
	usec_t full_at;      /* the window was last full then */
	bool has_recovered;  /* recovery_at is set */
	bool has_been_full;  /* full_at is set */
};

void congest_init(struct congest *g);

/* True if a packet of full size fits in the window. */
bool congest_has_room(const struct congest *g);

/* When the pace allows the next packet: a burst of CONGEST_INITIAL, or of 2 ms
 * where that is more, is always let through. */
usec_t congest_pace(const struct congest *g, usec_t rtt);

void congest_sent(struct congest *g, usec_t now, usec_t rtt, uint32_t size);

/* A packet sent at sent_at was acknowledged or found lost. congest_gone: the
 * window learns nothing from its end. */
void congest_acked(struct congest *g, usec_t sent_at, uint32_t size);
void congest_lost(struct congest *g, usec_t now, usec_t sent_at,
    uint32_t size);
void congest_gone(struct congest *g, uint32_t size);

/* Everything over a long time was lost (RFC 9002 section 7.6). */
void congest_collapse(struct congest *g);

#endif
