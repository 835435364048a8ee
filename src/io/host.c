#include "config.h"

#include "host.h"

#include "listen.h"
#include "netif.h"
#include "resolve.h"
#include "results.h"
#include "saver.h"
#include "sock.h"
#include "table.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	STORES_MAX = 256, /* changes a commit */
	TURNS_MAX = 8,    /* of a wake-up */
};

#define FINISH_LIMIT (5 * USEC_S) /* for a disk that does not answer */

struct lookup {
	struct lookup *next;
	struct host *host;
	struct resolve *resolve;
	int sock;
};

struct host {
	struct loop *loop;
	const struct node_ops *ops;
	void *node;
	struct host_hooks hooks;
	struct udp_pool *udp;
	struct tcp_pool *tcp;
	struct netif *netif;
	struct table table;
	struct alarm deadline;
	struct results results;
	uint32_t stores[STORES_MAX]; /* ids of changes without commit */
	size_t stores_count;
	bool has_stores;
	struct saver *saver;
	struct lookup *lookups;
	uint64_t strays;
	bool is_finishing;
};

/* ---- to the node ---- */

static void
feed(void *ctx, const struct input *in)
{
	struct host *h = ctx;

	/* Comes while the acts of the node are carried out. */
	if (in->kind == IN_NO_ROUTE)
		results_add(&h->results, in, NULL);
	else if (!h->is_finishing)
		h->ops->input(h->node, loop_now(h->loop), in);
	if (in->kind == IN_CLOSED || (in->kind == IN_CONNECTED && in->err != 0))
		table_release(&h->table, in->sock);
}

void
host_feed(struct host *h, const struct input *in)
{
	feed(h, in);
}

static void
accepted(void *ctx, int listener, int fd)
{
	struct host *h = ctx;
	struct input in = { .kind = IN_ACCEPTED, .listener = listener };
	struct table_slot *slot;
	struct tcp *t;

	in.sock = table_accept(&h->table);
	if (in.sock < 0 || h->is_finishing) {
		close(fd);
		return;
	}
	t = tcp_adopt(h->tcp, in.sock, fd);
	if (t == NULL) {
		table_release(&h->table, in.sock);
		return;
	}
	slot = table_get(&h->table, in.sock);
	slot->kind = TABLE_TCP;
	slot->sock = t;
	in.from = tcp_remote(t);
	in.to = tcp_local(t);
	feed(h, &in);
}

static void
netif_changed(void *ctx, const struct addr *addrs, size_t count)
{
	const struct input in = { .kind = IN_NETIF, .addrs = addrs,
		.count = count };

	feed(ctx, &in);
}

static void
gateways_changed(void *ctx, const struct addr *pairs, size_t count)
{
	const struct input in = { .kind = IN_GATEWAYS, .addrs = pairs,
		.count = count };

	feed(ctx, &in);
}

/* ---- changes of the store ---- */

static void
stored(void *ctx, uint32_t id, int err, const char *why)
{
	struct host *h = ctx;
	const struct input in = { .kind = IN_SAVED, .id = id, .err = err };

	results_add(&h->results, &in, err != 0 ? why : NULL);
}

/* Commits what was changed: before anything goes out. */
static void
settle(struct host *h)
{
	char why[WHY_SIZE] = "";
	int err;

	if (!h->has_stores)
		return;
	h->has_stores = false;
	err = h->hooks.commit(h->hooks.ctx, why);
	for (size_t i = 0; i < h->stores_count; i++)
		stored(h, h->stores[i], err, why);
	h->stores_count = 0;
}

static void
do_store(struct host *h, const struct act *act)
{
	char why[WHY_SIZE] = "there is no store";
	int err = E_IO;

	if (h->stores_count == STORES_MAX)
		settle(h);
	if (h->hooks.store != NULL) {
		h->has_stores = true;
		err = h->hooks.store(h->hooks.ctx, act->change, why);
	}
	if (err != 0)
		stored(h, act->id, err, why);
	else
		h->stores[h->stores_count++] = act->id;
}

