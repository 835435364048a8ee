#include "client_state.h"

#include "err.h"
#include "name.h"

#include <string.h>

static struct peer *
by_nonce(struct client *c, const uint8_t *nonce, int state)
{
	int i;

	for (i = 0; nonce != NULL && i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p != NULL && (state < 0 || p->state == (unsigned)state) &&
		    memcmp(p->nonce, nonce, NONCE_LEN) == 0)
			return p;
	}
	return NULL;
}

void
client_refuse(struct client *c, usec_t now, struct peer *p,
    enum reason reason)
{
	enum event_kind kind = p->state == PEER_ASKED ? EV_REQUEST_ENDED :
	    reason == REASON_DENIED ? EV_DENIED : EV_FAILED;

	(void)now;
	client_report_undelivered(c, p, reason);
	if (!p->is_hidden) {
		struct event *e = outbox_event(&c->self.out, kind);

		memcpy(e->peer, p->name, NAME_SIZE);
		e->reason = reason;
	}
	client_done(c, p->serial, p->command, false, client_exit_code(reason));
	client_peer_drop(c, p);
}

void
client_peer_call(struct client *c, usec_t now, struct peer *p, enum op op,
    const void *body, size_t len)
{
	if (!uplink_call(&c->up, &c->self, now, op, p->id, body, len))
		client_refuse(c, now, p, REASON_BUSY);
}

void
client_take_back(struct client *c, usec_t now, struct peer *p)
{
	uint8_t body[NONCE_LEN + 1] = { 0 };

	memcpy(body, p->nonce, NONCE_LEN);
	if (p->state == PEER_ASKING)
		uplink_call(&c->up, &c->self, now, OP_CANCEL, 0, body,
		    NONCE_LEN);
	if (p->state != PEER_ALLOWING)
		return;
	calls_cancel(&c->up.calls, OP_ALLOW, p->id);
	uplink_call(&c->up, &c->self, now, OP_DENY, 0, body, sizeof body);
	link_close(&p->link, &c->self, &c->up, now, REASON_CLOSED);
}

/* ---- being asked ---- */

static size_t
pending_requests(const struct client *c)
{
	size_t n = 0;
	int i;

	for (i = 0; i < PEERS_MAX; i++)
		n += c->peers[i] != NULL && c->peers[i]->state == PEER_ASKED;
	return n;
}

static void
tell_request(struct client *c, usec_t now, struct peer *p)
{
	struct event *e;

	if (p->key_changed)
		client_tell_key_changed(c, p);
	e = outbox_event(&c->self.out, EV_REQUEST);
	memcpy(e->peer, p->name, NAME_SIZE);
	memcpy(e->key, p->key, KEY_LEN);
	wire_key_id(p->key, e->key_id);
	e->known = p->known;
	e->verified = p->verified;
	e->ok = !p->key_changed;
	if (e->ok)
		client_lookalike(c, p->name, e->key_id, e->lookalike);
	e->ms = (p->expires_at - now) / USEC_MS;
}

/* Both asked: the request of the lower key counts, and is allowed by the other
 * having asked as well. */
static void
resolve_crossing(struct client *c, usec_t now, struct peer *ours,
    struct peer *theirs)
{
	if (memcmp(c->self.identity.public, theirs->key, KEY_LEN) < 0)
		/* Ours counts. If it fails after all, theirs is shown. */
		theirs->is_hidden = true;
	else if (theirs->key_changed) {
		/* Under the name of somebody else: for the user to decide. */
		client_take_back(c, now, ours);
		client_refuse(c, now, ours, REASON_KEY_CHANGED);
		tell_request(c, now, theirs);
	} else
		client_take_theirs(c, now, ours, theirs);
}

/* Whoever asks again may have lost what he asked with before: the new request
 * takes the place of the old one. True if the user need not be told. */
static bool
replace_request(struct client *c, usec_t now, const struct peer *p)
{
	bool was_shown = false;
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *old = c->peers[i];

		if (old == NULL || old == p || old->state != PEER_ASKED ||
		    memcmp(old->key, p->key, KEY_LEN) != 0)
			continue;
		if (strcmp(old->name, p->name) != 0) {
			client_refuse(c, now, old, REASON_CANCELLED);
			continue;
		}
		was_shown = !old->is_hidden;
		client_peer_drop(c, old);
	}
	return was_shown;
}

