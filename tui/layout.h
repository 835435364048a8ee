/* Where everything is on a screen of a size. A pure function: no size is too
 * small to be asked for. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "tui/grid.h"

enum {
	LAYOUT_LIST_COLS = 20,  /* from LAYOUT_LIST_FROM columns */
	LAYOUT_LIST_WIDE = 24,  /* with details beside the chat */
	LAYOUT_DETAILS_COLS = 33,
	LAYOUT_LIST_FROM = 60,
	LAYOUT_DETAILS_FROM = 110,
	LAYOUT_TITLE_ROWS = 12, /* from so many rows */
	LAYOUT_DETAILS_ROWS = 20,
	LAYOUT_MIN_ROWS = 5,    /* below: the input only */
	LAYOUT_MIN_COLS = 20,
	LAYOUT_TEXT_MAX = 100,  /* columns of text that read well */
};

/* What the state asks for. */
struct layout_want {
	bool list;       /* at the side, where there is room */
	bool details;
	bool bare;       /* nothing but the chat and the input, to select */
	bool bar;        /* a request is pending */
	int hint_rows;   /* above the input */
	int input_rows;
};

/* What is not there has no rows. rule: the column left of the chat, and of the
 * details. */
struct layout {
	int rows, cols;
	struct rect title, list, list_rule, chat, details_rule, details;
	struct rect bar, status, hint, input;
	bool is_tiny;    /* only the input, or nothing at all */
};

struct layout layout_make(int rows, int cols, const struct layout_want *want);

#endif
