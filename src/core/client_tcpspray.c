#include "client_state.h"

#include "err.h"

#include <string.h>

/* The same that client_spray.c does, with SYNs: towards a NAT that chooses
 * another port for every destination its owner sends SYNs from many sockets,
 * the other side to many ports, and two of them cross (nat.md fact 8). Each of
 * the many sockets costs a port of the own NAT for minutes. So they are few
 * where it has few, have local ports of their own, from which all that is
 * repeated costs nothing more, and leave room for everything else.
 *
 * Between two NATs of that kind no two SYNs cross. But if one of them lets in
 * any port of an address that was sent to, its owner sends to many ports of the
 * peer's from the one that listens: each gets another port of the NAT, and
 * whichever of them the peer finds leads to the listener. */

static int
slot_of(int sock)
{
	return sock >= SOCK_SALVO && sock < SOCK_SALVO + SALVO_MAX ?
	    sock - SOCK_SALVO : -1;
}

/* From a row of sockets, or else from our own port. */
static bool
has_row(const struct salvo *v)
{
	return v->row.role == SPRAY_MATCH ||
	    (v->row.role == SPRAY_OPEN && !v->is_hard);
}

static void
dial(struct client *c, usec_t now, int i, const struct addr *to)
{
	struct salvo *v = &c->salvo;
	struct peer *p = client_peer_by_id(c, v->row.peer);
	struct addr own = addr_any(ADDR_V4, has_row(v) ?
	    (uint16_t)(v->port + i) : c->self.port);

	v->is_dialled[i] = true;
	v->dialled_at[i] = now;
	v->row.sent++;
	if (p != NULL)
		p->guessed_tcp++;
	outbox_dial_ttl(&c->self.out, SOCK_SALVO + i, &own, to,
	    v->row.role == SPRAY_OPEN && punch_needs_low_ttl(to) ?
	    punch_ttl_of(&c->self, to) : 0);
}

static void
hang_up(struct client *c, int i)
{
	if (c->salvo.is_dialled[i])
		outbox_close(&c->self.out, SOCK_SALVO + i);
	c->salvo.is_dialled[i] = false;
}

/* ---- what our NAT can give ---- */

/* Both NATs are known to choose a port for every destination. */
static bool
are_hard(const struct client *c, const struct peer *p)
{
	return !c->self.is_tcp_only && !p->is_tcp_only &&
	    nat_mapping_of(c->self.nat) == NAT_APDM &&
	    nat_mapping_of(p->nat) == NAT_APDM;
}

/* How many of its ports may be taken at a time. */
static uint32_t
ports_most(const struct client *c, bool is_hard)
{
	const struct ports *ports = &c->self.ports;
	uint32_t n = spray_sockets(ports);

	if (is_hard && ports_count(ports) > PORTS_WIDE)
		return SALVO_HARD;
	return n < SALVO_OPENERS ? n : SALVO_OPENERS;
}

static uint32_t
ports_left(const struct client *c, usec_t now)
{
	uint32_t most = ports_most(c, c->salvo.is_hard);

	if (now >= c->salvo.taken_until)
		return most;
	return c->salvo.taken < most ? most - c->salvo.taken : 0;
}

/* Does every destination cost a port of our NAT? Where nobody knows, one that
 * keeps our port towards the server keeps it towards all. */
static bool
pays_per_port(const struct self *self)
{
	enum nat_mapping mapping = nat_mapping_of(self->nat);

	return mapping == NAT_APDM || (mapping == NAT_UNKNOWN &&
	    self->seen_tcp.port != self->port);
}

static void
take_ports(struct salvo *v, usec_t now, uint32_t n)
{
	if (now >= v->taken_until)
		v->taken = 0;
	v->taken += n;
	v->taken_until = now + SALVO_PORTS_LAST_US;
}

/* ---- beginning and end ---- */

bool
client_salvo_matches(const struct client *c, const struct peer *p)
{
	return nat_mapping_of(c->self.nat) == NAT_APDM &&
	    nat_mapping_of(p->nat) == NAT_APDM && c->self.nat_step != 0 &&
	    p->nat_step != 0;
}

/* No UDP has shown what the NAT of a side does that is registered over TCP. As
 * the plain way has failed it is that one, if it is not the other. */
static enum spray_role
role_for(const struct client *c, const struct peer *p)
{
	uint8_t ours = c->self.nat, theirs = p->nat;
	enum spray_role role;

	if (client_salvo_matches(c, p))
		return SPRAY_MATCH;
	if (c->self.is_tcp_only && p->is_tcp_only)
		return SPRAY_NONE;
	if (c->self.is_tcp_only)
		ours = nat_mapping_of(theirs) == NAT_APDM ? 0 : NAT_APDM;
	else if (p->is_tcp_only)
		theirs = nat_mapping_of(ours) == NAT_APDM ? 0 : NAT_APDM;
	role = spray_role(ours, theirs,
	    memcmp(c->self.identity.public, p->key, KEY_LEN) < 0);
	return role == SPRAY_OPEN || role == SPRAY_SEEK ? role : SPRAY_NONE;
}

