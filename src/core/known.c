#include "known.h"

#include "addr.h"
#include "err.h"
#include "name.h"
#include "text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400, GROW_FIRST = 16 };

void
known_init(struct known *k)
{
	memset(k, 0, sizeof *k);
}

void
known_fini(struct known *k)
{
	free(k->peers.items);
	free(k->peers.rest);
	free(k->servers.items);
	free(k->servers.rest);
	known_init(k);
}

/* Room for one more in a table; false when it is full, or without memory. */
static bool
grow(void **items, size_t *size, size_t count, size_t item, size_t max)
{
	size_t more = *size == 0 ? GROW_FIRST : *size * 2;
	void *grown;

	assert(count <= *size && *size <= max);
	if (count < *size)
		return true;
	if (count == max)
		return false;
	if (more > max)
		more = max;
	grown = realloc(*items, more * item);
	if (grown == NULL)
		return false;
	*items = grown;
	*size = more;
	return true;
}

static uint32_t
day_of(uint64_t wall_s)
{
	return (uint32_t)(wall_s / DAY_S);
}

/* ---- people ---- */

static struct known_peer *
find_key(const struct known *k, const uint8_t key[static KEY_LEN])
{
	for (size_t i = 0; i < k->peers.count; i++) {
		if (memcmp(k->peers.items[i].key, key, KEY_LEN) == 0)
			return &k->peers.items[i];
	}
	return NULL;
}

static struct known_peer *
find_fold(const struct known *k, const char *fold, bool blocked)
{
	for (size_t i = 0; i < k->peers.count; i++) {
		if (k->peers.items[i].blocked == blocked &&
		    strcmp(k->peers.items[i].fold, fold) == 0)
			return &k->peers.items[i];
	}
	return NULL;
}

static void
see(const struct known *k, const char *name, char out[static SKELETON_SIZE])
{
	(k->skeleton != NULL ? k->skeleton : skeleton_of)(name, out);
}

/* Fills in name, fold and looks. */
static bool
set_name(const struct known *k, struct known_peer *peer, const char *name)
{
	char checked[NAME_SIZE];

	if (name_check(name, strlen(name), checked) != NAME_OK)
		return false;
	memcpy(peer->name, checked, sizeof checked);
	name_fold(peer->name, peer->fold);
	see(k, peer->name, peer->looks);
	return true;
}

static bool
is_taken(const struct known *k, const struct known_peer *by)
{
	const struct known_peer *owner = find_fold(k, by->fold, false);

	return owner != NULL && memcmp(owner->key, by->key, KEY_LEN) != 0;
}

static int
append(struct known *k, const struct known_peer *peer)
{
	void *items = k->peers.items;

	if (!grow(&items, &k->peers.size, k->peers.count, sizeof *peer,
	    KNOWN_PEERS_MAX))
		return E_FULL;
	k->peers.items = items;
	k->peers.items[k->peers.count++] = *peer;
	return E_OK;
}

static void
drop(struct known *k, const struct known_peer *peer)
{
	size_t at = (size_t)(peer - k->peers.items);

	assert(at < k->peers.count);
	k->peers.count--;
	memmove(&k->peers.items[at], &k->peers.items[at + 1],
	    (k->peers.count - at) * sizeof *peer);
}

const struct known_peer *
known_by_key(const struct known *k, const uint8_t key[static KEY_LEN])
{
	return find_key(k, key);
}

const struct known_peer *
known_by_name(const struct known *k, const char *name)
{
	const struct known_peer *peer;
	char fold[NAME_FOLD_SIZE];

	name_fold(name, fold);
	peer = find_fold(k, fold, false);
	return peer != NULL ? peer : find_fold(k, fold, true);
}

enum known_verdict
known_check(const struct known *k, const uint8_t key[static KEY_LEN],
    const char *name)
{
	const struct known_peer *peer = find_key(k, key), *owner;
	char fold[NAME_FOLD_SIZE];

	if (peer != NULL && peer->blocked)
		return KNOWN_BLOCKED;
	name_fold(name, fold);
	owner = find_fold(k, fold, false);
	if (owner != NULL && owner != peer)
		return KNOWN_CHANGED;
	return peer != NULL ? KNOWN_SAME : KNOWN_NEW;
}

static bool
has_id(const struct known_peer *peer, const uint8_t id[static KEY_ID_LEN])
{
	uint8_t own[KEY_ID_LEN];

	wire_key_id(peer->key, own);
	return memcmp(own, id, KEY_ID_LEN) == 0;
}

const struct known_peer *
known_lookalike(const struct known *k, const char *name,
    const uint8_t id[static KEY_ID_LEN])
{
	const struct known_peer *found = NULL;
	char looks[SKELETON_SIZE];

	see(k, name, looks);
	for (size_t i = 0; i < k->peers.count; i++) {
		const struct known_peer *peer = &k->peers.items[i];

		if (peer->blocked || strcmp(peer->looks, looks) != 0)
			continue;
		if (!has_id(peer, id))
			found = peer;
		else if (peer->verified)
			return NULL;
	}
	return found;
}

int
known_add(struct known *k, const struct known_peer *peer)
{
	struct known_peer copy = *peer;

	if (!set_name(k, &copy, peer->name))
		return E_BAD;
	if (find_key(k, copy.key) != NULL ||
	    (!copy.blocked && is_taken(k, &copy)))
		return E_TAKEN;
	return append(k, &copy);
}

/* An entry for somebody who is seen now. */
static bool
make(const struct known *k, struct known_peer *peer,
    const uint8_t key[static KEY_LEN], const char *name, uint64_t wall_s)
{
	memset(peer, 0, sizeof *peer);
	memcpy(peer->key, key, KEY_LEN);
	peer->first_day = day_of(wall_s);
	return set_name(k, peer, name);
}

