/* How a backlog flows into rows of a width, and where in it one looks. The
 * place is tied to an entry, so that nothing that is added moves it. */
#ifndef FLOW_H
#define FLOW_H

#include "tui/backlog.h"

#include <stdbool.h>
#include <stddef.h>

/* Where the last row of a pane is. */
struct spot {
	bool is_scrolled; /* else: at the end */
	uint64_t number;  /* the entry */
	size_t row;       /* of the rows of its block, from 0 */
};

/* How entries become rows. */
struct flow {
	const struct backlog *log;
	int text_cols;       /* columns for the text; at least 1 */
	int mark_cols;       /* of them, behind own messages, for the mark */
	uint64_t unread;     /* the unread line stands before it; 0: none */
};

/* What a row of an entry's block is. */
enum flow_what { FLOW_DAY, FLOW_UNREAD, FLOW_TEXT };

struct flow_row {
	const struct entry *entry;
	enum flow_what what;
	size_t from, len; /* of entry->text */
	bool is_first, is_last; /* row of text */
};

/* Bytes of the row at the start of clean text that fits into cols columns,
 * and how many to pass over for the next one (a blank or LF is not shown).
 * Long words are cut. */
size_t flow_fit(const char *s, size_t len, int cols, size_t *next);

/* Rows that an entry takes, with its day and unread lines. */
size_t flow_height(const struct flow *f, const struct entry *e);

/* One of them. */
struct flow_row flow_row(const struct flow *f, const struct entry *e,
    size_t row);

/* The rows of a pane, the last one first; at most max. Returns how many. */
size_t flow_rows(const struct flow *f, const struct spot *at,
    struct flow_row *out, size_t max);

/* Moves a place up (rows > 0) or down in a pane of height rows. It does not go
 * further up than the oldest row at the top, and is at the end again when it
 * gets there. */
void flow_scroll(const struct flow *f, struct spot *at, size_t height,
    long rows);

/* Makes an entry the one at the top of the pane, as far as that goes. */
void flow_show(const struct flow *f, struct spot *at, size_t height,
    uint64_t number);

/* Days since 1970-01-01 of a local time. */
int64_t flow_day(int64_t wall_s);

#endif
