#include "client_state.h"

#include "name.h"

#include <string.h>

/* Of two with one name: a conversation before what may become one, and that
 * before somebody's request. */
static const uint8_t ranks[] = {
	[PEER_OPEN] = 4,
	[PEER_ALLOWING] = 3,
	[PEER_ASKING] = 2,
	[PEER_LOOKING] = 1,
	[PEER_ASKED] = 0,
};

struct peer *
client_peer_by_name(struct client *c, const char *name, int state)
{
	struct peer *best = NULL;
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p == NULL || p->is_hidden || !name_same(p->name, name) ||
		    (state >= 0 && p->state != (unsigned)state))
			continue;
		if (best == NULL || ranks[p->state] > ranks[best->state])
			best = p;
	}
	return best;
}

struct peer *
client_peer_by_id(struct client *c, uint64_t id)
{
	int i;

	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL && c->peers[i]->id == id)
			return c->peers[i];
	return NULL;
}

struct peer *
client_peer_by_key(struct client *c, const uint8_t *key, int state)
{
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p != NULL && p->has_key &&
		    (state < 0 || p->state == (unsigned)state) &&
		    memcmp(p->key, key, KEY_LEN) == 0)
			return p;
	}
	return NULL;
}

struct peer *
client_peer_add(struct client *c, const char *name, enum peer_state state)
{
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		if (c->peers[i] != NULL)
			continue;
		c->peers[i] = peer_new(++c->next_id, name, state);
		return c->peers[i];
	}
	return NULL;
}

/* The server repeats a request whose receipt it has not heard of, even when it
 * has ended here. */
static void
note_past(struct client *c, const struct peer *p)
{
	if (p->state == PEER_ASKED || p->state == PEER_ALLOWING)
		memcpy(c->past[c->past_next++ % PAST_MAX], p->nonce,
		    NONCE_LEN);
}

bool
client_is_past(const struct client *c, const uint8_t *nonce)
{
	int i;

	for (i = 0; i < PAST_MAX; i++)
		if (memcmp(c->past[i], nonce, NONCE_LEN) == 0)
			return true;
	return false;
}

void
client_peer_drop(struct client *c, struct peer *p)
{
	static const enum op ops[] = { OP_LOOKUP, OP_REQUEST, OP_ALLOW,
		OP_RESUME };
	size_t i;

	for (i = 0; i < sizeof ops / sizeof ops[0]; i++)
		calls_cancel(&c->up.calls, ops[i], p->id);
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] == p)
			c->peers[i] = NULL;
	note_past(c, p);
	if (c->popped == p)
		c->popped = NULL;
	if (c->current == p)
		client_set_current(c, NULL);
	peer_free(p);
	client_tcp_unlearn(c);
	client_spray_tidy(c);
}
