#include "portmap.h"

#include "err.h"
#include "natpmp.h"
#include "portmap_ask.h"
#include "portmap_hear.h"
#include "portmap_lease.h"

#include <string.h>

/* Between two doubts about one router. */
#define DOUBT_US (10 * USEC_S)
/* A router that does not answer may be starting. */
#define LOOK_AGAIN_US (1 * USEC_S)
#define LOOK_SLOWLY_US (30 * USEC_S)

void
portmap_init(struct portmap *p, int sock, int ear)
{
	memset(p, 0, sizeof *p);
	p->sock = sock;
	p->ear = ear;
	p->pmp.at = p->pcp.at = p->upnp_at = p->upnp_until = USEC_NEVER;
	p->choose_at = p->again_at = p->look_at = USEC_NEVER;
	p->leave_until = p->anew_at = USEC_NEVER;
	for (int i = 0; i < PORTMAP_PORTS; i++)
		p->leases[i].until = p->leases[i].ask_at = USEC_NEVER;
}

static void
expire_lease(struct portmap *p, struct self *self, usec_t now,
    enum portmap_port port)
{
	struct portmap_lease *l = &p->leases[port];
	bool is_pmp = p->protocol == MAPPING_BY_NATPMP;
	unsigned most = is_pmp ? PORTMAP_PMP_TRIES : PORTMAP_PCP_TRIES;
	usec_t wait = is_pmp ? PORTMAP_PMP_US : PORTMAP_PCP_US;

	if (l->until <= now && port == PORTMAP_UDP) {
		portmap_begin_search(p, now);
		return;
	}
	if (l->until <= now)
		portmap_end_lease(p, port);
	if (l->ask_at > now)
		return;
	if (l->tries == most) {
		portmap_unanswered(p, now, port);
		return;
	}
	portmap_ask_lease(p, self, now, port, NATPMP_LIFETIME_S);
	l->ask_at = p->protocol == MAPPING_BY_UPNP ? USEC_NEVER :
	    now + (wait << l->tries++);
}

/* ---- is the router what it was? ---- */

/* UPnP has no clock: what is asked for once more is there again. */
static void
look(struct portmap *p, struct self *self, usec_t now)
{
	if (p->protocol == MAPPING_BY_UPNP) {
		if (p->upnp_until == USEC_NEVER)
			p->leases[PORTMAP_UDP].ask_at = now;
		p->look_at = now + PORTMAP_LOOK_US;
		return;
	}
	portmap_ask_epoch(p, self);
	p->look_at = now + (++p->looks < PORTMAP_LOOKS ? LOOK_AGAIN_US :
	    LOOK_SLOWLY_US);
}

void
portmap_doubt(struct portmap *p, usec_t now)
{
	if (p->is_leaving || p->doubt_until > now)
		return;
	p->doubt_until = now + DOUBT_US;
	if (p->state == MAPPING_OPEN) {
		p->looks = 0;
		p->look_at = now;
	} else if (p->state == MAPPING_NONE || p->state == MAPPING_REFUSED)
		portmap_begin_search(p, now);
}

/* ---- answers ---- */

/* The mappings of NAT-PMP are ports: they move with the router's address. */
static void
move_outside(struct portmap *p, const struct addr *outside)
{
	enum portmap_port i;

	p->outside = *outside;
	for (i = 0; p->protocol == MAPPING_BY_NATPMP && i < PORTMAP_PORTS;
	    i++) {
		struct addr *external = &p->leases[i].external;
		struct addr moved = *outside;

		moved.port = external->port;
		if (!portmap_has_lease(p, i) || addr_eq(&moved, external))
			continue;
		*external = moved;
		p->has_news = true;
	}
}

static void
on_pmp_address(struct portmap *p, usec_t now, const struct natpmp_answer *a)
{
	struct addr external = a->external;

	external.port = p->local.port;
	if (a->result == NATPMP_OK && portmap_is_useful(p, &external)) {
		move_outside(p, &a->external);
		if (p->pmp.at != USEC_NEVER)
			portmap_choose_pmp_soon(p, now);
		return;
	}
	if (p->pmp.at == USEC_NEVER)
		return;
	p->pmp.at = USEC_NEVER;
	if (a->result != NATPMP_VERSION)
		portmap_note_refusal(p, a->result == NATPMP_REFUSED ?
		    PORTMAP_AGAIN_US : PORTMAP_AGAIN_MIN_US);
	portmap_conclude(p, now);
}

