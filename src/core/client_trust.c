#include "client_state.h"

#include "err.h"
#include "name.h"

#include <string.h>

/* ---- what the store says ---- */

bool
client_look_up_trust(struct client *c, struct peer *p)
{
	const struct known_peer *k = known_by_key(c->known, p->key);
	enum known_verdict verdict = known_check(c->known, p->key, p->name);

	p->known = k != NULL;
	p->verified = k != NULL && k->verified;
	p->key_changed = verdict == KNOWN_CHANGED;
	return verdict != KNOWN_BLOCKED;
}

void
client_lookalike(const struct client *c, const char *name,
    const uint8_t id[static KEY_ID_LEN], char out[static NAME_SIZE])
{
	const struct known_peer *k = known_lookalike(c->known, name, id);

	memset(out, 0, NAME_SIZE);
	if (k != NULL)
		memcpy(out, k->name, NAME_SIZE);
}

static struct offer *
find_offer(struct client *c, const char *name)
{
	int i;

	for (i = 0; i < OFFERS_MAX; i++)
		if (c->offers[i].name[0] != '\0' &&
		    name_same(c->offers[i].name, name))
			return &c->offers[i];
	return NULL;
}

/* Remembers with which key a name came. Whoever reads one key on the screen
 * and types "trust NAME" may have missed that another came meanwhile, which
 * the attacker chose: then he is asked again. That goes as well for a name
 * whose place was taken from it. */
static void
offer(struct client *c, const char *name, const uint8_t *key)
{
	struct offer *o = find_offer(c, name);
	bool is_another = c->offers_lost;

	if (o != NULL) {
		is_another = o->is_another ||
		    memcmp(o->key, key, KEY_LEN) != 0;
	} else {
		o = &c->offers[c->offers_next++ % OFFERS_MAX];
		is_another = c->offers_lost = c->offers_lost ||
		    o->name[0] != '\0';
	}
	memcpy(o->name, name, NAME_SIZE);
	memcpy(o->key, key, KEY_LEN);
	o->is_another = is_another;
}

static void
tell_key(struct client *c, const char *name, const uint8_t *key)
{
	const struct known_peer *k = known_by_name(c->known, name);
	struct event *e = outbox_event(&c->self.out, EV_KEY_CHANGED);

	memcpy(e->peer, name, NAME_SIZE);
	if (k != NULL)
		memcpy(e->key, k->key, KEY_LEN);
	memcpy(e->new_key, key, KEY_LEN);
}

void
client_pin(struct client *c, usec_t now, struct peer *p)
{
	int err;

	p->known = known_by_key(c->known, p->key) != NULL;
	err = known_pin(c->known, p->key, p->name, client_wall(c, now));
	if (err == E_OK)
		client_save_known(c);
	else if (err == E_FULL)
		client_tell_full(c, p->name, CLIENT_FILE_PEERS);
}

void
client_tell_key_changed(struct client *c, const struct peer *p)
{
	tell_key(c, p->name, p->key);
	offer(c, p->name, p->key);
}

/* ---- verify ---- */

/* The key that a name stands for: of a peer at hand, else of the store. name
 * becomes the one that it has. */
static const uint8_t *
key_of(struct client *c, char name[static NAME_SIZE])
{
	struct peer *p = *name != '\0' ?
	    client_peer_by_name(c, name, -1) : c->current;
	const struct known_peer *k;

	if (p != NULL && p->has_key) {
		memcpy(name, p->name, NAME_SIZE);
		return p->key;
	}
	k = *name != '\0' ? known_by_name(c->known, name) : NULL;
	if (k != NULL) {
		memcpy(name, k->name, NAME_SIZE);
		return k->key;
	}
	client_fail_text(c, "unknown-key", "no key of that name is known "
	    "here: 'all' shows who is online", EXIT_CODE_RUNTIME);
	return NULL;
}

static void
fail_full(struct client *c)
{
	client_fail_text(c, "known-full", "no more keys can be remembered: "
	    "leave, and delete lines of the file known_peers of the profile",
	    EXIT_CODE_RUNTIME);
}

