#include "sim.h"

#include "command.h"
#include "err.h"
#include "knownfile.h"
#include "rules.h"
#include "trace.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVER_PORT_USED = 9000, PROBE_PORT_USED = 9002 };

static const uint64_t wall_base = UINT64_C(1800000000); /* January 2027 */

static uint64_t
wall(const struct sim *s)
{
	return wall_base + world_now(s->w) / USEC_S;
}

static void
seed_of(const struct sim *s, const char *name, unsigned start,
    uint8_t out[static RNG_SEED_LEN])
{
	struct rng rng;
	char label[64];

	snprintf(label, sizeof label, "%s/%u", name, start);
	rng_init_test(&rng, s->seed, label);
	rng_fill(&rng, out, RNG_SEED_LEN);
}

/* ---- watching ---- */

static struct user *
user_of(const struct sim *s, const struct node *n)
{
	for (size_t i = 0; i < s->user_count; i++)
		if (s->users[i]->node == n)
			return s->users[i];
	return NULL;
}

static void
keep(struct user *u, const struct event *ev)
{
	struct record *r;

	if (u->count == u->capacity) {
		u->capacity = u->capacity > 0 ? u->capacity * 2 : 64;
		u->records = realloc(u->records,
		    u->capacity * sizeof *u->records);
		assert(u->records != NULL);
	}
	r = &u->records[u->count++];
	*r = (struct record) { .at = world_now(u->sim->w), .ev = *ev };
	if (ev->text != NULL) {
		r->text = malloc(ev->len + 1);
		assert(r->text != NULL);
		memcpy(r->text, ev->text, ev->len);
		r->text[ev->len] = '\0';
	}
	r->ev.text = r->text;
	if (ev->list != NULL && ev->count > 0) {
		r->people = calloc(ev->count, sizeof *r->people);
		assert(r->people != NULL);
		memcpy(r->people, ev->list, ev->count * sizeof *r->people);
	}
	r->ev.list = r->people;
	if (ev->report != NULL) {
		r->why = malloc(sizeof *r->why);
		assert(r->why != NULL);
		*r->why = *ev->report;
		r->why->tries = NULL;
		r->why->tries_count = 0;
	}
	r->ev.report = r->why;
}

static void
note_name(struct user *u, const char *name)
{
	for (size_t i = 0; i < u->aliases; i++)
		if (strcmp(u->alias[i], name) == 0)
			return;
	assert(u->aliases < ALIASES_MAX);
	snprintf(u->alias[u->aliases++], NAME_SIZE, "%s", name);
}

/* The client has ended itself: its process goes, when it is not on the stack
 * any more. */
static void
reap(struct world *w, void *what)
{
	struct user *u = *(struct user **)what;

	(void)w;
	user_kill(u, NODE_EXITS);
}

static void
take_event(struct user *u, const struct event *ev)
{
	struct sim *s = u->sim;

	rules_event(s->rules, u, ev);
	keep(u, ev);
	s->events++;
	if (ev->kind == EV_REGISTERED || ev->kind == EV_RENAMED)
		note_name(u, ev->peer);
	if (ev->kind == EV_EXIT) {
		struct user **what = malloc(sizeof *what);

		assert(what != NULL);
		*what = u;
		u->has_exited = true;
		world_at(s->w, world_now(s->w), reap, what);
	}
}

static void
see_act(void *ctx, struct node *n, const struct act *act)
{
	struct sim *s = ctx;
	struct user *u = user_of(s, n);

	if (s->is_traced)
		trace_act(s, n, act);
	rules_act(s->rules, n, act);
	if (act->kind == ACT_EVENT && u != NULL)
		take_event(u, act->event);
}

static void
see_sent(void *ctx, struct host *h, const struct pkt *p)
{
	struct sim *s = ctx;

	if (s->tap != NULL)
		s->tap(s->tap_ctx, p);
	rules_sent(s->rules, h, p);
}

static void
see_got(void *ctx, struct host *h, const struct pkt *p)
{
	struct sim *s = ctx;

	if (s->is_traced)
		trace_got(s, h, p);
	rules_got(s->rules, h, p);
}

static void
see_settled(void *ctx, struct node *n)
{
	rules_settled(((struct sim *)ctx)->rules, n);
}

/* ---- worlds ---- */

