#include "spray.h"

enum spray_role
spray_role(uint8_t ours, uint8_t theirs, bool lower)
{
	bool our_hard = nat_mapping_of(ours) == NAT_APDM;
	bool their_hard = nat_mapping_of(theirs) == NAT_APDM;
	bool our_open = nat_filter_of(ours) == FILTER_OPEN;
	bool their_open = nat_filter_of(theirs) == FILTER_OPEN;

	if (our_hard && !their_hard)
		return SPRAY_OPEN;
	if (!our_hard && their_hard)
		return SPRAY_SEEK;
	if (!our_hard)
		return SPRAY_NONE;
	/* Two hard ones: the side whose filter takes any port of an address
	 * opens, for it is found by whatever port the other comes from. */
	if (our_open && (!their_open || lower))
		return SPRAY_OPEN;
	return their_open ? SPRAY_SEEK : SPRAY_BOTH;
}

void
spray_shuffle(struct spray *s, struct rng *rng)
{
	/* SPRAY_PORTS is 2^10 * 3^2 * 7: a factor without these primes visits
	 * every port. */
	do
		s->factor = 1 + 2 * rng_below(rng, SPRAY_PORTS / 2);
	while (s->factor % 3 == 0 || s->factor % 7 == 0);
	s->offset = rng_below(rng, SPRAY_PORTS);
}

uint16_t
spray_port(const struct spray *s, uint32_t n)
{
	uint64_t at = (uint64_t)s->factor * n + s->offset;

	return (uint16_t)(SPRAY_PORT_MIN + at % SPRAY_PORTS);
}

uint16_t
spray_near(uint16_t port, uint32_t n)
{
	int32_t away = (int32_t)((n + 1) / 2);
	int32_t at = port + (n % 2 == 1 ? away : -away);

	/* Beyond either end the count goes on at the other. */
	if (at > 65535)
		at -= SPRAY_PORTS;
	if (at < SPRAY_PORT_MIN)
		at += SPRAY_PORTS;
	return n <= 2 * SPRAY_NEAR_REACH ? (uint16_t)at : 0;
}
