#include "client_state.h"

#include "err.h"
#include "name.h"

#include <stdio.h>
#include <string.h>

static void
ok(struct client *c)
{
	client_done(c, c->serial, c->command, true, EXIT_CODE_OK);
}

static void
fail(struct client *c, enum reason reason, const char *peer)
{
	client_fail(c, c->serial, c->command, reason, peer);
}

void
client_fail_text(struct client *c, const char *code, const char *text,
    enum exit_code exit_code)
{
	struct event *e = outbox_event(&c->self.out, EV_ERROR);

	e->serial = c->serial;
	e->command = c->command;
	e->code = code;
	e->text = text;
	e->len = strlen(text);
	client_done(c, c->serial, c->command, false, exit_code);
}

/* The conversation that a command is about: the named or the current one; NULL
 * after telling that there is none. */
static struct peer *
conversation(struct client *c, const char *name)
{
	struct peer *p = *name != '\0' ?
	    client_peer_by_name(c, name, -1) : c->current;

	if (p != NULL && p->state != PEER_ASKED)
		return p;
	client_fail_text(c, "no-conversation", *name != '\0' ?
	    "there is no conversation with that name: 'connect NAME' asks "
	    "for one" : "there is no conversation: 'connect NAME' asks for "
	    "one", EXIT_CODE_RUNTIME);
	return NULL;
}

/* The request that a command is about: the named one, or the only one. Whoever
 * comes with a name that is not his does not stand in its owner's way. */
static struct peer *
request(struct client *c, const char *name)
{
	struct peer *p = NULL;
	size_t n = 0;
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *one = c->peers[i];

		if (one == NULL || one->state != PEER_ASKED || one->is_hidden)
			continue;
		if (*name != '\0' && !name_same(one->name, name))
			continue;
		if (p != NULL && name_same(p->name, one->name) &&
		    p->key_changed != one->key_changed) {
			p = p->key_changed ? one : p;
			continue;
		}
		p = one;
		n++;
	}
	if (n == 1)
		return p;
	client_fail_text(c, n == 0 ? "no-request" : "which-request", n == 0 ?
	    "nobody is asking: 'requests' shows who does" :
	    "more than one is asking: say which, 'requests' shows them",
	    EXIT_CODE_RUNTIME);
	return NULL;
}

static void
do_all(struct client *c, usec_t now, const struct command *cmd)
{
	char prefix[NAME_SIZE] = "";

	if (cmd->len > 0)
		memcpy(prefix, cmd->text, cmd->len < NAME_MAX_LEN ?
		    cmd->len : NAME_MAX_LEN);
	client_list(c, now, prefix);
}

static void
do_allow(struct client *c, usec_t now, const struct command *cmd)
{
	struct peer *p = request(c, cmd->name);

	if (p != NULL)
		client_allow(c, now, p);
}

static void
do_deny(struct client *c, usec_t now, const struct command *cmd)
{
	struct peer *p = request(c, cmd->name);

	if (p == NULL)
		return;
	client_deny(c, now, p, false);
	ok(c);
}

static void
do_msg(struct client *c, usec_t now, const struct command *cmd)
{
	struct peer *p = conversation(c, cmd->name);
	struct event *e;
	uint64_t id;
	int err;

	if (p == NULL)
		return;
	err = link_text(&p->link, &c->self, &c->up, now, cmd->text, cmd->len,
	    &id);
	if (err != E_OK) {
		client_fail_text(c, err == E_FULL ? "queue-full" : "bad-text",
		    err == E_FULL ? "too much waits to be delivered: try "
		    "again when some of it has been" :
		    "a message has 1 to 65536 bytes", EXIT_CODE_RUNTIME);
		return;
	}
	if (*cmd->name != '\0')
		client_set_current(c, p);
	e = outbox_event(&c->self.out, EV_QUEUED);
	memcpy(e->peer, p->name, NAME_SIZE);
	e->id = id;
	e->text = (const char *)outbox_keep(&c->self.out, cmd->text,
	    cmd->len);
	e->len = e->text != NULL ? cmd->len : 0;
	e->serial = c->serial;
	ok(c);
	client_attend(c, now, p);
}

