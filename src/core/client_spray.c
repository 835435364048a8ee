#include "client_state.h"

#include <string.h>

_Static_assert((int)SPRAY_SOCKETS == (int)EXTRAS_MAX, "each has its lap");

bool
client_extra_is_used(const struct client *c, int sock)
{
	int i, k;

	for (i = 0; i < PEERS_MAX; i++) {
		const struct peer *p = c->peers[i];

		for (k = 0; p != NULL && k < PATHS_MAX; k++)
			if (p->link.paths.list[k].transport ==
			    TRANSPORT_UDP &&
			    p->link.paths.list[k].state != PATH_FREE &&
			    p->link.paths.list[k].sock == sock)
				return true;
	}
	return false;
}

/* One that is open for guessing. */
static bool
is_ours(const struct client *c, int i)
{
	return c->self.extras[i] != EXTRA_FREE && i != c->reroll.extra &&
	    !client_nat_has(c, i) && !client_near_has(c, i);
}

/* Closes those that carry nothing. */
static void
close_unused(struct client *c)
{
	int i;

	for (i = 0; i < EXTRAS_MAX; i++)
		if (is_ours(c, i) && !client_extra_is_used(c, SOCK_EXTRA + i))
			self_extra_close(&c->self, i);
}

void
client_spray_tidy(struct client *c)
{
	if (c->spray.role == SPRAY_NONE)
		close_unused(c);
}

/* ---- beginning and end ---- */

static unsigned
sockets_for(const struct client *c, enum spray_role role)
{
	switch (role) {
	case SPRAY_OPEN:
	case SPRAY_BOTH:
		return spray_sockets(&c->self.ports);
	case SPRAY_MATCH:
		return SPRAY_MATCH_SOCKETS;
	case SPRAY_NONE:
	case SPRAY_NEAR:
	case SPRAY_SEEK:
		break;
	}
	return 0;
}

/* As many as it takes, those that are open already included. */
static void
open_sockets(struct client *c, unsigned wanted)
{
	unsigned n = 0;
	int i;

	for (i = 0; i < EXTRAS_MAX; i++)
		n += is_ours(c, i);
	while (n++ < wanted)
		self_extra_open(&c->self);
}

/* The ports that the peer's NAT may give. */
static void
take_ports(struct client *c, const struct peer *p)
{
	struct port_row *row = &c->spray.row;

	if (memcmp(&row->ports, &p->ports, sizeof p->ports) != 0)
		port_row_begin(row, &p->ports, &c->self.rng);
}

void
client_spray_begin(struct client *c, usec_t now, struct peer *p,
    enum spray_role role)
{
	struct spray *s = &c->spray;

	if (s->peer != p->id || s->attempt != p->punch.attempts) {
		s->peer = p->id;
		s->attempt = p->punch.attempts;
		s->began_at = now;
		s->sent = 0;
		port_row_begin(&s->row, &p->ports, &c->self.rng);
	}
	take_ports(c, p);
	s->role = role;
	s->next_at = s->lap_at = now;
	s->tried = 0;
	s->lap = 1;
	memset(s->laps, 0, sizeof s->laps);
	if (sockets_for(c, role) == 0)
		close_unused(c);
	open_sockets(c, sockets_for(c, role));
	log_debug(c->self.log, "guessing ports, way %d", (int)role);
}

void
client_spray_end(struct client *c, usec_t now)
{
	c->spray.role = SPRAY_NONE;
	c->spray.ended_at = now;
	c->spray.next_at = USEC_NEVER;
	close_unused(c);
}

/* ---- probes ---- */

static uint8_t
low_ttl(const struct client *c, const struct peer *p)
{
	return punch_low_ttl(&p->punch, &c->self, &p->seen);
}

static void
probe(struct client *c, usec_t now, struct peer *p, int sock, uint16_t port,
    uint8_t ttl)
{
	struct addr to = p->seen;

	to.port = port;
	if (!cand_is_allowed(&c->self, &p->seen, &to))
		return;
	spray_note_sent(&c->spray, now);
	p->guessed_udp++;
	link_probe(&p->link, &c->self, now, sock, &to, ttl);
}

void
client_spray_hole(struct client *c, usec_t now, struct peer *p, int sock)
{
	if (spray_may_send(&c->spray, now))
		probe(c, now, p, sock, p->seen.port, low_ttl(c, p));
}

/* Whoever asks for a file is answered from another port: a NAT that knows TFTP
 * lets in all of them (nat.md section 6). It need not get there. */
static void
request_file(struct client *c, const struct peer *p, int sock)
{
	static const uint8_t request[] = { 0, 1, 'x', 0,
		'o', 'c', 't', 'e', 't', 0 };
	struct addr to = p->seen;

	to.port = SPRAY_TFTP_PORT;
	if (to.family != ADDR_V4 || addr_class(&to) != ADDR_IS_PUBLIC ||
	    addr_same_ip(&to, &c->self.server))
		return;
	outbox_send_copy(&c->self.out, sock, &to, low_ttl(c, p), request,
	    sizeof request);
}

