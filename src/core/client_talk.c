#include "client_state.h"

#include "err.h"
#include "name.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* What a peer may bring about (security.md P3): five attempts at a direct path
 * and then one a minute, those that succeed counting for a sixth. */
static const struct bucket_rate punches = { .per_s = 1, .burst = 300 };

enum { PUNCH_COST = 60, PUNCH_WON_COST = 10 };

static struct event *
tell(struct client *c, enum event_kind kind, const struct peer *p)
{
	struct event *e = outbox_event(&c->self.out, kind);

	memcpy(e->peer, p->name, NAME_SIZE);
	return e;
}

void
client_set_current(struct client *c, struct peer *p)
{
	struct event *e;

	if (c->current == p)
		return;
	e = outbox_event(&c->self.out, EV_CURRENT);
	if (c->current != NULL)
		memcpy(e->old_name, c->current->name, NAME_SIZE);
	c->current = p;
	if (p != NULL)
		memcpy(e->peer, p->name, NAME_SIZE);
}

/* ---- beginning ---- */

static bool
may_punch(struct peer *p, usec_t now)
{
	return bucket_ready(&p->punch_budget, &punches, now,
	    PUNCH_COST) <= now &&
	    bucket_take(&p->punch_budget, &punches, now, PUNCH_WON_COST);
}

static usec_t
retry_after(const struct peer *p)
{
	return p->link.use != NULL && p->link.use->transport ==
	    TRANSPORT_TCP ? PEER_RETRY_BESIDE_US : PEER_RETRY_US;
}

static void
punch_ended(struct peer *p, usec_t now)
{
	bool has_won = p->punch.won_at != USEC_NEVER;

	p->retry_at = has_won ? USEC_NEVER : now + (client_spray_may_repeat(p) ?
	    SPRAY_PAUSE_US : retry_after(p));
	p->udp_failed_at = has_won ? USEC_NEVER : now;
	if (!has_won)
		bucket_take(&p->punch_budget, &punches, now,
		    PUNCH_COST - PUNCH_WON_COST);
}

static void
punch_at_targets(struct client *c, usec_t now, struct peer *p)
{
	struct cands targets;

	if (!p->punch.is_on && !may_punch(p, now))
		return;
	peer_targets(p, &c->self, &targets);
	punch_start(&p->punch, &p->link, &c->self, &c->up, now, &targets);
	p->retry_at = now + PEER_RETRY_US;
	p->guess.at = now;
	if (p->reroll_attempt == p->punch.attempts)
		return;
	p->reroll_attempt = p->punch.attempts;
	client_reroll_plan(p, now);
}

void
client_reach(struct client *c, usec_t now, struct peer *p,
    const struct addr *seen, uint64_t route)
{
	if (!addr_eq(&p->seen, seen))
		p->auto_at = now;
	/* It has moved: what was asked before is not where it is. */
	if (!addr_same_ip(&p->seen, seen))
		p->asked.count = 0;
	p->seen = *seen;
	p->punch.is_lower = memcmp(c->self.identity.public, p->key,
	    KEY_LEN) < 0;
	link_set_route(&p->link, &c->self, now,
	    p->link.relay_ok ? route : 0);
	punch_at_targets(c, now, p);
	client_try_tcp(c, now, p);
}

void
client_begin(struct client *c, usec_t now, struct peer *p,
    const struct addr *seen, uint64_t route)
{
	p->expires_at = now + PEER_CONNECT_US;
	client_reach(c, now, p, seen, route);
	/* Without a route the candidates still travel, by RESUME. */
	if (p->link.route == 0)
		client_want_resume(c, now, p);
}

/* Who answers a request proves its key with the answer (Noise IK, message 2);
 * who sends one does so only with what follows. */
static bool
is_proved(const struct link *l)
{
	return l->is_asker || l->is_confirmed;
}

/* The first usable path of a peer that has proved its key. */
static void
connected(struct client *c, usec_t now, struct peer *p)
{
	struct event *e;

	p->is_connected = true;
	/* Whom the user has turned to meanwhile is kept. */
	if (c->current == NULL)
		client_set_current(c, p);
	e = tell(c, EV_CONNECTED, p);
	memcpy(e->key, p->key, KEY_LEN);
	e->transport = p->told_transport =
	    (enum transport)p->link.use->transport;
	e->addr = p->told_addr = p->link.use->addr;
	e->ms = p->began_at == 0 ? 0 : (now - p->began_at) / USEC_MS;
	client_pin(c, now, p);
	e->known = p->known;
	e->verified = p->verified;
	wire_key_id(p->key, e->key_id);
	client_lookalike(c, p->name, e->key_id, e->lookalike);
	p->link.is_moved = false;
	client_done(c, p->serial, p->command, true, EXIT_CODE_OK);
	p->serial = 0;
}

