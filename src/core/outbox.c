#include "outbox.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS_FIRST = 16 };

struct outbox_kept {
	struct outbox_kept *next;
	uint8_t bytes[];
};

static void
drop_kept(struct outbox *o)
{
	struct outbox_kept *k;

	while ((k = o->kept) != NULL) {
		o->kept = k->next;
		free(k);
	}
}

uint8_t *
outbox_keep(struct outbox *o, const void *buf, size_t len)
{
	struct outbox_kept *k = malloc(sizeof *k + len);

	if (k == NULL)
		return NULL;
	if (len > 0)
		memcpy(k->bytes, buf, len);
	k->next = o->kept;
	o->kept = k;
	return k->bytes;
}

bool
outbox_init(struct outbox *o, uint32_t capacity, size_t bytes_cap)
{
	memset(o, 0, sizeof *o);
	o->acts = calloc(capacity, sizeof *o->acts);
	o->bytes = malloc(bytes_cap);
	o->events = calloc(EVENTS_FIRST, sizeof *o->events);
	if (o->acts == NULL || o->bytes == NULL || o->events == NULL) {
		outbox_fini(o);
		return false;
	}
	o->capacity = capacity;
	o->bytes_cap = bytes_cap;
	o->events_cap = EVENTS_FIRST;
	return true;
}

void
outbox_fini(struct outbox *o)
{
	drop_kept(o);
	free(o->acts);
	free(o->bytes);
	free(o->events);
	memset(o, 0, sizeof *o);
}

bool
outbox_is_empty(const struct outbox *o)
{
	return o->taken == o->count;
}

static void
reset(struct outbox *o)
{
	drop_kept(o);
	o->count = o->taken = 0;
	o->bytes_len = 0;
	o->events_count = 0;
}

bool
outbox_next(struct outbox *o, struct act *out)
{
	if (outbox_is_empty(o)) {
		reset(o);
		return false;
	}
	*out = o->acts[o->taken++];
	/* Events move when their array grows: they are kept by number. */
	if (out->kind == ACT_EVENT)
		out->event = &o->events[out->id];
	return true;
}

/* The arrays start anew once everything in them was taken; what was taken
 * last is no longer valid then, as the contract says. */
static void
recycle(struct outbox *o)
{
	if (o->count > 0 && outbox_is_empty(o))
		reset(o);
}

/* A place for an act that must not be lost: the array grows. */
static struct act *
must_add(struct outbox *o, enum act_kind kind)
{
	struct act *act;

	recycle(o);
	if (o->count == o->capacity) {
		uint32_t capacity = o->capacity * 2;
		struct act *acts = realloc(o->acts, capacity * sizeof *acts);

		if (acts == NULL)
			abort();
		o->acts = acts;
		o->capacity = capacity;
	}
	act = &o->acts[o->count++];
	memset(act, 0, sizeof *act);
	act->kind = kind;
	return act;
}

uint8_t *
outbox_reserve(struct outbox *o, size_t cap)
{
	recycle(o);
	if (o->count == o->capacity || o->bytes_cap - o->bytes_len < cap) {
		o->dropped++;
		return NULL;
	}
	return o->bytes + o->bytes_len;
}

static struct act *
commit(struct outbox *o, enum act_kind kind, int sock, size_t len)
{
	struct act *act;

	assert(o->count < o->capacity);
	assert(len <= o->bytes_cap - o->bytes_len);
	act = &o->acts[o->count++];
	memset(act, 0, sizeof *act);
	act->kind = kind;
	act->sock = sock;
	act->buf = o->bytes + o->bytes_len;
	act->len = len;
	o->bytes_len += len;
	return act;
}

void
outbox_send(struct outbox *o, int sock, const struct addr *to, uint8_t ttl,
    size_t len)
{
	struct act *act = commit(o, ACT_SEND, sock, len);

	act->to = *to;
	act->ttl = ttl;
}

void
outbox_write(struct outbox *o, int sock, size_t len)
{
	commit(o, ACT_WRITE, sock, len);
}

