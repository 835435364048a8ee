#include "sim.h"

#include <string.h>

/* ---- what was told ---- */

void
user_mark(struct user *u)
{
	u->mark = u->count;
}

const struct record *
user_nth(const struct user *u, enum event_kind kind, size_t n)
{
	for (size_t i = u->mark; i < u->count; i++)
		if (u->records[i].ev.kind == kind && n-- == 0)
			return &u->records[i];
	return NULL;
}

const struct record *
user_last(const struct user *u, enum event_kind kind)
{
	for (size_t i = u->count; i-- > u->mark;)
		if (u->records[i].ev.kind == kind)
			return &u->records[i];
	return NULL;
}

size_t
user_count(const struct user *u, enum event_kind kind)
{
	size_t count = 0;

	for (size_t i = u->mark; i < u->count; i++)
		count += u->records[i].ev.kind == kind;
	return count;
}

const struct record *
user_result(const struct user *u, uint32_t serial)
{
	for (size_t i = u->count; i-- > 0;)
		if (u->records[i].ev.kind == EV_DONE &&
		    u->records[i].ev.serial == serial)
			return &u->records[i];
	return NULL;
}

bool
user_is_called(const struct user *u, const char *name)
{
	for (size_t i = 0; i < u->aliases; i++)
		if (strcmp(u->alias[i], name) == 0)
			return true;
	return false;
}

enum transport
user_link(const struct user *a, const struct user *b)
{
	struct addr addr;
	enum transport t = TRANSPORT_NONE;

	if (a->client == NULL)
		return t;
	for (size_t i = b->aliases; i-- > 0 && t == TRANSPORT_NONE;)
		t = client_link(a->client, b->alias[i], &addr);
	return t;
}

usec_t
user_first(const struct user *a, const struct user *b,
    enum transport transport)
{
	for (size_t i = a->mark; i < a->count; i++) {
		const struct event *ev = &a->records[i].ev;

		if ((ev->kind == EV_CONNECTED || ev->kind == EV_TRANSPORT) &&
		    ev->transport == transport && user_is_called(b, ev->peer))
			return a->records[i].at;
	}
	return USEC_NEVER;
}

usec_t
both_first(const struct user *a, const struct user *b,
    enum transport transport)
{
	usec_t at = user_first(a, b, transport);
	usec_t bt = user_first(b, a, transport);

	return at > bt ? at : bt;
}

bool
user_lists(const struct user *u, const char *name)
{
	const struct record *r = user_last(u, EV_CLIENTS);

	for (size_t i = 0; r != NULL && i < r->ev.count; i++)
		if (strcmp(r->people[i].name, name) == 0)
			return true;
	return false;
}

/* ---- conditions ---- */

static bool
is_registered(const struct cond *c)
{
	return c->a->client != NULL &&
	    client_server_state(c->a->client) == SERVER_REGISTERED;
}

struct cond
registered(struct user *a)
{
	return (struct cond) { .holds = is_registered, .a = a };
}

static bool
was_told_about(const struct cond *c)
{
	for (size_t i = c->a->count; i-- > c->a->mark;) {
		const struct event *ev = &c->a->records[i].ev;

		if (ev->kind == c->kind &&
		    (c->b == NULL || user_is_called(c->b, ev->peer)))
			return true;
	}
	return false;
}

struct cond
told(struct user *a, enum event_kind kind)
{
	return (struct cond) { .holds = was_told_about, .a = a, .kind = kind };
}

struct cond
told_about(struct user *a, enum event_kind kind, struct user *b)
{
	return (struct cond) { .holds = was_told_about, .a = a, .b = b,
		.kind = kind };
}

struct cond
asked(struct user *a, struct user *by)
{
	return told_about(a, EV_REQUEST, by);
}

static bool
are_linked(const struct cond *c)
{
	enum transport a = user_link(c->a, c->b), b = user_link(c->b, c->a);

	if (c->n == TRANSPORT_NONE)
		return a != TRANSPORT_NONE && b != TRANSPORT_NONE;
	return a == c->n && b == c->n;
}

struct cond
connected(struct user *a, struct user *b)
{
	return (struct cond) { .holds = are_linked, .a = a, .b = b,
		.n = TRANSPORT_NONE };
}

struct cond
direct(struct user *a, struct user *b)
{
	return (struct cond) { .holds = are_linked, .a = a, .b = b,
		.n = TRANSPORT_UDP };
}

struct cond
relayed(struct user *a, struct user *b)
{
	return (struct cond) { .holds = are_linked, .a = a, .b = b,
		.n = TRANSPORT_RELAY };
}

struct cond
on_tcp(struct user *a, struct user *b)
{
	return (struct cond) { .holds = are_linked, .a = a, .b = b,
		.n = TRANSPORT_TCP };
}

static bool
are_apart(const struct cond *c)
{
	return user_link(c->a, c->b) == TRANSPORT_NONE &&
	    user_link(c->b, c->a) == TRANSPORT_NONE;
}

struct cond
apart(struct user *a, struct user *b)
{
	return (struct cond) { .holds = are_apart, .a = a, .b = b };
}

static bool
has_heard(const struct cond *c)
{
	size_t count = 0;

	for (size_t i = c->a->mark; i < c->a->count; i++) {
		const struct record *r = &c->a->records[i];

		if (r->ev.kind != EV_MESSAGE)
			continue;
		if (c->text == NULL)
			count++;
		else if (strcmp(r->text, c->text) == 0)
			return true;
	}
	return c->text == NULL && count >= c->n;
}

struct cond
heard(struct user *a, const char *text)
{
	return (struct cond) { .holds = has_heard, .a = a, .text = text };
}

struct cond
heard_count(struct user *a, size_t n)
{
	return (struct cond) { .holds = has_heard, .a = a, .n = n };
}

static bool
nothing_waits(const struct cond *c)
{
	const struct sim *s = c->a->sim;

	for (size_t i = 0; i < s->message_count; i++)
		if (s->messages[i].from == c->a && !s->messages[i].delivered)
			return false;
	return true;
}

struct cond
all_delivered(struct user *a)
{
	return (struct cond) { .holds = nothing_waits, .a = a };
}

static bool
has_ended(const struct cond *c)
{
	return user_result(c->a, (uint32_t)c->n) != NULL;
}

struct cond
ended(struct user *a, uint32_t serial)
{
	return (struct cond) { .holds = has_ended, .a = a, .n = serial };
}

static bool
is_gone(const struct cond *c)
{
	return c->a->client == NULL;
}

struct cond
gone(struct user *a)
{
	return (struct cond) { .holds = is_gone, .a = a };
}

static bool
does_list(const struct cond *c)
{
	for (size_t i = 0; i < c->b->aliases; i++)
		if (user_lists(c->a, c->b->alias[i]))
			return true;
	return false;
}

struct cond
lists(struct user *a, struct user *b)
{
	return (struct cond) { .holds = does_list, .a = a, .b = b };
}
