/* gop2pd under load over loopback, beside the smallest programs that do what
 * it cannot do without: in turn, on the same core, by the same load. CLIENTS
 * (100000) register; ROUNDS (9) of MS (300) each. */
#include "bare.h"
#include "bench.h"
#include "pairs.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PAIRS = 64,
	STEPS = 20,       /* of registering all */
	BEAT_S = 25,      /* a client's heartbeats, at the most */
	FEW = 1000,       /* clients of a small server */
	ECHO_MS = 50,
	/* What has to be kept of a client: name, address, two keys, two
	 * counters, replays, numbers, times. */
	STATE = 32 + 28 + 64 + 16 + 8 + 8 + 8,
};

static struct rng rng;
static struct fan *fan;
static struct player *players;
static uint32_t clients, rounds, round_ms;
static struct target server;

/* Whoever is silent for too long is dropped: each of the first count players
 * has to say something now and then. */
static void
keep_alive(uint32_t count)
{
	struct load l = load_beat(fan, players, count);
	const uint64_t ended = load_run(&l, &server, UINT32_MAX, count).ended;
	char why[80];

	if (ended == count)
		return;
	snprintf(why, sizeof why, "%llu answers to %u heartbeats",
	    (unsigned long long)ended, count);
	bench_die(why);
}

/* ---- registrations ---- */

/* In steps, each beside the limit: the handshake and three exchanges of
 * packets. */
static void
bench_join(struct load *l, const char *name)
{
	struct target limit = limit_start(LIMIT_ECHO, NULL, 0);
	struct load echo = load_hello(fan, players, clients);
	struct bench_rounds cpu = { 0 };
	double rate[BENCH_ROUNDS_MAX];
	uint32_t done = 0;

	echo.window = l->window;
	for (int i = 0; i < STEPS; i++) {
		struct load_result r = load_run(l, &server, UINT32_MAX,
		    l->count / STEPS);
		double packet = load_run(&echo, &limit, ECHO_MS,
		    UINT32_MAX).us;

		if (r.begun != r.ended)
			bench_die("a registration was lost");
		bench_add(&cpu, r.us, bare_responder_us() + 3 * packet);
		rate[i] = r.per_s;
		done += (uint32_t)r.ended;
		keep_alive(done);
	}
	target_stop(&limit);
	bench_medians(&cpu, name, "us", "bare IK + 3 echoes", 1.25);
	printf("    %.0f /s measured, %.0f /s a core\n",
	    bench_median(rate, STEPS), 1e6 / bench_median(cpu.value, STEPS));
}

static void
bench_joins(void)
{
	struct load l = load_join(fan, players, clients, &rng);
	const uint32_t descriptors = bench_descriptors(server.pid);
	uint64_t before;

	/* With the first, what all need becomes resident. */
	load_run(&l, &server, UINT32_MAX, 1);
	before = bench_rss(server.pid);
	bench_title("Registrations (HELLO, INIT, first heartbeat)");
	bench_join(&l, "CPU of one with a new name");
	bench_title("Memory");
	bench_ratio("resident for each idle client",
	    ((double)bench_rss(server.pid) - (double)before) / (clients - 1),
	    STATE, "bytes", "its bare state", 512.0 / STATE);
	bench_value("descriptors for all of them",
	    (double)bench_descriptors(server.pid) - descriptors, "", 0);
}

/* Of a server that has done its work for one client. */
static void
bench_base(void)
{
	char conf[64];
	struct load l;

	/* What the other server said last is still to be read. */
	fan_free(fan);
	fan = fan_new();
	l = load_join(fan, players, 1, &rng);
	snprintf(conf, sizeof conf, "max-clients = %d\n", FEW);
	server = daemon_start(conf);
	if (load_run(&l, &server, UINT32_MAX, 1).ended != 1)
		bench_die("a registration was lost");
	keep_alive(1);
	bench_value("resident with one, tables for 1,000",
	    (double)bench_rss(server.pid) / 1e6, "MB", 4);
	target_stop(&server);
}

static void
bench_returns(void)
{
	struct load l = load_return(fan, players, clients / 5, &rng);

	keep_alive(clients);
	bench_title("Registrations of clients that are known");
	bench_join(&l, "CPU of one");
}

/* ---- packets ---- */

