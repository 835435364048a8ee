#include "client_state.h"

#include "err.h"

#include <string.h>

/* The same that client_spray.c does, with SYNs: towards a NAT that chooses
 * another port for every destination its owner sends SYNs from many sockets,
 * the other side to many ports, and two of them cross (nat.md fact 8). */

static int
slot_of(int sock)
{
	return sock >= SOCK_SALVO && sock < SOCK_SALVO + SALVO_MAX ?
	    sock - SOCK_SALVO : -1;
}

static void
dial(struct client *c, usec_t now, int i, const struct addr *to)
{
	struct salvo *v = &c->salvo;
	struct peer *p = client_peer_by_id(c, v->row.peer);
	struct addr own = addr_any(ADDR_V4, c->self.port);
	bool opens = v->row.role == SPRAY_OPEN;

	v->is_dialled[i] = true;
	v->dialled_at[i] = now;
	v->row.sent++;
	if (p != NULL)
		p->guessed_tcp++;
	outbox_dial_ttl(&c->self.out, SOCK_SALVO + i, opens ? NULL : &own,
	    to, opens && punch_needs_low_ttl(to) ?
	    punch_ttl_of(&c->self, to) : 0);
}

static void
hang_up(struct client *c, int i)
{
	if (c->salvo.is_dialled[i])
		outbox_close(&c->self.out, SOCK_SALVO + i);
	c->salvo.is_dialled[i] = false;
}

/* ---- beginning and end ---- */

/* No UDP has shown what the NAT of a side does that is registered over TCP. As
 * the plain way has failed it is that one, if it is not the other. */
static enum spray_role
role_for(const struct client *c, const struct peer *p)
{
	uint8_t ours = c->self.nat, theirs = p->nat;
	enum spray_role role;

	if (c->self.is_tcp_only && p->is_tcp_only)
		return SPRAY_NONE;
	if (c->self.is_tcp_only)
		ours = nat_mapping_of(theirs) == NAT_APDM ? 0 : NAT_APDM;
	else if (p->is_tcp_only)
		theirs = nat_mapping_of(ours) == NAT_APDM ? 0 : NAT_APDM;
	role = spray_role(ours, theirs, false);
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

void
client_salvo_begin(struct client *c, usec_t now, struct peer *p)
{
	struct salvo *v = &c->salvo;
	enum spray_role role = role_for(c, p);
	int i, sockets;

	p->tcp.salvo_at = USEC_NEVER;
	if (role == SPRAY_NONE)
		return;
	if (!client_spray_is_free(c, now, p)) {
		p->tcp.salvo_at = now + SALVO_WAIT_US;
		return;
	}
	if (!find_target(c, p, &v->to))
		return;
	log_debug(c->self.log, "guessing TCP ports, way %d", (int)role);
	memset(v->is_dialled, 0, sizeof v->is_dialled);
	v->row.role = role;
	v->row.peer = p->id;
	v->row.began_at = now;
	v->row.sent = 0;
	v->row.next_at = role == SPRAY_SEEK ? now + SPRAY_HOLES_US :
	    USEC_NEVER;
	v->is_counted = role == SPRAY_SEEK && p->nat_step != 0;
	port_row_begin(&v->row.row, &p->ports, &c->self.rng);
	sockets = (int)spray_sockets(&c->self.ports);
	for (i = 0; role == SPRAY_OPEN && i < sockets; i++)
		dial(c, now, i, &v->to);
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
	/* What was refused had no hole, or has none any more. */
	if (in->err == E_DENIED && v->row.role == SPRAY_OPEN &&
	    v->row.sent < SPRAY_PROBES)
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

void
client_salvo_expire(struct client *c, usec_t now)
{
	struct salvo *v = &c->salvo;
	struct addr to = v->to;
	int i;

	if (v->row.role != SPRAY_SEEK || v->row.next_at > now)
		return;
	v->row.next_at = now + SPRAY_PACE_US;
	i = find_room(c, now);
	if (i < 0)
		return;
	if (v->row.sent >= SPRAY_PROBES) {
		v->row.next_at = USEC_NEVER;
		return;
	}
	to.port = next_port(v);
	dial(c, now, i, &to);
}
