/* When to call for attention: never for one who is looking, never often. */
#ifndef ALERT_H
#define ALERT_H

#include "core/usec.h"

#include <stdbool.h>
#include <stddef.h>

enum alert_way { ALERT_OFF, ALERT_BELL, ALERT_OSC9, ALERT_OSC777, ALERT_WAYS };

#define ALERT_EVERY_US (2 * USEC_S)
#define ALERT_MINUTE_US (60 * USEC_S)
enum { ALERT_REQUESTS = 3 }; /* a minute */

/* All zeros is off. */
struct alert {
	enum alert_way way;
	usec_t next_at;                   /* not earlier */
	usec_t requests[ALERT_REQUESTS];  /* when the last ones were told */
	size_t told;
};

/* What makes a terminal call for attention, about whom; control characters in
 * name are replaced. Returns the length, 0 for none. */
enum { ALERT_BYTES = 256 };
size_t alert_bytes(enum alert_way way, const char *name,
    char out[static ALERT_BYTES]);

/* A message came, or a request; true: tell now. */
bool alert_message(struct alert *a, usec_t now, bool is_seen);
bool alert_request(struct alert *a, usec_t now, bool is_focused);

#endif