static void
on_pmp(struct portmap *p, usec_t now, const struct natpmp_answer *a)
{
	enum portmap_port port = a->op == NATPMP_MAP_TCP ? PORTMAP_TCP :
	    PORTMAP_UDP;
	struct addr external = p->outside;

	if (a->result == NATPMP_VERSION && a->op != NATPMP_ADDRESS) {
		/* To the MAP of PCP. */
		if (p->pcp.at != USEC_NEVER)
			portmap_pcp_is_out(p, now);
		return;
	}
	if (p->protocol == MAPPING_BY_NONE ||
	    p->protocol == MAPPING_BY_NATPMP)
		portmap_note_epoch(p, now, a->epoch_s,
		    natpmp_has_restarted(p->epoch_s, p->epoch_at, a->epoch_s,
		    now));
	if (a->op == NATPMP_ADDRESS) {
		on_pmp_address(p, now, a);
		return;
	}
	/* Nobody is told of a port that was not asked for. */
	if (p->protocol != MAPPING_BY_NATPMP || p->leases[port].tries == 0)
		return;
	if (a->result != NATPMP_OK) {
		portmap_refuse(p, now, port, PORTMAP_AGAIN_US);
		return;
	}
	if (a->internal_port != p->local.port)
		return;
	external.port = a->external_port;
	if (p->is_leaving)
		portmap_end_lease(p, port);
	else
		portmap_give(p, now, port, &external, a->lifetime_s);
}

static void
on_pcp_map(struct portmap *p, struct self *self, usec_t now,
    const struct pcp_answer *a)
{
	enum portmap_port port = a->map.protocol == PCP_TCP ? PORTMAP_TCP :
	    PORTMAP_UDP;
	bool is_search = p->state == MAPPING_ASKING && port == PORTMAP_UDP &&
	    p->protocol != MAPPING_BY_PCP && !p->is_pcp_out;
	uint8_t nonce[PCP_NONCE_LEN];

	portmap_nonce(p, self, port, nonce);
	if ((port == PORTMAP_UDP && a->map.protocol != PCP_UDP) ||
	    a->map.internal_port != p->local.port ||
	    memcmp(a->map.nonce, nonce, sizeof nonce) != 0)
		return;
	if (!is_search && p->protocol != MAPPING_BY_PCP)
		return;
	if (!is_search && p->leases[port].tries == 0) {
		/* RFC 6887 section 14.2: says that it has changed it. */
		if (!addr_eq(&a->map.external, &p->leases[port].external))
			portmap_hint(p, self, now);
		return;
	}
	if (a->result != PCP_OK) {
		usec_t pause_us = a->lifetime_s * USEC_S;

		if (!is_search) {
			portmap_refuse(p, now, port, pause_us);
			return;
		}
		portmap_note_refusal(p, pause_us);
		portmap_pcp_is_out(p, now);
		return;
	}
	if (p->is_leaving) {
		portmap_end_lease(p, port);
		return;
	}
	if (is_search)
		portmap_choose(p, now, MAPPING_BY_PCP);
	portmap_give(p, now, port, &a->map.external, a->lifetime_s);
}

static void
on_pcp(struct portmap *p, struct self *self, usec_t now,
    const struct pcp_answer *a)
{
	if (a->result == PCP_VERSION) {
		/* Who speaks ours had trouble with NAT-PMP. */
		if (a->version == PCP_OWN_VERSION)
			p->pmp.at = USEC_NEVER;
		else if (p->pcp.at != USEC_NEVER)
			portmap_pcp_is_out(p, now);
		portmap_conclude(p, now);
		return;
	}
	if (p->protocol == MAPPING_BY_PCP && a->result == PCP_OK)
		portmap_note_epoch(p, now, a->epoch_s,
		    pcp_has_restarted(p->epoch_s, p->epoch_at, a->epoch_s,
		    now));
	if (a->op == PCP_MAP)
		on_pcp_map(p, self, now, a);
	/* It has become the one whose clock counts. */
	if (p->protocol == MAPPING_BY_PCP && !p->has_epoch)
		portmap_note_epoch(p, now, a->epoch_s, false);
}

static void
on_datagram(struct portmap *p, struct self *self, usec_t now,
    const struct input *in)
{
	struct natpmp_answer pmp;
	struct pcp_answer pcp;

	if (!addr_same_ip(&in->from, &p->router) ||
	    in->from.port != p->router.port)
		return;
	if (p->local.family == ADDR_V4 && natpmp_read(in->buf, in->len, &pmp))
		on_pmp(p, now, &pmp);
	else if (pcp_read(in->buf, in->len, &pcp))
		on_pcp(p, self, now, &pcp);
}

