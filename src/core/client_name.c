#include "client_state.h"

#include "name.h"

#include <string.h>

/* What a peer may bring about: three names and then one in 10 s. */
static const struct bucket_rate names = { .per_s = 1, .burst = 30 };

enum { NAME_COST = 10 };

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

static void
apply_name(struct client *c, usec_t now, struct peer *p)
{
	struct event *e;

	p->rename_at = USEC_NEVER;
	if (strcmp(p->new_name, p->name) == 0)
		return;
	/* To look whose name it is takes a while, too. */
	if (!bucket_take(&p->name_budget, &names, now, NAME_COST)) {
		p->rename_at = bucket_ready(&p->name_budget, &names, now,
		    NAME_COST);
		return;
	}
	if (!may_be_called(c, p, p->new_name))
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
		apply_name(c, now, p);
}

void
client_name_expire(struct client *c, usec_t now, struct peer *p)
{
	if (p->rename_at <= now)
		apply_name(c, now, p);
}
