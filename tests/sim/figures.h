/* How long it takes over many seeds, for what has to be fast in the median.
 * GOP2P_FIGURES=1 prints it. */
#ifndef FIGURES_H
#define FIGURES_H

#include "sim.h"

enum { FIGURES_MAX = 64 };

struct figures {
	usec_t median, worst; /* USEC_NEVER: not within 20 s */
	int within_10_s;
	double probes;        /* of a run, of both sides */
};

/* Both at their places, registered for 5 s: the time from `allow` until they
 * are linked by that transport. */
struct figures figures_of(int runs, struct place a, struct place b,
    enum transport transport, const char *what);

/* The same from the command `tcp` until both are linked by it, when they have
 * been linked otherwise for a while. */
struct figures figures_of_switch(int runs, struct place a, struct place b,
    const char *what);

/* The time that one run took; USEC_NEVER as above. probes may be NULL. */
usec_t figures_run(uint64_t seed, struct place a, struct place b,
    enum transport transport, uint64_t *probes);

#endif
