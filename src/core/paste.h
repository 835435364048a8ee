/* What is pasted: collected from the keys that it arrives as, made harmless,
 * and given out in one piece. Nothing in it can be an order. */
#ifndef PASTE_H
#define PASTE_H

#include "keys.h"
#include "limit.h"
#include "usec.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	PASTE_MAX = MSG_MAX, /* bytes; the rest is dropped */
	/* A paste is over when its end mark came and then nothing for this
	 * long, or no mark and nothing at all for that long. */
	PASTE_QUIET_US = 25000,
	PASTE_LOST_US = 10000000,
};

struct paste {
	bool on;
	bool ended;     /* the end mark was seen, and since then */
	bool mixed;     /* more than one key */
	bool cut;       /* there was more than PASTE_MAX */
	bool has_after; /* a key pressed right behind the paste */
	struct key after;
	char *s;
	size_t len;
	usec_t until; /* paste_end is due */
};

/* Takes a key: KEYS_PASTE_BEGIN, or any while p->on. A text may contain the
 * end mark, so what follows one within an instant is taken for more of the
 * text, but for a single key, which waits in p->after. */
void paste_key(struct paste *p, usec_t now, struct key key);

/* Ends the paste. Returns its clean text (the caller frees it) of *len bytes,
 * without line ends at its end; NULL without memory. */
char *paste_end(struct paste *p, size_t *len);

void paste_fini(struct paste *p);

#endif
