#include "client_state.h"

#include "err.h"

/* NATs that count: the next mapping gets about the port of the last one and a
 * step more. A fresh one tells where the NAT is, and the peer tries the ports
 * around it; or both do so (spray.h: near, match). */

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
	return c->spray.sample_at != USEC_NEVER &&
	    c->spray.sample_extra == extra;
}

/* ---- a fresh mapping of ours ---- */

static void
end_sample(struct client *c)
{
	self_extra_close(&c->self, c->spray.sample_extra);
	c->spray.sample_at = USEC_NEVER;
}

/* A port that our NAT gives out about now, from a socket of its own. */
static void
sample(struct client *c, usec_t now, struct peer *p)
{
	struct spray *s = &c->spray;

	if (s->sample_at != USEC_NEVER)
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

void
client_near_expire(struct client *c, usec_t now)
{
	struct spray *s = &c->spray;

	if (s->sample_at > now)
		return;
	if (c->self.extras[s->sample_extra] == EXTRA_FREE ||
	    s->sample_tries >= 5) {
		end_sample(c);
		return;
	}
	s->sample_at = now + 200 * USEC_MS;
	if (c->self.extras[s->sample_extra] != EXTRA_OPEN)
		return;
	s->sample_tries++;
	uplink_observe(&c->up, &c->self, SOCK_EXTRA + s->sample_extra,
	    c->up.session_peer.port, s->sample_token, false);
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
	struct peer *p;
	uint8_t buf[4];
	struct wr w = wr_of(buf, sizeof buf);

	if (s->sample_at == USEC_NEVER || news->tag != s->sample_token)
		return false;
	s->sampled = news->addr.port;
	end_sample(c);
	p = client_peer_by_id(c, s->sample_peer);
	if (p == NULL || p->state != PEER_OPEN || client_is_direct(p))
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