int
known_pin(struct known *k, const uint8_t key[static KEY_LEN],
    const char *name, uint64_t wall_s)
{
	struct known_peer *old = find_key(k, key), peer;

	if (!make(k, &peer, key, name, wall_s))
		return E_BAD;
	if (old != NULL && old->blocked)
		return E_DENIED;
	if (is_taken(k, &peer))
		return E_TAKEN;
	if (old == NULL)
		return append(k, &peer);
	set_name(k, old, name);
	return E_OK;
}

int
known_trust(struct known *k, const uint8_t key[static KEY_LEN],
    const char *name, uint64_t wall_s)
{
	const struct known_peer *owner, *peer = find_key(k, key);
	struct known_peer fresh;

	if (!make(k, &fresh, key, name, wall_s))
		return E_BAD;
	owner = find_fold(k, fresh.fold, false);
	if (owner == NULL)
		return E_NONE;
	if (peer != NULL && peer->blocked)
		return E_DENIED;
	if (owner != peer)
		drop(k, owner);
	return known_pin(k, key, name, wall_s);
}

int
known_verify(struct known *k, const uint8_t key[static KEY_LEN],
    bool is_verified)
{
	struct known_peer *peer = find_key(k, key);

	if (peer == NULL)
		return E_NONE;
	peer->verified = is_verified;
	return E_OK;
}

int
known_block(struct known *k, const uint8_t key[static KEY_LEN],
    const char *name, uint64_t wall_s)
{
	struct known_peer *old = find_key(k, key), peer;

	if (old != NULL) {
		old->blocked = true;
		return E_OK;
	}
	if (!make(k, &peer, key, name, wall_s))
		return E_BAD;
	peer.blocked = true;
	return append(k, &peer);
}

int
known_unblock(struct known *k, const uint8_t key[static KEY_LEN])
{
	struct known_peer *peer = find_key(k, key);

	if (peer == NULL || !peer->blocked)
		return E_NONE;
	if (is_taken(k, peer))
		return E_TAKEN;
	peer->blocked = false;
	return E_OK;
}

int
known_forget(struct known *k, const uint8_t key[static KEY_LEN])
{
	const struct known_peer *peer = find_key(k, key);

	if (peer == NULL)
		return E_NONE;
	drop(k, peer);
	return E_OK;
}

/* ---- servers ---- */

/* Addresses in their usual form, names in lower case. False for what cannot
 * be a host, or could not be told from other words of a file. */
static bool
normalise(const char *host, char out[static HOST_SIZE])
{
	char text[ADDR_TEXT];
	struct addr addr;
	size_t len = strlen(host);

	if (len == 0 || len >= HOST_SIZE || !text_is_utf8(host, len))
		return false;
	if (addr_parse(host, 0, &addr) && addr.port == 0 && *host != '[') {
		snprintf(out, HOST_SIZE, "%s", addr_format_ip(&addr, text));
		return true;
	}
	for (size_t i = 0; i <= len; i++) {
		uint8_t c = (uint8_t)host[i];

		if (i < len && (c <= ' ' || c == 0x7f ||
		    strchr("#[]/:@", c) != NULL))
			return false;
		out[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
	}
	return true;
}

static struct known_server *
find_server(const struct known *k, const char *host, uint16_t port)
{
	char usual[HOST_SIZE];

	if (!normalise(host, usual))
		return NULL;
	for (size_t i = 0; i < k->servers.count; i++) {
		if (k->servers.items[i].port == port &&
		    strcmp(k->servers.items[i].host, usual) == 0)
			return &k->servers.items[i];
	}
	return NULL;
}

const struct known_server *
known_server_find(const struct known *k, const char *host, uint16_t port)
{
	return find_server(k, host, port);
}

int
known_server_add(struct known *k, const struct known_server *server)
{
	struct known_server copy = *server;
	void *items = k->servers.items;

	if (server->port == 0 || !normalise(server->host, copy.host))
		return E_BAD;
	if (find_server(k, copy.host, copy.port) != NULL)
		return E_TAKEN;
	if (!grow(&items, &k->servers.size, k->servers.count, sizeof copy,
	    KNOWN_SERVERS_MAX))
		return E_FULL;
	k->servers.items = items;
	k->servers.items[k->servers.count++] = copy;
	return E_OK;
}

int
known_server_pin(struct known *k, const char *host, uint16_t port,
    const uint8_t key[static KEY_LEN], uint64_t wall_s)
{
	const struct known_server *old = find_server(k, host, port);
	struct known_server server = { .port = port };

	if (old != NULL)
		return memcmp(old->key, key, KEY_LEN) == 0 ? E_OK : E_TAKEN;
	if (!normalise(host, server.host))
		return E_BAD;
	memcpy(server.key, key, KEY_LEN);
	server.first_day = day_of(wall_s);
	return known_server_add(k, &server);
}

int
known_server_trust(struct known *k, const char *host, uint16_t port,
    const uint8_t key[static KEY_LEN], uint64_t wall_s)
{
	struct known_server *server = find_server(k, host, port);

	if (server == NULL)
		return E_NONE;
	if (memcmp(server->key, key, KEY_LEN) == 0)
		return E_OK;
	memcpy(server->key, key, KEY_LEN);
	server->first_day = day_of(wall_s);
	return E_OK;
}

int
known_server_forget(struct known *k, const char *host, uint16_t port)
{
	const struct known_server *server = find_server(k, host, port);
	size_t at;

	if (server == NULL)
		return E_NONE;
	at = (size_t)(server - k->servers.items);
	k->servers.count--;
	memmove(&k->servers.items[at], &k->servers.items[at + 1],
	    (k->servers.count - at) * sizeof *server);
	return E_OK;
}
