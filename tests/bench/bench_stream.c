/* gop2pd with clients that are registered over TCP: what an idle one costs, and
 * a heartbeat beside the smallest program that answers one. STREAMS (4000),
 * ROUNDS (9) of MS (300) each. */
#include "bench.h"
#include "load.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

enum { WINDOW = 64, SPARE = 64 };

static void
raise_descriptors(uint32_t count)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_max < count)
		bench_die("not so many descriptors: set STREAMS");
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

/* The first half touches what all share. */
static void
join_all(struct fan *fan, struct player *players, uint32_t count,
    const struct target *server)
{
	const uint32_t half = count / 2;
	struct rng rng;
	struct load l;
	uint64_t before;

	rng_init_test(&rng, 1, "stream");
	l = load_join(fan, players, count, &rng);
	if (load_run(&l, server, UINT32_MAX, half).ended != half)
		bench_die("not all have registered");
	before = bench_rss(server->pid);
	if (load_run(&l, server, UINT32_MAX, UINT32_MAX).ended != count - half)
		bench_die("not all have registered");
	bench_title("Clients over TCP");
	bench_value("resident for each idle client",
	    ((double)bench_rss(server->pid) - (double)before) / (count - half),
	    "bytes", 1024);
}

static void
beat_all(struct fan *fan, struct player *players, uint32_t count,
    const struct target *server, uint32_t rounds)
{
	struct target limit = limit_start(LIMIT_STREAM_BEAT, players, count);
	struct fan *other = fan_new_tcp(count + 1);
	struct load l = load_beat(fan, players, count);
	struct load at_limit = load_beat(other, players, count);
	const uint32_t ms = bench_option("MS", 300);
	struct bench_rounds cpu = { 0 };

	l.window = at_limit.window = WINDOW;
	load_run(&at_limit, &limit, UINT32_MAX, count);
	for (uint32_t i = 0; i < rounds; i++) {
		double us = load_run(&at_limit, &limit, ms, UINT32_MAX).us;

		bench_add(&cpu, load_run(&l, server, ms, UINT32_MAX).us, us);
	}
	bench_medians(&cpu, "CPU of a heartbeat", "us",
	    "epoll echo with AEAD", 1.3);
	fan_free(other);
	target_stop(&limit);
}

int
main(void)
{
	const uint32_t count = bench_option("STREAMS", 4000);
	const uint32_t rounds = bench_option("ROUNDS", 9);
	struct player *players = calloc(count, sizeof *players);
	struct target server;
	struct fan *fan;
	char conf[64];

	if (sodium_init() < 0 || players == NULL || count < WINDOW ||
	    rounds > BENCH_ROUNDS_MAX)
		bench_die("cannot start");
	raise_descriptors(2 * count + SPARE);
	bench_pin(1);
	snprintf(conf, sizeof conf, "max-streams = %u\n", count);
	server = daemon_start(conf);
	fan = fan_new_tcp(count + 1);
	join_all(fan, players, count, &server);
	beat_all(fan, players, count, &server, rounds);
	fan_free(fan);
	target_stop(&server);
	free(players);
	return 0;
}
