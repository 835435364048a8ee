/* The kill ring: texts that were cut, to be put back. */
#ifndef KILLS_H
#define KILLS_H

#include <stdbool.h>
#include <stddef.h>

enum { KILLS_MAX = 8 };

struct kills {
	struct kill {
		char *s;
		size_t len;
	} items[KILLS_MAX]; /* newest first */
	size_t count;
};

/* Zeroed it is empty. */
void kills_fini(struct kills *k);

/* Keeps a text; the oldest goes when there is no room. With joins it becomes
 * part of the newest, in front of it or behind. */
void kills_add(struct kills *k, const char *s, size_t len, bool joins,
    bool in_front);

/* A text (0: the newest); NULL if there is none. */
const char *kills_get(const struct kills *k, size_t i, size_t *len);

#endif
