#include "client_state.h"

#include "err.h"

#include <assert.h>
#include <string.h>

/* What a peer may bring about (security.md P3): three attempts, then one in
 * 30 s, each with so many dials. */
static const struct bucket_rate attempts = { .per_s = 1, .burst = 90 };
static const struct bucket_rate dials = { .per_s = TCPSWITCH_DIALS_PER_S,
	.burst = TCPSWITCH_DIALS_BURST };

enum { ATTEMPT_COST = 30 };

static void tell(struct client *c, usec_t now, struct peer *p);
static void tell_late(struct client *c, usec_t now);

void
client_tcp_drop(struct client *c, usec_t now, struct peer *p)
{
	client_salvo_end(c, now, p);
	p->link.use = NULL;
	client_streams_close(c, p, true, true);
	if (p->tcp.serial != 0)
		client_fail(c, p->tcp.serial, COMMAND_TCP, REASON_TCP_FAILED,
		    p->name);
	tcpswitch_init(&p->tcp);
	client_tcp_unlearn(c);
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

static void
learn(struct client *c, usec_t now)
{
	struct addr to = c->up.session_peer, local;

	if (c->observe_at != USEC_NEVER)
		return;
	/* A registration over TCP has shown it already. */
	if (c->is_observing || (c->up.session_tcp &&
	    c->self.seen_tcp.port != 0)) {
		learnt(c, now);
		return;
	}
	c->observe_at = now + TCPSWITCH_LEARN_US;
	c->observe_token = 0;
	c->is_observing = true;
	local = addr_any((enum addr_family)to.family, c->self.port);
	outbox_dial(&c->self.out, SOCK_OBSERVE, &local, &to);
}

void
client_tcp_observed(struct client *c, usec_t now, const struct news *news)
{
	bool is_late;

	if (!c->is_observing || news->tag != c->observe_token)
		return;
	is_late = c->observe_at == USEC_NEVER;
	c->self.seen_tcp = news->addr;
	if (is_late)
		tell_late(c, now);
	else
		learnt(c, now);
}

/* The stream to the server has held the mapping for as long as needed. */
void
client_tcp_unlearn(struct client *c)
{
	int i;

	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL &&
		    (c->peers[i]->tcp.state != TCPSWITCH_IDLE ||
		    (c->peers[i]->is_tcp_only &&
		    c->peers[i]->state != PEER_OPEN)))
			return;
	if (c->is_observing)
		outbox_close(&c->self.out, SOCK_OBSERVE);
	c->is_observing = false;
	c->observe_at = USEC_NEVER;
	frame_fini(&c->observe_in);
}

/* Its stream is gone. What was seen last may still be true. */
static void
observe_ended(struct client *c, usec_t now)
{
	c->is_observing = false;
	frame_fini(&c->observe_in);
	if (c->observe_at != USEC_NEVER)
		learnt(c, now);
}

void
client_tcp_observe(struct client *c, usec_t now, const struct input *in)
{
	const uint8_t *bytes = in->buf, *packet;
	size_t count = in->len, len;
	int err = E_AGAIN;

	if (!c->is_observing)
		return;
	if (in->kind == IN_CONNECTED && in->err == E_OK) {
		c->observe_token = rng_u64(&c->self.rng);
		uplink_observe(&c->up, &c->self, SOCK_OBSERVE, 0,
		    c->observe_token, false);
		return;
	}
	if (in->kind != IN_BYTES) {
		observe_ended(c, now);
		return;
	}
	while (c->is_observing && (err = frame_next(&c->observe_in, &bytes,
	    &count, &packet, &len)) == E_OK) {
		uplink_packet(&c->up, &c->self, now, NULL, packet, len);
		client_take_news(c, now);
	}
	if (c->is_observing && err != E_AGAIN) {
		outbox_close(&c->self.out, SOCK_OBSERVE);
		observe_ended(c, now);
	}
}

/* Asks the server beforehand, while a request waits for its answer, when the
 * peer can be reached by TCP only. */
void
client_tcp_prepare(struct client *c, usec_t now, struct peer *p)
{
	if (p->is_tcp_only && c->up.is_up)
		learn(c, now);
}

/* ---- an attempt ---- */