static void
on_upnp(struct portmap *p, usec_t now, const struct input *in)
{
	uint32_t lifetime_s = in->id != 0 ? in->id : NATPMP_LIFETIME_S;
	bool is_ours = p->protocol == MAPPING_BY_UPNP;

	if (p->upnp_until == USEC_NEVER)
		return;
	p->upnp_until = USEC_NEVER;
	if (p->is_leaving) {
		portmap_end_lease(p, PORTMAP_UDP);
		portmap_end_lease(p, PORTMAP_TCP);
	} else if (!is_ours && (p->state != MAPPING_ASKING ||
	    p->protocol != MAPPING_BY_NONE)) {
		/* Somebody else was faster; it is given back in the end. */
		p->has_stray |= in->err == E_OK;
	} else if (in->err == E_OK && portmap_is_useful(p, &in->from)) {
		portmap_choose(p, now, MAPPING_BY_UPNP);
		portmap_give(p, now, PORTMAP_UDP, &in->from, lifetime_s);
		portmap_give(p, now, PORTMAP_TCP, &in->to, lifetime_s);
		p->leases[PORTMAP_TCP].ask_at = USEC_NEVER;
	} else if (is_ours)
		portmap_refuse(p, now, PORTMAP_UDP, PORTMAP_AGAIN_US);
	else {
		p->has_stray |= in->err == E_OK;
		if (in->err == E_DENIED || in->err == E_OK)
			portmap_note_refusal(p, PORTMAP_AGAIN_US);
		portmap_conclude(p, now);
	}
}

static void
stop(struct portmap *p, struct self *self)
{
	bool had_news = p->has_news | portmap_has_lease(p, PORTMAP_UDP) |
	    portmap_has_lease(p, PORTMAP_TCP);

	if (addr_is_set(&p->router)) {
		outbox_close(&self->out, p->sock);
		outbox_close(&self->out, p->ear);
	}
	portmap_init(p, p->sock, p->ear);
	p->has_news = had_news;
}

static bool
has_something(const struct portmap *p)
{
	return portmap_has_lease(p, PORTMAP_UDP) ||
	    portmap_has_lease(p, PORTMAP_TCP) ||
	    p->upnp_until != USEC_NEVER;
}

void
portmap_input(struct portmap *p, struct self *self, usec_t now,
    const struct input *in)
{
	if (!addr_is_set(&p->router))
		return;
	if (in->sock == p->ear) {
		if (in->kind == IN_DGRAM)
			portmap_hear(p, self, now, in);
		return;
	}
	switch (in->kind) {
	case IN_OPENED:
		p->has_socket = in->err == E_OK;
		portmap_begin_search(p, now);
		if (!p->has_socket)
			p->pmp.at = p->pcp.at = USEC_NEVER;
		break;
	case IN_DGRAM:
		on_datagram(p, self, now, in);
		break;
	case IN_UNREACHABLE:
		/* Most likely it speaks UPnP alone. */
		if (p->upnp_at != USEC_NEVER)
			p->upnp_at = now;
		break;
	case IN_UPNP:
		on_upnp(p, now, in);
		break;
	default:
		break;
	}
	if (p->is_leaving && !has_something(p))
		stop(p, self);
}

/* ---- time ---- */

static void
expire_search(struct portmap *p, struct self *self, usec_t now)
{
	if (p->choose_at <= now)
		portmap_choose(p, now, MAPPING_BY_NATPMP);
	if (p->pmp.at <= now && p->pmp.tries == PORTMAP_PMP_TRIES)
		p->pmp.at = USEC_NEVER;
	else if (p->pmp.at <= now) {
		portmap_ask_address(p, self);
		p->pmp.at = now + (PORTMAP_PMP_US << p->pmp.tries++);
	}
	if (p->pcp.at <= now && p->pcp.tries == PORTMAP_PCP_TRIES)
		p->pcp.at = USEC_NEVER;
	else if (p->pcp.at <= now) {
		portmap_ask_pcp(p, self, PORTMAP_UDP, NATPMP_LIFETIME_S);
		p->pcp.at = now + (PORTMAP_PCP_US << p->pcp.tries++);
	}
	if (p->upnp_at <= now)
		portmap_ask_upnp(p, self, now, NATPMP_LIFETIME_S);
	portmap_conclude(p, now);
}