/* ---- names of hosts ---- */

static void
resolved(void *ctx, const struct resolve_answer *answer)
{
	struct lookup *l = ctx, **p = &l->host->lookups;
	struct host *h = l->host;
	const struct input in = { .kind = IN_RESOLVED, .sock = l->sock,
		.err = answer->err, .addrs = answer->addrs,
		.count = answer->count, .text = answer->text };

	while (*p != l)
		p = &(*p)->next;
	*p = l->next;
	free(l);
	feed(h, &in);
}

static void
do_resolve(struct host *h, const struct act *act)
{
	struct input in = { .kind = IN_RESOLVED, .sock = act->sock };
	struct lookup *l;

	if (addr_parse(act->text, act->to.port, &in.to)) {
		in.to.port = act->to.port;
		results_add(&h->results, &in, NULL);
		return;
	}
	in.err = E_IO;
	l = calloc(1, sizeof *l);
	if (l == NULL) {
		results_add(&h->results, &in, strerror(ENOMEM));
		return;
	}
	l->host = h;
	l->sock = act->sock;
	l->resolve = resolve_start(h->loop, act->text, act->to.port, resolved,
	    l);
	if (l->resolve == NULL) {
		results_add(&h->results, &in, strerror(errno));
		free(l);
		return;
	}
	l->next = h->lookups;
	h->lookups = l;
}

/* ---- ports at routers ---- */

static void
do_upnp(struct host *h, const struct act *act)
{
	const struct input in = { .kind = IN_UPNP, .sock = act->sock,
		.err = E_NONE };
	const char *why = NULL;

	if (h->hooks.upnp == NULL ||
	    !h->hooks.upnp(h->hooks.ctx, act, &why))
		results_add(&h->results, &in, why);
}

/* ---- sockets ---- */

static void
close_slot(struct host *h, struct table_slot *slot, int number, bool is_cut)
{
	switch (slot->kind) {
	case TABLE_FREE:
		return;
	case TABLE_UDP:
		udp_close(slot->sock);
		break;
	case TABLE_LISTENER:
		listener_free(slot->sock);
		break;
	case TABLE_TCP:
		(is_cut ? tcp_cut : tcp_close)(slot->sock);
		break;
	}
	table_release(&h->table, number);
}

