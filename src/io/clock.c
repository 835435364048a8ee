#include "config.h"

#include "clock.h"

#include <stdlib.h>
#include <time.h>

/* Where there is no CLOCK_BOOTTIME, CLOCK_MONOTONIC may stand still during
 * sleep; sessions then notice it by their heartbeats only. */
#ifdef CLOCK_BOOTTIME
enum { CLOCK_OF_NODES = CLOCK_BOOTTIME };
#else
enum { CLOCK_OF_NODES = CLOCK_MONOTONIC };
#endif

static uint64_t
read_clock(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) < 0)
		abort();
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

usec_t
clock_now(void)
{
	return read_clock(CLOCK_OF_NODES);
}

uint64_t
clock_wall_us(void)
{
	return read_clock(CLOCK_REALTIME);
}
