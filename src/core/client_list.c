#include "client_state.h"

#include "err.h"
#include "name.h"

#include <stdlib.h>
#include <string.h>

/* The serial of the list that is read for completion, not for a command. */
#define LIST_OWN UINT32_MAX

static struct listing *
find(struct client *c, uint32_t serial)
{
	int i;

	for (i = 0; i < CLIENT_LISTS_MAX; i++)
		if (c->lists[i].serial == serial)
			return &c->lists[i];
	return NULL;
}

static void
drop(struct listing *l)
{
	free(l->people);
	memset(l, 0, sizeof *l);
}

void
client_list_fini(struct client *c)
{
	int i;

	for (i = 0; i < CLIENT_LISTS_MAX; i++)
		drop(&c->lists[i]);
	free(c->online);
}

/* It ends without a result. */
static void
fail(struct client *c, struct listing *l, enum reason reason)
{
	if (l->serial != LIST_OWN)
		client_fail(c, l->serial, l->command, reason, "");
	drop(l);
}

static void
ask_page(struct client *c, usec_t now, struct listing *l, uint32_t cursor)
{
	uint8_t body[NAME_SIZE + 4];
	struct wr w = wr_of(body, sizeof body);

	l->cursor = cursor;
	wire_put_name(&w, l->prefix);
	put_u32(&w, cursor);
	if (!uplink_call(&c->up, &c->self, now, OP_LIST, l->serial, body,
	    w.len))
		fail(c, l, REASON_BUSY);
}

void
client_list(struct client *c, usec_t now, const char *prefix)
{
	struct listing *l = find(c, 0);

	if (!c->up.is_up || l == NULL) {
		client_fail(c, c->serial, c->command, l == NULL ?
		    REASON_BUSY : REASON_SERVER_SILENT, "");
		return;
	}
	l->serial = c->serial;
	l->command = c->command;
	memcpy(l->prefix, prefix, strnlen(prefix, NAME_MAX_LEN));
	ask_page(c, now, l, 0);
}

void
client_list_own(struct client *c, usec_t now)
{
	struct listing *l = find(c, LIST_OWN);

	if (l != NULL || (l = find(c, 0)) == NULL)
		return;
	l->serial = LIST_OWN;
	ask_page(c, now, l, 0);
}

static bool
add(struct client *c, struct listing *l, const char *name,
    const uint8_t *key_id, uint32_t since)
{
	struct person *one;
	size_t i;

	if (l->count == l->cap) {
		size_t cap = l->cap == 0 ? 64 : l->cap * 2;
		struct person *people;

		if (l->count >= LIST_PEOPLE_MAX)
			return false;
		people = realloc(l->people, cap * sizeof *people);
		if (people == NULL)
			return false;
		l->people = people;
		l->cap = cap;
	}
	one = &l->people[l->count++];
	c->online_version++;
	memset(one, 0, sizeof *one);
	memcpy(one->name, name, NAME_SIZE);
	memcpy(one->key_id, key_id, KEY_ID_LEN);
	one->since_s = since;
	name_fold(name, one->fold);
	for (i = 0; i < c->known->peers.count; i++) {
		const struct known_peer *k = &c->known->peers.items[i];
		uint8_t id[KEY_ID_LEN];

		if (strcmp(k->fold, one->fold) != 0)
			continue;
		wire_key_id(k->key, id);
		one->known = memcmp(id, key_id, KEY_ID_LEN) == 0;
		one->verified = one->known && k->verified;
		one->blocked = one->known && k->blocked;
	}
	client_lookalike(c, name, key_id, one->lookalike);
	return true;
}

static int
by_name(const void *a, const void *b)
{
	const struct person *x = a, *y = b;
	int order = strcmp(x->fold, y->fold);

	return order != 0 ? order : strcmp(x->name, y->name);
}

