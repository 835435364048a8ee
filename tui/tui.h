/* The full-screen client at work: a model between the engine, the loop and the
 * screen. */
#ifndef TUI_H
#define TUI_H

#include "tui/model.h"

#include "io/loop.h"

struct tui;

/* What the program around it does. ctx is passed on. */
struct tui_conf {
	/* Keeps the drafts; keeps the settings. */
	void (*save)(void *ctx, const char *text, size_t len);
	void (*keep)(void *ctx, const char *text, size_t len);
	/* Writes a line of what is said. */
	void (*log)(void *ctx, const char *line);
	/* A server was typed; false: the sentence in why is shown. */
	bool (*server)(void *ctx, const char *text, size_t len, char *why,
	    size_t cap);
	void *ctx;
};

/* The screen must be open. NULL without memory. */
struct tui *tui_new(const struct tui_conf *conf);
void tui_free(struct tui *t);

/* To be filled before the loop runs: settings, drafts, names. */
struct model *tui_model(struct tui *t);

/* Goes to work in a loop; client NULL: there is no server yet, and the loop is
 * stopped as soon as one was typed. */
void tui_attach(struct tui *t, struct loop *l, struct client *client);
void tui_detach(struct tui *t);

/* For struct host_hooks. */
void tui_event(struct tui *t, const struct event *ev);
bool tui_turn(struct tui *t, usec_t now);

/* True if the user is done, with the exit status. */
bool tui_is_over(const struct tui *t, int *status);

/* Drafts are kept, whatever comes next. */
void tui_save(struct tui *t);

#endif
