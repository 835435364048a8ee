#include "calls.h"

#include <stdlib.h>
#include <string.h>

void
calls_init(struct calls *c)
{
	memset(c, 0, sizeof *c);
}

static void
forget(struct call *call)
{
	free(call->body);
	memset(call, 0, sizeof *call);
}

void
calls_fini(struct calls *c)
{
	int i;

	for (i = 0; i < CALLS_MAX; i++)
		forget(&c->list[i]);
}

static struct call *
find(struct calls *c, uint32_t id)
{
	int i;

	for (i = 0; i < CALLS_MAX; i++)
		if (c->list[i].id == id)
			return &c->list[i];
	return NULL;
}

bool
calls_add(struct calls *c, usec_t now, enum op op, uint64_t tag,
    const void *body, size_t len)
{
	struct call *call = find(c, 0);
	uint8_t *copy;

	if (call == NULL)
		return false;
	copy = malloc(len > 0 ? len : 1);
	if (copy == NULL)
		return false;
	if (len > 0)
		memcpy(copy, body, len);
	do
		c->next_id++;
	while (c->next_id == 0 || find(c, c->next_id) != NULL);
	call->id = c->next_id;
	call->op = (uint8_t)op;
	call->tag = tag;
	call->body = copy;
	call->len = len;
	call->born_at = call->send_at = now;
	call->retry_us = CALL_RETRY_US;
	return true;
}

void
calls_cancel(struct calls *c, enum op op, uint64_t tag)
{
	int i;

	for (i = 0; i < CALLS_MAX; i++) {
		struct call *call = &c->list[i];

		if (call->id != 0 && call->op == op && call->tag == tag)
			forget(call);
	}
}

bool
calls_has(const struct calls *c, enum op op, uint64_t tag)
{
	int i;

	for (i = 0; i < CALLS_MAX; i++) {
		const struct call *call = &c->list[i];

		if (call->id != 0 && call->op == op && call->tag == tag)
			return true;
	}
	return false;
}

bool
calls_next(struct calls *c, usec_t now, struct wr *w)
{
	int i;

	for (i = 0; i < CALLS_MAX; i++) {
		struct call *call = &c->list[i];
		size_t begin;

		if (call->id == 0 || call->send_at > now)
			continue;
		call->send_at = now + call->retry_us;
		call->retry_us = usec_min(call->retry_us * 2,
		    CALL_RETRY_MAX_US);
		begin = wire_begin_frame(w, SF_CALL);
		put_u32(w, call->id);
		put_u8(w, call->op);
		put_bytes(w, call->body, call->len);
		wire_end_frame(w, begin);
		return true;
	}
	return false;
}

bool
calls_answer(struct calls *c, uint32_t id, uint8_t *op, uint64_t *tag)
{
	struct call *call = id != 0 ? find(c, id) : NULL;

	if (call == NULL)
		return false;
	*op = call->op;
	*tag = call->tag;
	forget(call);
	return true;
}

bool
calls_give_up(struct calls *c, usec_t now, uint8_t *op, uint64_t *tag)
{
	int i;

	for (i = 0; i < CALLS_MAX; i++) {
		struct call *call = &c->list[i];

		if (call->id == 0 || now - call->born_at < CALL_GIVE_UP_US)
			continue;
		*op = call->op;
		*tag = call->tag;
		forget(call);
		return true;
	}
	return false;
}

void
calls_restart(struct calls *c, usec_t now)
{
	int i;

	for (i = 0; i < CALLS_MAX; i++) {
		c->list[i].send_at = now;
		c->list[i].retry_us = CALL_RETRY_US;
	}
}

usec_t
calls_deadline(const struct calls *c, bool is_up)
{
	usec_t at = USEC_NEVER;
	int i;

	for (i = 0; i < CALLS_MAX; i++) {
		const struct call *call = &c->list[i];

		if (call->id == 0)
			continue;
		at = usec_min(at, call->born_at + CALL_GIVE_UP_US);
		if (is_up)
			at = usec_min(at, call->send_at);
	}
	return at;
}
