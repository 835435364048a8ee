#include "portmap_lease.h"

bool
portmap_has_lease(const struct portmap *p, enum portmap_port port)
{
	return addr_is_set(&p->leases[port].external);
}

void
portmap_end_lease(struct portmap *p, enum portmap_port port)
{
	struct portmap_lease *l = &p->leases[port];

	p->has_news |= portmap_has_lease(p, port);
	l->external = (struct addr) { 0 };
	l->until = l->ask_at = USEC_NEVER;
	l->tries = 0;
}

void
portmap_begin_search(struct portmap *p, usec_t now)
{
	bool is_v4 = p->local.family == ADDR_V4;

	portmap_end_lease(p, PORTMAP_UDP);
	portmap_end_lease(p, PORTMAP_TCP);
	p->state = MAPPING_ASKING;
	p->protocol = MAPPING_BY_NONE;
	p->pmp = (struct portmap_ask) { is_v4 ? now : USEC_NEVER, 0 };
	p->pcp = (struct portmap_ask) { now, 0 };
	p->upnp_at = now + PORTMAP_UPNP_AFTER_US;
	p->choose_at = p->look_at = p->again_at = USEC_NEVER;
	p->is_refused = p->is_pcp_out = p->has_epoch = false;
	p->pause_us = PORTMAP_AGAIN_US;
	p->outside = (struct addr) { 0 };
}

void
portmap_conclude(struct portmap *p, usec_t now)
{
	if (p->state != MAPPING_ASKING || p->protocol != MAPPING_BY_NONE ||
	    p->choose_at != USEC_NEVER)
		return;
	if (p->pmp.at != USEC_NEVER || p->pcp.at != USEC_NEVER)
		return;
	if (p->upnp_at != USEC_NEVER && p->upnp_at > now)
		p->upnp_at = now;
	if (p->upnp_at != USEC_NEVER || p->upnp_until != USEC_NEVER)
		return;
	p->state = p->is_refused ? MAPPING_REFUSED : MAPPING_NONE;
	p->again_at = now + p->pause_us;
}

void
portmap_note_refusal(struct portmap *p, usec_t pause_us)
{
	p->is_refused = true;
	p->pause_us = usec_min(p->pause_us, pause_us);
	if (p->pause_us < PORTMAP_AGAIN_MIN_US)
		p->pause_us = PORTMAP_AGAIN_MIN_US;
}

void
portmap_choose(struct portmap *p, usec_t now, enum mapping_protocol protocol)
{
	if (p->protocol != protocol && protocol != MAPPING_BY_NATPMP)
		p->has_epoch = false;
	p->protocol = protocol;
	p->pmp.at = p->pcp.at = p->upnp_at = p->choose_at = USEC_NEVER;
	for (int i = 0; i < PORTMAP_PORTS; i++) {
		p->leases[i].ask_at = now;
		p->leases[i].tries = 0;
	}
}

void
portmap_choose_pmp_soon(struct portmap *p, usec_t now)
{
	p->pmp.at = USEC_NEVER;
	if (p->protocol == MAPPING_BY_NONE)
		p->choose_at = p->is_pcp_out ? now : now + PORTMAP_PMP_US;
}

void
portmap_pcp_is_out(struct portmap *p, usec_t now)
{
	p->is_pcp_out = true;
	p->pcp.at = USEC_NEVER;
	if (p->choose_at != USEC_NEVER)
		p->choose_at = now;
	portmap_conclude(p, now);
}

bool
portmap_is_useful(const struct portmap *p, const struct addr *external)
{
	enum addr_class class = addr_class(external);

	return external->family == p->local.family && external->port != 0 &&
	    (class == ADDR_IS_PUBLIC || class == ADDR_IS_PRIVATE ||
	    class == ADDR_IS_SHARED);
}

usec_t
portmap_half_of_rest(usec_t now, usec_t until)
{
	usec_t half = until > now ? (until - now) / 2 : 0;

	return now + (half > PORTMAP_RENEW_MIN_US ? half :
	    PORTMAP_RENEW_MIN_US);
}

/* Nothing is to be had from the protocol in use. */
static void
give_up(struct portmap *p, usec_t now)
{
	bool may_upnp = p->protocol != MAPPING_BY_UPNP;

	p->protocol = MAPPING_BY_NONE;
	portmap_end_lease(p, PORTMAP_TCP);
	portmap_end_lease(p, PORTMAP_UDP);
	if (may_upnp && p->upnp_until == USEC_NEVER)
		p->upnp_at = now;
	portmap_conclude(p, now);
}

void
portmap_give(struct portmap *p, usec_t now, enum portmap_port port,
    const struct addr *external, uint32_t lifetime_s)
{
	struct portmap_lease *l = &p->leases[port];

	if (!portmap_is_useful(p, external) ||
	    lifetime_s < PORTMAP_LIFETIME_MIN_S)
		return;
	if (lifetime_s > PCP_LIFETIME_MAX_S)
		lifetime_s = PCP_LIFETIME_MAX_S;
	p->has_news |= !addr_eq(&l->external, external);
	l->external = *external;
	l->until = now + lifetime_s * USEC_S;
	l->ask_at = portmap_half_of_rest(now, l->until);
	l->tries = 0;
	if (port == PORTMAP_TCP)
		return;
	p->state = MAPPING_OPEN;
	p->look_at = now + PORTMAP_LOOK_US;
	p->looks = 0;
}

void
portmap_refuse(struct portmap *p, usec_t now, enum portmap_port port,
    usec_t pause_us)
{
	struct portmap_lease *l = &p->leases[port];

	if (p->is_leaving) {
		portmap_end_lease(p, port);
		return;
	}
	portmap_note_refusal(p, pause_us);
	l->tries = 0;
	l->ask_at = portmap_has_lease(p, port) ? now + PORTMAP_AGAIN_MIN_US :
	    USEC_NEVER;
	if (port == PORTMAP_UDP && !portmap_has_lease(p, port))
		give_up(p, now);
}

void
portmap_unanswered(struct portmap *p, usec_t now, enum portmap_port port)
{
	struct portmap_lease *l = &p->leases[port];

	l->tries = 0;
	l->ask_at = portmap_has_lease(p, port) ?
	    portmap_half_of_rest(now, l->until) : USEC_NEVER;
	if (port == PORTMAP_UDP && !portmap_has_lease(p, port))
		give_up(p, now);
}