/* Of streams that came up at once the one that we used is closed, and another
 * is about to take its place. */
static bool
is_between_streams(const struct client *c, const struct peer *p)
{
	return p->told_transport == TRANSPORT_TCP &&
	    p->link.preferred == TRANSPORT_TCP && client_has_stream(c, p) &&
	    !client_has_tcp(p);
}

static void
moved(struct client *c, struct peer *p)
{
	struct event *e;

	const struct path *use = p->link.use;
	enum transport transport = use == NULL ? TRANSPORT_NONE :
	    (enum transport)use->transport;
	struct addr addr = use == NULL ? (struct addr){ 0 } : use->addr;

	/* Where nobody was heard of yet, nobody is. */
	if ((use != NULL && p->link.heard_at < p->link.moved_at) ||
	    is_between_streams(c, p))
		return;
	p->link.is_moved = false;
	/* From one stream to another of the same peer is no news. */
	if (!p->is_connected || (transport == p->told_transport &&
	    addr_eq(&addr, &p->told_addr)))
		return;
	e = tell(c, EV_TRANSPORT, p);
	/* Of two streams that came up at once one is closed: nothing was
	 * lost. */
	e->reason = transport == TRANSPORT_TCP && transport ==
	    p->told_transport ? REASON_PATH_BETTER : p->link.moved_by;
	if (e->reason == REASON_LOSSY)
		e->loss_permille = p->link.moved_loss;
	e->transport = p->told_transport = transport;
	e->addr = p->told_addr = addr;
}

/* ---- end ---- */

void
client_report_undelivered(struct client *c, struct peer *p,
    enum reason reason)
{
	const uint8_t *msg;
	uint64_t at = 0, id;
	size_t len;

	while (chan_next_undelivered(&p->link.chan, STREAM_TEXT, &at, &id,
	    &msg, &len)) {
		struct event *e = tell(c, EV_UNDELIVERED, p);
		uint8_t *copy = outbox_keep(&c->self.out, msg, len);

		e->id = id;
		e->reason = reason;
		e->text = (const char *)copy;
		e->len = copy != NULL ? len : 0;
	}
}

static void
leave_pair(struct client *c, usec_t now, const struct peer *p)
{
	if (c->up.is_up)
		uplink_call(&c->up, &c->self, now, OP_LEAVE, 0, p->key,
		    KEY_LEN);
}

/* What has arrived and was not handed out yet is shown, and the peer told so,
 * before the conversation ends. */
static void
show_rest(struct client *c, usec_t now, struct peer *p)
{
	const uint8_t *msg;
	size_t len;

	if (c->popped == p)
		client_pop(c, now);
	while (p->is_connected &&
	    chan_next_message(&p->link.chan, STREAM_TEXT, &msg, &len)) {
		struct event *e = client_message_event(c, p);

		e->text = (const char *)outbox_keep(&c->self.out, msg, len);
		e->len = e->text != NULL ? len : 0;
		chan_pop_message(&p->link.chan, STREAM_TEXT);
	}
	link_flush(&p->link, &c->self, &c->up, now);
}

/* Nothing was ever heard: `why` can be asked when it is over. */
static void
note_failure(struct client *c, usec_t now, struct peer *p, enum reason reason)
{
	struct failure *f = &c->failure;

	punch_note(&p->punch, &p->link, now);
	memcpy(f->name, p->name, NAME_SIZE);
	client_why(c, now, p, &f->why);
	f->why.reason = reason;
	memcpy(f->tries, f->why.tries,
	    f->why.tries_count * sizeof *f->why.tries);
	f->why.tries = f->tries;
}

static void
say_who_forbids(const struct client *c, const struct peer *p, char *out,
    size_t size)
{
	snprintf(out, size, "%s", c->self.no_relay ?
	    "this side runs with --no-relay" : p->no_relay ?
	    "the other side runs with --no-relay" :
	    (c->up.accept.flags & ACCEPT_RELAY) == 0 ?
	    "the server does not relay" : "");
}

