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

unsigned
spray_sockets(const struct ports *ours)
{
	uint32_t n = ports_count(ours) / SPRAY_SHARE;

	return n < SPRAY_SOCKETS_MIN ? SPRAY_SOCKETS_MIN :
	    n > SPRAY_SOCKETS ? SPRAY_SOCKETS : n;
}

uint16_t
spray_near(uint16_t port, uint32_t n)
{
	int32_t away = (int32_t)((n + 1) / 2);
	int32_t at = port + (n % 2 == 1 ? away : -away);

	/* Beyond either end the count goes on at the other. */
	if (at > 65535)
		at -= 65536 - PORTS_MIN;
	if (at < PORTS_MIN)
		at += 65536 - PORTS_MIN;
	return n <= 2 * SPRAY_NEAR_REACH ? (uint16_t)at : 0;
}
