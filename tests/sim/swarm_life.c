#include "swarm.h"

#include "rules.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX = 2000 };

static struct user *
somebody(struct swarm *w)
{
	return w->s->users[rng_below(&w->rng, (uint32_t)w->s->user_count)];
}

static const char *
name_of(const struct user *u)
{
	return u->alias[u->aliases > 0 ? u->aliases - 1 : 0];
}

/* ---- what people do ---- */

static void
type(struct user *u, const char *verb, const char *name)
{
	char line[128];

	snprintf(line, sizeof line, "%s %s", verb, name);
	sim_do(u, line);
}

static void
say_something(struct swarm *w, struct user *u)
{
	static char text[MSG_MAX + 1];
	size_t len = swarm_chance(w, 40) ? rng_below(&w->rng, MSG_MAX) :
	    rng_below(&w->rng, TEXT_MAX);
	int head;

	memset(text, 'x', len);
	head = snprintf(text, 64, SIM_MARK " %u of %s", ++w->texts, u->name);
	if (len < (size_t)head)
		len = (size_t)head;
	else
		text[head] = ' ';
	sim_msg(u, text, len);
}

static void
leave_or_change(struct swarm *w, struct user *u, struct user *v)
{
	struct swarm_user *su = &w->users[u->id];
	char name[NAME_SIZE];

	switch (rng_below(&w->rng, 6)) {
	case 0:
		sim_do(u, "exit");
		su->back = sim_now(w->s) +
		    rng_range(&w->rng, 3, 60) * USEC_S;
		return;
	case 1:
		if (u->aliases >= ALIASES_MAX)
			return;
		snprintf(name, sizeof name, "guest-%u", w->names++);
		type(u, "rename", name);
		return;
	case 2:
		type(u, "block", name_of(v));
		su->blocks |= UINT64_C(1) << v->id;
		return;
	case 3:
		type(u, "unblock", name_of(v));
		su->blocks &= ~(UINT64_C(1) << v->id);
		return;
	default:
		sim_do(u, "disconnect");
	}
}

void
swarm_act(struct swarm *w)
{
	static const char *const asks[] = { "all", "why", "status", "verify",
		"requests", "netcheck" };
	struct user *u = somebody(w), *v = somebody(w);
	uint32_t dice = rng_below(&w->rng, 100);

	if (u->client == NULL || u == v || v->aliases == 0)
		return;
	if (dice < 50)
		say_something(w, u);
	else if (dice < 75)
		type(u, "connect", name_of(v));
	else if (dice < 80 && swarm_has(w, SWARM_TCP))
		sim_do(u, swarm_chance(w, 3) ? "udp" : "tcp");
	else if (dice < 90)
		sim_do(u, asks[rng_below(&w->rng, 6)]);
	else if (dice < 94 && swarm_has(w, SWARM_EXITS))
		leave_or_change(w, u, v);
}

/* ---- what happens to them ---- */

static void
trouble_link(struct swarm *w, struct user *u)
{
	struct cable *c = u->router != NULL ? router_cable(u->router) :
	    host_cable(u->host, 0);

	if (swarm_chance(w, 5)) {
		sim_block_udp(w->s);
		return;
	}
	c->is_cut = true;
	w->users[u->id].uncut = sim_now(w->s) +
	    rng_range(&w->rng, 1, 45) * USEC_S;
}

static void
trouble_nat(struct swarm *w, struct user *u)
{
	struct addr at = addr_v4(86, (uint8_t)rng_below(&w->rng, 200),
	    (uint8_t)rng_below(&w->rng, 200), (uint8_t)(u->id + 1), 0);

	if (u->router == NULL)
		return;
	if (swarm_chance(w, 3) && u->wan == world_internet(w->s->w))
		gateway_reboot(u->router, false, &at);
	else
		gateway_reboot(u->router, swarm_chance(w, 2), NULL);
}

