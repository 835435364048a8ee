/* The line client: on a terminal a prompt with an editor, elsewhere commands
 * from standard input one a line; people's lines or JSON on standard output. */
#ifndef LINE_H
#define LINE_H

#include "core/client.h"
#include "io/loop.h"

#include <stdbool.h>
#include <stddef.h>

struct line_conf {
	struct loop *loop;
	struct client *client;
	bool is_json;
	const char *command; /* instead of those of the input, or NULL; borrowed
	                        for the call */
	usec_t linger; /* go on receiving for so long after the last command */
};

struct line;

/* Takes over standard input and output, and the signals that end and stop a
 * program. NULL without memory. */
struct line *line_new(const struct line_conf *conf);

/* For struct host_hooks: ctx is the line. */
void line_event(void *ctx, const struct event *ev);
bool line_turn(void *ctx, usec_t now);

/* Shows a line of the log: above the prompt, or on standard error. */
void line_log(struct line *l, const char *text);

/* After the loop: writes what waits (for a second at most), gives the terminal
 * back, and returns the exit status of the process. */
int line_finish(struct line *l);
void line_free(struct line *l);

/* The history of entered lines, for a file; what was said to others is left
 * out. Of line_history_text the caller frees the result, NULL if there is
 * nothing to keep. */
void line_history_load(struct line *l, const char *text, size_t len);
char *line_history_text(const struct line *l, size_t *len);

#endif
