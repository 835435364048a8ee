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

/* The title of the window, "gop2p (3) Bob": text for any terminal. */
enum { VIEW_WINDOW = 128 };
void view_window(const struct model *m, bool is_ascii,
    char out[static VIEW_WINDOW]);

/* What lies at a row of the list, at the side or over the chat. */
enum hit_kind { HIT_NOTHING, HIT_CHAT, HIT_WISH, HIT_PERSON };
struct hit {
	enum hit_kind kind;
	int number;   /* of the chat */
	size_t nth;   /* of the wishes, of those online */
};
struct hit view_list_hit(const struct model *m, usec_t now, int row, int col);

/* What the request bar says at a column can be done with a click. */
enum action view_bar_hit(const struct model *m, int row, int col);

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
