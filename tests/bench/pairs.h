/* Players in pairs that talk through the relay. */
#ifndef PAIRS_H
#define PAIRS_H

#include "load.h"

/* Introduces player 2i to player 2i+1 by way of gop2pd, for i < count; the
 * routes of the former to routes[2i] and of the latter to routes[2i+1]. */
void pairs_introduce(struct fan *fan, struct player *players, uint32_t count,
    const struct target *t, uint64_t *routes);

/* Both sides of every route send a packet, so that LIMIT_RELAY knows them. */
void pairs_greet(struct fan *fan, const struct player *players,
    uint32_t count, const struct target *t, const uint64_t *routes);

/* Packets of size bytes in all from the first of each pair to the second, a
 * train of so many from one at a time. */
struct pairs_load {
	struct load load;
	const uint64_t *routes;
	size_t size;
	uint32_t train, sent;
};

void pairs_load(struct pairs_load *p, struct fan *fan,
    struct player *players, uint32_t count, const uint64_t *routes);

#endif
