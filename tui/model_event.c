#include "tui/model.h"

#include "core/name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FLAP_WINDOW_US (120 * USEC_S)
enum { FLAPS_TOLD = 5 };

/* Where the answer to a command belongs. */
static struct chat *
origin(struct model *m, const struct event *ev)
{
	const struct model_serial *s =
	    &m->serials[ev->serial % MODEL_SERIALS_MAX];
	struct chat *c = NULL;

	if (ev->serial != 0 && s->serial == ev->serial)
		c = model_chat(m, s->chat);
	return c != NULL ? c : model_shown(m);
}

/* ---- the server ---- */

static void
on_server(struct model *m, usec_t now, int64_t wall_s, const struct event *ev)
{
	static const char way_out[] = "Enter tries at once. For another server "
	    "/exit, then gop2p-tui -s HOST.";

	bool is_news = ev->server != m->server ||
	    (ev->server == SERVER_UNREACHABLE &&
	    ev->reason != m->server_reason);

	if (is_news) {
		/* From lost to unreachable nothing gets better. */
		if (m->server == SERVER_REGISTERED ||
		    ev->server == SERVER_REGISTERED)
			m->server_since = now;
		model_tell(m, m->chats[0], wall_s, ev);
		if (ev->server == SERVER_UNREACHABLE && !m->was_registered)
			model_say(m, m->chats[0], wall_s, ENTRY_MORE, way_out,
			    sizeof(way_out) - 1);
		if (m->shown != 0 && m->was_registered)
			model_tell(m, model_shown(m), wall_s, ev);
	}
	m->server_tries = ev->server == SERVER_REGISTERED ? 0 :
	    m->server_tries + 1;
	m->server = ev->server;
	m->server_reason = ev->reason;
	m->retry_at = ev->ms > 0 ? now + ev->ms * USEC_MS : USEC_NEVER;
}

static void
on_registered(struct model *m, int64_t wall_s, const struct event *ev)
{
	memcpy(m->name, ev->peer, NAME_SIZE);
	memcpy(m->key, ev->key, KEY_LEN);
	m->has_key = true;
	m->seen = ev->addr;
	m->taken[0] = '\0';
	m->was_registered = true;
	model_tell(m, m->chats[0], wall_s, ev);
}

static void
on_error(struct model *m, int64_t wall_s, const struct event *ev)
{
	struct model_serial *s = &m->serials[ev->serial % MODEL_SERIALS_MAX];
	struct chat *c = origin(m, ev);
	struct entry *e;

	if (ev->serial == 0 && ev->command == COMMAND_NONE &&
	    (ev->reason == REASON_NAME_TAKEN ||
	    ev->reason == REASON_NAME_BAD)) {
		memcpy(m->taken, ev->peer, NAME_SIZE);
		memcpy(m->free_name, ev->old_name, NAME_SIZE);
	}
	/* What was written and not taken stays to be seen. */
	if (ev->serial != 0 && s->serial == ev->serial && s->text != NULL) {
		e = backlog_add(&c->log, ENTRY_OWN, wall_s, s->text,
		    strlen(s->text));
		if (e != NULL)
			e->mark = MARK_FAILED;
		free(s->text);
		s->text = NULL;
	}
	model_tell(m, c, wall_s, ev);
}

/* What has no other answer, about somebody who was named. */
static bool
tell_done(struct model *m, int64_t wall_s, const struct event *ev,
    const char *name)
{
	char text[256];

	if (!ev->ok || name[0] == '\0')
		return false;
	switch (ev->command) {
	case COMMAND_DENY:
		snprintf(text, sizeof(text), "You said no to %s.", name);
		break;
	case COMMAND_BLOCK:
		snprintf(text, sizeof(text), "%s is blocked: nothing comes "
		    "from that key any more. \"/unblock %s\" undoes it.",
		    name, name);
		break;
	case COMMAND_UNBLOCK:
		snprintf(text, sizeof(text), "%s is not blocked any more.",
		    name);
		break;
	default:
		return false;
	}
	model_say(m, origin(m, ev), wall_s, ENTRY_EVENT, text, strlen(text));
	return true;
}

static void
on_done(struct model *m, usec_t now, int64_t wall_s, const struct event *ev)
{
	struct model_serial *s = &m->serials[ev->serial % MODEL_SERIALS_MAX];

	if (s->serial != ev->serial)
		return;
	if (ev->ok && ev->command == COMMAND_TRUST)
		model_unblock(m, now, wall_s, s->name);
	else if (!tell_done(m, wall_s, ev, s->name))
		model_tell(m, origin(m, ev), wall_s, ev);
	free(s->text);
	*s = (struct model_serial){ 0 };
}

/* ---- requests ---- */

