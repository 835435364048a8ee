/* What the server has to tell an account, repeated until it is acknowledged:
 * a pool of fixed size, and a list of each account's. When it is full whoever
 * takes nothing of what waits for him gives way. */
#ifndef PUSH_H
#define PUSH_H

#include "heap.h"
#include "registry.h"
#include "usec.h"
#include "wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* The longest one: PUSH_RESUME. */
	PUSH_BODY_MAX = KEY_LEN + ADDR_WIRE_MAX + 8 + RESUME_BLOB_MAX,
	PUSH_LIST_MAX = 64, /* that wait for one account */
	PUSH_LIFE_S = 60,   /* then it is given up */
};

struct parcel {
	uint32_t id;
	uint32_t account;
	uint32_t next;
	uint16_t len;
	uint8_t kind; /* enum push */
	uint8_t tries;
	usec_t until;
	uint8_t body[PUSH_BODY_MAX];
};

struct pushes {
	struct parcel *pool;
	uint32_t max, end, free;
	uint32_t last_id;
	uint32_t hand;       /* where to look next for one that gives way */
	struct heap due;
};

/* Ids begin after first_id, and have their two highest bits clear. False
 * without memory. */
bool pushes_init(struct pushes *p, uint32_t max, uint32_t first_id);
void pushes_fini(struct pushes *p);

/* Adds a push to the list of an account, due at once; false if the list is
 * full, or there is no room and nobody found who has two more than the
 * account. */
bool push_add(struct pushes *p, struct registry *r, usec_t now,
    uint32_t account, enum push kind, const void *body, size_t len);

/* The next push to be sent; it is due again later. NULL when there is none.
 * One that has been tried for too long is dropped. */
const struct parcel *push_turn(struct pushes *p, struct registry *r,
    usec_t now);

/* It was received. */
void push_ack(struct pushes *p, struct registry *r, uint32_t account,
    uint32_t id);

/* Drops those of a kind whose body begins with nonce: they are over. */
void push_cancel(struct pushes *p, struct registry *r, uint32_t account,
    enum push kind, const uint8_t nonce[static NONCE_LEN]);

/* Drops all of an account's. */
void push_clear(struct pushes *p, struct registry *r, uint32_t account);

/* Makes all of an account's due at once: it can be reached again. */
void push_hurry(struct pushes *p, const struct registry *r, usec_t now,
    uint32_t account);

#endif
