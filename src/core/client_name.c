#include "client_state.h"

#include "name.h"

#include <string.h>

/* What a peer may bring about: three names and then one in 10 s. */
static const struct bucket_rate names = { .per_s = 1, .burst = 30 };

enum { NAME_COST = 10 };

#define NAME_AGAIN_US (10 * USEC_S)   /* after a server that did not answer */
#define NAME_UNKNOWN_US (60 * USEC_S) /* or did not know that name */

/* A peer cannot take the name of another that we know or have to do with, nor
 * ours. */
static bool
may_be_called(struct client *c, const struct peer *p, const char *name)
{
	const struct peer *other = client_peer_by_name(c, name, -1);

	return (other == NULL || other == p) &&
	    !name_same(name, c->self.name) &&
	    known_check(c->known, p->key, name) != KNOWN_CHANGED;
}

/* What the peer calls itself is its word only: the server knows whose name it
 * is. */
static void
ask_server(struct client *c, usec_t now, struct peer *p)
{
	uint8_t body[1 + NAME_MAX_LEN];
	struct wr w = wr_of(body, sizeof body);

	p->rename_at = USEC_NEVER;
	if (strcmp(p->new_name, p->name) == 0)
		return;
	if (calls_has(&c->up.calls, OP_LOOKUP, p->id)) {
		p->rename_at = now + NAME_AGAIN_US;
		return;
	}
	if (!bucket_take(&p->name_budget, &names, now, NAME_COST)) {
		p->rename_at = bucket_ready(&p->name_budget, &names, now,
		    NAME_COST);
		return;
	}
	if (!may_be_called(c, p, p->new_name))
		return;
	wire_put_name(&w, p->new_name);
	if (!uplink_call(&c->up, &c->self, now, OP_LOOKUP, p->id, body,
	    w.len))
		p->rename_at = now + NAME_AGAIN_US;
}

static void
apply_name(struct client *c, usec_t now, struct peer *p)
{
	struct event *e;

	if (strcmp(p->new_name, p->name) == 0 ||
	    !may_be_called(c, p, p->new_name))
		return;
	e = outbox_event(&c->self.out, EV_CLIENT);
	e->presence = PRESENCE_RENAMED;
	e->known = true;
	memcpy(e->old_name, p->name, NAME_SIZE);
	memcpy(e->peer, p->new_name, NAME_SIZE);
	wire_key_id(p->key, e->key_id);
	client_lookalike(c, p->new_name, e->key_id, e->lookalike);
	memcpy(p->name, p->new_name, NAME_SIZE);
	client_pin(c, now, p);
}

void
client_name_told(struct client *c, usec_t now, struct peer *p, struct rd *body)
{
	char name[NAME_SIZE];

	wire_get_name(body, name);
	if (!body->bad &&
	    name_check(name, strlen(name), p->new_name) == NAME_OK)
		ask_server(c, now, p);
}

void
client_name_found(struct client *c, usec_t now, struct peer *p,
    const struct news *news)
{
	struct rd body = news->body;
	char name[NAME_SIZE];
	const uint8_t *key;

	/* What was asked before there was a conversation. */
	if (p->new_name[0] == '\0')
		return;
	if (news->kind != NEWS_REPLY || news->status != STATUS_OK) {
		p->rename_at = now + (news->status == STATUS_UNKNOWN ?
		    NAME_UNKNOWN_US : NAME_AGAIN_US);
		return;
	}
	wire_get_name(&body, name);
	key = get_bytes(&body, KEY_LEN);
	if (!body.bad && memcmp(key, p->key, KEY_LEN) == 0 &&
	    strcmp(name, p->new_name) == 0)
		apply_name(c, now, p);
}

void
client_name_expire(struct client *c, usec_t now, struct peer *p)
{
	if (p->rename_at <= now)
		ask_server(c, now, p);
}
