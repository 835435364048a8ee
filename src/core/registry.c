#include "registry.h"
#include "name.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
	INDEX_BITS = 22,
	GENERATIONS = 1 << (32 - INDEX_BITS),
	CHUNK = 1024, /* sessions that are allocated together */
};

_Static_assert(MEMBERS_MAX == 1 << INDEX_BITS, "slot and generation");

/* ---- indexes ---- */

static bool
key_eq(const void *owner, uint32_t slot, const void *key, size_t len)
{
	const struct registry *r = owner;

	return memcmp(r->accounts[slot].key, key, len) == 0;
}

static bool
name_eq(const void *owner, uint32_t slot, const void *key, size_t len)
{
	const struct registry *r = owner;
	char fold[NAME_FOLD_SIZE];

	return account_fold(r->accounts[slot].name, fold) == len &&
	    memcmp(fold, key, len) == 0;
}

bool
registry_init(struct registry *r, uint32_t members_max, uint32_t accounts_max,
    const uint8_t key[static MAP_KEY_LEN], usec_t now)
{
	const uint32_t chunks = (members_max + CHUNK - 1) / CHUNK;

	assert(members_max > 0 && members_max <= MEMBERS_MAX);
	memset(r, 0, sizeof *r);
	r->accounts = calloc(accounts_max, sizeof *r->accounts);
	r->members = calloc(members_max, sizeof *r->members);
	r->links = calloc(members_max, sizeof *r->links);
	r->sessions = calloc(chunks, sizeof *r->sessions);
	if (r->accounts == NULL || r->members == NULL || r->links == NULL ||
	    r->sessions == NULL ||
	    !map_init(&r->by_key, accounts_max, key, key_eq, r) ||
	    !map_init(&r->by_name, accounts_max, key, name_eq, r)) {
		registry_fini(r);
		return false;
	}
	r->accounts_max = accounts_max;
	r->members_max = members_max;
	r->accounts_free = r->members_free = NOBODY;
	fifo_init(&r->half);
	fifo_init(&r->live);
	r->start = now;
	return true;
}

void
registry_fini(struct registry *r)
{
	for (uint32_t slot = 0; slot < r->members_end; slot += CHUNK)
		sodium_free(r->sessions[slot / CHUNK]);
	free(r->sessions);
	free(r->links);
	free(r->members);
	free(r->accounts);
	map_fini(&r->by_key);
	map_fini(&r->by_name);
	memset(r, 0, sizeof *r);
}

/* ---- members ---- */

static uint32_t
ms_of(const struct registry *r, usec_t now)
{
	return (uint32_t)((now - r->start) / USEC_MS);
}

static struct fifo *
list_of(struct registry *r, const struct member *m)
{
	return m->state == MEMBER_HALF ? &r->half : &r->live;
}

static bool
has_session(struct registry *r, uint32_t slot)
{
	struct session_small **chunk = &r->sessions[slot / CHUNK];

	if (*chunk != NULL)
		return true;
	*chunk = sodium_allocarray(CHUNK, sizeof **chunk);
	if (*chunk == NULL)
		return false;
	memset(*chunk, 0, CHUNK * sizeof **chunk);
	return true;
}

static uint32_t
free_member(struct registry *r)
{
	uint32_t slot = r->members_free;

	if (slot != NOBODY) {
		r->members_free = r->links[slot].newer;
		return slot;
	}
	if (r->members_end == r->members_max || !has_session(r, r->members_end))
		return NOBODY;
	return r->members_end++;
}

uint32_t
member_new(struct registry *r, usec_t now)
{
	uint32_t slot = free_member(r);
	struct member *m;
	uint16_t generation;

	if (slot == NOBODY)
		return NOBODY;
	m = &r->members[slot];
	assert(m->state == MEMBER_FREE);
	generation = m->generation;
	memset(m, 0, sizeof *m);
	m->generation = (uint16_t)(generation % (GENERATIONS - 1) + 1);
	m->state = MEMBER_HALF;
	m->account = m->stream = NOBODY;
	m->heard_ms = ms_of(r, now);
	m->since_s = (uint32_t)((now - r->start) / USEC_S);
	fifo_add(&r->half, r->links, slot);
	return slot;
}

void
member_free(struct registry *r, uint32_t slot)
{
	struct member *m = &r->members[slot];

	assert(m->state != MEMBER_FREE);
	fifo_remove(list_of(r, m), r->links, slot);
	session_small_fini(member_session(r, slot));
	m->state = MEMBER_FREE;
	r->links[slot].newer = r->members_free;
	r->members_free = slot;
}

void
member_promote(struct registry *r, usec_t now, uint32_t slot,
    enum member_state state)
{
	struct member *m = &r->members[slot];

	assert(state > m->state && m->state != MEMBER_FREE);
	if (m->state == MEMBER_HALF) {
		fifo_remove(&r->half, r->links, slot);
		fifo_add(&r->live, r->links, slot);
		m->heard_ms = ms_of(r, now);
	}
	m->state = (uint8_t)state;
}

void
member_heard(struct registry *r, usec_t now, uint32_t slot)
{
	struct member *m = &r->members[slot];

	assert(m->state >= MEMBER_SAVING);
	m->heard_ms = ms_of(r, now);
	fifo_remove(&r->live, r->links, slot);
	fifo_add(&r->live, r->links, slot);
}