/* The list that is read for ourselves becomes who is online. */
static void
adopt(struct client *c, struct listing *l)
{
	free(c->online);
	c->online = l->people;
	c->online_count = l->count;
	c->online_cap = l->cap;
	c->online_version++;
	l->people = NULL;
}

/* Somebody may move between pages while they are read: once is enough. */
static void
finish(struct client *c, struct listing *l)
{
	struct event *e;
	size_t i, n = 0;

	if (l->count > 0)
		qsort(l->people, l->count, sizeof *l->people, by_name);
	for (i = 0; i < l->count; i++)
		if (n == 0 || strcmp(l->people[n - 1].name,
		    l->people[i].name) != 0)
			l->people[n++] = l->people[i];
	l->count = n;
	if (l->serial == LIST_OWN) {
		adopt(c, l);
		drop(l);
		return;
	}
	e = outbox_event(&c->self.out, EV_CLIENTS);
	e->list = (const struct person *)outbox_keep(&c->self.out, l->people,
	    n * sizeof *l->people);
	e->count = e->list != NULL ? n : 0;
	e->text = (const char *)outbox_keep(&c->self.out, l->prefix,
	    NAME_SIZE);
	e->len = e->text != NULL ? strlen(e->text) : 0;
	e->serial = l->serial;
	client_done(c, l->serial, l->command, true, EXIT_CODE_OK);
	drop(l);
}

void
client_list_reply(struct client *c, usec_t now, const struct news *news)
{
	struct listing *l = find(c, (uint32_t)news->tag);
	struct rd body = news->body;
	uint32_t cursor;

	if (l == NULL || l->serial == 0)
		return;
	if (news->kind != NEWS_REPLY || news->status != STATUS_OK) {
		fail(c, l, client_reason_of(c, news));
		return;
	}
	cursor = get_u32(&body);
	get_u64(&body);
	while (body.len > 0 && !body.bad) {
		char name[NAME_SIZE], checked[NAME_SIZE];
		const uint8_t *id;
		uint32_t since;

		wire_get_name(&body, name);
		id = get_bytes(&body, KEY_ID_LEN);
		since = get_u32(&body);
		if (!body.bad && name_check(name, strlen(name), checked) ==
		    NAME_OK && !name_same(checked, c->self.name) &&
		    !add(c, l, checked, id, since))
			cursor = LIST_END;
	}
	/* No server can keep us reading for ever. */
	if (body.bad || cursor <= l->cursor || ++l->pages == LIST_PAGES_MAX)
		cursor = LIST_END;
	if (cursor == LIST_END)
		finish(c, l);
	else
		ask_page(c, now, l, cursor);
}

/* ---- arrivals and departures ---- */

static struct person *
online_find(struct client *c, const char *name)
{
	char fold[NAME_FOLD_SIZE];
	size_t i;

	name_fold(name, fold);
	for (i = 0; i < c->online_count; i++)
		if (strcmp(c->online[i].fold, fold) == 0)
			return &c->online[i];
	return NULL;
}

static void
online_add(struct client *c, const char *name, const uint8_t *key_id)
{
	struct person *one = online_find(c, name);

	if (one == NULL && c->online_count == c->online_cap) {
		size_t cap = c->online_cap == 0 ? 64 : c->online_cap * 2;
		struct person *people;

		if (c->online_count >= LIST_PEOPLE_MAX)
			return;
		people = realloc(c->online, cap * sizeof *people);
		if (people == NULL)
			return;
		c->online = people;
		c->online_cap = cap;
	}
	if (one == NULL)
		one = &c->online[c->online_count++];
	c->online_version++;
	memset(one, 0, sizeof *one);
	memcpy(one->name, name, NAME_SIZE);
	memcpy(one->key_id, key_id, KEY_ID_LEN);
	name_fold(name, one->fold);
	client_lookalike(c, name, key_id, one->lookalike);
}

