/* A conversation without system calls: reliable messages of 64 bytes from one
 * link to the other, keys, acks and all, beside the bare AEAD of packets that
 * carry them. */
#include "bare.h"
#include "bench.h"

#include "err.h"
#include "link.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGES = 400000, MESSAGE = 64, BATCH = 256 };

static struct end {
	struct self self;
	struct uplink up;
	struct link link;
	struct addr addr;
	struct keypair keys;
	uint64_t got, packets;
} ends[2];

static usec_t now = 1000 * USEC_S;

static void
set_up(void)
{
	uint8_t msg[256], none[1];
	struct noise a, b;
	struct rng rng;
	size_t len, got;
	int i;

	rng_init_test(&rng, 1, "talk");
	for (i = 0; i < 2; i++) {
		struct end *e = &ends[i];

		if (!outbox_init(&e->self.out, 1024, 2 * 1024 * 1024))
			bench_die("no memory");
		rng_init_test(&e->self.rng, 2, i ? "b" : "a");
		e->self.is_open[SOCK_UDP4] = true;
		e->addr = addr_v4(192, 0, 2, (uint8_t)(1 + i), 9001);
		keypair_make(&e->keys, &rng);
		link_init(&e->link);
	}
	noise_init(&a, NOISE_IK, true, "t", 1, &ends[0].keys,
	    ends[1].keys.public);
	noise_init(&b, NOISE_IK, false, "t", 1, &ends[1].keys, NULL);
	noise_write(&a, &rng, NULL, 0, msg, sizeof msg, &len);
	noise_read(&b, msg, len, none, 1, &got);
	noise_write(&b, &rng, NULL, 0, msg, sizeof msg, &len);
	noise_read(&a, msg, len, none, 1, &got);
	link_open(&ends[0].link, &a, true, 10, 20, now);
	link_open(&ends[1].link, &b, false, 20, 10, now);
}

/* Everything that end i wants sent arrives at the other at once. */
static bool
pass(int i)
{
	struct end *from = &ends[i], *to = &ends[!i];
	const uint8_t *msg;
	struct act act;
	bool any = false;
	uint64_t id;
	size_t len;

	link_flush(&from->link, &from->self, &from->up, now);
	while (outbox_next(&from->self.out, &act)) {
		any = true;
		from->packets++;
		link_input(&to->link, &to->self, &to->up, now, TRANSPORT_UDP,
		    -1, &from->addr, act.buf, act.len);
		while (chan_next_message(&to->link.chan, STREAM_TEXT, &msg,
		    &len)) {
			to->got++;
			chan_pop_message(&to->link.chan, STREAM_TEXT);
		}
		while (chan_next_delivered(&to->link.chan, STREAM_TEXT, &id))
			;
	}
	return any;
}

static void
settle(void)
{
	while (pass(0) | pass(1))
		;
	now += 1 * USEC_MS;
	link_expire(&ends[0].link, &ends[0].self, &ends[0].up, now);
	link_expire(&ends[1].link, &ends[1].self, &ends[1].up, now);
}

static void
talk(uint32_t count)
{
	uint8_t text[MESSAGE] = { 0 };
	uint32_t i, k;

	for (i = 0; i < count; i += BATCH) {
		for (k = 0; k < BATCH; k++)
			if (link_text(&ends[0].link, &ends[0].self,
			    &ends[0].up, now, text, sizeof text, NULL) !=
			    E_OK)
				bench_die("queue full");
		settle();
	}
	for (i = 0; i < 10000 && ends[1].got < count; i++)
		settle();
	if (ends[1].got < count)
		bench_die("messages are missing");
}

int
main(void)
{
	struct path *path;
	uint64_t before, cpu;
	double per_message;

	if (sodium_init() < 0)
		bench_die("cannot start");
	set_up();
	path = paths_add(&ends[0].link.paths, now, TRANSPORT_UDP, CAND_SEEN,
	    -1, &ends[1].addr, NULL);
	link_ping(&ends[0].link, &ends[0].self, &ends[0].up, now, path, 0);
	settle();
	talk(20480); /* the window opens */
	ends[1].got = 0;
	ends[0].packets = ends[1].packets = 0;
	before = bench_cpu_ns();
	talk(MESSAGES / BATCH * BATCH);
	cpu = bench_cpu_ns() - before;
	per_message = (double)cpu / MESSAGES / 1000;
	bench_title("Reliable messages of 64 bytes, both ends on one core");
	bench_value("CPU of a message, both ends", per_message, "us", 10);
	bench_rate("messages", 1e6 / per_message, "/s", 200000);
	bench_value("messages in a packet",
	    (double)MESSAGES / (double)ends[0].packets, "", 0);
	bench_ratio("CPU of a full packet",
	    per_message * MESSAGES / (double)ends[0].packets,
	    bare_aead_us(LINK_PLAIN_MAX), "us", "AEAD seal + open", 0);
	return 0;
}
