/* How often something has to be sent so that a NAT keeps our mappings: NATs of
 * 30 s exist (nat.md section 2), and worse ones. What was measured
 * (lifetime.h), and what another port at every heartbeat shows. */
#ifndef KEEP_H
#define KEEP_H

#include "addr.h"
#include "rng.h"
#include "usec.h"

#include <stdbool.h>

#define KEEP_US (25 * USEC_S)
#define KEEP_MIN_US (6 * USEC_S)
enum { KEEP_CHANGES = 2 }; /* one alone is a NAT that was started anew */

/* Zeros: nothing is known. */
struct keep {
	usec_t alive_us;  /* measured: an idle mapping lived so long ... */
	usec_t dead_us;   /* ... and not so long; 0: not measured, or longer
	                     than anybody waited */
	usec_t us;        /* so often, heartbeats show; 0: KEEP_US */
	usec_t noted_at;
	unsigned changes; /* in a row */
};

usec_t keep_us(const struct keep *k);

/* A measurement; zeros: none, or in another network. */
void keep_measured(struct keep *k, usec_t alive_us, usec_t dead_us);
bool keep_is_measured(const struct keep *k);

/* A heartbeat at now was seen at that address, an earlier one at old. */
void keep_note(struct keep *k, usec_t now, const struct addr *old,
    const struct addr *seen);

/* An interval from lo to hi, as the server wishes, or a shorter one. */
usec_t keep_draw(const struct keep *k, struct rng *rng, usec_t lo, usec_t hi);

#endif