static void
end_attempt(struct client *c, usec_t now, struct peer *p)
{
	uint32_t attempt = p->tcp.attempt;

	client_salvo_end(c, now, p);
	tcpswitch_init(&p->tcp);
	p->tcp.attempt = attempt;
	client_tcp_unlearn(c);
}

static void
send_failed(struct peer *p, uint32_t attempt, enum reason reason)
{
	uint8_t buf[6];
	struct wr w = wr_of(buf, sizeof buf);

	put_u8(&w, CONTROL_TCP_FAILED);
	put_u32(&w, attempt);
	put_u8(&w, (uint8_t)reason);
	chan_send(&p->link.chan, STREAM_CONTROL, buf, w.len, NULL);
}

static void
fail_attempt(struct client *c, usec_t now, struct peer *p)
{
	p->tcp_reason = p->tcp.reason;
	if (p->tcp.serial != 0)
		client_fail(c, p->tcp.serial, COMMAND_TCP, p->tcp.reason,
		    p->name);
	client_streams_close(c, p, false, true);
	end_attempt(c, now, p);
}

static void
begin_attempt(struct client *c, usec_t now, struct peer *p, uint32_t attempt)
{
	p->tcp.attempt = attempt;
	p->tcp.ends_at = now + TCPSWITCH_ENDS_US;
	p->auto_at = now + TCPSWITCH_PAUSE_US;
	p->tcp.dials = p->tcp.refusals = p->tcp.lanes = 0;
	p->tcp.is_answered = false;
	p->tcp.reason = REASON_TCP_FAILED;
	listen_once(c);
	p->tcp.state = TCPSWITCH_LEARNING;
	if (c->up.is_up)
		learn(c, now);
	else
		tell(c, now, p);
}

static void
prefer_tcp(struct peer *p)
{
	uint8_t buf[2] = { CONTROL_PREFER, TRANSPORT_TCP };

	link_prefer(&p->link, TRANSPORT_TCP);
	chan_send(&p->link.chan, STREAM_CONTROL, buf, sizeof buf, NULL);
}

bool
client_has_tcp(const struct peer *p)
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
	if (client_has_tcp(p)) {
		if (!is_asked)
			return;
		prefer_tcp(p);
		client_done(c, c->serial, COMMAND_TCP, true, EXIT_CODE_OK);
		return;
	}
	if (p->tcp.serial != 0) {
		if (is_asked)
			client_fail(c, c->serial, COMMAND_TCP, REASON_BUSY,
			    p->name);
		return;
	}
	p->tcp.is_asked |= is_asked;
	p->tcp.serial = is_asked ? c->serial : 0;
	if (p->tcp.state != TCPSWITCH_IDLE)
		return;
	cands_of_tcp(&p->tcp.theirs, &p->cands);
	p->tcp.has_theirs = p->tcp.theirs.count > 0;
	begin_attempt(c, now, p, rng_u32(&c->self.rng));
}

/* Who has not heard yet how far it is guesses that the other is as far from the
 * server. */
usec_t
client_tcp_rtt(const struct client *c, const struct peer *p)
{
	const struct path *use = p->link.use;

	return use != NULL && use->rtt_us > 0 ? use->rtt_us :
	    2 * c->up.rtt_us;
}

/* The peer dials when they have our call; by the time that their SYN is here
 * ours has to have left, or our NAT refuses theirs. Their NAT refuses ours if
 * it is there before theirs has left. A quarter of a round trip from now leaves
 * most time for the former: a NAT that has seen a SYN each way goes by their
 * sequence numbers for two minutes (Linux), so that theirs must not find
 * another socket than the one that ours came from. That one does not hear of
 * ICMP; after a reset our NAT has forgotten, and we dial again. On a short way
 * a SYN that opens our NATs and dies behind them is refused by nobody. */
static void
dial_first(struct client *c, usec_t now, struct peer *p, struct lane *s)
{
	usec_t wait = client_tcp_rtt(c, p) / 4;

	s->ttl = TCPSWITCH_DEAF_TTL;
	if (wait >= TCPSWITCH_STEP_US) {
		s->is_waiting = true;
		s->dialled_at = now;
		s->again_at = now + wait;
		return;
	}
	if (punch_knows_ttl(&c->self, &s->to))
		s->ttl = punch_ttl_of(&c->self, &s->to);
	p->tcp.dials++;
	client_stream_dial(c, now, s);
}

/* Is the NAT of one side one that counts, and neither known to let in others
 * than whom was sent to? */