/* Whoever is not known yet is from now on. */
static bool
mark_verified(struct client *c, usec_t now, const char *name,
    const uint8_t *key, bool is_verified)
{
	int i, err = E_OK;

	if (is_verified && known_by_key(c->known, key) == NULL)
		err = known_pin(c->known, key, name, client_wall(c, now));
	if (err == E_TAKEN) {
		client_fail(c, c->serial, c->command, REASON_KEY_CHANGED,
		    name);
		return false;
	}
	if (err != E_OK) {
		fail_full(c);
		return false;
	}
	known_verify(c->known, key, is_verified);
	client_save_known(c);
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL &&
		    memcmp(c->peers[i]->key, key, KEY_LEN) == 0) {
			c->peers[i]->known |= is_verified;
			c->peers[i]->verified = is_verified;
		}
	return true;
}

/* What a name came with last is what is to be compared, unless we talk with
 * whoever has the name. */
static struct offer *
offer_to_verify(struct client *c, const char *name)
{
	bool is_talk = client_peer_by_name(c, name, PEER_OPEN) != NULL;

	return *name == '\0' || is_talk ? NULL : find_offer(c, name);
}

/* A yes is for the number that was shown last. A name is not enough: whoever
 * looks at Bob's number and types "verify Ann yes", or "verify yes" when
 * another conversation has become the current one, has compared nothing. */
static bool
was_shown(const struct client *c, const uint8_t *key)
{
	return c->shown_name[0] != '\0' &&
	    memcmp(c->shown_key, key, KEY_LEN) == 0;
}

static void
tell_number(struct client *c, const char *name, const uint8_t *key,
    bool is_verdict)
{
	const struct known_peer *k = known_by_key(c->known, key);
	struct event *e = outbox_event(&c->self.out, EV_VERIFY);
	char number[IDENT_NUMBER_SIZE];

	ident_number(c->self.identity.public, key, number);
	memcpy(e->peer, name, NAME_SIZE);
	memcpy(e->key, key, KEY_LEN);
	memcpy(e->new_key, c->self.identity.public, KEY_LEN);
	e->known = k != NULL;
	e->verified = k != NULL && k->verified;
	e->ok = is_verdict;
	if (known_check(c->known, key, name) == KNOWN_CHANGED)
		e->reason = REASON_KEY_CHANGED;
	e->text = (const char *)outbox_keep(&c->self.out, number,
	    sizeof number);
	e->len = e->text != NULL ? strlen(number) : 0;
	memcpy(c->shown_name, name, NAME_SIZE);
	memcpy(c->shown_key, key, KEY_LEN);
}

/* Shows the number of a key that was to be verified unseen. */
static void
show_first(struct client *c, const char *name, const uint8_t *key)
{
	bool is_another = name_same(c->shown_name, name);

	tell_number(c, name, key, false);
	if (is_another)
		client_fail_text(c, "another-key", "the number that you "
		    "compared was another key's: compare the one shown now, "
		    "then 'verify' again", EXIT_CODE_KEY);
	else
		client_fail_text(c, "not-compared", "compare the number shown "
		    "now, then answer again", EXIT_CODE_RUNTIME);
}

void
client_verify(struct client *c, usec_t now, const struct command *cmd)
{
	const struct offer *o = offer_to_verify(c, cmd->name);
	char name[NAME_SIZE];
	const uint8_t *key;
	struct peer *p;

	memcpy(name, o != NULL ? o->name : cmd->name, NAME_SIZE);
	key = o != NULL ? o->key : key_of(c, name);
	if (key == NULL)
		return;
	if (cmd->answer == ANSWER_YES && !was_shown(c, key)) {
		show_first(c, name, key);
		return;
	}
	if (cmd->answer != ANSWER_NONE && !mark_verified(c, now, name, key,
	    cmd->answer == ANSWER_YES))
		return;
	tell_number(c, name, key, cmd->answer != ANSWER_NONE);
	if (cmd->answer == ANSWER_NO)
		c->shown_name[0] = '\0'; /* a no may be told without it */
	client_done(c, c->serial, c->command, true, EXIT_CODE_OK);
	p = client_peer_by_key(c, key, PEER_OPEN);
	if (cmd->answer == ANSWER_NO && p != NULL)
		client_end(c, now, p, REASON_LEFT);
}

/* ---- trust ---- */

/* The name is another's from now on: requests are seen anew, and whoever talks
 * under the name with the key that it had is not who was meant. */
