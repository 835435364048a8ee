#define _GNU_SOURCE
#include "rules.h"

#include "natpmp.h"

#include "wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	SITES_MAX = 4096,
	UDP_IP_HEADERS = 28,
	/* RFC 9000 section 8.1, for whoever holds a session and comes from
	 * another address; strangers get what they sent and no more. */
	SESSION_TIMES = 3,
};

/* What passed between a server and one address, headers included. */
struct account {
	struct addr addr;
	const struct host *server;
	uint64_t in, out;
	bool has_session, has_proved, is_forged;
};

struct rules {
	struct sim *sim;
	struct account accounts[SITES_MAX];
	size_t count;
};

struct rules *
rules_new(struct sim *s)
{
	struct rules *r = calloc(1, sizeof *r);

	assert(r != NULL);
	r->sim = s;
	return r;
}

void
rules_free(struct rules *r)
{
	free(r);
}

/* ---- messages ---- */

static struct user *
by_name(const struct sim *s, const char *name)
{
	for (size_t i = 0; i < s->user_count; i++)
		if (user_is_called(s->users[i], name))
			return s->users[i];
	return NULL;
}

static void
note_queued(struct rules *r, struct user *u, const struct event *ev)
{
	struct sim *s = r->sim;
	struct message *m;

	if (s->message_count == s->message_capacity) {
		s->message_capacity = s->message_capacity > 0 ?
		    s->message_capacity * 2 : 64;
		s->messages = realloc(s->messages,
		    s->message_capacity * sizeof *s->messages);
		assert(s->messages != NULL);
	}
	m = &s->messages[s->message_count++];
	*m = (struct message) { .from = u, .to = by_name(s, ev->peer),
		.start = u->starts, .id = ev->id,
		.text = malloc(ev->len + 1), .len = ev->len };
	assert(m->text != NULL);
	memcpy(m->text, ev->text, ev->len);
	m->text[ev->len] = '\0';
	memcpy(m->peer, ev->peer, NAME_SIZE);
}

/* Shown messages of a sender: the next one shown must be a later one. */
static void
note_shown(struct rules *r, struct user *u, const struct event *ev)
{
	struct sim *s = r->sim;
	const struct user *from = by_name(s, ev->peer);
	size_t i = s->message_count;

	while (i > 0 && !(s->messages[i - 1].from == from &&
	    s->messages[i - 1].to == u && s->messages[i - 1].received))
		i--;
	for (; i < s->message_count; i++) {
		struct message *m = &s->messages[i];

		if (m->from != from || m->to != u || m->len != ev->len ||
		    memcmp(m->text, ev->text, ev->len) != 0)
			continue;
		m->received = true;
		return;
	}
	world_fail(s->w, "%s is shown from %s what was not sent, or not now: "
	    "%.40s", u->name, ev->peer, ev->text);
}

static bool
is_same_text(const struct message *m, const struct event *ev)
{
	return ev->text == NULL || (m->len == ev->len &&
	    memcmp(m->text, ev->text, ev->len) == 0);
}

/* The message that u hears of. Ids count anew in every conversation, and one
 * person may be asked again under another name: so it is the latest of that id
 * whose fate is open, to that name if there is one; of what is delivered, one
 * that was shown. Else one whose fate is known already; NULL if it was never
 * sent. */
static struct message *
find_message(const struct rules *r, const struct user *u,
    const struct event *ev)
{
	struct sim *s = r->sim;
	const struct user *to = by_name(s, ev->peer);
	struct message *open = NULL, *settled = NULL, *unseen = NULL;

	for (size_t i = s->message_count; i-- > 0;) {
		struct message *m = &s->messages[i];

		if (m->from != u || m->to != to || m->id != ev->id ||
		    !is_same_text(m, ev))
			continue;
		if (m->delivered || m->undelivered)
			settled = m;
		else if (ev->kind == EV_DELIVERED && !m->received)
			unseen = unseen != NULL ? unseen : m;
		else if (strcmp(m->peer, ev->peer) == 0)
			return m;
		else if (open == NULL)
			open = m;
	}
	return open != NULL ? open : unseen != NULL ? unseen : settled;
}

static void
note_fate(struct rules *r, struct user *u, const struct event *ev)
{
	struct world *w = r->sim->w;
	struct message *m = find_message(r, u, ev);
	unsigned long long id = ev->id;

	if (m == NULL) {
		world_fail(w, "%s hears of message %llu to %s, which was not "
		    "sent", u->name, id, ev->peer);
		return;
	}
	if (m->delivered || m->undelivered)
		world_fail(w, "%s hears twice of message %llu to %s", u->name,
		    id, ev->peer);
	if (ev->kind == EV_DELIVERED && !m->received)
		world_fail(w, "%s: message %llu to %s is marked delivered "
		    "before it was shown", u->name, id, ev->peer);
	m->delivered = ev->kind == EV_DELIVERED;
	m->undelivered = ev->kind == EV_UNDELIVERED;
}

void
rules_event(struct rules *r, struct user *u, const struct event *ev)
{
	if (ev->kind == EV_QUEUED)
		note_queued(r, u, ev);
	else if (ev->kind == EV_MESSAGE)
		note_shown(r, u, ev);
	else if (ev->kind == EV_DELIVERED || ev->kind == EV_UNDELIVERED)
		note_fate(r, u, ev);
}

/* ---- bytes ---- */

void
rules_act(struct rules *r, struct node *n, const struct act *act)
{
	if (act->kind != ACT_SEND && act->kind != ACT_WRITE)
		return;
	if (memmem(act->buf, act->len, SIM_MARK, strlen(SIM_MARK)) != NULL)
		world_fail(r->sim->w, "%s sends plain text", node_name(n));
}

