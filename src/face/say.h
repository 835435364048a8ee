/* Events as lines for people. Everything that is said passes text_clean here,
 * so that no byte of it can do anything to a terminal, and every line but the
 * first of an event is indented, so that no text can look like another
 * event. */
#ifndef SAY_H
#define SAY_H

#include "core/event.h"
#include "face/str.h"

#include <stdbool.h>
#include <stddef.h>

struct say {
	size_t width; /* columns to wrap at; 0: lines are as long as they are */
	bool color;
};

/* Appends what there is to say about an event, lines with LF; nothing for
 * events that only programs care about. */
void say_event(struct str *out, const struct say *how, const struct event *ev);

/* One line of the face's own. */
void say_line(struct str *out, const struct say *how, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for an error. */
void say_error(struct str *out, const struct say *how, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
