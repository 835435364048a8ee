#include "uplink_state.h"

#include <assert.h>

/* How the server sees us: questions from every socket, and what follows from
 * two of the answers. */

static void
send_observe(struct uplink *u, struct self *self, int sock,
    const struct addr *to, uint8_t ttl, uint64_t token, enum observe how)
{
	uint8_t buf[32];
	struct wr w = wr_of(buf, sizeof buf);
	size_t begin = wire_begin_frame(&w, SF_OBSERVE);

	put_u64(&w, token);
	put_u8(&w, (uint8_t)how);
	wire_end_frame(&w, begin);
	uplink_seal(u, self, sock, to, ttl, &w);
}

void
uplink_observe(struct uplink *u, struct self *self, int sock, uint16_t port,
    uint64_t token, bool from_other_port)
{
	struct addr to = u->session_peer;

	to.port = port;
	send_observe(u, self, sock, &to, 0, token,
	    from_other_port ? OBSERVE_OTHER_PORT : OBSERVE_PLAIN);
}

void
uplink_trace(struct uplink *u, struct self *self, int sock, uint8_t ttl,
    uint64_t token)
{
	assert(sock >= SOCK_EXTRA);
	send_observe(u, self, sock, &u->session_peer, ttl, token,
	    OBSERVE_PLAIN);
}

void
uplink_ask_ticket(struct uplink *u, struct self *self, int sock,
    uint64_t token)
{
	assert(sock >= SOCK_EXTRA);
	send_observe(u, self, sock, &u->session_peer, 0, token,
	    OBSERVE_TICKET);
}

void
uplink_test_udp(struct uplink *u, struct self *self, usec_t now)
{
	usec_t pause = u->udp_test == 0 ? USEC_S : 30 * USEC_S;

	u->udp_test = rng_u64(&self->rng) | 1;
	u->udp_test_at = now + pause;
	uplink_observe(u, self, -1, u->port, u->udp_test, false);
}

static bool
has_local(const struct self *self, uint8_t family)
{
	size_t i;

	for (i = 0; i < self->locals_count; i++)
		if (self->locals[i].family == family)
			return true;
	return false;
}

/* The server's address of the family that we are not registered over; NULL if
 * there is none, or no way there from here. */
static const struct addr *
other_address(const struct uplink *u, const struct self *self)
{
	size_t i;

	for (i = 0; i < u->addrs_count; i++)
		if (u->addrs[i].family != u->session_peer.family &&
		    has_local(self, u->addrs[i].family) &&
		    self_sock(self, &u->addrs[i]) >= 0)
			return &u->addrs[i];
	return NULL;
}

void
uplink_look_other(struct uplink *u, struct self *self, usec_t now)
{
	const struct addr *to = other_address(u, self);

	u->other_at = USEC_NEVER;
	if (to == NULL)
		return;
	u->other_test = rng_u64(&self->rng) | 1;
	u->other_at = now + (addr_is_set(&self->seen_other) ? 25 : 5) * USEC_S;
	send_observe(u, self, -1, to, 0, u->other_test, OBSERVE_PLAIN);
}
