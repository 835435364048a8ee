#include "natcheck.h"

#include <string.h>

void
natcheck_init(struct natcheck *n)
{
	memset(n, 0, sizeof *n);
	n->next_at = USEC_NEVER;
	memset(n->extras, -1, sizeof n->extras);
}

bool
natcheck_has(const struct natcheck *n, int extra)
{
	int i;

	for (i = 0; i < PORTS_SAMPLES; i++)
		if (n->extras[i] == extra)
			return true;
	return false;
}

static void
close_extras(struct natcheck *n, struct self *self)
{
	int i;

	for (i = 0; i < PORTS_SAMPLES; i++) {
		self_extra_close(self, n->extras[i]);
		n->extras[i] = -1;
	}
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

/* The server sees us as we see ourselves; beside us there is no NAT. */
static bool
is_without_nat(const struct self *self)
{
	return self->seen.port == self->port &&
	    (self_has_ip(self, &self->seen) ||
	    addr_class(&self->seen) == ADDR_IS_LOOPBACK);
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

/* From every fresh socket that has no answer yet. */
static void
ask_extras(struct natcheck *n, struct self *self, struct uplink *up)
{
	int i;

	for (i = 0; i < PORTS_SAMPLES; i++) {
		int extra = n->extras[i];

		if (extra < 0 || self->extras[extra] != EXTRA_OPEN)
			continue;
		uplink_observe(up, self, SOCK_EXTRA + extra,
		    up->session_peer.port, n->token + (uint64_t)i,
		    n->step == NATCHECK_FILTERING);
	}
}

static void
ask(struct natcheck *n, struct self *self, struct uplink *up, usec_t now)
{
	n->next_at = now + NATCHECK_WAIT_US;
	n->tries++;
	if (n->step == NATCHECK_MAPPING)
		uplink_observe(up, self, -1, up->accept.probe_port, n->token,
		    false);
	else
		ask_extras(n, self, up);
}

static void
enter(struct natcheck *n, struct self *self, struct uplink *up, usec_t now,
    enum natcheck_step step)
{
	int i, fresh = step == NATCHECK_FILTERING ? 1 :
	    step == NATCHECK_SAMPLING ? PORTS_SAMPLES : 0;

	close_extras(n, self);
	n->step = step;
	n->tries = 0;
	memset(n->samples, 0, sizeof n->samples);
	n->token = rng_u64(&self->rng) >> 8 | 1;
	n->next_at = now + (step == NATCHECK_IDLE ? NATCHECK_AGAIN_US :
	    NATCHECK_WAIT_US);
	for (i = 0; i < fresh; i++)
		n->extras[i] = self_extra_open(self);
	if (step == NATCHECK_MAPPING)
		ask(n, self, up, now);
}

/* What looked like counting may have been two ports of a block, and the other
 * way round when others were busy in between. */
static void
end_sampling(struct natcheck *n, struct self *self, struct uplink *up,
    usec_t now)
{
	uint16_t samples[PORTS_SAMPLES];
	struct ports seen;
	size_t count = 0;
	int i;

	/* In the order in which they were asked for, however they came. */
	for (i = 0; i < PORTS_SAMPLES; i++)
		if (n->samples[i] != 0)
			samples[count++] = n->samples[i];
	seen = ports_infer(samples, count);
	if (count >= PORTS_SAMPLES_MIN)
		self->nat_step = ports_step(samples, count,
		    NATCHECK_STEP_MAX);
	self->ports = self->nat_step == 0 ? seen : ports_all;
	enter(n, self, up, now, NATCHECK_FILTERING);
}

static bool
has_extras(const struct natcheck *n, const struct self *self)
{
	int i;

	for (i = 0; i < PORTS_SAMPLES; i++)
		if (n->extras[i] >= 0 &&
		    self->extras[n->extras[i]] != EXTRA_FREE)
			return true;
	return false;
}

void
natcheck_start(struct natcheck *n, struct self *self,
    const struct uplink *up, usec_t now)
{
	close_extras(n, self);
	natcheck_init(n);
	self->ports = ports_all;
	if (!up->is_up || up->session_tcp || up->accept.probe_port == 0 ||
	    up->session_peer.family != ADDR_V4) {
		self->nat = 0;
		self->nat_step = 0;
		return;
	}
	n->next_at = now;
	n->is_fresh = true;
}

bool
natcheck_is_on(const struct natcheck *n, usec_t now)
{
	return n->step != NATCHECK_IDLE || n->next_at <= now;
}

void
natcheck_opened(struct natcheck *n, const struct self *self, usec_t now)
{
	int i;

	for (i = 0; i < PORTS_SAMPLES; i++)
		if (n->extras[i] >= 0 &&
		    self->extras[n->extras[i]] == EXTRA_OPENING)
			return;
	n->next_at = now;
}

static void
take_sample(struct natcheck *n, struct self *self, struct uplink *up,
    usec_t now, int i, uint16_t port)
{
	if (n->extras[i] < 0)
		return;
	n->samples[i] = port;
	self_extra_close(self, n->extras[i]);
	n->extras[i] = -1;
	if (!has_extras(n, self))
		end_sampling(n, self, up, now);
}

bool
natcheck_observed(struct natcheck *n, struct self *self, struct uplink *up,
    usec_t now, uint64_t token, const struct addr *seen)
{
	if (n->step == NATCHECK_IDLE || token < n->token ||
	    token - n->token >= (n->step == NATCHECK_SAMPLING ?
	    PORTS_SAMPLES : 1))
		return false;
	if (n->step == NATCHECK_SAMPLING) {
		take_sample(n, self, up, now, (int)(token - n->token),
		    seen->port);
		return true;
	}
	if (n->step == NATCHECK_MAPPING) {
		note_step(n, self, seen);
		set_mapping(self, !addr_eq(seen, &self->seen) ? NAT_APDM :
		    is_without_nat(self) ? NAT_NONE : NAT_EIM);
		/* Samples take a round trip, silence more than a second. */
		enter(n, self, up, now, nat_mapping_of(self->nat) ==
		    NAT_APDM ? NATCHECK_SAMPLING : NATCHECK_FILTERING);
		return true;
	}
	/* Only an answer from elsewhere proves anything. */
	if (up->frames_from.port == up->session_peer.port)
		return true;
	set_filter(self, FILTER_OPEN);
	enter(n, self, up, now, NATCHECK_IDLE);
	return true;
}

static void
give_up(struct natcheck *n, struct self *self, struct uplink *up, usec_t now)
{
	switch (n->step) {
	case NATCHECK_FILTERING:
		if (has_extras(n, self))
			set_filter(self, FILTER_APDF);
		enter(n, self, up, now, NATCHECK_IDLE);
		break;
	case NATCHECK_SAMPLING:
		end_sampling(n, self, up, now);
		break;
	case NATCHECK_MAPPING:
	case NATCHECK_IDLE:
		n->is_fresh = false;
		enter(n, self, up, now, NATCHECK_IDLE);
		break;
	}
}

bool
natcheck_expire(struct natcheck *n, struct self *self, struct uplink *up,
    usec_t now)
{
	struct ports ports = self->ports;
	uint8_t before = self->nat;
	int16_t step = self->nat_step;

	if (n->next_at > now)
		return false;
	if (!up->is_up || up->session_tcp) {
		close_extras(n, self);
		natcheck_init(n);
	} else if (n->step == NATCHECK_IDLE)
		enter(n, self, up, now, NATCHECK_MAPPING);
	else if (n->tries < NATCHECK_TRIES && (n->step == NATCHECK_MAPPING ||
	    has_extras(n, self)))
		ask(n, self, up, now);
	else
		give_up(n, self, up, now);
	return before != self->nat || step != self->nat_step ||
	    memcmp(&ports, &self->ports, sizeof ports) != 0;
}
