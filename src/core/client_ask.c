#include "client_state.h"

#include "err.h"
#include "name.h"

#include <string.h>

static void
tell_step(struct client *c, const struct peer *p, const char *step)
{
	struct event *e = outbox_event(&c->self.out, EV_CONNECTING);

	memcpy(e->peer, p->name, NAME_SIZE);
	e->code = step;
	if (p->has_key) {
		memcpy(e->key, p->key, KEY_LEN);
		wire_key_id(p->key, e->key_id);
		client_lookalike(c, p->name, e->key_id, e->lookalike);
	}
}

static void
look_up(struct client *c, usec_t now, const char *name)
{
	uint8_t body[1 + NAME_MAX_LEN];
	struct wr w = wr_of(body, sizeof body);
	struct peer *p;

	if (!c->up.is_up) {
		client_fail(c, c->serial, c->command, REASON_SERVER_SILENT,
		    name);
		return;
	}
	p = client_peer_add(c, name, PEER_LOOKING);
	if (p == NULL) {
		client_fail(c, c->serial, c->command, REASON_BUSY, name);
		return;
	}
	p->serial = c->serial;
	p->command = c->command;
	p->began_at = now;
	p->expires_at = now + PEER_REQUEST_US;
	if (client_peer_by_name(c, name, PEER_OPEN) == NULL)
		client_set_current(c, p);
	tell_step(c, p, "looking");
	wire_put_name(&w, name);
	client_peer_call(c, now, p, OP_LOOKUP, body, w.len);
}

/* Whoever is silent is sought at once; perhaps he was started anew and has to
 * be asked as well. */
static void
seek(struct client *c, usec_t now, struct peer *p)
{
	client_set_current(c, p);
	p->resumes = 0;
	if (p->resume_at != USEC_NEVER)
		p->resume_at = now;
	else
		client_want_resume(c, now, p);
}

/* What was asked for beside a conversation is there. What was typed to the
 * other one, under another name, is not said in this one unasked. */
static void
have_already(struct client *c, struct peer *p)
{
	client_report_undelivered(c, p, REASON_RENEWED);
	client_done(c, p->serial, p->command, true, EXIT_CODE_OK);
	client_peer_drop(c, p);
}

void
client_is_back(struct client *c, usec_t now, const struct peer *p)
{
	struct peer *asking = client_peer_by_key(c, p->key, PEER_ASKING);

	if (asking == NULL)
		return;
	client_take_back(c, now, asking);
	have_already(c, asking);
}

void
client_connect(struct client *c, usec_t now, const char *name)
{
	struct peer *p = client_peer_by_name(c, name, -1);
	struct peer *asked = client_peer_by_name(c, name, PEER_ASKED);

	if (name_same(name, c->self.name))
		client_fail(c, c->serial, c->command, REASON_SELF, name);
	else if (asked != NULL && (p == asked || !asked->key_changed)) {
		/* Both want it. */
		if (!asked->key_changed)
			client_set_current(c, asked);
		client_allow(c, now, asked);
	} else if (p != NULL && p->state == PEER_OPEN &&
	    p->link_told != LINK_LOST) {
		client_set_current(c, p);
		link_doubt(&p->link, now);
		client_done(c, c->serial, c->command, true, EXIT_CODE_OK);
	} else if ((p != NULL && p->state != PEER_OPEN) ||
	    client_peer_by_name(c, name, PEER_LOOKING) != NULL ||
	    client_peer_by_name(c, name, PEER_ASKING) != NULL)
		client_fail(c, c->serial, c->command, REASON_BUSY, name);
	else {
		if (p != NULL)
			seek(c, now, p);
		look_up(c, now, name);
	}
}

void
client_take_theirs(struct client *c, usec_t now, struct peer *ours,
    struct peer *theirs)
{
	theirs->serial = ours->serial;
	theirs->command = ours->command;
	theirs->began_at = ours->began_at;
	calls_cancel(&c->up.calls, OP_REQUEST, ours->id);
	/* What was typed meanwhile moves along. */
	chan_fini(&theirs->link.chan);
	theirs->link.chan = ours->link.chan;
	chan_init(&ours->link.chan, 0);
	if (c->current == ours)
		c->current = theirs;
	ours->serial = 0;
	client_peer_drop(c, ours);
	client_allow(c, now, theirs);
}

static void
ask(struct client *c, usec_t now, struct peer *p)
{
	uint8_t body[REQUEST_LEN_MAX];
	struct wr w = wr_of(body, sizeof body);

	if (!client_look_up_trust(c, p)) {
		client_refuse(c, now, p, REASON_BLOCKED);
		return;
	}
	if (p->key_changed) {
		client_tell_key_changed(c, p);
		client_refuse(c, now, p, REASON_KEY_CHANGED);
		return;
	}
	if (!peer_ask(p, &c->self, &w)) {
		client_refuse(c, now, p, REASON_PROTOCOL);
		return;
	}
	p->state = PEER_ASKING;
	p->expires_at = now + PEER_REQUEST_US;
	tell_step(c, p, "asking");
	client_tcp_prepare(c, now, p);
	memcpy(p->request, body, w.len);
	p->request_len = w.len;
	client_peer_call(c, now, p, OP_REQUEST, body, w.len);
}

void
client_ask_again(struct client *c, usec_t now, struct peer *p)
{
	if (!calls_has(&c->up.calls, OP_REQUEST, p->id))
		client_peer_call(c, now, p, OP_REQUEST, p->request,
		    p->request_len);
}

/* The key of the name is known now. */
static void
ask_or_not(struct client *c, usec_t now, struct peer *p)
{
	struct peer *twin = client_peer_by_key(c, p->key, PEER_ASKED);
	struct peer *open = client_peer_by_key(c, p->key, PEER_OPEN);

	/* Its request came while we looked for the key; or it is somebody whom
	 * we talk with, or are about to, under another name. */
	if (twin != NULL && !twin->key_changed)
		client_take_theirs(c, now, p, twin);
	else if (open != NULL && open->is_connected &&
	    open->link_told != LINK_LOST) {
		client_set_current(c, open);
		have_already(c, p);
	} else if (client_peer_by_key(c, p->key, PEER_ASKING) != NULL ||
	    client_peer_by_key(c, p->key, PEER_ALLOWING) != NULL)
		client_refuse(c, now, p, REASON_BUSY);
	else
		ask(c, now, p);
}

void
client_looked_up(struct client *c, usec_t now, struct peer *p, struct rd body)
{
	char name[NAME_SIZE], checked[NAME_SIZE];
	const uint8_t *key;
	uint8_t flags;
	struct rd rest;

	wire_get_name(&body, name);
	key = get_bytes(&body, KEY_LEN);
	rest = body;
	get_u32(&rest);
	flags = get_u8(&rest); /* 0 where the server does not say */
	if (body.bad || key == NULL ||
	    name_check(name, strlen(name), checked) != NAME_OK ||
	    !name_same(checked, p->name)) {
		client_refuse(c, now, p, REASON_PROTOCOL);
		return;
	}
	if (memcmp(key, c->self.identity.public, KEY_LEN) == 0) {
		client_refuse(c, now, p, REASON_SELF);
		return;
	}
	memcpy(p->name, checked, NAME_SIZE);
	memcpy(p->key, key, KEY_LEN);
	p->has_key = true;
	p->is_tcp_only = (flags & LOOKUP_TCP) != 0;
	ask_or_not(c, now, p);
}
