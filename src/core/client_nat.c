#include "client_state.h"

#include <string.h>

/* What our NATs are like: asked after every change of the network, one thing
 * after the other where they would disturb each other. */

void
client_nat_start(struct client *c, usec_t now)
{
	natcheck_start(&c->natcheck, &c->self, &c->up, now);
	depth_want(&c->depth, &c->self, &c->up, now);
	lifetime_want(&c->lifetime, &c->self, &c->up, now);
	uplink_hurry(&c->up, &c->self);
}

void
client_nat_doubt(struct client *c, usec_t now)
{
	lifetime_doubt(&c->lifetime, &c->self, now);
	depth_forget(&c->depth, &c->self);
	if (c->up.is_up)
		depth_want(&c->depth, &c->self, &c->up,
		    now + DEPTH_SETTLE_US);
}

bool
client_nat_has(const struct client *c, int extra)
{
	return natcheck_has(&c->natcheck, extra) ||
	    depth_has(&c->depth, extra) ||
	    lifetime_has(&c->lifetime, extra);
}

bool
client_nat_opened(struct client *c, usec_t now, const struct input *in)
{
	int extra = in->sock - SOCK_EXTRA;

	if (natcheck_has(&c->natcheck, extra))
		natcheck_opened(&c->natcheck, &c->self, now);
	else if (depth_has(&c->depth, extra))
		depth_opened(&c->depth, &c->self, now);
	else if (lifetime_has(&c->lifetime, extra))
		lifetime_opened(&c->lifetime, &c->self, now);
	else
		return false;
	return true;
}

bool
client_nat_observed(struct client *c, usec_t now, const struct news *news)
{
	struct ports ports = c->self.ports;
	uint8_t before = c->self.nat;

	if (depth_observed(&c->depth, &c->self, news->tag) ||
	    lifetime_observed(&c->lifetime, &c->self, now, news))
		return true;
	if (!natcheck_observed(&c->natcheck, &c->self, &c->up, now, news->tag,
	    &news->addr))
		return false;
	if (before != c->self.nat ||
	    memcmp(&ports, &c->self.ports, sizeof ports) != 0)
		client_tell_cands(c, now);
	return true;
}

void
client_nat_echoed(struct client *c, usec_t now, const struct news *news)
{
	lifetime_echoed(&c->lifetime, &c->self, now, news);
}

void
client_nat_hop(struct client *c, const struct input *in)
{
	depth_expired(&c->depth, &c->self, in->sock - SOCK_EXTRA, &in->to);
}

/* The sockets of other questions take ports between two that natcheck compares
 * to see whether the NAT counts. */
static usec_t
depth_begins_at(const struct client *c)
{
	return c->natcheck.is_fresh ? USEC_NEVER : c->depth.begin_at;
}

/* When all else is known; where there is neither NAT nor filter nothing is
 * forgotten. */
static usec_t
lifetime_begins_at(const struct client *c)
{
	if (!c->up.is_up || c->natcheck.is_fresh ||
	    c->natcheck.step != NATCHECK_IDLE || c->depth.is_on ||
	    c->depth.begin_at != USEC_NEVER ||
	    (nat_mapping_of(c->self.nat) == NAT_NONE &&
	    nat_filter_of(c->self.nat) == FILTER_OPEN))
		return USEC_NEVER;
	return c->lifetime.begin_at;
}

/* What was to be sent may be due earlier now. */
static void
hurry(struct client *c, usec_t now)
{
	int i;

	uplink_hurry(&c->up, &c->self);
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL && c->peers[i]->state == PEER_OPEN)
			link_doubt(&c->peers[i]->link, now);
}

void
client_nat_expire(struct client *c, usec_t now)
{
	if (natcheck_expire(&c->natcheck, &c->self, &c->up, now))
		client_tell_cands(c, now);
	if (depth_begins_at(c) <= now)
		depth_begin(&c->depth, &c->self, now);
	depth_expire(&c->depth, &c->self, &c->up, now);
	if (lifetime_begins_at(c) <= now)
		lifetime_begin(&c->lifetime, &c->self, now);
	if (lifetime_expire(&c->lifetime, &c->self, &c->up, now))
		hurry(c, now);
}

usec_t
client_nat_deadline(const struct client *c)
{
	usec_t at = usec_min(c->natcheck.next_at, c->depth.next_at);

	at = usec_min(at, c->lifetime.next_at);
	at = usec_min(at, depth_begins_at(c));
	return usec_min(at, lifetime_begins_at(c));
}