/* Both in turn; what is lost, and the rate of the server, are told. */
static void
compare(struct load *l, const struct target *limit, const char *name,
    const char *limit_name, double goal)
{
	struct bench_rounds cpu = { 0 };
	double rate[BENCH_ROUNDS_MAX];
	uint64_t lost = 0, lost_by_limit = 0;

	for (uint32_t i = 0; i < rounds; i++) {
		struct load_result a = load_run(l, limit, round_ms,
		    UINT32_MAX);
		struct load_result b = load_run(l, &server, round_ms,
		    UINT32_MAX);

		bench_add(&cpu, b.us, a.us);
		rate[i] = b.per_s;
		lost += b.begun - b.ended;
		lost_by_limit += a.begun - a.ended;
	}
	bench_medians(&cpu, name, "us", limit_name, goal);
	printf("    %.0f /s measured, %.0f /s a core; lost %llu (limit %llu)\n",
	    bench_median(rate, rounds), 1e6 / bench_median(cpu.value, rounds),
	    (unsigned long long)lost, (unsigned long long)lost_by_limit);
}

/* As they come from clients that wait for their time: each wakes the server
 * alone. */
static void
bench_pace(struct load *l, const struct target *limit)
{
	const double per_s = (double)clients / BEAT_S;
	struct bench_rounds load = { 0 };

	for (uint32_t i = 0; i < rounds; i++) {
		struct load_result a = load_pace(l, limit, round_ms, per_s);
		struct load_result b = load_pace(l, &server, round_ms, per_s);

		bench_add(&load, b.us * per_s / 1e4, a.us * per_s / 1e4);
	}
	bench_medians(&load, "core for all, each in its time", "%",
	    "raw echo with AEAD", 0);
}

static void
bench_beats(void)
{
	struct target limit = limit_start(LIMIT_BEAT, players, clients);
	struct load l = load_beat(fan, players, clients);

	bench_title("Heartbeats");
	compare(&l, &limit, "CPU of one", "raw echo with AEAD", 1.25);
	keep_alive(clients);
	bench_pace(&l, &limit);
	target_stop(&limit);
}

static void
bench_hellos(void)
{
	struct target limit = limit_start(LIMIT_ECHO, NULL, 0);
	struct load l = load_hello(fan, players, clients);
	uint64_t before;

	keep_alive(clients);
	before = bench_rss(server.pid);
	bench_title("First packets");
	compare(&l, &limit, "CPU of HELLO to COOKIE", "raw echo", 1.1);
	bench_value("resident for all of these", (double)
	    (bench_rss(server.pid) - before) / 1024, "KB", 4);
	target_stop(&limit);
}

static void
bench_relay(uint32_t count, size_t size, uint32_t train,
    const uint64_t *routes, const char *name)
{
	struct target limit = limit_start(LIMIT_RELAY, NULL, 0);
	struct pairs_load l;

	keep_alive(count * 2);
	pairs_greet(fan, players, count, &limit, routes);
	pairs_load(&l, fan, players, count, routes);
	l.size = size;
	l.train = train;
	compare(&l.load, &limit, name, "raw relay", 1.0);
	target_stop(&limit);
}

static void
bench_relays(void)
{
	uint64_t routes[PAIRS * 2];

	keep_alive(clients);
	bench_title("Relayed packets, CPU of one");
	pairs_introduce(fan, players, PAIRS, &server, routes);
	bench_relay(1, 1200, 1, routes, "1200 bytes, 1 pair");
	bench_relay(1, 64, 1, routes, "64 bytes, 1 pair");
	bench_relay(PAIRS, 1200, 16, routes, "1200 bytes, 64 pairs, 16 each");
	bench_relay(PAIRS, 1200, 1, routes, "1200 bytes, 64 pairs, 1 each");
}

int
main(void)
{
	clients = bench_option("CLIENTS", 100000) / STEPS / 5 * STEPS * 5;
	rounds = bench_option("ROUNDS", 9);
	round_ms = bench_option("MS", 300);
	players = calloc(clients, sizeof *players);
	if (sodium_init() < 0 || players == NULL || clients < PAIRS * 2 ||
	    rounds > BENCH_ROUNDS_MAX)
		bench_die("cannot start");
	bench_pin(1);
	rng_init_test(&rng, 1, "bench");
	fan = fan_new();
	server = daemon_start("");
	bench_joins();
	bench_beats();
	bench_hellos();
	keep_alive(clients);
	bench_returns();
	bench_relays();
	target_stop(&server);
	bench_base();
	fan_free(fan);
	free(players);
	return 0;
}