static void
online_remove(struct client *c, const char *name)
{
	struct person *one = online_find(c, name);

	if (one == NULL)
		return;
	*one = c->online[--c->online_count];
	c->online_version++;
}

static void
take_presence(struct client *c, enum presence presence, const char *name,
    const char *old, const uint8_t *key_id)
{
	struct event *e;

	if (name_same(name, c->self.name))
		return;
	if (presence == PRESENCE_LEFT)
		online_remove(c, name);
	else {
		if (presence == PRESENCE_RENAMED)
			online_remove(c, old);
		online_add(c, name, key_id);
	}
	e = outbox_event(&c->self.out, EV_CLIENT);
	e->presence = presence;
	e->known = known_by_name(c->known, name) != NULL;
	memcpy(e->peer, name, NAME_SIZE);
	memcpy(e->old_name, old, NAME_SIZE);
	memcpy(e->key_id, key_id, KEY_ID_LEN);
	client_lookalike(c, name, key_id, e->lookalike);
}

void
client_presence(struct client *c, usec_t now, struct rd *body)
{
	uint64_t number = get_u64(body);

	if (!body->bad && number > c->up.presence)
		client_list_own(c, now);
	/* Seen before (a repeated push), in part or as a whole. */
	for (; body->len > 0 && !body->bad; number++) {
		char name[NAME_SIZE], old[NAME_SIZE], checked[NAME_SIZE];
		char checked_old[NAME_SIZE] = "";
		uint8_t presence = get_u8(body);
		const uint8_t *id;

		wire_get_name(body, name);
		wire_get_name(body, old);
		id = get_bytes(body, KEY_ID_LEN);
		if (body->bad || number < c->up.presence)
			continue;
		c->up.presence = number + 1;
		/* Whoever was called what cannot be a name is new here. */
		if (presence == PRESENCE_RENAMED &&
		    name_check(old, strlen(old), checked_old) != NAME_OK) {
			presence = PRESENCE_ARRIVED;
			checked_old[0] = '\0';
		}
		if (presence >= PRESENCE_ARRIVED &&
		    presence <= PRESENCE_LEFT &&
		    name_check(name, strlen(name), checked) == NAME_OK)
			take_presence(c, (enum presence)presence, checked,
			    checked_old, id);
	}
}

/* ---- names for completion ---- */

struct collect {
	char (*out)[NAME_SIZE];
	size_t max, count;
	char start[NAME_FOLD_SIZE];
	size_t start_len;
};

static void
collect(struct collect *k, const char *name, const char *fold)
{
	size_t i, at;

	if (*name == '\0' || strncmp(fold, k->start, k->start_len) != 0)
		return;
	for (at = 0; at < k->count && at < k->max; at++) {
		int order = strcmp(k->out[at], name);

		if (order == 0)
			return;
		if (order > 0)
			break;
	}
	if (k->count++ >= k->max && at >= k->max)
		return;
	for (i = k->count < k->max ? k->count - 1 : k->max - 1; i > at; i--)
		memcpy(k->out[i], k->out[i - 1], NAME_SIZE);
	if (at < k->max)
		memcpy(k->out[at], name, NAME_SIZE);
}

size_t
client_names(const struct client *c, const char *prefix,
    char (*out)[NAME_SIZE], size_t max)
{
	struct collect k = { .out = out, .max = max };
	char fold[NAME_FOLD_SIZE];
	size_t i;

	k.start_len = name_fold(prefix, k.start);
	for (i = 0; i < PEERS_MAX; i++)
		if (c->peers[i] != NULL) {
			name_fold(c->peers[i]->name, fold);
			collect(&k, c->peers[i]->name, fold);
		}
	for (i = 0; i < c->online_count; i++)
		collect(&k, c->online[i].name, c->online[i].fold);
	for (i = 0; i < c->known->peers.count; i++)
		collect(&k, c->known->peers.items[i].name,
		    c->known->peers.items[i].fold);
	return k.count;
}
