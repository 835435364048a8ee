#include "client_state.h"

#include "err.h"

#include <assert.h>
#include <string.h>

/* ---- streams: dialled or accepted, of a peer or not known yet ---- */

static struct stream *
stream_by_sock(struct client *c, int sock)
{
	int i;

	for (i = 0; i < STREAMS_MAX; i++)
		if (c->streams[i].sock == sock)
			return &c->streams[i];
	return NULL;
}

static void
forget_stream(struct stream *s)
{
	frame_fini(&s->in);
	memset(s, 0, sizeof *s);
	s->until = s->again_at = USEC_NEVER;
}

static void
close_stream(struct client *c, struct stream *s)
{
	if (!s->is_waiting)
		outbox_close(&c->self.out, s->sock);
	forget_stream(s);
}

static struct stream *
add_stream(struct client *c, int sock)
{
	struct stream *s = stream_by_sock(c, 0);

	if (s == NULL)
		return NULL;
	forget_stream(s);
	s->sock = sock;
	return s;
}

/* A number for a socket to dial from, or 0. */
static int
free_dial(struct client *c)
{
	int i;

	for (i = 0; i < DIALS_MAX; i++)
		if (stream_by_sock(c, SOCK_DIAL + i) == NULL)
			return SOCK_DIAL + i;
	return 0;
}

static void
dial(struct client *c, struct stream *s)
{
	struct addr local = addr_any((enum addr_family)s->to.family,
	    c->self.port);

	s->is_waiting = false;
	s->again_at = USEC_NEVER;
	outbox_dial(&c->self.out, s->sock, &local, &s->to);
}

/* Streams of a peer end: all of them, or those that carry nothing. */
static void
close_streams(struct client *c, const struct peer *p, bool all, bool connected)
{
	int i;

	for (i = 0; i < STREAMS_MAX; i++) {
		struct stream *s = &c->streams[i];
		const struct path *path;

		if (s->sock == 0 || s->peer != p->id)
			continue;
		path = paths_find((struct paths *)&p->link.paths,
		    TRANSPORT_TCP, s->sock, NULL);
		if (!all && path != NULL && path->state == PATH_VALID)
			continue;
		if (!all && s->is_open && !connected)
			continue;
		if (path != NULL)
			path_forget((struct path *)path);
		close_stream(c, s);
	}
}

void
client_tcp_drop(struct client *c, usec_t now, struct peer *p)
{
	(void)now;
	p->link.use = NULL;
	close_streams(c, p, true, true);
	if (p->tcp.serial != 0)
		client_fail(c, p->tcp.serial, COMMAND_TCP, REASON_TCP_FAILED,
		    p->name);
	tcpswitch_init(&p->tcp);
}

void
client_tcp_fini(struct client *c)
{
	int i;

	for (i = 0; i < STREAMS_MAX; i++)
		frame_fini(&c->streams[i].in);
	frame_fini(&c->observe_in);
}

/* ---- our TCP address ---- */

static void
listen_once(struct client *c)
{
	struct addr any;

	if (c->is_listening)
		return;
	c->is_listening = true;
	any = addr_any(ADDR_V4, c->self.port);
	outbox_listen(&c->self.out, SOCK_LISTEN4, &any);
	any = addr_any(ADDR_V6, c->self.port);
	outbox_listen(&c->self.out, SOCK_LISTEN6, &any);
}

static void
learn(struct client *c, usec_t now)
{
	struct addr to = c->up.session_peer, local;

	if (c->observe_at != USEC_NEVER)
		return;
	c->observe_at = now + TCPSWITCH_LEARN_US;
	c->observe_token = 0;
	c->is_observing = true;
	local = addr_any((enum addr_family)to.family, c->self.port);
	outbox_dial(&c->self.out, SOCK_OBSERVE, &local, &to);
}

static void tell(struct client *c, usec_t now, struct peer *p);

/* Our TCP address is known now, or will not be. */
static void
learnt(struct client *c, usec_t now)
{
	int i;

	c->observe_at = USEC_NEVER;
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL &&
		    c->peers[i]->tcp.state == TCPSWITCH_LEARNING)
			tell(c, now, c->peers[i]);
}

void
client_tcp_observed(struct client *c, usec_t now, const struct news *news)
{
	if (!c->is_observing || news->tag != c->observe_token)
		return;
	c->self.seen_tcp = news->addr;
	learnt(c, now);
}

/* The stream to the server has held the mapping for as long as needed. */
static void
stop_observing(struct client *c)
{
	int i;

	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL &&
		    c->peers[i]->tcp.state != TCPSWITCH_IDLE)
			return;
	if (c->is_observing)
		outbox_close(&c->self.out, SOCK_OBSERVE);
	c->is_observing = false;
	c->observe_at = USEC_NEVER;
	frame_fini(&c->observe_in);
}

