#include "inside.h"

#include "event.h"

#include <assert.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ACTS_MAX = 200000, /* of one wake-up: more is a loop */
	LATE_MAX = 2,
};

void
list_add(struct list *l, void *item)
{
	if (l->count == l->capacity) {
		l->capacity = l->capacity > 0 ? l->capacity * 2 : 8;
		l->items = realloc(l->items, l->capacity * sizeof *l->items);
		assert(l->items != NULL);
	}
	l->items[l->count++] = item;
}

void
list_remove(struct list *l, const void *item)
{
	size_t i = 0;

	while (i < l->count && l->items[i] != item)
		i++;
	assert(i < l->count);
	l->count--;
	memmove(&l->items[i], &l->items[i + 1],
	    (l->count - i) * sizeof *l->items);
}

void
list_fini(struct list *l)
{
	free(l->items);
	*l = (struct list) { 0 };
}

struct world *
world_new(uint64_t seed)
{
	struct world *w = calloc(1, sizeof *w);

	assert(w != NULL);
	rng_init_test(&w->rng, seed, "world");
	world_net(w, 3);
	return w;
}

void
world_free(struct world *w)
{
	dues_fini(&w->dues);
	for (size_t i = 0; i < w->nodes.count; i++)
		free(w->nodes.items[i]);
	for (size_t i = 0; i < w->hosts.count; i++)
		host_free(w->hosts.items[i]);
	for (size_t i = 0; i < w->routers.count; i++)
		router_free(w->routers.items[i]);
	for (size_t i = 0; i < w->nets.count; i++)
		net_free(w->nets.items[i]);
	list_fini(&w->nodes);
	list_fini(&w->hosts);
	list_fini(&w->routers);
	list_fini(&w->nets);
	rng_fini(&w->rng);
	free(w);
}

usec_t
world_now(const struct world *w)
{
	return w->now;
}

struct rng *
world_rng(struct world *w)
{
	return &w->rng;
}

void
world_at(struct world *w, usec_t at, due_fn *fn, void *what)
{
	dues_add(&w->dues, at > w->now ? at : w->now, fn, what);
}

void
world_set_watch(struct world *w, const struct world_watch *watch)
{
	w->watch = *watch;
}

void
world_mask(struct world *w, uint64_t mask, flow_fn *flow, const void *ctx)
{
	w->has_mask = true;
	w->mask = mask;
	w->masked = 0;
	w->flow = flow;
	w->flow_ctx = ctx;
}

void
world_block(struct world *w, flow_fn *flow, const void *ctx)
{
	w->blocked = flow;
	w->blocked_ctx = ctx;
}

unsigned
world_masked(const struct world *w)
{
	return w->masked;
}

void
world_fail(struct world *w, const char *fmt, ...)
{
	va_list args;

	if (w->failure[0] != '\0')
		return;
	va_start(args, fmt);
	vsnprintf(w->failure, sizeof w->failure, fmt, args);
	va_end(args);
}

const char *
world_failure(const struct world *w)
{
	return w->failure[0] != '\0' ? w->failure : NULL;
}

void
world_name(struct world *w, const char *name, const struct addr *addrs,
    size_t count, usec_t delay)
{
	struct name *n = NULL;

	assert(count <= RESOLVED_COUNT);
	for (size_t i = 0; i < w->name_count; i++)
		if (strcmp(w->names[i].name, name) == 0)
			n = &w->names[i];
	if (n == NULL) {
		assert(w->name_count < NAMES_MAX);
		n = &w->names[w->name_count++];
	}
	snprintf(n->name, sizeof n->name, "%s", name);
	memcpy(n->addrs, addrs, count * sizeof *addrs);
	n->count = count;
	n->delay = delay;
}

void
world_resolver(struct world *w, bool is_down)
{
	w->resolver_down = is_down;
}

static void
resolve(struct node *n, const struct act *act)
{
	const struct world *w = n->world;
	struct input in = { .kind = IN_RESOLVED, .sock = act->sock,
		.err = E_NONE, .text = "no such name" };
	struct addr addrs[RESOLVED_COUNT];
	usec_t delay = 20 * USEC_MS;

	if (w->resolver_down) {
		in.err = E_IO;
		in.text = "the resolver does not answer";
		node_tell(n, 5 * USEC_S, &in);
		return;
	}
	for (size_t i = 0; i < w->name_count; i++) {
		const struct name *name = &w->names[i];

		if (strcmp(name->name, act->text) != 0)
			continue;
		delay = name->delay;
		if (name->count == 0)
			break;
		for (size_t k = 0; k < name->count; k++) {
			addrs[k] = name->addrs[k];
			addrs[k].port = act->to.port;
		}
		in.err = E_OK;
		in.text = NULL;
		in.addrs = addrs;
		in.count = name->count;
	}
	node_tell(n, delay, &in);
}