static const struct box *
server_at(const struct rules *r, const struct host *h)
{
	for (size_t i = 0; i < SERVERS_MAX; i++)
		if (r->sim->servers[i].host == h)
			return &r->sim->servers[i];
	return NULL;
}

static struct account *
account_of(struct rules *r, const struct host *server,
    const struct addr *addr)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->accounts[i].server == server &&
		    addr_eq(&r->accounts[i].addr, addr))
			return &r->accounts[i];
	if (r->count == SITES_MAX)
		return NULL;
	r->accounts[r->count] = (struct account) { .addr = *addr,
		.server = server };
	return &r->accounts[r->count++];
}

/* Whoever sends an INIT, or DATA after an answer, has had the COOKIE or the
 * answer, unless he forges: then he never proves anything. */
void
rules_got(struct rules *r, struct host *h, const struct pkt *p)
{
	struct account *a;

	if (p->proto != PKT_UDP || server_at(r, h) == NULL)
		return;
	a = account_of(r, h, &p->src);
	if (a == NULL)
		return;
	a->in += p->len + UDP_IP_HEADERS;
	if (p->len == 0)
		return;
	if (a->out > 0 && !a->is_forged &&
	    (p->data[0] == PACKET_INIT || p->data[0] == PACKET_DATA))
		a->has_proved = true;
	if (p->data[0] == PACKET_DATA)
		a->has_session = true;
}

void
rules_forged(struct rules *r, const struct addr *from)
{
	for (size_t i = 0; i < SERVERS_MAX; i++) {
		struct account *a =
		    account_of(r, r->sim->servers[i].host, from);

		if (a != NULL && !a->has_proved)
			a->is_forged = true;
	}
}

static void
check_server(struct rules *r, const struct host *h, const struct pkt *p)
{
	struct account *a = account_of(r, h, &p->dst);
	char text[ADDR_TEXT];

	if (a == NULL)
		return;
	a->out += p->len + UDP_IP_HEADERS;
	if (!a->has_proved &&
	    a->out > a->in * (a->has_session ? SESSION_TIMES : 1))
		world_fail(r->sim->w, "the server sends %llu bytes to %s, "
		    "which sent %llu and proved nothing",
		    (unsigned long long)a->out, addr_format(&p->dst, text),
		    (unsigned long long)a->in);
}

static bool
is_server(const struct rules *r, const struct addr *a)
{
	for (size_t i = 0; i < SERVERS_MAX; i++)
		if (host_has_addr(r->sim->servers[i].host, a))
			return true;
	return false;
}

/* Or has lived there: others may know that address still. */
static bool
lives_at(const struct user *u, const struct addr *a)
{
	for (size_t i = 0; i < u->home_count; i++)
		if (nat_owns(router_nat(u->homes[i]), a))
			return true;
	return host_has_addr(u->host, a);
}

/* To the public address of somebody only if one who lives there has agreed;
 * elsewhere only if anybody has. */
static bool
may_send(const struct sim *s, const struct user *u, const struct addr *dst)
{
	bool is_known = false;

	if (addr_class(dst) != ADDR_IS_PUBLIC)
		return u->agreed != 0;
	for (size_t i = 0; i < s->user_count; i++) {
		if (!lives_at(s->users[i], dst))
			continue;
		if (u->agreed >> i & 1)
			return true;
		is_known = true;
	}
	return !is_known && u->agreed != 0;
}

/* What a kernel sends by itself: errors, resets, acknowledgements. */
static bool
is_by_the_system(const struct pkt *p)
{
	return p->proto == PKT_ICMP || (p->proto == PKT_TCP && p->len == 0 &&
	    p->flags != PKT_SYN);
}

/* Nobody is a stranger to his own router, or to one of before, if he has not
 * noticed yet that he was carried over. */
static bool
asks_router(const struct user *u, const struct pkt *p)
{
	if (p->proto != PKT_UDP || p->dst.port != NATPMP_PORT)
		return false;
	for (size_t i = 0; i < u->home_count; i++) {
		struct addr gateway = gateway_addr(u->homes[i]);

		if (addr_is_set(&gateway) && addr_same_ip(&gateway, &p->dst))
			return true;
	}
	return false;
}

static void
check_client(struct rules *r, const struct host *h, const struct pkt *p)
{
	const struct sim *s = r->sim;
	char text[ADDR_TEXT];

	if (is_by_the_system(p) || is_server(r, &p->dst))
		return;
	for (size_t i = 0; i < s->user_count; i++) {
		struct user *u = s->users[i];

		if (u->host != h || asks_router(u, p))
			continue;
		u->probes += p->proto == PKT_UDP;
		u->probe_bytes += p->len;
		if (!may_send(s, u, &p->dst))
			world_fail(s->w, "%s sends to the stranger %s",
			    u->name, addr_format(&p->dst, text));
	}
}

void
rules_sent(struct rules *r, struct host *h, const struct pkt *p)
{
	if (server_at(r, h) == NULL)
		check_client(r, h, p);
	else if (p->proto == PKT_UDP)
		check_server(r, h, p);
}

/* ---- tables ---- */

void
rules_settled(struct rules *r, struct node *n)
{
	const struct sim *s = r->sim;

	for (size_t i = 0; i < SERVERS_MAX; i++) {
		const struct box *b = &s->servers[i];
		const struct server_stats *st;

		if (b->node != n || b->server == NULL)
			continue;
		st = server_stats(b->server);
		if (st->online > b->conf.clients_max ||
		    st->names > b->conf.names_max ||
		    st->streams > b->conf.streams_max)
			world_fail(s->w, "a table of %s is too full",
			    b->name);
	}
}
