#include "keep.h"

/* What a server may ask for. */
#define ASKED_MIN (5 * USEC_S)
#define ASKED_MAX (30 * USEC_S)

static usec_t
clamp(usec_t us, usec_t lo, usec_t hi)
{
	return us < lo ? lo : us > hi ? hi : us;
}

bool
keep_is_measured(const struct keep *k)
{
	return k->alive_us != 0 || k->dead_us != 0;
}

void
keep_measured(struct keep *k, usec_t alive_us, usec_t dead_us)
{
	k->alive_us = alive_us;
	k->dead_us = dead_us;
}

usec_t
keep_us(const struct keep *k)
{
	usec_t us = k->us != 0 ? k->us : KEEP_US;

	return keep_is_measured(k) ?
	    usec_min(us, clamp(k->alive_us, KEEP_MIN_US, KEEP_US)) : us;
}

void
keep_note(struct keep *k, usec_t now, const struct addr *old,
    const struct addr *seen)
{
	/* Soon after another packet a heartbeat shows nothing. */
	if (!addr_is_set(seen) || now - k->noted_at < keep_us(k) / 2)
		return;
	k->noted_at = now;
	if (!addr_same_ip(old, seen)) {
		k->us = k->changes = 0;
		return;
	}
	k->changes = old->port != seen->port ? k->changes + 1 : 0;
	if (k->changes < KEEP_CHANGES || keep_us(k) / 2 < KEEP_MIN_US)
		return;
	k->changes = 0;
	k->us = keep_us(k) / 2;
}

usec_t
keep_draw(const struct keep *k, struct rng *rng, usec_t lo, usec_t hi)
{
	hi = clamp(hi, ASKED_MIN, ASKED_MAX);
	lo = clamp(lo, ASKED_MIN, hi);
	if (hi > keep_us(k)) {
		hi = keep_us(k);
		lo = usec_min(lo, hi / 5 * 4);
	}
	return rng_range(rng, (uint32_t)lo, (uint32_t)hi);
}
