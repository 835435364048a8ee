/* What a cable does to packets: it takes time, has a rate, loses, doubles and
 * reorders some of them. */
#ifndef CABLE_H
#define CABLE_H

#include "rng.h"
#include "usec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PER_CENT = 10000 }; /* probabilities are in millionths */

enum { CABLE_UP, CABLE_DOWN };

/* Each direction on its own. Order is kept but for what reorder picks. */
struct cable {
	usec_t delay, jitter;  /* delay to delay + jitter */
	uint32_t loss, dup, reorder, corrupt; /* of a million packets */
	usec_t reorder_by;     /* up to so much later; 0: 20 ms */
	uint32_t rate;         /* bytes a second; 0: no limit */
	usec_t queue;          /* what rate lets wait; 0: 200 ms */
	uint16_t mtu;          /* 0: 1500 */
	bool is_cut;
	usec_t busy[2], last[2]; /* state of the two directions */
};

/* The cables that scenarios are made of: 25 us; a household's way out. */
struct cable cable_lan(void);
struct cable cable_access(usec_t delay);

/* The time at which a packet of that size (with its headers) which enters at
 * *at leaves; false if it does not. */
bool cable_cross(struct cable *cable, struct rng *rng, int way, size_t size,
    usec_t *at);

/* What a packet is late by at the end, where later ones pass it. */
usec_t cable_late(const struct cable *cable, struct rng *rng);

/* How many copies of a packet enter: 1 or 2. */
int cable_copies(const struct cable *cable, struct rng *rng);

/* True so many times of a million. */
bool cable_chance(struct rng *rng, uint32_t of_a_million);

#endif