static void
prepare_server(struct sim *s, size_t i, const char *name, struct addr v4,
    struct addr v6)
{
	struct box *b = &s->servers[i];
	const struct addr addrs[] = { v4, v6 };
	struct rng rng;

	b->name = name;
	b->host = world_host(s->w, name);
	host_plug(b->host, world_internet(s->w), &v4, &v6,
	    (struct cable) { 0 });
	world_name(s->w, name, addrs, 2, 10 * USEC_MS);
	b->conf = server_conf_default();
	b->conf.bind4 = addr_any(ADDR_V4, SERVER_PORT_USED);
	b->conf.bind6 = addr_any(ADDR_V6, SERVER_PORT_USED);
	b->conf.probe_port = PROBE_PORT_USED;
	b->conf.clients_max = 256;
	b->conf.names_max = 512;
	b->conf.streams_max = 256;
	rng_init_test(&rng, s->seed, name);
	keypair_make(&b->conf.identity, &rng);
}

struct sim *
sim_new(uint64_t seed)
{
	static const uint8_t ip1[16] = { 0x2a, 1, [15] = 1 };
	static const uint8_t ip2[16] = { 0x2a, 1, [15] = 2 };
	struct sim *s = calloc(1, sizeof *s);
	struct world_watch watch = { .ctx = s, .act = see_act,
		.sent = see_sent, .got = see_got, .settled = see_settled };

	assert(s != NULL);
	s->seed = seed;
	s->w = world_new(seed);
	s->rules = rules_new(s);
	s->is_traced = getenv("GOP2P_TRACE") != NULL;
	world_set_watch(s->w, &watch);
	prepare_server(s, 0, "server.example", addr_v4(85, 1, 1, 1, 0),
	    addr_v6(ip1, 0));
	prepare_server(s, 1, "other.example", addr_v4(85, 1, 4, 1, 0),
	    addr_v6(ip2, 0));
	return s;
}

static void
free_user(struct user *u)
{
	for (size_t i = 0; i < u->count; i++) {
		free(u->records[i].text);
		free(u->records[i].people);
		free(u->records[i].why);
	}
	free(u->records);
	client_free(u->client);
	known_fini(&u->known);
	free(u);
}

void
sim_free(struct sim *s)
{
	for (size_t i = 0; i < s->user_count; i++)
		free_user(s->users[i]);
	for (size_t i = 0; i < SERVERS_MAX; i++)
		server_free(s->servers[i].server);
	for (size_t i = 0; i < s->message_count; i++)
		free(s->messages[i].text);
	free(s->messages);
	rules_free(s->rules);
	world_free(s->w);
	free(s);
}

/* ---- the server ---- */

struct server *
sim_start_server(struct sim *s, size_t i)
{
	struct box *b = &s->servers[i];
	uint8_t seed[RNG_SEED_LEN];
	usec_t offset = rng_range(world_rng(s->w), 1, 1000000) * USEC_S;
	const struct store_change *change;

	assert(b->server == NULL);
	seed_of(s, b->name, b->starts++, seed);
	b->server = server_new(&b->conf, seed, world_now(s->w) + offset,
	    wall(s));
	assert(b->server != NULL);
	for (size_t k = 0; (change = host_stored(b->host, k)) != NULL; k++)
		server_bind(b->server, change);
	b->node = world_node(s->w, b->host, b->name, &server_ops, b->server,
	    offset);
	node_settle(b->node);
	return b->server;
}

struct server *
sim_server(struct sim *s)
{
	return sim_start_server(s, 0);
}

static void
end_server(struct box *b, enum node_end end)
{
	node_stop(b->node, end);
	server_free(b->server);
	b->server = NULL;
}

void
sim_stop_server(struct sim *s, size_t i)
{
	struct box *b = &s->servers[i];

	server_stop(b->server, node_now(b->node));
	node_settle(b->node);
	sim_run(s, 2 * USEC_S);
	end_server(b, NODE_EXITS);
}

void
sim_kill_server(struct sim *s, size_t i)
{
	end_server(&s->servers[i], NODE_POWER);
}

/* ---- people ---- */