static bool
is_near_only(uint8_t nat, int16_t step, uint8_t other)
{
	return nat_mapping_of(nat) == NAT_APDM && step != 0 &&
	    nat_filter_of(nat) != FILTER_OPEN &&
	    nat_filter_of(other) != FILTER_OPEN;
}

/* Guessing waits for the plain way, unless that leads nowhere: and of a NAT
 * that counts the ports are known best at once. */
static usec_t
guess_after(const struct client *c, const struct peer *p, bool is_first)
{
	usec_t rtt = client_tcp_rtt(c, p);

	if (client_salvo_matches(c, p) ||
	    is_near_only(c->self.nat, c->self.nat_step, p->nat) ||
	    is_near_only(p->nat, p->nat_step, c->self.nat))
		return is_first ? rtt / 2 : 0;
	return usec_min(SALVO_AFTER_US, 3 * rtt + SALVO_SPARE_US);
}

static bool
is_dialled(const struct client *c, const struct peer *p,
    const struct addr *to)
{
	int i;

	for (i = 0; i < STREAMS_MAX; i++)
		if (c->streams[i].sock != 0 && c->streams[i].peer == p->id &&
		    addr_eq(&c->streams[i].to, to))
			return true;
	return false;
}

/* Those that are not dialled already. */
static void
dial_theirs(struct client *c, usec_t now, struct peer *p, bool is_first)
{
	struct cands targets;
	size_t i;

	cands_filter(&targets, &c->self, &p->seen, &p->tcp.theirs);
	for (i = 0; i < targets.count && p->tcp.lanes < TCPSWITCH_DIALS;
	    i++) {
		const struct addr *to = &targets.list[i].addr;
		int sock = client_stream_free(c);
		struct lane *s = sock == 0 || is_dialled(c, p, to) ? NULL :
		    client_stream_add(c, sock);

		if (s == NULL)
			continue;
		p->tcp.lanes++;
		s->peer = p->id;
		s->to = *to;
		if (is_first && punch_needs_low_ttl(to)) {
			dial_first(c, now, p, s);
			continue;
		}
		p->tcp.dials++;
		client_stream_dial(c, now, s);
	}
}

static void
dial_all(struct client *c, usec_t now, struct peer *p)
{
	bool is_first = !p->tcp.has_ours;

	p->tcp.state = TCPSWITCH_DIALLING;
	p->tcp.dialled_at = now;
	p->tcp.salvo_at = now + guess_after(c, p, is_first);
	dial_theirs(c, now, p, is_first);
}

static void
send_tcp(const struct client *c, struct peer *p)
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
}

static void
tell(struct client *c, usec_t now, struct peer *p)
{
	send_tcp(c, p);
	p->tcp.state = TCPSWITCH_TELLING;
	/* What we say waits until the peer has proved that it has the keys. */
	p->tcp.has_ours = p->has_our_tcp;
	if (p->tcp.has_theirs)
		dial_all(c, now, p);
	p->tcp.has_ours |= p->link.is_asker || p->link.is_confirmed;
	link_flush(&p->link, &c->self, &c->up, now);
}

/* What was too late to be told with the rest. */
static void
tell_late(struct client *c, usec_t now)
{
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p == NULL || (p->tcp.state != TCPSWITCH_TELLING &&
		    p->tcp.state != TCPSWITCH_DIALLING))
			continue;
		send_tcp(c, p);
		client_match_told(c, now, p);
		link_flush(&p->link, &c->self, &c->up, now);
	}
}

/* Their address, after all. */
static void
dial_late(struct client *c, usec_t now, struct peer *p)
{
	if (p->tcp.match.count > 0) {
		client_match_heard(c, now, p);
		return;
	}
	dial_theirs(c, now, p, false);
	if (p->tcp.salvo_at == USEC_NEVER &&
	    (c->salvo.row.role == SPRAY_NONE || c->salvo.row.peer != p->id))
		p->tcp.salvo_at = now + guess_after(c, p, false);
}

/* Of two attempts begun at once that of the lower key goes on, with what both
 * have told already. */
