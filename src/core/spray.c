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

/* A filter that takes any port of an address lets in the one that a hard NAT
 * chose; two hard ones never meet by it. */
unsigned
spray_patience(uint8_t ours, uint8_t theirs)
{
	bool our_hard = nat_mapping_of(ours) == NAT_APDM;
	bool their_hard = nat_mapping_of(theirs) == NAT_APDM;
	enum nat_filter filter = nat_filter_of(our_hard ? theirs : ours);

	if (our_hard && their_hard)
		return 1;
	return filter == FILTER_OPEN ? 0 : filter == FILTER_APDF ? 1 : 2;
}

bool
spray_may_send(const struct spray *s, usec_t now)
{
	return spray_may_send_at(s) <= now;
}

usec_t
spray_may_send_at(const struct spray *s)
{
	usec_t last = s->recent[s->recent_next];

	return last == 0 ? 0 : last + USEC_S;
}

void
spray_note_sent(struct spray *s, usec_t now)
{
	s->recent[s->recent_next] = now;
	s->recent_next = (s->recent_next + 1) % SPRAY_RATE;
	s->sent++;
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
