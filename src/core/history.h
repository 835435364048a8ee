/* The lines that were entered before. A line has a number that stays when
 * older ones go: they count up from h->first. */
#ifndef HISTORY_H
#define HISTORY_H

#include <stddef.h>

enum {
	HISTORY_MAX = 500,        /* lines */
	HISTORY_BYTES = 1 << 20,  /* in all of them */
};

#define HISTORY_NONE ((size_t)-1)

struct history {
	struct history_line {
		char *text; /* NUL-terminated */
		size_t len;
	} lines[HISTORY_MAX];
	size_t count;
	size_t first; /* number of lines[0] */
	size_t bytes;
};

void history_init(struct history *h);
void history_fini(struct history *h);

/* Adds a line; the oldest go when it gets too much. An empty line, one that
 * starts with a space, and one equal to the last are not kept. */
void history_add(struct history *h, const char *text, size_t len);

/* One more than the number of the newest line. */
size_t history_end(const struct history *h);

/* The line of a number; NULL if there is none. */
const struct history_line *history_get(const struct history *h, size_t number);

/* The newest line before number before that contains query (ASCII letters
 * in any case), or HISTORY_NONE. *at is where in the line. */
size_t history_find(const struct history *h, size_t before, const char *query,
    size_t len, size_t *at);

/* One line of a file: LF as "\n", a backslash as two. At most cap bytes with
 * NUL; 0 if that is not enough, else the length. */
size_t history_pack(const struct history_line *line, char *out, size_t cap);

/* Adds what history_pack wrote. Anything is accepted: what is not UTF-8 or
 * no text is left out. */
void history_unpack(struct history *h, const char *packed, size_t len);

#endif