static void
got_request(struct client *c, usec_t now, struct rd *body)
{
	struct peer *p, *ours;
	struct rd peek = *body;
	const uint8_t *nonce;
	bool was_shown;

	nonce = get_bytes(&peek, NONCE_LEN);
	if (nonce == NULL || by_nonce(c, nonce, -1) != NULL ||
	    client_is_past(c, nonce) || pending_requests(c) >= REQUESTS_MAX)
		return;
	p = client_peer_add(c, "", PEER_ASKED);
	if (p == NULL)
		return;
	if (!peer_hear(p, &c->self, body) ||
	    memcmp(p->key, c->self.identity.public, KEY_LEN) == 0) {
		log_debug(c->self.log, "a request is not authentic");
		client_peer_drop(c, p);
		return;
	}
	p->expires_at = now + PEER_REQUEST_US;
	if (!client_look_up_trust(c, p)) {
		client_deny(c, now, p, true);
		return;
	}
	was_shown = replace_request(c, now, p);
	client_tcp_prepare(c, now, p);
	ours = client_peer_by_key(c, p->key, PEER_ASKING);
	if (ours != NULL)
		resolve_crossing(c, now, ours, p);
	else if (!was_shown || p->key_changed)
		tell_request(c, now, p);
}

void
client_allow(struct client *c, usec_t now, struct peer *p)
{
	uint8_t body[DGRAM_MAX];
	struct wr w = wr_of(body, sizeof body);
	struct peer *old;

	if (p->key_changed) {
		client_fail(c, c->serial, c->command, REASON_KEY_CHANGED,
		    p->name);
		return;
	}
	/* The other side began anew: what we had with it is over. */
	old = client_peer_by_key(c, p->key, PEER_OPEN);
	if (old != NULL)
		client_end(c, now, old, REASON_RENEWED);
	if (p->serial == 0) {
		p->serial = c->serial;
		p->command = c->command;
		p->began_at = now;
	}
	p->is_hidden = false;
	if (!peer_allow(p, &c->self, now, &w)) {
		client_refuse(c, now, p, REASON_PROTOCOL);
		return;
	}
	p->expires_at = now + PEER_REQUEST_US;
	if (c->current == NULL)
		client_set_current(c, p);
	client_peer_call(c, now, p, OP_ALLOW, body, w.len);
}

void
client_deny(struct client *c, usec_t now, struct peer *p, bool block)
{
	uint8_t body[NONCE_LEN + 1];

	memcpy(body, p->nonce, NONCE_LEN);
	body[NONCE_LEN] = block;
	uplink_call(&c->up, &c->self, now, OP_DENY, 0, body, sizeof body);
	client_peer_drop(c, p);
}

/* ---- answers ---- */

static void
got_allow(struct client *c, usec_t now, struct rd *body)
{
	struct peer *p = by_nonce(c, get_bytes(body, NONCE_LEN), PEER_ASKING);
	struct addr seen = addr_get(body);
	uint64_t route = get_u64(body);
	struct peer *twin, *old;

	if (p == NULL || body->bad)
		return;
	old = client_peer_by_key(c, p->key, PEER_OPEN);
	if (!peer_allowed(p, c->self.no_relay, now, body)) {
		log_debug(c->self.log, "an answer is not authentic");
		return;
	}
	calls_cancel(&c->up.calls, OP_REQUEST, p->id);
	twin = client_peer_by_key(c, p->key, PEER_ASKED);
	if (twin != NULL)
		client_refuse(c, now, twin, REASON_ALLOWED);
	if (old != NULL)
		client_end(c, now, old, REASON_RENEWED);
	/* The first packet proves our keys and brings our candidates. */
	peer_send_cands(p, &c->self);
	client_begin(c, now, p, &seen, route);
}

/* Our own request failed; the crossing one of the same peer, if any, is shown
 * now, unless its time is over as well. */
static void
request_failed(struct client *c, usec_t now, struct peer *p,
    enum reason reason)
{
	struct peer *twin = p->has_key ?
	    client_peer_by_key(c, p->key, PEER_ASKED) : NULL;

