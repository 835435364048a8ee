#include "tcp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	SEGMENT = 1400,
	WINDOW = 131072,
	SYN_LINEAR = 4,  /* Linux: 1 s four times, then doubling */
	SYN_TRIES = 6,
	ACK_TRIES = 5,
	DATA_TRIES = 15,
};

static const usec_t rto_first = USEC_S;
static const usec_t rto_min = 200 * USEC_MS;
static const usec_t rto_max = 120 * USEC_S;
static const usec_t linger = 60 * USEC_S;   /* FIN_WAIT_2, TIME_WAIT */
static const usec_t close_wait = USEC_S;    /* act.h: ACT_CLOSE */

struct tcp_timer {
	struct host *host;
	uint64_t id;
	usec_t at;
};

struct tcp *
tcp_find(const struct host *h, const struct addr *local,
    const struct addr *remote)
{
	for (size_t i = 0; i < h->tcps.count; i++) {
		struct tcp *t = h->tcps.items[i];

		if (addr_eq(&t->local, local) && addr_eq(&t->remote, remote))
			return t;
	}
	return NULL;
}

static struct tcp *
find_id(const struct host *h, uint64_t id)
{
	for (size_t i = 0; i < h->tcps.count; i++) {
		struct tcp *t = h->tcps.items[i];

		if (t->id == id)
			return t;
	}
	return NULL;
}

static struct tcp *
find_stream(const struct node *n, int sock)
{
	for (size_t i = 0; i < n->host->tcps.count; i++) {
		struct tcp *t = n->host->tcps.items[i];

		if (t->node == n && t->sock == sock)
			return t;
	}
	return NULL;
}

struct sock *
tcp_listener(const struct host *h, const struct addr *to)
{
	for (size_t i = 0; i < h->listeners.count; i++) {
		struct sock *s = h->listeners.items[i];
		struct addr any = addr_any(to->family, to->port);

		if (addr_eq(&s->local, to) || addr_eq(&s->local, &any))
			return s;
	}
	return NULL;
}

bool
tcp_uses(const struct host *h, uint16_t port)
{
	for (size_t i = 0; i < h->tcps.count; i++)
		if (((struct tcp *)h->tcps.items[i])->local.port == port)
			return true;
	return false;
}

struct tcp *
tcp_add(struct node *n, int sock, int listener, const struct addr *local,
    const struct addr *remote)
{
	struct world *w = n->world;
	struct tcp *t = calloc(1, sizeof *t);

	assert(t != NULL);
	t->id = w->next_tcp++;
	t->host = n->host;
	t->node = n;
	t->sock = sock;
	t->listener = listener;
	t->local = *local;
	t->remote = *remote;
	t->iss = rng_u32(&w->rng);
	t->rto = rto_first;
	list_add(&n->host->tcps, t);
	return t;
}

void
tcp_drop(struct tcp *t)
{
	list_remove(&t->host->tcps, t);
	free(t->buf);
	free(t);
}

void
tcp_free_all(struct host *h)
{
	while (h->tcps.count > 0)
		tcp_drop(h->tcps.items[h->tcps.count - 1]);
}

/* ---- sending ---- */

void
tcp_emit(struct tcp *t, uint8_t flags, uint64_t offset, const uint8_t *data,
    size_t len)
{
	struct pkt p = { .proto = PKT_TCP, .flags = flags,
		.ttl = t->ttl != 0 ? t->ttl : PKT_TTL_DEFAULT,
		.src = t->local, .dst = t->remote,
		.data = data, .len = len };

	p.seq = t->iss + (flags & PKT_SYN ? 0 : 1 + (uint32_t)offset);
	if (flags & PKT_ACK)
		p.ack = t->irs + 1 + (uint32_t)t->got;
	host_send(t->host, &p);
}

void
tcp_emit_ack(struct tcp *t)
{
	tcp_emit(t, PKT_ACK, t->nxt, NULL, 0);
}

void
tcp_answer_reset(struct host *h, const struct pkt *p)
{
	struct pkt q = { .proto = PKT_TCP, .ttl = PKT_TTL_DEFAULT,
		.flags = PKT_RST | PKT_ACK, .src = p->dst, .dst = p->src,
		.seq = p->ack };

	if ((p->flags & PKT_RST) || h->is_silent)
		return;
	q.ack = p->seq + (uint32_t)p->len + (p->flags & PKT_SYN ? 1 : 0);
	host_send(h, &q);
}

