#include "client_state.h"

#include "err.h"
#include "name.h"

#include <string.h>

static void
pin_server(struct client *c, usec_t now)
{
	int err;

	if (c->up.has_pin)
		return;
	c->up.has_pin = true;
	memcpy(c->up.pin, c->up.key, KEY_LEN);
	err = known_server_pin(c->known, c->conf.server_host,
	    c->conf.server_port, c->up.key, client_wall(c, now));
	c->has_new_servers = err == E_OK;
	if (err == E_FULL)
		client_tell_full(c, "the server", CLIENT_FILE_SERVERS);
}

/* ---- news of the server ---- */

void
client_tell_server(struct client *c, enum server_state state,
    enum reason reason, uint64_t ms)
{
	struct event *e = outbox_event(&c->self.out, EV_SERVER);

	e->server = state;
	e->reason = reason;
	e->addr = c->self.server;
	e->ms = ms;
}

/* We are called so from now on. */
static void
take_name(struct client *c, const char *name)
{
	if (!name_same(c->self.name, name))
		memcpy(c->self.name_beside, c->self.name, NAME_SIZE);
	memcpy(c->self.name, name, NAME_SIZE);
	memcpy(c->up.wanted, name, NAME_SIZE);
}

static void
registered(struct client *c, usec_t now, const struct wire_accept *accept)
{
	bool is_new = !name_same(c->self.name, accept->name);
	char wanted[NAME_SIZE];
	struct event *e;
	int i;

	c->refused_for = REASON_NONE;
	memcpy(wanted, c->up.wanted, NAME_SIZE);
	take_name(c, accept->name);
	pin_server(c, now);
	client_tell_server(c, SERVER_REGISTERED, REASON_NONE, 0);
	e = outbox_event(&c->self.out, EV_REGISTERED);
	memcpy(e->peer, c->self.name, NAME_SIZE);
	memcpy(e->key, c->self.identity.public, KEY_LEN);
	wire_key_id(e->key, e->key_id);
	e->addr = c->up.session_tcp ? c->up.accept.seen : c->self.seen;
	e->transport = c->up.session_tcp ? TRANSPORT_TCP : TRANSPORT_UDP;
	e->ok = is_new;
	if (!name_same(wanted, accept->name))
		memcpy(e->old_name, wanted, NAME_SIZE);
	e->ms = (now - c->up.began_at) / USEC_MS;
	client_nat_start(c, now);
	client_map_doubt(c, now);
	if (c->conf.subscribe)
		client_list_own(c, now);
	calls_cancel(&c->up.calls, OP_BLOCK, TELL_BLOCKS);
	c->blocks_told = 0;
	client_tell_blocks(c, now);
	/* Routes may be gone with the old registration. */
	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p != NULL && p->state == PEER_OPEN) {
			p->resumes = 0;
			p->resume_at = now;
		} else if (p != NULL && p->state == PEER_ASKING)
			client_ask_again(c, now, p); /* it may be gone then */
	}
}

static void
refused(struct client *c, const struct news *news)
{
	enum reason reason = REASON_SERVER_FULL;
	struct event *e;

	switch ((enum status)news->accept->status) {
	case STATUS_NAME_TAKEN:
		reason = REASON_NAME_TAKEN;
		break;
	case STATUS_NAME_BAD:
		reason = REASON_NAME_BAD;
		break;
	case STATUS_VERSION:
		reason = REASON_SERVER_VERSION;
		break;
	case STATUS_STORE:
		reason = REASON_SERVER_STORE;
		break;
	default:
		break;
	}
	/* It is tried again and again, and said once. */
	if (c->up.state != UPLINK_REFUSED && c->refused_for == reason)
		return;
	c->refused_for = reason;
	e = outbox_event(&c->self.out, EV_ERROR);
	e->code = reason_token(reason);
	e->text = reason_text(reason);
	e->len = strlen(e->text);
	e->reason = reason;
	e->exit_code = EXIT_CODE_RUNTIME;
	memcpy(e->peer, c->up.wanted, NAME_SIZE);
	/* A free name that resembles the one that was refused. */
	memcpy(e->old_name, news->accept->name, NAME_SIZE);
}

static void
server_key_changed(struct client *c)
{
	struct event *e = outbox_event(&c->self.out, EV_SERVER_KEY_CHANGED);

	e->addr = c->up.peer;
	memcpy(e->key, c->up.pin, KEY_LEN);
	memcpy(e->new_key, c->up.other, KEY_LEN);
}

/* Our address changed: peers learn it over what still works. */
static void
seen_changed(struct client *c, usec_t now)
{
	int i;

	client_nat_start(c, now);
	client_map_doubt(c, now);
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL && c->peers[i]->state == PEER_OPEN) {
			c->peers[i]->auto_at = now;
			client_want_resume(c, now, c->peers[i]);
		}
	client_tell_cands(c, now);
}

void
client_tell_cands(struct client *c, usec_t now)
{
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p == NULL || p->state != PEER_OPEN)
			continue;
		peer_send_cands(p, &c->self);
		p->guess.at = now;
		link_flush(&p->link, &c->self, &c->up, now);
	}
}

static void
observed(struct client *c, usec_t now, const struct news *news)
{
	if (!client_reroll_observed(c, now, news) &&
	    !client_near_observed(c, now, news) &&
	    !client_nat_observed(c, now, news))
		client_tcp_observed(c, now, news);
}