static void
on_request(struct model *m, usec_t now, int64_t wall_s, const struct event *ev)
{
	struct wish *w = model_wish(m, ev->peer);

	if (w == NULL && m->wish_count < REQUESTS_MAX)
		w = &m->wishes[m->wish_count++];
	if (w == NULL)
		return;
	if (w == m->wishes)
		m->wish_shown_at = now;
	*w = (struct wish){ .known = ev->known, .verified = ev->verified,
		.key_changed = !ev->ok,
		.expires_at = now + ev->ms * USEC_MS };
	memcpy(w->name, ev->peer, NAME_SIZE);
	memcpy(w->lookalike, ev->lookalike, NAME_SIZE);
	memcpy(w->key, ev->key, KEY_LEN);
	model_wishes_changed(m);
	model_tell(m, m->chats[0], wall_s, ev);
	if (alert_request(&m->alert, now, m->focus_known && m->focused))
		model_deed(m, DEED_BELL, ev->peer, strlen(ev->peer));
}

/* ---- conversations ---- */

static void
on_connecting(struct model *m, usec_t now, int64_t wall_s,
    const struct event *ev)
{
	struct chat *c = model_open(m, ev->peer);

	if (c->state != CHAT_ASKING)
		chat_enter(c, now, wall_s, CHAT_ASKING);
	model_tell(m, c, wall_s, ev);
}

static void
mark_sent(struct chat *c)
{
	for (uint64_t n = backlog_end(&c->log); n-- > backlog_begin(&c->log);) {
		struct entry *e = backlog_get(&c->log, n);

		if (e->mark == MARK_WAITING)
			e->mark = MARK_SENT;
		else if (e->mark == MARK_DELIVERED)
			break;
	}
}

static void
on_connected(struct model *m, usec_t now, int64_t wall_s,
    const struct event *ev)
{
	struct chat *c = model_chat_of(m, ev->peer, ev->key);

	chat_enter(c, now, wall_s, CHAT_OPEN);
	c->transport = ev->transport;
	c->addr = ev->addr;
	c->known = ev->known;
	c->verified = ev->verified;
	c->up_at = now;
	mark_sent(c);
	model_drop_wish(m, now, ev->peer);
	model_tell(m, c, wall_s, ev);
	if (m->shown == 0 && m->edit.text.len == 0 && m->over == OVER_NONE)
		model_show(m, now, model_number(m, c));
}

/* What comes and goes is told a few times, then only shown. */
static void
tell_change(struct model *m, struct chat *c, usec_t now, int64_t wall_s,
    const struct event *ev)
{
	static const char often[] = "The link changes often; the status line "
	    "shows it.";

	if (now > c->flapped_at + FLAP_WINDOW_US) {
		c->flapped_at = now;
		c->flaps = 0;
	}
	if (++c->flaps <= FLAPS_TOLD)
		model_tell(m, c, wall_s, ev);
	else if (c->flaps == FLAPS_TOLD + 1)
		model_say(m, c, wall_s, ENTRY_EVENT, often,
		    sizeof(often) - 1);
}

static void
on_transport(struct model *m, usec_t now, int64_t wall_s,
    const struct event *ev)
{
	struct chat *c = model_open(m, ev->peer);

	c->transport = ev->transport;
	c->addr = ev->addr;
	c->has_rtt = false;
	if (ev->transport != TRANSPORT_NONE)
		mark_sent(c);
	tell_change(m, c, now, wall_s, ev);
}

static void
on_ended(struct model *m, usec_t now, int64_t wall_s, const struct event *ev)
{
	struct chat *c = model_open(m, ev->peer);
	enum chat_state state = ev->kind == EV_DENIED ? CHAT_DENIED :
	    ev->kind == EV_FAILED ? CHAT_FAILED : CHAT_IDLE;

	if (c->state == CHAT_KEY && ev->reason == REASON_KEY_CHANGED)
		return;
	if (ev->reason == REASON_CANCELLED)
		state = CHAT_IDLE;
	chat_enter(c, now, wall_s, state);
	c->reason = ev->reason;
	model_tell(m, c, wall_s, ev);
}

static void
on_link(struct model *m, usec_t now, int64_t wall_s, const struct event *ev)
{
	struct chat *c = model_open(m, ev->peer);

	if (c->link == LINK_OK)
		c->since = now;
	c->link = ev->link;
	c->heard_at = now - ev->ms * USEC_MS;
	tell_change(m, c, now, wall_s, ev);
}

static void
on_key_changed(struct model *m, usec_t now, int64_t wall_s,
    const struct event *ev)
{
	struct chat *c = model_find(m, ev->peer);

	/* Who else comes under the name of somebody whom we talk with does not
	 * end that conversation. */
	if (c != NULL && c->state != CHAT_OPEN) {
		chat_enter(c, now, wall_s, CHAT_KEY);
		c->verified = false;
	}
	model_tell(m, c == NULL ? m->chats[0] : c, wall_s, ev);
}

