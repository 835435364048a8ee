/* Who exists. An account is a name that is bound to a key, online or not. A
 * member is a session: the transport keys, and the address that they are used
 * from. An account who is online points to a member. Other tables speak of
 * accounts, so a client that registers anew keeps what it has.
 *
 * Flat arrays of fixed size; memory that was never used is never touched. */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "addr.h"
#include "bucket.h"
#include "fifo.h"
#include "limit.h"
#include "map.h"
#include "session.h"
#include "usec.h"

#include <stdbool.h>
#include <stdint.h>

/* No account, no member, end of a list. */
#define NOBODY FIFO_NONE

enum { MEMBERS_MAX = 1 << 22 }; /* the rest of an index is a generation */

/* HALF: message 1 was answered, nothing is proved. SAVING: the keys are
 * proved, the name is on its way to the store. */
enum member_state { MEMBER_FREE, MEMBER_HALF, MEMBER_SAVING, MEMBER_LIVE };

enum member_flag {
	MEMBER_HIDDEN = 1,
	MEMBER_SUBSCRIBED = 2,
	MEMBER_PROBE = 4, /* its address belongs to the probe port */
};

struct member {
	struct addr addr;       /* proved; not set: unreachable */
	uint32_t account;        /* HALF: the record of its handshake */
	uint32_t stream;        /* registered over TCP: its stream */
	uint32_t peer_index;    /* what the client calls this session */
	uint32_t heard_ms;      /* last authentic packet; wraps around */
	uint32_t since_s;       /* seconds after the start of the server */
	uint32_t cursor;        /* presence: acknowledged up to, low bits */
	uint16_t generation;
	uint8_t state;          /* enum member_state */
	uint8_t flags;          /* enum member_flag */
	uint8_t calls;          /* in the second whose low bits follow */
	uint8_t calls_second;
	uint8_t told, told_at;  /* presence: how often, and when last */
};

enum account_flag {
	ACCOUNT_USED = 1,
	ACCOUNT_RELEASED = 2, /* the name is free when its owner leaves */
	ACCOUNT_SAVING = 4,   /* the store is writing its name */
};

struct account {
	uint8_t key[KEY_LEN];
	char name[NAME_SIZE];
	uint8_t flags;          /* enum account_flag */
	uint16_t generation;
	uint32_t used_s;        /* seconds since the Epoch */
	uint32_t member;        /* NOBODY: offline */
	/* Heads of lists that other tables keep. */
	uint32_t pushes;        /* push.h */
	uint32_t pairs;         /* relay.h: those that it named */
	uint32_t asks, asked;   /* rendezvous.h: as requester, as target */
	uint32_t blocks;        /* block.h */
	struct bucket relay;    /* bytes that it may send through the relay */
};

struct registry {
	struct account *accounts;
	uint32_t accounts_max, accounts_end, accounts_free, accounts_count;
	struct map by_key, by_name;
	struct member *members;
	struct fifo_link *links;         /* of the members */
	uint32_t members_max, members_end, members_free;
	struct fifo half, live;          /* live: SAVING and LIVE */
	struct session_small **sessions; /* in chunks, locked, as needed */
	usec_t start;
};

/* False without memory. key keys the hashes. */
bool registry_init(struct registry *r, uint32_t members_max,
    uint32_t accounts_max, const uint8_t key[static MAP_KEY_LEN], usec_t now);
void registry_fini(struct registry *r);

/* ---- members ---- */

/* A HALF member, the newest of its list; NOBODY if there is no room. */
uint32_t member_new(struct registry *r, usec_t now);

/* Wipes the keys. */
void member_free(struct registry *r, uint32_t slot);

/* HALF becomes SAVING or LIVE, SAVING becomes LIVE. */
void member_promote(struct registry *r, usec_t now, uint32_t slot,
    enum member_state state);

/* An authentic packet came: it is the newest again. */
void member_heard(struct registry *r, usec_t now, uint32_t slot);

/* The oldest HALF (SAVING or LIVE) one, and since when it is silent. */
uint32_t member_oldest_half(const struct registry *r, usec_t now,
    usec_t *since);
uint32_t member_oldest_live(const struct registry *r, usec_t now,
    usec_t *since);

/* The number by which the client names the session: never 0. */
uint32_t member_index(const struct registry *r, uint32_t slot);
uint32_t member_find(const struct registry *r, uint32_t index);

struct session_small *member_session(const struct registry *r, uint32_t slot);

/* Seconds since it registered. */
uint32_t member_online_s(const struct registry *r, usec_t now, uint32_t slot);

/* ---- accounts ---- */

uint32_t account_by_key(const struct registry *r,
    const uint8_t key[static KEY_LEN]);
uint32_t account_by_name(const struct registry *r, const char *name);

/* An account with a key and a name that are not there yet; NOBODY if full. */
uint32_t account_new(struct registry *r, const uint8_t key[static KEY_LEN],
    const char *name);

/* Its lists must be empty. */
void account_free(struct registry *r, uint32_t account);

/* The new name must be free, or be the same but for case. */
void account_rename(struct registry *r, uint32_t account, const char *name);

/* The form by which names are compared; for ASCII without a library. */
size_t account_fold(const char *name, char out[static NAME_FOLD_SIZE]);

/* True if the folded name begins with prefix, which is folded. */
bool account_has_prefix(const struct account *p, const char *prefix);

#endif