	client_refuse(c, now, p, reason);
	if (twin != NULL && twin->is_hidden && twin->expires_at > now) {
		twin->is_hidden = false;
		tell_request(c, now, twin);
	}
}

/* The requester's minute began a little before ours: when he takes his request
 * back at its very end, nobody did it. */
static enum reason
reason_of_end(usec_t now, const struct peer *p, uint8_t end)
{
	if (end == END_GONE)
		return REASON_GONE;
	return now + 2 * USEC_S >= p->expires_at ? REASON_TIMEOUT :
	    REASON_CANCELLED;
}

/* The target said no, perhaps after a yes that we had already. */
static void
got_deny(struct client *c, usec_t now, struct rd *body)
{
	struct peer *p = by_nonce(c, get_bytes(body, NONCE_LEN), -1);
	enum reason reason = get_u8(body) == END_DENIED ? REASON_DENIED :
	    REASON_GONE;

	if (p == NULL || body->bad)
		return;
	if (p->state == PEER_ASKING)
		request_failed(c, now, p, reason);
	else if (p->state == PEER_OPEN && p->link.is_asker &&
	    !p->link.is_confirmed)
		client_end(c, now, p, reason);
}

/* The requester wants no more, perhaps before he had our yes. */
static void
got_ended(struct client *c, usec_t now, struct rd *body)
{
	struct peer *p = by_nonce(c, get_bytes(body, NONCE_LEN), -1);
	uint8_t end = get_u8(body);

	if (p == NULL || body->bad)
		return;
	if (p->state == PEER_ASKED || p->state == PEER_ALLOWING)
		client_refuse(c, now, p, reason_of_end(now, p, end));
	else if (p->state == PEER_OPEN && !p->link.is_asker &&
	    !p->is_connected)
		client_end(c, now, p, end == END_GONE ? REASON_GONE :
		    REASON_CANCELLED);
}

void
client_intro_push(struct client *c, usec_t now, enum push push,
    struct rd *body)
{
	switch (push) {
	case PUSH_REQUEST:
		got_request(c, now, body);
		break;
	case PUSH_ALLOW:
		got_allow(c, now, body);
		break;
	case PUSH_DENY:
		got_deny(c, now, body);
		break;
	case PUSH_ENDED:
		got_ended(c, now, body);
		break;
	case PUSH_RESUME:
	case PUSH_PRESENCE:
	case PUSH_PROVE:
		break;
	}
}

static void
got_start(struct client *c, usec_t now, struct peer *p, struct rd body)
{
	struct addr seen = addr_get(&body);
	uint64_t route = get_u64(&body);

	if (body.bad || p->state != PEER_ALLOWING)
		return;
	p->state = PEER_OPEN;
	p->expires_at = USEC_NEVER;
	/* Message 2 brought our candidates; this brings what our NAT does. */
	peer_send_cands(p, &c->self);
	client_begin(c, now, p, &seen, route);
}

void
client_intro_reply(struct client *c, usec_t now, const struct news *news)
{
	struct peer *p = client_peer_by_id(c, news->tag);
	bool ok = news->kind == NEWS_REPLY && news->status == STATUS_OK;

	if (p == NULL)
		return;
	if (news->op == OP_LOOKUP && p->state == PEER_LOOKING) {
		if (ok)
			client_looked_up(c, now, p, news->body);
		else
			client_refuse(c, now, p, client_reason_of(c, news));
	} else if (news->op == OP_LOOKUP) {
		client_name_found(c, now, p, news);
	} else if (news->op == OP_REQUEST && p->state == PEER_ASKING) {
		if (!ok)
			request_failed(c, now, p, client_reason_of(c, news));
	} else if (news->op == OP_ALLOW) {
		if (ok)
			got_start(c, now, p, news->body);
		else if (p->state == PEER_ALLOWING)
			client_refuse(c, now, p, client_reason_of(c, news));
	}
}

void
client_intro_expire(struct client *c, usec_t now, struct peer *p)
{
	if (p->expires_at > now)
		return;
	client_take_back(c, now, p);
	if (p->state == PEER_ASKING)
		request_failed(c, now, p, REASON_TIMEOUT);
	else
		client_refuse(c, now, p, REASON_TIMEOUT);
}