bool
outbox_send_copy(struct outbox *o, int sock, const struct addr *to,
    uint8_t ttl, const void *buf, size_t len)
{
	uint8_t *p = outbox_reserve(o, len);

	if (p == NULL)
		return false;
	memcpy(p, buf, len);
	outbox_send(o, sock, to, ttl, len);
	return true;
}

bool
outbox_write_copy(struct outbox *o, int sock, const void *buf, size_t len)
{
	uint8_t *p = outbox_reserve(o, len);

	if (p == NULL)
		return false;
	memcpy(p, buf, len);
	outbox_write(o, sock, len);
	return true;
}

static struct act *
socket_act(struct outbox *o, enum act_kind kind, int sock)
{
	struct act *act = must_add(o, kind);

	act->sock = sock;
	return act;
}

void
outbox_open(struct outbox *o, int sock, const struct addr *local)
{
	socket_act(o, ACT_OPEN, sock)->from = *local;
}

void
outbox_join(struct outbox *o, int sock, const struct addr *group,
    const struct addr *local)
{
	struct act *act = socket_act(o, ACT_OPEN, sock);

	act->from = *group;
	act->to = *local;
}

void
outbox_listen(struct outbox *o, int sock, const struct addr *local)
{
	socket_act(o, ACT_LISTEN, sock)->from = *local;
}

void
outbox_dial_ttl(struct outbox *o, int sock, const struct addr *local,
    const struct addr *to, uint8_t ttl)
{
	struct act *act = socket_act(o, ACT_DIAL, sock);

	if (local != NULL)
		act->from = *local;
	act->to = *to;
	act->ttl = ttl;
}

void
outbox_dial(struct outbox *o, int sock, const struct addr *local,
    const struct addr *to)
{
	outbox_dial_ttl(o, sock, local, to, 0);
}

void
outbox_close(struct outbox *o, int sock)
{
	socket_act(o, ACT_CLOSE, sock);
}

void
outbox_cut(struct outbox *o, int sock)
{
	socket_act(o, ACT_CLOSE, sock)->is_cut = true;
}

void
outbox_resolve(struct outbox *o, int sock, const char *host, uint16_t port)
{
	struct act *act = socket_act(o, ACT_RESOLVE, sock);

	act->text = host;
	act->to.port = port;
}

void
outbox_upnp(struct outbox *o, int sock, const struct addr *local,
    const struct addr *router, uint32_t lifetime_s)
{
	struct act *act = socket_act(o, ACT_UPNP, sock);

	act->from = *local;
	act->to = *router;
	act->id = lifetime_s;
}

void
outbox_save(struct outbox *o, const char *name, uint32_t id, const void *buf,
    size_t len)
{
	struct act *act = must_add(o, ACT_SAVE);

	act->text = name;
	act->id = id;
	act->buf = buf;
	act->len = len;
}

bool
outbox_store(struct outbox *o, uint32_t id, const struct store_change *change)
{
	struct store_change *copy;
	struct act *act;
	size_t pad;

	recycle(o);
	pad = -o->bytes_len % _Alignof(struct store_change);
	if (o->bytes_cap - o->bytes_len < pad + sizeof *copy)
		return false;
	copy = (void *)(o->bytes + o->bytes_len + pad);
	*copy = *change;
	o->bytes_len += pad + sizeof *copy;
	act = must_add(o, ACT_STORE);
	act->id = id;
	act->change = copy;
	return true;
}

struct event *
outbox_event(struct outbox *o, enum event_kind kind)
{
	struct act *act = must_add(o, ACT_EVENT);
	struct event *event;

	if (o->events_count == o->events_cap) {
		uint32_t cap = o->events_cap * 2;
		struct event *events =
		    realloc(o->events, cap * sizeof *events);

		if (events == NULL)
			abort();
		o->events = events;
		o->events_cap = cap;
	}
	act->id = o->events_count;
	event = &o->events[o->events_count++];
	memset(event, 0, sizeof *event);
	event->kind = kind;
	return event;
}
