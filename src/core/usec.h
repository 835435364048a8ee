/* Time is an argument: microseconds of a clock that never steps and goes on
 * during sleep (CLOCK_BOOTTIME in the edge, virtual in the simulator). */
#ifndef USEC_H
#define USEC_H

#include <stdint.h>

typedef uint64_t usec_t;

#define USEC_MS ((usec_t)1000)
#define USEC_S ((usec_t)1000000)

/* A deadline that never comes. */
#define USEC_NEVER UINT64_MAX

/* The earlier of two deadlines. */
static inline usec_t
usec_min(usec_t a, usec_t b)
{
	return a < b ? a : b;
}

#endif
