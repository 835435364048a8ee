/* A model with people in it, for tests of the full-screen client. */
#ifndef SCENE_H
#define SCENE_H

#include "tui/model.h"
#include "tui/view.h"

#define SCENE_NOW (1000 * USEC_S)
/* Tuesday 2025-11-04, 14:20 local time */
#define SCENE_WALL ((int64_t)20396 * 86400 + 14 * 3600 + 20 * 60)

struct scene {
	struct model m;
	struct grid grid;
	usec_t now;
	int64_t wall_s;
};

/* Ann, who is registering. */
void scene_init(struct scene *s, int rows, int cols);
void scene_fini(struct scene *s);

/* Time passes. */
void scene_wait(struct scene *s, usec_t us);

/* An event with these fields; more are set by the caller before. */
struct event scene_event(enum event_kind kind, const char *peer);
void scene_tell(struct scene *s, const struct event *ev);

void scene_registered(struct scene *s);
void scene_online(struct scene *s, const char *const *names, size_t count);
void scene_asking(struct scene *s, const char *name);
void scene_request(struct scene *s, const char *name);
void scene_connected(struct scene *s, const char *name,
    enum transport transport);
void scene_message(struct scene *s, const char *from, const char *text);

/* Own message: queued with the id, and delivered if so said. */
void scene_sent(struct scene *s, const char *to, const char *text,
    uint64_t id, bool delivered);

/* The number of somebody who is verified; how a yes was taken. */
void scene_number(struct scene *s, const char *name);
void scene_verified(struct scene *s, const char *name);

/* Keys by name, "Alt+Y"; text as it is typed. */
void scene_key(struct scene *s, const char *name);
void scene_type(struct scene *s, const char *text);

/* The next command for the engine; its text is kept until the next call.
 * id COMMAND_NONE: there is none. */
struct command scene_command(struct scene *s);

/* What stands in the line; what the next command is, and about whom. */
void scene_line_is(const struct scene *s, const char *want);
void scene_next_is(struct scene *s, enum command_id id, const char *name);

/* Draws at the size; returns the rows as text with LF, in a buffer of the
 * scene's own. */
const char *scene_draw(struct scene *s);
void scene_resize(struct scene *s, int rows, int cols);

/* True if the screen shows the text on one row. */
bool scene_shows(struct scene *s, const char *text);

#endif
