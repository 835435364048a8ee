/* What to write to a terminal so that the prompt and the line stand at the
 * bottom and everything else scrolls by above them. Pure: bytes for a state.
 * Knows a handful of escape sequences of ECMA-48 and none for a dumb
 * terminal. */
#ifndef PAINT_H
#define PAINT_H

#include "face/str.h"

#include <stdbool.h>
#include <stddef.h>

/* What is to stand at the bottom. */
struct paint_view {
	const char *prompt;  /* clean, one line */
	const char *text;    /* from the editor */
	size_t len, at;      /* its bytes, and those before the cursor */
	const char *below;   /* clean lines with LF between, or "" */
};

struct paint {
	size_t width, height; /* of the terminal */
	bool is_dumb;   /* no escape sequences: also when width is 0 */
	bool is_silent; /* what is typed is shown by somebody else */
	bool is_shown;
	size_t row;     /* of the cursor, from the first row drawn */
	struct str prompt, text; /* what is shown */
	size_t at;
	bool has_below;
};

/* Zeroed it shows nothing. */
void paint_fini(struct paint *p);

/* The terminal has this size now; it has wrapped what is shown anew. */
void paint_resize(struct paint *p, size_t width, size_t height);

/* Takes the prompt and the line away. */
void paint_hide(struct paint *p, struct str *out);

/* Shows them, or shows them as they are now. */
void paint_show(struct paint *p, struct str *out,
    const struct paint_view *view);

/* The line was entered: it stays where it is and what follows goes below. */
void paint_leave(struct paint *p, struct str *out,
    const struct paint_view *view);

/* Lines with LF, which scroll by; the prompt must be hidden. */
void paint_lines(struct str *out, const char *s, size_t len);

/* A prompt that leaves room for typing: at least 20 of width columns, got by
 * leaving out the middle of the address. name and address are clean; state is
 * "UDP", "TCP", "RELAY" or NULL. out is emptied first. */
void paint_prompt(struct str *out, const char *name, const char *state,
    const char *address, size_t width);

#endif
