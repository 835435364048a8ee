/* The server node without system calls: what a registration, a heartbeat and a
 * relayed packet cost it, beside the bare cryptography that they cannot do
 * without; and the memory of an idle client. CLIENTS=n (default 20000) says how
 * many register. */
#include "bare.h"
#include "bench.h"
#include "player.h"

#include "err.h"
#include "server.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SITE = 16 };

static struct server *server;
static struct keypair identity;
static struct rng rng;
static usec_t now = 1000 * USEC_S;
static uint64_t spent; /* inside the server */

static uint8_t answer[2048];
static size_t answer_len;

/* Hands one packet to the server and keeps the last datagram it sends. */
static void
feed(const struct addr *from, const uint8_t *buf, size_t len)
{
	struct input in = { .kind = IN_DGRAM, .sock = SERVER_UDP4,
		.from = *from, .buf = buf, .len = len };
	uint64_t before = bench_cpu_ns();
	uint32_t store = 0;
	bool has_store = false;
	struct act act;

	server_input(server, now, &in);
	answer_len = 0;
	for (;;) {
		while (server_next(server, now, &act)) {
			if (act.kind == ACT_STORE) {
				store = act.id;
				has_store = true;
			}
			if (act.kind != ACT_SEND || act.len > sizeof answer)
				continue;
			memcpy(answer, act.buf, act.len);
			answer_len = act.len;
		}
		if (!has_store)
			break;
		has_store = false;
		in = (struct input){ .kind = IN_SAVED, .id = store };
		server_input(server, now, &in);
	}
	spent += bench_cpu_ns() - before;
}

static void
start_server(uint32_t clients)
{
	struct server_conf conf = server_conf_default();
	uint8_t seed[RNG_SEED_LEN];
	struct input in = { .kind = IN_OPENED };
	struct act act;
	int sock;

	conf.identity = identity;
	conf.bind4 = addr_any(ADDR_V4, SERVER_PORT);
	conf.clients_max = clients;
	conf.names_max = clients * 2;
	conf.handshakes_per_s = 1000000;
	conf.relay_user = conf.relay_burst = conf.relay_total = 1u << 31;
	rng_fill(&rng, seed, sizeof seed);
	server = server_new(&conf, seed, now, 1700000000);
	if (server == NULL)
		bench_die("no memory");
	server_expire(server, now);
	while (server_next(server, now, &act))
		;
	for (sock = 0; sock < SERVER_SOCKS; sock++) {
		in.sock = sock;
		server_input(server, now, &in);
	}
}

static struct addr
addr_of(const struct player *p)
{
	const uint32_t site = p->index / SITE;

	return addr_v4((uint8_t)(11 + site / 65536), (uint8_t)(site / 256),
	    (uint8_t)site, 1, (uint16_t)(10000 + p->index % SITE));
}

static void
beat(struct player *p)
{
	const struct addr from = addr_of(p);
	uint8_t packet[DGRAM_MAX];

	feed(&from, packet, player_beat(p, packet));
}

static void
enroll(struct player *p, uint32_t n)
{
	uint8_t packet[DGRAM_MAX];
	struct addr from;

	player_init(p, &rng, n + 1);
	from = addr_of(p);
	feed(&from, packet, player_hello(p, &rng, packet));
	if (answer_len != COOKIE_PACKET_LEN)
		bench_die("no cookie");
	feed(&from, packet, player_answer_cookie(p, &rng, identity.public,
	    answer, packet));
	if (!player_accept(p, answer, answer_len))
		bench_die("no accept");
	beat(p);
	if (answer_len == 0)
		bench_die("no heartbeat answer");
}

static void
bench_registrations(struct player *players, uint32_t count)
{
	uint64_t rss = bench_rss(0), filled;
	uint32_t i;

	spent = 0;
	for (i = 0; i < count; i++) {
		/* 20,000 take 4 s: nobody counts as silent meanwhile. */
		now += 200;
		enroll(&players[i], i);
	}
	filled = bench_rss(0);
	bench_title("Registration (HELLO, INIT, first heartbeat)");
	bench_ratio("CPU of one registration", (double)spent / count / 1000,
	    bare_responder_us(), "us", "bare IK responder", 1.25);
	bench_title("Memory of the server node");
	bench_value("bytes per idle client", ((double)filled - (double)rss) /
	    count, "bytes", 512);
}

static void
bench_heartbeats(struct player *players, uint32_t count)
{
	uint32_t i, rounds = 200000;

	spent = 0;
	for (i = 0; i < rounds; i++)
		beat(&players[i % count]);
	bench_title("Heartbeat, without system calls");
	bench_ratio("CPU of one heartbeat", (double)spent / rounds / 1000,
	    bare_aead_us(20), "us", "AEAD open + seal", 0);
}

int
main(void)
{
	const uint32_t count = bench_option("CLIENTS", 20000);
	struct player *players = calloc(count, sizeof *players);
	uint64_t before;

	if (sodium_init() < 0 || players == NULL)
		bench_die("cannot start");
	/* The load generator's own memory is in place before it counts. */
	memset(players, 1, count * sizeof *players);
	rng_init_test(&rng, 1, "bench");
	keypair_make(&identity, &rng);
	bare_responder_us();
	before = bench_rss(0);
	start_server(count);
	printf("base: %.1f MB for room for %u clients\n",
	    (double)(bench_rss(0) - before) / 1e6, count);
	bench_registrations(players, count);
	bench_heartbeats(players, count);
	server_free(server);
	free(players);
	return 0;
}
