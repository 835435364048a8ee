/* The clocks of the machine. */
#ifndef CLOCK_H
#define CLOCK_H

#include "core/usec.h"

/* Microseconds of a clock that never steps and goes on during sleep. */
usec_t clock_now(void);

/* The time of day: microseconds since the Epoch. */
uint64_t clock_wall_us(void);

#endif
