#include "face/agenda.h"

#include <assert.h>

static bool
has(const struct agenda *a, enum command_id id)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].id == id)
			return true;
	return false;
}

/* Each ends when it is queued, with nothing between that could fail later. */
static bool
are_all_messages(const struct agenda *a)
{
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].id != COMMAND_MSG)
			return false;
	return true;
}

bool
agenda_may_begin(const struct agenda *a, enum command_id id)
{
	if (a->count == AGENDA_MAX)
		return false;
	if (a->count == 0 || !a->in_order)
		return true;
	if (id == COMMAND_MSG && are_all_messages(a))
		return true;
	return has(a, COMMAND_CONNECT) && (id == COMMAND_ALLOW
	    || id == COMMAND_DENY || id == COMMAND_EXIT);
}

uint32_t
agenda_begin(struct agenda *a, enum command_id id)
{
	assert(a->count < AGENDA_MAX);
	if (++a->last_serial == 0) /* 0 is nobody's */
		a->last_serial = 1;
	a->items[a->count++] = (struct agenda_item){ a->last_serial, id };
	return a->last_serial;
}

void
agenda_end(struct agenda *a, const struct event *done)
{
	assert(done->kind == EV_DONE);
	for (size_t i = 0; i < a->count; i++)
		if (a->items[i].serial == done->serial) {
			a->items[i] = a->items[--a->count];
			break;
		}
	if (!done->ok && a->failed == EXIT_CODE_OK)
		a->failed = done->exit_code != EXIT_CODE_OK
		    ? done->exit_code : EXIT_CODE_RUNTIME;
}