static void
apply_trust(struct client *c, usec_t now, const char *name,
    const uint8_t *key)
{
	int i;

	for (i = 0; i < PEERS_MAX; i++) {
		struct peer *p = c->peers[i];

		if (p == NULL || !p->has_key)
			continue;
		if (p->state == PEER_ASKED)
			client_look_up_trust(c, p);
		else if (p->state == PEER_OPEN && name_same(p->name, name) &&
		    memcmp(p->key, key, KEY_LEN) != 0)
			client_end(c, now, p, REASON_KEY_CHANGED);
	}
}

static void
fail_trust(struct client *c, int err, const char *name)
{
	if (err == E_DENIED)
		client_fail(c, c->serial, c->command, REASON_BLOCKED, name);
	else
		client_fail_text(c, "nothing-to-trust",
		    "that name has not come with another key: 'verify NAME' "
		    "shows the one it has", EXIT_CODE_RUNTIME);
}

void
client_trust(struct client *c, usec_t now, const struct command *cmd)
{
	struct offer *o = find_offer(c, cmd->name), taken;
	int err;

	if (o == NULL) {
		fail_trust(c, E_NONE, cmd->name);
		return;
	}
	if (o->is_another) {
		o->is_another = false;
		tell_key(c, o->name, o->key);
		client_fail_text(c, "another-key", "that name has come with "
		    "yet another key meanwhile, the one shown now: compare "
		    "it, then 'trust NAME' again", EXIT_CODE_KEY);
		return;
	}
	taken = *o;
	o->name[0] = '\0';
	err = known_trust(c->known, taken.key, taken.name,
	    client_wall(c, now));
	if (err != E_OK) {
		fail_trust(c, err, taken.name);
		return;
	}
	client_save_known(c);
	apply_trust(c, now, taken.name, taken.key);
	client_done(c, c->serial, c->command, true, EXIT_CODE_OK);
}

/* ---- block ---- */

/* The server forgets whom we block when we leave, or when it is started anew:
 * it is told again, one key at a time. */
void
client_tell_blocks(struct client *c, usec_t now)
{
	const struct known_peers *peers = &c->known->peers;

	while (c->blocks_told < peers->count) {
		const struct known_peer *k = &peers->items[c->blocks_told++];
		uint8_t body[KEY_LEN + 1];

		if (!k->blocked)
			continue;
		memcpy(body, k->key, KEY_LEN);
		body[KEY_LEN] = 1;
		uplink_call(&c->up, &c->self, now, OP_BLOCK, TELL_BLOCKS,
		    body, sizeof body);
		return;
	}
}

void
client_block_reply(struct client *c, usec_t now, const struct news *news)
{
	/* It has no room for more: those are denied when they ask. */
	if (news->kind == NEWS_REPLY && news->tag == TELL_BLOCKS &&
	    news->status == STATUS_OK)
		client_tell_blocks(c, now);
}

void
client_block(struct client *c, usec_t now, const struct command *cmd, bool on)
{
	uint8_t body[KEY_LEN + 1], key[KEY_LEN];
	char name[NAME_SIZE];
	const uint8_t *found;
	struct peer *p;
	int err;

	memcpy(name, cmd->name, NAME_SIZE);
	found = key_of(c, name);
	if (found == NULL)
		return;
	memcpy(key, found, KEY_LEN);
	memcpy(body, key, KEY_LEN);
	body[KEY_LEN] = on;
	err = on ? known_block(c->known, key, name, client_wall(c, now)) :
	    known_unblock(c->known, key);
	if (err == E_FULL) {
		fail_full(c);
		return;
	}
	if (err != E_OK) {
		client_fail_text(c, "not-blocked", on ?
		    "that key cannot be blocked" : "that key is not blocked",
		    EXIT_CODE_RUNTIME);
		return;
	}
	client_save_known(c);
	if (c->up.is_up)
		uplink_call(&c->up, &c->self, now, OP_BLOCK, 0, body,
		    sizeof body);
	while (on && (p = client_peer_by_key(c, key, -1)) != NULL) {
		if (p->state == PEER_OPEN)
			client_end(c, now, p, REASON_LEFT);
		else if (p->state == PEER_ASKED)
			client_deny(c, now, p, true);
		else {
			client_take_back(c, now, p);
			client_refuse(c, now, p, REASON_BLOCKED);
		}
	}
	client_done(c, c->serial, c->command, true, EXIT_CODE_OK);
}
