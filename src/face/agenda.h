/* Which commands are under way, which may begin, and how it all ended. A
 * script's commands end one before the next; a person's begin at once. */
#ifndef AGENDA_H
#define AGENDA_H

#include "core/command.h"
#include "core/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { AGENDA_MAX = 64 }; /* commands under way */

struct agenda {
	bool in_order; /* a script's */
	struct agenda_item {
		uint32_t serial;
		enum command_id id;
	} items[AGENDA_MAX];
	size_t count;
	uint32_t last_serial;
	enum exit_code failed; /* of the first command that did not succeed */
};

/* True if a command may begin. While a connect waits for its answer, allow,
 * deny and exit may: two scripts could wait for each other for ever. Messages
 * that follow each other begin together, and end in their order before the
 * client sends anything: so they share packets. */
bool agenda_may_begin(const struct agenda *a, enum command_id id);

/* A command begins; returns the serial that its EV_DONE will have. */
uint32_t agenda_begin(struct agenda *a, enum command_id id);

/* EV_DONE came. */
void agenda_end(struct agenda *a, const struct event *done);

#endif
