#include "natcheck.h"

#include <string.h>

void
natcheck_init(struct natcheck *n)
{
	memset(n, 0, sizeof *n);
	n->next_at = USEC_NEVER;
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
	size_t i;

	if (self->seen.port != self->port)
		return false;
	for (i = 0; i < self->locals_count; i++)
		if (addr_same_ip(&self->locals[i], &self->seen))
			return true;
	return false;
}

static void
ask(struct natcheck *n, struct self *self, struct uplink *up, usec_t now)
{
	bool is_filter = n->step == NATCHECK_FILTERING;

	n->tries++;
	n->next_at = now + NATCHECK_WAIT_US;
	uplink_observe(up, self, -1, is_filter ? up->session_peer.port :
	    up->accept.probe_port, n->token, is_filter);
}

static void
enter(struct natcheck *n, struct self *self, struct uplink *up, usec_t now,
    enum natcheck_step step)
{
	n->step = step;
	n->tries = 0;
	n->token = rng_u64(&self->rng) | 1;
	if (step == NATCHECK_IDLE)
		n->next_at = now + NATCHECK_AGAIN_US;
	else
		ask(n, self, up, now);
}

void
natcheck_start(struct natcheck *n, struct self *self,
    const struct uplink *up, usec_t now)
{
	if (!up->is_up || up->session_tcp || up->accept.probe_port == 0) {
		natcheck_init(n);
		self->nat = 0;
		return;
	}
	n->step = NATCHECK_IDLE;
	n->next_at = now;
}

bool
natcheck_observed(struct natcheck *n, struct self *self, struct uplink *up,
    usec_t now, uint64_t token, const struct addr *seen)
{
	if (n->step == NATCHECK_IDLE || token != n->token)
		return false;
	if (n->step == NATCHECK_FILTERING) {
		/* Only an answer from elsewhere proves anything. */
		if (up->frames_from.port == up->session_peer.port)
			return true;
		set_filter(self, FILTER_OPEN);
		enter(n, self, up, now, NATCHECK_MAPPING);
		return true;
	}
	set_mapping(self, !addr_eq(seen, &self->seen) ? NAT_APDM :
	    is_without_nat(self) ? NAT_NONE : NAT_EIM);
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
		natcheck_init(n);
		return false;
	}
	if (n->step == NATCHECK_IDLE)
		enter(n, self, up, now, NATCHECK_FILTERING);
	else if (n->tries < NATCHECK_TRIES)
		ask(n, self, up, now);
	else if (n->step == NATCHECK_FILTERING) {
		set_filter(self, FILTER_APDF);
		enter(n, self, up, now, NATCHECK_MAPPING);
	} else
		enter(n, self, up, now, NATCHECK_IDLE);
	return before != self->nat;
}