static void
on_client(struct model *m, int64_t wall_s, const struct event *ev)
{
	struct chat *c = model_find(m, ev->presence == PRESENCE_RENAMED ?
	    ev->old_name : ev->peer);

	if (c == NULL)
		return;
	if (ev->presence == PRESENCE_RENAMED)
		memcpy(c->name, ev->peer, NAME_SIZE);
	model_tell(m, c, wall_s, ev);
}

/* ---- messages ---- */

static void
on_message(struct model *m, usec_t now, int64_t wall_s, const struct event *ev)
{
	struct chat *c = model_chat_of(m, ev->peer, ev->key);
	struct entry *e = backlog_add(&c->log, ENTRY_THEIRS, wall_s, ev->text,
	    ev->len);
	bool is_seen = model_is_seen(m, now, c);

	if (e == NULL)
		return;
	e->id = ev->id;
	if (!is_seen) {
		c->unread++;
		if (c->unread_from == 0)
			c->unread_from = e->number;
	}
	if (alert_message(&m->alert, now, is_seen))
		model_deed(m, DEED_BELL, c->name, strlen(c->name));
}

static void
on_queued(struct model *m, int64_t wall_s, const struct event *ev)
{
	struct chat *c = model_open(m, ev->peer);
	struct entry *e = backlog_add(&c->log, ENTRY_OWN, wall_s, ev->text,
	    ev->len);

	if (e == NULL)
		return;
	e->id = ev->id;
	e->mark = c->state == CHAT_OPEN && c->transport != TRANSPORT_NONE &&
	    c->link != LINK_LOST ? MARK_SENT : MARK_WAITING;
	c->waiting++;
}

static void
on_delivered(struct model *m, int64_t wall_s, const struct event *ev)
{
	struct chat *c = model_open(m, ev->peer);
	struct entry *e = backlog_message(&c->log, ev->id);

	if (c->waiting > 0)
		c->waiting--;
	if (ev->kind == EV_DELIVERED) {
		if (e != NULL)
			e->mark = MARK_DELIVERED;
		return;
	}
	if (e == NULL)
		e = backlog_add(&c->log, ENTRY_OWN, wall_s, ev->text, ev->len);
	if (e != NULL)
		e->mark = MARK_FAILED;
}

static bool
on_talk(struct model *m, usec_t now, int64_t wall_s, const struct event *ev)
{
	switch (ev->kind) {
	case EV_CONNECTING:
		on_connecting(m, now, wall_s, ev);
		return true;
	case EV_CONNECTED:
		on_connected(m, now, wall_s, ev);
		return true;
	case EV_TRANSPORT:
		on_transport(m, now, wall_s, ev);
		return true;
	case EV_DENIED:
	case EV_FAILED:
	case EV_DISCONNECTED:
		on_ended(m, now, wall_s, ev);
		return true;
	case EV_LINK:
		on_link(m, now, wall_s, ev);
		return true;
	case EV_MESSAGE:
		on_message(m, now, wall_s, ev);
		return true;
	case EV_QUEUED:
		on_queued(m, wall_s, ev);
		return true;
	case EV_DELIVERED:
	case EV_UNDELIVERED:
		on_delivered(m, wall_s, ev);
		return true;
	default:
		return false;
	}
}

void
model_event(struct model *m, usec_t now, int64_t wall_s,
    const struct event *ev)
{
	m->dirty = true;
	if (on_talk(m, now, wall_s, ev))
		return;
	switch (ev->kind) {
	case EV_REGISTERED:
		on_registered(m, wall_s, ev);
		break;
	case EV_SERVER:
		on_server(m, now, wall_s, ev);
		break;
	case EV_CLIENT:
		on_client(m, wall_s, ev);
		break;
	case EV_REQUEST:
		on_request(m, now, wall_s, ev);
		break;
	case EV_REQUEST_ENDED:
		model_drop_wish(m, now, ev->peer);
		model_tell(m, m->chats[0], wall_s, ev);
		break;
	case EV_KEY_CHANGED:
		on_key_changed(m, now, wall_s, ev);
		break;
	case EV_SERVER_KEY_CHANGED:
		model_tell(m, m->chats[0], wall_s, ev);
		model_show(m, now, 0);
		break;
	case EV_VERIFY:
		model_verify(m, now, wall_s, ev);
		break;
	case EV_RENAMED:
		memcpy(m->name, ev->peer, NAME_SIZE);
		model_tell(m, model_shown(m), wall_s, ev);
		break;
	case EV_ERROR:
		on_error(m, wall_s, ev);
		break;
	case EV_DONE:
		on_done(m, now, wall_s, ev);
		break;
	case EV_EXIT:
		m->has_left = true;
		m->exit_code = ev->exit_code;
		break;
	case EV_CURRENT:
		break;
	default:
		model_tell(m, origin(m, ev), wall_s, ev);
		break;
	}
}