static uint32_t
oldest(const struct registry *r, const struct fifo *list, usec_t now,
    usec_t *since)
{
	const uint32_t slot = list->oldest;
	uint32_t silent_ms;

	if (slot == NOBODY) {
		*since = USEC_NEVER;
		return NOBODY;
	}
	/* Silences are far shorter than the 49 days of the counter. */
	silent_ms = ms_of(r, now) - r->members[slot].heard_ms;
	*since = now - (now - r->start) % USEC_MS - silent_ms * USEC_MS;
	return slot;
}

uint32_t
member_oldest_half(const struct registry *r, usec_t now, usec_t *since)
{
	return oldest(r, &r->half, now, since);
}

uint32_t
member_oldest_live(const struct registry *r, usec_t now, usec_t *since)
{
	return oldest(r, &r->live, now, since);
}

uint32_t
member_index(const struct registry *r, uint32_t slot)
{
	return (uint32_t)r->members[slot].generation << INDEX_BITS | slot;
}

uint32_t
member_find(const struct registry *r, uint32_t index)
{
	const uint32_t slot = index % MEMBERS_MAX;

	if (slot >= r->members_end || member_index(r, slot) != index ||
	    r->members[slot].state == MEMBER_FREE)
		return NOBODY;
	return slot;
}

struct session_small *
member_session(const struct registry *r, uint32_t slot)
{
	assert(slot < r->members_end);
	return &r->sessions[slot / CHUNK][slot % CHUNK];
}

uint32_t
member_online_s(const struct registry *r, usec_t now, uint32_t slot)
{
	return (uint32_t)((now - r->start) / USEC_S) -
	    r->members[slot].since_s;
}

/* ---- accounts ---- */

static size_t
fold_ascii(const char *name, char out[static NAME_FOLD_SIZE])
{
	size_t len = 0;

	for (; name[len] != '\0'; len++) {
		const char c = name[len];

		if ((unsigned char)c >= 0x80)
			return 0;
		out[len] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	out[len] = '\0';
	return len;
}

size_t
account_fold(const char *name, char out[static NAME_FOLD_SIZE])
{
	size_t len = fold_ascii(name, out);

	return len > 0 ? len : name_fold(name, out);
}

bool
account_has_prefix(const struct account *p, const char *prefix)
{
	char fold[NAME_FOLD_SIZE];

	account_fold(p->name, fold);
	return strncmp(fold, prefix, strlen(prefix)) == 0;
}

uint32_t
account_by_key(const struct registry *r, const uint8_t key[static KEY_LEN])
{
	return map_find(&r->by_key, key, KEY_LEN);
}

uint32_t
account_by_name(const struct registry *r, const char *name)
{
	char fold[NAME_FOLD_SIZE];
	size_t len = account_fold(name, fold);

	return map_find(&r->by_name, fold, len);
}

static uint32_t
free_account(struct registry *r)
{
	uint32_t account = r->accounts_free;

	if (account != NOBODY) {
		r->accounts_free = r->accounts[account].member;
		return account;
	}
	return r->accounts_end < r->accounts_max ? r->accounts_end++ : NOBODY;
}

static void
index_name(struct registry *r, uint32_t account)
{
	char fold[NAME_FOLD_SIZE];
	size_t len = account_fold(r->accounts[account].name, fold);
	bool added = map_add(&r->by_name, fold, len, account);

	assert(added);
	(void)added;
}

static void
unindex_name(struct registry *r, uint32_t account)
{
	char fold[NAME_FOLD_SIZE];
	size_t len = account_fold(r->accounts[account].name, fold);
	bool removed = map_remove(&r->by_name, fold, len, account);

	assert(removed);
	(void)removed;
}

static void
set_name(struct account *p, const char *name)
{
	size_t len = strlen(name);

	assert(len > 0 && len < NAME_SIZE);
	memset(p->name, 0, sizeof p->name);
	memcpy(p->name, name, len);
}

uint32_t
account_new(struct registry *r, const uint8_t key[static KEY_LEN],
    const char *name)
{
	uint32_t account = free_account(r);
	struct account *p;
	uint16_t generation;
	bool added;

	if (account == NOBODY)
		return NOBODY;
	p = &r->accounts[account];
	generation = p->generation;
	memset(p, 0, sizeof *p);
	p->generation = (uint16_t)(generation + 1);
	p->flags = ACCOUNT_USED;
	p->member = p->pushes = p->pairs = NOBODY;
	p->asks = p->asked = p->blocks = NOBODY;
	memcpy(p->key, key, KEY_LEN);
	set_name(p, name);
	added = map_add(&r->by_key, key, KEY_LEN, account);
	assert(added);
	(void)added;
	index_name(r, account);
	r->accounts_count++;
	return account;
}

void
account_free(struct registry *r, uint32_t account)
{
	struct account *p = &r->accounts[account];
	bool removed;

	assert(p->flags & ACCOUNT_USED);
	assert(p->member == NOBODY && p->pushes == NOBODY);
	assert(p->pairs == NOBODY && p->blocks == NOBODY);
	assert(p->asks == NOBODY && p->asked == NOBODY);
	removed = map_remove(&r->by_key, p->key, KEY_LEN, account);
	assert(removed);
	(void)removed;
	unindex_name(r, account);
	p->flags = 0;
	p->member = r->accounts_free;
	r->accounts_free = account;
	r->accounts_count--;
}

void
account_rename(struct registry *r, uint32_t account, const char *name)
{
	unindex_name(r, account);
	set_name(&r->accounts[account], name);
	index_name(r, account);
}