/* A slot for a socket of the node's; what it was before is closed. */
static struct table_slot *
empty_slot(struct host *h, int number)
{
	struct table_slot *slot = table_make(&h->table, number);

	if (slot == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	close_slot(h, slot, number, false);
	results_drop(&h->results, number);
	return slot;
}

static void
do_open(struct host *h, const struct act *act)
{
	struct table_slot *slot = empty_slot(h, act->sock);
	struct input in = { .kind = IN_OPENED, .sock = act->sock };
	const char *why = NULL;

	if (slot != NULL)
		slot->sock = act->kind == ACT_OPEN ?
		    (void *)udp_open(h->udp, act->sock, &act->from,
			&act->to) :
		    (void *)listener_new(h->loop, act->sock, &act->from,
			accepted, h);
	if (slot == NULL || slot->sock == NULL) {
		in.err = errno == EADDRINUSE ? E_TAKEN :
		    errno == EACCES ? E_DENIED : E_IO;
		why = strerror(errno);
	} else if (act->kind == ACT_OPEN) {
		slot->kind = TABLE_UDP;
		in.to = udp_local(slot->sock);
	} else {
		slot->kind = TABLE_LISTENER;
		in.to = listener_local(slot->sock);
	}
	results_add(&h->results, &in, why);
}

static void
do_dial(struct host *h, const struct act *act)
{
	struct table_slot *slot = empty_slot(h, act->sock);
	struct input in = { .kind = IN_CONNECTED, .sock = act->sock };

	if (slot != NULL)
		slot->sock = tcp_dial(h->tcp, act->sock, act->ttl,
		    &act->from, &act->to);
	if (slot != NULL && slot->sock != NULL) {
		slot->kind = TABLE_TCP;
		return;
	}
	in.err = sock_err(errno);
	in.from = act->to;
	results_add(&h->results, &in, strerror(errno));
}

static void
do_close(struct host *h, const struct act *act)
{
	struct table_slot *slot = table_get(&h->table, act->sock);

	results_drop(&h->results, act->sock);
	if (slot != NULL)
		close_slot(h, slot, act->sock, act->is_cut);
}

/* The socket of a kind; NULL, and counted, if it is not there (any more). */
static void *
find_sock(struct host *h, int number, enum table_kind kind)
{
	const struct table_slot *slot = table_get(&h->table, number);

	if (slot != NULL && slot->kind == kind)
		return slot->sock;
	h->strays++;
	return NULL;
}

static void
do_send(struct host *h, const struct act *act)
{
	struct udp *u = find_sock(h, act->sock, TABLE_UDP);

	if (u == NULL || act->len > DGRAM_BUF)
		return;
	if (!udp_has_room(h->udp, act->len)) {
		settle(h);
		udp_flush(h->udp);
	}
	udp_send(u, &act->to, act->ttl, act->buf, act->len);
}

static void
do_write(struct host *h, const struct act *act)
{
	struct tcp *t = find_sock(h, act->sock, TABLE_TCP);

	if (t == NULL || act->len > TCP_BATCH_BYTES)
		return;
	if (!tcp_has_room(h->tcp, act->len)) {
		settle(h);
		tcp_flush(h->tcp);
	}
	tcp_write(t, act->buf, act->len);
}

/* ---- turns ---- */

static void
flush(struct host *h)
{
	settle(h);
	udp_flush(h->udp);
	tcp_flush(h->tcp);
}

static void
carry_out(struct host *h, const struct act *act)
{
	switch (act->kind) {
	case ACT_SEND:
		do_send(h, act);
		return;
	case ACT_WRITE:
		do_write(h, act);
		return;
	case ACT_STORE:
		do_store(h, act);
		return;
	case ACT_EVENT:
		if (h->hooks.event != NULL)
			h->hooks.event(h->hooks.ctx, act->event);
		return;
	case ACT_OPEN:
	case ACT_LISTEN:
	case ACT_DIAL:
	case ACT_CLOSE:
	case ACT_RESOLVE:
	case ACT_UPNP:
	case ACT_SAVE:
		break;
	}
	/* What was sent before a socket is closed goes out before. */
	flush(h);
	if (act->kind == ACT_OPEN || act->kind == ACT_LISTEN)
		do_open(h, act);
	else if (act->kind == ACT_DIAL)
		do_dial(h, act);
	else if (act->kind == ACT_CLOSE)
		do_close(h, act);
	else if (act->kind == ACT_RESOLVE)
		do_resolve(h, act);
	else if (act->kind == ACT_UPNP)
		do_upnp(h, act);
	else if (h->saver != NULL)
		saver_add(h->saver, act->id, act->text, act->buf, act->len);
	else
		stored(h, act->id, E_IO, "there is no profile");
}

static void
drain(struct host *h, usec_t now)
{
	struct act act;

	while (h->ops->next(h->node, now, &act))
		carry_out(h, &act);
	flush(h);
	table_recycle(&h->table);
}

/* What somebody wants of the node in a turn goes out at once, and what it says
 * to that belongs to the next turn. True if there is no end of it. */
static bool
take_turns(struct host *h, usec_t now)
{
	if (h->hooks.turn == NULL)
		return false;
	for (int i = 0; i < TURNS_MAX; i++) {
		if (!h->hooks.turn(h->hooks.ctx, now))
			return false;
		drain(h, now);
	}
	return true;
}

static bool
host_turn(void *ctx, usec_t now)
{
	struct host *h = ctx;
	bool has_more = false;

	if (h->is_finishing) {
		if (now >= h->deadline.at || (tcp_lingering(h->tcp) == 0 &&
		    (h->saver == NULL || saver_is_idle(h->saver))))
			loop_stop(h->loop);
		return false;
	}
	has_more = udp_go_on(h->udp);
	results_feed(&h->results, h->ops, h->node, now);
	if (h->ops->deadline(h->node) <= now)
		h->ops->expire(h->node, now);
	drain(h, now);
	has_more |= take_turns(h, now);
	loop_set(h->loop, &h->deadline, h->ops->deadline(h->node));
	return has_more || h->results.count > 0;
}

/* The turn that follows every alarm sees to it. */
static void
is_due(struct alarm *a, usec_t now)
{
	(void)a;
	(void)now;
}

static struct saver *
new_saver(struct host *h)
{
	const struct saver_conf conf = { .save = h->hooks.save,
		.save_ctx = h->hooks.ctx, .keep_fd = h->hooks.keep_fd,
		.saved = stored, .saved_ctx = h };

	return saver_new(h->loop, &conf);
}

static struct netif *
new_netif(struct host *h)
{
	const struct netif_calls calls = { .addrs = netif_changed,
		.gateways = gateways_changed, .ctx = h };

	return netif_new(h->loop, &calls);
}

struct host *
host_new(struct loop *l, const struct node_ops *ops, void *node,
    const struct host_hooks *hooks)
{
	struct host *h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	h->loop = l;
	h->ops = ops;
	h->node = node;
	h->hooks = *hooks;
	h->deadline.fire = is_due;
	table_init(&h->table);
	results_init(&h->results);
	h->udp = udp_pool_new(l, feed, h);
	h->tcp = tcp_pool_new(l, feed, h);
	if (hooks->wants_netif)
		h->netif = new_netif(h);
	if (hooks->save != NULL)
		h->saver = new_saver(h);
	if (h->udp == NULL || h->tcp == NULL ||
	    (hooks->wants_netif && h->netif == NULL) ||
	    (hooks->save != NULL && h->saver == NULL)) {
		host_free(h);
		errno = ENOMEM;
		return NULL;
	}
	loop_on_turn(l, host_turn, h);
	return h;
}

static void
close_all(struct host *h)
{
	for (int i = 0; i < h->table.named.size; i++)
		close_slot(h, &h->table.named.slots[i], i, false);
	for (int i = 0; i < h->table.accepted.size; i++)
		close_slot(h, &h->table.accepted.slots[i], ACT_ACCEPTED + i,
		    false);
}

static void
cancel_lookups(struct host *h)
{
	while (h->lookups != NULL) {
		struct lookup *l = h->lookups;

		h->lookups = l->next;
		resolve_cancel(l->resolve);
		free(l);
	}
}

void
host_finish(struct host *h)
{
	drain(h, loop_now(h->loop));
	h->is_finishing = true;
	cancel_lookups(h);
	close_all(h);
	loop_set(h->loop, &h->deadline, loop_now(h->loop) + FINISH_LIMIT);
	loop_run(h->loop);
}

void
host_free(struct host *h)
{
	if (h == NULL)
		return;
	h->is_finishing = true;
	cancel_lookups(h);
	saver_free(h->saver);
	close_all(h);
	netif_free(h->netif);
	if (h->tcp != NULL)
		tcp_pool_free(h->tcp);
	udp_pool_free(h->udp);
	loop_set(h->loop, &h->deadline, USEC_NEVER);
	loop_on_turn(h->loop, NULL, NULL);
	table_fini(&h->table);
	results_fini(&h->results);
	free(h);
}

struct host_stats
host_stats(const struct host *h)
{
	struct host_stats s = { .udp = *udp_pool_stats(h->udp),
		.tcp = *tcp_pool_stats(h->tcp), .strays = h->strays };

	for (int i = 0; i < h->table.named.size; i++)
		if (h->table.named.slots[i].kind == TABLE_LISTENER)
			s.refused += listener_refused(
			    h->table.named.slots[i].sock);
	return s;
}
