#include "natcheck.h"

#include <string.h>

void
natcheck_init(struct natcheck *n)
{
	memset(n, 0, sizeof *n);
	n->next_at = USEC_NEVER;
	n->extra = -1;
}

static void
set_filter(struct self *self, enum nat_filter filter)
{
	self->nat = (uint8_t)(nat_mapping_of(self->nat) | filter << 4);
}

static void
set_mapping(struct self *self, enum nat_mapping mapping)
{
	self->nat = (uint8_t)(mapping | nat_filter_of(self->nat) << 4);
}

/* The server sees us as we see ourselves. */
static bool
is_without_nat(const struct self *self)
{
	return self->seen.port == self->port &&
	    self_has_ip(self, &self->seen);
}

/* Two mappings made one after the other, with ports that are close: this NAT
 * counts. Later the first of them is too old to say so. */
static void
note_step(struct natcheck *n, struct self *self, const struct addr *seen)
{
	int32_t step = (int32_t)seen->port - self->seen.port;

	if (!n->is_fresh)
		return;
	n->is_fresh = false;
	self->nat_step = (int16_t)(addr_same_ip(seen, &self->seen) &&
	    step >= -NATCHECK_STEP_MAX && step <= NATCHECK_STEP_MAX ?
	    step : 0);
}

static void
ask(struct natcheck *n, struct self *self, struct uplink *up, usec_t now)
{
	n->next_at = now + NATCHECK_WAIT_US;
	if (n->step == NATCHECK_MAPPING) {
		n->tries++;
		uplink_observe(up, self, -1, up->accept.probe_port, n->token,
		    false);
		return;
	}
	if (n->extra < 0 || self->extras[n->extra] != EXTRA_OPEN)
		return;
	n->tries++;
	uplink_observe(up, self, SOCK_EXTRA + n->extra,
	    up->session_peer.port, n->token, true);
}

static void
enter(struct natcheck *n, struct self *self, struct uplink *up, usec_t now,
    enum natcheck_step step)
{
	if (n->extra >= 0)
		self_extra_close(self, n->extra);
	n->extra = -1;
	n->step = step;
	n->tries = 0;
	n->token = rng_u64(&self->rng) | 1;
	n->next_at = now + NATCHECK_AGAIN_US;
	if (step == NATCHECK_FILTERING) {
		n->extra = self_extra_open(self);
		n->next_at = now + NATCHECK_WAIT_US;
	} else if (step == NATCHECK_MAPPING)
		ask(n, self, up, now);
}

void
natcheck_start(struct natcheck *n, struct self *self,
    const struct uplink *up, usec_t now)
{
	self_extra_close(self, n->extra);
	natcheck_init(n);
	if (!up->is_up || up->session_tcp || up->accept.probe_port == 0 ||
	    up->session_peer.family != ADDR_V4) {
		self->nat = 0;
		self->nat_step = 0;
		return;
	}
	n->next_at = now;
	n->is_fresh = true;
}

void
natcheck_opened(struct natcheck *n, usec_t now)
{
	if (n->step == NATCHECK_FILTERING)
		n->next_at = now;
}

bool
natcheck_observed(struct natcheck *n, struct self *self, struct uplink *up,
    usec_t now, uint64_t token, const struct addr *seen)
{
	if (n->step == NATCHECK_IDLE || token != n->token)
		return false;
	if (n->step == NATCHECK_MAPPING) {
		note_step(n, self, seen);
		set_mapping(self, !addr_eq(seen, &self->seen) ? NAT_APDM :
		    is_without_nat(self) ? NAT_NONE : NAT_EIM);
		enter(n, self, up, now, NATCHECK_FILTERING);
		return true;
	}
	/* Only an answer from elsewhere proves anything. */
	if (up->frames_from.port == up->session_peer.port)
		return true;
	set_filter(self, FILTER_OPEN);
	enter(n, self, up, now, NATCHECK_IDLE);
	return true;
}

bool
natcheck_expire(struct natcheck *n, struct self *self, struct uplink *up,
    usec_t now)
{
	uint8_t before = self->nat;

	if (n->next_at > now)
		return false;
	if (!up->is_up || up->session_tcp) {
		self_extra_close(self, n->extra);
		natcheck_init(n);
	} else if (n->step == NATCHECK_IDLE)
		enter(n, self, up, now, NATCHECK_MAPPING);
	else if (n->step == NATCHECK_FILTERING && (n->extra < 0 ||
	    self->extras[n->extra] == EXTRA_FREE))
		enter(n, self, up, now, NATCHECK_IDLE);
	else if (n->tries < NATCHECK_TRIES)
		ask(n, self, up, now);
	else if (n->step == NATCHECK_MAPPING)
		enter(n, self, up, now, NATCHECK_IDLE);
	else {
		set_filter(self, FILTER_APDF);
		enter(n, self, up, now, NATCHECK_IDLE);
	}
	return before != self->nat;
}
