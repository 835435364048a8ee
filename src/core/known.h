/* The trust store: which keys the names of people and servers had. A value in
 * memory; knownfile.h reads and writes its files.
 *
 * A key stands in it once. A name belongs to one key: whoever comes with
 * another key under that name is not who was known, until the user says so
 * (known_trust). Blocked keys do not hold their names, for whoever is blocked
 * may have called himself like a friend. Names are compared by name_fold. */
#ifndef KNOWN_H
#define KNOWN_H

#include "limit.h"
#include "skeleton.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct known_peer {
	uint8_t key[KEY_LEN];
	uint32_t first_day; /* seen first: days since 1970-01-01 */
	bool verified;      /* the safety numbers were compared */
	bool blocked;
	char name[NAME_SIZE]; /* the last one seen */
	char fold[NAME_FOLD_SIZE];
	char looks[SKELETON_SIZE]; /* of the name */
};

struct known_server {
	uint8_t key[KEY_LEN];
	uint32_t first_day;
	uint16_t port;
	char host[HOST_SIZE]; /* lower case; addresses in their usual form */
};

/* In the order of the files. rest: their lines that are no entries, or NULL. */
struct known_peers {
	struct known_peer *items;
	size_t count, size;
	char *rest;
};

struct known_servers {
	struct known_server *items;
	size_t count, size;
	char *rest;
};

/* All zeros is an empty store. */
struct known {
	struct known_peers peers;
	struct known_servers servers;
	skeleton_fn *skeleton; /* NULL: skeleton_of. Set before anything is
	                          added */
};

void known_init(struct known *k);
void known_fini(struct known *k);

/* ---- people: what is returned is valid until the next change ---- */

const struct known_peer *known_by_key(const struct known *k,
    const uint8_t key[static KEY_LEN]);

/* Whose name it is, or else a blocked key that had it; or NULL. */
const struct known_peer *known_by_name(const struct known *k,
    const char *name);

/* Who can be taken for somebody else that comes under this name: his own name
 * is, or looks, the same, and he has another key. Nobody (NULL) for whoever
 * was verified himself. Blocked keys are nobody's either. */
const struct known_peer *known_lookalike(const struct known *k,
    const char *name, const uint8_t id[static KEY_ID_LEN]);

enum known_verdict {
	KNOWN_NEW,     /* neither the key nor the name was seen before */
	KNOWN_SAME,    /* a known key, perhaps under a new name */
	KNOWN_CHANGED, /* the name belongs to another key (known_by_name) */
	KNOWN_BLOCKED, /* the key is blocked */
};

/* What to think of somebody who comes with this key under this name. */
enum known_verdict known_check(const struct known *k,
    const uint8_t key[static KEY_LEN], const char *name);

/* Remembers that the name has this key; a key that was known gets the name.
 * wall_s is the time of day, seconds since the Epoch. E_BAD: not a name;
 * E_DENIED: the key is blocked; E_TAKEN: the name belongs to another key;
 * E_FULL. Nothing changes on failure. */
int known_pin(struct known *k, const uint8_t key[static KEY_LEN],
    const char *name, uint64_t wall_s);

/* The user accepts that the name belongs to this key from now on; the one that
 * had it is forgotten. E_BAD: not a name; E_NONE: it belongs to nobody;
 * E_DENIED: the key is blocked. */
int known_trust(struct known *k, const uint8_t key[static KEY_LEN],
    const char *name, uint64_t wall_s);

/* The user has compared safety numbers, or takes it back. E_NONE. */
int known_verify(struct known *k, const uint8_t key[static KEY_LEN],
    bool is_verified);

/* A key that was not known is added under that name. E_BAD, E_FULL. */
int known_block(struct known *k, const uint8_t key[static KEY_LEN],
    const char *name, uint64_t wall_s);

/* Leaves the key pinned. E_NONE: it is not blocked; E_TAKEN: its name belongs
 * to another key by now (forget one of them). */
int known_unblock(struct known *k, const uint8_t key[static KEY_LEN]);

/* E_NONE. */
int known_forget(struct known *k, const uint8_t key[static KEY_LEN]);

/* Adds an entry as it stands; fold is filled in. E_BAD: not a name; E_TAKEN:
 * the key is there, or the name is taken; E_FULL. */
int known_add(struct known *k, const struct known_peer *peer);

/* ---- servers ---- */

const struct known_server *known_server_find(const struct known *k,
    const char *host, uint16_t port);

/* E_OK also when it has this key already. E_BAD: not a host; E_TAKEN: it has
 * another key; E_FULL. */
int known_server_pin(struct known *k, const char *host, uint16_t port,
    const uint8_t key[static KEY_LEN], uint64_t wall_s);

/* The user accepts the server's new key. E_NONE: it had none. */
int known_server_trust(struct known *k, const char *host, uint16_t port,
    const uint8_t key[static KEY_LEN], uint64_t wall_s);

/* E_NONE. */
int known_server_forget(struct known *k, const char *host, uint16_t port);

/* Adds an entry; host gets its usual form. E_BAD, E_TAKEN, E_FULL. */
int known_server_add(struct known *k, const struct known_server *server);

#endif
