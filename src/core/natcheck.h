/* What our own NAT does, asked of the server's two UDP ports (RFC 5780 sections
 * 4.3 and 4.4 with this protocol's OBSERVE): does an answer from a port that we
 * never sent to come in (filtering), and do both ports see us at one address
 * (mapping)? Filtering first: the mapping test spoils it. A guess never keeps
 * us from trying a plain punch; it only says why one failed. */
#ifndef NATCHECK_H
#define NATCHECK_H

#include "self.h"
#include "uplink.h"

enum { NATCHECK_TRIES = 4 };

#define NATCHECK_WAIT_US (300 * USEC_MS)
/* NATs are asked again after this time (nat.md 6.3). */
#define NATCHECK_AGAIN_US (600 * USEC_S)

enum natcheck_step {
	NATCHECK_IDLE,
	NATCHECK_FILTERING,
	NATCHECK_MAPPING,
};

struct natcheck {
	enum natcheck_step step;
	unsigned tries;
	uint64_t token;
	usec_t next_at;
};

void natcheck_init(struct natcheck *n);

/* Begins; what is known stays until something else is learnt. Does nothing
 * while registered over TCP: self->nat is then unknown. */
void natcheck_start(struct natcheck *n, struct self *self,
    const struct uplink *up, usec_t now);

/* An OBSERVED came with token. True if it was ours. */
bool natcheck_observed(struct natcheck *n, struct self *self,
    struct uplink *up, usec_t now, uint64_t token, const struct addr *seen);

/* Returns true when self->nat has changed. */
bool natcheck_expire(struct natcheck *n, struct self *self,
    struct uplink *up, usec_t now);

#endif
