/* Walking and searching in the history while a line is written. Nothing that
 * was typed is lost by it: a line that was changed and left is found again as
 * it was left, until the line is entered. */
#ifndef RECALL_H
#define RECALL_H

#include "history.h"
#include "textbuf.h"

#include <stdbool.h>
#include <stddef.h>

enum {
	RECALL_LEFT_MAX = 32,   /* lines changed and left */
	RECALL_QUERY_MAX = 128, /* bytes of what is searched for */
};

struct recall {
	struct history *history; /* borrowed; NULL: nothing to walk in */
	size_t number;  /* of the line shown; HISTORY_NONE: the new one */
	struct recall_left {
		size_t number;
		char *text;
		size_t len;
	} left[RECALL_LEFT_MAX];
	size_t left_count;

	bool searching, failed;
	char query[RECALL_QUERY_MAX];
	size_t len, last; /* bytes of it, and of the one before */
	size_t match;     /* number of the line found */
	size_t origin;    /* where the search began */
	size_t origin_at;
};

/* Each of these works on the text shown, b, and is false if there is nothing
 * that it could do. */

void recall_init(struct recall *r, struct history *history);
void recall_fini(struct recall *r);

bool recall_older(struct recall *r, struct textbuf *b);
bool recall_newer(struct recall *r, struct textbuf *b);

/* The line is entered, or given up: it goes to the history, and so does the
 * new line if it was left for this one. b stays as it is. */
void recall_enter(struct recall *r, const struct textbuf *b);

/* Incremental search for older lines: starts, looks for more or less of the
 * query (text is whole characters), goes on to an older line, returns to
 * where it began, or stays (r->searching = false). */
bool recall_search(struct recall *r, struct textbuf *b);
bool recall_lengthen(struct recall *r, struct textbuf *b, const char *text,
    size_t len);
bool recall_shorten(struct recall *r, struct textbuf *b);
bool recall_next(struct recall *r, struct textbuf *b);
void recall_cancel(struct recall *r, struct textbuf *b);

#endif