void
client_end(struct client *c, usec_t now, struct peer *p, enum reason reason)
{
	struct event *e;

	show_rest(c, now, p);
	if (!p->is_connected || !p->link.is_confirmed)
		note_failure(c, now, p, reason);
	if (reason != REASON_CLOSED && reason != REASON_LOST &&
	    reason != REASON_RENEWED)
		link_close(&p->link, &c->self, &c->up, now,
		    reason == REASON_LEFT || reason == REASON_EXIT ?
		    REASON_CLOSED : reason);
	client_tcp_drop(c, now, p);
	if (reason != REASON_RENEWED)
		leave_pair(c, now, p);
	client_report_undelivered(c, p, reason);
	e = tell(c, p->is_connected ? EV_DISCONNECTED : reason ==
	    REASON_DENIED ? EV_DENIED : EV_FAILED, p);
	e->reason = reason;
	if (reason == REASON_NO_PATH)
		say_who_forbids(c, p, e->detail, sizeof e->detail);
	client_done(c, p->serial, p->command, false, client_exit_code(reason));
	client_peer_drop(c, p);
}

/* ---- what the peer says ---- */

static void
got_cands(struct client *c, usec_t now, struct peer *p, struct rd *body)
{
	uint32_t generation = get_u32(body);
	uint8_t nat = get_u8(body);
	int16_t nat_step = (int16_t)get_u16(body);
	struct cands cands;

	cands_get(body, &cands);
	if (body->bad || generation <= p->cands_generation)
		return;
	p->cands_generation = generation;
	p->cands = cands;
	p->nat = nat;
	p->nat_step = nat_step;
	p->guess.at = now;
	if (p->punch.is_on || p->link.use == NULL ||
	    p->link.use->transport != TRANSPORT_UDP)
		punch_at_targets(c, now, p);
}

static void
got_ports(usec_t now, struct peer *p, struct rd *body)
{
	struct ports ports;

	ports.lo = get_u16(body);
	ports.hi = get_u16(body);
	ports.mask = get_u16(body);
	ports.value = get_u16(body);
	if (body->bad || !ports_are_valid(&ports))
		return;
	p->ports = ports;
	p->guess.at = now;
}

static void
got_prefer(struct peer *p, struct rd *body)
{
	uint8_t transport = get_u8(body);

	if (!body->bad && (transport == TRANSPORT_UDP ||
	    transport == TRANSPORT_TCP))
		link_prefer(&p->link, (enum transport)transport);
}

static void
take_control(struct client *c, usec_t now, struct peer *p, struct rd r)
{
	uint8_t type = get_u8(&r);

	switch (type) {
	case CONTROL_CANDS:
		got_cands(c, now, p, &r);
		break;
	case CONTROL_TCP:
	case CONTROL_TCP_FAILED:
		client_tcp_control(c, now, p, type, &r);
		break;
	case CONTROL_PREFER:
		got_prefer(p, &r);
		break;
	case CONTROL_REKEY1:
	case CONTROL_REKEY2:
		client_rekey_control(c, now, p, type, &r);
		break;
	case CONTROL_NEAR:
		client_near_told(c, now, p, &r);
		break;
	case CONTROL_PORTS:
		got_ports(now, p, &r);
		break;
	case CONTROL_NAME:
		client_name_told(c, now, p, &r);
		break;
	}
}

static void
take_controls(struct client *c, usec_t now, struct peer *p)
{
	const uint8_t *msg;
	size_t len;

	while (chan_next_message(&p->link.chan, STREAM_CONTROL, &msg, &len)) {
		uint8_t copy[CHAN_CONTROL_MSG_MAX];

		assert(len <= sizeof copy);
		memcpy(copy, msg, len);
		chan_pop_message(&p->link.chan, STREAM_CONTROL);
		take_control(c, now, p, rd_of(copy, len));
	}
}

static void
take_delivered(struct client *c, struct peer *p)
{
	uint64_t id;

	while (chan_next_delivered(&p->link.chan, STREAM_CONTROL, &id))
		;
	while (chan_next_delivered(&p->link.chan, STREAM_TEXT, &id))
		tell(c, EV_DELIVERED, p)->id = id;
}

/* When the silence of the peer is worth a word, if it goes on: one question
 * that was lost on an idle link is not. */
static usec_t
silent_at(const struct peer *p)
{
	const struct path *use = p->link.use;
	usec_t silent = p->link.heard_at + LINK_QUIET_US, asked;

	if (use == NULL || use->asked_at == USEC_NEVER)
		return USEC_NEVER;
	asked = use->asked_at + PATH_ACTIVE_US;
	return silent > asked ? silent : asked;
}

static usec_t
quiet_at(const struct peer *p)
{
	return p->is_connected && p->link_told == LINK_OK ? silent_at(p) :
	    USEC_NEVER;
}

/* It gets better only by what the peer itself says: that the server has a way
 * to him tells nothing of him. */