/* The peer's TCP address, by its own word, at the place where the server saw
 * it. */
static bool
find_target(const struct client *c, const struct peer *p, struct addr *out)
{
	size_t i;

	for (i = 0; i < p->tcp.theirs.count; i++) {
		*out = p->tcp.theirs.list[i].addr;
		if (p->tcp.theirs.list[i].kind == CAND_SEEN &&
		    out->family == ADDR_V4 && addr_same_ip(out, &p->seen) &&
		    cand_is_allowed(&c->self, &p->seen, out))
			return true;
	}
	return false;
}

/* What was not worth guessing, or could not be: it is not waited for. */
static void
do_without(struct peer *p, usec_t now, enum reason reason)
{
	p->tcp.reason = reason;
	p->tcp.ends_at = usec_min(p->tcp.ends_at, now + TCPSWITCH_VAIN_US);
}

/* A row of sockets: that of the last time again if it went there as well, for
 * its ports are open still. False if there are no ports for it. */
static bool
begin_row(struct client *c, usec_t now)
{
	struct salvo *v = &c->salvo;
	uint32_t most = c->self.nat_step != 0 ? SALVO_ROW : SALVO_OPENERS;
	uint32_t n = ports_left(c, now);
	int i;

	if (now >= v->taken_until || !addr_eq(&v->opened_to, &v->to)) {
		if (n < SPRAY_SOCKETS_MIN)
			return false;
		v->count = (int)(n < most ? n : most);
		v->port = (uint16_t)rng_range(&c->self.rng, SALVO_PORT_MIN,
		    SALVO_PORT_MAX);
		v->opened_to = v->to;
		take_ports(v, now, (uint32_t)v->count);
	}
	for (i = 0; i < v->count; i++)
		dial(c, now, i, &v->to);
	return true;
}

/* Some steps beyond the port that was seen last; beyond either end the count
 * goes on at the other. */
static uint16_t
port_ahead(uint16_t port, int16_t step)
{
	int32_t at = (port - PORTS_MIN + SALVO_AHEAD * step) %
	    (65536 - PORTS_MIN);

	return (uint16_t)(PORTS_MIN + (at < 0 ? at + 65536 - PORTS_MIN : at));
}

static void
begin(struct client *c, usec_t now, struct peer *p, enum spray_role role)
{
	struct salvo *v = &c->salvo;

	memset(v->is_dialled, 0, sizeof v->is_dialled);
	v->row.role = role;
	v->row.peer = p->id;
	v->row.began_at = now;
	v->row.sent = 0;
	v->most = SPRAY_PROBES;
	v->row.next_at = USEC_NEVER;
	v->is_hard = role != SPRAY_MATCH && are_hard(c, p);
	/* Where two count both aim at where the other's row is about to be. */
	if (role == SPRAY_MATCH) {
		v->to.port = port_ahead(v->to.port, p->nat_step);
		p->tcp.match.has_ours = p->tcp.match.has_theirs = false;
		if (++p->tcp.match.count < SALVO_MATCHES)
			p->tcp.match.next_at = now + SALVO_MATCH_US;
	}
	if (has_row(v)) {
		if (begin_row(c, now))
			return;
		v->row.role = SPRAY_NONE;
		do_without(p, now, REASON_TCP_PORTS);
		return;
	}
	if (pays_per_port(&c->self)) {
		v->most = ports_left(c, now);
		take_ports(v, now, v->most);
	}
	v->row.next_at = role == SPRAY_OPEN ? now :
	    now + usec_min(SPRAY_HOLES_US, client_tcp_rtt(c, p));
	v->is_counted = role == SPRAY_SEEK && p->nat_step != 0;
	port_row_begin(&v->row.row, role == SPRAY_OPEN ? &ports_all :
	    &p->ports, &c->self.rng);
}

void
client_salvo_begin(struct client *c, usec_t now, struct peer *p)
{
	enum spray_role role = role_for(c, p);

	p->tcp.salvo_at = USEC_NEVER;
	if (role == SPRAY_NONE) {
		if (nat_mapping_of(c->self.nat) == NAT_APDM &&
		    nat_mapping_of(p->nat) == NAT_APDM)
			do_without(p, now, REASON_TCP_HARD);
		return;
	}
	if (!client_spray_is_free(c, now, p)) {
		/* What has helped the same peer to UDP may notice now. */
		if (c->spray.peer == p->id && p->link.use != NULL &&
		    p->link.use->transport == TRANSPORT_UDP)
			c->spray.next_at = usec_min(c->spray.next_at, now);
		p->tcp.salvo_at = now + SALVO_WAIT_US;
		return;
	}
	if (!find_target(c, p, &c->salvo.to))
		return;
	log_debug(c->self.log, "guessing TCP ports, way %d", (int)role);
	begin(c, now, p, role);
}

