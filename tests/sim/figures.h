/* How long it takes over many seeds, for what has to be fast in the median.
 * GOP2P_FIGURES=1 prints it. */
#ifndef FIGURES_H
#define FIGURES_H

#include "sim.h"

#include <stdio.h>

enum { FIGURES_MAX = 4096 };

/* Two places, what lies between them, and what is promised there. */
struct cell {
	const char *name;
	struct place a, b;
	enum transport transport;
	usec_t delay;         /* one way, of each side; 0: SIM_ACCESS */
	uint32_t loss;        /* of a million, each way, on each side */
	bool is_new;          /* they meet as soon as they are registered */
	bool takes_turns;     /* every other time b is the one who asks */
	usec_t median, most;  /* at most; of 99 in 100 runs; 0: no promise */
};

struct figures {
	usec_t median, most, worst; /* USEC_NEVER: not within 20 s; most: of
	                               99 in 100 runs */
	int runs, within_10_s, in_time;
	double probes;        /* of a run, of both sides */
	uint64_t packets, bytes; /* of one side, at most */
	uint64_t worst_seed;
};

/* Registered for 5 s, unless they are new: the time from `allow` until they are
 * linked by that transport, as many times as there are runs, each with a seed
 * of its own. figures_print shows it. */
struct figures figures_measure(const struct cell *cell, int runs,
    uint64_t seed);

/* The same of two places, printed if so wanted. */
struct figures figures_of(int runs, struct place a, struct place b,
    enum transport transport, const char *what);

/* The same from the command `tcp` until both are linked by it, when they have
 * been linked otherwise for a while. */
struct figures figures_of_switch(int runs, struct place a, struct place b,
    const char *what);

/* A line of a table, which has a head above number 0. */
void figures_print(FILE *to, int number, const struct cell *cell,
    const struct figures *f);

#endif