struct user *
sim_user(struct sim *s, const char *name, struct place place)
{
	struct user *u = calloc(1, sizeof *u);
	struct rng rng;

	assert(u != NULL);
	assert(s->user_count < USERS_MAX);
	u->sim = s;
	u->id = (uint32_t)s->user_count;
	snprintf(u->name, sizeof u->name, "%s", name);
	u->host = world_host(s->w, name);
	place_user(u, &place);
	if (u->router != NULL)
		u->homes[u->home_count++] = u->router;
	rng_init_test(&rng, s->seed, name);
	keypair_make(&u->identity, &rng);
	u->conf.server_host = s->servers[0].name;
	u->conf.server_port = SERVER_PORT_USED;
	u->conf.local_port = 9001;
	u->conf.subscribe = true;
	u->conf.port_mapping = true;
	snprintf(u->conf.name, sizeof u->conf.name, "%s", name);
	s->users[s->user_count++] = u;
	return u;
}

static void
load(struct user *u)
{
	struct knownfile_faults faults;
	const uint8_t *buf;
	size_t len;

	known_init(&u->known);
	buf = host_file(u->host, CLIENT_FILE_PEERS, &len);
	assert(buf == NULL || knownfile_read_peers(&u->known,
	    (const char *)buf, len, &faults) == E_OK);
	buf = host_file(u->host, CLIENT_FILE_SERVERS, &len);
	assert(buf == NULL || knownfile_read_servers(&u->known,
	    (const char *)buf, len, &faults) == E_OK);
}

void
user_start(struct user *u)
{
	struct sim *s = u->sim;
	uint8_t seed[RNG_SEED_LEN];
	usec_t offset = rng_range(world_rng(s->w), 1, 1000000) * USEC_S;

	assert(u->client == NULL);
	load(u);
	u->has_exited = false;
	u->conf.identity = u->identity;
	u->conf.log = s->is_traced ? trace_log(s) : NULL;
	seed_of(s, u->name, u->starts++, seed);
	u->client = client_new(&u->conf, &u->known, seed,
	    world_now(s->w) + offset, wall(s));
	assert(u->client != NULL);
	u->node = world_node(s->w, u->host, u->name, &client_ops, u->client,
	    offset);
	node_settle(u->node);
}

struct user *
sim_client(struct sim *s, const char *name, struct place place)
{
	struct user *u = sim_user(s, name, place);

	user_start(u);
	return u;
}

void
user_kill(struct user *u, enum node_end end)
{
	if (u->client == NULL)
		return;
	node_stop(u->node, end);
	client_free(u->client);
	known_fini(&u->known);
	u->client = NULL;
	u->sim->events++;
}

static void
agree(struct user *a, struct user *b)
{
	a->agreed |= UINT64_C(1) << b->id;
	b->agreed |= UINT64_C(1) << a->id;
}

/* Whoever asks and is allowed, or is asked by the one he asks, has agreed. */
static void
note_consent(struct user *u, const struct command *cmd)
{
	const struct sim *s = u->sim;

	for (size_t i = 0; i < s->user_count; i++) {
		struct user *v = s->users[i];
		bool is_meant = cmd->name[0] == '\0' ||
		    user_is_called(v, cmd->name);
		bool asks = v->wants >> u->id & 1;

		if (!is_meant || v == u)
			continue;
		if (cmd->id == COMMAND_CONNECT)
			u->wants |= UINT64_C(1) << v->id;
		if (asks && (cmd->id == COMMAND_CONNECT ||
		    cmd->id == COMMAND_ALLOW))
			agree(u, v);
	}
}

/* The serial of the command; 0 if the line makes no sense. */
static uint32_t
carry_out(struct user *u, const char *line, size_t len,
    struct command_error *err)
{
	struct command cmd;

	assert(u->client != NULL);
	if (!command_parse(line, len, &cmd, err))
		return 0;
	if (u->sim->is_traced)
		trace_line(u, line, len);
	note_consent(u, &cmd);
	client_do(u->client, node_now(u->node), &cmd, ++u->serial);
	node_settle(u->node);
	return u->serial;
}

uint32_t
sim_do(struct user *u, const char *line)
{
	struct command_error err;
	uint32_t serial = carry_out(u, line, strlen(line), &err);

	if (serial == 0)
		ck_abort_msg("%s: %s", u->name, err.text);
	return serial;
}

uint32_t
sim_try(struct user *u, const char *text, size_t len)
{
	struct command_error err;
	char *line = malloc(len + 4);
	uint32_t serial;

	assert(line != NULL);
	memcpy(line, "msg ", 4);
	memcpy(line + 4, text, len);
	serial = carry_out(u, line, len + 4, &err);
	free(line);
	return serial;
}

