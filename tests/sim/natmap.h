/* The tables of a NAT: a mapping is an inside endpoint's external endpoint, a
 * session is a remote endpoint that it talks with. Here is which external port
 * a mapping gets and how long things live; nat.c says what passes. */
#ifndef NATMAP_H
#define NATMAP_H

#include "nat.h"
#include "rng.h"

enum session_mark {
	MARK_OUT = 1,
	MARK_IN = 2,
	MARK_SYN_OUT = 4,
	MARK_SYN_IN = 8,
	MARK_UP = 16,
	MARK_FIN = 32,
	MARK_CLOSED = 64, /* by a reset */
	MARK_ALG = 128,   /* every port of the remote address may answer */
	MARK_CROSSED = 256, /* a SYN each way, and no answer to either yet */
};

struct session {
	struct addr remote;
	usec_t expires;
	uint16_t marks;
	uint32_t syn_out, syn_in; /* sequence numbers of the last SYNs */
};

/* Lives as long as one of its sessions. */
struct mapping {
	uint8_t proto;
	bool is_static; /* made by nat_forward */
	bool is_single; /* for remote alone, because its flow is poisoned */
	struct addr in, ext, remote;
	usec_t expires;
	struct session *sessions;
	uint32_t count, capacity;
};

struct natmap {
	const struct nat_conf *conf;
	struct rng rng;
	struct mapping *mappings;
	uint32_t count, capacity;
	uint32_t cursor;  /* SEQUENTIAL: number of the last port */
	usec_t cursor_at;
	uint16_t shift;   /* PRESERVE: added to the inside port */
	uint16_t salt;    /* BLOCK, PORT_SET: whose block is where */
	usec_t swept;
};

/* conf is borrowed; its zeros are replaced already. */
void natmap_init(struct natmap *t, const struct nat_conf *conf, uint64_t seed);
void natmap_fini(struct natmap *t);

/* Forgets all. */
void natmap_clear(struct natmap *t);

/* From now on nobody gets the port that he had. */
void natmap_shuffle(struct natmap *t);

/* Frees what is dead, at most once a second. */
void natmap_sweep(struct natmap *t, usec_t now);

/* The mapping for packets from in to remote; NULL if there is none. */
struct mapping *natmap_find_out(const struct natmap *t, usec_t now,
    uint8_t proto, const struct addr *in, const struct addr *remote);

/* The mapping whose external endpoint is ext; NULL if there is none. */
struct mapping *natmap_find_ext(const struct natmap *t, usec_t now,
    uint8_t proto, const struct addr *ext);

/* A new mapping for p, without a session and so not yet alive; NULL over a
 * limit or without a free port. is_single: see struct mapping. */
struct mapping *natmap_make(struct natmap *t, usec_t now, const struct pkt *p,
    bool is_single);

/* A mapping that lives until it is made dynamic again. */
struct mapping *natmap_make_static(struct natmap *t, uint8_t proto,
    const struct addr *in, const struct addr *ext);

/* The external address (without port) that in gets; NULL without a pool. */
const struct addr *natmap_address(struct natmap *t, uint8_t proto,
    const struct addr *in);

/* The session with remote: NULL if there is none... */
struct session *natmap_find_session(const struct mapping *m, usec_t now,
    const struct addr *remote);

/* ... or if there is no room for one more. */
struct session *natmap_session(struct mapping *m, usec_t now,
    const struct addr *remote);

/* p passes through s: its state and its timers move on. */
void natmap_touch(const struct natmap *t, usec_t now, struct mapping *m,
    struct session *s, const struct pkt *p, bool inward);

bool natmap_is_alive(const struct mapping *m, usec_t now);

/* True if a and b are the same destination in that scope. */
bool nat_shares(enum nat_scope scope, const struct addr *a,
    const struct addr *b);

#endif