static void
tell_link(struct client *c, usec_t now, struct peer *p)
{
	enum link_state state = p->link.use == NULL ? LINK_LOST :
	    silent_at(p) <= now ? LINK_QUIET : LINK_OK;
	bool was_lost = p->link_told == LINK_LOST;
	struct event *e;

	if (state == p->link_told || !p->is_connected || (state <
	    p->link_told && p->link.heard_at < p->link_told_at))
		return;
	p->link_told = state;
	p->link_told_at = now;
	e = tell(c, EV_LINK, p);
	e->link = state;
	e->ms = (now - p->link.heard_at) / USEC_MS;
	if (!was_lost)
		return;
	p->resumes = 0;
	client_is_back(c, now, p);
}

/* Somebody else got the name between the request and now: of two who came with
 * it before either was known the first one has it. */
static bool
has_lost_name(const struct client *c, const struct peer *p)
{
	return known_check(c->known, p->key, p->name) == KNOWN_CHANGED;
}

/* Neither a direct path nor a relay came about, and nothing is under way. */
static bool
is_hopeless(const struct peer *p)
{
	return !p->is_connected && p->link.use == NULL && !p->punch.is_on &&
	    p->tcp.state == TCPSWITCH_IDLE;
}

/* Nothing that is called from here on behalf of the peer drops it, but for the
 * end of the function itself. */
void
client_attend(struct client *c, usec_t now, struct peer *p)
{
	if (p->state != PEER_OPEN && p->state != PEER_ALLOWING)
		return;
	take_controls(c, now, p);
	take_delivered(c, p);
	if (p->link.has_dead_stream)
		client_streams_reap(c, now, p);
	link_attend(&p->link, now);
	c->wants_flush = true;
	if (p->link.is_closed) {
		client_end(c, now, p, p->link.closed_by == REASON_PROTOCOL ?
		    REASON_PROTOCOL : REASON_CLOSED);
		return;
	}
	if (p->state == PEER_ALLOWING)
		return;
	if (is_hopeless(p)) {
		client_end(c, now, p, REASON_NO_PATH);
		return;
	}
	if (!p->is_connected && p->link.use != NULL && is_proved(&p->link)) {
		if (has_lost_name(c, p)) {
			client_tell_key_changed(c, p);
			client_end(c, now, p, REASON_KEY_CHANGED);
			return;
		}
		connected(c, now, p);
	}
	if (p->is_connected && p->link.is_confirmed)
		p->expires_at = USEC_NEVER;
	if (p->link.is_moved)
		moved(c, p);
	tell_link(c, now, p);
	client_tcp_consider(c, now, p);
	if (p->link.wants_resume && p->link_told != LINK_LOST)
		client_want_resume(c, now, p);
	else if (p->link.wants_resume)
		client_seek_patiently(c, now, p);
}

/* ---- time ---- */

bool
client_is_direct(const struct peer *p)
{
	return p->link.use != NULL &&
	    p->link.use->transport != TRANSPORT_RELAY;
}

/* Neither a direct path, nor one over TCP that somebody asked for or that is
 * the only kind there can be. */
static bool
misses_direct(const struct client *c, const struct peer *p)
{
	return !client_is_direct(p) ||
	    (p->link.use->transport == TRANSPORT_TCP &&
	    p->link.preferred == TRANSPORT_NONE &&
	    !c->self.is_tcp_only && !p->is_tcp_only);
}

/* Everything that is due; the peer may be gone afterwards. */
void
client_talk_expire(struct client *c, usec_t now, struct peer *p)
{
	link_expire(&p->link, &c->self, &c->up, now);
	if (punch_expire(&p->punch, &p->link, &c->self, &c->up, now))
		punch_ended(p, now);
	if (p->resume_at <= now)
		client_send_resume(c, now, p);
	if (p->retry_at <= now) {
		p->retry_at = now + retry_after(p);
		if (misses_direct(c, p))
			client_want_resume(c, now, p);
	}
	client_rekey_expire(c, now, p);
	client_name_expire(c, now, p);
	if (p->expires_at <= now ||
	    now - p->link.heard_at >= CLIENT_LOST_US) {
		client_end(c, now, p, REASON_LOST);
		return;
	}
	client_attend(c, now, p);
}

usec_t
client_talk_deadline(const struct client *c, const struct peer *p)
{
	usec_t at = link_deadline(&p->link);

	(void)c;
	at = usec_min(at, punch_deadline(&p->punch, &p->link));
	at = usec_min(at, usec_min(p->resume_at, p->retry_at));
	at = usec_min(at, usec_min(p->rename_at, p->consider_at));
	at = usec_min(at, client_rekey_deadline(p));
	at = usec_min(at, usec_min(p->expires_at, quiet_at(p)));
	return usec_min(at, p->link.heard_at + CLIENT_LOST_US);
}
