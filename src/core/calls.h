/* Requests of a client to its server, each repeated until it is answered. */
#ifndef CALLS_H
#define CALLS_H

#include "bytes.h"
#include "usec.h"
#include "wire.h"

enum {
	CALLS_MAX = 96,
	CALL_HEADER = 8, /* of its frame: type, length, id, op */
};

/* nat.md 6.4 has no figure for this: one lost call at a round trip of 100 ms
 * is repeated before a person notices. */
#define CALL_RETRY_US (300 * USEC_MS)
#define CALL_RETRY_MAX_US (3 * USEC_S)
#define CALL_GIVE_UP_US (20 * USEC_S)

struct call {
	uint32_t id;       /* 0: free */
	uint8_t op;        /* enum op */
	uint64_t tag;      /* the caller's own */
	uint8_t *body;
	size_t len;
	usec_t born_at, send_at, retry_us;
};

struct calls {
	struct call list[CALLS_MAX];
	uint32_t next_id;
};

void calls_init(struct calls *c);
void calls_fini(struct calls *c);

/* Adds a call, due at once; the body is copied. False when full. */
bool calls_add(struct calls *c, usec_t now, enum op op, uint64_t tag,
    const void *body, size_t len);

/* Forgets calls of an op and tag; their replies are dropped. */
void calls_cancel(struct calls *c, enum op op, uint64_t tag);

/* True while a call of that op and tag waits for its reply. */
bool calls_has(const struct calls *c, enum op op, uint64_t tag);

/* The next call that is due: its frame is written to w. False if none is. */
bool calls_next(struct calls *c, usec_t now, struct wr *w);

/* A reply came: the op and tag of its call, which ends. False if unknown. */
bool calls_answer(struct calls *c, uint32_t id, uint8_t *op, uint64_t *tag);

/* Takes a call that nobody answered for CALL_GIVE_UP_US. */
bool calls_give_up(struct calls *c, usec_t now, uint8_t *op, uint64_t *tag);

/* Everything is due again now (a new registration). */
void calls_restart(struct calls *c, usec_t now);

/* When to look again; is_up: calls can be sent at the moment. */
usec_t calls_deadline(const struct calls *c, bool is_up);

#endif
