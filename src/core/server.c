#include "server.h"
#include "enroll.h"
#include "err.h"
#include "gate.h"
#include "intake.h"
#include "ledger.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* Two turns of pushes; four with many clients. */
	OUTBOX_ACTS = 1024,
	OUTBOX_BYTES = 1 << 20,
	OUTBOX_BYTES_MAX = 4 << 20,
	EXPIRE_MAX = 512,      /* members dropped, or told to go, at once */
	STOP_ROUNDS = 2,       /* GOODBYEs may be lost */
	STOP_PAUSE_MS = 200,
	STOP_RETRY_MS = 1000,  /* at least, for a restart to be over */
	STOP_SPREAD_MS = 20000,/* of 2,000 and more clients */
};

/* ---- birth and death ---- */

struct server_conf
server_conf_default(void)
{
	return (struct server_conf){
		.probe_port = SERVER_PORT + PROBE_PORT_OFFSET,
		.relay = true,
		.clients_max = 100000,
		.names_max = 190000,
		.streams_max = 4096,
		.site_names = 256,
		.site_burst = 64,
		.handshakes_per_s = 2000,
		.relay_user = 65536,
		.relay_burst = 262144,
		.relay_total = 10 << 20,
	};
}

static uint32_t
at_least(uint32_t v, uint32_t least)
{
	return v < least ? least : v;
}

static uint32_t
clamp(uint32_t v, uint32_t low, uint32_t high)
{
	return v < low ? low : v > high ? high : v;
}

/* No rate may be 0, and a packet of any size must fit into a burst. */
void
server_reload(struct server *s, const struct server_conf *conf)
{
	s->conf.relay = conf->relay;
	s->conf.site_names = at_least(conf->site_names, 1);
	s->conf.site_burst = at_least(conf->site_burst, 1);
	s->conf.handshakes_per_s = at_least(conf->handshakes_per_s, 1);
	s->conf.relay_user = at_least(conf->relay_user, 1);
	s->conf.relay_burst = at_least(conf->relay_burst, FRAME_MAX);
	s->conf.relay_total = at_least(conf->relay_total, FRAME_MAX);
	s->conf.log = conf->log;
}

/* Makes every table; false without memory. */
static bool
make_tables(struct server *s, usec_t now)
{
	const uint32_t n = s->conf.clients_max;
	const uint32_t halves = clamp(n / 8, 64, 4096);
	uint8_t key[5][MAP_KEY_LEN];

	rng_fill(&s->rng, key, sizeof key);
	return outbox_init(&s->out, clamp(n, OUTBOX_ACTS, 4 * OUTBOX_ACTS),
	    clamp(n, OUTBOX_BYTES / 1024, OUTBOX_BYTES_MAX / 1024) * 1024) &&
	    registry_init(&s->reg, n + halves, s->conf.names_max, key[0],
	    now) &&
	    halves_init(&s->halves, halves, key[1]) &&
	    sites_init(&s->sites, clamp(n / SITE_SHARE, 1024, n + 1024),
	    &s->rng) &&
	    presence_init(&s->presence, s->wall_s << 20) &&
	    pushes_init(&s->pushes, clamp(n / 4, 256, 32768),
	    rng_u32(&s->rng)) &&
	    relay_init(&s->relay, clamp(n * 2, 1024, UINT32_MAX / 8),
	    key[2]) &&
	    rendezvous_init(&s->rendezvous, clamp(n / 4, 1024, 32768),
	    key[3]) &&
	    blocks_init(&s->blocks, clamp(n, 256, UINT32_MAX)) &&
	    streams_init(&s->streams, s->conf.streams_max, key[4]);
}

struct server *
server_new(const struct server_conf *conf,
    const uint8_t seed[static RNG_SEED_LEN], usec_t now, uint64_t wall_s)
{
	struct server *s;

	if (conf->clients_max == 0 || conf->clients_max > MEMBERS_MAX / 2 ||
	    conf->names_max < conf->clients_max ||
	    conf->names_max > MEMBERS_MAX * 8 || conf->streams_max == 0)
		return NULL;
	s = calloc(1, sizeof *s);
	if (s == NULL)
		return NULL;
	s->conf = *conf;
	server_reload(s, conf);
	s->start = s->now = now;
	s->wall_s = wall_s;
	rng_init(&s->rng, seed);
	cookie_init(&s->cookie, &s->rng, now);
	rng_fill(&s->rng, s->proof_key, sizeof s->proof_key);
	if (!make_tables(s, now)) {
		server_free(s);
		return NULL;
	}
	return s;
}

void
server_free(struct server *s)
{
	if (s == NULL)
		return;
	streams_fini(&s->streams);
	blocks_fini(&s->blocks);
	rendezvous_fini(&s->rendezvous);
	relay_fini(&s->relay);
	pushes_fini(&s->pushes);
	presence_fini(&s->presence);
	sites_fini(&s->sites);
	halves_fini(&s->halves);
	registry_fini(&s->reg);
	outbox_fini(&s->out);
	cookie_fini(&s->cookie);
	rng_fini(&s->rng);
	keypair_fini(&s->conf.identity);
	sodium_memzero(s, sizeof *s);
	free(s);
}