/* A hole for the peer, from one socket. */
static void
open_hole(struct client *c, usec_t now, struct peer *p, int sock)
{
	struct spray *s = &c->spray;

	if (s->role == SPRAY_BOTH) {
		spray_note_sent(s, now);
		request_file(c, p, sock);
	} else if (s->role == SPRAY_OPEN)
		client_spray_hole(c, now, p, sock);
	else
		probe(c, now, p, sock, s->port, s->lap == 1 ?
		    low_ttl(c, p) : 0);
}

/* From every socket that has none of this lap yet. False if some have to
 * wait. */
static bool
open_holes(struct client *c, usec_t now, struct peer *p)
{
	struct spray *s = &c->spray;
	int i;

	for (i = 0; i < EXTRAS_MAX && s->sent < SPRAY_PROBES; i++) {
		if (!is_ours(c, i) || s->laps[i] == s->lap ||
		    c->self.extras[i] != EXTRA_OPEN)
			continue;
		if (!spray_may_send(s, now)) {
			s->next_at = spray_may_send_at(s);
			return false;
		}
		s->laps[i] = s->lap;
		open_hole(c, now, p, SOCK_EXTRA + i);
	}
	return true;
}

/* The next port to be tried; 0: none is left. */
static uint16_t
next_port(struct spray *s)
{
	uint32_t n = s->tried++;

	if (s->role != SPRAY_NEAR)
		return port_row_next(&s->row);
	if (n >= SPRAY_NEAR_LAPS * (2 * SPRAY_NEAR_REACH + 1))
		return 0;
	return spray_near(s->port, n % (2 * SPRAY_NEAR_REACH + 1));
}

/* Those that are due; a few at once if they are late. */
static void
seek(struct client *c, usec_t now, struct peer *p)
{
	struct spray *s = &c->spray;

	if (now - s->next_at > SPRAY_BURST * SPRAY_PACE_US)
		s->next_at = now;
	while (s->next_at <= now && s->sent < SPRAY_PROBES) {
		uint16_t port;

		if (!spray_may_send(s, now)) {
			s->next_at = spray_may_send_at(s);
			return;
		}
		port = next_port(s);
		if (port == 0) {
			client_spray_end(c, now);
			p->guess.at = now;
			return;
		}
		probe(c, now, p, -1, port, 0);
		s->next_at += SPRAY_PACE_US;
	}
}

static void
open_laps(struct client *c, usec_t now, struct peer *p, usec_t every)
{
	struct spray *s = &c->spray;

	if (now - s->lap_at >= every) {
		s->lap_at = now;
		s->lap++;
	}
	if (s->role == SPRAY_MATCH && s->lap > SPRAY_MATCH_LAPS) {
		client_spray_end(c, now);
		p->guess.at = now;
	} else if (open_holes(c, now, p))
		s->next_at = s->lap_at + every;
}

static void
step(struct client *c, usec_t now, struct peer *p)
{
	switch (c->spray.role) {
	case SPRAY_NEAR:
	case SPRAY_SEEK:
		seek(c, now, p);
		break;
	case SPRAY_BOTH:
		if (open_holes(c, now, p))
			seek(c, now, p);
		break;
	case SPRAY_MATCH:
		open_laps(c, now, p, SPRAY_MATCH_LAP_US);
		break;
	case SPRAY_OPEN:
		open_laps(c, now, p, SPRAY_LAP_US);
		break;
	case SPRAY_NONE:
		break;
	}
}

void
client_spray_opened(struct client *c, usec_t now, const struct input *in)
{
	if (client_near_opened(c, now, in))
		return;
	if (c->spray.role != SPRAY_NONE)
		c->spray.next_at = now;
}

/* ---- when ---- */

static bool
is_resting(const struct spray *s, usec_t now, const struct peer *p)
{
	return s->role != SPRAY_NONE || (s->ended_at != 0 &&
	    s->peer != p->id && now - s->ended_at < SPRAY_PAUSE_US);
}

bool
client_spray_is_free(const struct client *c, usec_t now,
    const struct peer *p)
{
	return !is_resting(&c->spray, now, p) &&
	    !is_resting(&c->salvo.row, now, p);
}

bool
client_spray_is_on(const struct client *c, const struct peer *p)
{
	return c->spray.role != SPRAY_NONE && c->spray.peer == p->id;
}

/* One round misses once in a thousand times by chance alone, or because many
 * packets are lost: it is worth another one soon. What helped nobody at these
 * two addresses is not done again. */
bool
client_spray_may_repeat(const struct peer *p)
{
	return p->guess.rounds > 0 && p->guess.rounds < SPRAY_ROUNDS &&
	    p->guess.role != SPRAY_BOTH;
}