static void on_timer(struct world *w, void *what);

void
tcp_arm(struct tcp *t, usec_t after)
{
	struct world *w = t->host->world;
	struct tcp_timer *timer = malloc(sizeof *timer);

	assert(timer != NULL);
	t->timer = w->now + after;
	*timer = (struct tcp_timer) { t->host, t->id, t->timer };
	world_at(w, t->timer, on_timer, timer);
}

static uint64_t
end_of(const struct tcp *t)
{
	return t->una + t->len;
}

bool
tcp_is_waiting(const struct tcp *t)
{
	return t->high > t->una && !t->fin_acked;
}

void
tcp_push(struct tcp *t)
{
	bool was_waiting = tcp_is_waiting(t);

	while (t->nxt < end_of(t) && t->nxt - t->una < WINDOW) {
		size_t at = (size_t)(t->nxt - t->una);
		size_t len = t->len - at < SEGMENT ? t->len - at : SEGMENT;

		tcp_emit(t, PKT_ACK, t->nxt, t->buf + at, len);
		t->nxt += len;
		if (t->timed_at == 0 && t->nxt > t->high) {
			t->timed = t->nxt;
			t->timed_at = t->host->world->now;
		}
	}
	if (t->fin_wanted && !t->fin_acked && t->nxt == end_of(t)) {
		tcp_emit(t, PKT_FIN | PKT_ACK, t->nxt, NULL, 0);
		t->nxt++;
	}
	if (t->nxt > t->high)
		t->high = t->nxt;
	if (tcp_is_waiting(t) && !was_waiting)
		tcp_arm(t, t->rto);
}

/* ---- what the node hears ---- */

void
tcp_tell(struct tcp *t, enum in_kind kind, int err, const void *buf, size_t len)
{
	struct input in = { .kind = kind, .sock = t->sock, .err = err,
		.listener = t->listener, .from = t->remote, .to = t->local,
		.buf = buf, .len = len };

	if (t->node != NULL)
		node_tell(t->node, 0, &in);
}

void
tcp_fail(struct tcp *t, int err)
{
	bool is_new = t->state == SYN_SENT || t->state == SYN_RCVD;

	if (!is_new)
		tcp_tell(t, IN_CLOSED, err, NULL, 0);
	else if (t->listener < 0)
		tcp_tell(t, IN_CONNECTED, err, NULL, 0);
	tcp_drop(t);
}

void
tcp_measured(struct tcp *t, usec_t rtt)
{
	t->rto = 2 * rtt > rto_min ? 2 * rtt : rto_min;
}

void
tcp_become_open(struct tcp *t)
{
	t->state = OPEN;
	if (t->tries == 0 && t->listener < 0)
		tcp_measured(t, t->host->world->now - t->dialled_at);
	t->tries = 0;
	t->timer = 0;
	if (t->listener < 0) {
		tcp_tell(t, IN_CONNECTED, E_OK, NULL, 0);
		return;
	}
	t->sock = t->node->next_accepted++;
	tcp_tell(t, IN_ACCEPTED, E_OK, NULL, 0);
}

void
tcp_finish(struct tcp *t)
{
	if (!t->fin_acked)
		return;
	if (t->fin_got && !t->fin_first) {
		tcp_drop(t);
		return;
	}
	if (t->fin_got)
		t->state = TIME_WAIT;
	tcp_arm(t, linger);
}

/* ---- time ---- */

static void
again_syn(struct tcp *t)
{
	unsigned limit = t->state == SYN_SENT ? SYN_TRIES : ACK_TRIES;
	unsigned linear = t->state == SYN_SENT ? SYN_LINEAR : 0;

	if (++t->tries > limit) {
		tcp_fail(t, E_NONE);
		return;
	}
	t->is_deaf = false;
	tcp_emit(t, t->state == SYN_SENT ? PKT_SYN : PKT_SYN | PKT_ACK, 0,
	    NULL, 0);
	tcp_arm(t, t->tries < linear ? USEC_S : USEC_S << (t->tries - linear));
}

static void
again_data(struct tcp *t)
{
	if (!tcp_is_waiting(t))
		return;
	if (++t->tries > DATA_TRIES) {
		tcp_fail(t, E_NONE);
		return;
	}
	t->rto = usec_min(t->rto * 2, rto_max);
	t->timed_at = 0;
	t->nxt = t->una;
	tcp_push(t);
	tcp_arm(t, t->rto);
}

