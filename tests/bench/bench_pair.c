/* Two clients and gop2pd on one core: how long a message takes there and back,
 * beside the least that UDP and AEAD take; and how long it takes from `connect`
 * to the first message. ROUNDS (9). */
#include "bench.h"
#include "talker.h"
#include "target.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct target server;
static uint32_t rounds;

/* ---- the limit ---- */

static int
connect_to(const struct target *t)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(t->port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
		bench_die("no socket");
	return fd;
}

/* Seals, sends, receives, opens. */
static void
ping(int fd, struct player *p, const struct wr *text)
{
	uint8_t packet[DGRAM_MAX];
	struct rd frames;
	ssize_t len;
	size_t size;

	if (session_seal(&p->session.keys, p->server, p->session.keys.next,
	    text->p, text->len, packet, sizeof packet, &size) != 0 ||
	    send(fd, packet, size, 0) != (ssize_t)size)
		bench_die("a ping cannot be sent");
	len = recv(fd, packet, sizeof packet, 0);
	if (len < 0 || !player_open(p, packet, (size_t)len, &frames))
		bench_die("a ping came back damaged");
}

static void
bare_row(int fd, struct player *p, double numbers[static 2])
{
	static uint64_t ns[TALKER_PINGS];
	uint8_t buf[TALKER_TEXT];
	struct wr text = wr_of(buf, sizeof buf);

	put_zeros(&text, sizeof buf);
	for (int i = 0; i < TALKER_PINGS; i++) {
		const uint64_t before = bench_now_ns();

		ping(fd, p, &text);
		ns[i] = bench_now_ns() - before;
	}
	numbers[0] = talker_median(ns, TALKER_PINGS);
	numbers[1] = talker_worst(ns, TALKER_PINGS);
}

/* ---- introductions and rows ---- */

struct couple {
	struct talker ann, bob;
	double first_ms, direct_ms; /* from `connect` */
};

static struct couple
introduce(bool only_relay)
{
	static unsigned int number;
	struct couple c = { 0 };
	char ann[16], bob[16];
	double none[2];
	uint64_t asked;

	snprintf(ann, sizeof ann, "ann-%u", ++number);
	snprintf(bob, sizeof bob, "bob-%u", number);
	c.bob = talker_start(bob, ann, server.port, true, only_relay);
	talker_await(&c.bob, "registered", none);
	c.ann = talker_start(ann, bob, server.port, false, only_relay);
	talker_await(&c.ann, "registered", none);
	talker_tell(&c.ann, TALKER_CONNECT);
	asked = talker_await(&c.ann, "asks", none);
	c.first_ms = (double)(talker_await(&c.bob, "heard", none) - asked) /
	    1e6;
	if (!only_relay)
		c.direct_ms = (double)(talker_await(&c.ann, "direct", none) -
		    asked) / 1e6;
	return c;
}

static void
part(struct couple *c)
{
	talker_stop(&c->ann);
	talker_stop(&c->bob);
}

static void
bench_introductions(void)
{
	double first[BENCH_ROUNDS_MAX], direct[BENCH_ROUNDS_MAX];

	for (uint32_t i = 0; i < rounds; i++) {
		struct couple c = introduce(false);

		first[i] = c.first_ms;
		direct[i] = c.direct_ms;
		part(&c);
	}
	bench_title("Introduction");
	bench_value("connect to first message", bench_median(first, rounds),
	    "ms", 100);
	bench_value("connect to direct path", bench_median(direct, rounds),
	    "ms", 0);
}

static void
bench_rows(bool only_relay, double goal_median, double goal_worst)
{
	struct couple c = introduce(only_relay);
	struct bench_rounds median = { 0 }, worst = { 0 };
	struct player p = { .index = 1, .server = 2 };
	struct target limit = limit_start(LIMIT_PING, &p, 1);
	int fd = connect_to(&limit);
	double us[2], bare[2];

	for (uint32_t i = 0; i < rounds; i++) {
		bare_row(fd, &p, bare);
		talker_tell(&c.ann, TALKER_ROW);
		talker_await(&c.ann, "row", us);
		bench_add(&median, us[0] / 1e3, bare[0] / 1e3);
		bench_add(&worst, us[1] / 1e3, bare[1] / 1e3);
	}
	bench_title(only_relay ?
	    "Message of 64 bytes, there and back through the relay" :
	    "Message of 64 bytes, there and back");
	bench_medians(&median, "half of them within", "us", "UDP + AEAD",
	    goal_median);
	bench_medians(&worst, "99 of 100 within", "us", "UDP + AEAD",
	    goal_worst);
	close(fd);
	target_stop(&limit);
	part(&c);
}

int
main(void)
{
	rounds = bench_option("ROUNDS", 9);
	if (sodium_init() < 0 || rounds > BENCH_ROUNDS_MAX)
		bench_die("cannot start");
	bench_pin(0);
	server = daemon_start("");
	bench_introductions();
	bench_rows(false, 1.5, 2);
	/* 2.3 is what coturn's relay takes (beside the same limit). */
	bench_rows(true, 2.3, 0);
	target_stop(&server);
	return 0;
}
