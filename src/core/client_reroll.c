#include "client_state.h"

#include "err.h"

#include <string.h>

/* A router that took early packets of the peer for its own keeps the port that
 * they came to, and sends ours from another one: the peer never hears us
 * (nat.md facts 5 and 6). A fresh socket has a clean port. Its hole is opened
 * before the peer learns of it, or the same would happen again. */

void
client_reroll_init(struct reroll *r)
{
	memset(r, 0, sizeof *r);
	r->extra = -1;
	r->at = USEC_NEVER;
}

static void
end(struct client *c)
{
	struct reroll *r = &c->reroll;

	if (r->extra >= 0 && !client_extra_is_used(c, SOCK_EXTRA + r->extra))
		self_extra_close(&c->self, r->extra);
	c->self.seen_extra = (struct addr){ 0 };
	client_reroll_init(r);
}

static bool
is_wanted(const struct client *c, const struct peer *p)
{
	return p != NULL && p->state == PEER_OPEN && p->punch.is_on &&
	    p->punch.won_at == USEC_NEVER && c->up.is_up &&
	    !c->self.is_tcp_only && p->seen.family == ADDR_V4 &&
	    p->seen.port != 0 && nat_mapping_of(c->self.nat) == NAT_EIM;
}

static void
begin(struct client *c, usec_t now, struct peer *p)
{
	struct reroll *r = &c->reroll;

	p->reroll_at = now + REROLL_AGAIN_US;
	if (r->extra >= 0 && r->peer != p->id)
		return;
	end(c);
	if (++p->rerolls > REROLL_MAX) {
		p->reroll_at = USEC_NEVER;
		return;
	}
	r->extra = self_extra_open(&c->self);
	if (r->extra < 0)
		return;
	r->peer = p->id;
	r->token = rng_u64(&c->self.rng) | 1;
	r->at = now + REROLL_STEP_US;
	log_debug(c->self.log, "a fresh socket for a clean port");
}

/* To where the peer is, from the fresh socket; within the limit of the plain
 * attempt. */
static void
probe_all(struct client *c, usec_t now, struct peer *p, bool is_low)
{
	struct cands targets;
	size_t i;

	peer_targets(p, &c->self, &targets);
	for (i = 0; i < targets.count; i++) {
		const struct addr *to = &targets.list[i].addr;

		if (to->family != ADDR_V4 || !punch_needs_low_ttl(to) ||
		    p->punch.sent >= PUNCH_PROBES_MAX)
			continue;
		p->punch.sent++;
		link_probe(&p->link, &c->self, now,
		    SOCK_EXTRA + c->reroll.extra, to,
		    is_low ? punch_low_ttl(&p->punch, &c->self, to) : 0);
	}
}

static void
step(struct client *c, usec_t now, struct peer *p)
{
	struct reroll *r = &c->reroll;

	r->at = now + REROLL_STEP_US;
	if (++r->steps > REROLL_STEPS)
		r->at = USEC_NEVER;
	else if (c->self.extras[r->extra] != EXTRA_OPEN)
		return;
	else if (addr_is_set(&c->self.seen_extra))
		probe_all(c, now, p, false);
	else
		uplink_observe(&c->up, &c->self, SOCK_EXTRA + r->extra,
		    c->up.session_peer.port, r->token, false);
}

bool
client_reroll_opened(struct client *c, usec_t now, const struct input *in)
{
	if (c->reroll.extra < 0 ||
	    in->sock != SOCK_EXTRA + c->reroll.extra)
		return false;
	if (in->err == E_OK)
		c->reroll.at = now;
	else
		end(c);
	return true;
}

bool
client_reroll_observed(struct client *c, usec_t now, const struct news *news)
{
	struct reroll *r = &c->reroll;
	struct peer *p = client_peer_by_id(c, r->peer);

	if (r->extra < 0 || news->tag != r->token)
		return false;
	if (!is_wanted(c, p) || addr_is_set(&c->self.seen_extra))
		return true;
	c->self.seen_extra = news->addr;
	r->steps = 0;
	r->at = now + REROLL_STEP_US;
	probe_all(c, now, p, true);
	peer_send_cands(p, &c->self);
	client_attend(c, now, p);
	return true;
}

void
client_reroll_plan(struct peer *p, usec_t now)
{
	p->rerolls = 0;
	p->reroll_at = now + REROLL_AFTER_US;
}

void
client_reroll_expire(struct client *c, usec_t now)
{
	struct reroll *r = &c->reroll;
	struct peer *p = client_peer_by_id(c, r->peer);
	int i;

	if (r->extra >= 0 && !is_wanted(c, p))
		end(c);
	else if (r->at <= now)
		step(c, now, p);
	for (i = 0; i < PEERS_MAX; i++) {
		p = c->peers[i];
		if (p == NULL || p->reroll_at > now)
			continue;
		p->reroll_at = USEC_NEVER;
		if (is_wanted(c, p))
			begin(c, now, p);
	}
}

usec_t
client_reroll_deadline(const struct client *c)
{
	usec_t at = c->reroll.at;
	int i;

	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL)
			at = usec_min(at, c->peers[i]->reroll_at);
	return at;
}