static void
trouble_server(struct swarm *w)
{
	struct sim *s = w->s;

	switch (rng_below(&w->rng, 5)) {
	case 0:
		world_resolver(s->w, true);
		return;
	case 1:
		host_disk(s->servers[0].host, true, USEC_MS);
		return;
	default:
		break;
	}
	if (s->servers[0].server == NULL)
		return;
	if (swarm_chance(w, 2))
		sim_kill_server(s, 0);
	else
		sim_stop_server(s, 0);
	w->server_back = sim_now(s) + rng_range(&w->rng, 1, 60) * USEC_S;
}

/* Keeps a packet that was sent, for later. */
static void
catch_packet(void *ctx, const struct pkt *p)
{
	struct swarm *w = ctx;
	unsigned i = w->caught_count++ % 8;

	if (p->proto != PKT_UDP || p->len > sizeof w->caught[0])
		return;
	memcpy(w->caught[i], p->data, p->len);
	w->caught_pkt[i] = *p;
	w->caught_pkt[i].data = w->caught[i];
}

static struct addr
victim(struct swarm *w)
{
	struct user *u = somebody(w);

	if (swarm_chance(w, 2) || u->router == NULL)
		return addr_v4(85, 1, 1, 1, 9000);
	return addr_v4(85, 2, (uint8_t)(1 + rng_below(&w->rng, 8)), 1, 9001);
}

/* Random bytes, a replay, a forgery of something that was seen; from the
 * address it came from or from somebody who has nothing to do with it. */
static void
hostile_packet(struct swarm *w)
{
	uint8_t bytes[2048];
	struct pkt p = w->caught_pkt[rng_below(&w->rng, 8)];
	struct addr liar = addr_v4(87, 1, 1, (uint8_t)rng_below(&w->rng, 9),
	    (uint16_t)rng_range(&w->rng, 1024, 65535));

	if (p.data == NULL || swarm_chance(w, 4)) {
		p = (struct pkt) { .src = liar, .dst = victim(w) };
		p.len = rng_below(&w->rng, 1400);
		rng_fill(&w->rng, bytes, p.len);
		if (p.len > 0)
			bytes[0] %= 8;
	} else {
		memcpy(bytes, p.data, p.len);
		if (swarm_chance(w, 2) && p.len > 0)
			bytes[rng_below(&w->rng, (uint32_t)p.len)] ^= 1;
		if (swarm_chance(w, 4))
			p.len = rng_below(&w->rng, (uint32_t)p.len + 1);
		if (swarm_chance(w, 2))
			p.src = liar;
	}
	p.proto = PKT_UDP;
	p.ttl = PKT_TTL_DEFAULT;
	p.data = bytes;
	if (addr_eq(&p.src, &liar))
		rules_forged(w->s->rules, &liar);
	world_inject(w->s->w, world_internet(w->s->w), &p);
}

void
swarm_fault(struct swarm *w)
{
	struct user *u = somebody(w), *v = somebody(w);
	struct swarm_user *su = &w->users[u->id];
	enum swarm_class class =
	    (enum swarm_class)rng_below(&w->rng, SWARM_HOSTILE + 1);
	usec_t now = sim_now(w->s);

	if (!swarm_has(w, class))
		return;
	switch (class) {
	case SWARM_LINKS:
		trouble_link(w, u);
		break;
	case SWARM_NATS:
		trouble_nat(w, u);
		break;
	case SWARM_CRASHES:
		if (u->client == NULL)
			break;
		user_kill(u, swarm_chance(w, 2) ? NODE_POWER : NODE_EXITS);
		su->back = now + rng_range(&w->rng, 1, 60) * USEC_S;
		break;
	case SWARM_MOVES:
		if (v->router != NULL && u->router != NULL &&
		    u->home_count < HOMES_MAX)
			sim_move(u, v);
		break;
	case SWARM_SLEEP:
		host_suspend(u->host, true);
		su->wakes = now + rng_range(&w->rng, 1, 90) * USEC_S;
		break;
	case SWARM_SERVER:
		trouble_server(w);
		break;
	default:
		hostile_packet(w);
	}
}

/* ---- what is due ---- */

