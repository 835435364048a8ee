#include "config.h"

#include "load.h"

#include "bench.h"

#include <string.h>
#include <time.h>

enum { LOST_MS = 3000 };

/* What was spent since the start of a run. */
struct meter {
	const struct target *target;
	uint64_t cpu, start;
	struct load_result result;
};

static struct meter
start_meter(struct load *l, const struct target *t)
{
	fan_aim(l->fan, t->port);
	return (struct meter){ .target = t, .cpu = bench_cpu_of(t->pid),
		.start = bench_now_ns() };
}

static struct load_result
read_meter(const struct meter *m)
{
	const uint64_t cpu = bench_cpu_of(m->target->pid) - m->cpu;
	const uint64_t wall = bench_now_ns() - m->start;
	struct load_result r = m->result;

	r.us = (double)cpu / (double)r.ended / 1000;
	r.per_s = (double)r.ended / (double)wall * 1e9;
	return r;
}

/* How many exchanges were ended by what came; -1 if nothing came. */
static int
take_all(struct load *l, int wait_ms)
{
	const int n = fan_receive(l->fan, wait_ms);
	int ended = 0;

	for (int i = 0; i < n; i++) {
		size_t len;
		uint8_t *packet = fan_packet(l->fan, i, &len);

		ended += l->take(l, packet, len);
	}
	return n > 0 ? ended : -1;
}

struct load_result
load_run(struct load *l, const struct target *t, uint32_t ms, uint32_t most)
{
	struct meter m = start_meter(l, t);
	const uint64_t end = m.start + ms * UINT64_C(1000000);
	struct load_result *r = &m.result;
	uint64_t under_way = 0;
	bool is_over = false;
	int ended;

	do {
		while (!is_over && under_way < l->window) {
			is_over = r->begun == most || !l->begin(l);
			under_way += !is_over;
			r->begun += !is_over;
		}
		ended = take_all(l, LOST_MS);
		if (ended < 0 || (uint64_t)ended > under_way)
			under_way = 0;
		else
			under_way -= (uint64_t)ended;
		r->ended += ended > 0 ? (uint64_t)ended : 0;
		is_over = is_over || bench_now_ns() >= end;
	} while (!is_over || under_way > 0);
	return read_meter(&m);
}

static void
sleep_until(uint64_t at)
{
	const struct timespec ts = { .tv_sec = (time_t)(at / 1000000000),
		.tv_nsec = (long)(at % 1000000000) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

struct load_result
load_pace(struct load *l, const struct target *t, uint32_t ms, double per_s)
{
	struct meter m = start_meter(l, t);
	const uint64_t count = (uint64_t)(per_s * ms / 1000);
	int ended;

	while (m.result.begun < count && l->begin(l)) {
		fan_flush(l->fan);
		m.result.begun++;
		sleep_until(m.start +
		    (uint64_t)((double)m.result.begun * 1e9 / per_s));
		ended = take_all(l, 0);
		m.result.ended += ended > 0 ? (uint64_t)ended : 0;
	}
	while (m.result.ended < m.result.begun &&
	    (ended = take_all(l, LOST_MS)) >= 0)
		m.result.ended += (uint64_t)ended;
	return read_meter(&m);
}

/* The player whose turn it is. */
static struct player *
next_player(struct load *l)
{
	struct player *p = &l->players[l->next];

	l->next = (l->next + 1) % l->count;
	return p;
}

static struct player *
player_of(struct load *l, const uint8_t *packet, size_t len)
{
	uint32_t index;

	if (!player_index(packet, len, &index) || index == 0 ||
	    index > l->count)
		return NULL;
	return &l->players[index - 1];
}

static void
send_hello(struct load *l, struct player *p)
{
	uint8_t packet[DGRAM_MAX];

	fan_send(l->fan, p->index, packet,
	    player_hello(p, l->rng, packet));
}

static void
send_beat(struct load *l, struct player *p)
{
	uint8_t packet[DGRAM_MAX];

	fan_send(l->fan, p->index, packet, player_beat(p, packet));
}

/* ---- registration ---- */

static bool
join_begin(struct load *l)
{
	struct player *p;

	if (l->next == l->count)
		return false;
	p = &l->players[l->next++];
	player_init(p, l->rng, l->next);
	send_hello(l, p);
	return true;
}

static bool
return_begin(struct load *l)
{
	send_hello(l, next_player(l));
	return true;
}

static bool
is_beat_answer(const uint8_t *packet, size_t len)
{
	return len == LIMIT_BEAT_LEN + SESSION_OVERHEAD &&
	    packet[0] == PACKET_DATA;
}

static bool
join_take(struct load *l, uint8_t *packet, size_t len)
{
	struct player *p = player_of(l, packet, len);
	uint8_t out[DGRAM_MAX];

	if (p == NULL)
		return false;
	if (packet[0] == PACKET_COOKIE && len == COOKIE_PACKET_LEN) {
		fan_send(l->fan, p->index, out, player_answer_cookie(p,
		    l->rng, packet + COOKIE_PACKET_LEN - KEY_LEN, packet,
		    out));
		return false;
	}
	if (packet[0] == PACKET_ACCEPT) {
		if (!player_accept(p, packet, len))
			bench_die("a registration is refused");
		send_beat(l, p);
		return false;
	}
	if (is_beat_answer(packet, len))
		return true;
	/* GOODBYE: somebody else was given the same free name, and was
	 * faster. */
	if (packet[0] == PACKET_DATA)
		send_hello(l, p);
	return false;
}

struct load
load_join(struct fan *fan, struct player *players, uint32_t count,
    struct rng *rng)
{
	return (struct load){ .begin = join_begin, .take = join_take,
		.fan = fan, .players = players, .count = count, .rng = rng,
		.window = 64 };
}

struct load
load_return(struct fan *fan, struct player *players, uint32_t count,
    struct rng *rng)
{
	struct load l = load_join(fan, players, count, rng);

	l.begin = return_begin;
	return l;
}

/* ---- heartbeats and first packets ---- */

static bool
beat_begin(struct load *l)
{
	send_beat(l, next_player(l));
	return true;
}

static bool
beat_take(struct load *l, uint8_t *packet, size_t len)
{
	(void)l;
	return is_beat_answer(packet, len);
}

struct load
load_beat(struct fan *fan, struct player *players, uint32_t count)
{
	return (struct load){ .begin = beat_begin, .take = beat_take,
		.fan = fan, .players = players, .count = count,
		.window = 256 };
}

static bool
hello_begin(struct load *l)
{
	struct player *p = next_player(l);
	uint8_t packet[HELLO_LEN] = { PACKET_HELLO, WIRE_VERSION };

	memcpy(packet + 4, p->nonce, NONCE_LEN);
	fan_send(l->fan, p->index, packet, sizeof packet);
	return true;
}

static bool
hello_take(struct load *l, uint8_t *packet, size_t len)
{
	(void)l;
	(void)packet;
	return len == LIMIT_ECHO_LEN;
}

struct load
load_hello(struct fan *fan, struct player *players, uint32_t count)
{
	return (struct load){ .begin = hello_begin, .take = hello_take,
		.fan = fan, .players = players, .count = count,
		.window = 256 };
}