void
client_salvo_end(struct client *c, usec_t now, const struct peer *p)
{
	int i;

	if (c->salvo.row.role == SPRAY_NONE || c->salvo.row.peer != p->id)
		return;
	for (i = 0; i < SALVO_MAX; i++)
		hang_up(c, i);
	c->salvo.row.role = SPRAY_NONE;
	c->salvo.row.ended_at = now;
	c->salvo.row.next_at = USEC_NEVER;
}

/* ---- another row ---- */

static void
match_again(struct client *c, usec_t now, struct peer *p)
{
	if (!p->tcp.match.has_ours || !p->tcp.match.has_theirs)
		return;
	client_salvo_end(c, now, p);
	p->tcp.salvo_at = now;
}

/* Looks at the port that a fresh connection to the server gets. */
void
client_match_expire(struct client *c, usec_t now, struct peer *p)
{
	if (p->tcp.match.next_at > now)
		return;
	p->tcp.match.next_at = USEC_NEVER;
	if (!c->up.is_up || c->observe_at != USEC_NEVER)
		return;
	if (c->is_observing)
		outbox_close(&c->self.out, SOCK_OBSERVE);
	frame_fini(&c->observe_in);
	c->is_observing = true;
	c->observe_token = 0;
	outbox_dial(&c->self.out, SOCK_OBSERVE, NULL, &c->up.session_peer);
}

void
client_match_told(struct client *c, usec_t now, struct peer *p)
{
	if (p->tcp.match.count == 0)
		return;
	p->tcp.match.has_ours = true;
	match_again(c, now, p);
}

void
client_match_heard(struct client *c, usec_t now, struct peer *p)
{
	p->tcp.match.has_theirs = true;
	match_again(c, now, p);
}

/* ---- what becomes of them ---- */

bool
client_salvo_input(struct client *c, usec_t now, const struct input *in)
{
	struct salvo *v = &c->salvo;
	struct peer *p = client_peer_by_id(c, v->row.peer);
	int i = slot_of(in->sock);

	if (i < 0 || in->kind != IN_CONNECTED || !v->is_dialled[i])
		return false;
	v->is_dialled[i] = false;
	if (in->err == E_OK && (p == NULL || !client_stream_guessed(c, now, p,
	    in->sock, &in->from)))
		outbox_close(&c->self.out, in->sock);
	/* Our NAT has no more, as it seems. */
	if (in->err == E_NONE && has_row(v)) {
		take_ports(v, now, SALVO_OPENERS);
		if (p != NULL)
			p->refused_tcp++;
	}
	/* What was refused had no hole, or has none any more. */
	if ((in->err == E_DENIED || in->err == E_NONE) &&
	    v->row.role == SPRAY_OPEN && v->row.sent < SPRAY_PROBES)
		dial(c, now, i, &v->to);
	return true;
}

/* ---- time ---- */

/* A socket for the next one: a SYN that was not answered for so long is not
 * answered any more. */
static int
find_room(struct client *c, usec_t now)
{
	int i;

	for (i = 0; i < SALVO_MAX; i++) {
		if (c->salvo.is_dialled[i] &&
		    now - c->salvo.dialled_at[i] >= SALVO_KEEP_US)
			hang_up(c, i);
		if (!c->salvo.is_dialled[i] &&
		    client_stream(c, SOCK_SALVO + i) == NULL)
			return i;
	}
	return -1;
}

/* Of a NAT that counts the port that the server saw is the last but a few. */
static uint16_t
next_port(struct salvo *v)
{
	uint16_t port = v->is_counted ? spray_near(v->to.port, v->row.sent) :
	    0;

	return port != 0 ? port : port_row_next(&v->row.row);
}

/* The next one; it is over when there is no port left for it. */
static void
guess(struct client *c, usec_t now)
{
	struct salvo *v = &c->salvo;
	struct peer *p = client_peer_by_id(c, v->row.peer);
	struct addr to = v->to;
	int i = find_room(c, now);

	if (i < 0)
		return;
	if (v->row.sent >= v->most) {
		v->row.next_at = USEC_NEVER;
		if (p != NULL && v->most < SPRAY_PROBES &&
		    (v->row.role == SPRAY_SEEK || v->most == 0))
			do_without(p, now, REASON_TCP_PORTS);
		return;
	}
	to.port = next_port(v);
	dial(c, now, i, &to);
	/* The hole is there, and nobody answers: it is the listener that is
	 * found. */
	if (v->row.role == SPRAY_OPEN)
		hang_up(c, i);
}

void
client_salvo_expire(struct client *c, usec_t now)
{
	struct salvo *v = &c->salvo;
	int n;

	if (v->row.next_at > now)
		return;
	v->row.next_at = now + SALVO_PACE_US;
	/* Holes have to be there before they are looked for. */
	for (n = v->row.role == SPRAY_OPEN ? SALVO_AT_ONCE : 1; n > 0; n--)
		if (v->row.next_at != USEC_NEVER)
			guess(c, now);
}
