#include "tui/compose.h"
#include "tui/view.h"

#include <string.h>

static void
draw_hint(const struct model *m, struct grid *g)
{
	const struct rect *r = &m->layout.hint;
	char hint[COMPOSE_HINT], *s = hint;

	if (r->rows == 0)
		return;
	compose_hint(m, r->cols, hint);
	for (int row = 0; s != NULL && row < r->rows; row++) {
		char *lf = strchr(s, '\n');

		if (lf != NULL)
			*lf = '\0';
		grid_cut(g, r, row, 0, r->cols, STYLE_NEWS, s);
		s = lf == NULL ? NULL : lf + 1;
	}
}

static void
draw_row(const struct model *m, const struct compose *c, struct grid *g,
    int text_row, int row)
{
	const struct rect *r = &m->layout.input;
	size_t from, len;

	if (text_row == 0)
		grid_cut(g, r, row, 0, c->indent, STYLE_PROMPT, c->prompt);
	compose_row(m, c, r->cols, text_row, &from, &len);
	grid_put(g, r, row, c->indent, STYLE_TEXT, m->edit.text.s + from, len);
}

void
view_input(const struct model *m, struct grid *g)
{
	const struct rect *r = &m->layout.input;
	struct compose c = compose_make(m, r->cols);
	int top = 0;

	draw_hint(m, g);
	if (r->rows == 0)
		return;
	if (c.row >= r->rows)
		top = c.row - r->rows + 1;
	for (int row = 0; row < r->rows && top + row < c.rows; row++)
		draw_row(m, &c, g, top + row, row);
	g->cursor_row = r->row + c.row - top;
	g->cursor_col = c.col < r->cols ? c.col : r->cols - 1;
}
