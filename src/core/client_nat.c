#include "client_state.h"

#include <string.h>

/* What our NATs are like: asked after every change of the network, one thing
 * after the other where they would disturb each other. */

void
client_nat_start(struct client *c, usec_t now)
{
	natcheck_start(&c->natcheck, &c->self, &c->up, now);
	depth_want(&c->depth, &c->self, &c->up, now);
}

void
client_nat_doubt(struct client *c, usec_t now)
{
	depth_forget(&c->depth, &c->self);
	if (c->up.is_up)
		depth_want(&c->depth, &c->self, &c->up,
		    now + DEPTH_SETTLE_US);
}

bool
client_nat_has(const struct client *c, int extra)
{
	return natcheck_has(&c->natcheck, extra) ||
	    depth_has(&c->depth, extra);
}

bool
client_nat_opened(struct client *c, usec_t now, const struct input *in)
{
	int extra = in->sock - SOCK_EXTRA;

	if (natcheck_has(&c->natcheck, extra))
		natcheck_opened(&c->natcheck, &c->self, now);
	else if (depth_has(&c->depth, extra))
		depth_opened(&c->depth, &c->self, now);
	else
		return false;
	return true;
}

bool
client_nat_observed(struct client *c, usec_t now, const struct news *news)
{
	struct ports ports = c->self.ports;
	uint8_t before = c->self.nat;

	if (depth_observed(&c->depth, &c->self, news->tag))
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
client_nat_hop(struct client *c, const struct input *in)
{
	depth_expired(&c->depth, &c->self, in->sock - SOCK_EXTRA, &in->to);
}

/* The sockets of other questions take ports between two that natcheck compares
 * to see whether the NAT counts. */
static usec_t
begins_at(const struct client *c)
{
	return c->natcheck.is_fresh ? USEC_NEVER : c->depth.begin_at;
}

void
client_nat_expire(struct client *c, usec_t now)
{
	if (natcheck_expire(&c->natcheck, &c->self, &c->up, now))
		client_tell_cands(c, now);
	if (begins_at(c) <= now)
		depth_begin(&c->depth, &c->self, now);
	depth_expire(&c->depth, &c->self, &c->up, now);
}

usec_t
client_nat_deadline(const struct client *c)
{
	return usec_min(begins_at(c),
	    usec_min(c->natcheck.next_at, c->depth.next_at));
}
