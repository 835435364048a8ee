/* What our own NAT does, asked of the server's two UDP ports (RFC 5780 sections
 * 4.3 and 4.4 with this protocol's OBSERVE). Mapping: do both ports see us at
 * one address? Filtering: does an answer from the other port come in to a
 * fresh socket that never sent to it? A fresh one, because the mapping test
 * has opened the usual one for that port. Of a NAT with another port for every
 * destination 16 fresh sockets show, before that, which ports it chooses. A
 * guess never keeps us from a plain punch; it only says why one failed, and
 * what else is worth trying. */
#ifndef NATCHECK_H
#define NATCHECK_H

#include "self.h"
#include "uplink.h"

enum {
	NATCHECK_TRIES = 4,
	NATCHECK_STEP_MAX = 20,
};

#define NATCHECK_WAIT_US (300 * USEC_MS)
/* NATs are asked again after this time (nat.md 6.3). */
#define NATCHECK_AGAIN_US (600 * USEC_S)

enum natcheck_step {
	NATCHECK_IDLE,
	NATCHECK_MAPPING,
	NATCHECK_FILTERING,
	NATCHECK_SAMPLING,
};

struct natcheck {
	enum natcheck_step step;
	unsigned tries;
	bool is_fresh;       /* the mappings compared were made just now */
	int extras[PORTS_SAMPLES]; /* the fresh sockets, or -1 */
	uint16_t samples[PORTS_SAMPLES]; /* of each; 0: not known */
	uint64_t token;      /* of the first socket, then + 1 */
	usec_t next_at;
};

void natcheck_init(struct natcheck *n);

/* Begins; what is known stays until something else is learnt. Does nothing
 * while registered over TCP: self->nat is then unknown. */
void natcheck_start(struct natcheck *n, struct self *self,
    const struct uplink *up, usec_t now);

/* Is something being found out? */
bool natcheck_is_on(const struct natcheck *n, usec_t now);

/* A fresh socket is there, or will not be. */
void natcheck_opened(struct natcheck *n, const struct self *self, usec_t now);

/* Whether an extra socket is one of these. */
bool natcheck_has(const struct natcheck *n, int extra);

/* An OBSERVED came with token. True if it was ours. */
bool natcheck_observed(struct natcheck *n, struct self *self,
    struct uplink *up, usec_t now, uint64_t token, const struct addr *seen);

/* Returns true when self->nat has changed. */
bool natcheck_expire(struct natcheck *n, struct self *self,
    struct uplink *up, usec_t now);

#endif