/* ---- the trace ---- */

static void
hash_bytes(struct world *w, const void *buf, size_t len)
{
	uint8_t key[crypto_shorthash_KEYBYTES], out[8];

	memcpy(key, &w->trace, 8);
	memcpy(key + 8, &len, 8);
	crypto_shorthash(out, buf, len, key);
	memcpy(&w->trace, out, 8);
}

static void
hash_addr(struct world *w, const struct addr *a)
{
	hash_bytes(w, a->ip, sizeof a->ip);
	hash_bytes(w, &a->port, sizeof a->port);
}

static void
hash_act(struct world *w, const struct node *n, const struct act *act)
{
	uint64_t head[6] = { w->now, n->id, act->kind, (uint64_t)act->sock,
		act->ttl, act->id };

	if (act->kind == ACT_EVENT) {
		head[5] = act->event->kind;
		hash_bytes(w, act->event->peer, strlen(act->event->peer));
		hash_bytes(w, &act->event->id, sizeof act->event->id);
	}
	hash_bytes(w, head, sizeof head);
	hash_addr(w, &act->from);
	hash_addr(w, &act->to);
	if (act->buf != NULL)
		hash_bytes(w, act->buf, act->len);
	if (act->text != NULL)
		hash_bytes(w, act->text, strlen(act->text));
}

uint64_t
world_trace(const struct world *w)
{
	return w->trace;
}

/* ---- nodes ---- */

static void
perform(struct node *n, const struct act *act)
{
	switch (act->kind) {
	case ACT_OPEN:
		host_open(n, act);
		return;
	case ACT_LISTEN:
		host_listen(n, act);
		return;
	case ACT_SEND:
		host_datagram(n, act);
		return;
	case ACT_DIAL:
		tcp_dial(n, act);
		return;
	case ACT_WRITE:
		tcp_write(n, act);
		return;
	case ACT_CLOSE:
		host_close(n, act->sock, act->is_cut);
		return;
	case ACT_RESOLVE:
		resolve(n, act);
		return;
	case ACT_UPNP:
		gateway_upnp(n, act);
		return;
	case ACT_SAVE:
		disk_save(n, act);
		return;
	case ACT_STORE:
		disk_store(n, act);
		return;
	case ACT_EVENT:
		return;
	}
	world_fail(n->world, "%s: unknown act %d", n->name, act->kind);
}

usec_t
node_now(const struct node *n)
{
	return n->world->now + n->offset;
}

static void
plan_wake(struct node *n)
{
	usec_t deadline = n->ops->deadline(n->self);

	if (deadline > node_now(n)) {
		n->late = 0;
		n->wakes = deadline == USEC_NEVER ? USEC_NEVER :
		    deadline - n->offset;
		return;
	}
	n->wakes = n->world->now;
	if (++n->late < LATE_MAX)
		return;
	world_fail(n->world, "%s: the deadline stays in the past", n->name);
	n->wakes = n->world->now + USEC_S;
	n->late = 0;
}

void
node_settle(struct node *n)
{
	struct world *w = n->world;
	usec_t now = node_now(n);
	unsigned acts = 0;
	struct act act;

	if (!n->is_running)
		return;
	if (n->ops->deadline(n->self) <= now)
		n->ops->expire(n->self, now);
	while (n->is_running && n->ops->next(n->self, now, &act)) {
		if (++acts > ACTS_MAX) {
			world_fail(w, "%s: acts without end", n->name);
			break;
		}
		hash_act(w, n, &act);
		if (w->watch.act != NULL)
			w->watch.act(w->watch.ctx, n, &act);
		perform(n, &act);
	}
	if (!n->is_running)
		return;
	plan_wake(n);
	if (w->watch.settled != NULL)
		w->watch.settled(w->watch.ctx, n);
}

void
node_input(struct node *n, const struct input *in)
{
	struct world *w = n->world;

	if (!n->is_running || n->host->is_asleep)
		return;
	if (w->watch.input != NULL)
		w->watch.input(w->watch.ctx, n, in);
	n->ops->input(n->self, node_now(n), in);
	node_settle(n);
}

