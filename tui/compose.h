/* The line being written, as it lies on the screen: prompt, rows, cursor, and
 * the hint above it. */
#ifndef COMPOSE_H
#define COMPOSE_H

#include "tui/model.h"

enum { COMPOSE_PROMPT = 192, COMPOSE_HINT = 1024, COMPOSE_HINT_ROWS = 3 };

struct compose {
	char prompt[COMPOSE_PROMPT];
	int indent;        /* columns of the prompt, and of all rows */
	int rows;          /* that the text takes */
	int row, col;      /* of the cursor, from the first row */
};

/* For a width; cols < 1 counts as 1. */
struct compose compose_make(const struct model *m, int cols);

/* The text that begins in a row of the composed line: bytes from *from on,
 * *len of them. */
void compose_row(const struct model *m, const struct compose *c, int cols,
    int row, size_t *from, size_t *len);

/* What is said above the line, rows with LF between; "" : nothing. */
void compose_hint(const struct model *m, int cols,
    char out[static COMPOSE_HINT]);

#endif
