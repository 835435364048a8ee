/* Who came, went, and is called otherwise now: a ring of numbered events, and
 * the rounds in which subscribers are told. A subscriber has a cursor, the
 * number of the first event that it has not acknowledged. One that falls
 * behind the ring gets a first number above its cursor, and lists again. */
#ifndef PRESENCE_H
#define PRESENCE_H

#include "bytes.h"
#include "event.h"
#include "registry.h"
#include "usec.h"
#include "wire.h"

#include <stdbool.h>
#include <stdint.h>

enum { PRESENCE_RING = 4096 };

struct notice {
	uint8_t kind; /* enum presence */
	char name[NAME_SIZE], old_name[NAME_SIZE];
	uint8_t key_id[KEY_ID_LEN];
};

struct bulletin {
	struct notice *ring;
	uint64_t first;  /* number of the first event ever */
	uint64_t head;   /* number of the next one */
	usec_t due;      /* when to go on with a round; USEC_NEVER: all told */
	usec_t ended;    /* the last round */
	uint32_t at;     /* the next member of the round */
	bool is_lagging; /* somebody has not acknowledged everything */
};

/* Numbers begin with first, which must be above those of earlier runs: a
 * cursor from then must not be taken for one of now. False without memory. */
bool presence_init(struct bulletin *p, uint64_t first);
void presence_fini(struct bulletin *p);

/* Adds an event; old_name is NULL unless renamed. */
void presence_add(struct bulletin *p, usec_t now, enum presence kind,
    const char *name, const char *old_name, const uint8_t key[static KEY_LEN]);

/* From now on the member is told; what happened before it is not. */
void presence_subscribe(const struct bulletin *p, struct member *m);

/* The member says what it has seen; 0: nothing yet. One that missed events, or
 * has a cursor of another run, is told so. */
void presence_seen(struct bulletin *p, usec_t now, struct member *m,
    uint64_t cursor);

/* The next subscriber to be told; false when there is none for now. Looks at
 * a bounded number of members, so it may say false in the middle of a round
 * that is due at once. */
bool presence_turn(struct bulletin *p, const struct registry *r, usec_t now,
    uint32_t *slot);

/* Writes the body of a push, the number of the first event and as many as fit,
 * and returns its id, which says what it brings the subscriber to. */
uint32_t presence_write(const struct bulletin *p, const struct member *m,
    struct wr *w);

/* Push ids of this kind have their highest bit set. */
bool presence_is_push(uint32_t id);
void presence_ack(struct bulletin *p, usec_t now, struct member *m,
    uint32_t id);

#endif
