/* Loads: so many exchanges under way at once, each answered one followed by
 * the next, for a while. */
#ifndef LOAD_H
#define LOAD_H

#include "fan.h"
#include "player.h"
#include "target.h"

struct load {
	/* Sends what begins the next exchange; false: there is none. */
	bool (*begin)(struct load *l);
	/* A packet came. True if an exchange ended. It may send more. */
	bool (*take)(struct load *l, uint8_t *packet, size_t len);
	struct fan *fan;
	struct player *players;
	uint32_t count, next;
	struct rng *rng;
	uint32_t window;
};

struct load_result {
	uint64_t begun, ended;
	double us;     /* processor time of the target for each that ended */
	double per_s;  /* that ended */
};

/* Runs for so long, or until so many have begun, or nothing more begins, and
 * all have ended. What is not answered within a second is lost. */
struct load_result load_run(struct load *l, const struct target *t,
    uint32_t ms, uint32_t most);

/* Begins per_s exchanges a second, evenly, for so long. */
struct load_result load_pace(struct load *l, const struct target *t,
    uint32_t ms, double per_s);

/* Loads of players 0 to count - 1, in turn, each from a machine of its own.
 * load_join makes them and ends when all have registered; load_return registers
 * those again whose name is known. */
struct load load_join(struct fan *fan, struct player *players,
    uint32_t count, struct rng *rng);
struct load load_return(struct fan *fan, struct player *players,
    uint32_t count, struct rng *rng);
struct load load_beat(struct fan *fan, struct player *players,
    uint32_t count);
struct load load_hello(struct fan *fan, struct player *players,
    uint32_t count);

#endif
