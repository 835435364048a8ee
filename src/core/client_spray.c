#include "client_state.h"

#include "err.h"

#include <string.h>

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

/* A socket for guesses, not for something else. */
static bool
is_ours(const struct client *c, int extra)
{
	return extra != c->reroll.extra && !client_nat_has(c, extra);
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

/* ---- beginning and end ---- */

static void
begin(struct client *c, usec_t now, struct peer *p, enum spray_role role)
{
	struct spray *s = &c->spray;
	unsigned i, sockets = 0;

	s->role = role;
	s->peer = p->id;
	s->began_at = s->next_at = now;
	s->sent = 0;
	port_row_begin(&s->row, &p->ports, &c->self.rng);
	if (role == SPRAY_OPEN || role == SPRAY_BOTH)
		sockets = spray_sockets(&c->self.ports);
	else if (role == SPRAY_MATCH)
		sockets = SPRAY_MATCH_SOCKETS;
	for (i = 0; i < sockets; i++)
		self_extra_open(&c->self);
	log_debug(c->self.log, "guessing ports, way %d", (int)role);
}

static void
end(struct client *c, usec_t now)
{
	c->spray.role = SPRAY_NONE;
	c->spray.ended_at = now;
	c->spray.next_at = USEC_NEVER;
	close_unused(c);
}

static bool
has_direct(const struct peer *p)
{
	return p->link.use != NULL &&
	    p->link.use->transport != TRANSPORT_RELAY;
}

/* ---- a fresh mapping of ours ---- */

/* A port that our NAT gives out about now, from a socket of its own. */
static void
sample(struct client *c, usec_t now, struct peer *p)
{
	struct spray *s = &c->spray;

	if (s->sample_at != USEC_NEVER)
		self_extra_close(&c->self, s->sample_extra);
	s->sample_at = USEC_NEVER;
	s->sample_extra = self_extra_open(&c->self);
	if (s->sample_extra < 0)
		return;
	s->sample_peer = p->id;
	s->sample_token = rng_u64(&c->self.rng) | 1;
	s->sample_tries = 0;
	s->sampled = 0;
	s->sample_at = now;
}

static void
ask_sample(struct client *c, usec_t now)
{
	struct spray *s = &c->spray;

	s->sample_at = USEC_NEVER;
	if (c->self.extras[s->sample_extra] == EXTRA_FREE ||
	    s->sample_tries >= 5) {
		self_extra_close(&c->self, s->sample_extra);
		return;
	}
	s->sample_at = now + (c->self.extras[s->sample_extra] == EXTRA_OPEN ?
	    200 * USEC_MS : 5 * USEC_MS);
	if (c->self.extras[s->sample_extra] != EXTRA_OPEN)
		return;
	s->sample_tries++;
	uplink_observe(&c->up, &c->self, SOCK_EXTRA + s->sample_extra,
	    c->up.session_peer.port, s->sample_token, false);
}

static void start_match(struct client *c, usec_t now, struct peer *p);

bool
client_spray_observed(struct client *c, usec_t now, const struct news *news)
{
	struct spray *s = &c->spray;
	struct peer *p;
	uint8_t buf[3];
	struct wr w = wr_of(buf, sizeof buf);

	if (s->sample_at == USEC_NEVER || news->tag != s->sample_token)
		return false;
	s->sample_at = USEC_NEVER;
	s->sampled = news->addr.port;
	self_extra_close(&c->self, s->sample_extra);
	p = client_peer_by_id(c, s->sample_peer);
	if (p == NULL || p->state != PEER_OPEN || has_direct(p))
		return true;
	put_u8(&w, CONTROL_NEAR);
	put_u16(&w, s->sampled);
	chan_send(&p->link.chan, STREAM_CONTROL, buf, w.len, NULL);
	start_match(c, now, p);
	client_attend(c, now, p);
	return true;
}

/* ---- what the peer tells ---- */

/* Both count: both aim a row of sockets at where the other's row will be. */
static void
start_match(struct client *c, usec_t now, struct peer *p)
{
	struct spray *s = &c->spray;

	if (!client_spray_is_free(c, now, p) || p->near == 0 ||
	    s->sampled == 0 || s->sample_peer != p->id ||
	    p->nat_step == 0 || c->self.nat_step == 0)
		return;
	begin(c, now, p, SPRAY_MATCH);
	s->port = (uint16_t)(p->near + SPRAY_MATCH_AHEAD *
	    (p->nat_step > 0 ? 1 : -1));
}

void
client_spray_near(struct client *c, usec_t now, struct peer *p,
    struct rd *body)
{
	uint16_t port = get_u16(body);

	if (body->bad || port < PORTS_MIN || has_direct(p) ||
	    p->seen.family != ADDR_V4)
		return;
	/* Once for each plain attempt, and only beside it. */
	if (!p->punch.is_on || p->near_attempt == p->punch.attempts)
		return;
	p->near_attempt = p->punch.attempts;
	p->near = port;
	if (nat_mapping_of(c->self.nat) == NAT_APDM) {
		start_match(c, now, p);
		return;
	}
	if (!client_spray_is_free(c, now, p))
		return;
	begin(c, now, p, SPRAY_NEAR);
	c->spray.port = port;
}

/* ---- probes ---- */

static void
probe(struct client *c, struct peer *p, int sock, uint16_t port, uint8_t ttl)
{
	struct addr to = p->seen;

	to.port = port;
	if (!cand_is_allowed(&c->self, &p->seen, &to))
		return;
	c->spray.sent++;
	p->guessed_udp++;
	link_probe(&p->link, &c->self, sock, &to, ttl);
}

static uint8_t
low_ttl(const struct client *c, const struct peer *p)
{
	return punch_low_ttl(&p->punch, &c->self, &p->seen);
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
	outbox_send_copy(&c->self.out, sock, &to, low_ttl(c, p),
	    request, sizeof request);
}

/* From every extra socket one to where the peer's are, or its NAT is. */
static void
from_all(struct client *c, struct peer *p, uint16_t port, uint8_t ttl)
{
	int i;

	for (i = 0; i < EXTRAS_MAX; i++)
		if (c->self.extras[i] == EXTRA_OPEN && is_ours(c, i) &&
		    c->spray.sent < SPRAY_PROBES)
			probe(c, p, SOCK_EXTRA + i, port, ttl);
}

void
client_spray_opened(struct client *c, usec_t now, const struct input *in)
{
	int i = in->sock - SOCK_EXTRA;
	struct peer *p = client_peer_by_id(c, c->spray.peer);

	if (i == c->spray.sample_extra && c->spray.sample_at != USEC_NEVER) {
		ask_sample(c, now);
		return;
	}
	if (p == NULL || in->err != E_OK)
		return;
	if (c->spray.role == SPRAY_OPEN)
		probe(c, p, in->sock, p->seen.port,
		    low_ttl(c, p));
	else if (c->spray.role == SPRAY_MATCH)
		probe(c, p, in->sock, c->spray.port,
		    low_ttl(c, p));
	else if (c->spray.role == SPRAY_BOTH) {
		c->spray.sent++;
		request_file(c, p, in->sock);
	}
}

/* Not more than 300 packets in any second. */
static usec_t
holes_of(const struct spray *s)
{
	return s->role == SPRAY_BOTH ? USEC_S : SPRAY_HOLES_US;
}

static void
step(struct client *c, usec_t now, struct peer *p)
{
	struct spray *s = &c->spray;
	uint16_t port;

	switch (s->role) {
	case SPRAY_NEAR:
		port = spray_near(s->port, s->sent);
		if (port == 0) {
			end(c, now);
			return;
		}
		probe(c, p, -1, port, 0);
		s->next_at = now + SPRAY_PACE_US;
		break;
	case SPRAY_SEEK:
	case SPRAY_BOTH:
		if (now - s->began_at < holes_of(s)) {
			s->next_at = s->began_at + holes_of(s);
			return;
		}
		probe(c, p, -1, port_row_next(&s->row), 0);
		s->next_at = now + SPRAY_PACE_US;
		break;
	case SPRAY_MATCH:
		from_all(c, p, s->port, 0);
		s->next_at = now + 250 * USEC_MS;
		break;
	case SPRAY_OPEN:
		/* A hole whose first packet was lost is opened again. */
		from_all(c, p, p->seen.port, low_ttl(c, p));
		s->next_at = now + 2 * USEC_S;
		break;
	case SPRAY_NONE:
		s->next_at = USEC_NEVER;
		break;
	}
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

/* What helped nobody at these two addresses is not done again. */
static bool
was_in_vain(const struct client *c, const struct peer *p,
    enum spray_role role)
{
	return role == SPRAY_BOTH && addr_eq(&p->both_own, &c->self.seen) &&
	    addr_eq(&p->both_seen, &p->seen);
}

/* The sampling of a NAT that counts begins with the plain punch; guessing at
 * random only once that had its time. */
static void
consider(struct client *c, usec_t now, struct peer *p)
{
	bool lower = memcmp(c->self.identity.public, p->key, KEY_LEN) < 0;
	enum spray_role role = spray_role(c->self.nat, p->nat, lower);

	p->spray_at = USEC_NEVER;
	if (!p->punch.is_on || has_direct(p) || p->seen.family != ADDR_V4 ||
	    p->seen.port == 0 || c->up.session_tcp)
		return;
	if (c->self.nat_step != 0 && p->sampled_attempt !=
	    p->punch.attempts) {
		p->sampled_attempt = p->punch.attempts;
		p->spray_at = p->punch.began_at + SPRAY_AFTER_US;
		sample(c, now, p);
		return;
	}
	if (now < p->punch.began_at + SPRAY_AFTER_US) {
		p->spray_at = p->punch.began_at + SPRAY_AFTER_US;
		return;
	}
	if (p->requested_attempt != p->punch.attempts &&
	    c->self.is_open[SOCK_UDP4]) {
		p->requested_attempt = p->punch.attempts;
		request_file(c, p, SOCK_UDP4);
	}
	if (role == SPRAY_NONE || !client_spray_is_free(c, now, p) ||
	    was_in_vain(c, p, role) ||
	    (p->sprayed_at != 0 && now - p->sprayed_at < SPRAY_AGAIN_US))
		return;
	p->sprayed_at = now;
	if (role == SPRAY_BOTH) {
		p->both_own = c->self.seen;
		p->both_seen = p->seen;
	}
	begin(c, now, p, role);
}

void
client_spray_expire(struct client *c, usec_t now)
{
	struct spray *s = &c->spray;
	struct peer *p;
	int i;

	if (s->sample_at <= now)
		ask_sample(c, now);
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL && c->peers[i]->spray_at <= now)
			consider(c, now, c->peers[i]);
	if (s->role == SPRAY_NONE || s->next_at > now)
		return;
	p = client_peer_by_id(c, s->peer);
	if (p == NULL || has_direct(p) || s->sent >= SPRAY_PROBES ||
	    now - s->began_at >= SPRAY_ENDS_US)
		end(c, now);
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
			at = usec_min(at, c->peers[i]->spray_at);
	return at;
}
