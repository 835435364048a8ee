/* Events as JSON: one object a line, with names that never change. */
#ifndef JSON_H
#define JSON_H

#include "core/event.h"

#include <stdint.h>

/* The event as one line with its LF, in ASCII (what is beyond it is escaped,
 * so that no text can harm a terminal and every text stays exact). wall_us is
 * the time of day, microseconds since the Epoch. The caller frees it; NULL
 * without memory. */
char *json_event(const struct event *ev, uint64_t wall_us);

#endif