static void
observe_input(struct client *c, usec_t now, const struct input *in)
{
	const uint8_t *bytes = in->buf, *packet;
	size_t count = in->len, len;

	if (!c->is_observing)
		return;
	if (in->kind == IN_CONNECTED && in->err == E_OK) {
		c->observe_token = rng_u64(&c->self.rng);
		uplink_observe(&c->up, &c->self, SOCK_OBSERVE, 0,
		    c->observe_token, false);
		return;
	}
	if (in->kind != IN_BYTES) {
		/* What was seen last may still be true. */
		c->is_observing = false;
		frame_fini(&c->observe_in);
		if (c->observe_at != USEC_NEVER)
			learnt(c, now);
		return;
	}
	while (frame_next(&c->observe_in, &bytes, &count, &packet, &len) ==
	    E_OK) {
		uplink_packet(&c->up, &c->self, now, &in->from, true, packet,
		    len);
		client_take_news(c, now);
	}
}

/* ---- an attempt ---- */

static void
end_attempt(struct client *c, struct peer *p)
{
	uint32_t attempt = p->tcp.attempt;

	tcpswitch_init(&p->tcp);
	p->tcp.attempt = attempt;
	stop_observing(c);
}

static void
fail_attempt(struct client *c, usec_t now, struct peer *p, bool tell_peer)
{
	uint8_t buf[6];
	struct wr w = wr_of(buf, sizeof buf);

	if (tell_peer) {
		put_u8(&w, CONTROL_TCP_FAILED);
		put_u32(&w, p->tcp.attempt);
		put_u8(&w, REASON_TCP_FAILED);
		chan_send(&p->link.chan, STREAM_CONTROL, buf, w.len, NULL);
	}
	if (p->tcp.serial != 0) {
		client_error(c, p->tcp.serial, COMMAND_TCP, REASON_TCP_FAILED,
		    p->name);
		client_done(c, p->tcp.serial, COMMAND_TCP, false,
		    EXIT_CODE_NO_PATH);
	}
	close_streams(c, p, false, true);
	end_attempt(c, p);
	/* Nothing else was possible either. */
	if (!p->is_connected && p->link.use == NULL && !p->punch.is_on)
		client_end(c, now, p, REASON_NO_PATH);
}

static void
begin_attempt(struct client *c, usec_t now, struct peer *p, uint32_t attempt)
{
	p->tcp.attempt = attempt;
	p->tcp.ends_at = now + TCPSWITCH_ENDS_US;
	p->tcp.dials = p->tcp.refusals = 0;
	listen_once(c);
	p->tcp.state = TCPSWITCH_LEARNING;
	if (c->up.is_up)
		learn(c, now);
	else
		tell(c, now, p);
}

static void
prefer_tcp(struct client *c, usec_t now, struct peer *p)
{
	uint8_t buf[2] = { CONTROL_PREFER, TRANSPORT_TCP };

	(void)now;
	(void)c;
	p->link.preferred = TRANSPORT_TCP;
	p->link.moved_by = REASON_ASKED;
	chan_send(&p->link.chan, STREAM_CONTROL, buf, sizeof buf, NULL);
}

static bool
has_tcp(const struct peer *p)
{
	int i;

	for (i = 0; i < PATHS_MAX; i++) {
		const struct path *path = &p->link.paths.list[i];

		if (path->transport == TRANSPORT_TCP &&
		    path->state == PATH_VALID)
			return true;
	}
	return false;
}

void
client_tcp_start(struct client *c, usec_t now, struct peer *p, bool is_asked)
{
	if (has_tcp(p)) {
		if (!is_asked)
			return;
		prefer_tcp(c, now, p);
		client_done(c, c->serial, COMMAND_TCP, true, EXIT_CODE_OK);
		client_attend(c, now, p);
		return;
	}
	if (p->tcp.serial != 0) {
		client_fail(c, c->serial, COMMAND_TCP, REASON_BUSY, p->name);
		return;
	}
	p->tcp.is_asked |= is_asked;
	p->tcp.serial = is_asked ? c->serial : 0;
	if (p->tcp.state != TCPSWITCH_IDLE)
		return;
	p->tcp.is_starter = true;
	begin_attempt(c, now, p, rng_u32(&c->self.rng));
	client_attend(c, now, p);
}

static void
start_dialling(struct client *c, usec_t now, struct peer *p, usec_t wait)
{
	(void)c;
	p->tcp.state = TCPSWITCH_DIALLING;
	p->tcp.dial_at = now + wait;
}

