#include "client_state.h"

#include "err.h"

/* NATs that count: the next mapping gets about the port of the last one and a
 * step more. A fresh one tells where the NAT is, and the peer tries the ports
 * around it; or both do so (spray.h: near, match).
 *
 * The socket that asks opens a hole for the peer as well, which is next to the
 * port told, however far the NAT has counted since the plain attempt began. And
 * nothing of full TTL has come out of it: a router that took that for its own
 * would never send to the hole from the port that it lets in (nat.md fact 5),
 * as it does to the one of the plain attempt. */

/* Whether the NAT of that side gives ports in order. */
static bool
counts(uint8_t nat, int16_t step)
{
	return nat_mapping_of(nat) == NAT_APDM && step != 0;
}

bool
client_near_both(const struct client *c, const struct peer *p)
{
	return counts(c->self.nat, c->self.nat_step) &&
	    counts(p->nat, p->nat_step);
}

bool
client_near_hopes(const struct client *c, const struct peer *p)
{
	bool ours = counts(c->self.nat, c->self.nat_step);
	bool theirs = counts(p->nat, p->nat_step);

	return (ours && theirs) ||
	    (ours && nat_mapping_of(p->nat) != NAT_APDM) ||
	    (theirs && nat_mapping_of(c->self.nat) != NAT_APDM);
}

bool
client_near_has(const struct client *c, int extra)
{
	return extra >= 0 && c->spray.sample_extra == extra;
}

/* ---- a fresh mapping of ours ---- */

/* A path that goes over the socket keeps it. */
static void
end_sample(struct client *c)
{
	struct spray *s = &c->spray;

	if (!client_extra_is_used(c, SOCK_EXTRA + s->sample_extra))
		self_extra_close(&c->self, s->sample_extra);
	s->sample_extra = -1;
	s->sample_at = USEC_NEVER;
}

/* A port that our NAT gives out about now, from a socket of its own. */
static void
sample(struct client *c, usec_t now, struct peer *p)
{
	struct spray *s = &c->spray;

	end_sample(c);
	s->sample_extra = self_extra_open(&c->self);
	if (s->sample_extra < 0)
		return;
	s->sample_peer = p->id;
	s->sample_token = rng_u64(&c->self.rng) | 1;
	s->sample_tries = 0;
	s->sampled = 0;
	s->sample_at = now;
}

/* The peer whom the sample is for, while he has no direct path. */
static struct peer *
sample_peer(struct client *c)
{
	struct peer *p = client_peer_by_id(c, c->spray.sample_peer);

	return p != NULL && p->state == PEER_OPEN && p->punch.is_on &&
	    !client_is_direct(p) ? p : NULL;
}

/* Where both count the ports ahead are tried, not this one. */
static void
open_hole(struct client *c, usec_t now, struct peer *p)
{
	if (!client_near_both(c, p))
		client_spray_hole(c, now, p,
		    SOCK_EXTRA + c->spray.sample_extra);
}

void
client_near_expire(struct client *c, usec_t now)
{
	struct spray *s = &c->spray;
	struct peer *p;

	if (s->sample_extra < 0)
		return;
	p = sample_peer(c);
	if (p == NULL || c->self.extras[s->sample_extra] == EXTRA_FREE) {
		end_sample(c);
		return;
	}
	if (s->sample_at > now)
		return;
	if (s->sample_tries >= 5) {
		end_sample(c);
		return;
	}
	s->sample_at = now + 200 * USEC_MS;
	if (c->self.extras[s->sample_extra] != EXTRA_OPEN)
		return;
	s->sample_tries++;
	uplink_observe(&c->up, &c->self, SOCK_EXTRA + s->sample_extra,
	    c->up.session_peer.port, s->sample_token, false);
	open_hole(c, now, p);
}

bool
client_near_opened(struct client *c, usec_t now, const struct input *in)
{
	if (!client_near_has(c, in->sock - SOCK_EXTRA))
		return false;
	c->spray.sample_at = now;
	return true;
}

/* ---- what the peer tells ---- */

/* Of both sides a sample of the same round. */
static bool
is_matched(const struct client *c, const struct peer *p)
{
	const struct spray *s = &c->spray;

	return s->sampled != 0 && s->sample_peer == p->id &&
	    p->guess.near_round == p->guess.samples;
}

/* Around the port that was told, once. Both count: both aim a row of sockets at
 * where the other's row will be. */
static void
use(struct client *c, usec_t now, struct peer *p)
{
	struct spray *s = &c->spray;
	uint16_t port = p->guess.near;
	bool both = client_near_both(c, p);

	if (port == 0 || !client_near_hopes(c, p) ||
	    (both && !is_matched(c, p)))
		return;
	if (client_spray_is_on(c, p))
		client_spray_end(c, now);
	if (!client_spray_is_free(c, now, p))
		return;
	client_spray_begin(c, now, p, both ? SPRAY_MATCH : SPRAY_NEAR);
	if (both)
		port = (uint16_t)(port + (p->nat_step > 0 ?
		    SPRAY_MATCH_AHEAD : -SPRAY_MATCH_AHEAD));
	s->port = port;
	p->guess.near = 0;
}

/* ---- when ---- */

/* Begins with the plain punch, and again while that comes to nothing. Returns
 * when the next one is due. */
usec_t
client_near_consider(struct client *c, usec_t now, struct peer *p)
{
	struct guess *g = &p->guess;

	use(c, now, p);
	if (c->self.nat_step == 0 || g->samples >= SPRAY_SAMPLES)
		return USEC_NEVER;
	if (now < g->sample_at)
		return g->sample_at;
	if (client_spray_is_on(c, p) && c->spray.role == SPRAY_MATCH)
		client_spray_end(c, now);
	g->samples++;
	g->sample_at = now + SPRAY_SAMPLE_US;
	sample(c, now, p);
	return g->sample_at;
}

bool
client_near_observed(struct client *c, usec_t now, const struct news *news)
{
	struct spray *s = &c->spray;
	struct peer *p = sample_peer(c);
	uint8_t buf[4];
	struct wr w = wr_of(buf, sizeof buf);

	if (s->sample_at == USEC_NEVER || news->tag != s->sample_token)
		return false;
	s->sampled = news->addr.port;
	s->sample_at = USEC_NEVER;
	if (p == NULL)
		return true;
	put_u8(&w, CONTROL_NEAR);
	put_u16(&w, s->sampled);
	put_u8(&w, (uint8_t)p->guess.samples);
	chan_send(&p->link.chan, STREAM_CONTROL, buf, w.len, NULL);
	use(c, now, p);
	client_attend(c, now, p);
	return true;
}

/* A few times beside each plain attempt. */
void
client_near_told(struct client *c, usec_t now, struct peer *p,
    struct rd *body)
{
	struct guess *g = &p->guess;
	uint16_t port = get_u16(body);
	uint8_t round = get_u8(body);

	if (body->bad || port < PORTS_MIN || client_is_direct(p))
		return;
	/* The peer's attempt may begin before ours. */
	if (p->seen.family != ADDR_V4 || (p->punch.is_on && g->attempt ==
	    p->punch.attempts && g->nears >= SPRAY_SAMPLES))
		return;
	g->nears++;
	g->near = port;
	g->near_round = round;
	g->near_at = now;
	if (p->punch.is_on && g->attempt == p->punch.attempts)
		use(c, now, p);
}