/* An input that waits, with what it points to. */
struct told {
	struct node *node;
	struct input in;
	struct addr addrs[LOCAL_ADDRS_MAX];
	char text[64];
	uint8_t buf[];
};

static void
deliver(struct world *w, void *what)
{
	struct told *t = what;

	/* The machine sleeps: what comes from itself waits until it wakes. */
	if (t->node->host->is_asleep && t->node->is_running) {
		struct input in = t->in;

		node_tell(t->node, USEC_S, &in);
		return;
	}
	(void)w;
	node_input(t->node, &t->in);
}

void
node_tell(struct node *n, usec_t after, const struct input *in)
{
	struct told *t = calloc(1, sizeof *t + in->len);

	assert(t != NULL && in->count <= LOCAL_ADDRS_MAX);
	t->node = n;
	t->in = *in;
	if (in->count > 0) {
		memcpy(t->addrs, in->addrs, in->count * sizeof *in->addrs);
		t->in.addrs = t->addrs;
	}
	if (in->text != NULL) {
		snprintf(t->text, sizeof t->text, "%s", in->text);
		t->in.text = t->text;
	}
	if (in->len > 0) {
		memcpy(t->buf, in->buf, in->len);
		t->in.buf = t->buf;
	}
	world_at(n->world, n->world->now + after, deliver, t);
}

struct socket_of {
	const struct node *node;
	int sock;
};

static bool
is_for_socket(const void *what, const void *ctx)
{
	const struct told *t = what;
	const struct socket_of *s = ctx;

	return t->node == s->node && t->in.sock == s->sock &&
	    t->in.kind != IN_SAVED && t->in.kind != IN_NETIF &&
	    t->in.kind != IN_GATEWAYS;
}

void
node_forget(struct node *n, int sock)
{
	struct socket_of s = { n, sock };

	dues_cancel(&n->world->dues, deliver, is_for_socket, &s);
}

struct node *
world_node(struct world *w, struct host *h, const char *name,
    const struct node_ops *ops, void *self, usec_t offset)
{
	struct node *n = calloc(1, sizeof *n);

	assert(n != NULL);
	n->world = w;
	n->host = h;
	snprintf(n->name, sizeof n->name, "%s", name);
	n->id = (uint32_t)w->nodes.count;
	n->ops = ops;
	n->self = self;
	n->offset = offset;
	n->wakes = USEC_NEVER;
	n->next_accepted = ACT_ACCEPTED;
	n->is_running = true;
	list_add(&w->nodes, n);
	list_add(&h->nodes, n);
	host_netif(n);
	return n;
}

void
node_stop(struct node *n, enum node_end end)
{
	if (!n->is_running)
		return;
	n->is_running = false;
	n->wakes = USEC_NEVER;
	host_forget_node(n, end);
	list_remove(&n->host->nodes, n);
}

const char *
node_name(const struct node *n)
{
	return n->name;
}

struct host *
node_host(const struct node *n)
{
	return n->host;
}

/* ---- going on ---- */

static struct node *
next_node(const struct world *w)
{
	struct node *first = NULL;

	for (size_t i = 0; i < w->nodes.count; i++) {
		struct node *n = w->nodes.items[i];

		if (n->wakes == USEC_NEVER || n->host->is_asleep)
			continue;
		if (first == NULL || n->wakes < first->wakes)
			first = n;
	}
	return first;
}

/* Packets before timers: what is there at a time is read before the timers of
 * that time run out. */
bool
world_step(struct world *w, usec_t until)
{
	struct node *n = next_node(w);
	usec_t wakes = n != NULL ? n->wakes : USEC_NEVER;
	usec_t due = dues_next(&w->dues);
	struct due d;

	if (usec_min(wakes, due) == USEC_NEVER && until == USEC_NEVER)
		return false;
	if (usec_min(wakes, due) > until) {
		w->now = until > w->now ? until : w->now;
		return false;
	}
	if (wakes < due) {
		w->now = wakes > w->now ? wakes : w->now;
		node_settle(n);
		return true;
	}
	d = dues_take(&w->dues);
	assert(d.at >= w->now);
	w->now = d.at;
	if (d.fn != NULL)
		d.fn(w, d.what);
	free(d.what);
	return true;
}

void
world_run(struct world *w, usec_t until)
{
	while (world_step(w, until))
		continue;
}
