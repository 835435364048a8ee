/* Counts what the real screen sends to a terminal of 80x24. */
#ifndef METER_H
#define METER_H

#include "tui/grid.h"

/* Gives this process such a terminal (xterm-256color) instead of its input and
 * output. False if it cannot have one: why not is on stderr. */
bool meter_open(void);

/* The bytes that it takes to show this after what is shown. */
size_t meter_draw(const struct grid *g, enum theme theme);

/* The same for the status line alone: from the state of a name to another,
 * with everything else as it was. */
size_t meter_change(const char *from, const char *to, enum theme theme);

/* What usually follows one another, in a conversation and before. */
struct meter_step {
	const char *from, *to;
};

enum { METER_STEPS = 21 };
extern const struct meter_step meter_steps[METER_STEPS];

#endif