static void
do_rename(struct client *c, usec_t now, const struct command *cmd)
{
	uint8_t body[NAME_SIZE];
	struct wr w = wr_of(body, sizeof body);

	if (c->up.state == UPLINK_REFUSED || !c->up.was_up) {
		/* The first name was refused, or has not been asked for. */
		memcpy(c->up.wanted, cmd->name, NAME_SIZE);
		/* Or just then: it is asked for anew. */
		if (c->up.state == UPLINK_REFUSED ||
		    c->up.state == UPLINK_SHAKING ||
		    c->up.state == UPLINK_CONFIRMING)
			uplink_start(&c->up, &c->self, now);
		ok(c);
		return;
	}
	if (!c->up.is_up) {
		fail(c, REASON_SERVER_SILENT, "");
		return;
	}
	wire_put_name(&w, cmd->name);
	memcpy(c->self.name_beside, cmd->name, NAME_SIZE);
	if (!uplink_call(&c->up, &c->self, now, OP_RENAME, c->serial, body,
	    w.len))
		fail(c, REASON_BUSY, "");
}

static void
do_udp(struct client *c, usec_t now, struct peer *p)
{
	uint8_t buf[2] = { CONTROL_PREFER, TRANSPORT_UDP };

	link_prefer(&p->link, TRANSPORT_UDP);
	chan_send(&p->link.chan, STREAM_CONTROL, buf, sizeof buf, NULL);
	ok(c);
	client_attend(c, now, p);
}

static void
do_transport(struct client *c, usec_t now, const char *name, bool tcp)
{
	struct peer *p = conversation(c, name);

	if (p == NULL)
		return;
	if (!p->is_connected)
		client_fail_text(c, "not-connected",
		    "the conversation has no link yet: wait for it",
		    EXIT_CODE_RUNTIME);
	else if (tcp) {
		client_tcp_start(c, now, p, true);
		client_attend(c, now, p);
	} else
		do_udp(c, now, p);
}

static void
do_disconnect(struct client *c, usec_t now, const struct command *cmd)
{
	struct peer *p = conversation(c, cmd->name);

	if (p == NULL)
		return;
	if (p->state == PEER_OPEN)
		client_end(c, now, p, REASON_LEFT);
	else {
		client_take_back(c, now, p);
		client_refuse(c, now, p, REASON_CANCELLED);
	}
	ok(c);
}

static void
do_requests(struct client *c, usec_t now)
{
	struct person people[PEERS_MAX];
	struct event *e;
	size_t n = 0;
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		const struct peer *p = c->peers[i];

		if (p == NULL || p->state != PEER_ASKED || p->is_hidden)
			continue;
		memset(&people[n], 0, sizeof *people);
		memcpy(people[n].name, p->name, NAME_SIZE);
		wire_key_id(p->key, people[n].key_id);
		people[n].since_s = (uint32_t)((now + PEER_REQUEST_US -
		    p->expires_at) / USEC_S);
		people[n].known = p->known;
		people[n].verified = p->verified;
		client_lookalike(c, p->name, people[n].key_id,
		    people[n].lookalike);
		n++;
	}
	e = outbox_event(&c->self.out, EV_REQUESTS);
	e->count = n;
	e->list = (const struct person *)outbox_keep(&c->self.out, people,
	    n * sizeof *people);
	ok(c);
}

/* ---- status and why ---- */

/* A copy for an event, with what it points to. */
/* Nobody of that name is at hand, but there was somebody. */
static bool
is_about_failure(struct client *c, const char *name)
{
	const struct peer *p = *name != '\0' ?
	    client_peer_by_name(c, name, -1) : c->current;

	return (p == NULL || p->state == PEER_ASKED) &&
	    c->failure.name[0] != '\0' &&
	    (*name == '\0' || name_same(c->failure.name, name));
}