static void
tell(struct client *c, usec_t now, struct peer *p)
{
	uint8_t buf[8 + CANDS_MAX * (1 + ADDR_WIRE_MAX)];
	struct wr w = wr_of(buf, sizeof buf);
	struct cands own;

	cands_own_tcp(&own, &c->self);
	put_u8(&w, CONTROL_TCP);
	put_u32(&w, p->tcp.attempt);
	put_u16(&w, c->self.port);
	cands_put(&w, &own);
	assert(!w.bad);
	chan_send(&p->link.chan, STREAM_CONTROL, buf, w.len, NULL);
	p->tcp.state = TCPSWITCH_TELLING;
	/* Ours is under way for half a round trip before they dial. */
	if (p->tcp.has_theirs)
		start_dialling(c, now, p, p->link.use == NULL ? 0 :
		    p->link.use->rtt_us / 2);
	client_attend(c, now, p);
}

static void
dial_all(struct client *c, usec_t now, struct peer *p)
{
	struct cands targets;
	size_t i;

	(void)now;
	p->tcp.dial_at = USEC_NEVER;
	cands_filter(&targets, &c->self, &p->seen, &p->tcp.theirs);
	for (i = 0; i < targets.count && i < TCPSWITCH_DIALS; i++) {
		int sock = free_dial(c);
		struct stream *s = sock != 0 ? add_stream(c, sock) : NULL;

		if (s == NULL)
			return;
		s->peer = p->id;
		s->to = targets.list[i].addr;
		p->tcp.dials++;
		dial(c, s);
	}
}

static void
got_tcp(struct client *c, usec_t now, struct peer *p, struct rd *body)
{
	struct tcpswitch *t = &p->tcp;
	uint32_t attempt = get_u32(body);
	struct cands cands;
	bool is_mine;

	get_u16(body);
	cands_get(body, &cands);
	if (body->bad)
		return;
	is_mine = t->state != TCPSWITCH_IDLE && attempt == t->attempt;
	if (!is_mine && t->state != TCPSWITCH_IDLE &&
	    memcmp(c->self.identity.public, p->key, KEY_LEN) < 0)
		return;
	t->theirs = cands;
	t->has_theirs = true;
	if (is_mine && t->state == TCPSWITCH_TELLING) {
		start_dialling(c, now, p, 0);
		return;
	}
	if (is_mine)
		return;
	if (t->state == TCPSWITCH_IDLE) {
		t->is_starter = false;
		begin_attempt(c, now, p, attempt);
		return;
	}
	/* Theirs counts, ours is dropped. What we learnt still holds. */
	t->attempt = attempt;
	t->is_starter = false;
	if (t->state == TCPSWITCH_TELLING)
		tell(c, now, p);
}

void
client_tcp_control(struct client *c, usec_t now, struct peer *p,
    uint8_t type, struct rd *body)
{
	if (type == CONTROL_TCP) {
		got_tcp(c, now, p, body);
		return;
	}
	if (get_u32(body) == p->tcp.attempt && !body->bad &&
	    p->tcp.state != TCPSWITCH_IDLE)
		fail_attempt(c, now, p, false);
}

/* ---- what the streams say ---- */

/* The first stream that proved itself ends the attempt. Of further ones only
 * the lower key closes any, or both might end up with none. */
static void
won(struct client *c, usec_t now, struct peer *p)
{
	bool closes = memcmp(c->self.identity.public, p->key, KEY_LEN) < 0;

	close_streams(c, p, false, closes);
	if (p->tcp.is_asked)
		prefer_tcp(c, now, p);
	if (p->tcp.serial != 0)
		client_done(c, p->tcp.serial, COMMAND_TCP, true,
		    EXIT_CODE_OK);
	end_attempt(c, p);
}

static void
dial_result(struct client *c, usec_t now, struct stream *s,
    const struct input *in)
{
	struct peer *p = client_peer_by_id(c, s->peer);
	struct path *path;

	if (p == NULL) {
		if (in->err == E_OK)
			outbox_close(&c->self.out, s->sock);
		forget_stream(s);
		return;
	}
	if (in->err != E_OK) {
		p->tcp.refusals++;
		if (p->tcp.state != TCPSWITCH_DIALLING) {
			forget_stream(s);
			return;
		}
		/* nat.md fact 7: again after 10 to 100 ms, no back-off. */
		s->is_waiting = true;
		s->again_at = now + rng_range(&c->self.rng, 10 * USEC_MS,
		    100 * USEC_MS);
		return;
	}
	s->is_open = true;
	path = paths_add(&p->link.paths, now, TRANSPORT_TCP, CAND_PEER,
	    s->sock, &s->to, p->link.use);
	if (path != NULL)
		link_ping(&p->link, &c->self, &c->up, now, path, 0);
}