bool
server_bind(struct server *s, const struct store_change *change)
{
	return ledger_bind(s, change);
}

/* ---- sockets ---- */

static void
fail(struct server *s, const char *what, const char *why)
{
	snprintf(s->failure, sizeof s->failure, "%s: %s", what, why);
	s->phase = PHASE_DONE;
}

static void
open_family(struct server *s, const struct addr *local, bool is_v6)
{
	struct addr probe = *local, other = *local;

	if (!addr_is_set(local))
		return;
	outbox_open(&s->out, is_v6 ? SERVER_UDP6 : SERVER_UDP4, local);
	outbox_listen(&s->out, is_v6 ? SERVER_TCP6 : SERVER_TCP4, local);
	s->waiting += 2;
	other.port = s->conf.tcp_port;
	if (other.port != 0) {
		outbox_listen(&s->out, is_v6 ? SERVER_OTHER6 : SERVER_OTHER4,
		    &other);
		s->waiting++;
	}
	if (s->conf.probe_port == 0)
		return;
	probe.port = s->conf.probe_port;
	outbox_open(&s->out, is_v6 ? SERVER_PROBE6 : SERVER_PROBE4, &probe);
	s->waiting++;
}

static void
open_all(struct server *s)
{
	s->phase = PHASE_OPENING;
	open_family(s, &s->conf.bind4, false);
	open_family(s, &s->conf.bind6, true);
	if (s->waiting == 0)
		fail(s, "cannot listen", "no address is configured");
}

/* Names, and what it means to be without. */
static const struct {
	const char *name, *lack;
} socks[SERVER_SOCKS] = {
	{ "UDP, IPv4", "nobody can come that way" },
	{ "UDP, IPv6", "nobody can come that way" },
	{ "probe port, IPv4", "clients learn less of their NATs; "
	    "see --probe-port" },
	{ "probe port, IPv6", "clients learn less of their NATs; "
	    "see --probe-port" },
	{ "TCP, IPv4", "nobody can come that way" },
	{ "TCP, IPv6", "nobody can come that way" },
	{ "second TCP port, IPv4", "nobody can come that way; see tcp-port in "
	    "gop2pd.conf(5)" },
	{ "second TCP port, IPv6", "nobody can come that way; see tcp-port in "
	    "gop2pd.conf(5)" },
};

static void
run(struct server *s)
{
	s->phase = PHASE_RUNNING;
	for (size_t i = 0; i < SERVER_SOCKS; i++)
		if (s->trouble[i][0] != '\0')
			log_warn(s->conf.log, "%s: %s: %s", socks[i].name,
			    s->trouble[i], socks[i].lack);
}

static void
on_opened(struct server *s, const struct input *in)
{
	const bool is_probe = in->sock == SERVER_PROBE4 ||
	    in->sock == SERVER_PROBE6;
	const bool is_other = in->sock == SERVER_OTHER4 ||
	    in->sock == SERVER_OTHER6;

	if (s->phase != PHASE_OPENING || in->sock < 0 ||
	    in->sock >= SERVER_SOCKS)
		return;
	s->waiting--;
	if (in->err == 0) {
		s->is_bound[in->sock] = true;
		if (is_probe)
			s->probe_port = in->to.port;
	} else if (in->err == E_TAKEN && !is_probe && !is_other) {
		fail(s, socks[in->sock].name, "the port is in use");
		return;
	} else {
		snprintf(s->trouble[in->sock], sizeof s->trouble[0], "%s",
		    in->text != NULL ? in->text : "cannot be opened");
	}
	if (s->waiting > 0)
		return;
	if (s->is_bound[SERVER_UDP4] || s->is_bound[SERVER_UDP6])
		run(s);
	else
		fail(s, "UDP", s->trouble[addr_is_set(&s->conf.bind4) ?
		    SERVER_UDP4 : SERVER_UDP6]);
}

/* ---- the four verbs ---- */

void
server_input(struct server *s, usec_t now, const struct input *in)
{
	if (s->phase == PHASE_NEW || s->phase == PHASE_DONE)
		return;
	s->now = now;
	switch (in->kind) {
	case IN_OPENED:
		on_opened(s, in);
		break;
	case IN_DGRAM:
		intake_dgram(s, now, in);
		break;
	case IN_ACCEPTED:
		intake_accepted(s, now, in);
		break;
	case IN_BYTES:
		intake_bytes(s, now, in);
		break;
	case IN_CLOSED:
		intake_closed(s, in);
		break;
	case IN_SAVED:
		enroll_saved(s, now, in->id, in->err, in->text);
		break;
	case IN_UNREACHABLE: /* hints that anybody can forge */
	case IN_EXPIRED:
	case IN_NO_ROUTE:
	case IN_CONNECTED:
	case IN_RESOLVED:
	case IN_NETIF:
	case IN_GATEWAYS:
	case IN_UPNP:
		break;
	}
	if (heap_next(&s->pushes.due) <= now)
		hub_push_turns(s, now);
}