static void
do_why(struct client *c, usec_t now, const struct command *cmd)
{
	bool is_over = is_about_failure(c, cmd->name);
	struct peer *p = is_over ? NULL : conversation(c, cmd->name);
	struct why why = c->failure.why;
	struct event *e;

	if (p == NULL && !is_over)
		return;
	if (p != NULL) {
		punch_note(&p->punch, &p->link, now);
		client_why(c, now, p, &why);
	}
	e = outbox_event(&c->self.out, EV_WHY);
	memcpy(e->peer, p != NULL ? p->name : c->failure.name, NAME_SIZE);
	e->report = client_keep_why(c, &why);
	e->reason = why.reason;
	ok(c);
}

static void
tell_status(struct client *c, usec_t now, const struct peer *p, uint64_t nth)
{
	struct event *e;
	struct why why;

	client_why(c, now, p, &why);
	e = outbox_event(&c->self.out, EV_STATUS);
	if (p != NULL)
		memcpy(e->peer, p->name, NAME_SIZE);
	e->id = nth;
	memcpy(e->old_name, c->self.name, NAME_SIZE);
	memcpy(e->key, c->self.identity.public, KEY_LEN);
	e->server = client_server_state(c);
	e->addr = c->self.server;
	e->report = client_keep_why(c, &why);
	e->count = client_undelivered(c);
}

static void
do_status(struct client *c, usec_t now)
{
	uint64_t n = 0;

	tell_status(c, now, c->current, n++);
	for (int i = 0; i < PEERS_MAX; i++) {
		const struct peer *p = c->peers[i];

		if (p != NULL && p != c->current && p->state == PEER_OPEN)
			tell_status(c, now, p, n++);
	}
	ok(c);
}

/* ---- the rest ---- */

static void
do_help(struct client *c, const struct command *cmd)
{
	char help[COMMAND_HELP_SIZE];
	size_t len = command_help(cmd->topic, help);
	struct event *e = outbox_event(&c->self.out, EV_HELP);

	e->text = (const char *)outbox_keep(&c->self.out, help, len);
	e->len = e->text != NULL ? len : 0;
	ok(c);
}

static void
carry_out(struct client *c, usec_t now, const struct command *cmd)
{
	switch (cmd->id) {
	case COMMAND_ALL:
		do_all(c, now, cmd);
		break;
	case COMMAND_CONNECT:
		client_connect(c, now, cmd->name);
		break;
	case COMMAND_ALLOW:
		do_allow(c, now, cmd);
		break;
	case COMMAND_DENY:
		do_deny(c, now, cmd);
		break;
	case COMMAND_MSG:
		do_msg(c, now, cmd);
		break;
	case COMMAND_TCP:
		do_transport(c, now, cmd->name, true);
		break;
	case COMMAND_UDP:
		do_transport(c, now, cmd->name, false);
		break;
	case COMMAND_DISCONNECT:
		do_disconnect(c, now, cmd);
		break;
	case COMMAND_RENAME:
		do_rename(c, now, cmd);
		break;
	case COMMAND_REQUESTS:
		do_requests(c, now);
		break;
	case COMMAND_STATUS:
		do_status(c, now);
		break;
	case COMMAND_WHY:
		do_why(c, now, cmd);
		break;
	case COMMAND_NETCHECK:
		client_netcheck(c, now);
		break;
	case COMMAND_VERIFY:
		client_verify(c, now, cmd);
		break;
	case COMMAND_TRUST:
		client_trust(c, now, cmd);
		break;
	case COMMAND_BLOCK:
		client_block(c, now, cmd, true);
		break;
	case COMMAND_UNBLOCK:
		client_block(c, now, cmd, false);
		break;
	case COMMAND_HELP:
		do_help(c, cmd);
		break;
	case COMMAND_EXIT:
		ok(c);
		client_exit(c, now, EXIT_CODE_OK);
		break;
	case COMMAND_NONE:
	case COMMAND_COUNT:
		ok(c);
		break;
	}
}

void
client_do(struct client *c, usec_t now, const struct command *cmd,
    uint32_t serial)
{
	c->serial = serial;
	c->command = (uint8_t)cmd->id;
	if (c->is_leaving && !c->has_left && cmd->id != COMMAND_EXIT)
		fail(c, REASON_EXIT, "");
	else
		carry_out(c, now, cmd);
	/* What happens from now on is not its doing. */
	c->serial = c->command = 0;
}