uint32_t
sim_msg(struct user *u, const char *text, size_t len)
{
	uint32_t serial = sim_try(u, text, len);

	assert(serial != 0);
	return serial;
}

void
sim_leave(struct user *u)
{
	client_exit(u->client, node_now(u->node), EXIT_CODE_OK);
	node_settle(u->node);
}

usec_t
sim_introduce(struct user *a, struct user *b)
{
	struct sim *s = a->sim;
	char line[64];
	usec_t at;

	ck_assert(sim_until(s, registered(a), 10 * USEC_S));
	ck_assert(sim_until(s, registered(b), 10 * USEC_S));
	snprintf(line, sizeof line, "connect %s", client_name(b->client));
	sim_do(a, line);
	ck_assert(sim_until(s, asked(b, a), 5 * USEC_S));
	snprintf(line, sizeof line, "allow %s", client_name(a->client));
	at = sim_now(s);
	sim_do(b, line);
	return at;
}

void
sim_move(struct user *u, struct user *to)
{
	const struct addr at = addr_v4(192, 168, 1, (uint8_t)(100 + u->id), 0);

	u->lan = to->lan;
	u->wan = to->wan;
	u->router = to->router;
	if (u->home_count < HOMES_MAX && u->router != NULL)
		u->homes[u->home_count++] = u->router;
	host_replug(u->host, 0, u->lan, &at, NULL);
}

struct pair
sim_pair(const struct nat_conf *a, const struct nat_conf *b)
{
	struct pair p = { .s = sim_new(test_seed()) };

	sim_server(p.s);
	p.a = sim_client(p.s, "ann", behind(a));
	p.b = sim_client(p.s, "bob", behind(b));
	return p;
}

struct pair
sim_friends(const struct nat_conf *a, const struct nat_conf *b)
{
	struct pair p = sim_pair(a, b);

	sim_introduce(p.a, p.b);
	ck_assert(sim_until(p.s, direct(p.a, p.b), 5 * USEC_S));
	return p;
}

static bool
is_between_peers(const struct sim *s, const struct pkt *p)
{
	return !host_has_addr(s->servers[0].host, &p->dst) &&
	    !host_has_addr(s->servers[0].host, &p->src);
}

static bool
is_blocked(const void *ctx, const struct host *h, const struct pkt *p)
{
	const struct sim *s = ctx;

	(void)h;
	if (!is_between_peers(s, p))
		return false;
	if (p->proto == PKT_TCP)
		return s->is_tcp_blocked;
	return p->proto == PKT_UDP && (s->is_udp_blocked ||
	    (s->lost_share > 0 && rng_below(world_rng(s->w),
	    100 * PER_CENT) < s->lost_share));
}

void
sim_lose_udp(struct sim *s, uint32_t share)
{
	s->lost_share = share;
	world_block(s->w, is_blocked, s);
}

void
sim_block_udp(struct sim *s)
{
	s->is_udp_blocked = true;
	world_block(s->w, is_blocked, s);
}

void
sim_block_tcp(struct sim *s)
{
	s->is_tcp_blocked = true;
	world_block(s->w, is_blocked, s);
}

void
sim_unblock(struct sim *s)
{
	s->is_udp_blocked = s->is_tcp_blocked = false;
	s->lost_share = 0;
	world_block(s->w, NULL, NULL);
}

/* ---- time ---- */

usec_t
sim_now(const struct sim *s)
{
	return world_now(s->w);
}

static void
check_rules(const struct sim *s)
{
	const char *failure = world_failure(s->w);

	if (failure != NULL && !s->is_patient)
		ck_abort_msg("at %.6f s, seed %#llx: %s",
		    (double)world_now(s->w) / USEC_S,
		    (unsigned long long)s->seed, failure);
}

void
sim_run(struct sim *s, usec_t duration)
{
	world_run(s->w, world_now(s->w) + duration);
	check_rules(s);
}

bool
sim_until(struct sim *s, struct cond cond, usec_t within)
{
	usec_t until = world_now(s->w) + within;
	uint64_t seen = s->events;
	bool holds = cond.holds(&cond);

	while (!holds && world_step(s->w, until)) {
		if (s->events == seen)
			continue;
		seen = s->events;
		holds = cond.holds(&cond);
	}
	check_rules(s);
	return holds || cond.holds(&cond);
}

bool
sim_never(struct sim *s, struct cond cond, usec_t during)
{
	return !sim_until(s, cond, during);
}
