/* The screen: functions from the model to a grid. Nothing here changes
 * anything but the grid. */
#ifndef VIEW_H
#define VIEW_H

#include "tui/grid.h"
#include "tui/model.h"

/* Draws everything; the grid has the model's size, and model_arrange was
 * called. */
void view_draw(const struct model *m, usec_t now, int64_t wall_s,
    struct grid *g);

/* The parts, each into its own rectangle of m->layout. */
void view_title(const struct model *m, struct grid *g);
void view_list(const struct model *m, usec_t now, struct grid *g);
void view_chat(const struct model *m, struct grid *g);
void view_details(const struct model *m, usec_t now, struct grid *g);
void view_bar(const struct model *m, usec_t now, struct grid *g);
void view_status(const struct model *m, usec_t now, int64_t wall_s,
    struct grid *g);
void view_input(const struct model *m, struct grid *g);
void view_over(const struct model *m, usec_t now, struct grid *g);

/* Symbols, with their twins for terminals without UTF-8. */
enum symbol { SYMBOL_BAR, SYMBOL_SENT, SYMBOL_DELIVERED, SYMBOL_FAILED };
const char *view_symbol(const struct grid *g, enum symbol symbol);

/* "14:02" */
void view_clock(int64_t wall_s, char out[static 8]);

/* "UDP", "ask", "lost": the state of a chat in a word of at most 6. */
const char *view_state(const struct chat *c);

/* The step that a way to a peer has come to, of VIEW_STEPS, and its name. */
enum { VIEW_STEPS = 5 };
int view_step(const struct chat *c);
const char *view_step_name(int step);

/* "0:41", "1:02:03" */
void view_span(usec_t us, char out[static 24]);

#endif
