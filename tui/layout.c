#include "tui/layout.h"

static int
least(int a, int b)
{
	return a < b ? a : b;
}

static int
at_least(int a, int b)
{
	return a > b ? a : b;
}

/* Takes rows off the bottom of what is left. */
static struct rect
take_bottom(struct rect *rest, int rows)
{
	rows = at_least(least(rows, rest->rows), 0);
	rest->rows -= rows;
	return (struct rect){ rest->row + rest->rows, rest->col, rows,
		rest->cols };
}

static struct rect
take_left(struct rect *rest, int cols)
{
	struct rect r = *rest;

	r.cols = cols;
	rest->col += cols;
	rest->cols -= cols;
	return r;
}

static struct rect
take_right(struct rect *rest, int cols)
{
	struct rect r = *rest;

	rest->cols -= cols;
	r.col += rest->cols;
	r.cols = cols;
	return r;
}

static void
make_sides(struct layout *l, const struct layout_want *want,
    struct rect *rest)
{
	bool is_wide = l->cols >= LAYOUT_DETAILS_FROM &&
	    l->rows >= LAYOUT_DETAILS_ROWS;

	if (l->cols < LAYOUT_LIST_FROM || l->rows < LAYOUT_TITLE_ROWS)
		return;
	if (want->list) {
		l->list = take_left(rest, is_wide ? LAYOUT_LIST_WIDE :
		    LAYOUT_LIST_COLS);
		l->list_rule = take_left(rest, 1);
	}
	if (want->details && is_wide) {
		l->details = take_right(rest, LAYOUT_DETAILS_COLS);
		l->details_rule = take_right(rest, 1);
	}
}

struct layout
layout_make(int rows, int cols, const struct layout_want *want)
{
	struct layout l = { .rows = rows, .cols = cols };
	struct rect rest = { 0, 0, at_least(rows, 0), at_least(cols, 0) };
	int input = at_least(least(want->input_rows, rows / 2), 1);

	if (rows < LAYOUT_MIN_ROWS || cols < LAYOUT_MIN_COLS) {
		l.is_tiny = true;
		l.input = take_bottom(&rest, 1);
		return l;
	}
	/* On the smallest screens one row of chat is worth more. */
	l.input = take_bottom(&rest, least(input, rest.rows - 3));
	if (!want->bare)
		l.status = take_bottom(&rest, 1);
	l.hint = take_bottom(&rest, least(want->hint_rows, rest.rows - 2));
	if (want->bar && !want->bare)
		l.bar = take_bottom(&rest, 1);
	if (!want->bare && rows >= LAYOUT_TITLE_ROWS &&
	    cols >= LAYOUT_LIST_FROM && rest.rows > 2) {
		l.title = (struct rect){ rest.row, rest.col, 1, rest.cols };
		rest.row++;
		rest.rows--;
	}
	if (!want->bare)
		make_sides(&l, want, &rest);
	l.chat = rest;
	return l;
}