/* A packet on a stream shows whose it is. */
static void
stream_packet(struct client *c, usec_t now, struct stream *s,
    const uint8_t *packet, size_t len)
{
	struct peer *p = client_peer_of_packet(c, packet, len);
	struct path *path;
	uint64_t id;
	int sock = s->sock;

	if (p == NULL || (s->peer != 0 && s->peer != p->id))
		return;
	if (!link_input(&p->link, &c->self, &c->up, now, TRANSPORT_TCP, sock,
	    &s->to, packet, len))
		return;
	s->peer = id = p->id;
	s->until = USEC_NEVER;
	path = paths_find(&p->link.paths, TRANSPORT_TCP, sock, NULL);
	if (path != NULL && path->state == PATH_VALID &&
	    p->tcp.state != TCPSWITCH_IDLE)
		won(c, now, p);
	if (client_peer_by_id(c, id) != NULL)
		client_attend(c, now, p);
}

static void
stream_bytes(struct client *c, usec_t now, const struct input *in)
{
	struct stream *s = stream_by_sock(c, in->sock);
	const uint8_t *bytes = in->buf, *packet;
	size_t count = in->len, len;
	int err = E_OK;

	/* The stream may be closed by what a packet brings. */
	while ((s = stream_by_sock(c, in->sock)) != NULL &&
	    (err = frame_next(&s->in, &bytes, &count, &packet, &len)) ==
	    E_OK)
		stream_packet(c, now, s, packet, len);
	if (s != NULL && err != E_AGAIN) {
		struct peer *p = client_peer_by_id(c, s->peer);

		if (p != NULL)
			link_stream_gone(&p->link, now, s->sock);
		close_stream(c, s);
	}
}

static void
stream_gone(struct client *c, usec_t now, struct stream *s)
{
	struct peer *p = client_peer_by_id(c, s->peer);
	int sock = s->sock;

	forget_stream(s);
	if (p == NULL)
		return;
	link_stream_gone(&p->link, now, sock);
	if (p->link.preferred == TRANSPORT_TCP && !has_tcp(p))
		p->link.preferred = TRANSPORT_UDP;
	client_attend(c, now, p);
}

static void
accepted(struct client *c, usec_t now, const struct input *in)
{
	struct stream *s = add_stream(c, in->sock);

	if (s == NULL) {
		outbox_close(&c->self.out, in->sock);
		return;
	}
	s->is_open = true;
	s->to = in->from;
	s->until = now + TCPSWITCH_PROVE_US;
}

void
client_tcp_input(struct client *c, usec_t now, const struct input *in)
{
	struct stream *s;

	if (in->sock == SOCK_OBSERVE) {
		observe_input(c, now, in);
		return;
	}
	s = in->sock != 0 ? stream_by_sock(c, in->sock) : NULL;
	switch (in->kind) {
	case IN_ACCEPTED:
		accepted(c, now, in);
		break;
	case IN_CONNECTED:
		if (s != NULL)
			dial_result(c, now, s, in);
		break;
	case IN_BYTES:
		stream_bytes(c, now, in);
		break;
	case IN_CLOSED:
		if (s != NULL)
			stream_gone(c, now, s);
		break;
	default:
		break;
	}
}

/* ---- time ---- */

void
client_tcp_expire(struct client *c, usec_t now)
{
	int i;

	if (c->observe_at <= now)
		learnt(c, now);
	for (i = 0; i < STREAMS_MAX; i++) {
		struct stream *s = &c->streams[i];

		if (s->sock == 0)
			continue;
		if (s->until <= now)
			close_stream(c, s);
		else if (s->again_at <= now) {
			struct peer *p = client_peer_by_id(c, s->peer);

			if (p != NULL)
				p->tcp.dials++;
			dial(c, s);
		}
	}
	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p == NULL)
			continue;
		if (p->tcp.dial_at <= now)
			dial_all(c, now, p);
		if (p->tcp.ends_at <= now)
			fail_attempt(c, now, p, true);
	}
}

usec_t
client_tcp_deadline(const struct client *c)
{
	usec_t at = c->observe_at;
	int i;

	for (i = 0; i < STREAMS_MAX; i++)
		if (c->streams[i].sock != 0)
			at = usec_min(at, usec_min(c->streams[i].until,
			    c->streams[i].again_at));
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL)
			at = usec_min(at, usec_min(c->peers[i]->tcp.dial_at,
			    c->peers[i]->tcp.ends_at));
	return at;
}