static void
on_timer(struct world *w, void *what)
{
	const struct tcp_timer *timer = what;
	struct tcp *t = find_id(timer->host, timer->id);

	(void)w;
	if (t == NULL || t->timer != timer->at)
		return;
	if (t->host->is_asleep)
		tcp_arm(t, USEC_S);
	else if (t->state == TIME_WAIT || t->fin_acked)
		tcp_drop(t);
	else if (t->state == OPEN)
		again_data(t);
	else
		again_syn(t);
}

/* ---- acts ---- */

static int
dial_error(struct node *n, const struct addr *local, const struct addr *to)
{
	const struct sock *l = tcp_listener(n->host, local);

	if (l != NULL && l->node != n)
		return E_TAKEN;
	if (tcp_find(n->host, local, to) != NULL)
		return E_TAKEN;
	return host_has_addr(n->host, local) ? E_OK : E_IO;
}

void
tcp_dial(struct node *n, const struct act *act)
{
	struct input in = { .kind = IN_CONNECTED, .sock = act->sock,
		.from = act->to, .to = act->from };
	struct addr any = addr_any(act->to.family, act->from.port);
	struct tcp *t;

	if (!addr_is_set(&act->from) || addr_eq(&act->from, &any)) {
		in.to = any;
		if (!host_source(n->host, &act->to, &in.to))
			in.err = E_NONE;
	}
	if (in.to.port == 0)
		in.to.port = host_free_port(n->host);
	if (in.err == E_OK)
		in.err = dial_error(n, &in.to, &act->to);
	if (in.err != E_OK) {
		node_tell(n, 0, &in);
		return;
	}
	t = tcp_add(n, act->sock, -1, &in.to, &act->to);
	t->state = SYN_SENT;
	t->ttl = act->ttl;
	t->is_deaf = act->ttl != 0;
	t->dialled_at = n->world->now;
	tcp_emit(t, PKT_SYN, 0, NULL, 0);
	t->ttl = 0;
	tcp_arm(t, USEC_S);
}

void
tcp_write(struct node *n, const struct act *act)
{
	struct tcp *t = find_stream(n, act->sock);

	if (t == NULL || t->state != OPEN || t->fin_wanted ||
	    end_of(t) - t->nxt > ACT_WRITE_QUEUE)
		return;
	t->buf = realloc(t->buf, t->len + act->len);
	assert(t->buf != NULL);
	memcpy(t->buf + t->len, act->buf, act->len);
	t->len += act->len;
	tcp_push(t);
}

/* What was not sent within a second is not sent any more. */
static void
cut_off(struct world *w, void *what)
{
	const struct tcp_timer *timer = what;
	struct tcp *t = find_id(timer->host, timer->id);

	(void)w;
	if (t == NULL || t->high >= end_of(t))
		return;
	t->len = (size_t)(t->high - t->una);
	tcp_push(t);
}

void
tcp_orphan(struct tcp *t)
{
	struct world *w = t->host->world;
	struct tcp_timer *timer;

	t->node = NULL;
	if (t->state != OPEN) {
		tcp_drop(t);
		return;
	}
	t->fin_wanted = true;
	t->fin_first = !t->fin_got;
	timer = malloc(sizeof *timer);
	assert(timer != NULL);
	*timer = (struct tcp_timer) { t->host, t->id, 0 };
	world_at(w, w->now + close_wait, cut_off, timer);
	tcp_push(t);
}

bool
tcp_close(struct node *n, int sock, bool is_cut)
{
	struct tcp *t = find_stream(n, sock);

	if (t == NULL)
		return false;
	if (is_cut && t->state != SYN_SENT) {
		tcp_emit(t, PKT_RST | PKT_ACK, t->nxt, NULL, 0);
		tcp_drop(t);
	} else {
		tcp_orphan(t);
	}
	return true;
}

void
tcp_forget_node(struct node *n, enum node_end end)
{
	for (size_t i = n->host->tcps.count; i-- > 0;) {
		struct tcp *t = n->host->tcps.items[i];

		if (end == NODE_POWER)
			tcp_drop(t);
		else if (t->node == n)
			tcp_orphan(t);
	}
}
