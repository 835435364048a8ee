#include "cable.h"

enum { MTU_DEFAULT = 1500, MILLION = 1000000 };

struct cable
cable_lan(void)
{
	return (struct cable) { .delay = 25 };
}

struct cable
cable_access(usec_t delay)
{
	return (struct cable) { .delay = delay };
}

bool
cable_chance(struct rng *rng, uint32_t of_a_million)
{
	return of_a_million > 0 && rng_below(rng, MILLION) < of_a_million;
}

int
cable_copies(const struct cable *cable, struct rng *rng)
{
	return cable_chance(rng, cable->dup) ? 2 : 1;
}

/* A link takes so many bytes a second; what is too much is dropped. */
static bool
queue(struct cable *cable, int way, usec_t *at, size_t size)
{
	usec_t limit = cable->queue != 0 ? cable->queue : 200 * USEC_MS;

	if (cable->rate == 0)
		return true;
	if (cable->busy[way] > *at + limit)
		return false;
	if (cable->busy[way] < *at)
		cable->busy[way] = *at;
	cable->busy[way] += size * USEC_S / cable->rate;
	*at = cable->busy[way];
	return true;
}

bool
cable_cross(struct cable *cable, struct rng *rng, int way, size_t size,
    usec_t *at)
{
	size_t mtu = cable->mtu != 0 ? cable->mtu : MTU_DEFAULT;

	if (cable->is_cut || size > mtu || cable_chance(rng, cable->loss) ||
	    !queue(cable, way, at, size))
		return false;
	*at += cable->delay;
	if (cable->jitter > 0)
		*at += rng_range(rng, 0, cable->jitter);
	if (*at < cable->last[way])
		*at = cable->last[way];
	cable->last[way] = *at;
	return true;
}

usec_t
cable_late(const struct cable *cable, struct rng *rng)
{
	usec_t by = cable->reorder_by != 0 ? cable->reorder_by : 20 * USEC_MS;

	return cable_chance(rng, cable->reorder) ? rng_range(rng, 1, by) : 0;
}