/* What was asked of UPnP and had no answer. */
static void
expire_upnp(struct portmap *p, usec_t now)
{
	const struct input late = { .kind = IN_UPNP, .err = E_IO };

	if (p->upnp_until <= now)
		on_upnp(p, now, &late);
}

static void
expire_leave(struct portmap *p, struct self *self, usec_t now)
{
	enum portmap_port i;

	for (i = 0; i < PORTMAP_PORTS; i++) {
		struct portmap_lease *l = &p->leases[i];

		if (l->ask_at > now)
			continue;
		portmap_ask_lease(p, self, now, i, 0);
		l->ask_at = now + (PORTMAP_PMP_US << l->tries++);
		if (p->protocol == MAPPING_BY_UPNP)
			l->ask_at = USEC_NEVER;
	}
	if (p->leave_until <= now || !has_something(p))
		stop(p, self);
}

void
portmap_expire(struct portmap *p, struct self *self, usec_t now)
{
	expire_upnp(p, now);
	if (p->is_leaving) {
		expire_leave(p, self, now);
		return;
	}
	if (p->anew_at <= now)
		portmap_ask_anew(p, now);
	if (p->again_at <= now)
		portmap_begin_search(p, now);
	if (p->state == MAPPING_ASKING && p->protocol == MAPPING_BY_NONE)
		expire_search(p, self, now);
	expire_lease(p, self, now, PORTMAP_UDP);
	expire_lease(p, self, now, PORTMAP_TCP);
	if (p->look_at <= now)
		look(p, self, now);
}

usec_t
portmap_deadline(const struct portmap *p)
{
	usec_t at = usec_min(p->pmp.at, p->pcp.at);

	at = usec_min(at, usec_min(p->upnp_at, p->upnp_until));
	at = usec_min(at, usec_min(p->choose_at, p->again_at));
	at = usec_min(at, usec_min(p->look_at, p->leave_until));
	at = usec_min(at, p->anew_at);
	for (int i = 0; i < PORTMAP_PORTS; i++)
		at = usec_min(at, usec_min(p->leases[i].ask_at,
		    p->leases[i].until));
	return at;
}

/* ---- from one router to another, and away ---- */

void
portmap_aim(struct portmap *p, struct self *self, usec_t now,
    const struct addr *router, const struct addr *local)
{
	struct addr any;
	enum portmap_port i;

	if (p->is_leaving || (router == NULL ? !addr_is_set(&p->router) :
	    addr_same_ip(router, &p->router) && addr_eq(local, &p->local)))
		return;
	/* It may still hear that we go. */
	for (i = 0; i < PORTMAP_PORTS; i++)
		if (portmap_has_lease(p, i))
			portmap_ask_lease(p, self, now, i, 0);
	stop(p, self);
	if (router == NULL)
		return;
	p->router = *router;
	p->router.port = NATPMP_PORT;
	p->local = *local;
	p->state = MAPPING_ASKING;
	any = *local;
	any.port = 0;
	outbox_open(&self->out, p->sock, &any);
	portmap_open_ear(p, self);
}

void
portmap_leave(struct portmap *p, struct self *self, usec_t now)
{
	enum portmap_port i;

	p->is_leaving = true;
	p->pmp.at = p->pcp.at = p->upnp_at = p->upnp_until = USEC_NEVER;
	p->choose_at = p->look_at = p->again_at = p->anew_at = USEC_NEVER;
	p->leave_until = now + PORTMAP_LEAVE_US;
	for (i = 0; i < PORTMAP_PORTS; i++) {
		p->leases[i].until = USEC_NEVER;
		p->leases[i].tries = 0;
		p->leases[i].ask_at = portmap_has_lease(p, i) ? now :
		    USEC_NEVER;
	}
	if (p->has_stray)
		portmap_ask_upnp(p, self, now, 0);
	expire_leave(p, self, now);
}

bool
portmap_has_left(const struct portmap *p)
{
	return !addr_is_set(&p->router);
}

void
portmap_report(const struct portmap *p, usec_t now,
    struct mapping_report *out)
{
	const struct portmap_lease *l = &p->leases[PORTMAP_UDP];

	memset(out, 0, sizeof *out);
	out->state = p->state;
	if (p->state != MAPPING_OPEN)
		return;
	out->protocol = p->protocol;
	out->udp = l->external;
	out->tcp = p->leases[PORTMAP_TCP].external;
	out->lifetime_s = (uint32_t)((l->until - now) / USEC_S);
}
