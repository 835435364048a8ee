/* What a screen shows, as a value: rows of cells, each with one grapheme
 * cluster, its columns and its style. Views write it, the screen copies it to
 * the terminal, tests compare it. */
#ifndef GRID_H
#define GRID_H

#include "tui/style.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GRID_CLUSTER = 32, /* bytes of a cluster with NUL; more are cut */
	GRID_ROWS_MAX = 1000,
	GRID_COLS_MAX = 1000,
};

struct cell {
	char s[GRID_CLUSTER];
	uint8_t width; /* 1 or 2; 0: the right half of the cell before */
	uint8_t style; /* enum style */
};

struct rect {
	int row, col, rows, cols;
};

struct grid {
	int rows, cols;
	struct cell *cells;
	int cursor_row, cursor_col; /* -1: not shown */
	bool is_ascii; /* the terminal takes no other characters */
	bool has_few;  /* its font has no ticks */
};

/* All zeros is a grid of no size. A new size empties it; false without
 * memory, it has no size then. Sizes beyond the limits are cut. */
bool grid_resize(struct grid *g, int rows, int cols);
void grid_fini(struct grid *g);

void grid_clear(struct grid *g);

/* Writes clean text (text_clean_line, text_plain) from row and col of box on;
 * what lies outside of box is left out, whatever the numbers. A cell never
 * gets a control character. Returns the column after it. */
int grid_put(struct grid *g, const struct rect *box, int row, int col,
    enum style style, const char *s, size_t len);
int grid_puts(struct grid *g, const struct rect *box, int row, int col,
    enum style style, const char *s);
int grid_printf(struct grid *g, const struct rect *box, int row, int col,
    enum style style, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* At most cols columns of the text; if it is longer it ends in "~". */
int grid_cut(struct grid *g, const struct rect *box, int row, int col,
    int cols, enum style style, const char *s);

/* Blanks in a style, over a whole box or one of its rows. */
void grid_fill(struct grid *g, const struct rect *box, enum style style);
void grid_fill_row(struct grid *g, const struct rect *box, int row,
    enum style style);

/* The cell; NULL outside of the grid. */
const struct cell *grid_at(const struct grid *g, int row, int col);

/* A row as text without the blanks at its end; returns its length, at most
 * cap - 1. */
size_t grid_text(const struct grid *g, int row, char *out, size_t cap);

/* Columns of clean text, as grid_put writes it. */
int grid_width(const char *s);

#endif
