/* Completion: the texts that can stand for a piece of a line, and the walk
 * through them. */
#ifndef CHOICES_H
#define CHOICES_H

#include "textbuf.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	CHOICES_MAX = 64,   /* offered at once; the others are only counted */
	CHOICES_SIZE = 256, /* bytes of one, with NUL */
};

struct choices {
	char text[CHOICES_MAX][CHOICES_SIZE];
	size_t count;    /* of them; 0: none are shown */
	size_t total;    /* with those that had no room */
	size_t from, to; /* the bytes of the line that they stand for */
	size_t picked;   /* the one that stands there; count: none yet */
};

/* What can stand for the bytes of b between from and the cursor, best first
 * (each shorter than CHOICES_SIZE). A single one is put in with a space
 * behind it; of several, what they have in common, and they are shown. False
 * if there is nothing to put in. */
bool choices_offer(struct choices *c, struct textbuf *b, size_t from,
    const char *const *texts, size_t count);

/* Puts in the next one or the one before; c->count > 0. */
bool choices_pick(struct choices *c, struct textbuf *b, bool forward);

#endif
