#include "portmap_hear.h"

#include "natpmp.h"
#include "portmap_lease.h"

void
portmap_open_ear(struct portmap *p, struct self *self)
{
	static const uint8_t all_nodes[16] = { 0xff, 2, [15] = 1 };
	struct addr group = addr_v4(224, 0, 0, 1, PCP_ANNOUNCE_PORT);

	if (p->local.family == ADDR_V6) {
		group = addr_v6(all_nodes, PCP_ANNOUNCE_PORT);
		group.scope = p->router.scope;
		/* On which of our networks? */
		if (group.scope == 0)
			return;
	}
	outbox_join(&self->out, p->ear, &group, &p->local);
}

/* ---- asking once more ---- */

static void
plan_anew(struct portmap *p, usec_t at)
{
	if (at < p->anew_after)
		at = p->anew_after;
	p->anew_at = usec_min(p->anew_at, at);
}

void
portmap_ask_anew(struct portmap *p, usec_t now)
{
	enum portmap_port i;

	p->anew_at = USEC_NEVER;
	p->anew_after = now + PORTMAP_ANEW_US;
	if (p->state != MAPPING_OPEN) {
		if (p->protocol == MAPPING_BY_NONE)
			portmap_begin_search(p, now);
		return;
	}
	/* With UPnP one question is for both ports. */
	for (i = 0; i < PORTMAP_PORTS; i++)
		if (portmap_has_lease(p, i) && (i == PORTMAP_UDP ||
		    p->protocol != MAPPING_BY_UPNP)) {
			p->leases[i].ask_at = now;
			p->leases[i].tries = 0;
		}
	/* NAT-PMP gives ports, whose address is another question. */
	if (p->protocol == MAPPING_BY_NATPMP) {
		p->look_at = now;
		p->looks = 0;
	}
}

void
portmap_note_epoch(struct portmap *p, usec_t now, uint32_t epoch_s,
    bool has_restarted)
{
	if (p->has_epoch && has_restarted && p->state == MAPPING_OPEN)
		plan_anew(p, now);
	p->has_epoch = true;
	p->epoch_s = epoch_s;
	p->epoch_at = now;
	if (p->state == MAPPING_OPEN) {
		p->looks = 0;
		p->look_at = now + PORTMAP_LOOK_US;
	}
}

/* Everybody else has heard it, too. */
void
portmap_hint(struct portmap *p, struct self *self, usec_t now)
{
	if (addr_is_set(&p->router) && !p->is_leaving)
		plan_anew(p, now + rng_below(&self->rng, PORTMAP_HEARD_US));
}

/* ---- announcements ---- */

/* Does it say anything that we do not know? */
static bool
is_news_of_pmp(const struct portmap *p, usec_t now,
    const struct natpmp_answer *a)
{
	if (a->op != NATPMP_ADDRESS || a->result != NATPMP_OK)
		return false;
	if (p->state != MAPPING_OPEN ||
	    !addr_same_ip(&a->external, &p->leases[PORTMAP_UDP].external))
		return true;
	return p->protocol == MAPPING_BY_NATPMP && p->has_epoch &&
	    natpmp_has_restarted(p->epoch_s, p->epoch_at, a->epoch_s, now);
}

static bool
is_news_of_pcp(const struct portmap *p, usec_t now,
    const struct pcp_answer *a)
{
	if (a->op != PCP_ANNOUNCE || a->result != PCP_OK)
		return false;
	if (p->state != MAPPING_OPEN)
		return true;
	return p->protocol == MAPPING_BY_PCP && p->has_epoch &&
	    pcp_has_restarted(p->epoch_s, p->epoch_at, a->epoch_s, now);
}

void
portmap_hear(struct portmap *p, struct self *self, usec_t now,
    const struct input *in)
{
	struct natpmp_answer pmp;
	struct pcp_answer pcp;
	bool is_news = false;

	if (p->is_leaving || !addr_same_ip(&in->from, &p->router) ||
	    in->from.port != p->router.port)
		return;
	if (p->local.family == ADDR_V4 && natpmp_read(in->buf, in->len, &pmp))
		is_news = is_news_of_pmp(p, now, &pmp);
	else if (pcp_read(in->buf, in->len, &pcp))
		is_news = is_news_of_pcp(p, now, &pcp);
	if (is_news)
		portmap_hint(p, self, now);
}