static void
expire_members(struct server *s, usec_t now)
{
	usec_t since;
	uint32_t member;

	for (int n = 0; n < EXPIRE_MAX; n++) {
		member = member_oldest_live(&s->reg, now, &since);
		if (member == NOBODY || since + GONE_S * USEC_S > now)
			return;
		s->stats.lost++;
		enroll_leave(s, now, member);
	}
}

static void
expire_streams(struct server *s, usec_t now)
{
	usec_t when;
	uint32_t stream;

	while ((stream = stream_oldest(&s->streams, &when)) != NOBODY &&
	    when <= now)
		intake_close(s, stream);
}

/* In how many milliseconds a client may return. 1,000 of them are spread over
 * 10 s, so that no more than 200 come in one (security.md S18); very many take
 * a millisecond each. */
static uint32_t
draw_retry(struct server *s)
{
	uint32_t spread = clamp(s->stats.online, 1, STOP_SPREAD_MS / 10) * 10;

	if (spread < s->stats.online)
		spread = s->stats.online;
	return STOP_RETRY_MS + rng_below(&s->rng, spread);
}

static void
expire_stop(struct server *s, usec_t now)
{
	struct place to;

	for (int n = 0; n < EXPIRE_MAX && s->stop_at < s->reg.members_end;
	    n++) {
		uint32_t member = s->stop_at++;

		if (s->reg.members[member].state >= MEMBER_SAVING &&
		    hub_path(s, member, &to))
			hub_goodbye(s, member, &to, draw_retry(s));
	}
	if (s->stop_at < s->reg.members_end)
		return;
	s->stop_at = 0;
	s->stop_due = now + STOP_PAUSE_MS * USEC_MS;
	if (++s->stop_rounds == STOP_ROUNDS)
		s->phase = PHASE_DONE;
}

void
server_expire(struct server *s, usec_t now)
{
	s->now = now;
	if (s->phase == PHASE_NEW) {
		open_all(s);
		return;
	}
	if (s->phase == PHASE_STOPPING && s->stop_due <= now)
		expire_stop(s, now);
	if (s->phase != PHASE_RUNNING)
		return;
	gate_expire(s, now);
	expire_members(s, now);
	expire_streams(s, now);
	rendezvous_expire(&s->rendezvous, &s->reg, now);
	hub_push_turns(s, now);
	if (s->sweep_due <= now)
		ledger_sweep(s, now);
}

bool
server_next(struct server *s, usec_t now, struct act *out)
{
	(void)now;
	return outbox_next(&s->out, out);
}

usec_t
server_deadline(const struct server *s)
{
	usec_t at, since;

	if (s->phase == PHASE_NEW)
		return 0;
	if (s->phase == PHASE_STOPPING)
		return s->stop_due;
	if (s->phase != PHASE_RUNNING)
		return USEC_NEVER;
	at = usec_min(s->sweep_due, s->presence.due);
	at = usec_min(at, heap_next(&s->pushes.due));
	at = usec_min(at, rendezvous_deadline(&s->rendezvous));
	stream_oldest(&s->streams, &since);
	at = usec_min(at, since);
	if (member_oldest_half(&s->reg, s->now, &since) != NOBODY)
		at = usec_min(at, since + HALF_S * USEC_S);
	if (member_oldest_live(&s->reg, s->now, &since) != NOBODY)
		at = usec_min(at, since + GONE_S * USEC_S);
	return at;
}

void
server_stop(struct server *s, usec_t now)
{
	if (s->phase >= PHASE_STOPPING)
		return;
	s->phase = PHASE_STOPPING;
	s->stop_due = now;
}

bool
server_is_ready(const struct server *s)
{
	return s->phase == PHASE_RUNNING;
}

bool
server_is_done(const struct server *s)
{
	return s->phase == PHASE_DONE;
}

uint16_t
server_probe_port(const struct server *s)
{
	return s->probe_port;
}

uint16_t
server_tcp_port(const struct server *s)
{
	return s->is_bound[SERVER_OTHER4] || s->is_bound[SERVER_OTHER6] ?
	    s->conf.tcp_port : 0;
}

const char *
server_failure(const struct server *s)
{
	return s->failure[0] != '\0' ? s->failure : NULL;
}

const struct server_stats *
server_stats(struct server *s)
{
	s->stats.names = s->reg.accounts_count;
	s->stats.streams = s->streams.half.count + s->streams.open.count;
	s->stats.half_open = s->reg.half.count;
	s->stats.pairs = s->relay.count;
	s->stats.dropped = s->out.dropped;
	return &s->stats;
}

static void
op_input(void *node, usec_t now, const struct input *in)
{
	server_input(node, now, in);
}

static void
op_expire(void *node, usec_t now)
{
	server_expire(node, now);
}

static bool
op_next(void *node, usec_t now, struct act *out)
{
	return server_next(node, now, out);
}

static usec_t
op_deadline(const void *node)
{
	return server_deadline(node);
}

const struct node_ops server_ops = { op_input, op_expire, op_next,
	op_deadline };