/* Requests are answered, mostly by yes, and conversations kept account of. */
static void
look(struct swarm *w, struct user *u, const struct event *ev)
{
	struct swarm_user *su = &w->users[u->id];
	const struct user *peer = NULL;
	uint64_t bit;

	for (size_t i = 0; i < w->s->user_count; i++)
		if (user_is_called(w->s->users[i], ev->peer))
			peer = w->s->users[i];
	if (peer == NULL)
		return;
	bit = UINT64_C(1) << peer->id;
	if (ev->kind == EV_CONNECTED)
		su->talks |= bit;
	if (ev->kind == EV_DISCONNECTED || ev->kind == EV_FAILED ||
	    ev->kind == EV_DENIED)
		su->talks &= ~bit;
	if (ev->kind == EV_REQUEST && u->client != NULL)
		type(u, swarm_chance(w, 8) && !w->is_healing ? "deny" :
		    "allow", ev->peer);
}

static void
tend_user(struct swarm *w, struct user *u)
{
	struct swarm_user *su = &w->users[u->id];
	usec_t now = sim_now(w->s);

	while (su->seen < u->count)
		look(w, u, &u->records[su->seen++].ev);
	if (su->back <= now && u->client == NULL) {
		su->back = USEC_NEVER;
		su->talks = 0;
		user_start(u);
	}
	if (su->wakes <= now) {
		su->wakes = USEC_NEVER;
		host_suspend(u->host, false);
	}
	if (su->uncut <= now) {
		su->uncut = USEC_NEVER;
		(u->router != NULL ? router_cable(u->router) :
		    host_cable(u->host, 0))->is_cut = false;
	}
}

void
swarm_tend(struct swarm *w)
{
	struct sim *s = w->s;

	for (size_t i = 0; i < s->user_count; i++)
		tend_user(w, s->users[i]);
	if (w->server_back <= sim_now(s)) {
		w->server_back = USEC_NEVER;
		sim_server(s);
	}
	if (!w->is_healing && swarm_chance(w, 50)) {
		sim_unblock(s);
		world_resolver(s->w, false);
		host_disk(s->servers[0].host, false, USEC_MS);
	}
}

void
swarm_heal(struct swarm *w)
{
	struct sim *s = w->s;

	w->is_healing = true;
	sim_unblock(s);
	world_resolver(s->w, false);
	host_disk(s->servers[0].host, false, USEC_MS);
	if (s->servers[0].server == NULL)
		w->server_back = sim_now(s);
	for (size_t i = 0; i < s->user_count; i++) {
		struct user *u = s->users[i];
		struct cable *c = u->router != NULL ?
		    router_cable(u->router) : host_cable(u->host, 0);

		c->is_cut = false;
		c->loss = c->corrupt = c->dup = c->reorder = 0;
		w->users[i].wakes = w->users[i].uncut = sim_now(s);
		if (u->client == NULL)
			w->users[i].back = sim_now(s);
	}
	swarm_tend(w);
}

/* ---- a life ---- */

static bool
go_on(struct swarm *w, usec_t duration)
{
	world_run(w->s->w, sim_now(w->s) + duration);
	swarm_tend(w);
	return world_failure(w->s->w) == NULL;
}

static void
everybody_leaves(struct swarm *w)
{
	for (size_t i = 0; i < w->s->user_count; i++)
		if (w->s->users[i]->client != NULL)
			sim_do(w->s->users[i], "exit");
}

const char *
swarm_live(struct swarm *w)
{
	struct sim *s = w->s;

	swarm_build(w);
	s->tap = catch_packet;
	s->tap_ctx = w;
	while (sim_now(s) < w->ends) {
		usec_t pause = rng_range(&w->rng, 10, 1500) * USEC_MS;

		if (!go_on(w, pause))
			return world_failure(s->w);
		if (swarm_chance(w, 12))
			swarm_fault(w);
		else
			swarm_act(w);
	}
	swarm_heal(w);
	for (int i = 0; i < 240; i++)
		if (!go_on(w, USEC_S))
			return world_failure(s->w);
	swarm_judge(w);
	everybody_leaves(w);
	for (int i = 0; i < 90; i++)
		if (!go_on(w, USEC_S))
			return world_failure(s->w);
	swarm_judge_empty(w);
	return world_failure(s->w);
}
