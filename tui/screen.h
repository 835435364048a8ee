/* The terminal: shows a grid, and is left as it was found on every way out. The
 * only module that knows curses. One at a time. */
#ifndef SCREEN_H
#define SCREEN_H

#include "tui/alert.h"
#include "tui/grid.h"

#include <stdbool.h>
#include <stddef.h>

enum { SCREEN_WHY = 256 };

/* Takes the terminal. False with a sentence in why if there is none that can
 * show this; nothing was changed then. Call after setlocale, and before
 * signals are watched: curses sets handlers of its own. */
bool screen_open(char why[static SCREEN_WHY]);

/* Gives it back. Does nothing if it is not taken. */
void screen_close(void);

/* False: only ASCII; no colours. Refused: it has some, and $NO_COLOR is set. */
bool screen_is_utf8(void);
bool screen_has_color(void);
bool screen_is_color_refused(void);

/* How many the terminal has. */
int screen_colors(void);

/* Asks the terminal for its background: the answer comes as a key. False if it
 * is none that would understand. */
bool screen_ask_background(void);
void screen_answered(void);

/* The window's title, clean text; "" : the one that it had. */
void screen_title(const char *title);

/* Whether clicks and the wheel are to come as keys. */
void screen_mouse(bool is_on);

/* Rows and columns now; what is not known stays as it was. */
void screen_size(int *rows, int *cols);

/* The terminal was resized: tells curses. */
void screen_resize(int rows, int cols);

/* Shows the grid; only what has changed is sent. */
void screen_draw(const struct grid *g, enum theme theme);

/* The next time everything is sent. */
void screen_repaint(void);

/* Calls for attention in a way; name: clean, who it is about. */
void screen_alert(enum alert_way way, const char *name);

/* Gives the terminal to the shell, stops, and takes it back when it goes on. */
void screen_suspend(void);

#endif