static void
got_tcp(struct client *c, usec_t now, struct peer *p, struct rd *body)
{
	struct tcpswitch *t = &p->tcp;
	uint32_t attempt = get_u32(body);
	struct cands cands;
	bool is_same;

	get_u16(body);
	cands_get(body, &cands);
	if (body->bad)
		return;
	/* Late news of an attempt that is over, or it would begin anew. */
	if (t->state == TCPSWITCH_IDLE && attempt == t->attempt)
		return;
	if (t->state == TCPSWITCH_IDLE) {
		if (!bucket_take(&p->tcp_budget, &attempts, now,
		    ATTEMPT_COST)) {
			send_failed(p, attempt, REASON_TCP_FAILED);
			return;
		}
		t->theirs = cands;
		t->has_theirs = true;
		begin_attempt(c, now, p, attempt);
		return;
	}
	is_same = attempt == t->attempt;
	if (!is_same &&
	    memcmp(p->key, c->self.identity.public, KEY_LEN) < 0)
		t->attempt = attempt;
	t->theirs = cands;
	t->has_theirs = true;
	t->is_answered = is_same;
	if (t->state == TCPSWITCH_TELLING)
		dial_all(c, now, p);
	else if (t->state == TCPSWITCH_DIALLING)
		dial_late(c, now, p);
}

void
client_tcp_control(struct client *c, usec_t now, struct peer *p,
    uint8_t type, struct rd *body)
{
	uint32_t attempt;
	uint8_t reason;

	if (type == CONTROL_TCP) {
		got_tcp(c, now, p, body);
		return;
	}
	attempt = get_u32(body);
	reason = get_u8(body);
	if (attempt != p->tcp.attempt || body->bad ||
	    p->tcp.state == TCPSWITCH_IDLE)
		return;
	if (reason == REASON_TCP_HARD || reason == REASON_TCP_PORTS)
		p->tcp.reason = (enum reason)reason;
	fail_attempt(c, now, p);
}

/* ---- what the streams say ---- */

/* The first stream that proved itself ends the attempt. Of further ones only
 * the lower key closes any, or both might end up with none. */
void
client_tcp_won(struct client *c, usec_t now, struct peer *p)
{
	bool closes = memcmp(c->self.identity.public, p->key, KEY_LEN) < 0;

	client_streams_close(c, p, false, closes);
	p->tcp_reason = REASON_NONE;
	if (p->tcp.is_asked)
		prefer_tcp(p);
	if (p->tcp.serial != 0)
		client_done(c, p->tcp.serial, COMMAND_TCP, true,
		    EXIT_CODE_OK);
	end_attempt(c, now, p);
}

/* ---- time ---- */

static void
dial_again(struct client *c, usec_t now, struct lane *s)
{
	struct peer *p = client_peer_by_id(c, s->peer);

	if (p == NULL) {
		client_stream_close(c, s);
		return;
	}
	if (!bucket_take(&p->tcp.dial_budget, &dials, now, 1)) {
		s->again_at = bucket_ready(&p->tcp.dial_budget, &dials, now,
		    1);
		return;
	}
	p->tcp.dials++;
	client_stream_dial(c, now, s);
}

void
client_tcp_expire(struct client *c, usec_t now)
{
	int i;

	if (c->observe_at <= now)
		learnt(c, now);
	client_salvo_expire(c, now);
	for (i = 0; i < STREAMS_MAX; i++) {
		struct lane *s = &c->streams[i];

		if (s->sock == 0)
			continue;
		if (s->until <= now)
			client_stream_late(c, now, s);
		else if (s->again_at <= now)
			dial_again(c, now, s);
	}
	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p == NULL)
			continue;
		client_match_expire(c, now, p);
		if (p->tcp.salvo_at <= now)
			client_salvo_begin(c, now, p);
		if (p->tcp.ends_at <= now) {
			send_failed(p, p->tcp.attempt, p->tcp.reason);
			fail_attempt(c, now, p);
		}
	}
}

usec_t
client_tcp_deadline(const struct client *c)
{
	usec_t at = usec_min(c->observe_at, c->salvo.row.next_at);
	int i;

	for (i = 0; i < STREAMS_MAX; i++)
		if (c->streams[i].sock != 0)
			at = usec_min(at, usec_min(c->streams[i].until,
			    c->streams[i].again_at));
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL)
			at = usec_min(at, usec_min(c->peers[i]->tcp.ends_at,
			    usec_min(c->peers[i]->tcp.salvo_at,
			    c->peers[i]->tcp.match.next_at)));
	return at;
}