/* When a round may begin, or go on. */
static usec_t
round_from(const struct client *c, struct peer *p, enum spray_role role)
{
	struct guess *g = &p->guess;

	if (!addr_eq(&g->own, &c->self.seen) || !addr_eq(&g->seen, &p->seen))
		g->rounds = 0;
	if (g->is_counted || g->rounds == 0)
		return 0;
	if (role == SPRAY_BOTH && g->role == SPRAY_BOTH)
		return USEC_NEVER;
	if (g->rounds >= SPRAY_ROUNDS)
		return g->round_at + SPRAY_AGAIN_US;
	return c->spray.ended_at + SPRAY_PAUSE_US;
}

static void
begin_round(struct client *c, usec_t now, struct peer *p,
    enum spray_role role)
{
	struct guess *g = &p->guess;

	if (++g->turns > SPRAY_TURNS)
		return;
	if (!g->is_counted) {
		g->is_counted = true;
		g->rounds++;
		g->round_at = now;
	}
	g->role = role;
	g->own = c->self.seen;
	g->seen = p->seen;
	client_spray_begin(c, now, p, role);
}

/* Between us and the peer, as far as the relay shows; 0: not known yet. */
static usec_t
round_trip(struct peer *p)
{
	const struct path *relay = paths_find(&p->link.paths, TRANSPORT_RELAY,
	    -1, NULL);

	return relay != NULL ? relay->rtt_us : 0;
}

/* When guessing at random begins. */
static usec_t
random_at(const struct client *c, struct peer *p)
{
	unsigned patience = spray_patience(c->self.nat, p->nat);
	usec_t after = SPRAY_AFTER_US, rtt = round_trip(p);

	if (client_near_hopes(c, p))
		after = client_near_both(c, p) ? SPRAY_MATCH_US :
		    SPRAY_NEAR_US;
	else if (rtt != 0 && patience != 0)
		after = usec_min(after, patience * rtt + SPRAY_SPARE_US);
	return p->punch.began_at + after;
}

/* At random, or in another way than so far. */
static void
guess(struct client *c, usec_t now, struct peer *p)
{
	bool lower = memcmp(c->self.identity.public, p->key, KEY_LEN) < 0;
	enum spray_role role = spray_role(c->self.nat, p->nat, lower);
	bool is_on = client_spray_is_on(c, p);
	usec_t from = round_from(c, p, role);

	if (role == SPRAY_NONE)
		return;
	if (now < from) {
		p->guess.at = usec_min(p->guess.at, from);
		return;
	}
	if (is_on && c->spray.role == role)
		take_ports(c, p);
	else if (is_on ? c->spray.role != SPRAY_NEAR &&
	    c->spray.role != SPRAY_MATCH : client_spray_is_free(c, now, p))
		begin_round(c, now, p, role);
}

static void
begin_attempt(struct guess *g, usec_t now, uint32_t attempt)
{
	g->attempt = attempt;
	g->has_requested = g->is_counted = false;
	g->samples = g->turns = 0;
	if (now - g->near_at > SPRAY_SAMPLE_US)
		g->near = 0;
	g->nears = g->near != 0;
	g->sample_at = now;
}

static void
consider(struct client *c, usec_t now, struct peer *p)
{
	struct guess *g = &p->guess;
	usec_t at;

	g->at = USEC_NEVER;
	if (!p->punch.is_on || client_is_direct(p) ||
	    p->seen.family != ADDR_V4 || p->seen.port == 0 ||
	    c->up.session_tcp)
		return;
	if (g->attempt != p->punch.attempts)
		begin_attempt(g, now, p->punch.attempts);
	g->at = client_near_consider(c, now, p);
	at = random_at(c, p);
	if (now < at) {
		g->at = usec_min(g->at, round_trip(p) != 0 ? at :
		    now + SPRAY_SPARE_US);
		return;
	}
	if (!g->has_requested && c->self.is_open[SOCK_UDP4]) {
		g->has_requested = true;
		request_file(c, p, SOCK_UDP4);
	}
	guess(c, now, p);
}

void
client_spray_expire(struct client *c, usec_t now)
{
	struct spray *s = &c->spray;
	struct peer *p;
	int i;

	client_near_expire(c, now);
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL && c->peers[i]->guess.at <= now)
			consider(c, now, c->peers[i]);
	if (s->role == SPRAY_NONE || s->next_at > now)
		return;
	p = client_peer_by_id(c, s->peer);
	if (p == NULL || client_is_direct(p) || s->sent >= SPRAY_PROBES ||
	    now - s->began_at >= SPRAY_ENDS_US)
		client_spray_end(c, now);
	else
		step(c, now, p);
}

usec_t
client_spray_deadline(const struct client *c)
{
	usec_t at = c->spray.sample_at;
	int i;

	if (c->spray.role != SPRAY_NONE)
		at = usec_min(at, c->spray.next_at);
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL)
			at = usec_min(at, c->peers[i]->guess.at);
	return at;
}
