#include "tui/grid.h"

#include "core/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int
clamp(int n, int max)
{
	return n < 0 ? 0 : n > max ? max : n;
}

void
grid_fini(struct grid *g)
{
	free(g->cells);
	g->cells = NULL;
	g->rows = g->cols = 0;
}

bool
grid_resize(struct grid *g, int rows, int cols)
{
	rows = clamp(rows, GRID_ROWS_MAX);
	cols = clamp(cols, GRID_COLS_MAX);
	if (rows != g->rows || cols != g->cols) {
		grid_fini(g);
		if (rows == 0 || cols == 0)
			return true;
		g->cells = calloc((size_t)rows * (size_t)cols,
		    sizeof(*g->cells));
		if (g->cells == NULL)
			return false;
		g->rows = rows;
		g->cols = cols;
	}
	grid_clear(g);
	return true;
}

static struct cell *
cell_at(struct grid *g, int row, int col)
{
	assert(row >= 0 && row < g->rows && col >= 0 && col < g->cols);
	return &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
}

static void
set(struct cell *c, const char *s, size_t len, int width, enum style style)
{
	assert(len < GRID_CLUSTER);
	memcpy(c->s, s, len);
	c->s[len] = '\0';
	c->width = (uint8_t)width;
	c->style = (uint8_t)style;
}

/* Whoever loses one half of a wide character loses the other. */
static void
blank(struct grid *g, int row, int col)
{
	struct cell *c = cell_at(g, row, col);

	if (c->width == 0 && col > 0)
		set(cell_at(g, row, col - 1), " ", 1, 1, c->style);
	if (c->width == 2 && col + 1 < g->cols)
		set(cell_at(g, row, col + 1), " ", 1, 1, c->style);
	set(c, " ", 1, 1, c->style);
}

void
grid_clear(struct grid *g)
{
	for (int row = 0; row < g->rows; row++)
		for (int col = 0; col < g->cols; col++)
			set(cell_at(g, row, col), " ", 1, 1, STYLE_TEXT);
	g->cursor_row = g->cursor_col = -1;
}

/* The part of the box that the grid has. */
static struct rect
clip(const struct grid *g, const struct rect *box)
{
	struct rect r = *box;

	r.rows = clamp(r.rows, g->rows - r.row);
	r.cols = clamp(r.cols, g->cols - r.col);
	if (r.row < 0 || r.col < 0)
		r.rows = r.cols = 0;
	return r;
}

static bool
is_control(const char *s)
{
	unsigned char c = (unsigned char)*s;

	return c < 0x20 || c == 0x7f ||
	    (c == 0xc2 && (unsigned char)s[1] < 0xa0);
}

/* A cluster too long for a cell ends where a character ends. */
static size_t
fit(const char *s, size_t len)
{
	if (len < GRID_CLUSTER)
		return len;
	len = GRID_CLUSTER - 1;
	while (len > 0 && ((unsigned char)s[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void
put_cluster(struct grid *g, int row, int col, int width, enum style style,
    const char *s, size_t len)
{
	blank(g, row, col);
	if (width == 2)
		blank(g, row, col + 1);
	if (is_control(s) || (g->is_ascii && (unsigned char)*s >= 0x80)) {
		set(cell_at(g, row, col), "?", 1, 1, style);
		if (width == 2)
			set(cell_at(g, row, col + 1), "?", 1, 1, style);
		return;
	}
	if (g->is_ascii)
		len = 1;
	set(cell_at(g, row, col), s, fit(s, len), width, style);
	if (width == 2)
		set(cell_at(g, row, col + 1), "", 0, 0, style);
}

int
grid_put(struct grid *g, const struct rect *box, int row, int col,
    enum style style, const char *s, size_t len)
{
	struct rect r = clip(g, box);
	size_t size;

	for (; len > 0; s += size, len -= size) {
		int width = text_cluster(s, len, &size);

		if (width == 0 && !is_control(s))
			continue;
		if (width == 0)
			width = 1;
		if (row >= 0 && row < r.rows && col >= 0 &&
		    col + width <= r.cols)
			put_cluster(g, r.row + row, r.col + col, width, style,
			    s, size);
		col += width;
	}
	return col;
}

int
grid_puts(struct grid *g, const struct rect *box, int row, int col,
    enum style style, const char *s)
{
	return grid_put(g, box, row, col, style, s, strlen(s));
}

int
grid_printf(struct grid *g, const struct rect *box, int row, int col,
    enum style style, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return grid_puts(g, box, row, col, style, text);
}

int
grid_cut(struct grid *g, const struct rect *box, int row, int col, int cols,
    enum style style, const char *s)
{
	size_t len = strlen(s), at = 0, size;
	int width = 0, next;
	bool is_cut = grid_width(s) > cols;

	if (cols <= 0)
		return col;
	for (; at < len; at += size, width += next) {
		next = text_cluster(s + at, len - at, &size);
		if (width + next > cols - is_cut)
			break;
	}
	col = grid_put(g, box, row, col, style, s, at);
	return is_cut ? grid_puts(g, box, row, col, style, "~") : col;
}

void
grid_fill_row(struct grid *g, const struct rect *box, int row,
    enum style style)
{
	struct rect r = clip(g, box);

	if (row < 0 || row >= r.rows)
		return;
	for (int col = 0; col < r.cols; col++) {
		blank(g, r.row + row, r.col + col);
		cell_at(g, r.row + row, r.col + col)->style = (uint8_t)style;
	}
}

void
grid_fill(struct grid *g, const struct rect *box, enum style style)
{
	for (int row = 0; row < box->rows; row++)
		grid_fill_row(g, box, row, style);
}

const struct cell *
grid_at(const struct grid *g, int row, int col)
{
	if (row < 0 || row >= g->rows || col < 0 || col >= g->cols)
		return NULL;
	return &g->cells[(size_t)row * (size_t)g->cols + (size_t)col];
}

size_t
grid_text(const struct grid *g, int row, char *out, size_t cap)
{
	size_t len = 0, used = 0;

	for (int col = 0; col < g->cols; col++) {
		const struct cell *c = grid_at(g, row, col);
		size_t n = strlen(c->s);

		if (len + n >= cap)
			break;
		memcpy(out + len, c->s, n);
		len += n;
		if (n != 1 || c->s[0] != ' ')
			used = n == 0 ? used : len;
	}
	out[used] = '\0';
	return used;
}

int
grid_width(const char *s)
{
	return (int)text_width(s, strlen(s));
}
