#include "depth.h"

#include <string.h>

void
depth_init(struct depth *d)
{
	memset(d, 0, sizeof *d);
	memset(d->extras, -1, sizeof d->extras);
	d->begin_at = d->next_at = USEC_NEVER;
}

bool
depth_has(const struct depth *d, int extra)
{
	int i;

	for (i = 0; i < HOPS_MAX; i++)
		if (d->extras[i] == extra)
			return true;
	return false;
}

static void
close_extra(struct depth *d, struct self *self, int i)
{
	self_extra_close(self, d->extras[i]);
	d->extras[i] = -1;
}

static void
stop(struct depth *d, struct self *self)
{
	int i;

	for (i = 0; i < HOPS_MAX; i++)
		close_extra(d, self, i);
	d->is_on = false;
	d->begin_at = d->next_at = USEC_NEVER;
}

void
depth_forget(struct depth *d, struct self *self)
{
	stop(d, self);
	d->asked_at = (struct addr){ 0 };
}

void
depth_want(struct depth *d, struct self *self, const struct uplink *up,
    usec_t at)
{
	if (!up->is_up || up->session_tcp ||
	    up->session_peer.family != ADDR_V4) {
		depth_forget(d, self);
		self->depth = 0;
		return;
	}
	if (addr_same_ip(&self->seen, &d->asked_at))
		return;
	depth_forget(d, self);
	self->depth = 0;
	d->asked_at = self->seen;
	/* Who has his public address himself is behind nothing. */
	if (!self_has_ip(self, &self->seen))
		d->begin_at = at;
}

void
depth_begin(struct depth *d, struct self *self, usec_t now)
{
	int i;

	d->begin_at = USEC_NEVER;
	d->is_on = true;
	d->tries = 0;
	d->token = rng_u64(&self->rng) >> 8 | 1;
	memset(d->hops, 0, sizeof d->hops);
	memset(d->is_server, 0, sizeof d->is_server);
	for (i = 0; i < HOPS_MAX; i++)
		d->extras[i] = self_extra_open(self);
	d->next_at = now + DEPTH_WAIT_US;
}

void
depth_opened(struct depth *d, const struct self *self, usec_t now)
{
	int i;

	for (i = 0; i < HOPS_MAX; i++)
		if (d->extras[i] >= 0 &&
		    self->extras[d->extras[i]] == EXTRA_OPENING)
			return;
	d->next_at = now;
}

/* ---- what it means ---- */

static bool
is_public(const struct addr *a)
{
	return addr_class(a) == ADDR_IS_PUBLIC;
}

/* Of the hops before the server, numbered from 1: the last one whose address is
 * not public, or 0. */
static int
last_inner(const struct depth *d)
{
	int i, last = 0;

	for (i = 0; i < HOPS_MAX && !d->is_server[i]; i++)
		if (addr_is_set(&d->hops[i]) && !is_public(&d->hops[i]))
			last = i + 1;
	return last;
}

/* A router that is silent, right before the first public one, is most likely
 * the carrier's NAT. */
static int
last_nat(const struct depth *d)
{
	int last = last_inner(d), i = last;

	while (i < HOPS_MAX && !d->is_server[i] && !addr_is_set(&d->hops[i]))
		i++;
	if (i > last && i < HOPS_MAX && !d->is_server[i])
		last++;
	return last;
}

static void
conclude(struct depth *d, struct self *self)
{
	stop(d, self);
	self->depth = (uint8_t)last_nat(d);
	memcpy(self->hops, d->hops, sizeof self->hops);
	log_debug(self->log, "the last NAT may be %u hops away", self->depth);
}

static void
conclude_if_whole(struct depth *d, struct self *self)
{
	int i;

	for (i = 0; i < HOPS_MAX; i++)
		if (d->extras[i] >= 0)
			return;
	conclude(d, self);
}

bool
depth_observed(struct depth *d, struct self *self, uint64_t token)
{
	int i;

	if (!d->is_on || token < d->token || token - d->token >= HOPS_MAX)
		return false;
	i = (int)(token - d->token);
	if (d->extras[i] < 0)
		return true;
	d->is_server[i] = true;
	close_extra(d, self, i);
	conclude_if_whole(d, self);
	return true;
}

bool
depth_expired(struct depth *d, struct self *self, int extra,
    const struct addr *router)
{
	int i;

	if (extra < 0 || router->family != ADDR_V4)
		return false;
	for (i = 0; i < HOPS_MAX && d->extras[i] != extra; i++)
		continue;
	if (i == HOPS_MAX)
		return false;
	d->hops[i] = *router;
	d->hops[i].port = 0;
	close_extra(d, self, i);
	conclude_if_whole(d, self);
	return true;
}

/* ---- time ---- */

static void
ask(struct depth *d, struct self *self, struct uplink *up)
{
	int i;

	for (i = 0; i < HOPS_MAX; i++) {
		int extra = d->extras[i];

		if (extra >= 0 && self->extras[extra] == EXTRA_OPEN)
			uplink_trace(up, self, SOCK_EXTRA + extra,
			    (uint8_t)(i + 1), d->token + (uint64_t)i);
	}
}

void
depth_expire(struct depth *d, struct self *self, struct uplink *up, usec_t now)
{
	if (d->next_at > now)
		return;
	if (!up->is_up || up->session_tcp)
		depth_forget(d, self);
	else if (d->tries++ < DEPTH_TRIES) {
		d->next_at = now + DEPTH_WAIT_US;
		ask(d, self, up);
	} else
		conclude(d, self);
}