static void
tell_name(struct client *c, usec_t now)
{
	uint8_t buf[2 + NAME_MAX_LEN];
	struct wr w = wr_of(buf, sizeof buf);
	int i;

	put_u8(&w, CONTROL_NAME);
	wire_put_name(&w, c->self.name);
	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p == NULL || p->state != PEER_OPEN)
			continue;
		chan_send(&p->link.chan, STREAM_CONTROL, buf, w.len, NULL);
		link_flush(&p->link, &c->self, &c->up, now);
	}
}

enum reason
client_reason_of(const struct client *c, const struct news *news)
{
	if (news->kind == NEWS_CALL_FAILED)
		return c->is_leaving ? REASON_EXIT : REASON_SERVER_SILENT;
	switch ((enum status)news->status) {
	case STATUS_UNKNOWN:
		return REASON_UNKNOWN_NAME;
	case STATUS_GONE:
		return REASON_GONE;
	case STATUS_LIMIT:
		return REASON_RATE;
	case STATUS_FULL:
	case STATUS_TOO_MANY:
		return REASON_BUSY;
	case STATUS_NAME_TAKEN:
		return REASON_NAME_TAKEN;
	case STATUS_NAME_BAD:
		return REASON_NAME_BAD;
	case STATUS_STORE:
		return REASON_SERVER_STORE;
	default:
		return REASON_PROTOCOL;
	}
}

static void
renamed(struct client *c, usec_t now, const struct news *news)
{
	uint32_t serial = (uint32_t)news->tag;
	struct rd body = news->body;
	char name[NAME_SIZE], checked[NAME_SIZE];
	struct event *e;

	if (news->kind != NEWS_REPLY || news->status != STATUS_OK) {
		c->self.name_beside[0] = '\0';
		client_fail(c, serial, COMMAND_RENAME,
		    client_reason_of(c, news), "");
		return;
	}
	wire_get_name(&body, name);
	if (body.bad || name_check(name, strlen(name), checked) != NAME_OK) {
		client_fail(c, serial, COMMAND_RENAME, REASON_PROTOCOL, "");
		return;
	}
	e = outbox_event(&c->self.out, EV_RENAMED);
	memcpy(e->old_name, c->self.name, NAME_SIZE);
	memcpy(e->peer, checked, NAME_SIZE);
	take_name(c, checked);
	client_done(c, serial, COMMAND_RENAME, true, EXIT_CODE_OK);
	tell_name(c, now);
}

static void
take_reply(struct client *c, usec_t now, const struct news *news)
{
	switch ((enum op)news->op) {
	case OP_LIST:
		client_list_reply(c, now, news);
		break;
	case OP_LOOKUP:
	case OP_REQUEST:
	case OP_ALLOW:
		client_intro_reply(c, now, news);
		break;
	case OP_RENAME:
		renamed(c, now, news);
		break;
	case OP_RESUME:
		client_resume_reply(c, now, news);
		break;
	case OP_BLOCK:
		client_block_reply(c, now, news);
		break;
	case OP_ECHO:
		client_nat_echoed(c, now, news);
		break;
	case OP_SUBSCRIBE:
	case OP_HIDE:
	case OP_DENY:
	case OP_CANCEL:
	case OP_LEAVE:
	case OP_RELEASE:
		break;
	}
}

void
client_drop_calls(struct client *c, usec_t now)
{
	struct news news = { .kind = NEWS_CALL_FAILED };

	while (calls_give_up(&c->up.calls, USEC_NEVER, &news.op, &news.tag))
		take_reply(c, now, &news);
}

static void
take_push(struct client *c, usec_t now, struct news *news)
{
	enum push push = (enum push)news->push;

	if (push == PUSH_PRESENCE)
		client_presence(c, now, &news->body);
	else if (push == PUSH_RESUME)
		client_resume_push(c, now, &news->body);
	else if (push == PUSH_PROVE)
		/* Our address is another one: the answer says which. */
		uplink_doubt(&c->up, now);
	else
		client_intro_push(c, now, push, &news->body);
}

void
client_take_news(struct client *c, usec_t now)
{
	struct news news;

	while (uplink_news(&c->up, &c->self, now, &news)) {
		switch (news.kind) {
		case NEWS_REGISTERED:
			registered(c, now, news.accept);
			break;
		case NEWS_REFUSED:
			refused(c, &news);
			break;
		case NEWS_LOST:
			client_map_doubt(c, now);
			client_tell_server(c, SERVER_LOST,
			    REASON_SERVER_SILENT, 0);
			break;
		case NEWS_UNREACHABLE:
			client_tell_server(c, SERVER_UNREACHABLE,
			    REASON_SERVER_SILENT, news.ms);
			break;
		case NEWS_NO_NETWORK:
			client_tell_server(c, SERVER_UNREACHABLE,
			    REASON_NETWORK, news.ms);
			break;
		case NEWS_RESOLVE:
			client_tell_server(c, SERVER_UNREACHABLE,
			    REASON_RESOLVE, news.ms);
			break;
		case NEWS_KEY_CHANGED:
			server_key_changed(c);
			client_exit(c, now, EXIT_CODE_KEY);
			break;
		case NEWS_STOPPED:
			client_tell_server(c, SERVER_LOST,
			    REASON_SERVER_STOPPED, news.ms);
			break;
		case NEWS_SEEN:
			seen_changed(c, now);
			break;
		case NEWS_REPLY:
		case NEWS_CALL_FAILED:
			take_reply(c, now, &news);
			break;
		case NEWS_PUSH:
			take_push(c, now, &news);
			break;
		case NEWS_OBSERVED:
			observed(c, now, &news);
			break;
		}
	}
}
